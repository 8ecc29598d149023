//! Plans and runs as an application does, over a client of its own; and what is wanted of a database.

use std::sync::Arc;

use db_adapter::connect;
use db_adapter::fix::{ApplyOptions, Reading, apply_fixes, plan_fixes};
use db_adapter::schema::{DatabaseSchema, Expected, SchemaIntrospector};
use db_adapter::{DatabaseClient, Error};
use db_adapter_core::fix::{FixOptions, FixPlan};
use support::TestDatabase;

pub(crate) async fn read(database: &TestDatabase) -> DatabaseSchema {
    read_schemas(database, &[]).await
}

pub(crate) async fn read_schemas(database: &TestDatabase, schemas: &[&str]) -> DatabaseSchema {
    let client = connect(database.url()).await.unwrap();
    let mut introspector = SchemaIntrospector::new(&client);
    for schema in schemas {
        introspector = introspector.schema(*schema);
    }
    let schema = introspector.introspect().await.unwrap();
    client.close().await.unwrap();
    schema
}

/// The schema that this SQL makes in an empty database of the same kind.
pub(crate) async fn expected(database: &TestDatabase, sql: &str) -> DatabaseSchema {
    let other = match is_sqlite(database) {
        true => TestDatabase::sqlite(),
        false => TestDatabase::postgres().await,
    };
    other.sql(sql).await;
    read(&other).await
}

pub(crate) fn is_sqlite(database: &TestDatabase) -> bool {
    database.url().starts_with("sqlite:")
}

pub(crate) async fn client(database: &TestDatabase) -> Arc<dyn DatabaseClient> {
    connect(database.url()).await.unwrap()
}

/// A plan for what is there now, decided by the answers of the database.
pub(crate) async fn plan(
    database: &TestDatabase,
    wanted: &DatabaseSchema,
    options: FixOptions,
) -> FixPlan {
    plan_of(database, &[], wanted, options).await
}

/// The same of these schemas.
pub(crate) async fn plan_of<'a>(
    database: &TestDatabase,
    schemas: &[&str],
    wanted: impl Into<Expected<'a>>,
    options: FixOptions,
) -> FixPlan {
    let client = client(database).await;
    let schemas = schemas.iter().map(|schema| (*schema).to_owned());
    let options = options.reading(Reading::new(schemas, [], []));
    let plan = plan_fixes(&client, wanted, options).await.unwrap();
    client.close().await.unwrap();
    plan
}

/// That the plan was seen, and no backup is wanted.
pub(crate) fn wanted() -> ApplyOptions {
    ApplyOptions::new()
        .dry_run(false)
        .confirm(true)
        .without_backup()
}

/// Runs the plan.
pub(crate) async fn run(database: &TestDatabase, plan: &FixPlan) {
    let ended = try_run(database, plan).await;
    ended.unwrap_or_else(|why| panic!("{why}\n{}", plan.sql()));
}

pub(crate) async fn try_run(database: &TestDatabase, plan: &FixPlan) -> Result<(), Error> {
    try_run_with(database, plan, wanted()).await
}

pub(crate) async fn try_run_with(
    database: &TestDatabase,
    plan: &FixPlan,
    options: ApplyOptions,
) -> Result<(), Error> {
    let client = client(database).await;
    let result = apply_fixes(&client, plan, options).await;
    client.close().await.unwrap();
    result.map(drop)
}

/// Plans and runs, and then there is nothing left to do but what was left before.
pub(crate) async fn fix(database: &TestDatabase, sql: &str, options: FixOptions) -> FixPlan {
    let wanted = expected(database, sql).await;
    fix_to(database, &wanted, options).await
}

pub(crate) async fn fix_to(
    database: &TestDatabase,
    wanted: &DatabaseSchema,
    options: FixOptions,
) -> FixPlan {
    let planned = plan(database, wanted, options.clone()).await;
    run(database, &planned).await;
    let again = plan(database, wanted, options).await;
    assert!(
        again.is_empty(),
        "a second plan is\n{}\nafter\n{}",
        again.sql(),
        planned.sql()
    );
    let left = |plan: &FixPlan| {
        let entries = plan.not_fixed.iter();
        entries.map(ToString::to_string).collect::<Vec<String>>()
    };
    assert_eq!(left(&again), left(&planned));
    planned
}
