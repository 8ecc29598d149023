//! `schema show` and `schema export`: of this very test program, which declares tables, of SQL, and
//! of exports; and what they say when there is no schema.

use std::path::PathBuf;

use db_adapter::{BackupSchema, backup_schema, backup_table};
use db_adapter_core::embed::EmbeddedSchema;

use crate::project::Project;

#[backup_table(name = "authors", owner = "users"(user_id))]
struct Author {
    id: i64,
    slug: String,
    user_id: String,
    born: Option<i32>,
}

#[backup_table(name = "books", parent = Author(author_id), optional_ref = Author(editor_slug -> slug), external = "countries"(country))]
struct Book {
    id: i64,
    slug: String,
    author_id: i64,
    editor_slug: Option<String>,
    country: Option<i32>,
    #[column(name = "type", type = "citext", default)]
    kind: String,
}

#[backup_table(name = "audit.log", backup = false)]
struct Log {
    id: i64,
    at: Option<String>,
}

backup_schema!(SCHEMA = [Book, Log, Author]);

const SQL: &str = "\
CREATE TABLE authors (id bigserial PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE books (id bigint PRIMARY KEY, author_id bigint NOT NULL REFERENCES authors, title varchar(80));
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
";

/// A project, with this program's file called [PROGRAM] in what is said.
fn project(db_toml: &str) -> (Project, PathBuf) {
    let program = std::env::current_exe().unwrap();
    let shown = program.display().to_string();
    let mut project = match db_toml {
        "" => Project::empty(),
        text => Project::new(&text.replace("PROGRAM", &shown)),
    };
    project.replace(&shown, "[PROGRAM]");
    (project, program)
}

#[test]
fn a_program_says_what_it_declares() {
    let (mut project, program) = project("");
    let program = program.to_str().unwrap();
    project.run(&["schema", "show", "--binary", program]);
    project.run(&["schema", "show", "--binary", program, "--json"]);
    let id = "cli::schema::SCHEMA";
    project.run(&[
        "schema",
        "show",
        "-q",
        "--binary",
        program,
        "--schema",
        "cli::schema::SHCEMA",
    ]);
    project.run(&["schema", "diagram", "--binary", program]);
    let export = project.run(&["schema", "export", "--binary", program, "--schema", id]);
    project.matches("schema_program");

    let exported: EmbeddedSchema = serde_json::from_str(&export.stdout).unwrap();
    assert_eq!(
        (exported.id.as_str(), &exported.backup),
        (id, &*SCHEMA_COPY)
    );
    let backup: BackupSchema = serde_json::from_str(&export.stdout).unwrap();
    assert_eq!(backup, exported.backup);
}

/// The static itself: what was exported is what the program has at run time.
static SCHEMA_COPY: std::sync::LazyLock<BackupSchema> = std::sync::LazyLock::new(|| SCHEMA.clone());

#[test]
fn an_export_is_read_back_as_what_it_was() {
    let (mut project, program) = project("");
    project.write("schema.sql", SQL);
    for (source, flag) in [
        (program.to_str().unwrap(), "--binary"),
        ("schema.sql", "--schema-file"),
    ] {
        let export = project.run(&["schema", "export", flag, source]);
        project.write("export.json", &export.stdout);
        let again = project.run(&["schema", "export", "--schema-file", "export.json"]);
        assert_eq!(again.stdout, export.stdout);
        let shown = |place: &[&str]| {
            let run = crate::program::run(project.command(&[&["schema", "show"], place].concat()));
            let (_, tables) = run.stdout.split_once("\n\n").unwrap();
            tables.to_owned()
        };
        assert_eq!(
            shown(&["--schema-file", "export.json"]),
            shown(&[flag, source])
        );
    }
}

#[test]
fn sql_says_what_a_database_has() {
    let (mut project, _) = project("[schema]\nfile = \"sql/schema.sql\"\n");
    std::fs::create_dir(project.path().join("sql")).unwrap();
    project.write("sql/schema.sql", SQL);
    project.run(&["schema", "show"]);
    project.run(&["schema", "show", "--json", "-q"]);
    // names keep their case, and types are what SQLite declares
    project.write(
        "lite.sql",
        "CREATE TABLE [Authors] (Id INTEGER PRIMARY KEY, `Name` VARCHAR(20));",
    );
    project.run(&[
        "schema",
        "show",
        "--schema-file",
        "lite.sql",
        "--dialect",
        "sqlite",
    ]);
    // a path in db.toml is relative to it
    let mut elsewhere = project.command(&["schema", "show"]);
    elsewhere.current_dir(project.path().join("sql"));
    assert_eq!(crate::program::run(elsewhere).code, Some(0));
    project.matches("schema_sql");
}

