//! The file: its shape, its name, who may read it, and what is left of one that failed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use db_adapter::backup::{BackupOptions, backup_database, backup_to_writer};
use db_adapter::prelude::*;
use db_adapter::{BackupSchema, ErrorKind, TableDef};
use serde_json::Value as Json;

use super::{backup, fill, library, try_backup};
use crate::case::{Case, error, kind};

cases! {
    outside: [
        names_that_need_quotes, tables_called_like_entries_of_the_file, the_file_is_the_originals_shape,
        metadata_of_the_caller, tables_without_rows, wrong_schemas_are_named,
        a_failed_run_leaves_the_old_file, a_file_is_written_where_it_is_named, only_the_owner_may_read,
        default_names_never_overwrite, progress_is_told, to_a_writer,
        concurrent_writers_never_tear_a_backup, no_value_in_errors,
    ]
}

async fn names_that_need_quotes(t: &Case) {
    t.ddl(r#"CREATE TABLE "Order" ("Id" {int8} PRIMARY KEY, "user" {text}, "select" {text}, "we""ird" {text})"#).await;
    t.ddl(r#"INSERT INTO "Order" VALUES (1, 'u', 's', 'w')"#)
        .await;
    let schema =
        BackupSchema::new([TableDef::new("Order").pk("Id").user("user").slug("select")]).unwrap();
    let backup = backup(t, &schema, "u").await;
    assert_eq!(backup.json["Order"][0]["we\"ird"], "w");
}

async fn tables_called_like_entries_of_the_file(t: &Case) {
    let schema = t.either("public", "main");
    for name in ["metadata", "seal"] {
        t.ddl(&format!(
            "CREATE TABLE {name} (id {{int8}} PRIMARY KEY, slug {{text}})"
        ))
        .await;
        t.ddl(&format!("INSERT INTO {name} VALUES (1, 'a')")).await;
    }
    let tables = ["metadata", "seal"].map(|name| TableDef::new(name).no_user());
    let backup = backup(t, &BackupSchema::new(tables).unwrap(), "u").await;
    assert_eq!(backup.ids(&format!("{schema}.metadata")), ["1"]);
    assert_eq!(backup.ids(&format!("{schema}.seal")), ["1"]);
    assert_eq!(backup.json["metadata"][format!("{schema}.seal_count")], 1);
}

async fn the_file_is_the_originals_shape(t: &Case) {
    fill(t).await;
    let ann = backup(t, &library(), "ann").await;
    let metadata = &ann.json["metadata"];
    assert_eq!(metadata["backup_type"], "full");
    assert_eq!(metadata["version"], "1.1");
    assert_eq!(metadata["user_id"], "ann");
    assert_eq!(metadata["chapters_count"], 3);
    assert!(metadata["created_at"].as_str().unwrap().ends_with("+00:00"));
    let types = &metadata["db_adapter"]["tables"]["books"]["columns"];
    assert_eq!(types["id"], "bigint");
    assert!(ann.text.starts_with("{\"metadata\":{"));
    let starts: Vec<usize> = [
        "\"authors\":[",
        "\"books\":[",
        "\"chapters\":[",
        "\"seal\":{",
    ]
    .iter()
    .map(|part| ann.text.find(&format!("\n{part}")).unwrap())
    .collect();
    assert!(starts.is_sorted());
    let rows = ann
        .text
        .lines()
        .filter(|line| line.starts_with("{\"id\":"))
        .count();
    assert_eq!(rows, 7, "one row a line");
}

async fn metadata_of_the_caller(t: &Case) {
    fill(t).await;
    let options = BackupOptions::new()
        .metadata("environment", "staging")
        .unwrap();
    let options = options
        .metadata("nested", serde_json::json!({"a": [1, "x\ny"]}))
        .unwrap();
    let backup = try_backup(t, &library(), "ann", options).await.unwrap();
    assert_eq!(backup.json["metadata"]["environment"], "staging");
    assert_eq!(backup.json["metadata"]["nested"]["a"][1], "x\ny");
    for taken in [
        "version",
        "user_id",
        "db_adapter",
        "books_count",
        "created_at",
    ] {
        assert_eq!(
            kind(BackupOptions::new().metadata(taken, 1)),
            ErrorKind::InvalidQuery,
            "{taken}"
        );
    }
}

async fn tables_without_rows(t: &Case) {
    t.ddl("CREATE TABLE empty (id {int8} PRIMARY KEY, user_id {text}, slug {text})")
        .await;
    let schema = BackupSchema::new([TableDef::new("empty")]).unwrap();
    let backup = backup(t, &schema, "u").await;
    assert_eq!(backup.json["empty"], serde_json::json!([]));
}

async fn wrong_schemas_are_named(t: &Case) {
    fill(t).await;
    let ask = async |def: TableDef| {
        let schema = BackupSchema::new([def]).unwrap();
        let result = try_backup(t, &schema, "u", BackupOptions::new()).await;
        error(result.map(|_| ())).to_string()
    };
    let text = ask(TableDef::new("author")).await;
    assert!(text.contains("did you mean `authors`"), "{text}");
    let text = ask(TableDef::new("authors").user("owner")).await;
    assert!(text.contains("no column `owner`"), "{text}");
    let text = ask(TableDef::new("chapters")).await;
    assert!(
        text.contains("no column `user_id` in table `chapters`"),
        "{text}"
    );
}

async fn a_failed_run_leaves_the_old_file(t: &Case) {
    fill(t).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("good.json");
    let save = async |user: &str| {
        let options = BackupOptions::new().output(&path);
        backup_database(&t.db, &library(), user, options).await
    };
    save("ann").await.unwrap();
    let good = std::fs::read(&path).unwrap();
    t.ddl("INSERT INTO books VALUES (10, 'ann', 'stolen', 3)")
        .await;
    assert_eq!(kind(save("ann").await), ErrorKind::ForeignParents);
    assert_eq!(std::fs::read(&path).unwrap(), good);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left behind"
    );
    save("bob").await.unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), good);
    for (place, part) in [("good.json/b.json", "exists"), (".", "folder")] {
        let options = BackupOptions::new().output(folder.path().join(place));
        let failed = error(backup_database(&t.db, &library(), "bob", options).await);
        assert_eq!(failed.kind(), ErrorKind::File);
        assert!(failed.to_string().contains(part), "{failed}");
    }
}

