//! Connecting with a comparison: what is remembered, and which database is refused afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

mod listed_statements;
mod schemas;
mod statements;

use std::fs;
use std::path::Path;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::schema::{DifferenceKind, Ignore};
use db_adapter::{
    AdapterOptions, ConnectionResult, DatabaseIdentity, Environment, ErrorKind, ExpectedSchema,
    ProfileLock, SchemaIntrospector, ValidateOptions, ValidationLevel, connect,
    connect_and_validate, get_adapter,
};
use support::{Oracle, PostgresServer, Stop, TestDatabase};

const USERS: &str = "CREATE TABLE users (id integer PRIMARY KEY, email varchar(50) NOT NULL)";

/// Each backend's database, with a table.
async fn databases() -> [TestDatabase; 2] {
    let databases = [TestDatabase::sqlite(), TestDatabase::postgres().await];
    for database in &databases {
        database.sql(USERS).await;
    }
    databases
}

fn expected(columns: &[&'static str]) -> ExpectedSchema {
    ExpectedSchema::columns([("users", columns.to_vec())])
}

/// A `db.toml` whose profile `local` is this URL.
fn profile(folder: &Path, url: &str) -> AdapterOptions {
    profiles(folder, &[("local", url)])
}

fn profiles(folder: &Path, profiles: &[(&str, &str)]) -> AdapterOptions {
    let text = profiles
        .iter()
        .map(|(name, url)| format!("[profiles.{name}]\nurl = \"{url}\"\n"));
    let path = folder.join("db.toml");
    fs::write(&path, text.collect::<String>()).unwrap();
    AdapterOptions::new()
        .config_path(path)
        .environment(Environment::of::<&str, &str>([]).in_folder(folder))
}

async fn validate(options: &AdapterOptions, expected: &ExpectedSchema) -> ConnectionResult {
    let options = options.clone().profile("local");
    connect_and_validate(options, Some(expected), ValidateOptions::default())
        .await
        .unwrap()
}

/// What `require_validated` says, `None` when it lets through.
async fn refusal(options: &AdapterOptions) -> Option<String> {
    match get_adapter(options.clone().profile("local").require_validated()).await {
        Ok(client) => {
            client.close().await.unwrap();
            None
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotValidated, "{error}");
            Some(error.to_string())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_schema_that_fits_is_remembered() {
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let options = profile(folder.path(), database.url());
        let drift = validate(&options, &expected(&["id", "name"])).await;
        assert_eq!((drift.success, drift.schema_valid), (false, Some(false)));
        assert_eq!(
            drift.schema_report.unwrap().missing_columns[0].column,
            "name"
        );
        assert_eq!(drift.lock, None);
        assert_eq!(ProfileLock::read(folder.path()).unwrap(), None);

        let fits = validate(&options, &expected(&["id", "email"])).await;
        assert!(fits.success);
        let lock = ProfileLock::read(folder.path()).unwrap().unwrap();
        assert_eq!(
            (lock.profile.as_str(), &lock.identity),
            ("local", &fits.identity)
        );
        assert!(lock.fingerprint.is_some() && lock.fingerprint == fits.fingerprint);
        match lock.identity.unwrap() {
            DatabaseIdentity::Server {
                database: name,
                system_identifier,
                ..
            } => {
                let id = database
                    .scalar_text("SELECT system_identifier::text FROM pg_control_system()")
                    .await;
                assert_eq!((name.as_str(), system_identifier), (database.name(), id));
            }
            DatabaseIdentity::File { path } => {
                assert_eq!(path, fs::canonicalize(database.path()).unwrap());
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_expected_is_success_and_nothing_is_written_unless_asked() {
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let options = profile(folder.path(), database.url()).profile("local");
        let look = ValidateOptions::new().write_lock(false);
        let result = connect_and_validate(options.clone(), None, look)
            .await
            .unwrap();
        assert_eq!((result.success, result.schema_valid), (true, None));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let result = connect_and_validate(options, None, ValidateOptions::default())
            .await
            .unwrap();
        assert!(result.lock.is_some_and(|lock| lock.exists()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_changes_is_refused_until_it_is_validated_again() {
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let options = profile(folder.path(), database.url());
        let said = refusal(&options).await.unwrap();
        assert!(
            said.contains("never validated") && said.contains("connect --profile local"),
            "{said}"
        );
        assert!(
            validate(&options, &expected(&["id", "email"]))
                .await
                .success
        );
        assert_eq!(refusal(&options).await, None);
        database.sql("INSERT INTO users VALUES (1, 'a@b')").await;
        assert_eq!(refusal(&options).await, None, "rows are no schema");
        database
            .sql("ALTER TABLE users ADD COLUMN age integer")
            .await;
        let said = refusal(&options).await.unwrap();
        assert!(said.starts_with("the schema has changed since"), "{said}");
        assert!(
            validate(&options, &expected(&["id", "email"]))
                .await
                .success
        );
        assert_eq!(refusal(&options).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_database_is_refused_and_said_which() {
    for (one, other) in databases().await.into_iter().zip(databases().await) {
        let folder = tempfile::tempdir().unwrap();
        let options = profile(folder.path(), one.url());
        assert!(
            validate(&options, &expected(&["id", "email"]))
                .await
                .success
        );
        let swapped = profile(folder.path(), other.url());
        let said = refusal(&swapped).await.unwrap();
        assert!(
            said.starts_with("this is not the database that was validated: the "),
            "{said}"
        );
        // another profile of the same database was not validated either
        let both = profiles(folder.path(), &[("local", one.url()), ("other", one.url())]);
        let error = get_adapter(both.profile("other").require_validated())
            .await
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("another one: `local`"),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_known_by_its_identifier_not_by_its_host() {
    let database = TestDatabase::postgres().await;
    database.sql(USERS).await;
    let folder = tempfile::tempdir().unwrap();
    let options = profile(folder.path(), database.url());
    assert!(
        validate(&options, &expected(&["id", "email"]))
            .await
            .success
    );
    let change = |key: &str, value: &str| {
        let path = ProfileLock::path(folder.path());
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| match line.starts_with(key) {
            true => format!("{key} = {value}\n"),
            false => format!("{line}\n"),
        });
        fs::write(&path, lines.collect::<String>()).unwrap();
    };
    change("host", "moved.example.com");
    assert_eq!(refusal(&options).await, None);
    change("system_identifier", "7");
    let said = refusal(&options).await.unwrap();
    assert!(
        said.contains("the server is `") && said.contains("it was `7`"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_and_ignored_differences() {
    for database in databases().await {
        database
            .sql("CREATE TABLE legacy (x integer NOT NULL)")
            .await;
        let options = || AdapterOptions::new().database_url(database.url());
        let expected = expected(&["id"]);
        let at = |level, ignore: &[(&str, &str)]| {
            let ignore = ignore
                .iter()
                .map(|(object, why)| Ignore::new(*object, *why));
            let validate = ValidateOptions::new().level(level).ignore(ignore);
            connect_and_validate(options(), Some(&expected), validate)
        };
        // `email` is NOT NULL without a default: inserts of this program would fail
        let result = at(ValidationLevel::Compatible, &[]).await.unwrap();
        let report = result.schema_report.unwrap();
        let error = report.errors().next().unwrap();
        assert_eq!(
            (error.kind, error.object.path()),
            (DifferenceKind::Extra, "users.email".into())
        );
        assert!(at(ValidationLevel::Columns, &[]).await.unwrap().success);
        let ignored = at(
            ValidationLevel::Compatible,
            &[("users.email", "we never insert")],
        )
        .await;
        assert!(ignored.unwrap().success);
        let exact = at(ValidationLevel::Exact, &[("users.email", "x")])
            .await
            .unwrap();
        assert_eq!(exact.schema_report.unwrap().extra_tables, ["legacy"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mistyped.db");
    let options = profile(folder.path(), &format!("sqlite://{}", path.display()));
    let options = options.profile("local");
    let error = connect_and_validate(options, None, ValidateOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert!(!path.exists() && !ProfileLock::path(folder.path()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_leaves_the_lock_as_it_was() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    database.sql(USERS).await;
    let folder = tempfile::tempdir().unwrap();
    let options = profile(folder.path(), database.url());
    assert!(
        validate(&options, &expected(&["id", "email"]))
            .await
            .success
    );
    let lock = fs::read(ProfileLock::path(folder.path())).unwrap();
    server.stop(Stop::Immediate);
    let options = options.profile("local");
    let wanted = expected(&["id", "email"]);
    let error =
        connect_and_validate(options.clone(), Some(&wanted), ValidateOptions::default()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Connection);
    let error = get_adapter(options.require_validated())
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(fs::read(ProfileLock::path(folder.path())).unwrap(), lock);
    server.start_again(); // its databases are dropped at the end
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_rights_is_no_success_and_no_wrong_report() {
    let database = TestDatabase::postgres().await;
    let role = format!("role_of_{}", database.name());
    database
        .sql(&format!(
            "{USERS}; CREATE SCHEMA hidden; CREATE TABLE hidden.t (id integer);
             CREATE ROLE {role} LOGIN PASSWORD 'canary'; REVOKE ALL ON SCHEMA public FROM PUBLIC"
        ))
        .await;
    let (_, host) = database.url().rsplit_once('@').unwrap();
    let url = format!("postgresql://{role}:canary@{host}");
    let options = AdapterOptions::new().database_url(url);
    let wanted = expected(&["id", "email"]);
    let result =
        connect_and_validate(options.clone(), Some(&wanted), ValidateOptions::default()).await;
    database
        .sql(&format!("GRANT USAGE ON SCHEMA public TO {role}"))
        .await;
    let granted = connect_and_validate(options, Some(&wanted), ValidateOptions::default()).await;
    database
        .sql(&format!(
            "REVOKE ALL ON SCHEMA public FROM {role}; DROP ROLE {role}"
        ))
        .await;
    let result = result.unwrap();
    assert!(!result.success);
    let report = result.schema_report.unwrap();
    assert_eq!(report.missing_tables, ["users"]);
    let message = &report.differences[0].message;
    assert!(message.contains("cannot be seen: the role `"), "{message}");
    assert!(
        report.not_checked.iter().any(|n| n.kind == "schema"),
        "{:?}",
        report.not_checked
    );
    // the catalogs say what a table is without the right to read its rows
    let report = granted.unwrap().schema_report.unwrap();
    assert!(
        report.missing_tables.is_empty(),
        "{}",
        report.format_report()
    );
}

/// Keeps every introspection waiting in its midst, until it is told to go on or gone.
async fn hold_introspections(database: &TestDatabase) -> Oracle {
    let mut holder = database.oracle().await;
    holder
        .sql("BEGIN; LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE")
        .await;
    holder
}

/// The process of the session that waits for it.
async fn waiting(holder: &mut Oracle) -> String {
    for _ in 0..600 {
        let sql = "SELECT pid::text FROM pg_locks WHERE NOT granted \
            AND relation = 'pg_catalog.pg_policy'::regclass";
        if let Some(pid) = holder.scalar_text(sql).await {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no introspection waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_within_an_introspection_is_a_lost_connection() {
    let database = TestDatabase::postgres().await;
    database.sql(USERS).await;
    let client = connect(database.url()).await.unwrap();
    let before = SchemaIntrospector::new(&*client)
        .introspect()
        .await
        .unwrap();
    let mut holder = hold_introspections(&database).await;
    let reading = tokio::spawn({
        let client = client.clone();
        async move { SchemaIntrospector::new(&*client).introspect().await }
    });
    let pid = waiting(&mut holder).await;
    holder
        .sql(&format!("SELECT pg_terminate_backend({pid})"))
        .await;
    let error = reading.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    holder.sql("ROLLBACK").await;
    // nothing half read is kept, and the next reading has a connection that works
    let after = SchemaIntrospector::new(&*client)
        .introspect()
        .await
        .unwrap();
    assert_eq!(before, after);
    client.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_within_an_introspection_leaves_the_lock_as_it_was() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    database.sql(USERS).await;
    let folder = tempfile::tempdir().unwrap();
    let options = profile(folder.path(), database.url());
    let wanted = expected(&["id", "email"]);
    assert!(validate(&options, &wanted).await.success);
    let lock = fs::read(ProfileLock::path(folder.path())).unwrap();
    let options = options.profile("local");
    let mut holder = hold_introspections(&database).await;
    let validating = tokio::spawn({
        let options = options.clone();
        async move { connect_and_validate(options, Some(&wanted), ValidateOptions::default()).await }
    });
    waiting(&mut holder).await;
    let requiring =
        tokio::spawn(async move { get_adapter(options.require_validated()).await.map(|_| ()) });
    server.stop(Stop::Immediate);
    let error = validating.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    let error = requiring.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(fs::read(ProfileLock::path(folder.path())).unwrap(), lock);
    drop(holder);
    server.start_again(); // its databases are dropped at the end
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_that_the_program_would_meet_is_compared() {
    let database = TestDatabase::postgres().await;
    let name = database.name();
    database
        .sql(&format!(
            "{USERS}; CREATE SCHEMA app; CREATE TABLE app.users (id integer PRIMARY KEY);
             CREATE SCHEMA own; CREATE TABLE own.orders (id integer PRIMARY KEY)"
        ))
        .await;
    let expected =
        ExpectedSchema::columns([("users", vec!["id", "email"]), ("orders", vec!["id"])]);
    for (path, fits) in [("app, public, own", false), ("public, app, own", true)] {
        database
            .sql(&format!("ALTER DATABASE {name} SET search_path = {path}"))
            .await;
        let options = AdapterOptions::new().database_url(database.url());
        for level in [ValidationLevel::Columns, ValidationLevel::Compatible] {
            let how = ValidateOptions::new().level(level);
            let result = connect_and_validate(options.clone(), Some(&expected), how)
                .await
                .unwrap();
            let report = result.schema_report.unwrap();
            assert_eq!(
                result.success,
                fits,
                "{path} {level}: {}",
                report.format_report()
            );
            assert!(
                report.missing_tables.is_empty(),
                "{path} {level}: {}",
                report.format_report()
            );
        }
        // and so does the program itself
        let client = connect(database.url()).await.unwrap();
        assert_eq!(client.query("SELECT email FROM users").await.is_ok(), fits);
        client.close().await.unwrap();
    }
}
