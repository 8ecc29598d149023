//! No room left: on the destination's disk, and on that of the backup file.

use std::path::{Path, PathBuf};
use std::process::Command;

use db_adapter::ErrorKind;
use db_adapter::backup::{RestoreOptions, restore_database};
use db_adapter::prelude::*;
use support::{PostgresServer, TestDatabase};

use super::child::Run;
use super::{PAIR, filled, held, pair};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, restore};

cases! {
    a_backup_file_on_a_full_disk_leaves_the_old_one,
}

/// A file-size limit fails as a full disk does, at the byte that it names.
async fn a_backup_file_on_a_full_disk_leaves_the_old_one(backend: Backend) {
    let side = filled(backend, 4000).await;
    let kept = Kept::written("the old one");
    let schema = pair();
    let run = Run {
        what: "backup",
        url: side.database.url(),
        schema: &schema,
        file: &kept.path,
    };
    let blocks: &[u32] = match backend {
        Backend::Postgres => &[0, 1, 100, 700],
        // its own files have to be opened
        Backend::Sqlite => &[100, 700],
    };
    for blocks in blocks {
        // ignored, so that the write fails instead
        let limits = format!("trap '' XFSZ; ulimit -f {blocks};");
        let ended = run.to_its_end(&limits).await;
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.said.contains("backup.json"), "{ended:?}");
        assert!(!ended.said.contains("some text"), "{ended:?}");
        assert_eq!(kept.text(), "the old one");
        assert_eq!(kept.names(), ["backup.json"], "no trash");
    }
}

/// The database may not grow any more, from some point in the middle on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_sqlite_database_keeps_what_it_had() {
    let kept = back_up(&filled(Backend::Sqlite, 4000).await, &pair(), "ann").await;
    let mut side = Side::with(Backend::Sqlite, PAIR).await;
    side.sql("INSERT INTO lefts (user_id, slug, n) VALUES ('bob', 'b', 1)")
        .await;
    let pages: u64 = side.table("PRAGMA page_count").await.parse().unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + 20);
    side.db.execute(limit).await.unwrap();
    let options = RestoreOptions::default();
    let result = restore_database(side.db.as_ref(), &pair(), &kept.path, "ann", options).await;
    let error = result.expect_err("there is no room");
    assert_eq!(error.kind(), ErrorKind::Database, "{error:?}");
    assert!(!error.to_string().contains("some text"), "{error}");
    assert_eq!(held(&mut side).await, "1,0");
    side.db
        .execute("PRAGMA max_page_count = 1000000")
        .await
        .unwrap();
    restore(&side, &pair(), &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(held(&mut side).await, "4001,4000");
}

/// The tables of the destination lie on a file system of four megabytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_postgres_disk_keeps_what_it_had() {
    let server = PostgresServer::start();
    let Some(disk) = Disk::mount(&server.folder().join("small")) else {
        eprintln!("NOT RUN: a small file system can be mounted by root alone");
        return;
    };
    let kept = back_up(&filled(Backend::Postgres, 40_000).await, &pair(), "ann").await;
    let database = TestDatabase::postgres_on(&server).await;
    let mut side = Side::of(Backend::Postgres, database).await;
    side.sql(&format!(
        "CREATE TABLESPACE small LOCATION '{}'",
        disk.0.display()
    ))
    .await;
    side.sql(&format!("SET default_tablespace = small; {PAIR}"))
        .await;
    side.sql("INSERT INTO lefts (user_id, slug, n) VALUES ('bob', 'b', 1)")
        .await;
    let options = RestoreOptions::default();
    let result = restore_database(side.db.as_ref(), &pair(), &kept.path, "ann", options).await;
    let error = result.expect_err("there is no room");
    assert_eq!(error.kind(), ErrorKind::Database, "{error:?}");
    assert!(error.to_string().contains("53100"), "disk full: {error}");
    assert!(!error.to_string().contains("some text"), "{error}");
    assert_eq!(held(&mut side).await, "1,0");
    side.sql("SET default_tablespace = ''; ALTER TABLE lefts SET TABLESPACE pg_default; ALTER TABLE rights SET TABLESPACE pg_default")
        .await;
    restore(&side, &pair(), &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(held(&mut side).await, "40001,40000");
    side.db.close().await.unwrap();
}

/// A small file system, unmounted at the end.
struct Disk(PathBuf);

impl Disk {
    fn mount(folder: &Path) -> Option<Disk> {
        std::fs::create_dir(folder).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs"])
            .arg(folder)
            .status();
        let mounted = mounted.is_ok_and(|status| status.success());
        mounted.then(|| {
            // the server wants it for itself
            let _ = Command::new("chown").arg("postgres").arg(folder).status();
            Disk(folder.to_owned())
        })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
