//! What a foreign key of SQLite may refer to: a key of its table. SQLite takes any, and then refuses each change of a row,
//! and to check the table.

use crate::schema::{ConstraintKind, ConstraintSchema, DatabaseSchema, IndexColumn, TableSchema};
use std::collections::BTreeSet;

/// The tables with a foreign key to what is not a key of its table: those that are there, and those that are to be made.
pub(super) fn unsound<'a>(
    actual: &'a DatabaseSchema,
    goal: &'a DatabaseSchema,
) -> impl Iterator<Item = &'a str> {
    let new = goal.tables.iter();
    let new = new.filter(|(key, _)| !actual.tables.contains_key(*key));
    let tables = actual.tables.values().chain(new.map(|(_, table)| table));
    let unsound = tables.filter(|table| !table.foreign_keys().all(|own| is_sound(own, actual)));
    unsound.map(|table| table.name.as_str())
}

/// Whether it refers to a key. Of a table that is not there every row refers to nothing, which can be checked.
pub(super) fn is_sound(own: &ConstraintSchema, schema: &DatabaseSchema) -> bool {
    let name = own.references_table.as_deref().unwrap_or_default();
    let mut tables = schema.tables.values();
    let Some(table) = tables.find(|table| table.name.eq_ignore_ascii_case(name)) else {
        return true;
    };
    match &own.references_columns {
        Some(columns) => is_key(table, columns),
        None => {
            let key = table.primary_key();
            key.is_some_and(|key| key.columns.len() == own.columns.len())
        }
    }
}

/// Whether just these columns are a key of the table.
fn is_key(table: &TableSchema, columns: &[String]) -> bool {
    let set = |names: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        names.map(str::to_lowercase).collect()
    };
    let wanted = set(&mut columns.iter().map(String::as_str));
    let constraints = table.constraints.values().filter(|own| {
        matches!(
            own.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique
        )
    });
    let mut keys = constraints.map(|own| set(&mut own.columns.iter().map(String::as_str)));
    let indexes = table.indexes.values().filter(|index| {
        let plain = index.columns.iter().all(|own| has_own_order(table, own));
        index.is_unique && index.predicate.is_none() && plain
    });
    let mut by_index = indexes.map(|i| set(&mut i.columns.iter().map(|c| c.text.as_str())));
    keys.any(|key| key == wanted) || by_index.any(|key| key == wanted)
}

/// Whether a key of an index is a column in the order of that column: one in another order proves no reference.
fn has_own_order(table: &TableSchema, own: &IndexColumn) -> bool {
    let mut columns = table.columns.iter();
    let column = columns.find(|column| column.name.eq_ignore_ascii_case(&own.text));
    let Some(column) = column.filter(|_| !own.is_expression) else {
        return false;
    };
    let of_column = column.collation.as_deref().unwrap_or("BINARY");
    let of_index = own.collation.as_deref().unwrap_or(of_column);
    of_index.eq_ignore_ascii_case(of_column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::SqlDialect;

    #[test]
    fn a_unique_index_in_another_order_is_not_a_key() {
        for (index, sound) in [
            ("a, b", true),
            ("b DESC, a", true),
            ("b COLLATE nocase, a", false),
            ("a COLLATE NOCASE, b", true),
            ("a COLLATE BINARY, b", false),
            ("(a), (b || '')", false),
        ] {
            let sql = format!(
                "CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT, x TEXT, y TEXT, FOREIGN KEY (x, y) REFERENCES t (a, b)); \
                 CREATE UNIQUE INDEX i ON t ({index})"
            );
            let schema = crate::fix::tests::schema(&sql, SqlDialect::Sqlite);
            let found: Vec<&str> = unsound(&schema, &schema).collect();
            assert_eq!(found.is_empty(), sound, "{index}");
        }
    }
}
