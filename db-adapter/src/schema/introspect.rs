//! The entry point of introspection; the backends' `introspect` read the catalogs.

use std::collections::{BTreeMap, BTreeSet};

use db_adapter_core::DatabaseSchema;
use db_adapter_core::schema::TABLES_OF_TOOLS;

use crate::{DatabaseClient, Result};

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntrospectOptions {
    /// The schemas; empty means those that a name without a schema is looked up in.
    pub schemas: Vec<String>,
    /// Schemas besides those. One that the database does not have is left out without a word: what
    /// is expected in it is missing.
    pub also_schemas: Vec<String>,
    /// Tables that are left out, as `name` (in every schema) or `schema.name`; those that are there
    /// are listed as not inspected.
    pub excluded_tables: Vec<String>,
}

impl Default for IntrospectOptions {
    /// The default schemas, without the tables of migration tools.
    fn default() -> Self {
        IntrospectOptions {
            schemas: Vec::new(),
            also_schemas: Vec::new(),
            excluded_tables: TABLES_OF_TOOLS.map(str::to_owned).to_vec(),
        }
    }
}

/// Reads the schema of a database, in one consistent reading: on an adapter in a read-only
/// transaction of its own, on a [`Transaction`](crate::Transaction) as that transaction sees it.
///
/// The number of queries does not depend on the number of tables. The reading is the same
/// whatever the session's search path and settings are: names of the schema `public` are written
/// bare, those of others with their schema.
///
/// ```
/// use db_adapter::{SchemaIntrospector, prelude::*};
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> db_adapter::Result<()> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(200) NOT NULL UNIQUE)").await?;
///
/// let schema = SchemaIntrospector::new(&db).introspect().await?;
/// let users = schema.table("users").expect("it is there");
/// assert_eq!(users.columns[1].data_type, "VARCHAR(200)");
/// assert_eq!(users.unique().next().expect("a constraint").columns, ["email"]);
/// assert!(schema.not_inspected.is_empty());
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub struct SchemaIntrospector<'a> {
    client: &'a dyn DatabaseClient,
    options: IntrospectOptions,
}

impl<'a> SchemaIntrospector<'a> {
    /// Looks at the schemas that a name without a schema is looked up in: PostgreSQL's search
    /// path, SQLite's file. Tables of migration tools (`schema_migrations`, `_sqlx_migrations`,
    /// `__diesel_schema_migrations`, `seaql_migrations`) and of extensions (`pg_stat_statements`,
    /// `spatial_ref_sys`) are left out.
    pub fn new(client: &'a dyn DatabaseClient) -> Self {
        SchemaIntrospector {
            client,
            options: IntrospectOptions::default(),
        }
    }

    /// Looks at this schema too, and no longer at the default ones. On SQLite it is an attached
    /// database, which the connection that writes has attached: read it inside of a transaction.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.options.schemas.push(name.into());
        self
    }

    /// Looks at this schema too, beside the default ones or those that are named. One that the
    /// database does not have is left out without a word.
    #[must_use]
    pub fn also_schema(mut self, name: impl Into<String>) -> Self {
        self.options.also_schemas.push(name.into());
        self
    }

    /// Leaves out these tables, and no longer those of the tools: `name` in every schema, or
    /// `schema.name`.
    ///
    /// ```
    /// # use db_adapter::{SchemaIntrospector, prelude::*};
    /// # async fn example(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
    /// let all = SchemaIntrospector::new(db).excluded_tables::<&str>([]).introspect().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn excluded_tables<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.options.excluded_tables = names.into_iter().map(Into::into).collect();
        self
    }

    /// Everything that can be inspected. What is there and was left out, or may not be read, is in
    /// [`not_inspected`](DatabaseSchema::not_inspected) with the reason.
    ///
    /// # Errors
    /// Those of the connection, and [`Error::PermissionDenied`](crate::Error::PermissionDenied)
    /// when not even the tables may be read.
    pub async fn introspect(&self) -> Result<DatabaseSchema> {
        self.client.introspect(self.options.clone()).await
    }

    /// The names of the columns by table, as `validate_schema` takes them; partitions are left to
    /// their parents.
    ///
    /// # Errors
    /// As [`introspect`](Self::introspect).
    pub async fn column_names(&self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        Ok(self.introspect().await?.column_names())
    }
}