/// A link goes on to be one, a device stays a device, and a folder is made.
#[cfg(unix)]
async fn a_file_is_written_where_it_is_named(t: &Case) {
    fill(t).await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("real")).unwrap();
    std::os::unix::fs::symlink("real/kept.json", at("link.json")).unwrap();
    let save = async |path: &Path| {
        let options = BackupOptions::new().output(path);
        backup_database(&t.db, &library(), "ann", options).await
    };
    // the link leads to nothing, then to a file
    for _ in 0..2 {
        let file = save(&at("link.json")).await.unwrap();
        assert_eq!(file.path, at("link.json"));
        assert!(at("link.json").is_symlink());
        assert!(at("real/kept.json").is_file() && !at("real/kept.json").is_symlink());
    }
    save(&at("some/folder/b.json")).await.unwrap();
    assert!(at("some/folder/b.json").is_file());
    for device in ["/dev/null", "/dev/stdout"] {
        std::os::unix::fs::symlink(device, at("device.json")).unwrap();
        for path in [Path::new(device), &at("device.json")] {
            let before = std::fs::symlink_metadata(path).unwrap().file_type();
            let failed = error(save(path).await);
            assert_eq!(failed.kind(), ErrorKind::File, "{failed}");
            let now = std::fs::symlink_metadata(path).unwrap().file_type();
            assert_eq!(now, before, "{path:?}");
        }
        std::fs::remove_file(at("device.json")).unwrap();
    }
}

