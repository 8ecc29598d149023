//! `backup` and `backup --validate`: what they say, which file they write, and how they exit.

use support::TestDatabase;

use crate::program::run;
use crate::project::Project;

const SCHEMA: &str = r#"{"tables": [
  {"name": "books", "parent": {"table": "authors", "field": "author_id"}},
  {"name": "authors"},
  {"name": "chapters", "user_field": null, "parent": {"table": "books", "field": "book_id"}}
]}"#;

const TABLES: &str = "\
CREATE TABLE authors (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL);
CREATE TABLE books (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, author_id INTEGER NOT NULL);
CREATE TABLE chapters (id INTEGER PRIMARY KEY, slug TEXT NOT NULL, book_id INTEGER NOT NULL);
INSERT INTO authors VALUES (1, 'ann', 'a'), (2, 'bob', 'secret-slug');
INSERT INTO books VALUES (1, 'ann', 'x', 1), (2, 'ann', 'y', 1), (3, 'bob', 'x', 2);
INSERT INTO chapters VALUES (1, 'i', 1), (2, 'ii', 1), (3, 'i', 3);
";

const TOML: &str = "\
[profiles.local]
url = \"sqlite://local.db\"

[schema]
backup_schema = \"tables.json\"

[defaults]
user_id_env = \"APP_USER\"
";

async fn project() -> Project {
    let project = Project::new(TOML);
    project.write(".db-profile", "local\n");
    project.write("tables.json", SCHEMA);
    let database = TestDatabase::sqlite();
    database.sql(TABLES).await;
    std::fs::copy(database.path(), project.path().join("local.db")).unwrap();
    project
}