#[test]
fn the_dialect_is_that_of_the_active_profile() {
    let text = "[profiles.local]\nurl = \"sqlite://a.db\"\n[schema]\nfile = \"lite.sql\"\n";
    let (mut project, _) = project(text);
    project.write(
        "lite.sql",
        "CREATE TABLE [Authors] (Id INTEGER PRIMARY KEY);",
    );
    let run = project.run(&["schema", "show", "-p", "local"]);
    assert!(run.stdout.contains("Authors"), "{run:?}");
    let run = project.run(&["schema", "show"]);
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn a_flag_beats_db_toml() {
    let (mut project, program) = project("[schema]\nbinary = \"PROGRAM\"\n");
    project.write("schema.sql", SQL);
    let run = project.run(&["schema", "show"]);
    assert!(run.stdout.contains("cli::schema::SCHEMA"), "{run:?}");
    let run = project.run(&["schema", "show", "--schema-file", "schema.sql"]);
    assert!(run.stdout.contains("schema.sql"), "{run:?}");
    // what a flag names needs no db.toml that can be read
    project.write("db.toml", "[schema");
    let run = project.run(&["schema", "show", "--binary", program.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(project.run(&["schema", "show"]).code, Some(2));
}

#[test]
fn no_schema_is_never_silence() {
    let (mut project, _) = project("[profiles.local]\nurl = \"sqlite://a.db\"\n");
    project.run(&["schema", "show"]);
    let cases: [(&str, &[u8]); 13] = [
        ("empty.sql", b"-- nothing\n"),
        ("broken.sql", b"CREATE TABLE a (id bigint NOT NOL);\nCREATE TABLE b (x text DEFAULT 'y);\n"),
        ("latin1.sql", b"-- a\nCREATE TABLE caf\xe9 (id bigint);\n"),
        ("notes.txt", b"hello"),
        ("text.json", b"secret = 1"),
        ("empty.json", b"{\"tables\": []}"),
        ("other.json", b"{\"name\": \"secret\"}"),
        ("rules.json", b"{\"tables\": [{\"name\": \"a\", \"slug_field\": null}, {\"name\": \"b\", \"parent\": {\"table\": \"c\", \"field\": \"c_id\"}}]}"),
        ("typo.json", b"{\"tables\": [{\"name\": \"a\", \"pkk\": \"x\"}]}"),
        ("newer.json", b"{\"version\": 2, \"tables\": [{\"name\": \"a\"}]}"),
        ("type.json", b"{\"tables\": [{\"name\": \"a\", \"pk\": {\"secret\": 1}}]}"),
        ("missing.sql", b""),
        ("folder.sql", b""),
    ];
    for (name, bytes) in cases {
        let path = project.path().join(name);
        match name {
            "missing.sql" => {}
            "folder.sql" => std::fs::create_dir(path).unwrap(),
            _ => std::fs::write(path, bytes).unwrap(),
        }
        let run = project.run(&["schema", "show", "--schema-file", name]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(!run.stderr.contains("secret"), "{run:?}");
    }
    let programs: [(&str, &[u8]); 5] = [
        ("script", b"#!/bin/sh\nexec app\n"),
        ("text", b"hello"),
        ("program", b"\x7fELF and nothing else"),
        ("packed", b"\x7fELF..UPX!.."),
        ("cut", b"\x7fELF \x7fdb-adapter\0\xf1\xa7\x3e\x0a\x01\0"),
    ];
    for (name, bytes) in programs {
        std::fs::write(project.path().join(name), bytes).unwrap();
        let run = project.run(&["schema", "show", "--binary", name]);
        assert_eq!(run.code, Some(2), "{run:?}");
    }
    project.run(&["schema", "show", "--binary", "a", "--package", "b"]);
    project.matches("schema_none");
}
