//! `sync`: what it compares, what it refuses, how it exits, and what is in the databases then.

use support::{Oracle, TestDatabase};

use crate::project::Project;

const SCHEMA: &str = r#"{"tables": [
  {"name": "authors"},
  {"name": "books", "parent": {"table": "authors", "field": "author_id"}}
]}"#;

const TABLES: &str = "\
CREATE TABLE authors (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, name TEXT CHECK (name <> 'bad'), UNIQUE (user_id, slug));
CREATE TABLE books (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, title TEXT, author_id INTEGER NOT NULL REFERENCES authors);
CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, body TEXT, UNIQUE (user_id, slug));
";

const STAGING: &str = "
INSERT INTO authors VALUES (1, 'ann', 'a', 'Ann'), (2, 'ann', 'secret-slug', 'S'), (3, 'bob', 'a', 'Bob');
INSERT INTO books VALUES (1, 'ann', 'x', 'X', 1), (2, 'ann', 'y', 'Y', 2);
INSERT INTO notes VALUES (1, 'ann', 'n', 'new');
";

const LOCAL: &str = "
INSERT INTO authors VALUES (7, 'bob', 'a', 'Robert'), (8, 'ann', 'a', 'Anna'), (9, 'ann', 'mine', 'M');
INSERT INTO books VALUES (7, 'ann', 'x', 'X', 8);
INSERT INTO notes VALUES (5, 'ann', 'n', 'old');
";

const TOML: &str = "\
[profiles.staging]
url = \"sqlite://staging.db\"

[profiles.local]
url = \"sqlite://local.db\"

[profiles.again]
url = \"sqlite://./local.db\"

[profiles.production]
url = \"sqlite://local.db\"
protected = true

[profiles.archive]
url = \"sqlite://local.db\"
read_only = true

[schema]
backup_schema = \"tables.json\"

[defaults]
user_id_env = \"APP_USER\"
";

async fn project() -> Project {
    let project = Project::new(TOML);
    project.write(".db-profile", "local\n");
    project.write("tables.json", SCHEMA);
    for (name, rows) in [("staging.db", STAGING), ("local.db", LOCAL)] {
        let database = TestDatabase::sqlite();
        database.sql(TABLES).await;
        database.sql(rows).await;
        std::fs::copy(database.path(), project.path().join(name)).unwrap();
    }
    project
}

async fn rows(project: &Project) -> String {
    let mut oracle = Oracle::sqlite(&project.path().join("local.db")).await;
    let sql = "SELECT group_concat(x, ' ') FROM (SELECT user_id || '.' || slug || '=' || name AS x FROM authors
        UNION ALL SELECT b.user_id || '.' || a.slug || '.' || b.slug || '=' || title FROM books b JOIN authors a ON a.id = b.author_id
        UNION ALL SELECT user_id || '.' || slug || '=' || body FROM notes)";
    oracle.scalar_text(sql).await.unwrap()
}

const BEFORE: &str = "bob.a=Robert ann.a=Anna ann.mine=M ann.a.x=X ann.n=old";
const AFTER: &str =
    "bob.a=Robert ann.a=Ann ann.mine=M ann.secret-slug=S ann.a.x=X ann.secret-slug.y=Y ann.n=old";

#[tokio::test]
async fn a_sync_says_what_differs_and_writes_when_that_is_confirmed() {
    let mut project = project().await;
    let user = [("APP_USER", "ann")];
    project.run_with(&user, &["sync", "--from", "staging"]);
    project.run_with(&user, &["sync", "--from", "staging", "--verify"]);
    project.run_with(&user, &["sync", "--from", "staging", "--dry-run"]);
    project.run_with(&user, &["sync", "-f", "staging", "--to", "local", "--json"]);
    assert_eq!(rows(&project).await, BEFORE);
    project.run_with(&user, &["sync", "--from", "staging", "--confirm"]);
    assert_eq!(rows(&project).await, AFTER);
    project.run_with(&user, &["sync", "--from", "staging", "--yes", "--json"]);
    project.run_with(&user, &["sync", "--from", "staging", "--verify"]);
    let mut oracle = Oracle::sqlite(&project.path().join("local.db")).await;
    oracle.sql("DELETE FROM authors WHERE slug = 'mine'").await;
    project.run_with(&user, &["sync", "--from", "staging", "--verify", "-q"]);
    project.matches("sync");
}

#[tokio::test]
async fn rows_that_cannot_be_synced_are_named_without_their_values() {
    let mut project = project().await;
    let mut oracle = Oracle::sqlite(&project.path().join("staging.db")).await;
    oracle
        .sql("PRAGMA ignore_check_constraints = 1; UPDATE authors SET name = 'bad' WHERE slug = 'secret-slug'")
        .await;
    let user = ["--user-id", "ann"];
    project.run(&[&["sync", "--from", "staging", "--confirm"][..], &user].concat());
    project.run(&[&["sync", "--from", "staging", "--dry-run"][..], &user].concat());
    assert_eq!(rows(&project).await, BEFORE);
    project.matches("sync_failures");
}

