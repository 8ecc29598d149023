//! What a plan has to know of a database, asked of it in one snapshot. Changes nothing.

use std::time::Duration;

use db_adapter_core::fix::{Answer, Fact, FixOptions, FixPlan, Reading, generate_fix_plan};

use super::settings;
use super::state::{State, refused};
use crate::client::{DatabaseClient, DatabaseClientExt as _};
use crate::schema::{Expected, IntrospectOptions, Validation};
use crate::transaction::{Isolation, TxOptions};
use crate::{Error, ExactJson as _, Notice, Result, Transaction, Value};

/// How long a question waits for who has a table to itself.
const WAIT: Duration = Duration::from_secs(3);

/// How many snapshots are tried while others change the tables.
const ATTEMPTS: u32 = 3;

/// Plans how a database becomes what is expected of it: reads its schema, and asks what a plan has to know, such as
/// how many rows have a value that another type would change. Nothing is changed.
///
/// The version of the database, the statements that SQLite keeps, and where names are looked up need not be in the
/// options: they are asked for. All of it is one snapshot, which a large table may keep for as long as it takes to
/// read it.
///
/// ```
/// use db_adapter::fix::{ApplyOptions, FixOptions, apply_fixes, plan_fixes};
/// use db_adapter::{ExpectedSchema, prelude::*};
/// # #[cfg(all(feature = "sqlite", feature = "sql"))]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute_script("CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1);").await?;
/// let expected = ExpectedSchema::from_sql("CREATE TABLE users (id bigint PRIMARY KEY, name text);").map_err(|e| format!("{e:?}"))?;
///
/// let plan = plan_fixes(&db, &expected, FixOptions::new()).await?;
/// assert_eq!(plan.steps().next().unwrap().summary, "add column `users.name`");
/// let wanted = ApplyOptions::new().dry_run(false).confirm(true);
/// apply_fixes(&db, &plan, wanted).await?;
/// assert_eq!(db.select("users", "*").one().await?, row! { "id": 1, "name": None::<String> });
/// # Ok(()) }
/// # #[cfg(all(feature = "sqlite", feature = "sql"))]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// Those of the connection and of introspection; [`Error::Timeout`] when somebody else has a table to itself for longer
/// than 3 seconds, or a question takes longer than statements may.
pub async fn plan_fixes<'a>(
    client: &dyn DatabaseClient,
    expected: impl Into<Expected<'a>>,
    options: FixOptions,
) -> Result<FixPlan> {
    let expected = expected.into();
    let mut attempt = 1;
    loop {
        match in_snapshot(client, expected, options.clone()).await {
            Err(error) if error.is_retryable() && attempt < ATTEMPTS => attempt += 1,
            planned => return planned,
        }
    }
}

async fn in_snapshot(
    client: &dyn DatabaseClient,
    expected: Expected<'_>,
    options: FixOptions,
) -> Result<FixPlan> {
    let can = client.capabilities()?;
    let snapshot = TxOptions {
        read_only: true,
        isolation: can.snapshots.then_some(Isolation::RepeatableRead),
        ..TxOptions::default()
    };
    let tx = client.begin_with(snapshot).await?;
    let planned = planned(&tx, expected, options).await;
    // it only read
    let _ = tx.rollback().await;
    planned
}

async fn planned(
    tx: &Transaction,
    expected: Expected<'_>,
    mut options: FixOptions,
) -> Result<FixPlan> {
    let can = tx.capabilities()?;
    let mut path = options.looks_up_in().to_vec();
    if can.schemas && path.is_empty() {
        let sql = "SELECT pg_catalog.current_schemas(false)::text[] AS path";
        path = tx.query(sql).one().await?.get("path")?;
        options = options.search_path(path.iter().cloned());
    }
    settings::look_up(tx, can, &path).await?;
    settings::wait(tx, can, WAIT).await?;
    let reading = reading(expected, &options, path);
    let version = tx.server_version().await?;
    let state = State::read(tx, &reading).await?;
    let options = options
        .server_version(&version)
        .stored_sql(state.stored.clone())
        .reading(reading);
    let plan = generate_fix_plan(&state.schema, expected, &options);
    let mut answers = Vec::new();
    for fact in plan.questions() {
        answers.push(answer(tx, fact).await?);
    }
    let decided = plan.with_answers(answers);
    decided.map_err(|error| refused([Notice::new(error.to_string())]))
}

/// The schemas of the path, those that are expected, and of the tables of tools those that are.
fn reading(expected: Expected<'_>, options: &FixOptions, path: Vec<String>) -> Reading {
    let validation = Validation::new(expected).search_path(path.iter().cloned());
    let mut excluded = IntrospectOptions::default().excluded_tables;
    excluded.retain(|name| !validation.names_table(name));
    let asked = options.read();
    let also = validation.schemas().into_iter();
    let also = also.chain(asked.also_schemas.iter().cloned());
    excluded.extend(asked.excluded_tables.iter().cloned());
    let schemas = match asked.schemas.is_empty() {
        true => path,
        false => asked.schemas.clone(),
    };
    Reading::new(schemas, also, excluded)
}

/// The answer to one question. It has a savepoint: one that fails must not spoil those behind it.
pub(super) async fn answer(tx: &Transaction, fact: &Fact) -> Result<Answer> {
    let part = tx.begin().await?;
    let rows = part.query(fact.sql.as_str()).await;
    part.rollback().await?;
    match rows {
        Ok(rows) => {
            let first = rows.iter().filter_map(|row| row.get_index(0));
            Ok(Answer::Rows(first.map(text).collect()))
        }
        Err(error) if is_of_the_values(&error) => Ok(Answer::Failed),
        Err(error) => Err(error),
    }
}

/// A number on SQLite, a text on PostgreSQL.
fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_json(),
    }
}

/// Whether a question failed because of what is asked, and so would again.
fn is_of_the_values(error: &Error) -> bool {
    !error.is_retryable()
        && !matches!(
            error,
            Error::Connection { .. }
                | Error::Timeout { .. }
                | Error::OutcomeUnknown { .. }
                | Error::TransactionAborted
                | Error::TransactionEnded
                | Error::Closed
                | Error::Internal { .. }
        )
}
