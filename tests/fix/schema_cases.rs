//! Every schema of `schema_cases/`: against itself nothing is to be done, and what was taken from it comes back, or is
//! told as not fixed.

use std::fs;
use std::path::Path;

use db_adapter::schema::{ConstraintKind, DatabaseSchema};
use db_adapter_core::fix::FixOptions;
use support::TestDatabase;

use crate::run::{is_sqlite, plan_of, read_schemas, try_run};

/// The DDL of the cases of a backend.
fn cases(backend: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema_cases");
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let own = fs::read_to_string(path.join(format!("schema.{backend}.sql")));
        let sql = own.or_else(|_| fs::read_to_string(path.join("schema.sql")));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // a version that the server may not have
        cases.extend(
            sql.ok()
                .filter(|sql| !sql.contains("-- since:"))
                .map(|sql| (name, sql)),
        );
    }
    cases.sort();
    cases
}

fn schemas(ddl: &str) -> Vec<&str> {
    let first = ddl.lines().next().unwrap_or_default();
    let named = first.strip_prefix("-- schemas:");
    named.map_or_else(Vec::new, |names| names.split(',').map(str::trim).collect())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What takes something from each table, as far as the database lets it.
fn drift(schema: &DatabaseSchema, sqlite: bool) -> Vec<String> {
    let mut statements = Vec::new();
    for table in schema
        .tables
        .values()
        .filter(|table| table.partition_of.is_none())
    {
        let name = match &table.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&table.name)),
            None => quoted(&table.name),
        };
        for index in table.indexes.keys() {
            let own = table
                .schema
                .as_ref()
                .map(|s| format!("{}.", quoted(s)))
                .unwrap_or_default();
            statements.push(format!("DROP INDEX {own}{}", quoted(index)));
        }
        if table.columns.len() > 1 {
            let last = table.columns.last().unwrap();
            statements.push(format!(
                "ALTER TABLE {name} DROP COLUMN {}",
                quoted(&last.name)
            ));
        }
        if sqlite {
            continue;
        }
        for column in &table.columns {
            let alter = format!("ALTER TABLE {name} ALTER COLUMN {}", quoted(&column.name));
            statements.push(format!("{alter} DROP NOT NULL"));
            if column.default.is_some() {
                statements.push(format!("{alter} DROP DEFAULT"));
            }
        }
        for own in table
            .constraints
            .values()
            .filter(|own| own.kind != ConstraintKind::Exclude)
        {
            statements.push(format!(
                "ALTER TABLE {name} DROP CONSTRAINT {}",
                quoted(&own.name)
            ));
        }
    }
    statements
}

/// Drifts, repairs, and looks whether anything is left that was not told.
async fn comes_back(database: &TestDatabase, case: &str, ddl: &str) {
    let named = schemas(ddl);
    let wanted = read_schemas(database, &named).await;
    let itself = plan_of(database, &named, &wanted, FixOptions::new()).await;
    assert!(
        itself.is_empty() && itself.not_fixed.is_empty(),
        "{case}: {}{:#?}",
        itself.sql(),
        itself.not_fixed
    );
    let mut oracle = database.oracle().await;
    let mut done = Vec::new();
    for statement in drift(&wanted, is_sqlite(database)) {
        if oracle.try_sql(&statement).await.is_ok() {
            done.push(statement);
        }
    }
    drop(oracle);
    let options = || FixOptions::new().search_path(["public".to_owned()]);
    let first = plan_of(database, &named, &wanted, options()).await;
    if let Err(why) = try_run(database, &first).await {
        panic!(
            "{case}: {why}\ndrift\n{}\nplan\n{}",
            done.join("\n"),
            first.sql()
        );
    }
    let mut again = plan_of(database, &named, &wanted, options()).await;
    // a constraint of a column that gets values comes with the next plan, and says so
    if first
        .not_fixed
        .iter()
        .any(|entry| entry.reason.contains("plan again"))
    {
        try_run(database, &again).await.unwrap();
        again = plan_of(database, &named, &wanted, options()).await;
    }
    assert!(
        again.is_empty(),
        "{case}: a second plan is\n{}\nafter\n{}",
        again.sql(),
        first.sql()
    );
    for entry in &again.not_fixed {
        assert!(
            first.not_fixed.contains(entry),
            "{case}: nobody told {entry}\n{}",
            first.sql()
        );
    }
    if !done.is_empty() && !first.is_empty() {
        assert!(
            first.not_fixed.len() < done.len(),
            "{case}: {:#?}",
            first.not_fixed
        );
    }
}

/// Every fourth case, so that no test takes long.
async fn of_postgres(part: usize) {
    let cases = cases("postgres").into_iter().enumerate();
    for (_, (case, ddl)) in cases.filter(|(at, _)| at % 4 == part) {
        let database = TestDatabase::postgres().await;
        database.sql(&ddl).await;
        comes_back(&database, &case, &ddl).await;
    }
}

macro_rules! parts {
    ($($name:ident $part:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            of_postgres($part).await;
        }
    )*};
}

parts! {
    of_postgres_come_back_1 0;
    of_postgres_come_back_2 1;
    of_postgres_come_back_3 2;
    of_postgres_come_back_4 3;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sqlite_come_back() {
    for (case, ddl) in cases("sqlite") {
        let database = TestDatabase::sqlite();
        database.sql(&ddl).await;
        comes_back(&database, &case, &ddl).await;
    }
}
