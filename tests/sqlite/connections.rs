//! Files and memory, several adapters on one file, waiting and giving up.

use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, SqliteAdapter};
use futures_util::StreamExt;
use support::TestDatabase;

use crate::with;

#[tokio::test]
async fn a_file_is_wal_with_foreign_keys_on() {
    let (database, db) = with("CREATE TABLE t (id INTEGER)").await;
    let mode = database.scalar_text("PRAGMA journal_mode").await;
    assert_eq!(mode.as_deref(), Some("wal"));
    for (pragma, value) in [("foreign_keys", 1), ("synchronous", 2)] {
        let row = &db.query(format!("PRAGMA {pragma}")).await.unwrap()[0];
        assert_eq!(row.get_index(0), Some(&Value::Int(value)), "{pragma}");
    }
    db.close().await.unwrap();
    db.close().await.unwrap();
    assert_eq!(db.ping().await.unwrap_err().kind(), ErrorKind::Closed);
    // the journal went back into the file
    assert!(!database.path().with_extension("db-wal").exists());
}

#[tokio::test]
async fn a_commit_need_not_be_on_disk_where_that_is_asked_for() {
    let database = TestDatabase::sqlite();
    let options = ConnectOptions::new(database.url()).synchronous_commit(false);
    let db = SqliteAdapter::connect_with(options).await.unwrap();
    let tx = db.begin().await.unwrap();
    let row = tx.query("PRAGMA synchronous").one().await.unwrap();
    assert_eq!(row.get_index(0), Some(&Value::Int(1)));
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_database_in_memory_may_be_one_that_is_only_read() {
    let options = ConnectOptions::new("sqlite::memory:").read_only(true);
    let db = SqliteAdapter::connect_with(options).await.unwrap();
    let row = db.query("SELECT 1 AS n").one().await.unwrap();
    assert_eq!(row["n"], 1);
    let error = db.execute("CREATE TABLE t (id INTEGER)").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let database = TestDatabase::sqlite();
    let folder = database.path().parent().unwrap().to_owned();
    let garbage = folder.join("garbage.db");
    std::fs::write(
        &garbage,
        "no database at all, only text, and long enough to be read as one",
    )
    .unwrap();
    let socket = folder.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (url, word) in [
        (
            format!("sqlite://{}/nope/x.db", folder.display()),
            "no folder",
        ),
        (format!("sqlite://{}", folder.display()), "is a folder"),
        ("sqlite:///dev/null".to_owned(), "is a device"),
        ("sqlite:///dev/null?mode=ro".to_owned(), "is a device"),
        (format!("sqlite://{}", socket.display()), "a socket"),
        (
            format!("sqlite://{}?mode=rw", database.path().display()),
            "no such file",
        ),
        (
            format!("sqlite://{}?mode=ro", database.path().display()),
            "no such file",
        ),
        (
            format!("sqlite://{}", garbage.display()),
            "no SQLite database",
        ),
    ] {
        let error = SqliteAdapter::connect(&url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{url}: {error}");
        assert!(error.to_string().contains(word), "{url}: {error}");
        assert!(error.hint().is_some(), "{url}: {error}");
    }
    let error = SqliteAdapter::connect("sqlite://x.db?chache=1")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("chache"), "{error}");
}

#[tokio::test]
async fn a_read_only_url_reads_and_does_not_write() {
    let (database, db) = with("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)").await;
    db.close().await.unwrap();
    let db = SqliteAdapter::connect(&format!("{}?mode=ro", database.url()))
        .await
        .unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
    let error = db.insert("t", row! { "id": 2 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    // SQLite begins it all the same
    let tx = db.begin().await.unwrap();
    let error = tx.insert("t", row! { "id": 2 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
}

#[tokio::test]
async fn memory_lives_as_long_as_the_adapter() {
    let options = ConnectOptions::new("sqlite::memory:")
        .idle_timeout(Duration::from_millis(1))
        .max_lifetime(Duration::from_millis(1))
        .acquire_timeout(Duration::from_millis(200));
    let db = SqliteAdapter::connect_with(options).await.unwrap();
    db.execute("CREATE TABLE t (id INTEGER)").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let clone = db.clone();
    clone.insert("t", row! { "id": 1 }).await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 1);
    // two are two
    let other = SqliteAdapter::connect(":memory:").await.unwrap();
    assert_eq!(
        other.count("t", row! {}).await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    // while a transaction is open others wait, and say so
    let tx = db.begin().await.unwrap();
    let error = clone.count("t", row! {}).await.unwrap_err();
    assert!(
        matches!(
            error,
            db_adapter::Error::PoolTimeout {
                in_use: 1,
                max_connections: 1,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    drop(tx);
    assert_eq!(clone.count("t", row! {}).await.unwrap(), 1);
    let tx = db.begin().read_only().await.unwrap();
    assert_eq!(tx.count("t", row! {}).await.unwrap(), 1);
    assert_eq!(
        tx.delete("t", Filter::all()).await.unwrap_err().kind(),
        ErrorKind::ReadOnly
    );
    drop(tx);
    assert_eq!(db.delete("t", Filter::all()).await.unwrap(), 1);
}

#[tokio::test]
async fn two_adapters_on_one_file_wait_for_each_other() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let options = ConnectOptions::new(database.url()).lock_timeout(Duration::from_millis(150));
    let hasty = SqliteAdapter::connect_with(options).await.unwrap();
    let patient = SqliteAdapter::connect(database.url()).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1 }).await.unwrap();
    let started = Instant::now();
    let error = hasty.insert("t", row! { "id": 2 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(started.elapsed() >= Duration::from_millis(140));
    assert_eq!(hasty.begin().await.unwrap_err().kind(), ErrorKind::Timeout);
    // reading does not wait, and sees what is committed
    assert_eq!(hasty.count("t", row! {}).await.unwrap(), 0);
    let waiting = tokio::spawn(async move { patient.insert("t", row! { "id": 3 }).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tx.commit().await.unwrap();
    waiting.await.unwrap().unwrap();
    hasty.insert("t", row! { "id": 2 }).await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_and_readers_at_once() {
    let database = TestDatabase::sqlite();
    // opened at the same time: the change to WAL is fought for
    let adapters = futures_util::future::join_all((0..4).map(|_| {
        let url = database.url().to_owned();
        tokio::spawn(async move { SqliteAdapter::connect(&url).await.unwrap() })
    }))
    .await;
    let adapters: Vec<SqliteAdapter> = adapters.into_iter().map(Result::unwrap).collect();
    adapters[0]
        .execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")
        .await
        .unwrap();
    adapters[0]
        .insert("t", row! { "id": 1, "n": 0 })
        .await
        .unwrap();
    let work = (0..40).map(|i| {
        let db = adapters[i % 4].clone();
        tokio::spawn(async move {
            if i % 2 == 0 {
                db.transaction(async |tx| {
                    let row = tx.select("t", "n").filter(row! { "id": 1 }).one().await?;
                    let n: i64 = row.get("n")?;
                    tx.update("t", row! { "n": n + 1 }, row! { "id": 1 }).await
                })
                .await
                .map(drop)
            } else {
                db.select("t", "*").await.map(drop)
            }
        })
    });
    for result in futures_util::future::join_all(work).await {
        result.unwrap().unwrap();
    }
    let row = adapters[1].select("t", "n").one().await.unwrap();
    assert_eq!(row["n"], 20);
}

#[tokio::test]
async fn operations_dropped_half_way_lose_no_connection() {
    let database = TestDatabase::sqlite();
    let options = ConnectOptions::new(database.url()).max_connections(2);
    let db = SqliteAdapter::connect_with(options).await.unwrap();
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
        .await
        .unwrap();
    db.insert_many(
        "t",
        (0..5000).map(|i| row! { "id": i, "x": "x".repeat(100) }),
    )
    .await
    .unwrap();
    for i in 0..60_u64 {
        let after = Duration::from_micros(i * 20);
        let _ = tokio::time::timeout(after, db.select("t", "*").into_future()).await;
        let _ = tokio::time::timeout(
            after,
            db.insert_many("t", (0..600).map(|n| row! { "id": 10_000 + n, "x": "y" }))
                .into_future(),
        )
        .await;
        let _ = tokio::time::timeout(after, async {
            let tx = db.begin().await.unwrap();
            tx.insert("t", row! { "id": 20_000 }).await.unwrap();
            tx.rollback().await.unwrap();
        })
        .await;
        let mut rows = db.select("t", "id").stream();
        for _ in 0..i {
            rows.next().await.unwrap().unwrap();
        }
        drop(rows);
        db.delete("t", row! { "id": op::gte(10_000) })
            .await
            .unwrap();
    }
    assert_eq!(db.count("t", row! {}).await.unwrap(), 5000);
    assert!(db.pool_status().open <= 3);
}

#[tokio::test]
async fn debug_and_spans_show_no_values() {
    let (database, db) = with("CREATE TABLE t (id INTEGER)").await;
    let shown = format!("{db:?}");
    assert!(
        shown.contains(&database.path().display().to_string()),
        "{shown}"
    );
    let status = db.pool_status();
    assert_eq!(status.max_connections, 11);
}

#[tokio::test]
async fn a_stream_gives_every_row() {
    let (_database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    db.insert_many("t", (0..3000).map(|id| row! { "id": id }))
        .await
        .unwrap();
    let mut rows = db.select("t", "*").order_by("id DESC").stream();
    let mut expected = 3000;
    while let Some(row) = rows.next().await {
        expected -= 1;
        assert_eq!(row.unwrap()["id"], expected);
        if expected == 1500 {
            // another connection writes meanwhile
            db.delete("t", row! { "id": op::lt(10) }).await.unwrap();
        }
    }
    assert_eq!(expected, 0);
    let errors: Vec<_> = db.select("nope", "*").stream().collect().await;
    assert_eq!(errors.len(), 1);
}

#[tokio::test]
async fn a_read_only_client_changes_nothing_and_makes_no_file() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let options = |url: &str| ConnectOptions::new(url).read_only(true);
    let reader = SqliteAdapter::connect_with(options(database.url())).await;
    let reader = reader.unwrap();
    assert_eq!(reader.count("t", row! {}).await.unwrap(), 0);
    let refused = reader.insert("t", row! { "id": 1 }).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ReadOnly);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);

    let copy = TestDatabase::sqlite();
    let into = format!("VACUUM INTO '{}'", copy.path().display());
    for refused in [
        reader.execute(into.as_str()).await.map(drop),
        reader.query(into.as_str()).await.map(drop),
        reader.execute_script(into.as_str()).await,
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
    }
    assert!(!copy.path().exists());

    let missing = format!("{}.missing", database.url());
    let refused = SqliteAdapter::connect_with(options(&missing)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Connection);
}

/// `VACUUM INTO` attaches its file: it must not be one in memory as well.
#[tokio::test]
async fn a_database_in_memory_is_copied_into_a_file() {
    let db = SqliteAdapter::connect("sqlite::memory:").await.unwrap();
    db.execute_script("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (7)")
        .await
        .unwrap();
    let copy = TestDatabase::sqlite();
    db.execute(format!("VACUUM INTO '{}'", copy.path().display()))
        .await
        .unwrap();
    assert!(copy.path().exists());
    assert_eq!(
        copy.scalar_text("SELECT id FROM t").await.as_deref(),
        Some("7")
    );
}

#[tokio::test]
async fn one_thing_after_another_keeps_one_connection_of_each_kind() {
    let (_database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    for id in 1..=200 {
        db.insert("t", row! { "id": id }).await.unwrap();
        assert_eq!(db.count("t", row! {}).await.unwrap(), id);
        let tx = db.begin().read_only().await.unwrap();
        assert!(tx.exists("t", row! { "id": id }).await.unwrap());
        tx.commit().await.unwrap();
        let status = db.pool_status();
        assert_eq!(status.idle, status.open, "{id}");
    }
    assert_eq!(db.pool_status().open, 2, "{:?}", db.pool_status());
}

/// In a process of its own: the working folder is one for all threads.
#[test]
fn a_relative_path_is_one_file_wherever_the_program_goes() {
    const FOLDERS: &str = "DB_ADAPTER_TESTS_FOLDERS";
    const NAME: &str = "connections::a_relative_path_is_one_file_wherever_the_program_goes";
    if let Some(folders) = std::env::var_os(FOLDERS) {
        return moves_between(std::path::Path::new(&folders));
    }
    let folders = tempfile::tempdir().unwrap();
    let (first, second) = (folders.path().join("first"), folders.path().join("second"));
    for folder in [&first, &second] {
        std::fs::create_dir(folder).unwrap();
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env(FOLDERS, folders.path())
        .current_dir(&first)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    let rows = std::process::Command::new("sqlite3")
        .arg(first.join("app.db"))
        .arg("SELECT group_concat(id) FROM t")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&rows.stdout), "1,2\n");
    assert_eq!(std::fs::read_dir(&second).unwrap().count(), 0);
}

#[tokio::main(flavor = "current_thread")]
async fn moves_between(folders: &std::path::Path) {
    let options = ConnectOptions::new("sqlite://app.db").idle_timeout(Duration::from_millis(20));
    let db = SqliteAdapter::connect_with(options).await.unwrap();
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)";
    db.execute_script(sql).await.unwrap();
    std::env::set_current_dir(folders.join("second")).unwrap();
    let started = Instant::now();
    while db.pool_status().open > 0 {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "no connection is closed"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    db.insert("t", row! { "id": 2 }).await.unwrap();
    assert_eq!(db.count("t", Filter::all()).await.unwrap(), 2);
    db.close().await.unwrap();
}
