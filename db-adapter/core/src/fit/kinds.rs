//! A reference and the key that it leads to are of one kind: SQLite takes a text that refers to a number, and
//! compares them by the columns' affinities; no other database does, and a restore compares values.

use super::Resolved;
use super::misfit::Misfit;
use crate::backup::{BackupSchema, TableDef};
use crate::{DatabaseSchema, Notice, SqlType, TableSchema};

/// The references within the backup of which one side is a text and the other one a number.
pub(super) fn check(
    schema: &BackupSchema,
    def: &TableDef,
    table: &TableSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for reference in def.parents.iter().chain(def.optional_refs.iter()) {
        // a table that is not there is told by itself
        let target = schema.table(&reference.table);
        let found = tables.table(&reference.table, database);
        let (Some(target), Some(found)) = (target, found) else {
            continue;
        };
        let keys = match reference.references.is_empty() {
            true => &target.pk,
            false => &reference.references,
        };
        for (field, key) in reference.fields.iter().zip(keys.iter()) {
            let of = |table: &TableSchema, name: &str| {
                table.column(name).map(|column| column.sql_type.clone())
            };
            if let (Some(one), Some(other)) = (of(table, field), of(found, key))
                && are_apart(&one, &other)
            {
                misfits.push(Misfit::OtherKind {
                    table: def.name.to_string(),
                    column: field.to_string(),
                    references: target.name.to_string(),
                    key: key.to_string(),
                });
            }
        }
    }
    misfits
}

fn are_apart(one: &SqlType, other: &SqlType) -> bool {
    (one.is_text() && other.is_number()) || (one.is_number() && other.is_text())
}

pub(super) fn notice(table: &str, column: &str, references: &str, key: &str) -> Notice {
    Notice::new(format!(
        "`{column}` of `{table}` refers to `{key}` of `{references}`, and one of them is a text and the other one a number, so that a restore could not find the rows"
    ))
    .hint("give both columns one type")
}
