//! A database for a moment on a server, and a session in it that takes the steps of a script. The
//! session's connection never gets into a pool: the script may leave anything in it.

use db_adapter_core::ddl::{Action, Step};
use db_adapter_core::{DatabaseSchema, quote_ident};

use super::PostgresAdapter;
use super::connect::Plan;
use super::connection::Connection;
use super::error::{Context, explain};
use super::failure::Failure;
use super::statement::execute_raw;
use crate::client::BoxFuture;
use crate::schema::scratch::{ScratchDatabase, ScriptFailure, left_open, not_included};
use crate::{ConnectOptions, DatabaseClient, DatabaseClientExt, Result, SchemaIntrospector};

/// As large as a piece of COPY is.
const PIECE: usize = 64 << 10;

/// A name that no database has, made by the server.
const NAME: &str = "SELECT 'db_adapter_scratch_' || \
    pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', '') AS name";

/// The schemas of the database that are not the server's own.
const SCHEMAS: &str = "SELECT nspname::text AS name FROM pg_catalog.pg_namespace \
    WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY nspname";

/// A database for a moment.
pub(crate) struct PostgresScratch {
    server: PostgresAdapter,
    /// For connections to the database itself.
    options: ConnectOptions,
    name: String,
}

impl PostgresScratch {
    /// Connects to the server; nothing is made yet.
    pub(crate) async fn new(options: ConnectOptions) -> Result<Self> {
        let server = PostgresAdapter::connect_with(options.clone()).await?;
        let name: String = server.query(NAME).one().await?.get("name")?;
        Ok(PostgresScratch {
            server,
            options: options.database(&name),
            name,
        })
    }

    async fn take(&self, steps: Vec<Step>) -> Result<(), ScriptFailure> {
        let failed = |step| move |error| ScriptFailure::new(step, error);
        let plan = Plan::new(&self.options).map_err(failed(0))?;
        let mut session = plan
            .open(None, &plan.attempts(std::time::Duration::ZERO).begin())
            .await
            .map_err(failed(0))?;
        let all = steps.len();
        for (place, step) in steps.into_iter().enumerate() {
            let done = match step.action {
                Action::Run(statement) => execute_raw(&mut session, statement).await.map(drop),
                Action::Copy { statement, rows } => copy(&mut session, &statement, &rows).await,
                _ => return Err(not_included(place)),
            };
            done.map_err(|failure| ScriptFailure::new(place, words(&failure, plan.target())))?;
        }
        // taken only inside of a transaction
        let probe = execute_raw(&mut session, "SAVEPOINT db_adapter_open".to_owned()).await;
        session.close().await;
        match probe {
            Ok(_) => Err(left_open(all)),
            Err(failure) if failure.code() == "25P01" => Ok(()),
            Err(failure) => Err(ScriptFailure::new(all, words(&failure, plan.target()))),
        }
    }

    async fn read(&self) -> Result<DatabaseSchema> {
        let client = PostgresAdapter::connect_with(self.options.clone()).await?;
        let schemas = client.query(SCHEMAS).await?;
        let mut introspector = SchemaIntrospector::new(&client).excluded_tables::<&str>([]);
        for row in &schemas {
            introspector = introspector.also_schema(row.get::<String>("name")?);
        }
        let schema = introspector.introspect().await;
        client.close().await?;
        schema
    }
}

impl ScratchDatabase for PostgresScratch {
    fn name(&self) -> &str {
        &self.name
    }

    fn beside(&self) -> Option<&dyn DatabaseClient> {
        Some(&self.server)
    }

    fn create(&self) -> BoxFuture<'_, Result<()>> {
        // what is in `template1` is not in the file
        let sql = format!(
            "CREATE DATABASE {} TEMPLATE template0",
            quote_ident(&self.name)
        );
        Box::pin(async move { self.server.execute(&sql).await.map(drop) })
    }

    fn run(&self, steps: Vec<Step>) -> BoxFuture<'_, Result<(), ScriptFailure>> {
        Box::pin(self.take(steps))
    }

    fn introspect(&self) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(self.read())
    }

    fn remove(&self) -> BoxFuture<'_, Result<()>> {
        let name = quote_ident(&self.name);
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        Box::pin(async move {
            // one that is still being made is not there yet
            self.server.settle().await?;
            self.server.execute(&sql).await?;
            self.server.close().await
        })
    }
}

async fn copy(session: &mut Connection, statement: &str, rows: &str) -> Result<(), Failure> {
    let mut pieces = rows.as_bytes().chunks(PIECE);
    let copied = session.copy_in(statement, |piece| {
        piece.extend_from_slice(pieces.next().unwrap_or_default());
        Ok(())
    });
    copied.await.map(drop)
}

fn words(failure: &Failure, target: &str) -> crate::Error {
    let context = Context {
        operation: "execute",
        table: None,
        sent: None,
        target,
        may_have_written: false,
    };
    explain(failure, context)
}
