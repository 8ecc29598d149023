//! `validate --scratch`: the schema that a file or a folder of migrations really makes, and that nothing of
//! it is left. The server and the folder are the judges.

use std::process::Child;

use support::{Oracle, PostgresServer, TestDatabase};

use crate::program::{Run, run};
use crate::project::Project;

const LEFT: &str = "SELECT count(*) FROM pg_database WHERE datname LIKE 'db_adapter_scratch%'";

/// What no reader of SQL knows: made by a block, and by a function that is called.
const SCHEMA: &str = "\\set ON_ERROR_STOP on
BEGIN;
CREATE SCHEMA app;
SET search_path = app;
DO $$ BEGIN
  FOR n IN 1..2 LOOP EXECUTE format('CREATE TABLE part_%s (id bigint PRIMARY KEY, note text)', n); END LOOP;
END $$;
\\ir more/users.sql
COMMIT;
SELECT set_config('search_path', '', false);
COPY app.part_1 (id, note) FROM stdin;
1\ta;b
2\t\\N
\\.
CREATE INDEX CONCURRENTLY of_note ON app.part_1 (note);
";
const USERS: &str = "CREATE TABLE users (id int PRIMARY KEY, part bigint REFERENCES part_1);\n";

/// A project whose target has what the file makes, without the index, and with another type.
async fn project(server: &PostgresServer) -> (Project, TestDatabase) {
    let database = TestDatabase::postgres_on(server).await;
    let sql = "CREATE SCHEMA app; SET search_path = app;
        CREATE TABLE part_1 (id bigint PRIMARY KEY, note text);
        CREATE TABLE part_2 (id bigint PRIMARY KEY, note varchar(5));
        CREATE TABLE users (id int PRIMARY KEY, part bigint REFERENCES part_1)";
    database.sql(sql).await;
    let project = Project::new(&format!("[profiles.local]\nurl = \"{}\"\n", database.url()));
    std::fs::create_dir(project.path().join("more")).unwrap();
    project.write("schema.sql", SCHEMA);
    project.write("more/users.sql", USERS);
    (project, database)
}

