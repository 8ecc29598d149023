//! Backup of one user's rows: beside COPY TO and `pg_dump` of the same rows, and on SQLite beside
//! sqlx by hand.

use std::path::Path;

use db_adapter::backup::{BackupOptions, backup_database};
use db_adapter::{ConnectOptions, DatabaseClient, PostgresAdapter, SqliteAdapter};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::by_hand::postgres::{copy_out, pg_dump, whole_tables};
use crate::by_hand::sqlite::{connect, write_out};
use crate::hierarchy::{self, Size, of_the_user};
use crate::measure::Table;
use crate::memory::peak;

const SIZE: Size = Size { authors: 1000 };
const ROUNDS: usize = 5;

pub async fn run() {
    postgres().await;
    sqlite().await;
}

async fn back_up(db: &dyn DatabaseClient, file: &Path) {
    let options = BackupOptions::new().output(file);
    let done = backup_database(db, &hierarchy::schema(), 1, options).await;
    let rows: u64 = done.unwrap().counts.iter().map(|(_, rows)| rows).sum();
    assert_eq!(rows % 221, 0);
}

/// A backup as the only work of a process.
pub async fn alone(url: &str, file: &Path) {
    let db = db_adapter::connect(url).await.unwrap();
    back_up(&db, file).await;
    db.close().await.unwrap();
}

async fn print_peaks(url: &str, file: &Path) {
    println!(
        "  peak memory in MiB: {:.1}, of a process that only connects {:.1}",
        peak("backup", url, file).await,
        peak("connect", url, file).await,
    );
}

async fn postgres() {
    let database = hierarchy::postgres(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let (copy, dump) = (folder.path().join("copy"), folder.path().join("dump"));
    let file = folder.path().join("backup.json");
    let whole = whole_tables();
    let db = PostgresAdapter::connect(database.url()).await.unwrap();
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let queries = of_the_user().map(|query| format!("({query})"));
    let mut table = Table::new("PostgreSQL: backup of 221,000 rows of a user", SIZE.rows());
    for _ in 0..ROUNDS {
        let work = copy_out(&mut connection, &whole, &copy);
        table.time("COPY TO, whole tables", None, work).await;
        let work = copy_out(&mut connection, &queries, &copy);
        table.time("COPY TO, the user's rows", None, work).await;
        let work = pg_dump(&database, &dump);
        table.time("pg_dump -Fc", None, work).await;
        let work = back_up(&db, &file);
        table.time("db-adapter backup", Some(1.7), work).await;
    }
    table.print();
    db.close().await.unwrap();
    print_peaks(database.url(), &file).await;
    connection.close().await.unwrap();
}

async fn sqlite() {
    let database = hierarchy::sqlite(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let (by_hand, file) = (
        folder.path().join("by hand"),
        folder.path().join("backup.json"),
    );
    let db =
        SqliteAdapter::connect_with(ConnectOptions::new(database.url()).synchronous_commit(false))
            .await
            .unwrap();
    let mut connection = connect(database.path()).await;
    let mut table = Table::new("SQLite: backup of 221,000 rows of a user", SIZE.rows());
    for _ in 0..ROUNDS {
        let work = write_out(&mut connection, &by_hand);
        table.time("sqlx and serde_json by hand", None, work).await;
        let work = back_up(&db, &file);
        table.time("db-adapter backup", Some(1.15), work).await;
    }
    table.print();
    db.close().await.unwrap();
    print_peaks(database.url(), &file).await;
    connection.close().await.unwrap();
}
