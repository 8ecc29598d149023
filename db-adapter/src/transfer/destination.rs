//! Looking things up in the destination's schema as a declaration names them. Pure.

use db_adapter_core::backup::{ForeignKey, TableDef};
use db_adapter_core::fit::Resolved;
use db_adapter_core::schema::table_key;
use db_adapter_core::{DatabaseSchema, TableName, TableSchema};

/// The destination's tables by the names of the declaration.
pub(super) struct Destination<'a> {
    pub(super) database: &'a DatabaseSchema,
    pub(super) tables: &'a Resolved,
}

impl<'a> Destination<'a> {
    /// The table that a name means, and how statements call it.
    pub(super) fn table(&self, declared: &str) -> Option<(&'a TableSchema, TableName)> {
        let found = self.tables.table(declared, self.database)?;
        Some((found, self.tables.get(declared)?.clone()))
    }

    /// Whether a foreign key names the column of the table; one that names none refers to the primary
    /// key.
    pub(super) fn is_referenced(&self, table: &TableSchema, column: &str) -> bool {
        let key = table.key();
        self.database.tables.values().any(|from| {
            from.foreign_keys().any(|foreign| {
                let schema = foreign.references_schema.as_deref();
                let target = foreign.references_table.as_deref().unwrap_or_default();
                let target = table_key(schema.or(from.schema.as_deref()), target);
                let named = foreign.references_columns.iter().flatten();
                target.eq_ignore_ascii_case(&key)
                    && named
                        .into_iter()
                        .any(|name| name.eq_ignore_ascii_case(column))
            })
        })
    }
}

/// Whether the reference is the row's user itself.
pub(super) fn refers_to_user(def: &TableDef, reference: &ForeignKey) -> bool {
    match (reference.fields.as_ref(), &def.user_field) {
        ([field], Some(user)) => field == user,
        _ => false,
    }
}
