//! Whether the declared tables of a backup fit a database: what a backup, a restore or a comparison
//! relies on is proven here from the catalog, or refused with the declaration that would decide it.
//! Pure: it never asks a database, and never looks at a row.

mod computed;
mod keys;
mod kinds;
mod later;
mod misfit;
mod numbering;
mod outside;
mod owner;
mod references;
mod renewed;
mod resolved;
#[cfg(test)]
mod tests;

pub use keys::unique_keys;
pub(crate) use kinds::are_apart_by_name;
pub use later::{is_guarded, waiting_keys};
pub use misfit::{Misfit, NotOutside, NotUnique, near_table};
pub use numbering::is_numbered;
pub use owner::owner_of;
pub use resolved::Resolved;

use crate::DatabaseSchema;
use crate::backup::BackupSchema;

/// Everything in which the declared tables do not fit the database; empty when they do.
///
/// ```
/// use db_adapter_core::backup::{BackupSchema, TableDef};
/// use db_adapter_core::fit::{Misfit, Resolved, fit};
/// use db_adapter_core::schema::{ConstraintKind, ConstraintSchema};
/// use db_adapter_core::{ColumnSchema, DatabaseSchema, SqlType, TableSchema};
///
/// let mut notes = TableSchema { name: "notes".into(), ..TableSchema::default() };
/// notes.columns.push(ColumnSchema::new("id", "integer", SqlType::Int4));
/// let mut database = DatabaseSchema::default();
/// database.tables.insert("notes".into(), notes.clone());
///
/// let schema = BackupSchema::new([TableDef::new("notes")])?;
/// let tables = Resolved::of(&schema, &database);
/// let misfits = fit(&schema, &database, &tables);
/// assert!(matches!(misfits.as_slice(), [Misfit::KeyNotUnique { table, .. }] if table == "notes"));
///
/// let key = ConstraintSchema {
///     kind: ConstraintKind::PrimaryKey,
///     columns: vec!["id".into()],
///     ..ConstraintSchema::default()
/// };
/// notes.constraints.insert("notes_pkey".into(), key);
/// database.tables.insert("notes".into(), notes);
/// assert!(fit(&schema, &database, &tables).is_empty());
/// # Ok::<(), db_adapter_core::backup::InvalidSchema>(())
/// ```
pub fn fit(schema: &BackupSchema, database: &DatabaseSchema, tables: &Resolved) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for def in schema.tables.iter() {
        let Some(found) = tables.table(&def.name, database) else {
            misfits.push(misfit::no_table(&def.name, database, tables));
            continue;
        };
        misfits.extend(keys::check(def, found, database));
        misfits.extend(references::check(schema, def, found, database, tables));
        misfits.extend(computed::check(schema, def, found, database, tables));
        misfits.extend(kinds::check(schema, def, found, database, tables));
        misfits.extend(later::check(schema, def, found, database, tables));
        misfits.extend(renewed::check(def, found));
    }
    misfits
}
