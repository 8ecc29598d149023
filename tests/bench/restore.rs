//! Restore of one user's rows with other keys, into tables that hold as many: beside COPY FROM of
//! rows that have those keys already, and `pg_restore`; on SQLite beside sqlx by hand.

use std::path::Path;
use std::time::Instant;

use db_adapter::backup::{
    BackupOptions, RestoreMode, RestoreOptions, TableSummary, backup_database, restore_database,
};
use db_adapter::{DatabaseClient, DatabaseClientExt};
use sqlx::Connection;
use support::TestDatabase;

use crate::by_hand::postgres::{copy_in, fresh, pg_dump, pg_restore, remapped_text};
use crate::by_hand::sqlite::{Remapped, connect};
use crate::hierarchy::{self, RESTORED, Size, remapped};
use crate::measure::Table;
use crate::memory::peak;

const SIZE: Size = Size { authors: 1000 };
const ROUNDS: usize = 3;

pub async fn run() {
    postgres().await;
    sqlite().await;
}

/// How much higher the keys of restored rows are: as the database counts on.
fn offsets() -> [u64; 3] {
    [SIZE.authors, SIZE.books(), SIZE.chapters()]
}

async fn check(database: &TestDatabase) {
    let restored = database.scalar_text(RESTORED).await;
    assert_eq!(restored, Some(SIZE.chapters().to_string()));
}

/// The file with the rows of user 1.
async fn back_up(source: &TestDatabase, file: &Path) {
    let db = db_adapter::connect(source.url()).await.unwrap();
    let options = BackupOptions::new().output(file);
    let done = backup_database(&db, &hierarchy::schema(), 1, options).await;
    done.unwrap();
    db.close().await.unwrap();
}

/// Restores for user 2; how many rows are new, and how many changed.
async fn bring_back(db: &dyn DatabaseClient, file: &Path, mode: RestoreMode) -> (u64, u64) {
    let options = RestoreOptions::default().mode(mode);
    let summary = restore_database(db, &hierarchy::schema(), file, 2, options).await;
    let summary = summary.unwrap();
    assert!(summary.committed, "{summary:?}");
    let sum = |count: fn(&TableSummary) -> u64| summary.tables.iter().map(count).sum();
    (sum(|table| table.inserted), sum(|table| table.updated))
}

/// A restore as the only work of a process.
pub async fn alone(url: &str, file: &Path) {
    let db = db_adapter::connect(url).await.unwrap();
    bring_back(&db, file, RestoreMode::Skip).await;
    db.close().await.unwrap();
}

async fn print_peaks(source: &TestDatabase, file: &Path) {
    let database = source.copy().await;
    println!(
        "  peak memory in MiB: {:.1} when all is new, {:.1} when all is there",
        peak("restore", database.url(), file).await,
        peak("restore", database.url(), file).await,
    );
}

/// Restores into a database that has only the other rows, then again, and then over rows of which
/// one in a hundred was changed.
async fn measured(tables: &mut [Table; 2], database: &TestDatabase, file: &Path, goal: f64) {
    let [table, again] = tables;
    let db = db_adapter::connect(database.url()).await.unwrap();
    let started = Instant::now();
    let work = bring_back(&db, file, RestoreMode::Skip);
    let (inserted, _) = table.time("db-adapter restore", Some(goal), work).await;
    again.record("the first time", None, started.elapsed());
    assert_eq!(inserted, SIZE.rows());
    check(database).await;
    let work = bring_back(&db, file, RestoreMode::Skip);
    let done = again.time("again, all is there", Some(0.2), work).await;
    assert_eq!(done, (0, 0));
    let work = bring_back(&db, file, RestoreMode::Overwrite);
    let done = again
        .time("overwrite, nothing has changed", None, work)
        .await;
    assert_eq!(done, (0, 0));
    let change =
        "UPDATE chapters SET title = 'changed' WHERE num = 7 AND book_id % 10 = 7 AND id > :id";
    let last = i64::try_from(SIZE.chapters()).unwrap();
    let changed = db.execute(change).bind("id", last).await.unwrap();
    assert!(changed > 0);
    let work = bring_back(&db, file, RestoreMode::Overwrite);
    let done = again.time("overwrite, one row in a hundred has changed", None, work);
    assert_eq!(done.await, (0, changed));
    db.close().await.unwrap();
}

async fn postgres() {
    let source = hierarchy::postgres(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let (dump, file) = (
        folder.path().join("dump"),
        folder.path().join("backup.json"),
    );
    let texts = remapped_text(&source, offsets()).await;
    dump_of_remapped(&source, &texts, &dump).await;
    back_up(&source, &file).await;
    let mut tables = [
        Table::new(
            "PostgreSQL: restore of 221,000 rows with other keys into tables that hold as many",
            SIZE.rows(),
        ),
        Table::new("PostgreSQL: restore beside the first one", SIZE.rows()),
    ];
    for _ in 0..ROUNDS {
        let (database, mut connection) = fresh(&source).await;
        let work = copy_in(&mut connection, &texts);
        let name = "COPY FROM, keys remapped before";
        tables[0].time(name, None, work).await;
        connection.close().await.unwrap();
        check(&database).await;
        let (database, connection) = fresh(&source).await;
        connection.close().await.unwrap();
        let work = pg_restore(&database, &dump);
        let name = "pg_restore, keys remapped before";
        tables[0].time(name, None, work).await;
        check(&database).await;
        let (database, connection) = fresh(&source).await;
        connection.close().await.unwrap();
        measured(&mut tables, &database, &file, 1.3).await;
    }
    tables.iter().for_each(Table::print);
    print_peaks(&source, &file).await;
}

/// What `pg_restore` gets: a dump of the rows with the keys that they will have.
async fn dump_of_remapped(source: &TestDatabase, texts: &[Vec<u8>; 3], path: &Path) {
    let (database, mut connection) = fresh(source).await;
    sqlx::raw_sql("TRUNCATE authors CASCADE")
        .execute(&mut connection)
        .await
        .unwrap();
    copy_in(&mut connection, texts).await;
    connection.close().await.unwrap();
    pg_dump(&database, path).await;
}

async fn sqlite() {
    let source = hierarchy::sqlite(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.json");
    let mut connection = connect(source.path()).await;
    let rows = Remapped::of(&mut connection, remapped(offsets(), 2)).await;
    connection.close().await.unwrap();
    back_up(&source, &file).await;
    let mut tables = [
        Table::new(
            "SQLite: restore of 221,000 rows with other keys into tables that hold as many",
            SIZE.rows(),
        ),
        Table::new("SQLite: restore beside the first one", SIZE.rows()),
    ];
    for _ in 0..ROUNDS {
        let database = source.copy().await;
        let mut connection = connect(database.path()).await;
        let work = rows.insert(&mut connection);
        let name = "sqlx by hand, 500 rows a statement, keys before";
        tables[0].time(name, None, work).await;
        connection.close().await.unwrap();
        check(&database).await;
        let database = source.copy().await;
        measured(&mut tables, &database, &file, 1.15).await;
    }
    tables.iter().for_each(Table::print);
    print_peaks(&source, &file).await;
}
