//! CREATE INDEX.

use super::chosen::For;
use super::cursor::{Cursor, Read};
use super::path::{is_same, own_column};
use super::reader::Reader;
use super::split::split;
use super::{SqlDialect, constraint, naming, resolve};
use crate::lexer::{Kind, Lexer, Token};
use crate::schema::{IndexColumn, IndexSchema, TableSchema};

impl Reader<'_> {
    /// What follows `CREATE [UNIQUE] INDEX`.
    pub(super) fn create_index(&mut self, c: &mut Cursor<'_>, is_unique: bool) -> Read<()> {
        c.eat("concurrently");
        c.eat("if not exists");
        let start = *c;
        let (schema, name) = match c.is("on") {
            true => (None, String::new()),
            false => c.qualified("the name of an index")?,
        };
        c.expect("on", "after the index's name")?;
        c.eat("only");
        let mut table_name = c.qualified("the name of a table")?;
        if !c.is_postgres() && schema.is_some() {
            table_name.0 = schema; // an index of SQLite is where its table is
        }
        let key = self.key_of(table_name);
        let mut index = IndexSchema {
            name,
            columns: Vec::new(),
            is_unique,
            method: "btree".to_owned(),
            predicate: None,
            include: Vec::new(),
            nulls_not_distinct: false,
            name_is_generated: false,
            comment: None,
        };
        if c.eat("using") {
            index.method = c.name("an access method")?;
        }
        for mut part in c.parentheses("after the table")?.commas() {
            index.columns.push(element(&mut part)?);
        }
        rest(c, &mut index)?;
        if let Some(view) = self.ddl.schema.views.get_mut(&key) {
            naming::add_index_of_view(view, index);
            return Ok(());
        }
        let dialect = self.dialect;
        let domains = self.ddl.schema.domains.clone();
        let mut indexes = self
            .ddl
            .schema
            .tables
            .values()
            .flat_map(|t| t.indexes.keys());
        if !c.is_postgres() && indexes.any(|known| is_same(known, &index.name, dialect)) {
            return Ok(()); // the first one counts
        }
        if let Some(there) = self.table_mut(&key, &start) {
            let table = &mut std::mem::take(there); // beside the others
            for column in index.columns.iter_mut().filter(|c| c.is_expression) {
                as_column(column, table, dialect);
            }
            for column in index.columns.iter_mut().filter(|c| !c.is_expression) {
                column.text = own_column(table, std::mem::take(&mut column.text), dialect);
                if let Some(of) = table.column(&column.text).filter(|_| c.is_postgres()) {
                    let of_type = || resolve::collation_of(&of.data_type, &domains);
                    let usual = of.collation.clone().unwrap_or_else(of_type);
                    column.collation = column.collation.take().filter(|own| *own != usual);
                }
            }
            let own = (table.schema.clone(), table.name.clone());
            let is_taken = |name: &str| self.is_taken(&own, name, For::Relation);
            let name = naming::add_index(table, index, is_taken);
            self.had.insert(name);
            self.ddl.schema.tables.insert(key, std::mem::take(table));
        }
        Ok(())
    }
}

/// The keys of an index, of its definition as PostgreSQL writes it; `None` for anything else.
///
/// ```
/// use db_adapter_core::ddl::index_keys;
///
/// let keys = index_keys("CREATE INDEX i ON public.t USING btree (a, lower(b) COLLATE \"C\")");
/// assert_eq!(keys.map(|keys| keys[1].collation.clone()), Some(Some("C".to_owned())));
/// ```
pub fn index_keys(definition: &str) -> Option<Vec<IndexColumn>> {
    let split = split(definition, SqlDialect::Postgres);
    let tokens = split.statements.first()?;
    let mut c = Cursor::new(definition, tokens, SqlDialect::Postgres);
    let starts = c.eat("create unique index") || c.eat("create index");
    c.qualified("").ok().filter(|_| starts)?;
    if !c.eat("on") {
        return None;
    }
    c.eat("only");
    c.qualified("").ok()?;
    if c.eat("using") {
        c.name("").ok()?;
    }
    let keys = c.parentheses("").ok()?.commas().into_iter();
    keys.map(|mut key| element(&mut key).ok()).collect()
}

fn rest(c: &mut Cursor<'_>, index: &mut IndexSchema) -> Read<()> {
    while !c.is_done() {
        if c.eat("include") {
            index.include = c.names("after `INCLUDE`")?;
        } else if c.eat("nulls not distinct") {
            index.nulls_not_distinct = true;
        } else if c.eat("nulls distinct") {
            // the default
        } else if c.eat("with") {
            c.parentheses("after `WITH`")?;
        } else if c.eat("tablespace") {
            c.name("the name of a tablespace")?;
        } else if c.eat("where") {
            index.predicate = Some(condition(c)?);
        } else {
            return Err(c.unexpected("`INCLUDE`, `WITH`, `WHERE` or `;` in the index"));
        }
    }
    Ok(())
}

/// A column in parentheses is the column, in both databases, and in SQLite so is one in the quotes of a string.
fn as_column(key: &mut IndexColumn, table: &TableSchema, dialect: SqlDialect) {
    let text = key.text.clone();
    let tokens: Vec<Token<'_>> = Lexer::of_definition(&text, dialect).significant().collect();
    let (mut start, mut end) = (0, tokens.len());
    let is = |at: usize, symbol: &str| tokens.get(at).is_some_and(|token| token.is_symbol(symbol));
    while end > start + 1 && is(start, "(") && is(end - 1, ")") {
        (start, end) = (start + 1, end - 1);
    }
    let inside = tokens.get(start..end).unwrap_or_default();
    let [name, rest @ ..] = inside else { return };
    let is_value = dialect == SqlDialect::Postgres && name.is_any(&VALUES);
    let name = match (name.kind, dialect) {
        (Kind::String(_), SqlDialect::Sqlite) => name.string(),
        _ => name.name(dialect).filter(|_| !is_value),
    };
    let Some(name) = name.map(|name| own_column(table, name, dialect)) else {
        return;
    };
    let collation = match rest {
        [] => None,
        [word, .., collation] if word.is("collate") => collation.name(dialect),
        _ => return,
    };
    if table.column(&name).is_some() && (rest.is_empty() || collation.is_some()) {
        (key.text, key.is_expression) = (name, false);
        key.collation = key.collation.take().or(collation);
    }
}

