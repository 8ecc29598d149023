//! `restore`: what it asks, what it says, how it exits, and what is in the database then.

use std::io::Write as _;
use std::process::Stdio;

use support::{Oracle, TestDatabase};

use crate::program::run;
use crate::project::Project;

const SCHEMA: &str = r#"{"tables": [
  {"name": "authors"},
  {"name": "books", "parent": {"table": "authors", "field": "author_id"}}
]}"#;

const TABLES: &str = "\
CREATE TABLE authors (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, name TEXT CHECK (name <> 'bad'));
CREATE TABLE books (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES authors);
INSERT INTO authors VALUES (1, 'bob', 'b', 'Bob');
";

const TOML: &str = "\
[profiles.local]
url = \"sqlite://local.db\"

[profiles.production]
url = \"sqlite://local.db\"
protected = true

[schema]
backup_schema = \"tables.json\"

[defaults]
user_id_env = \"APP_USER\"
";

const FILE: &str = r#"{
"metadata": {"created_at": "2026-01-15T10:30:00.123456", "user_id": "ann", "backup_type": "full", "version": "1.1", "authors_count": 2, "books_count": 2},
"authors": [
{"id": 1, "user_id": "ann", "slug": "a", "name": "Ann"},
{"id": 2, "user_id": "ann", "slug": "secret-slug", "name": "NAME"}
],
"books": [
{"id": 1, "user_id": "ann", "slug": "x", "author_id": 1},
{"id": 2, "user_id": "ann", "slug": "y", "author_id": 2}
]
}
"#;

async fn project() -> Project {
    let project = Project::new(TOML);
    project.write(".db-profile", "local\n");
    project.write("tables.json", SCHEMA);
    project.write("good.json", &FILE.replace("NAME", "fine"));
    project.write("bad.json", &FILE.replace("NAME", "bad"));
    let database = TestDatabase::sqlite();
    database.sql(TABLES).await;
    std::fs::copy(database.path(), project.path().join("local.db")).unwrap();
    project
}

