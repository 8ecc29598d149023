//! One case on one backend: its schema is made by the oracle, read by db-adapter, and compared with
//! the snapshot beside it.

use std::fs;
use std::path::{Path, PathBuf};

use db_adapter::schema::{DatabaseSchema, SchemaIntrospector};
use db_adapter::{DatabaseClient, DatabaseClientExt, connect};
use support::TestDatabase;

use crate::{round_trip, written};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Postgres,
    Sqlite,
}

impl Backend {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Backend::Postgres => "postgres",
            Backend::Sqlite => "sqlite",
        }
    }
}

/// The folder of the cases.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema_cases")
}

/// The DDL of a case for a backend, if it has one.
fn ddl(case: &str, backend: Backend) -> Option<String> {
    let own = folder()
        .join(case)
        .join(format!("schema.{}.sql", backend.name()));
    let common = folder().join(case).join("schema.sql");
    fs::read_to_string(own)
        .or_else(|_| fs::read_to_string(common))
        .ok()
}

/// The schemas that the first line names.
fn schemas(ddl: &str) -> Vec<&str> {
    let first = ddl.lines().next().unwrap_or_default();
    let named = first.strip_prefix("-- schemas:");
    named.map_or_else(Vec::new, |names| names.split(',').map(str::trim).collect())
}

/// The first version of PostgreSQL that has what the case is about, where a line of the DDL's beginning
/// names one.
fn since(ddl: &str) -> Option<u32> {
    let comments = ddl.lines().take_while(|line| line.starts_with("--"));
    let mut versions = comments.filter_map(|line| line.strip_prefix("-- since: "));
    versions
        .next()
        .map(|version| version.trim().parse().expect("a version's number"))
}

/// The version of a server, as the number before the first dot.
async fn major_version(database: &TestDatabase) -> u32 {
    let number = database.scalar_text("SHOW server_version_num").await;
    number.unwrap().parse::<u32>().unwrap() / 10_000
}

pub(crate) async fn run(case: &str, backend: Backend) {
    let ddl = ddl(case, backend).expect("a schema for this backend");
    let database = match backend {
        Backend::Postgres => TestDatabase::postgres().await,
        Backend::Sqlite => TestDatabase::sqlite(),
    };
    let version = match backend {
        Backend::Postgres => Some(major_version(&database).await),
        Backend::Sqlite => None,
    };
    if version < since(&ddl) {
        eprintln!("{case}: this server, of version {version:?}, does not have it");
        return;
    }
    database.sql(&ddl).await;
    let client = connect(database.url()).await.unwrap();
    let schema = read(&client, &ddl).await;
    let inside = in_transaction(&client, &ddl).await;
    client.close().await.unwrap();
    let mut files = vec![("schema.sql", ddl.clone())];
    if backend == Backend::Postgres {
        let schemas: Vec<&str> = present(&schemas(&ddl), &schema);
        let dump = round_trip::dump(database.url(), &schemas);
        files.extend(dump.map(|dump| ("pg_dump", dump)));
    }
    let left_out = round_trip::check(backend, &schemas(&ddl), &files, &schema);
    let is_dumped = backend == Backend::Sqlite || files.len() > 1;
    assert_eq!(schema, inside, "a transaction sees the same");
    let json = serde_json::to_string_pretty(&schema).unwrap();
    let back: DatabaseSchema = serde_json::from_str(&json).unwrap();
    assert_eq!(schema, back, "JSON keeps everything");
    compare(
        case,
        &snapshot(case, backend.name(), "json", version),
        &format!("{json}\n"),
    );
    // of a file that was not read nothing is known
    if is_dumped {
        let name = format!("not_checked.{}", backend.name());
        compare(case, &snapshot(case, &name, "txt", version), &left_out);
    }
    let there = match backend {
        Backend::Postgres => Backend::Sqlite,
        Backend::Sqlite => Backend::Postgres,
    };
    let own = written::own(backend, &schemas(&ddl), &schema).await;
    let other = written::other(backend, &schema).await;
    for (target, sql) in [(backend, own), (there, other)] {
        let name = format!("written.{}.{}", backend.name(), target.name());
        compare(case, &snapshot(case, &name, "sql", version), &sql);
    }
}

/// The snapshot of a server: the catalogues of versions differ, and one with a number is for this version
/// and those after it.
fn snapshot(case: &str, name: &str, kind: &str, version: Option<u32>) -> String {
    let numbers = (1..=version.unwrap_or_default()).rev();
    let mut names = numbers.map(|number| format!("{name}.{number}.{kind}"));
    names
        .find(|name| folder().join(case).join(name).is_file())
        .unwrap_or_else(|| format!("{name}.{kind}"))
}

/// The schemas that are there.
fn present<'a>(schemas: &[&'a str], schema: &DatabaseSchema) -> Vec<&'a str> {
    let missing = |name: &str| {
        let mut left_out = schema.not_inspected.iter();
        left_out.any(|entry| entry.kind == "schema" && entry.name.as_deref() == Some(name))
    };
    schemas
        .iter()
        .copied()
        .filter(|name| !missing(name))
        .collect()
}

async fn read(client: &dyn DatabaseClient, ddl: &str) -> DatabaseSchema {
    let mut introspector = SchemaIntrospector::new(client);
    for schema in schemas(ddl) {
        introspector = introspector.schema(schema);
    }
    introspector.introspect().await.unwrap()
}

async fn in_transaction(client: &dyn DatabaseClient, ddl: &str) -> DatabaseSchema {
    let transaction = client.begin().await.unwrap();
    let schema = read(&transaction, ddl).await;
    transaction.commit().await.unwrap();
    schema
}

fn compare(case: &str, file: &str, said: &str) {
    let path = folder().join(case).join(file);
    if std::env::var_os("DB_ADAPTER_TESTS_UPDATE").is_some() {
        fs::write(&path, said).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        said == expected,
        "{} differs; this was read:\n{said}",
        path.display()
    );
}

pub(crate) fn check_folders(postgres: &[&str], sqlite: &[&str]) {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            continue;
        }
        seen += 1;
        let name = entry.file_name().into_string().unwrap();
        for (backend, cases) in [(Backend::Postgres, postgres), (Backend::Sqlite, sqlite)] {
            assert_eq!(
                ddl(&name, backend).is_some(),
                cases.contains(&name.as_str()),
                "{name} on {}",
                backend.name()
            );
        }
    }
    assert!(seen >= postgres.len().max(sqlite.len()));
}
