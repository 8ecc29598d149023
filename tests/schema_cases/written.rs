//! The way back: what a schema is written as, for its own backend and for the other one, is run in an empty
//! database, and what the server then has is compared. What differs must be told by name, and what is
//! written is a snapshot like the others: `written.<from>.<for>.sql`.

use db_adapter::connect;
use db_adapter::schema::{
    DatabaseSchema, Difference, ObjectKind, SchemaIntrospector, Severity, SqlDialect,
};
use db_adapter_core::ddl;
use db_adapter_core::ddl_writer::{NotExpressed, WrittenDdl, write};
use db_adapter_core::validate::{Validation, ValidationLevel};
use support::TestDatabase;

use crate::case::Backend;

pub(crate) fn dialect(backend: Backend) -> SqlDialect {
    match backend {
        Backend::Postgres => SqlDialect::Postgres,
        Backend::Sqlite => SqlDialect::Sqlite,
    }
}

async fn empty(backend: Backend) -> TestDatabase {
    match backend {
        Backend::Postgres => TestDatabase::postgres().await,
        Backend::Sqlite => TestDatabase::sqlite(),
    }
}

/// Writes the schema for its own backend, and compares what the reader and the server make of it; gives
/// the SQL.
pub(crate) async fn own(backend: Backend, schemas: &[&str], live: &DatabaseSchema) -> String {
    let written = write(live, dialect(backend));
    assert_eq!(
        written,
        write(live, dialect(backend)),
        "it is always the same"
    );
    let sql = written.to_sql();
    let told = ddl::parse(&sql, dialect(backend));
    assert!(told.errors.is_empty(), "{:?}\n{sql}", told.errors);
    same(
        "the reader",
        &told.schema,
        live,
        ValidationLevel::Exact,
        &written,
    );
    let back = made(backend, schemas, &sql).await;
    same("the server", live, &back, ValidationLevel::Exact, &written);
    same("the server", &back, live, ValidationLevel::Exact, &written);
    if written.not_expressed.is_empty() {
        let (live, back) = (without_expressions(live), without_expressions(&back));
        assert_eq!(
            live, back,
            "nothing is lost, and yet something differs\n{sql}"
        );
    }
    sql
}

/// Everything that has only one spelling: PostgreSQL writes an expression that it has written itself in
/// another way again, and that they mean the same is compared above.
pub(crate) fn without_expressions(schema: &DatabaseSchema) -> DatabaseSchema {
    let mut schema = schema.clone();
    for table in schema.tables.values_mut() {
        for constraint in table.constraints.values_mut() {
            constraint.expression = constraint.expression.as_ref().map(|_| "..".to_owned());
        }
        if table.partition_of.is_some() {
            // since PostgreSQL 18 a partition that was attached has a name of its own for it
            for column in &mut table.columns {
                column.not_null_name = None;
            }
        }
    }
    schema
}

/// Writes the schema for the other backend, and asks whether a program that works with one works with the
/// other.
pub(crate) async fn other(backend: Backend, live: &DatabaseSchema) -> String {
    let there = match backend {
        Backend::Postgres => Backend::Sqlite,
        Backend::Sqlite => Backend::Postgres,
    };
    let written = write(live, dialect(there));
    let sql = written.to_sql();
    let back = made(there, &[], &sql).await;
    same(
        "the other server",
        live,
        &back,
        ValidationLevel::Compatible,
        &written,
    );
    same(
        "the other server",
        &back,
        live,
        ValidationLevel::Compatible,
        &written,
    );
    sql
}

/// What a server has after it ran the SQL.
pub(crate) async fn made(backend: Backend, schemas: &[&str], sql: &str) -> DatabaseSchema {
    let database = empty(backend).await;
    let mut oracle = database.oracle().await;
    if let Err(error) = oracle.try_sql(sql).await {
        panic!("the server refuses what was written: {error}\n{sql}");
    }
    drop(oracle);
    let client = connect(database.url()).await.unwrap();
    let mut introspector = SchemaIntrospector::new(&client);
    for schema in schemas {
        introspector = introspector.schema(*schema);
    }
    let schema = introspector.introspect().await.unwrap();
    client.close().await.unwrap();
    schema
}

/// Whatever differs is told.
fn same(
    who: &str,
    expected: &DatabaseSchema,
    actual: &DatabaseSchema,
    level: ValidationLevel,
    written: &WrittenDdl,
) {
    let untold = untold(expected, actual, level, written);
    assert!(
        untold.is_empty(),
        "{who} differs and nobody said so: {untold:#?}\n{}",
        written.to_sql()
    );
}

/// The differences that nobody told; of those that do not count at a level, none is told.
pub(crate) fn untold(
    expected: &DatabaseSchema,
    actual: &DatabaseSchema,
    level: ValidationLevel,
    written: &WrittenDdl,
) -> Vec<Difference> {
    let result = Validation::new(expected).level(level).run(actual);
    let counts = |difference: &Difference| {
        level == ValidationLevel::Exact || difference.severity == Severity::Error
    };
    let differences = result.differences.into_iter();
    differences
        .filter(|d| counts(d) && !is_told(d, written))
        .collect()
}

/// Whether an entry names the object, its table, or its columns.
fn is_told(difference: &Difference, written: &WrittenDdl) -> bool {
    let object = &difference.object;
    // that nobody enforces a length makes no other column of it
    let says = |entry: &&NotExpressed| !entry.reason.starts_with("SQLite does not enforce");
    let entries: Vec<&NotExpressed> = written.not_expressed.iter().filter(says).collect();
    let names = entries.iter().filter_map(|entry| entry.name.clone());
    let names: Vec<String> = names.collect();
    let path = object.path();
    let of_columns = || {
        let table = object.table.as_deref().unwrap_or_default();
        let mut columns = object.name.split(", ");
        columns.any(|column| names.contains(&format!("{table}.{column}")))
    };
    // a key is named by its columns in a report, and by its name where it was written
    let of_kind = || {
        let words = object.kind.words();
        let table = format!("{}.", object.table.as_deref().unwrap_or_default());
        entries.iter().any(|entry| {
            let own = entry
                .name
                .as_deref()
                .is_some_and(|name| name.starts_with(&table));
            own && (entry.kind == words
                || entry.kind == "index" && object.kind == ObjectKind::Unique)
        })
    };
    names.contains(&path)
        || object.table.as_ref().is_some_and(|table| {
            let is_it = |entry: &&NotExpressed| entry.name.as_ref() == Some(table);
            entries.iter().any(|e| e.kind == "table" && is_it(e))
        })
        || of_columns()
        || of_kind()
}
