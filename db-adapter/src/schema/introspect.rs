//! The entry point of introspection; the backends' `introspect` read the catalogs.

use std::collections::{BTreeMap, BTreeSet};

use db_adapter_core::DatabaseSchema;

use crate::{DatabaseClient, Result};

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntrospectOptions {
    /// The schemas; empty means those that a name without a schema is looked up in.
    pub schemas: Vec<String>,
    /// Tables that are left out, as `name` or `schema.name`; they are listed as not inspected.
    pub excluded_tables: Vec<String>,
}

/// Reads the schema of a database.
pub struct SchemaIntrospector<'a> {
    client: &'a dyn DatabaseClient,
    options: IntrospectOptions,
}

impl<'a> SchemaIntrospector<'a> {
    /// Looks at the schemas that a name without a schema is looked up in.
    pub fn new(client: &'a dyn DatabaseClient) -> Self {
        SchemaIntrospector {
            client,
            options: IntrospectOptions::default(),
        }
    }

    /// Looks at this schema too, and no longer at the default ones.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.options.schemas.push(name.into());
        self
    }

    /// Everything that can be inspected; what was left out is in `not_inspected`.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn introspect(&self) -> Result<DatabaseSchema> {
        self.client.introspect(self.options.clone()).await
    }

    /// The names of the columns by table.
    ///
    /// # Errors
    /// As [`introspect`](Self::introspect).
    pub async fn column_names(&self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        Ok(self.introspect().await?.column_names())
    }
}
