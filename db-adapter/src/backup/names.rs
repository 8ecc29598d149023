//! Which entry of a file is which table of a schema.

use db_adapter_core::TableName;
use db_adapter_core::backup::TableDef;

use super::BackupSchema;

/// Whether the file has an entry of its own of this name, so that a table called so is stored
/// with its schema.
pub(super) fn is_taken(name: &str) -> bool {
    matches!(name, "metadata" | "seal")
}

/// The table that is stored under this name: called so now, or when older backups were made.
pub(crate) fn table_for<'a>(schema: &'a BackupSchema, key: &str) -> Option<&'a TableDef> {
    let renamed = || {
        let mut tables = schema.tables.iter();
        tables.find(|table| table.renamed_from.as_deref() == Some(key))
    };
    let stored = || {
        let name = TableName::parse(key)
            .ok()
            .filter(|name| name.schema.is_some())?;
        schema
            .table(&name.name)
            .filter(|table| is_taken(&table.name))
    };
    schema.table(key).or_else(renamed).or_else(stored)
}
