//! One statement after the other: a database that has it is what a file with it expects, and is not
//! what the same file without it expects.

use db_adapter::schema::{
    DatabaseSchema, SchemaIntrospector, SchemaValidationResult, SqlDialect, Validation,
    ValidationLevel,
};
use db_adapter::{DatabaseClient, DatabaseClientExt, connect};
use db_adapter_core::ddl;
use support::TestDatabase;

use crate::listed_statements::{
    HARMLESS, LISTED, OF_POSTGRES, OF_POSTGRES_18, OF_SQLITE, POSTGRES, SQLITE,
};

fn read(sql: &str, dialect: SqlDialect) -> Result<DatabaseSchema, String> {
    let read = ddl::parse(sql, dialect);
    match read.errors.first() {
        Some(error) => Err(error.to_string()),
        None => Ok(read.schema),
    }
}

async fn live(client: &dyn DatabaseClient, expected: &[DatabaseSchema]) -> DatabaseSchema {
    let mut introspector = SchemaIntrospector::new(client);
    for schema in expected.iter().flat_map(|e| Validation::new(e).schemas()) {
        introspector = introspector.also_schema(schema);
    }
    introspector.introspect().await.unwrap()
}

fn exact(expected: &DatabaseSchema, actual: &DatabaseSchema) -> SchemaValidationResult {
    let validation = Validation::new(expected);
    validation.level(ValidationLevel::Exact).run(actual)
}

/// How many databases are compared at a time.
const AT_ONCE: usize = 4;

/// The database has `base`, and gets the statement. Gives what is wrong with how it is read.
async fn check(
    database: &TestDatabase,
    base: &str,
    statement: &str,
    dialect: SqlDialect,
) -> Result<(), String> {
    let done = database.oracle().await.try_sql(statement).await;
    done.map_err(|error| format!("the server refuses it: {error}"))?;
    let whole = format!("{base}\n{statement};");
    let expected = [read(&whole, dialect)?, read(base, dialect)?];
    let client = connect(database.url()).await.unwrap();
    let actual = live(&client, &expected).await;
    client.close().await.unwrap();
    let with = exact(&expected[0], &actual);
    if !with.differences.is_empty() {
        let told = with.differences.iter().map(|d| d.message.as_str());
        return Err(told.collect::<Vec<_>>().join("\n    "));
    }
    let mut not_checked = with.not_checked.iter();
    if let Some(unknown) = not_checked.find(|n| n.kind == "index") {
        return Err(format!("{unknown:?}"));
    }
    // both are read from the database as well as from the file
    let mut left_out = expected[0].not_inspected.iter();
    if dialect == SqlDialect::Postgres && left_out.all(|entry| entry.kind != "table") {
        let back = exact(&actual, &expected[0]);
        if !back.valid {
            return Err(format!("the other way round: {:?}", back.differences));
        }
    }
    let without = [exact(&expected[1], &actual), exact(&actual, &expected[1])];
    match without.iter().any(|result| !result.differences.is_empty()) {
        true => Ok(()),
        false => Err("nobody noticed it".to_owned()),
    }
}

/// Each statement in a copy of the base, some at once.
async fn check_all(base: &'static str, statements: &[&'static str], dialect: SqlDialect) {
    let first = match dialect {
        SqlDialect::Sqlite => TestDatabase::sqlite(),
        _ => TestDatabase::postgres().await,
    };
    first.sql(base).await;
    let mut wrong = Vec::new();
    for some in statements.chunks(AT_ONCE) {
        let mut running = tokio::task::JoinSet::new();
        for statement in some.iter().copied() {
            let database = first.copy().await;
            running.spawn(async move {
                let found = check(&database, base, statement, dialect).await;
                found.err().map(|why| format!("{statement}\n    {why}"))
            });
        }
        wrong.extend(running.join_all().await.into_iter().flatten());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_statement_of_postgresql_is_applied() {
    check_all(POSTGRES, OF_POSTGRES, SqlDialect::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_statement_of_postgresql_18_is_applied() {
    let database = TestDatabase::postgres().await;
    let client = connect(database.url()).await.unwrap();
    let version = client.server_version().await.unwrap();
    client.close().await.unwrap();
    if version.split('.').next().and_then(|v| v.parse().ok()) < Some(18) {
        return; // the file is read all the same, in core's own tests
    }
    check_all(POSTGRES, OF_POSTGRES_18, SqlDialect::Postgres).await;
}

/// What is harmless changes nothing, what is not known is listed: neither makes a difference between
/// the files.
#[tokio::test(flavor = "multi_thread")]
async fn each_statement_of_postgresql_is_harmless_or_listed() {
    let first = TestDatabase::postgres().await;
    first.sql(POSTGRES).await;
    let mut wrong = Vec::new();
    let both = HARMLESS.iter().map(|s| (s, true));
    for (statement, harmless) in both.chain(LISTED.iter().map(|s| (s, false))) {
        let file = format!("{POSTGRES}\n{statement};");
        let (with, without) = match (
            read(&file, SqlDialect::Postgres),
            read(POSTGRES, SqlDialect::Postgres),
        ) {
            (Ok(with), Ok(without)) => (with, without),
            (Err(why), _) | (_, Err(why)) => {
                wrong.push(format!("{statement}\n    {why}"));
                continue;
            }
        };
        if harmless == (with.not_inspected != without.not_inspected) {
            wrong.push(format!("{statement}\n    {:?}", with.not_inspected));
        }
        if harmless {
            let database = first.copy().await;
            if let Err(error) = database.oracle().await.try_sql(statement).await {
                wrong.push(format!("{statement}\n    the server refuses it: {error}"));
                continue;
            }
            let client = connect(database.url()).await.unwrap();
            let expected = [with, without];
            let actual = live(&client, &expected).await;
            client.close().await.unwrap();
            for expected in &expected {
                let found = exact(expected, &actual).differences;
                if !found.is_empty() {
                    wrong.push(format!("{statement}\n    {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the shell prints of a file, tables of its own among it, is the file's schema.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_shell_of_sqlite_prints_is_the_schema() {
    let database = TestDatabase::sqlite();
    database
        .sql(
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
             INSERT INTO t (body) VALUES ('x');
             CREATE VIRTUAL TABLE found USING fts5(body);
             CREATE VIRTUAL TABLE old USING fts4(body);
             CREATE VIRTUAL TABLE places USING rtree(id, a, b);",
        )
        .await;
    let printed = std::process::Command::new("sqlite3")
        .arg(database.path())
        .arg(".schema")
        .output()
        .unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("sqlite_sequence") && printed.contains("found_data"));
    let expected = read(&printed, SqlDialect::Sqlite).unwrap();
    let client = connect(database.url()).await.unwrap();
    let actual = live(&client, std::slice::from_ref(&expected)).await;
    client.close().await.unwrap();
    for level in [ValidationLevel::Columns, ValidationLevel::Exact] {
        let result = Validation::new(&expected).level(level).run(&actual);
        assert!(result.differences.is_empty(), "{:#?}", result.differences);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_statement_of_sqlite_is_applied() {
    check_all(SQLITE, OF_SQLITE, SqlDialect::Sqlite).await;
}
