//! PostgreSQL's own bulk ways: COPY, `pg_dump`, `pg_restore`.

use std::io::{BufWriter, Write};
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use support::{TestDatabase, find_binaries};
use tokio::process::Command;

use crate::hierarchy::{TABLES, remapped};

/// What stands behind COPY for whole tables.
pub fn whole_tables() -> [String; 3] {
    TABLES.map(|(table, columns)| format!("{table} ({})", columns.join(", ")))
}

/// COPY TO of these tables or queries, in one snapshot, to a file that is synced.
pub async fn copy_out(connection: &mut PgConnection, sources: &[String; 3], path: &Path) {
    let file = std::fs::File::create(path).unwrap();
    let mut file = BufWriter::with_capacity(128 << 10, file);
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let mut tx = connection.begin_with(begin).await.unwrap();
    for source in sources {
        let copy = format!("COPY {source} TO STDOUT");
        let mut rows = tx.copy_out_raw(&copy).await.unwrap();
        while let Some(bytes) = rows.try_next().await.unwrap() {
            file.write_all(&bytes).unwrap();
        }
    }
    tx.commit().await.unwrap();
    file.into_inner().unwrap().sync_all().unwrap();
}

/// The rows of user 1 as text for COPY, table by table, with the keys that they get as user 2's.
pub async fn remapped_text(database: &TestDatabase, offsets: [u64; 3]) -> [Vec<u8>; 3] {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let mut texts = [const { Vec::new() }; 3];
    for (query, text) in remapped(offsets, 2).iter().zip(&mut texts) {
        let copy = format!("COPY ({query}) TO STDOUT");
        let mut rows = connection.copy_out_raw(&copy).await.unwrap();
        while let Some(bytes) = rows.try_next().await.unwrap() {
            text.extend_from_slice(&bytes);
        }
    }
    connection.close().await.unwrap();
    texts
}

/// COPY FROM, in one transaction.
pub async fn copy_in(connection: &mut PgConnection, texts: &[Vec<u8>; 3]) {
    let mut tx = connection.begin().await.unwrap();
    for (table, text) in whole_tables().iter().zip(texts) {
        let copy = format!("COPY {table} FROM STDIN");
        let mut copy = tx.copy_in_raw(&copy).await.unwrap();
        for piece in text.chunks(64 << 10) {
            copy.send(piece).await.unwrap();
        }
        copy.finish().await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// `pg_dump -Fc` of the rows of the three tables.
pub async fn pg_dump(database: &TestDatabase, path: &Path) {
    let tables = TABLES.map(|(table, _)| format!("--table={table}"));
    let file = format!("--file={}", path.display());
    let mut command = program("pg_dump", database);
    command
        .args(["--format=custom", "--data-only", &file])
        .args(tables);
    succeed(command).await;
}

/// `pg_restore` of them, in one transaction.
pub async fn pg_restore(database: &TestDatabase, path: &Path) {
    let mut command = program("pg_restore", database);
    command
        .args(["--data-only", "--single-transaction"])
        .arg(path);
    succeed(command).await;
}

fn program(name: &str, database: &TestDatabase) -> Command {
    let mut command = Command::new(find_binaries(None).unwrap().join(name));
    command.arg(format!("--dbname={}", database.url()));
    command
}

async fn succeed(mut command: Command) {
    let output = command.output().await.unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
}

/// A database that a measurement may fill; what its copy left to write is written.
pub async fn fresh(template: &TestDatabase) -> (TestDatabase, PgConnection) {
    let database = template.copy().await;
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    connection.execute("CHECKPOINT").await.unwrap();
    (database, connection)
}
