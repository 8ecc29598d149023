//! Columns that the database computes are in no backup: no key and no reference of a declaration can be by
//! one, since a restore would not know what it was.

use super::Resolved;
use super::misfit::Misfit;
use crate::backup::{BackupSchema, TableDef};
use crate::{DatabaseSchema, Notice, TableSchema};

/// The computed columns of a table that its own declaration needs, or a reference of another table to it.
pub(super) fn check(
    schema: &BackupSchema,
    def: &TableDef,
    table: &TableSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
) -> Vec<Misfit> {
    let own = def.pk.iter().map(|column| &**column);
    let own = own.chain(def.natural_key());
    let own = own.chain(def.user_field.as_deref());
    let own = own.chain(def.references().flat_map(|r| r.fields.iter().map(|c| &**c)));
    let mut misfits: Vec<Misfit> = Vec::new();
    for column in own.filter(|column| is_computed(table, column)) {
        add(&mut misfits, def, &def.name, column);
    }
    for reference in def.parents.iter().chain(def.optional_refs.iter()) {
        // a table that is not there is told by itself
        let target = schema.table(&reference.table);
        let found = tables.table(&reference.table, database);
        if let (Some(target), Some(found)) = (target, found) {
            let columns = reference.references.iter();
            for column in columns.filter(|column| is_computed(found, column)) {
                add(&mut misfits, def, &target.name, column);
            }
        }
    }
    misfits
}

fn add(misfits: &mut Vec<Misfit>, def: &TableDef, of: &str, column: &str) {
    let misfit = Misfit::Computed {
        table: def.name.to_string(),
        of: of.to_owned(),
        column: column.to_owned(),
    };
    if !misfits.contains(&misfit) {
        misfits.push(misfit);
    }
}

fn is_computed(table: &TableSchema, column: &str) -> bool {
    let found = table.column(column);
    found.is_some_and(|found| found.generated.is_some())
}

pub(super) fn notice(table: &str, of: &str, column: &str) -> Notice {
    if table == of {
        return Notice::new(format!(
            "a key or a reference of `{table}` is by `{column}`, which the database computes, so that a backup does not have it"
        ))
        .hint("declare the columns that it is computed from");
    }
    Notice::new(format!(
        "`{table}` refers to `{of}` by its `{column}`, which the database computes, so that a backup does not have it"
    ))
    .hint("declare the reference to the primary key, or to columns that are stored as they are given")
}
