//! One adapter is on one file, whatever becomes of its name: judged by sqlite3 and the folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, SqliteAdapter};
use support::until;
use tempfile::TempDir;

/// A folder with two databases, each with a table `t` and a row that says which one it is.
fn folder() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let files = ["a", "b"].map(|name| {
        fs::create_dir(folder.path().join(name)).unwrap();
        let file = folder.path().join(name).join("app.db");
        sqlite3(
            &file,
            &format!("CREATE TABLE t (s TEXT); INSERT INTO t VALUES ('{name}')"),
        );
        file
    });
    let [a, b] = files;
    (folder, a, b)
}

fn sqlite3(file: &Path, sql: &str) -> String {
    let output = std::process::Command::new("sqlite3")
        .arg(file)
        .arg(sql)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const ROWS: &str = "SELECT group_concat(s) FROM t";

async fn connect(file: &Path) -> SqliteAdapter {
    let options = ConnectOptions::new(file.to_str().unwrap());
    let options = options.idle_timeout(Duration::from_millis(20));
    SqliteAdapter::connect_with(options).await.unwrap()
}

async fn closed(db: &SqliteAdapter) {
    until("no connection", async || db.pool_status().open == 0).await;
}

/// Reads on many connections at once, so that new ones are opened.
async fn all_read(db: &SqliteAdapter, expected: &str) {
    let reads = (0..8).map(|_| db.query("SELECT s FROM t LIMIT 1").one());
    for row in futures_util::future::join_all(reads.map(IntoFuture::into_future)).await {
        assert_eq!(row.unwrap()["s"], expected);
    }
}

#[tokio::test]
async fn a_link_that_is_changed_changes_nothing_for_an_adapter() {
    for of_folder in [false, true] {
        let (folder, a, b) = folder();
        let link = folder.path().join("current");
        let (from, to, name) = match of_folder {
            true => (
                a.parent().unwrap(),
                b.parent().unwrap(),
                link.join("app.db"),
            ),
            false => (a.as_path(), b.as_path(), link.clone()),
        };
        symlink(from, &link).unwrap();
        let db = connect(&name).await;
        db.insert("t", row! { "s": "1" }).await.unwrap();
        fs::remove_file(&link).unwrap();
        symlink(to, &link).unwrap();
        all_read(&db, "a").await;
        db.insert("t", row! { "s": "2" }).await.unwrap();
        closed(&db).await;
        db.insert("t", row! { "s": "3" }).await.unwrap();
        all_read(&db, "a").await;
        db.close().await.unwrap();
        assert_eq!(sqlite3(&a, ROWS), "a,1,2,3", "{of_folder}");
        assert_eq!(sqlite3(&b, ROWS), "b", "{of_folder}");
    }
}

/// What takes the file away from its name.
const WAYS: [fn(&Path, &Path); 3] = [
    |a, _| fs::remove_file(a).unwrap(),
    |a, _| fs::rename(a, a.with_extension("old")).unwrap(),
    |a, b| fs::rename(b, a).unwrap(),
];

#[tokio::test]
async fn nothing_is_written_into_a_file_that_has_lost_its_name() {
    for (way, take) in WAYS.into_iter().enumerate() {
        for is_open in [true, false] {
            let (_folder, a, b) = folder();
            let db = connect(&a).await;
            db.insert("t", row! { "s": "1" }).await.unwrap();
            let tx = db.begin().await.unwrap();
            tx.insert("t", row! { "s": "2" }).await.unwrap();
            if !is_open {
                tx.rollback().await.unwrap();
                closed(&db).await;
                take(&a, &b);
            } else {
                take(&a, &b);
                let error = tx.commit().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Connection, "{way}: {error}");
            }
            for result in [
                db.insert("t", row! { "s": "3" }).await.map(drop),
                db.execute("CREATE TABLE IF NOT EXISTS t (s TEXT)")
                    .await
                    .map(drop),
                db.begin().await.map(drop),
            ] {
                let error = result.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Connection, "{way}: {error}");
                assert!(
                    error.to_string().contains("was deleted or moved"),
                    "{error}"
                );
            }
            db.close().await.unwrap();
            match way {
                0 => assert!(!a.exists(), "a file was made"),
                1 => {
                    // its journal is beside its old name
                    fs::rename(a.with_extension("old"), &a).unwrap();
                    assert_eq!(sqlite3(&a, ROWS), "a,1");
                }
                // else SQLite takes the journal that is there for its own
                _ if !is_open => assert_eq!(sqlite3(&a, ROWS), "b"),
                _ => {}
            }
        }
    }
}

/// It is the same file: nothing has happened to it.
#[tokio::test]
async fn a_file_that_is_put_back_is_used_again() {
    let (_folder, a, _b) = folder();
    let db = connect(&a).await;
    let aside = a.with_extension("aside");
    fs::rename(&a, &aside).unwrap();
    db.insert("t", row! { "s": "1" }).await.unwrap_err();
    // those that read see it soon
    until("a refused read", async || {
        db.count("t", row! {}).await.is_err()
    })
    .await;
    fs::rename(&aside, &a).unwrap();
    db.insert("t", row! { "s": "2" }).await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2);
    db.close().await.unwrap();
    assert_eq!(sqlite3(&a, ROWS), "a,2");
}