#[tokio::test]
async fn a_backup_says_what_it_holds() {
    let mut project = project().await;
    let user = [("APP_USER", "ann")];
    project.run_with(&user, &["backup", "-o", "ann.json"]);
    project.run(&["backup", "--user-id", "ann", "-o", "ann.json.zst", "--json"]);
    project.run(&["backup", "--validate", "ann.json"]);
    project.run(&["backup", "--validate", "ann.json.zst", "--json"]);
    project.run(&[
        "backup",
        "--user-id",
        "ann",
        "-o",
        "books.json",
        "--tables",
        "books",
    ]);
    project.run(&["backup", "--validate", "books.json"]);
    project.run(&["backup", "--all-rows", "-o", "all.json"]);
    project.run(&["backup", "--user-id", "nobody", "-o", "none.json", "-q"]);
    project.matches("backup");
    let compressed = std::fs::read(project.path().join("ann.json.zst")).unwrap();
    assert_eq!(compressed[..4], [0x28, 0xb5, 0x2f, 0xfd]);
    let plain: serde_json::Value = serde_json::from_str(&project.read("ann.json")).unwrap();
    assert_eq!(plain["chapters"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_a_backup_refuses() {
    let mut project = project().await;
    project.run(&["backup"]);
    project.run_with(&[("APP_USER", "")], &["backup"]);
    project.run_with(&[("APP_USER", " ")], &["backup"]);
    // the variable's good value does not stand in for a flag that is empty
    project.run_with(&[("APP_USER", "ann")], &["backup", "--user-id", ""]);
    project.run(&["backup", "--user-id", "ann", "--all-rows"]);
    project.run(&["backup", "--validate", "x.json", "--user-id", "ann"]);
    project.run(&["backup", "--user-id", "ann", "--tables", "bocks"]);
    project.run(&["backup", "--user-id", "ann", "-o", "-", "--json"]);
    project.run(&["backup", "--user-id", "ann", "-o", "tables.json/a.json"]);
    project.run(&["backup", "--user-id", "ann", "-o", "/dev/stdout"]);
    project.run(&["backup", "--user-id", "ann", "-o", "."]);
    project.run(&[
        "backup",
        "--user-id",
        "ann",
        "--backup-schema",
        "missing.json",
    ]);
    project.run(&["backup", "--user-id", "ann", "-D", "sqlite://missing.db"]);
    let query = [
        "query",
        "--write",
        "INSERT INTO books VALUES (9, 'ann', 'secret', 2)",
    ];
    assert_eq!(run(project.command(&query)).code, Some(0));
    project.run(&["backup", "--user-id", "ann", "-o", "ann.json"]);
    project.write("db.toml", "[profiles.local]\nurl = \"sqlite://local.db\"\n");
    project.run(&["backup", "--user-id", "ann"]);
    project.run(&[
        "backup",
        "--user-id",
        "ann",
        "--backup-schema",
        "tables.json",
        "--schema-file",
        "x.sql",
    ]);
    project.run(&["backup", "--backup-schema", "tables.json"]);
    project.matches("backup_refused");
    let left: Vec<String> = std::fs::read_dir(project.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("ann.json"))
        .collect();
    assert_eq!(
        left,
        [] as [&str; 0],
        "a run that failed leaves nothing behind"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_file() {
    let mut project = project().await;
    let good = ["backup", "--user-id", "ann", "-o", "good.json", "-q"];
    assert_eq!(run(project.command(&good)).code, Some(0));
    let text = project.read("good.json");
    project.write("cut.json", &text[..text.len() / 2]);
    project.write(
        "edited.json",
        &text.replacen("\"slug\":\"x\"", "\"slug\":\"z\"", 1),
    );
    project.write("wrong.json", "id,slug\n1,a\n");
    project.write(
        "original.json",
        r#"{
  "metadata": {"created_at": "2026-01-15T10:30:00.123456", "user_id": "ann", "backup_type": "full", "version": "1.1", "authors_count": 1, "books_count": 2, "chapters_count": 1},
  "authors": [{"id": 1, "user_id": "ann", "slug": "secret"}],
  "books": [
    {"id": 1, "user_id": "ann", "slug": "secret", "author_id": 1},
    {"id": 2, "user_id": "ann", "slug": "secret", "author_id": 7}
  ],
  "chapters": [{"id": 1, "slug": "secret", "book_id": 1}]
}"#,
    );
    for file in [
        "good.json",
        "cut.json",
        "edited.json",
        "wrong.json",
        "original.json",
        "missing.json",
    ] {
        project.run(&["backup", "--validate", file]);
    }
    project.run(&["backup", "--validate", "original.json", "--json"]);
    // no database is asked, and none is needed
    std::fs::remove_file(project.path().join("local.db")).unwrap();
    project.run(&["backup", "--validate", "good.json", "-q"]);
    std::fs::remove_file(project.path().join("db.toml")).unwrap();
    project.run(&[
        "backup",
        "--validate",
        "good.json",
        "--backup-schema",
        "tables.json",
    ]);
    project.matches("backup_validate");
}

#[tokio::test]
async fn a_backup_goes_to_stdout_and_is_read_from_stdin() {
    let project = project().await;
    let out = run(project.command(&["backup", "--user-id", "ann", "-o", "-"]));
    assert_eq!(
        (out.code, out.stderr.as_str()),
        (Some(0), "5 rows of 3 tables\n")
    );
    let json: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(json["seal"]["rows"]["books"], 2);
    project.write("piped.json", &out.stdout);
    let mut command = project.command(&["backup", "--validate", "-", "--json"]);
    command.stdin(std::fs::File::open(project.path().join("piped.json")).unwrap());
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("\"valid\":true"), "{told}");
}

#[tokio::test]
async fn a_file_without_a_name_goes_beside_db_toml() {
    let project = project().await;
    std::fs::create_dir(project.path().join("below")).unwrap();
    for _ in 0..2 {
        let mut command = project.command(&["backup", "--user-id", "ann"]);
        command.current_dir(project.path().join("below"));
        assert_eq!(run(command).code, Some(0));
    }
    let made = std::fs::read_dir(project.path().join("backups")).unwrap();
    let names: Vec<String> = made
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        names.iter().all(|name| name.starts_with("backup-20")),
        "{names:?}"
    );
}

#[tokio::test]
async fn row_security_is_refused_until_it_is_allowed() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE authors (id bigint PRIMARY KEY, user_id text, slug text)")
        .await;
    database
        .sql("ALTER TABLE authors ENABLE ROW LEVEL SECURITY")
        .await;
    let role = format!("cli_reader_{}", database.name());
    for sql in [
        format!("CREATE ROLE {role}"),
        format!("GRANT SELECT ON authors TO {role}"),
    ] {
        database.sql(&sql).await;
    }
    let project = Project::empty();
    project.write("tables.json", r#"{"tables": [{"name": "authors"}]}"#);
    let separator = if database.url().contains('?') {
        '&'
    } else {
        '?'
    };
    let url = format!("{}{separator}options=-c%20role%3D{role}", database.url());
    let arguments = [
        "backup",
        "-D",
        &url,
        "--backup-schema",
        "tables.json",
        "--user-id",
        "u",
        "-o",
        "a.json",
    ];
    let refused = run(project.command(&arguments));
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("--allow-row-security"),
        "{}",
        refused.stderr
    );
    assert!(!project.path().join("a.json").exists());
    let allowed = [&arguments[..], &["--allow-row-security"]].concat();
    let allowed = run(project.command(&allowed));
    assert_eq!(allowed.code, Some(0));
    assert!(
        allowed
            .stderr
            .contains("so that the backup may not be whole"),
        "{}",
        allowed.stderr
    );
    for sql in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        database.sql(&sql).await;
    }
}
