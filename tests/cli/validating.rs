//! What `validate`, `connect` and `schema diagram` say in each state of the schema: status, stdout
//! and stderr; and that a write meets only the database that was validated.

use support::TestDatabase;

use crate::program::run;
use crate::project::{Project, sqlite_version};
use crate::terminal::in_terminal;

const DB_TOML: &str = "\
[profiles.local]
url = \"sqlite://local.db\"

[profiles.other]
url = \"sqlite://other.db\"

[schema]
file = \"schema.sql\"
";

const SCHEMA: &str = "\
CREATE TABLE authors (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE
);
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    author_id INTEGER NOT NULL REFERENCES authors,
    title TEXT NOT NULL,
    price NUMERIC_TEXT DEFAULT 0
);
";

const DRIFTED: [&str; 3] = [
    "CREATE TABLE authors (id INTEGER PRIMARY KEY, slgu TEXT)",
    "CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, title TEXT, price REAL, isbn TEXT NOT NULL)",
    "CREATE TABLE tags (id INTEGER PRIMARY KEY)",
];

/// A project whose profile `local` fits the schema and whose profile `other` does not.
fn project() -> Project {
    let mut project = Project::new(DB_TOML);
    project.replace(&sqlite_version(), "[VERSION]");
    project.write("schema.sql", SCHEMA);
    for sql in SCHEMA.split(';').filter(|sql| !sql.trim().is_empty()) {
        make(&project, "local", sql);
    }
    for sql in DRIFTED {
        make(&project, "other", sql);
    }
    project
}

fn make(project: &Project, profile: &str, sql: &str) {
    let made = run(project.command(&["query", "-p", profile, "--write", sql]));
    assert_eq!(made.code, Some(0), "{made:?}");
}

#[test]
fn a_schema_that_fits() {
    let mut project = project();
    project.run(&["validate", "-p", "local"]);
    project.run(&["connect", "-p", "local"]);
    project.run(&["status"]);
    project.run(&["validate"]);
    project.run(&["validate", "--level", "exact"]);
    project.run(&["validate", "--level", "columns", "--json"]);
    project.run(&["connect", "--json", "-q"]);
    make(
        &project,
        "local",
        "CREATE TABLE tags (id INTEGER PRIMARY KEY)",
    );
    project.run(&["validate"]);
    project.run(&["validate", "--level", "columns"]);
    project.run(&["connect"]);
    project.run(&[
        "validate",
        "--level",
        "exact",
        "--ignore",
        "tags=comes with release 9",
    ]);
    project.matches("validate_fits");
}

#[test]
fn a_schema_that_differs() {
    let mut project = project();
    assert_eq!(project.run(&["validate", "-p", "other"]).code, Some(1));
    project.run(&["validate", "-p", "other", "--level", "columns"]);
    project.run(&["validate", "-p", "other", "--level", "exact"]);
    project.run(&["validate", "-p", "other", "--json", "-q"]);
    project.run(&["validate", "-p", "other", "--format", "github"]);
    project.run(&[
        "validate",
        "-p",
        "other",
        "--ignore",
        "books=being migrated",
        "--ignore",
        "nothing=gone",
    ]);
    project.run(&[
        "validate",
        "-p",
        "local",
        "--against",
        "other",
        "--level",
        "columns",
    ]);
    assert_eq!(project.run(&["connect", "-p", "other"]).code, Some(1));
    project.run(&["connect", "-p", "other", "--json", "-q"]);
    assert!(
        !project.path().join(".db-profile").exists(),
        "drift writes no lock"
    );
    project.matches("validate_differs");
}

/// As for the Python program, which knows no other name.
#[test]
fn schema_sql_beside_db_toml_is_expected() {
    let project = project();
    let (profiles, _) = DB_TOML.split_once("[schema]").unwrap();
    project.write("db.toml", profiles);
    for (profile, code) in [("local", 0), ("other", 1)] {
        for verb in ["connect", "validate"] {
            let run = run(project.command(&[verb, "-p", profile]));
            assert_eq!(run.code, Some(code), "{run:?}");
            assert!(
                run.stderr.contains("taken for the expected schema"),
                "{run:?}"
            );
        }
    }
    std::fs::remove_file(project.path().join("schema.sql")).unwrap();
    let run = run(project.command(&["connect", "-p", "other"]));
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("schema validation skipped"), "{run:?}");
}

