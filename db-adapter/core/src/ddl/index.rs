//! CREATE INDEX.

use super::cursor::{Cursor, Read};
use super::path::{is_same, own_column};
use super::reader::Reader;
use super::{constraint, naming};
use crate::schema::{IndexColumn, IndexSchema};

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
        let mut indexes = self
            .ddl
            .schema
            .tables
            .values()
            .flat_map(|t| t.indexes.keys());
        if !c.is_postgres() && indexes.any(|known| is_same(known, &index.name, dialect)) {
            return Ok(()); // the first one counts
        }
        if let Some(table) = self.table_mut(&key, &start) {
            for column in index.columns.iter_mut().filter(|c| !c.is_expression) {
                column.text = own_column(table, std::mem::take(&mut column.text), dialect);
            }
            naming::add_index(table, index);
        }
        Ok(())
    }
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
