//! `fix`: what it shows and does, how it exits, and what is in the database then.

use support::{Oracle, TestDatabase};

use crate::project::Project;

const SCHEMA: &str = "\
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born INTEGER DEFAULT 0);
CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER REFERENCES authors);
CREATE INDEX books_title ON books (title);
";

const TABLES: &str = "\
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT, shoe_size INTEGER);
CREATE VIEW named AS SELECT id, name FROM authors;
INSERT INTO authors VALUES (1, 'Ann', 38), (2, 'Bob', 44);
";

const TOML: &str = "\
[profiles.local]
url = \"sqlite://local.db\"

[profiles.production]
url = \"sqlite://local.db\"
protected = true

[profiles.looked_at]
url = \"sqlite://local.db\"
read_only = true

[schema]
file = \"schema.sql\"
";

const ALLOWED: [&str; 4] = [
    "--allow",
    "column:authors.shoe_size",
    "--allow",
    "add:authors.born",
];

async fn project(tables: &str) -> Project {
    let project = Project::new(TOML);
    project.write(".db-profile", "local\n");
    project.write("schema.sql", SCHEMA);
    let database = TestDatabase::sqlite();
    database.sql(tables).await;
    std::fs::copy(database.path(), project.path().join("local.db")).unwrap();
    project
}

async fn rows(project: &Project, sql: &str) -> String {
    let mut oracle = Oracle::sqlite(&project.path().join("local.db")).await;
    let rows = oracle.rows_text(sql).await;
    let rows = rows.into_iter().map(|row| {
        let cells = row.into_iter().map(Option::unwrap_or_default);
        cells.collect::<Vec<_>>().join(",")
    });
    rows.collect::<Vec<_>>().join(" ")
}

/// The files in `backups`.
fn backups(project: &Project) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(project.path().join("backups")) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn a_preview_changes_nothing_and_a_confirmed_one_keeps_every_row() {
    let mut project = project(TABLES).await;
    let before = rows(&project, "SELECT sql FROM sqlite_schema").await;
    project.run(&["validate", "-q"]);
    assert_eq!(project.run(&["fix"]).code, Some(0));
    assert_eq!(project.run(&["fix", "--confirm"]).code, Some(4));
    let exit = project.run(&[&["fix", "--exit-code"], &ALLOWED[..]].concat());
    assert_eq!(exit.code, Some(1));
    assert_eq!(
        rows(&project, "SELECT sql FROM sqlite_schema").await,
        before
    );
    assert!(backups(&project).is_empty());

    let done = project.run(&[&["fix", "--confirm"], &ALLOWED[..]].concat());
    assert_eq!(done.code, Some(1), "the view is not expected: {done:?}");
    let kept = rows(&project, "SELECT id, name, born FROM authors ORDER BY id").await;
    assert_eq!(kept, "1,Ann,0 2,Bob,0");
    assert_eq!(rows(&project, "SELECT * FROM named").await, "1,Ann 2,Bob");
    let [file] = backups(&project).try_into().unwrap();
    project.replace(&file, "[BACKUP]");
    let backup = project.read(&format!("backups/{file}"));
    assert!(
        backup.contains("{\"id\":2,\"name\":\"Bob\",\"shoe_size\":44}"),
        "{backup}"
    );
    project.run(&["fix", "--yes", "--json"]);
    project.matches("fix");
}

#[tokio::test]
async fn a_saved_plan_is_done_on_the_schema_that_it_was_made_for() {
    let mut project =
        project("CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").await;
    assert_eq!(project.run(&["fix", "--plan", "plan.json"]).code, Some(0));
    let text = project.read("plan.json");
    project.write(
        "changed.json",
        &text.replace("COLUMN \\\"born", "COLUMN \\\"bern"),
    );
    project.write(
        "other.json",
        &text.replace("\"version\": 1", "\"version\": 99"),
    );
    project.write("none.json", "{}");
    assert_eq!(project.run(&["fix", "--apply", "plan.json"]).code, Some(4));
    for (file, code) in [
        ("changed.json", 1),
        ("other.json", 2),
        ("none.json", 2),
        ("gone.json", 2),
    ] {
        let run = project.run(&["fix", "--apply", file, "--confirm"]);
        assert_eq!(run.code, Some(code), "{file}: {run:?}");
    }
    assert_eq!(
        rows(&project, "SELECT name FROM sqlite_schema").await,
        "authors"
    );
    assert_eq!(
        project
            .run(&["fix", "--apply", "plan.json", "--confirm"])
            .code,
        Some(0)
    );
    let made = rows(&project, "SELECT name FROM sqlite_schema ORDER BY 1").await;
    assert_eq!(made, "authors books books_title");
    // it is done, so the schema is another one
    assert_eq!(
        project
            .run(&["fix", "--apply", "plan.json", "--confirm"])
            .code,
        Some(1)
    );
    project.matches("fix_saved");
}

