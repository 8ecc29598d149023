//! The real program: it drafts a database, and with that draft a user's rows go out of it and come back.
//! The database is the judge.

use std::fs;
use std::path::Path;
use std::process::Command;

use db_adapter::BackupSchema;
use support::TestDatabase;

use crate::models;

const ROWS: &str = "
INSERT INTO countries VALUES ('de', 'Germany'), ('fr', 'France');
INSERT INTO users (id, email, country) VALUES (1, 'ann', 'de'), (2, 'bob', 'fr');
INSERT INTO projects (id, user_id, slug, \"Type\") VALUES (11, 1, 'house', 'big'), (12, 1, 'boat', NULL), (13, 2, 'house', 'x');
INSERT INTO tags (id, name) VALUES (31, 'red'), (32, 'blue');
INSERT INTO reviews (id, author_id, text) VALUES (41, 1, 'fine'), (42, 2, 'not');
INSERT INTO visits (id, user_id, at) VALUES (51, 1, '2026-01-01T00:00:00'), (52, 2, '2026-01-02T00:00:00'), (53, NULL, '2026-01-03T00:00:00');
INSERT INTO lines VALUES ('a');";
const TASKS: [(&str, &str); 2] = [
    (
        "postgres",
        "INSERT INTO tasks (id, project_id, number, parent_id, due, price, labels) OVERRIDING SYSTEM VALUE VALUES
            (21, 11, 1, NULL, '2026-02-03T04:05:06Z', 12.50, '{a,NULL}'), (22, 11, 2, 21, NULL, NULL, NULL),
            (23, 13, 1, NULL, NULL, 1, NULL)",
    ),
    (
        "sqlite",
        "INSERT INTO tasks (id, project_id, number, parent_id, due, price, labels) VALUES
            (21, 11, 1, NULL, '2026-02-03T04:05:06.000000+00:00', '12.50', '[\"a\",null]'), (22, 11, 2, 21, NULL, NULL, NULL),
            (23, 13, 1, NULL, NULL, '1', NULL)",
    ),
];
const LINKS: &str = "INSERT INTO task_tags VALUES (21, 31), (22, 31), (22, 32), (23, 32)";

/// What is there, by what the rows mean: their numbers may be others.
const WHOLE: [&str; 5] = [
    "SELECT u.email, c.name FROM users u JOIN countries c ON c.code = u.country ORDER BY 1",
    "SELECT u.email, p.slug, p.\"Type\" FROM projects p JOIN users u ON u.id = p.user_id ORDER BY 1, 2",
    "SELECT u.email, p.slug, t.number, a.number AS above, t.due, t.price, t.labels, g.name FROM tasks t
        JOIN projects p ON p.id = t.project_id JOIN users u ON u.id = p.user_id
        LEFT JOIN tasks a ON a.id = t.parent_id LEFT JOIN task_tags l ON l.task_id = t.id
        LEFT JOIN tags g ON g.id = l.tag_id ORDER BY 1, 2, 3, 8",
    "SELECT u.email, r.text FROM reviews r JOIN users u ON u.id = r.author_id ORDER BY 1, 2",
    "SELECT user_id, at FROM visits ORDER BY 2",
];

fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(support::program());
    command.args(args).current_dir(folder).env("HOME", folder);
    for variable in ["DATABASE_URL", "DB_PROFILE", "DB_ADAPTER_CONFIG"] {
        command.env_remove(variable);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[track_caller]
fn done(folder: &Path, args: &[&str]) -> String {
    let (code, stdout, stderr) = run(folder, args);
    assert_eq!(code, Some(0), "{args:?} {stdout} {stderr}");
    stdout
}

async fn whole(database: &TestDatabase) -> Vec<Vec<Vec<Option<String>>>> {
    let mut all = Vec::new();
    for sql in WHOLE {
        all.push(database.rows_text(sql).await);
    }
    all
}

async fn there_and_back(database: TestDatabase, backend: &str, compiled: &BackupSchema) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("draft");
    let ddl = fs::read_to_string(here.join(format!("shop.{backend}.sql"))).unwrap();
    database.sql(&ddl).await;
    let (_, tasks) = TASKS
        .into_iter()
        .find(|(name, _)| *name == backend)
        .unwrap();
    for sql in [ROWS, tasks, LINKS] {
        database.sql(sql).await;
    }
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    let toml = format!("[profiles.local]\nurl = \"{}\"\n", database.url());
    fs::write(folder.join("db.toml"), toml).unwrap();
    let rust = done(folder, &["schema", "draft", "-p", "local", "--rust"]);
    let model = here.join(format!("models/shop_{backend}.rs"));
    if std::env::var_os("DB_ADAPTER_TESTS_UPDATE").is_some() {
        fs::write(&model, &rust).unwrap();
    }
    assert_eq!(fs::read_to_string(&model).unwrap(), rust);
    let json = done(folder, &["schema", "draft", "-p", "local"]);
    let read: BackupSchema = serde_json::from_str(&json).unwrap();
    assert_eq!(
        crate::cases::sorted(&read),
        crate::cases::sorted(compiled),
        "the JSON and the structs are one declaration"
    );
    fs::write(folder.join("draft.json"), json).unwrap();
    done(
        folder,
        &["validate", "-p", "local", "--schema-file", "draft.json"],
    );

    let before = whole(&database).await;
    let draft = ["-p", "local", "--backup-schema", "draft.json"];
    let backup = ["backup", "--user-id", "1", "--output", "ann.json"];
    done(folder, &[&backup[..], &draft].concat());
    database
        .sql(
            "DELETE FROM task_tags WHERE task_id IN (21, 22); DELETE FROM tasks WHERE project_id = 11;
             DELETE FROM projects WHERE user_id = 1; DELETE FROM reviews WHERE author_id = 1;
             DELETE FROM visits WHERE user_id = 1; DELETE FROM users WHERE id = 1; DELETE FROM tags WHERE id = 31",
        )
        .await;
    assert_ne!(whole(&database).await, before);
    let restore = [
        "restore",
        "ann.json",
        "--yes",
        "--target",
        "local",
        "--user-id",
    ];
    done(folder, &[&restore[..], &["1"], &draft].concat());
    assert_eq!(whole(&database).await, before);
    // once more: everything is there
    done(folder, &[&restore[..], &["1"], &draft].concat());
    assert_eq!(whole(&database).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drafted_shop_of_postgresql_goes_there_and_back() {
    let database = TestDatabase::postgres().await;
    there_and_back(database, "postgres", &models::shop_postgres::SCHEMA).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drafted_shop_of_sqlite_goes_there_and_back() {
    let database = TestDatabase::sqlite();
    there_and_back(database, "sqlite", &models::shop_sqlite::SCHEMA).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_drafted_is_said() {
    let database = TestDatabase::sqlite();
    database
        .sql("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        .await;
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    let url = database.url();
    let draft = ["schema", "draft", "-D", url];
    for (more, code, said) in [
        (
            &["--user-column", "owner"][..],
            2,
            "no table has a column `owner`",
        ),
        (&["--user-column", ""], 2, "empty"),
        (&["--rust", "--json"], 2, "two forms"),
        (&[], 0, "not proven: no unique constraint"),
    ] {
        let (found, stdout, stderr) = run(folder, &[&draft[..], more].concat());
        assert_eq!(found, Some(code), "{stdout} {stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
    let empty = TestDatabase::sqlite();
    empty.sql("CREATE VIEW v AS SELECT 1 AS x").await;
    let (found, _, stderr) = run(folder, &["schema", "draft", "-D", empty.url()]);
    assert_eq!(found, Some(1), "{stderr}");
}
