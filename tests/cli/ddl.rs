//! `schema ddl`: what it writes is run by the server itself, and the server says what it then has.

use support::TestDatabase;

use crate::project::Project;

const SCHEMA: &str = "\
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE authors (id bigserial PRIMARY KEY, slug text NOT NULL UNIQUE, mood mood DEFAULT 'ok');
CREATE TABLE books (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id bigint NOT NULL REFERENCES authors ON DELETE CASCADE,
    title varchar(80) CHECK (length(title) > 0),
    price numeric(8,2) DEFAULT 1.5 CHECK (price > 0),
    at timestamptz NOT NULL DEFAULT now(),
    token uuid DEFAULT gen_random_uuid()
);
CREATE INDEX of_title ON books (lower(title));
CREATE UNIQUE INDEX of_author ON books (author_id) WHERE title IS NOT NULL;
";

async fn empty_sqlite() -> TestDatabase {
    let database = TestDatabase::sqlite();
    database.sql("SELECT 1").await;
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_the_sql_of_the_other_database() {
    let mut project = Project::empty();
    project.write("schema.sql", SCHEMA);
    let args = ["schema", "ddl", "--schema-file", "schema.sql", "--dialect"];
    let written = project.run(&[&args[..], &["sqlite"]].concat());
    assert_eq!(written.code, Some(0));
    let database = empty_sqlite().await;
    database.sql(&written.stdout).await;
    let sql = "INSERT INTO authors (slug) VALUES ('a'); INSERT INTO books (author_id, title) VALUES (1, 'x')";
    database.sql(sql).await;
    let row = database
        .rows_text("SELECT mood, price, typeof(price) FROM books, authors")
        .await;
    let row: Vec<&str> = row[0].iter().flatten().map(String::as_str).collect();
    assert_eq!(row, ["ok", "1.50", "text"]);
    for refused in [
        "INSERT INTO books (author_id, title) VALUES (1, '')",
        "INSERT INTO books (author_id, title) VALUES (2, 'x')",
        "INSERT INTO books (author_id, title) VALUES (1, 'y')",
        "INSERT INTO authors (slug, mood) VALUES ('b', 'angry')",
        "INSERT INTO authors (slug) VALUES ('a')",
    ] {
        let sql = format!("PRAGMA foreign_keys = ON; {refused}");
        assert!(
            database.oracle().await.try_sql(&sql).await.is_err(),
            "{refused}"
        );
    }
    // what the program works with is there
    let export = project.run(&["schema", "export", "--schema-file", "schema.sql"]);
    project.write("export.json", &export.stdout);
    let fits = project.run(&[
        "validate",
        "-D",
        database.url(),
        "--schema-file",
        "export.json",
    ]);
    assert_eq!(fits.code, Some(0), "{fits:?}");
    let mut snapshot = Project::empty();
    snapshot.write("schema.sql", SCHEMA);
    for dialect in ["sqlite", "postgres"] {
        snapshot.run(&[&args[..], &[dialect]].concat());
    }
    snapshot.run(&[&args[..], &["sqlite", "--json", "-q"]].concat());
    snapshot.run(&[&args[..], &["sqlite", "-q", "-o", "made.sql"]].concat());
    assert_eq!(snapshot.read("made.sql"), written.stdout);
    snapshot.matches("ddl");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_sqlite_becomes_one_of_postgres() {
    let mut project = Project::empty();
    project.write(
        "lite.sql",
        "CREATE TABLE [Users] (id INTEGER PRIMARY KEY AUTOINCREMENT, active BOOLEAN NOT NULL DEFAULT 1 CHECK (active IN (0, 1)), born DATE);
         CREATE TABLE notes (user_id INTEGER REFERENCES users, body TEXT COLLATE NOCASE, data JSON_TEXT DEFAULT '{}');
         CREATE VIEW v AS SELECT 1 AS one;",
    );
    let args = [
        "schema",
        "ddl",
        "--schema-file",
        "lite.sql",
        "--from",
        "sqlite",
        "--dialect",
        "postgres",
    ];
    let written = project.run(&args);
    project.matches("ddl_of_sqlite");
    let database = TestDatabase::postgres().await;
    database.sql(&written.stdout).await;
    let columns = "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) \
        FROM information_schema.columns WHERE table_name = 'Users'";
    let columns = database.scalar_text(columns).await;
    assert_eq!(
        columns.as_deref(),
        Some("id bigint, active boolean, born date")
    );
    database
        .sql("INSERT INTO \"Users\" DEFAULT VALUES; INSERT INTO notes (user_id) VALUES (1)")
        .await;
    let refused = database
        .oracle()
        .await
        .try_sql("INSERT INTO notes (user_id) VALUES (2)")
        .await;
    assert!(refused.unwrap_err().contains("foreign key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_makes_the_database_that_it_expects() {
    let program = std::env::current_exe().unwrap();
    let program = program.to_str().unwrap();
    let mut project = Project::empty();
    let place = ["--binary", program, "--schema", "cli::schema::SCHEMA"];
    for (dialect, database) in [
        ("sqlite", empty_sqlite().await),
        ("postgres", TestDatabase::postgres().await),
    ] {
        let ddl = project.run(&[&["schema", "ddl", "--dialect", dialect], &place[..]].concat());
        assert_eq!(ddl.code, Some(0), "{ddl:?}");
        // the tables that are not its own, and what keeps a natural key unique, nobody has declared
        for part in [
            "`countries`",
            "natural key `books.author_id, slug`",
            "default `books.type`",
        ] {
            assert!(ddl.stderr.contains(part), "{part}: {ddl:?}");
        }
        let outside = match dialect {
            "postgres" => {
                "CREATE EXTENSION citext; CREATE TABLE users (id text PRIMARY KEY); CREATE TABLE countries (id int PRIMARY KEY);"
            }
            _ => {
                "CREATE TABLE users (id TEXT PRIMARY KEY); CREATE TABLE countries (id INT PRIMARY KEY);"
            }
        };
        database.sql(&format!("{outside}{}", ddl.stdout)).await;
        let fits =
            project.run(&[&["validate", "--json", "-D", database.url()], &place[..]].concat());
        let json: serde_json::Value = serde_json::from_str(&fits.stdout).unwrap();
        let report = &json["validation"]["report"]["differences"];
        let errors = report
            .as_array()
            .unwrap()
            .iter()
            .filter(|found| found["severity"] == "error");
        for found in errors {
            let object = &found["object"];
            let path = match object["table"].as_str() {
                Some(table) if object["kind"] != "table" => {
                    format!("`{table}.{}", object["name"].as_str().unwrap())
                }
                _ => format!("`{}", object["name"].as_str().unwrap()),
            };
            assert!(ddl.stderr.contains(&path), "{path}: {found}\n{ddl:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_made_again() {
    let database = TestDatabase::postgres().await;
    database
        .sql(&format!(
            "{SCHEMA} CREATE SCHEMA audit; CREATE TABLE audit.log (id int PRIMARY KEY, note text DEFAULT 'it''s');
             COMMENT ON TABLE books IS 'all of\nthem';
             CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
             CREATE TRIGGER touched BEFORE UPDATE ON books FOR EACH ROW EXECUTE FUNCTION touch();
             CREATE VIEW titles WITH (security_barrier) AS SELECT title FROM books WHERE price > 1 WITH CHECK OPTION;
             ALTER TABLE books ENABLE ROW LEVEL SECURITY; CREATE POLICY all_of_them ON books USING (true);"
        ))
        .await;
    let mut project = Project::empty();
    let args = [
        "schema",
        "ddl",
        "--live",
        "--schemas",
        "audit",
        "--dialect",
        "postgres",
        "-D",
        database.url(),
    ];
    let written = project.run(&args);
    assert_eq!(
        (written.code, written.stderr.as_str()),
        (Some(0), ""),
        "{written:?}"
    );
    let copy = TestDatabase::postgres().await;
    copy.sql(&written.stdout).await;
    for query in [
        "SELECT pg_get_viewdef('titles'::regclass) || (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) AS o) FROM pg_class WHERE relname = 'titles'",
        "SELECT pg_get_functiondef('touch'::regproc)",
        "SELECT string_agg(pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        "SELECT string_agg(pg_get_indexdef(indexrelid), '; ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 'books'::regclass",
        "SELECT string_agg(pg_get_triggerdef(oid), '; ') FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT obj_description('books'::regclass) || relrowsecurity FROM pg_class WHERE relname = 'books'",
        "SELECT string_agg(column_name || coalesce(column_default, '') || is_nullable || data_type || is_identity, ';' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema IN ('public', 'audit')",
        "SELECT pg_get_serial_sequence('authors', 'id')",
    ] {
        let there = database.scalar_text(query).await;
        assert!(there.is_some(), "{query}");
        assert_eq!(copy.scalar_text(query).await, there, "{query}");
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let mut project = Project::empty();
    project.write(
        "schema.sql",
        "CREATE TABLE t (id int PRIMARY KEY, s tsvector);",
    );
    let file = ["schema", "ddl", "--schema-file", "schema.sql"];
    project.run(&file);
    project.run(&[&file[..], &["--dialect", "sqlite", "--live"]].concat());
    project.run(&[&file[..], &["--dialect", "sqlite", "--schemas", "a"]].concat());
    project.run(&[&file[..], &["--dialect", "sqlite", "-o", "no/folder/x.sql"]].concat());
    project.run(&["schema", "ddl", "--dialect", "sqlite"]);
    // a model that says what nobody can write; a name that would end the comment that it is in
    project.write(
        "odd.json",
        "{\"tables\": {\"a\\nDROP TABLE b; --\": {\"name\": \"a\\nDROP TABLE b; --\", \"columns\": {\"x\": {\"name\": \"x\", \"data_type\": \"int); DROP TABLE b; --\"}}}}}",
    );
    let odd = [
        "schema",
        "ddl",
        "--schema-file",
        "odd.json",
        "--dialect",
        "postgres",
    ];
    project.run(&odd);
    project.write(
        "mixed.json",
        "{\"tables\": {\"a\\nDROP TABLE b; --\": {\"name\": \"a\\nDROP TABLE b; --\", \"columns\": {\"x\": {\"name\": \"x\", \"data_type\": \"USER-DEFINED\"}}},
          \"c\": {\"name\": \"c\", \"columns\": {\"y\\\"\": {\"name\": \"y\\\"\", \"data_type\": \"text\", \"default\": \"1); DROP TABLE c; --\"}}}}}",
    );
    let mixed = project.run(&[
        "schema",
        "ddl",
        "--schema-file",
        "mixed.json",
        "--dialect",
        "postgres",
    ]);
    assert!(!mixed.stdout.lines().any(|line| line.starts_with("DROP")));
    project.matches("ddl_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_whose_sql_it_is() {
    let mut project = Project::empty();
    project.write("schema.sql", SCHEMA);
    let args = ["schema", "ddl", "--schema-file", "schema.sql", "--dialect"];
    let written = project.run(&[&args[..], &["sqlite"]].concat());
    let database = empty_sqlite().await;
    database.sql(&written.stdout).await;
    let compare = [
        "validate",
        "-D",
        database.url(),
        "--schema-file",
        "schema.sql",
    ];
    let fits = project.run(&compare);
    assert_eq!(fits.code, Some(0), "{}{}", fits.stdout, fits.stderr);
    let note = "`schema.sql` is read as SQL of PostgreSQL; `--dialect` chooses another";
    assert!(fits.stderr.contains(note), "{}", fits.stderr);
    let named = project.run(&[&compare[..], &["--dialect", "postgres"]].concat());
    assert_eq!(named.code, Some(0), "{}", named.stdout);
    assert!(!named.stderr.contains("is read as"), "{}", named.stderr);
    let wrong = project.run(&[&compare[..], &["--dialect", "sqlite"]].concat());
    assert_ne!(wrong.code, Some(0), "{}", wrong.stdout);
}