#[tokio::test]
async fn whoever_may_not_write_is_refused_before_anything_is_opened() {
    let mut project = project(TABLES).await;
    let before = rows(&project, "SELECT sql FROM sqlite_schema").await;
    for args in [
        &["fix", "--confirm", "-p", "production"][..],
        &["fix", "--confirm", "-p", "production", "--target", "local"],
        &["fix", "--yes", "-p", "looked_at"],
    ] {
        assert_eq!(project.run(args).code, Some(4), "{args:?}");
    }
    for args in [
        &["fix", "--allow", "shoes"][..],
        &["fix", "--renamed", "authors.born"],
        &["fix", "--plan", "x.json", "--yes"],
        &["fix", "--schema-file", "gone.sql"],
        &["fix", "--column-defs", "schema.sql"],
        &["fix", "-D", "sqlite://gone.db"],
    ] {
        assert_ne!(project.run(args).code, Some(0), "{args:?}");
    }
    assert_eq!(
        rows(&project, "SELECT sql FROM sqlite_schema").await,
        before
    );
    project.matches("fix_refused");
}

#[tokio::test]
async fn a_renamed_column_keeps_its_values_and_column_definitions_win() {
    let mut project = project(TABLES).await;
    project.write("defs.json", r#"{"authors.born": "TEXT DEFAULT 'x'"}"#);
    let args = [
        "fix",
        "--confirm",
        "--renamed",
        "authors.born=shoe_size",
        "--column-defs",
        "defs.json",
        "--allow",
        "narrow:authors.born",
    ];
    // SQLite renames first; what is made anew then is planned from what is there by then
    let first = project.run(&args);
    assert_eq!(first.code, Some(1), "{first:?}");
    let kept = rows(&project, "SELECT id, quote(born) FROM authors ORDER BY id").await;
    assert_eq!(kept, "1,38 2,44");
    let run = project.run(&args);
    let kept = rows(
        &project,
        "SELECT id, name, quote(born) FROM authors ORDER BY id",
    )
    .await;
    assert_eq!(kept, "1,Ann,'38' 2,Bob,'44'", "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_repaired_online_and_who_holds_a_lock_is_named() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE books (id int, title text); INSERT INTO books SELECT n, 't' || n FROM generate_series(1, 100) n")
        .await;
    let project = Project::empty();
    project.write(
        "schema.sql",
        "CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL, n int DEFAULT 3); CREATE INDEX books_title ON books (title);",
    );
    let fix = |more: &[&str]| {
        let args = [
            &["fix", "-D", database.url(), "--schema-file", "schema.sql"],
            more,
        ]
        .concat();
        crate::program::run(project.command(&args))
    };
    let mut holder = database.oracle().await;
    holder
        .sql("SET application_name = 'holder'; BEGIN; LOCK TABLE books IN ROW EXCLUSIVE MODE")
        .await;
    let pid = holder.scalar_text("SELECT pg_backend_pid()").await.unwrap();
    let held = fix(&["--confirm", "--lock-timeout", "50"]);
    assert_eq!(held.code, Some(3), "{held:?}");
    assert!(
        held.stderr
            .contains(&format!("process {pid} (holder, idle in transaction)")),
        "{held:?}"
    );
    assert!(held.stderr.contains("nothing was changed"), "{held:?}");
    holder.sql("ROLLBACK").await;
    let done = fix(&["--confirm", "--online"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let again = fix(&["--exit-code"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let sum = database
        .scalar_text("SELECT sum(n) || ' ' || count(title) FROM books")
        .await;
    assert_eq!(sum.as_deref(), Some("300 100"));
}