/// Words of PostgreSQL that are values, whatever columns are called.
const VALUES: [&str; 11] = [
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_user",
    "false",
    "null",
    "session_user",
    "system_user",
    "true",
    "user",
];

/// All that is left, without a pair of parentheses around it.
fn condition(c: &mut Cursor<'_>) -> Read<String> {
    if c.is_done() {
        return Err(c.unexpected("a condition after `WHERE`"));
    }
    let mut whole = *c;
    c.until(|_| false);
    if whole.is_symbol('(') {
        let before = whole;
        let inside = whole.parentheses("")?;
        if whole.is_done() && !inside.is_done() {
            return Ok(inside.sql());
        }
        return Ok(before.sql());
    }
    Ok(whole.sql())
}

fn element(c: &mut Cursor<'_>) -> Read<IndexColumn> {
    let mut column = IndexColumn::default();
    let is_sort = |c: &Cursor<'_>| c.is_any(&["collate", "asc", "desc", "nulls"]);
    if c.is_done() {
        return Err(c.unexpected("a column or an expression"));
    }
    if c.is_symbol('(') {
        column.is_expression = true;
        column.text = constraint::expression(c, "in the index")?;
        if !c.is_postgres() && !c.is_done() && !is_sort(c) {
            column.text = format!("({}) {}", column.text, c.until(is_sort).sql());
        }
    } else if !c.is_postgres() {
        let mut part = c.until(is_sort);
        let whole = part.sql();
        let name = part.name("a column").ok().filter(|_| part.is_done());
        column.is_expression = name.is_none();
        column.text = name.unwrap_or(whole);
    } else {
        let start = c.at;
        let (_, name) = c.qualified("a column or an expression")?;
        column.is_expression = c.is_symbol('(');
        column.text = name;
        if column.is_expression {
            c.parentheses("")?;
            column.text = c.part(start, c.at).sql();
        }
    }
    sorting(c, &mut column)?;
    match c.is_done() {
        true => Ok(column),
        false => Err(c.unexpected("`,` or `)` after a column of the index")),
    }
}

fn sorting(c: &mut Cursor<'_>, column: &mut IndexColumn) -> Read<()> {
    if c.eat("collate") {
        column.collation = Some(c.qualified("a collation")?.1);
    }
    if c.is_postgres() && !c.is_done() && !c.is_any(&["asc", "desc", "nulls"]) {
        column.operator_class = Some(operator_class(c)?);
    }
    column.descending = c.eat("desc");
    let _ = column.descending || c.eat("asc");
    let first = match c.eat("nulls first") {
        true => Some(true),
        false => c.eat("nulls last").then_some(false),
    };
    column.nulls_first = first.filter(|first| *first != column.descending);
    Ok(())
}

/// A class without its schema, and with its parameters as the server writes them:
/// `gist_trgm_ops (siglen='32')`.
fn operator_class(c: &mut Cursor<'_>) -> Read<String> {
    let (_, class) = c.qualified("an operator class")?;
    if !c.is_symbol('(') {
        return Ok(class);
    }
    let mut parameters = Vec::new();
    for mut part in c.parentheses("")?.commas() {
        let name = part.name("a parameter")?;
        part.eat_symbol('=');
        let value = part.string().unwrap_or_else(|| part.sql());
        parameters.push(format!("{name}='{}'", value.replace('\'', "''")));
    }
    Ok(format!("{class} ({})", parameters.join(", ")))
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[track_caller]
    fn keys(sql: &str, dialect: SqlDialect) -> Vec<(String, bool, Option<String>)> {
        let read = parse(sql, dialect);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        let indexes = read.schema.tables.values().flat_map(|t| t.indexes.values());
        let keys = indexes.flat_map(|index| index.columns.clone());
        keys.map(|key| (key.text, key.is_expression, key.collation))
            .collect()
    }

    #[test]
    fn a_column_in_parentheses_is_the_column() {
        let column = |name: &str, collation: Option<&str>| {
            (name.to_owned(), false, collation.map(str::to_owned))
        };
        let table = "CREATE TABLE t (a text, \"user\" text); CREATE INDEX i ON t";
        for (keys_of, dialect, found) in [
            ("((a))", SqlDialect::Postgres, column("a", None)),
            ("((((a))))", SqlDialect::Postgres, column("a", None)),
            (
                "((a COLLATE \"POSIX\"))",
                SqlDialect::Postgres,
                column("a", Some("POSIX")),
            ),
            ("(('a'))", SqlDialect::Sqlite, column("a", None)),
            ("((A))", SqlDialect::Sqlite, column("a", None)),
            (
                "((a collate nocase))",
                SqlDialect::Sqlite,
                column("a", Some("nocase")),
            ),
        ] {
            assert_eq!(
                keys(&format!("{table} {keys_of}"), dialect),
                [found],
                "{keys_of}"
            );
        }
        for expression in ["((user))", "(('a'))", "((a || 'b'))", "(lower(a))"] {
            let found = keys(&format!("{table} {expression}"), SqlDialect::Postgres);
            assert!(found[0].1, "{expression}");
        }
    }
}