fn validate(project: &Project, url: &str, file: &str, more: &[&str]) -> Run {
    let fixed = [
        "validate",
        "-p",
        "local",
        "--scratch",
        url,
        "--schema-file",
        file,
    ];
    run(project.command(&[&fixed[..], more].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_makes_is_compared_and_nothing_is_left() {
    let server = PostgresServer::start();
    let (project, database) = project(&server).await;
    let mut oracle = database.oracle().await;
    let admin = server.admin_url();
    let told = validate(&project, &admin, "schema.sql", &["--level", "exact"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    for part in ["`app.part_2.note`", "of_note", "2 errors"] {
        assert!(told.stdout.contains(part), "{part}: {told:?}");
    }
    database
        .sql("ALTER TABLE app.part_2 ALTER note TYPE text; CREATE INDEX of_note ON app.part_1 (note)")
        .await;
    let fits = validate(&project, &admin, "schema.sql", &["--level", "exact"]);
    assert_eq!(fits.code, Some(0), "{fits:?}");
    // the reader, which does not run the block, cannot say that
    let read = ["validate", "-p", "local", "--schema-file", "schema.sql"];
    assert_ne!(run(project.command(&read)).code, Some(0));
    assert_eq!(oracle.scalar_text(LEFT).await.as_deref(), Some("0"));
    let rows = "SELECT count(*) FROM app.part_1";
    assert_eq!(oracle.scalar_text(rows).await.as_deref(), Some("0"));

    for (text, code, said) in [
        (
            "CREATE TABLE t (id int);\nCREATE TABLE t (id int);\n",
            3,
            "bad.sql:2: ",
        ),
        ("CREATE TABLE t (id int;\n", 3, "bad.sql:1: "),
        (
            "BEGIN;\nCREATE TABLE t (id int);\n",
            3,
            "transaction is open",
        ),
        (
            "CREATE TABLE t (id int);\nCREATE ROLE r;\n",
            2,
            "bad.sql:2: this statement changes",
        ),
        ("\\connect x\n", 2, "`\\connect x` cannot be followed"),
        ("\\i none.sql\n", 2, "there is no"),
        ("\\i bad.sql\n", 2, "inside of itself"),
        ("SELECT 1;\n", 2, "makes no table"),
        ("COPY (SELECT 1) TO stdout;\n", 2, "copies"),
        (
            "CREATE TABLE t (id int);\nCOPY t FROM stdin;\ncanary\n\\.\n",
            3,
            "bad.sql:2: ",
        ),
    ] {
        project.write("bad.sql", text);
        let failed = validate(&project, &admin, "bad.sql", &[]);
        assert_eq!(failed.code, Some(code), "{text} {failed:?}");
        assert!(failed.stderr.contains(said), "{text} {failed:?}");
        assert!(!failed.stderr.contains("canary"), "{failed:?}");
        assert_eq!(
            oracle.scalar_text(LEFT).await.as_deref(),
            Some("0"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_beside_the_target_itself() {
    let server = PostgresServer::start();
    let (project, database) = project(&server).await;
    let mut oracle = database.oracle().await;
    // the same database by another way
    let other = database.url().replacen("127.0.0.1", "localhost", 1);
    for url in [database.url(), &other] {
        let refused = validate(&project, url, "schema.sql", &[]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains("to be compared"), "{refused:?}");
    }
    let admin = server.admin_url();
    for more in [
        ["--against", "local"],
        ["--binary", "x"],
        ["--package", "x"],
    ] {
        let fixed = ["validate", "-p", "local", "--scratch", &admin];
        let run = run(project.command(&[&fixed[..], &more].concat()));
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(!run.stderr.contains("@127"), "{run:?}");
    }
    let unknown = validate(&project, "mysql://u:canary@h/d", "schema.sql", &[]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(!unknown.stderr.contains("canary"), "{unknown:?}");
    assert_eq!(oracle.scalar_text(LEFT).await.as_deref(), Some("0"));
    // a role that may make none
    oracle
        .sql("CREATE ROLE nobody LOGIN PASSWORD 'nobody'")
        .await;
    let (_, place) = admin.split_once('@').unwrap();
    let weak = format!("postgresql://nobody:nobody@{place}");
    let refused = validate(&project, &weak, "schema.sql", &[]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_are_run_in_the_order_of_their_numbers() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    database
        .sql(
            "CREATE TABLE a (id bigint PRIMARY KEY, b text NOT NULL); CREATE INDEX of_b ON a (b);
              CREATE TABLE _sqlx_migrations (version bigint)",
        )
        .await;
    let project = Project::new(&format!("[profiles.local]\nurl = \"{}\"\n", database.url()));
    std::fs::create_dir(project.path().join("migrations")).unwrap();
    for (name, text) in [
        (
            "9_a.up.sql",
            "SET LOCAL lock_timeout = '1s'; CREATE TABLE a (id bigint PRIMARY KEY, c text);",
        ),
        ("9_a.down.sql", "DROP TABLE a"),
        (
            "10_b.sql",
            "ALTER TABLE a RENAME c TO b; ALTER TABLE a ALTER b SET NOT NULL",
        ),
        (
            "011_c.sql",
            "-- no-transaction\nCREATE INDEX CONCURRENTLY of_b ON a (b);",
        ),
        ("README.md", "not SQL"),
    ] {
        project.write(&format!("migrations/{name}"), text);
    }
    let admin = server.admin_url();
    let fits = validate(&project, &admin, "migrations", &["--level", "exact"]);
    assert_eq!(fits.code, Some(0), "{fits:?}");
    project.write("migrations/12_d.sql", "ALTER TABLE a ADD d int");
    let told = validate(&project, &admin, "migrations", &["--level", "exact"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("`a.d` is missing"), "{told:?}");
    project.write(
        "migrations/13_e.sql",
        "SELECT 1;\nCREATE INDEX CONCURRENTLY x ON a (d);",
    );
    let failed = validate(&project, &admin, "migrations", &[]);
    assert_eq!(failed.code, Some(3), "{failed:?}");
    assert!(
        failed.stderr.contains("migrations/13_e.sql:2: "),
        "{failed:?}"
    );
    std::fs::remove_file(project.path().join("migrations/13_e.sql")).unwrap();
    project.write("migrations/seed.sql", "SELECT 1");
    let refused = validate(&project, &admin, "migrations", &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    // a folder alone is not a schema
    let alone = run(project.command(&["validate", "-p", "local", "--schema-file", "migrations"]));
    assert_eq!(alone.code, Some(2), "{alone:?}");
    assert!(alone.stderr.contains("--scratch"), "{alone:?}");
    assert_eq!(database.scalar_text(LEFT).await.as_deref(), Some("0"));
}

/// Waits for a state of the server, then sends the signal.
async fn interrupted(child: Child, oracle: &mut Oracle, state: &str, signal: &str) -> Run {
    oracle.until(state, "1").await;
    let kill = std::process::Command::new("kill")
        .args([format!("-{signal}"), child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_leaves_nothing() {
    let server = PostgresServer::start();
    let (project, database) = project(&server).await;
    let mut oracle = database.oracle().await;
    project.write(
        "slow.sql",
        "CREATE TABLE t (id int);\nSELECT pg_sleep(600);\n",
    );
    let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    let admin = server.admin_url();
    let args = [
        "validate",
        "-p",
        "local",
        "--scratch",
        &admin,
        "--schema-file",
        "slow.sql",
    ];
    for signal in ["INT", "TERM", "HUP"] {
        let child = project.command(&args).spawn().unwrap();
        let run = interrupted(child, &mut oracle, running, signal).await;
        assert_eq!(run.code, Some(130), "{run:?}");
        assert_eq!(run.stderr, "error: interrupted; nothing was changed\n");
        oracle.until(LEFT, "0").await;
    }
    // while it is being made: whoever uses `template0` makes CREATE DATABASE wait
    oracle
        .sql("UPDATE pg_database SET datallowconn = true WHERE datname = 'template0'")
        .await;
    let mut template = Oracle::postgres(&server.url("template0")).await;
    template.sql("SELECT 1").await;
    let creating = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%'";
    let child = project.command(&args).spawn().unwrap();
    let run = interrupted(child, &mut oracle, creating, "INT").await;
    assert_eq!(run.code, Some(130), "{run:?}");
    drop(template);
    oracle
        .until(
            creating
                .replace("count(*)", "count(*) FILTER (WHERE state = 'active')")
                .as_str(),
            "0",
        )
        .await;
    assert_eq!(oracle.scalar_text(LEFT).await.as_deref(), Some("0"));
}

#[test]
fn a_file_of_sqlite_is_run_in_a_file_of_its_own() {
    let project = Project::new("[profiles.local]\nurl = \"sqlite://local.db\"\n");
    let temporary = tempfile::tempdir().unwrap();
    let sql = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n.read users.sql\nCOMMIT;\n";
    project.write("schema.sql", sql);
    project.write(
        "users.sql",
        "CREATE TABLE a (id INTEGER PRIMARY KEY);\nCREATE TABLE users AS SELECT 1 AS id, 'x' AS name;\n",
    );
    for sql in [
        "CREATE TABLE a (id INTEGER PRIMARY KEY)",
        "CREATE TABLE users (id, name)",
    ] {
        let made = run(project.command(&["query", "-p", "local", "--write", sql]));
        assert_eq!(made.code, Some(0), "{made:?}");
    }
    let validate = |file: &str, scratch: &str| {
        let args = [
            "validate",
            "-p",
            "local",
            "--schema-file",
            file,
            "--scratch",
            scratch,
        ];
        let mut command = project.command(&args);
        command.env("TMPDIR", temporary.path());
        let run = run(command);
        let left = std::fs::read_dir(temporary.path()).unwrap().count();
        assert_eq!(left, 0, "{run:?}");
        run
    };
    let fits = validate("schema.sql", "sqlite::memory:");
    assert_eq!(fits.code, Some(0), "{fits:?}");
    for (text, code, said) in [
        ("CREATE TABLE x (id INTEGER PRIMARY KEY);", 1, ""),
        ("CREATE TABLE x (id;\n", 3, "bad.sql:1: "),
        ("SELECT 1;\nATTACH 'other.db' AS o;", 2, "bad.sql:2: "),
        ("BEGIN; CREATE TABLE x (id);", 3, "transaction is open"),
    ] {
        project.write("bad.sql", text);
        let run = validate("bad.sql", "sqlite::memory:");
        assert_eq!(run.code, Some(code), "{text} {run:?}");
        assert!(run.stderr.contains(said), "{text} {run:?}");
    }
    let refused = validate("schema.sql", "sqlite://local.db");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(!project.path().join("other.db").exists());
}
