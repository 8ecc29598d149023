//! The names that PostgreSQL chooses where the DDL gives none, so that a file and the database
//! made from it agree. Never renames what has a name.

use super::SqlDialect;
use super::cursor::Cursor;
use crate::lexer::{Lexer, Token};
use crate::schema::{ConstraintKind, ConstraintSchema, IndexSchema, TableSchema, ViewSchema};

/// Names are at most so many bytes long.
const LONGEST: usize = 63;

/// Adds a constraint to its table. Without a name it gets the one that PostgreSQL would choose.
pub fn add_constraint(table: &mut TableSchema, new: ConstraintSchema) {
    add_beside(table, new, |_| false);
}

/// The same where other tables may have names; gives its name.
pub(super) fn add_beside(
    table: &mut TableSchema,
    mut new: ConstraintSchema,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    if new.name.is_empty() {
        let (columns, label) = match new.kind {
            ConstraintKind::PrimaryKey => (String::new(), "pkey"),
            ConstraintKind::Unique => (new.columns.join("_"), "key"),
            ConstraintKind::ForeignKey => (new.columns.join("_"), "fkey"),
            ConstraintKind::Exclude => (new.columns.join("_"), "excl"),
            ConstraintKind::Check => match new.columns.as_slice() {
                [column] => (column.clone(), "check"),
                _ => (String::new(), "check"),
            },
        };
        new.name = free_name(table, &columns, label, is_taken);
        new.name_is_generated = true;
    }
    let name = new.name.clone();
    table.constraints.insert(name.clone(), new);
    name
}

/// Gives the index its name, and its table; gives its name.
pub(super) fn add_index(
    table: &mut TableSchema,
    mut new: IndexSchema,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    if new.name.is_empty() {
        let part = |c: &crate::schema::IndexColumn| match c.is_expression {
            false => c.text.clone(),
            true => name_of_expression(&c.text).unwrap_or_else(|| "expr".to_owned()),
        };
        let columns: Vec<String> = new.columns.iter().map(part).collect();
        new.name = free_name(table, &columns.join("_"), "idx", is_taken);
        new.name_is_generated = true;
    }
    let name = new.name.clone();
    table.indexes.insert(name.clone(), new);
    name
}

/// The same for a materialised view, which has nothing else that takes a name.
pub(super) fn add_index_of_view(view: &mut ViewSchema, new: IndexSchema) {
    let mut table = TableSchema {
        name: view.name.clone(),
        indexes: std::mem::take(&mut view.indexes),
        ..TableSchema::default()
    };
    add_index(&mut table, new, |_| false);
    view.indexes = table.indexes;
}

/// What the server calls an expression of an index after: its function or its column, with casts taken off.
fn name_of_expression(text: &str) -> Option<String> {
    let tokens: Vec<Token<'_>> = Lexer::of_definition(text, SqlDialect::Postgres)
        .significant()
        .collect();
    let mut c = Cursor::new(text, &tokens, SqlDialect::Postgres);
    loop {
        if c.is_symbol('(') {
            let inside = c.parentheses("").ok()?;
            if !is_cast(c) {
                return None;
            }
            c = inside;
            continue;
        }
        if c.is("case") {
            return Some("case".to_owned());
        }
        let (schema, name) = c.qualified("a function").ok()?;
        let inside = match c.is_symbol('(') {
            true => Some(c.parentheses("").ok()?),
            false => None,
        };
        if !is_cast(c) {
            return None;
        }
        let name = match (inside, name.as_str()) {
            (Some(mut inside), "cast") if schema.is_none() => {
                c = inside.until(|c| c.is("as"));
                continue;
            }
            // the grammar's own spelling of a function
            (Some(inside), "trim") if schema.is_none() => {
                match (inside.is("leading"), inside.is("trailing")) {
                    (true, _) => "ltrim".to_owned(),
                    (_, true) => "rtrim".to_owned(),
                    _ => "btrim".to_owned(),
                }
            }
            _ => name,
        };
        return Some(name);
    }
}

