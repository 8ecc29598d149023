//! Which schemas are read: the connection's own, those that what is expected names, and those that
//! the profile names. What is missing is really gone.

use std::fs;

use db_adapter::schema::{DatabaseSchema, SqlDialect, Validation};
use db_adapter::{
    ActiveProfile, AdapterOptions, ConnectOptions, ConnectionResult, Environment, ProfileLock,
    ValidationLevel, connect_with, get_adapter, validate_connection,
};
use db_adapter_core::ddl;
use support::TestDatabase;

const SQL: &str = "CREATE SCHEMA audit;
    CREATE TYPE audit.kind AS ENUM ('a');
    CREATE TABLE users (id integer PRIMARY KEY);
    CREATE TABLE audit.log (id integer PRIMARY KEY, kind audit.kind, user_id integer REFERENCES users (id));
    CREATE TABLE schema_migrations (version text PRIMARY KEY);";

fn read(sql: &str) -> DatabaseSchema {
    let read = ddl::parse(sql, SqlDialect::Postgres);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    read.schema
}

/// A profile of this database, with more lines in its section.
fn options(folder: &tempfile::TempDir, url: &str, more: &str) -> AdapterOptions {
    let path = folder.path().join("db.toml");
    fs::write(&path, format!("[profiles.local]\nurl = \"{url}\"\n{more}")).unwrap();
    AdapterOptions::new()
        .config_path(path)
        .environment(Environment::of::<&str, &str>([]).in_folder(folder.path()))
        .profile("local")
}

async fn validate(
    options: &AdapterOptions,
    expected: &DatabaseSchema,
    level: ValidationLevel,
) -> ConnectionResult {
    let active: ActiveProfile = options.resolve().unwrap();
    let connect: ConnectOptions = active.connect_options().unwrap();
    let url = connect.url().clone();
    let client = connect_with(connect).await.unwrap();
    let validation = Validation::new(expected).level(level);
    let result = validate_connection(&*client, &url, &active, Some(validation), true).await;
    client.close().await.unwrap();
    result.unwrap()
}

fn told(result: &ConnectionResult) -> Vec<String> {
    let report = result.schema_report.as_ref().unwrap();
    let told = report.differences.iter();
    told.map(|d| format!("{} {} {}", d.severity, d.kind, d.object.path()))
        .collect()
}

const LEVELS: [ValidationLevel; 3] = [
    ValidationLevel::Columns,
    ValidationLevel::Compatible,
    ValidationLevel::Exact,
];

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_that_is_named_is_read_and_so_are_tables_of_tools() {
    let database = TestDatabase::postgres().await;
    database.sql(SQL).await;
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder, database.url(), "");
    let expected = read(SQL);
    for level in LEVELS {
        let result = validate(&options, &expected, level).await;
        assert_eq!(told(&result), [""; 0], "{level}");
    }
    // what is gone from them is missing
    database
        .sql("ALTER TABLE schema_migrations RENAME version TO v; ALTER TABLE audit.log DROP kind")
        .await;
    for level in LEVELS {
        let result = validate(&options, &expected, level).await;
        let missing = |path: &str| told(&result).contains(&format!("error missing {path}"));
        assert!(missing("audit.log.kind"), "{level}: {:?}", told(&result));
        assert!(missing("schema_migrations.version"), "{level}");
    }
    database.sql("DROP SCHEMA audit CASCADE").await;
    for level in LEVELS {
        let result = validate(&options, &expected, level).await;
        let report = result.schema_report.unwrap();
        assert_eq!(report.missing_tables, ["audit.log"], "{level}");
    }
}

/// The lock stands for all that was read.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_a_named_schema_is_a_change_since_the_validation() {
    let database = TestDatabase::postgres().await;
    database.sql(SQL).await;
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder, database.url(), "");
    let expected = read(SQL);
    assert!(
        validate(&options, &expected, ValidationLevel::Exact)
            .await
            .success
    );
    let lock = ProfileLock::read(folder.path()).unwrap().unwrap();
    assert_eq!(lock.schemas, ["audit"]);
    let again = || get_adapter(options.clone().require_validated());
    again().await.unwrap().close().await.unwrap();
    database
        .sql("ALTER TABLE audit.log ADD COLUMN x integer")
        .await;
    let refused = again().await.err().unwrap().to_string();
    assert!(refused.starts_with("the schema has changed"), "{refused}");
}

/// A schema that nobody expects anything of is compared when it is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_names_more_schemas() {
    let database = TestDatabase::postgres().await;
    database.sql(SQL).await;
    let folder = tempfile::tempdir().unwrap();
    let expected = read("CREATE TABLE users (id integer PRIMARY KEY)");
    let alone = options(&folder, database.url(), "");
    let result = validate(&alone, &expected, ValidationLevel::Exact).await;
    assert_eq!(told(&result), [""; 0]);
    let both = options(
        &folder,
        database.url(),
        "schemas = [\"audit\", \"nowhere\"]\n",
    );
    let result = validate(&both, &expected, ValidationLevel::Exact).await;
    assert_eq!(
        told(&result),
        ["error extra audit.log", "error extra audit.kind"]
    );
}

/// A role that may not look into a schema is told so: its tables are not said to be missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_cannot_be_read_is_said_to_be_so() {
    let database = TestDatabase::postgres().await;
    let role = format!("role_of_{}", database.name());
    database
        .sql(&format!("{SQL} CREATE ROLE {role} LOGIN PASSWORD 'canary'"))
        .await;
    let (_, host) = database.url().rsplit_once('@').unwrap();
    let url = format!("postgresql://{role}:canary@{host}");
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder, &url, "");
    let result = validate(&options, &read(SQL), ValidationLevel::Compatible).await;
    database
        .sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
    let report = result.schema_report.unwrap();
    let error = report.errors().next().unwrap();
    assert!(
        error.message.contains("cannot be seen") && error.message.contains("no USAGE"),
        "{error}"
    );
}