#[test]
fn a_baseline_of_what_is_known() {
    let mut project = project();
    let written = project.run(&["validate", "-p", "other", "--write-baseline", "known.json"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    let known = ["validate", "-p", "other", "--baseline", "known.json"];
    assert_eq!(project.run(&known).code, Some(0));
    let text = project.read("known.json");
    let title = text.find("\"name\": \"title\"").unwrap();
    let reason = title + text[title..].find("\"reason\": \"\"").unwrap();
    let mut text = text;
    text.insert_str(reason + 11, "since 2019");
    project.write("known.json", &text);
    // one is gone, and two are new: a column that is worse than before, and a table
    make(&project, "other", "DROP TABLE tags");
    make(&project, "other", "ALTER TABLE books DROP COLUMN price");
    make(&project, "other", "ALTER TABLE books ADD COLUMN price BLOB");
    assert_eq!(project.run(&known).code, Some(1));
    let again = [&known[..], &["--write-baseline"]].concat();
    assert_eq!(project.run(&again).code, Some(0));
    assert!(project.read("known.json").contains("since 2019"));
    assert_eq!(project.run(&known).code, Some(0));
    project.run(&[&known[..], &["--json"]].concat());
    project.run(&[&known[..], &["--format", "github"]].concat());
    project.run(&[&again[..], &["-q", "--json"]].concat());
    project.matches("validate_baseline");
    let left = std::fs::read_dir(project.path()).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.ends_with(".new")).count(), 0);
}

#[test]
fn a_baseline_that_says_nothing_about_this_is_an_error() {
    let mut project = project();
    project.run(&["validate", "-p", "other", "--write-baseline", "known.json"]);
    let good = project.read("known.json");
    for (name, text) in [
        ("empty.json", String::new()),
        (
            "later.json",
            good.replacen("\"version\": 1", "\"version\": 2", 1),
        ),
        ("other.json", good.replacen("\"sqlite\"", "\"postgres\"", 1)),
        (
            "exact.json",
            good.replacen("\"compatible\"", "\"exact\"", 1),
        ),
        ("kind.json", good.replacen("\"missing\"", "\"canary\"", 1)),
        (
            "short.json",
            good.replacen("\"dialect\": \"sqlite\",", "", 1),
        ),
        (
            "digest.json",
            good.replacen("\"actual_digest\": null,", "", 1),
        ),
        ("secret.json", "{\"canary\": 1}".to_owned()),
    ] {
        assert_ne!(text, good, "{name}");
        project.write(name, &text);
        for flag in ["--baseline", "--write-baseline"] {
            let run = project.run(&["validate", "-p", "other", flag, name]);
            assert_eq!(run.code, Some(2), "{run:?}");
            assert!(!run.stderr.contains("canary"), "{run:?}");
            assert_eq!(project.read(name), text);
        }
    }
    for arguments in [
        &["--baseline", "none.json"][..],
        &["--baseline", "known.json", "--write-baseline", "other.json"],
        &["--write-baseline"],
        &["--baseline", "known.json", "--level", "columns"],
        &["--baseline", "known.json", "--json", "--format", "github"],
        &["--baseline", "."],
        &["--write-baseline", "nowhere/known.json"],
    ] {
        let all = [&["validate", "-p", "other"], arguments].concat();
        assert_ne!(project.run(&all).code, Some(0));
    }
    assert_eq!(project.read("known.json"), good);
    project.matches("validate_baseline_refused");
}

#[test]
fn validation_on_connect_can_be_off() {
    let mut project = project();
    project.write(
        "db.toml",
        &format!("{DB_TOML}validate_on_connect = false\n"),
    );
    project.run(&["connect", "-p", "other"]);
    // a flag says that it is wanted
    project.run(&[
        "connect",
        "-p",
        "other",
        "--schema-file",
        "schema.sql",
        "--level",
        "columns",
    ]);
    project.matches("validate_on_connect");
}

#[test]
fn nothing_to_compare_and_wrong_flags() {
    let mut project = project();
    project.run(&["validate"]);
    project.run(&["validate", "-p", "nobody"]);
    project.run(&["validate", "-p", "local", "--against", "nobody"]);
    project.run(&["validate", "-D", "sqlite://local.db"]);
    project.run(&["validate", "-p", "local", "--ignore", "tags"]);
    project.run(&["validate", "-p", "local", "--format", "github", "--json"]);
    project.run(&[
        "validate",
        "-D",
        "sqlite://missing.db",
        "--schema-file",
        "schema.sql",
    ]);
    project.run(&[
        "validate",
        "-D",
        "postgresql://u:canary@127.0.0.1:1/d",
        "--schema-file",
        "schema.sql",
    ]);
    project.matches("validate_nothing");
}

#[test]
fn files_that_cannot_be_compared_with() {
    let mut project = project();
    for (name, bytes) in [
        ("empty.sql", &b""[..]),
        ("binary.sql", b"CREATE TABLE t (\xff\xfe\x00"),
        ("half.sql", b"CREATE TABLE good (id INTEGER);\nCREATE TABLE bad (id INTEGER, x TEXT NOL NULL);\nCREATE TABLE worse (\n  id\n"),
        ("no_schema.json", b"{\"tables\":7}"),
        ("schema.txt", b"x"),
    ] {
        std::fs::write(project.path().join(name), bytes).unwrap();
    }
    std::fs::create_dir(project.path().join("folder.sql")).unwrap();
    for file in [
        "missing.sql",
        "empty.sql",
        "binary.sql",
        "half.sql",
        "no_schema.json",
        "schema.txt",
        "folder.sql",
    ] {
        let run = project.run(&["validate", "-p", "local", "--schema-file", file]);
        assert_eq!(run.code, Some(2), "{run:?}");
    }
    let huge = std::fs::File::create(project.path().join("huge.sql")).unwrap();
    huge.set_len(300 << 20).unwrap(); // takes no space
    project.run(&["connect", "-p", "local", "--schema-file", "huge.sql"]);
    assert!(!project.path().join(".db-profile").exists());
    project.matches("validate_files");
}

