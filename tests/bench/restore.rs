//! Restore of one user's rows with other keys, into tables that hold as many: beside COPY FROM of
//! rows that have those keys already, and `pg_restore`; on SQLite beside sqlx by hand.

use sqlx::Connection;
use support::TestDatabase;

use crate::by_hand::postgres::{copy_in, fresh, pg_dump, pg_restore, remapped_text};
use crate::by_hand::sqlite::{Remapped, connect};
use crate::hierarchy::{self, RESTORED, Size, remapped};
use crate::measure::Table;

const SIZE: Size = Size { authors: 1000 };
const ROUNDS: usize = 5;

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

async fn postgres() {
    let source = hierarchy::postgres(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump");
    let texts = remapped_text(&source, offsets()).await;
    dump_of_remapped(&source, &texts, &dump).await;
    let mut table = Table::new(
        "PostgreSQL: restore of 221,000 rows with other keys into tables that hold as many",
        SIZE.rows(),
    );
    for _ in 0..ROUNDS {
        let (database, mut connection) = fresh(&source).await;
        let work = copy_in(&mut connection, &texts);
        table
            .time("COPY FROM, keys remapped before", None, work)
            .await;
        connection.close().await.unwrap();
        check(&database).await;
        let (database, connection) = fresh(&source).await;
        connection.close().await.unwrap();
        let work = pg_restore(&database, &dump);
        table
            .time("pg_restore, keys remapped before", None, work)
            .await;
        check(&database).await;
    }
    table.print();
}

/// What `pg_restore` gets: a dump of the rows with the keys that they will have.
async fn dump_of_remapped(source: &TestDatabase, texts: &[Vec<u8>; 3], path: &std::path::Path) {
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
    let mut connection = connect(source.path()).await;
    let rows = Remapped::of(&mut connection, remapped(offsets(), 2)).await;
    connection.close().await.unwrap();
    let mut table = Table::new(
        "SQLite: restore of 221,000 rows with other keys into tables that hold as many",
        SIZE.rows(),
    );
    for _ in 0..ROUNDS {
        let database = source.copy().await;
        let mut connection = connect(database.path()).await;
        let work = rows.insert(&mut connection);
        table
            .time(
                "sqlx by hand, 500 rows a statement, keys remapped before",
                None,
                work,
            )
            .await;
        connection.close().await.unwrap();
        check(&database).await;
    }
    table.print();
}
