//! Backup of one user's rows: beside COPY TO and `pg_dump` of the same rows, and on SQLite beside
//! sqlx by hand.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::by_hand::postgres::{copy_out, pg_dump, whole_tables};
use crate::by_hand::sqlite::{connect, write_out};
use crate::hierarchy::{self, Size, of_the_user};
use crate::measure::Table;

const SIZE: Size = Size { authors: 1000 };
const ROUNDS: usize = 5;

pub async fn run() {
    postgres().await;
    sqlite().await;
}

async fn postgres() {
    let database = hierarchy::postgres(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let (copy, dump) = (folder.path().join("copy"), folder.path().join("dump"));
    let whole = whole_tables();
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
    }
    table.print();
    connection.close().await.unwrap();
}

async fn sqlite() {
    let database = hierarchy::sqlite(SIZE).await;
    let folder = tempfile::tempdir().unwrap();
    let by_hand = folder.path().join("by hand");
    let mut connection = connect(database.path()).await;
    let mut table = Table::new("SQLite: backup of 221,000 rows of a user", SIZE.rows());
    for _ in 0..ROUNDS {
        let work = write_out(&mut connection, &by_hand);
        table.time("sqlx and serde_json by hand", None, work).await;
    }
    table.print();
    connection.close().await.unwrap();
}