#[tokio::test]
async fn a_sync_with_a_base_deletes_and_tells_conflicts() {
    let mut project = project().await;
    let user = [("APP_USER", "ann")];
    let base = ["sync", "--from", "staging", "--base", "last.base"];
    let run = |project: &mut Project, more: &[&str]| {
        project.run_with(&user, &[&base[..], more].concat());
    };
    run(&mut project, &["--delete", "--confirm"]);
    run(&mut project, &["--confirm"]);
    assert!(project.path().join("last.base").exists());
    let mut source = Oracle::sqlite(&project.path().join("staging.db")).await;
    source
        .sql("DELETE FROM books WHERE slug = 'y'; UPDATE authors SET name = 'here' WHERE slug = 'a'; UPDATE books SET title = 'here'")
        .await;
    let mut dest = Oracle::sqlite(&project.path().join("local.db")).await;
    dest.sql("UPDATE authors SET name = 'there' WHERE user_id = 'ann' AND slug = 'secret-slug'")
        .await;
    run(&mut project, &["--delete"]);
    run(&mut project, &["--delete", "--json"]);
    dest.sql("UPDATE authors SET name = 'there' WHERE user_id = 'ann' AND slug = 'a'")
        .await;
    let before = rows(&project).await;
    run(&mut project, &["--delete", "--confirm"]);
    assert_eq!(rows(&project).await, before);
    run(
        &mut project,
        &["--delete", "--on-conflict", "dest", "--confirm"],
    );
    assert_eq!(
        rows(&project).await,
        "bob.a=Robert ann.a=there ann.mine=M ann.secret-slug=there ann.a.x=here ann.n=old"
    );
    run(&mut project, &["--delete", "--confirm"]);
    std::fs::write(project.path().join("last.base"), "x").unwrap();
    run(&mut project, &["--confirm"]);
    project.matches("sync_base");
}

#[tokio::test]
async fn deletes_without_a_base_name_the_destination() {
    let mut project = project().await;
    let user = [("APP_USER", "ann")];
    let sync = ["sync", "--from", "staging"];
    for more in [
        &["--delete", "--confirm"][..],
        &["--no-base"],
        &["--delete", "--no-base", "--base", "last.base"],
        &["--delete", "--no-base", "--confirm"],
        &["--delete", "--no-base", "--confirm", "--target", "staging"],
        &["--on-conflict", "newer"],
    ] {
        project.run_with(&user, &[&sync[..], more].concat());
    }
    assert_eq!(rows(&project).await, BEFORE);
    let more = ["--delete", "--no-base", "--yes", "--target", "local"];
    project.run_with(&user, &[&sync[..], &more].concat());
    assert_eq!(
        rows(&project).await,
        "bob.a=Robert ann.a=Ann ann.secret-slug=S ann.a.x=X ann.secret-slug.y=Y ann.n=old"
    );
    project.matches("sync_no_base");
}

#[tokio::test]
async fn what_a_sync_refuses() {
    let mut project = project().await;
    let user = [("APP_USER", "ann")];
    for args in [
        &["sync"][..],
        &["sync", "--from", "nowhere"],
        &["sync", "--from", "staging", "--to", "nowhere"],
        &["sync", "--from", "local"],
        &["sync", "--from", "local", "--to", "again", "--confirm"],
        &[
            "sync",
            "--from",
            "staging",
            "--to",
            "production",
            "--confirm",
        ],
        &["sync", "--from", "staging", "--to", "archive", "--confirm"],
        &[
            "sync",
            "--from",
            "staging",
            "--confirm",
            "--target",
            "staging",
        ],
        &["sync", "--from", "staging", "--to", "local", "-p", "local"],
        &["sync", "--from", "staging", "--confirm", "--dry-run"],
        &["sync", "--from", "staging", "--slug-field", "slug"],
        &["sync", "--from", "staging", "--tables", "books"],
        &["sync", "--from", "staging", "--tables", "boks,authors"],
    ] {
        project.run_with(&user, args);
    }
    project.run(&["sync", "--from", "staging"]);
    assert_eq!(rows(&project).await, BEFORE);
    // named, it is written to; the variable beats the lock
    project.run_with(
        &[("APP_USER", "ann"), ("DB_PROFILE", "production")],
        &[
            "sync",
            "--from",
            "staging",
            "--confirm",
            "--target",
            "production",
            "-q",
        ],
    );
    assert_eq!(rows(&project).await, AFTER);
    project.matches("sync_refused");
}

#[tokio::test]
async fn tables_without_a_schema() {
    let mut project = project().await;
    project.write(
        "db.toml",
        &TOML.replace("backup_schema = \"tables.json\"", ""),
    );
    let user = [("APP_USER", "ann")];
    project.run_with(&user, &["sync", "--from", "staging"]);
    project.run_with(
        &user,
        &["sync", "--from", "staging", "--tables", "books,authors"],
    );
    project.run_with(
        &user,
        &[
            "sync",
            "--from",
            "staging",
            "--tables",
            "notes",
            "--confirm",
        ],
    );
    assert_eq!(rows(&project).await, BEFORE.replace("n=old", "n=new"));
    project.run(&[
        "sync",
        "--from",
        "staging",
        "--tables",
        "notes",
        "--all-rows",
        "--slug-field",
        "body",
        "--json",
    ]);
    project.matches("sync_flat");
}

#[tokio::test]
async fn rows_that_all_users_share() {
    let mut project = project().await;
    project.write(
        "tables.json",
        r#"{"tables": [{"name": "authors"}, {"name": "tags", "user_field": null}]}"#,
    );
    let rows = [
        ("staging.db", "('a', 'red'), ('b', 'blue')"),
        ("local.db", "('b', 'black')"),
    ];
    for (name, rows) in rows {
        let mut oracle = Oracle::sqlite(&project.path().join(name)).await;
        oracle
            .sql(&format!(
                "CREATE TABLE tags (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, color TEXT);
                 INSERT INTO tags (slug, color) VALUES {rows}"
            ))
            .await;
    }
    let user = [("APP_USER", "ann")];
    project.run_with(&user, &["sync", "--from", "staging", "--confirm"]);
    project.run_with(
        &user,
        &[
            "sync",
            "--from",
            "staging",
            "--overwrite-shared",
            "--confirm",
        ],
    );
    project.matches("sync_shared");
}