/// Whether nothing is left but casts.
fn is_cast(mut c: Cursor<'_>) -> bool {
    while c.symbol_at(0) == Some("::") {
        c.next();
        while !c.word(0).is_empty() || c.is_symbol('.') {
            c.next();
        }
        if c.is_symbol('(') && c.parentheses("").is_err() {
            return false;
        }
    }
    c.is_done()
}

/// `table_columns_label`, with a number where that is taken.
fn free_name(
    table: &TableSchema,
    columns: &str,
    label: &str,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    let is_own =
        |name: &str| table.constraints.contains_key(name) || table.indexes.contains_key(name);
    first_free((&table.name, columns), label, |name| {
        is_own(name) || is_taken(name)
    })
}

/// The first of the names that the server tries which nothing has.
pub(super) fn first_free(
    (table, columns): (&str, &str),
    label: &str,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    let mut name = object_name(table, columns, label);
    let mut number = 0u32;
    while is_taken(&name) {
        number += 1;
        name = object_name(table, columns, &format!("{label}{number}"));
    }
    name
}

/// The name that PostgreSQL gives an object: the parts joined, the longer of the first two shortened until the whole
/// fits.
///
/// ```
/// assert_eq!(db_adapter_core::ddl::object_name("users", "id", "seq"), "users_id_seq");
/// ```
pub fn object_name(first: &str, second: &str, label: &str) -> String {
    let joints = usize::from(!second.is_empty()) + 1;
    let room = LONGEST.saturating_sub(label.len() + joints);
    let (mut one, mut two) = (first.len(), second.len());
    while one + two > room {
        match one > two {
            true => one -= 1,
            false => two -= 1,
        }
    }
    let cut = |text: &str, length| {
        text.get(..text.floor_char_boundary(length))
            .unwrap_or("")
            .to_owned()
    };
    match second.is_empty() {
        true => format!("{}_{label}", cut(first, one)),
        false => format!("{}_{}_{label}", cut(first, one), cut(second, two)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_has_the_name_of_its_function() {
        let read = |expression: &str| {
            let sql = format!("CREATE TABLE u (n text, m text); CREATE INDEX ON u ({expression})");
            let read = crate::ddl::parse(&sql, SqlDialect::Postgres);
            let mut names = read.schema.tables["u"].indexes.keys().cloned();
            names.next().unwrap()
        };
        for (expression, name) in [
            ("trim(n)", "u_btrim_idx"),
            ("trim(LEADING 'x' FROM n)", "u_ltrim_idx"),
            ("(trim(trailing from n)::varchar(3))", "u_rtrim_idx"),
            ("LOWER(n), m", "u_lower_m_idx"),
            ("app.f(n)", "u_f_idx"),
            ("((n)::char(3))", "u_n_idx"),
            ("(cast(upper(n) AS text))", "u_upper_idx"),
            ("coalesce(n, m)", "u_coalesce_idx"),
            ("(CASE WHEN n = m THEN 1 END)", "u_case_idx"),
            ("(lower(n) || m)", "u_expr_idx"),
            ("((n) || (m))", "u_expr_idx"),
        ] {
            assert_eq!(read(expression), name, "{expression}");
        }
    }

    #[test]
    fn long_names_are_cut_as_the_server_cuts_them() {
        let (table, column) = ("t".repeat(60), "c".repeat(60));
        let name = object_name(&table, &column, "key");
        assert_eq!(name, format!("{}_{}_key", "t".repeat(29), "c".repeat(29)));
        assert_eq!(object_name(&table, "", "pkey").len(), 63);
        assert_eq!(object_name("t", "a_b", "fkey"), "t_a_b_fkey");
        assert!(object_name(&"ö".repeat(40), "x", "key").len() <= 63);
    }
}
