//! The steps that cases are made of: a backup into a folder of its own, a restore, what a summary
//! counts.

use std::path::{Path, PathBuf};

use db_adapter::backup::{
    BackupFile, BackupOptions, RestoreOptions, RestoreSummary, backup_database, restore_database,
};
use db_adapter::{BackupSchema, Error, Result, TableDef, Value};
use tempfile::TempDir;

use crate::side::Side;

/// A backup file in a folder that goes with it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) path: PathBuf,
    pub(crate) counts: Vec<(String, u64)>,
    folder: TempDir,
}

impl Kept {
    /// A file of somebody else's making.
    pub(crate) fn written(text: &str) -> Kept {
        let kept = Kept::empty();
        std::fs::write(&kept.path, text).unwrap();
        kept
    }

    pub(crate) fn empty() -> Kept {
        let folder = tempfile::tempdir().unwrap();
        Kept {
            path: folder.path().join("backup.json"),
            counts: Vec::new(),
            folder,
        }
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }

    /// The names of everything in its folder.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        entries.map(name).collect()
    }
}

pub(crate) fn schema(tables: impl IntoIterator<Item = TableDef>) -> BackupSchema {
    BackupSchema::new(tables).unwrap()
}

/// A backup that must succeed.
pub(crate) async fn back_up(side: &Side, schema: &BackupSchema, user: impl Into<Value>) -> Kept {
    let mut kept = Kept::empty();
    let file = try_back_up(side, schema, user, &kept.path).await;
    kept.counts = file
        .unwrap_or_else(|error| panic!("the backup: {error}"))
        .counts;
    kept
}

pub(crate) async fn try_back_up(
    side: &Side,
    schema: &BackupSchema,
    user: impl Into<Value>,
    path: &Path,
) -> Result<BackupFile> {
    let options = BackupOptions::new().output(path);
    backup_database(side.db.as_ref(), schema, user, options).await
}

/// A restore that must come to its end.
pub(crate) async fn restore(
    side: &Side,
    schema: &BackupSchema,
    kept: &Kept,
    user: impl Into<Value>,
    options: RestoreOptions,
) -> RestoreSummary {
    let restored = restore_database(side.db.as_ref(), schema, &kept.path, user, options).await;
    restored.unwrap_or_else(|error| panic!("the restore: {error}"))
}

/// A restore that must be refused.
pub(crate) async fn refused(
    side: &Side,
    schema: &BackupSchema,
    kept: &Kept,
    user: impl Into<Value>,
) -> Error {
    let options = RestoreOptions::default();
    match restore_database(side.db.as_ref(), schema, &kept.path, user, options).await {
        Ok(summary) => panic!("expected an error: {summary:?}"),
        Err(error) => error,
    }
}

/// `inserted/updated/skipped/failed` of each table, in their order.
pub(crate) fn counts(summary: &RestoreSummary) -> String {
    let of = |t: &db_adapter::backup::TableSummary| {
        format!(
            "{} {}/{}/{}/{}",
            t.table, t.inserted, t.updated, t.skipped, t.failed
        )
    };
    summary.tables.iter().map(of).collect::<Vec<_>>().join(", ")
}

/// The cases of a file: a test of each on every backend.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        cases!(@ postgres Postgres $($name)*);
        cases!(@ sqlite Sqlite $($name)*);
    };
    (@ $module:ident $backend:ident $($name:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::side::Backend::$backend).await;
                }
            )*
        }
    };
}
