//! What a backup holds: whose rows, from which moment, in which file.

mod chosen;
mod file;
mod types;

use db_adapter::backup::{BackupFile, BackupOptions, backup_database, validate_backup};
use db_adapter::prelude::*;
use db_adapter::{BackupSchema, TableDef};
use serde_json::Value as Json;

use crate::case::Case;

pub(super) struct Backup {
    pub(super) file: BackupFile,
    pub(super) json: Json,
    pub(super) text: String,
    pub(super) _folder: tempfile::TempDir,
}

impl Backup {
    /// One column of a table in the file.
    pub(super) fn column(&self, table: &str, column: &str) -> Vec<String> {
        let mut values: Vec<String> = self.json[table]
            .as_array()
            .unwrap_or_else(|| panic!("no table {table}"))
            .iter()
            .map(|row| row[column].to_string().replace('"', ""))
            .collect();
        values.sort();
        values
    }

    pub(super) fn ids(&self, table: &str) -> Vec<String> {
        self.column(table, "id")
    }
}

pub(super) async fn try_backup(
    t: &Case,
    schema: &BackupSchema,
    user: impl Into<Value>,
    options: BackupOptions,
) -> db_adapter::Result<Backup> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.json");
    let file = backup_database(&t.db, schema, user, options.output(&path)).await?;
    let text = std::fs::read_to_string(&path).unwrap();
    let json: Json = serde_json::from_str(&text).unwrap();
    let report = validate_backup(&path, schema).unwrap();
    assert!(report.valid, "{:?}\n{text}", report.errors);
    for (table, rows) in &file.counts {
        // one called like an entry of the file has another name there
        let Some(found) = json[table].as_array() else {
            continue;
        };
        assert_eq!(found.len() as u64, *rows, "{table}");
        assert_eq!(json["metadata"][format!("{table}_count")], *rows);
    }
    Ok(Backup {
        file,
        json,
        text,
        _folder: folder,
    })
}

pub(super) async fn backup(t: &Case, schema: &BackupSchema, user: impl Into<Value>) -> Backup {
    try_backup(t, schema, user, BackupOptions::new())
        .await
        .unwrap()
}

pub(super) fn library() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("authors"),
        TableDef::new("books").parent("authors", "author_id"),
        TableDef::new("chapters")
            .no_user()
            .parent("books", "book_id"),
    ])
    .unwrap()
}

pub(super) async fn fill(t: &Case) {
    t.ddl("CREATE TABLE authors (id {int8} PRIMARY KEY, user_id {text}, slug {text})")
        .await;
    t.ddl(
        "CREATE TABLE books (id {int8} PRIMARY KEY, user_id {text}, slug {text}, author_id {int8})",
    )
    .await;
    t.ddl("CREATE TABLE chapters (id {int8} PRIMARY KEY, slug {text}, book_id {int8})")
        .await;
    t.ddl("INSERT INTO authors VALUES (1, 'ann', 'a'), (2, 'ann', 'b'), (3, 'bob', 'a')")
        .await;
    t.ddl("INSERT INTO books VALUES (1, 'ann', 'x', 1), (2, 'ann', 'y', 2), (3, 'bob', 'x', 3)")
        .await;
    t.ddl("INSERT INTO chapters VALUES (1, 'i', 1), (2, 'ii', 1), (3, 'i', 2), (4, 'i', 3), (5, 'o', NULL)").await;
}
