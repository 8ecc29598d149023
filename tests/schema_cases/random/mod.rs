//! Random schemas, written, run by a server, and read back: the server must have what the model says, and
//! what is written of that must make the same once more. For the other backend it must be a schema that
//! fits, but for what was told. A schema that fails is made small, and printed with its seed.

mod names;
mod postgres;
mod shrink;
mod sqlite;

use std::sync::Arc;

use db_adapter::schema::{DatabaseSchema, SchemaIntrospector, SqlDialect};
use db_adapter::{DatabaseClient, connect};
use db_adapter_core::ddl;
use db_adapter_core::ddl_writer::write;
use db_adapter_core::validate::ValidationLevel;
use support::{Oracle, Random, TestDatabase, seed};

use crate::case::Backend;
use crate::written::{dialect, untold, without_expressions};

/// The schemas that random objects are in.
const SCHEMAS: [&str; 2] = ["public", "My \"Schema\""];

/// How many schemas a run makes.
fn rounds() -> usize {
    match std::env::var_os("DB_ADAPTER_TESTS_LONG") {
        Some(_) => 200,
        None => 25,
    }
}

/// A server to make schemas on, one after the other.
struct Servers {
    postgres: TestDatabase,
    oracle: Oracle,
    client: Arc<dyn DatabaseClient>,
}

impl Servers {
    async fn new() -> Servers {
        let postgres = TestDatabase::postgres().await;
        Servers {
            oracle: postgres.oracle().await,
            client: connect(postgres.url()).await.unwrap(),
            postgres,
        }
    }

    /// What the server has after it ran the SQL, or what it says of it.
    async fn make(&mut self, backend: Backend, sql: &str) -> Result<DatabaseSchema, String> {
        if backend == Backend::Sqlite {
            return on_sqlite(sql).await;
        }
        let again = SCHEMAS.map(|name| {
            let name = db_adapter_core::quote_ident(name);
            format!("DROP SCHEMA IF EXISTS {name} CASCADE;")
        });
        let again = format!("RESET ALL; {} CREATE SCHEMA public;", again.concat());
        self.oracle.sql(&again).await;
        self.oracle.try_sql(sql).await?;
        let mut introspector = SchemaIntrospector::new(&self.client);
        for schema in SCHEMAS {
            introspector = introspector.also_schema(schema);
        }
        let schema = introspector.introspect().await;
        schema.map_err(|error| error.to_string())
    }
}

async fn on_sqlite(sql: &str) -> Result<DatabaseSchema, String> {
    let database = TestDatabase::sqlite();
    database.oracle().await.try_sql(sql).await?;
    let client = connect(database.url()).await.unwrap();
    let schema = SchemaIntrospector::new(&client).introspect().await;
    client.close().await.unwrap();
    schema.map_err(|error| error.to_string())
}

fn of(dialect: SqlDialect) -> Backend {
    match dialect {
        SqlDialect::Sqlite => Backend::Sqlite,
        _ => Backend::Postgres,
    }
}

/// What is wrong with what is written of a schema, if anything is.
async fn wrong(model: &DatabaseSchema, servers: &mut Servers) -> Result<(), String> {
    let backend = of(model.dialect);
    let written = write(model, model.dialect);
    let sql = written.to_sql();
    let because = |what: String| format!("{what}\n{sql}");
    if !written.not_expressed.is_empty() {
        return Err(because(
            "something of its own dialect is not expressed".to_owned(),
        ));
    }
    let read = ddl::parse(&sql, model.dialect);
    if let Some(error) = read.errors.first() {
        return Err(because(format!("the reader: {error}")));
    }
    let there = servers.make(backend, &sql).await;
    let there = there.map_err(|error| because(format!("the server: {error}")))?;
    for (who, one, two) in [
        ("the server", model, &there),
        ("the model", &there, model),
        ("the reader", &read.schema, &there),
    ] {
        let untold = untold(one, two, ValidationLevel::Exact, &written);
        if !untold.is_empty() {
            return Err(because(format!("{who}: {untold:#?}")));
        }
    }
    let again = write(&there, model.dialect).to_sql();
    let twice = servers.make(backend, &again).await;
    let twice = twice.map_err(|error| format!("what was read back: {error}\n{again}"))?;
    if without_expressions(&twice) != without_expressions(&there) {
        return Err(format!(
            "what was read back makes something else:\n{sql}\n{again}"
        ));
    }
    fits_the_other(&there, servers).await
}

async fn fits_the_other(there: &DatabaseSchema, servers: &mut Servers) -> Result<(), String> {
    let other = match there.dialect {
        SqlDialect::Sqlite => SqlDialect::Postgres,
        _ => SqlDialect::Sqlite,
    };
    let written = write(there, other);
    let sql = written.to_sql();
    let made = servers.make(of(other), &sql).await;
    let made = made.map_err(|error| format!("the other server: {error}\n{sql}"))?;
    for (one, two) in [(there, &made), (&made, there)] {
        let untold = untold(one, two, ValidationLevel::Compatible, &written);
        if !untold.is_empty() {
            return Err(format!("the other server: {untold:#?}\n{sql}"));
        }
    }
    Ok(())
}

async fn run(backend: Backend, make: fn(&mut Random) -> DatabaseSchema) {
    let (first, given) = seed();
    let rounds = if given { 1 } else { rounds() };
    let mut servers = Servers::new().await;
    for round in 0..rounds {
        let seed = first.wrapping_add(round as u64);
        let model = make(&mut Random::new(seed));
        assert_eq!(model.dialect, dialect(backend));
        if let Err(why) = wrong(&model, &mut servers).await {
            let (small, why) = shrink::smallest(model, why, &mut servers).await;
            panic!("DB_ADAPTER_TESTS_SEED={seed}\n{why}\n{small:#?}");
        }
    }
    servers.client.close().await.unwrap();
    drop(servers.postgres);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_schemas_of_postgres_are_written_and_made() {
    run(Backend::Postgres, postgres::schema).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_schemas_of_sqlite_are_written_and_made() {
    run(Backend::Sqlite, sqlite::schema).await;
}