#[test]
fn eighty_and_two_hundred_columns() {
    let mut project = project();
    for columns in [80, 200] {
        for args in ["validate -p other", "validate -p local", "connect -p other"] {
            let run = in_terminal(&project, "NO_COLOR=1", columns, args);
            project.keep(&format!("$ db-adapter {args}  # {columns} columns"), &run);
            let longest = run.stdout.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(columns), "{run:?}");
        }
    }
    let run = in_terminal(&project, "", 80, "validate -p other");
    assert!(
        run.stdout.contains("\u{1b}[1;31mschema invalid:\u{1b}[0m"),
        "{run:?}"
    );
    project.matches("validate_terminal");
}

#[test]
fn diagrams() {
    let mut project = project();
    project.run(&["schema", "diagram"]);
    project.run(&["schema", "diagram", "--live", "-p", "other"]);
    project.run(&["schema", "diagram", "--json"]);
    project.run(&["schema", "diagram", "--live", "--schema-file", "schema.sql"]);
    project.matches("diagram");
}

#[test]
fn a_write_meets_only_the_database_that_was_validated() {
    let mut project = project();
    project.run(&["connect", "-p", "local", "-q"]);
    let insert = "INSERT INTO authors (slug) VALUES ('x')";
    assert_eq!(project.run(&["query", "--write", insert]).code, Some(0));
    // its statements may change the schema
    make(
        &project,
        "local",
        "ALTER TABLE authors ADD COLUMN age INTEGER",
    );
    project.run(&["status"]);
    assert_eq!(
        project
            .run(&["query", "--write", insert.replace('x', "y").as_str()])
            .code,
        Some(0)
    );
    // the profile leads elsewhere now
    project.write("db.toml", &DB_TOML.replacen("local.db", "other.db", 1));
    let refused = project.run(&["query", "--write", "DELETE FROM tags"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    project.run(&["status"]);
    project.run(&["query", "SELECT count(*) AS n FROM tags"]);
    project.matches("validate_writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server() {
    let database = TestDatabase::postgres().await;
    database
        .sql(
            "CREATE TYPE mood AS ENUM ('ok');
             CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20), mood mood NOT NULL DEFAULT 'ok');
             CREATE INDEX ON users (lower(name));
             CREATE TABLE orders (id int PRIMARY KEY, user_id int)",
        )
        .await;
    let sql = "CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TABLE users (
    id bigserial PRIMARY KEY,
    name text NOT NULL,
    mood mood NOT NULL DEFAULT 'ok'
);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint REFERENCES users
);
";
    let mut project = Project::new(&format!(
        "[profiles.local]\nurl = \"{}\"\n[schema]\nfile = \"schema.sql\"\n",
        database.url()
    ));
    project.write("schema.sql", sql);
    assert_eq!(project.run(&["validate", "-p", "local"]).code, Some(1));
    assert_eq!(
        project
            .run(&["validate", "-p", "local", "--level", "exact"])
            .code,
        Some(1)
    );
    project.run(&["validate", "-p", "local", "--format", "github", "-q"]);
    project.matches("validate_server");
}

/// A schema that the file does not name is compared where the command line does.
#[tokio::test(flavor = "multi_thread")]
async fn schemas_of_the_command_line() {
    let database = TestDatabase::postgres().await;
    database
        .sql(
            "CREATE TABLE users (id int); CREATE SCHEMA audit; CREATE TABLE audit.log (id int);
             CREATE SCHEMA billing; CREATE TABLE billing.bills (id int)",
        )
        .await;
    let project = Project::new(&format!(
        "[profiles.local]\nurl = \"{}\"\n[schema]\nfile = \"schema.sql\"\n",
        database.url()
    ));
    project.write(
        "schema.sql",
        "CREATE TABLE users (id int); CREATE TABLE audit.log (id int);",
    );
    for (more, code, told) in [
        (None, 0, "schema valid"),
        (Some("billing"), 1, "table `billing.bills` is not expected"),
        (Some("nowhere,audit"), 0, "schema valid"),
    ] {
        let mut arguments = vec!["validate", "-p", "local", "--level", "exact"];
        arguments.extend(more.iter().flat_map(|names| ["--schemas", names]));
        let done = run(project.command(&arguments));
        assert_eq!(done.code, Some(code), "{done:?}");
        assert!(done.stdout.contains(told), "{done:?}");
    }
}
