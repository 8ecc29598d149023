//! Lengths, precisions and ranges of PostgreSQL in SQLite: SQLite takes what is beyond them, which is told of each
//! column, and this library refuses it, as PostgreSQL does.

use db_adapter::prelude::*;
use db_adapter::schema::SqlDialect;
use db_adapter::{Error, connect};
use db_adapter_core::ddl;
use db_adapter_core::ddl_writer::write;
use support::TestDatabase;

/// A column, and a value that is beyond its type, as SQLite and as this library takes it.
const BOUND: [(&str, &str, &str); 9] = [
    ("varchar(3)", "'four'", "four"),
    ("char(3)", "'four'", "four"),
    ("smallint", "40000", "40000"),
    ("oid", "5000000000", "5000000000"),
    ("numeric(5,2)", "'1.005'", "1.005"),
    (
        "timestamp(0)",
        "'2024-01-02T03:04:05.6'",
        "2024-01-02T03:04:05.6",
    ),
    ("time(2)", "'03:04:05.678'", "03:04:05.678"),
    (
        "timestamptz(3)",
        "'2024-01-02T03:04:05.678901Z'",
        "2024-01-02T03:04:05.678901Z",
    ),
    ("varchar(3)[]", "'[\"four\"]'", "{four}"),
];

/// What has no bound that SQLite could leave out.
const OTHERS: [&str; 6] = [
    "text",
    "varchar",
    "bigint",
    "numeric",
    "timestamp",
    "boolean",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_that_sqlite_does_not_enforce_is_told_and_held_by_the_library() {
    let types = BOUND.iter().map(|(name, ..)| *name).chain(OTHERS);
    let columns: Vec<String> = types
        .enumerate()
        .map(|(n, t)| format!("c{n} {t}"))
        .collect();
    let sql = format!(
        "CREATE TABLE t (id integer PRIMARY KEY, r real, {})",
        columns.join(", ")
    );
    let read = ddl::parse(&sql, SqlDialect::Postgres);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    let written = write(&read.schema, SqlDialect::Sqlite);
    let told = |column: &str| {
        let path = format!("t.{column}");
        let mut entries = written.not_expressed.iter();
        entries.any(|e| {
            e.name.as_ref() == Some(&path) && e.reason.starts_with("SQLite does not enforce")
        })
    };
    assert!(told("id") && told("r"));

    let database = TestDatabase::sqlite();
    database.sql(&written.to_sql()).await;
    let client = connect(database.url()).await.unwrap();
    for (n, (name, raw, given)) in BOUND.into_iter().enumerate() {
        let column = format!("c{n}");
        assert!(told(&column), "{name}");
        let mut row = Row::new();
        row.set("id", n as i64);
        row.set(column.as_str(), given);
        let refused = client.insert("t", row).await;
        assert!(
            matches!(&refused, Err(Error::InvalidValue { .. })),
            "{name}: {refused:?}"
        );
        database
            .sql(&format!("INSERT INTO t (id, {column}) VALUES ({n}, {raw})"))
            .await;
    }
    for (n, name) in OTHERS.iter().enumerate() {
        assert!(!told(&format!("c{}", n + BOUND.len())), "{name}");
    }
    client.close().await.unwrap();
}
