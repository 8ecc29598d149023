//! Looking things up in the destination's schema as a declaration names them. Pure.

use db_adapter_core::backup::{ForeignKey, TableDef};
use db_adapter_core::schema::{SqlDialect, table_key};
use db_adapter_core::{ConstraintSchema, DatabaseSchema, TableName, TableSchema};

/// The destination's tables by their names.
pub(super) struct Destination<'a>(&'a DatabaseSchema);

impl<'a> Destination<'a> {
    pub(super) fn new(schema: &'a DatabaseSchema) -> Self {
        Destination(schema)
    }

    /// The table that an operation on this name goes to.
    pub(super) fn table(&self, name: &TableName) -> Option<&'a TableSchema> {
        let tables = &self.0.tables;
        let exact = tables.get(&table_key(name.schema.as_deref(), &name.name));
        exact.or_else(|| {
            // in the default schema of a session, which may be another one than `public`
            let mut named = tables.values().filter(|table| {
                table.name == name.name && (name.schema.is_none() || name.schema == table.schema)
            });
            let found = named.next();
            found.filter(|_| named.next().is_none())
        })
    }

    /// Whether a foreign key of the table leads to the table that is declared by this name.
    pub(super) fn leads_to(
        &self,
        table: &TableSchema,
        key: &ConstraintSchema,
        declared: &str,
    ) -> bool {
        let wanted = TableName::parse(declared).ok();
        let Some(wanted) = wanted.and_then(|name| self.table(&name)) else {
            return false;
        };
        let schema = key.references_schema.as_deref().or(table.schema.as_deref());
        let target = key.references_table.as_deref().unwrap_or_default();
        let found = table_key(schema, target);
        match self.0.dialect {
            SqlDialect::Sqlite => wanted.key().eq_ignore_ascii_case(&found),
            _ => wanted.key() == found,
        }
    }
}

/// Whether two lists name the same columns, in whatever order.
pub(super) fn same_columns(declared: &[impl AsRef<str>], found: &[String]) -> bool {
    declared.len() == found.len()
        && declared
            .iter()
            .all(|name| found.iter().any(|column| column == name.as_ref()))
}

/// Whether the reference is the row's user itself.
pub(super) fn refers_to_user(def: &TableDef, reference: &ForeignKey) -> bool {
    match (reference.fields.as_ref(), &def.user_field) {
        ([field], Some(user)) => field == user,
        _ => false,
    }
}