async fn rows(project: &Project) -> String {
    let mut oracle = Oracle::sqlite(&project.path().join("local.db")).await;
    let sql = "SELECT (SELECT count(*) FROM authors WHERE user_id <> 'bob'), (SELECT count(*) FROM books)";
    let rows = oracle.rows_text(sql).await;
    let cells = rows.into_iter().flatten().map(Option::unwrap_or_default);
    cells.collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn a_restore_says_what_became_of_the_rows() {
    let mut project = project().await;
    let user = [("APP_USER", "me")];
    project.run_with(&user, &["restore", "good.json", "--dry-run"]);
    assert_eq!(rows(&project).await, "0,0");
    project.run_with(&user, &["restore", "good.json", "--yes"]);
    assert_eq!(rows(&project).await, "2,2");
    project.run_with(&user, &["restore", "good.json", "-y", "--json"]);
    project.run(&["restore", "good.json", "-y", "--user-id", "you", "-q"]);
    assert_eq!(rows(&project).await, "4,4");
    project.run_with(&user, &["restore", "good.json", "-y", "-m", "overwrite"]);
    project.run_with(&user, &["restore", "good.json", "-y", "-m", "fail"]);
    project.run_with(
        &user,
        &[
            "restore",
            "good.json",
            "-y",
            "-p",
            "production",
            "--target",
            "production",
        ],
    );
    assert_eq!(rows(&project).await, "4,4");
    project.matches("restore");
}

#[tokio::test]
async fn rows_that_fail_are_named_without_their_values() {
    let mut project = project().await;
    project.run(&["restore", "bad.json", "-y", "--user-id", "me"]);
    assert_eq!(rows(&project).await, "0,0");
    project.run(&[
        "restore",
        "bad.json",
        "-y",
        "--user-id",
        "me",
        "--on-error",
        "skip",
        "--json",
    ]);
    assert_eq!(rows(&project).await, "1,1");
    project.matches("restore_failures");
}

#[tokio::test]
async fn what_a_restore_refuses() {
    let mut project = project().await;
    project.run(&["restore", "good.json", "--user-id", "me"]);
    project.run(&["restore", "good.json", "-y"]);
    project.run_with(&[("APP_USER", "")], &["restore", "good.json", "-y"]);
    project.run_with(
        &[("APP_USER", "me")],
        &["restore", "good.json", "-y", "--user-id", " "],
    );
    project.run(&[
        "restore",
        "good.json",
        "-y",
        "--user-id",
        "me",
        "-p",
        "production",
    ]);
    project.run(&["restore", "missing.json", "-y", "--user-id", "me"]);
    project.run(&["restore", "tables.json", "-y", "--user-id", "me"]);
    project.run(&[
        "restore",
        "good.json",
        "-y",
        "--user-id",
        "me",
        "-D",
        "sqlite://missing.db",
        "--backup-schema",
        "tables.json",
    ]);
    project.run(&[
        "restore",
        "good.json",
        "-y",
        "--user-id",
        "me",
        "--mode",
        "replace",
    ]);
    project.run(&["restore"]);
    project.write(
        "tables.json",
        r#"{"tables": [{"name": "authors"}, {"name": "books"}]}"#,
    );
    project.run(&["restore", "good.json", "-y", "--user-id", "me"]);
    project.matches("restore_refused");
    assert_eq!(rows(&project).await, "0,0");
    assert!(!project.path().join("missing.db").exists());
}

#[tokio::test]
async fn a_backup_goes_through_a_pipe() {
    let project = project().await;
    for (flag, code, expected) in [
        ("--dry-run", 0, "0,0"),
        ("--quiet", 4, "0,0"),
        ("--yes", 0, "2,2"),
    ] {
        let mut command = project.command(&["restore", "-", "--user-id", "me", flag]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // one that refuses does not read
        let _ = child
            .stdin
            .take()
            .unwrap()
            .write_all(project.read("good.json").as_bytes());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert_eq!(rows(&project).await, expected);
    }
}

/// A database that no profile names has the tables that `[schema]` of the folder's db.toml says.
#[tokio::test]
async fn a_backup_goes_through_a_pipe_into_another_database() {
    let project = project().await;
    let restored = ["restore", "good.json", "--user-id", "me", "--yes"];
    assert_eq!(run(project.command(&restored)).code, Some(0));
    let before = rows(&project).await;
    let other = TestDatabase::sqlite();
    other.sql(TABLES).await;
    let url = other.url();
    let backup = project.command(&["backup", "--user-id", "me", "-o", "-"]);
    let written = run(backup);
    assert_eq!(written.code, Some(0), "{written:?}");
    let mut command = project.command(&["restore", "-", "--user-id", "me", "-D", url, "--yes"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(written.stdout.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mine = "SELECT (SELECT count(*) FROM authors WHERE user_id = 'me'), (SELECT count(*) FROM books WHERE user_id = 'me')";
    let there = other.rows_text(mine).await.into_iter().flatten().flatten();
    assert_eq!(there.collect::<Vec<_>>().join(","), "2,2");
    // and the other way round, from a database that no profile names
    let args = [
        "backup",
        "--user-id",
        "me",
        "-D",
        url,
        "-o",
        "of-other.json",
    ];
    let written = run(project.command(&args));
    assert_eq!(written.code, Some(0), "{written:?}");
    assert_eq!(rows(&project).await, before);
}

#[tokio::test]
async fn a_question_is_asked_on_a_terminal() {
    let project = project().await;
    for (answer, code, expected) in [("n", 4, "0,0"), ("", 4, "0,0"), ("y", 0, "2,2")] {
        let args = "restore good.json --user-id me";
        let run = crate::terminal::typed(&project, 80, args, &format!("{answer}\n"));
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(
            run.stdout.contains("as rows of user `me`? [y/N]"),
            "{run:?}"
        );
        assert_eq!(rows(&project).await, expected);
    }
    let plain = project.command(&["restore", "good.json", "--user-id", "me"]);
    assert_eq!(run(plain).code, Some(4), "nobody is there to answer");
}