#[cfg(unix)]
async fn only_the_owner_may_read(t: &Case) {
    use std::os::unix::fs::PermissionsExt;
    fill(t).await;
    let backup = backup(t, &library(), "ann").await;
    let mode = std::fs::metadata(&backup.file.path)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

async fn default_names_never_overwrite(t: &Case) {
    fill(t).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("made/on/demand");
    let mut made: Vec<PathBuf> = Vec::new();
    for _ in 0..3 {
        let options = BackupOptions::new().folder(&place);
        let file = backup_database(&t.db, &library(), "ann", options)
            .await
            .unwrap();
        assert!(!made.contains(&file.path), "{:?}", file.path);
        made.push(file.path);
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir(&place)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    made.sort();
    found.sort();
    assert_eq!(found, made);
}

async fn progress_is_told(t: &Case) {
    fill(t).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    let options = BackupOptions::new().on_progress(move |p| {
        kept.lock()
            .unwrap()
            .push((p.table.clone(), p.rows, p.total))
    });
    try_backup(t, &library(), "ann", options).await.unwrap();
    let told = told.lock().unwrap();
    assert_eq!(told.first(), Some(&("authors".to_owned(), 0, 7)));
    assert_eq!(told.last(), Some(&("chapters".to_owned(), 7, 7)));
}

async fn to_a_writer(t: &Case) {
    fill(t).await;
    let mut bytes = Vec::new();
    let file = backup_to_writer(&t.db, &library(), "ann", BackupOptions::new(), &mut bytes)
        .await
        .unwrap();
    assert_eq!(file.path, Path::new("-"));
    let json: Json = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json["seal"]["rows"]["books"], 2);
}

/// Each writer moves a coin from one table to another: whoever sees both at one moment sees one.
async fn concurrent_writers_never_tear_a_backup(t: &Case) {
    for table in ["purses", "vaults"] {
        t.ddl(&format!(
            "CREATE TABLE {table} (id {{int8}} PRIMARY KEY, slug {{text}}, coins {{int8}})"
        ))
        .await;
        t.ddl(&format!("INSERT INTO {table} VALUES (1, 'a', 500)"))
            .await;
    }
    let schema =
        BackupSchema::new(["purses", "vaults"].map(|name| TableDef::new(name).no_user())).unwrap();
    let writer = t.connect(|options| options).await;
    let writing = tokio::spawn(async move {
        for turn in 0..1000 {
            let tx = writer.begin().await.unwrap();
            let (from, to) = if turn % 2 == 0 {
                ("purses", "vaults")
            } else {
                ("vaults", "purses")
            };
            for (table, change) in [(from, "coins - 1"), (to, "coins + 1")] {
                tx.execute(format!("UPDATE {table} SET coins = {change}"))
                    .await
                    .unwrap();
                tokio::task::yield_now().await;
            }
            tx.commit().await.unwrap();
        }
        writer.close().await.unwrap();
    });
    let mut seen = 0;
    while !writing.is_finished() || seen == 0 {
        let backup = backup(t, &schema, "u").await;
        let coins = |table: &str| backup.json[table][0]["coins"].as_i64().unwrap();
        assert_eq!(coins("purses") + coins("vaults"), 1000, "a torn snapshot");
        seen += 1;
    }
    writing.await.unwrap();
}

async fn no_value_in_errors(t: &Case) {
    fill(t).await;
    let options = BackupOptions::new().table_filter("authors", row! { "id": "secret" });
    let text = error(try_backup(t, &library(), "ann", options).await.map(|_| ())).to_string();
    assert!(!text.contains("secret"), "{text}");
    let options = BackupOptions::new()
        .table_filter("authors", row! { "slug": "secret" })
        .metadata("m", "secret")
        .unwrap();
    assert!(!format!("{options:?}").contains("secret"));
}
