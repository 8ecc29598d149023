//! Looking things up in the destination's schema as a declaration names them. Pure.

use db_adapter_core::backup::{ForeignKey, TableDef};
use db_adapter_core::fit::Resolved;
use db_adapter_core::schema::{ConstraintSchema, ReferentialAction, table_key};
use db_adapter_core::{DatabaseSchema, TableName, TableSchema};

use super::plan::Follower;

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

    /// Whether a foreign key refers to the column of the table.
    pub(super) fn is_referenced(&self, table: &TableSchema, column: &str) -> bool {
        self.referring(table, column).next().is_some()
    }

    /// The columns that get another value when this one does.
    pub(super) fn followed_by(&self, table: &TableSchema, column: &str) -> Vec<Follower> {
        let is_followed = |key: &&ConstraintSchema| {
            use ReferentialAction::{NoAction, Restrict};
            !matches!(key.on_update, None | Some(NoAction | Restrict))
        };
        let mut followers = Vec::new();
        for (from, key) in self
            .referring(table, column)
            .filter(|(_, key)| is_followed(key))
        {
            let primary = table.primary_key().map(|key| &key.columns);
            let named = key
                .references_columns
                .as_ref()
                .filter(|named| !named.is_empty());
            let targets = named.or(primary).into_iter().flatten();
            let own = key.columns.iter().zip(targets);
            let own = own.filter(|(_, target)| target.eq_ignore_ascii_case(column));
            followers.extend(own.map(|(own, _)| Follower {
                table: TableName {
                    schema: from.schema.clone(),
                    name: from.name.clone(),
                },
                column: own.clone(),
                is_unset: key.on_update != Some(ReferentialAction::Cascade),
                is_untold: self.referring(from, own).any(|(_, key)| is_followed(&key)),
            }));
        }
        followers
    }

    /// The foreign keys that refer to the column, each with its table; one that names no columns refers to the
    /// primary key.
    fn referring(
        &self,
        table: &TableSchema,
        column: &str,
    ) -> impl Iterator<Item = (&'a TableSchema, &'a ConstraintSchema)> {
        let key = table.key();
        let primary = table
            .primary_key()
            .is_some_and(|key| has(&key.columns, column));
        let column = column.to_owned();
        let all = self.database.tables.values();
        let all = all.flat_map(|from| from.foreign_keys().map(move |foreign| (from, foreign)));
        all.filter(move |(from, foreign)| {
            let schema = foreign.references_schema.as_deref();
            let target = foreign.references_table.as_deref().unwrap_or_default();
            let target = table_key(schema.or(from.schema.as_deref()), target);
            target.eq_ignore_ascii_case(&key)
                && match &foreign.references_columns {
                    Some(named) if !named.is_empty() => has(named, &column),
                    _ => primary,
                }
        })
    }
}

fn has(columns: &[String], column: &str) -> bool {
    columns.iter().any(|name| name.eq_ignore_ascii_case(column))
}

/// Whether the reference is the row's user itself.
pub(super) fn refers_to_user(def: &TableDef, reference: &ForeignKey) -> bool {
    match (reference.fields.as_ref(), &def.user_field) {
        ([field], Some(user)) => field == user,
        _ => false,
    }
}
