//! What can go wrong around a backup and a restore: killed, out of disk, out of memory, a server
//! that goes away, others at the same time, files made to harm.

mod child;
mod concurrent;
mod disk;
mod hostile;
mod killed;
mod memory;
mod restarted;

use db_adapter::{BackupSchema, TableDef};

use crate::side::{Backend, Side};
use crate::steps::schema;

/// Two tables that are always changed together.
const PAIR: &str = "
    CREATE TABLE lefts (id {id}, user_id text NOT NULL, slug text NOT NULL, n bigint NOT NULL);
    CREATE TABLE rights (id {id}, left_id bigint NOT NULL REFERENCES lefts (id), slug text NOT NULL,
        n bigint NOT NULL, filler text);";

fn pair() -> BackupSchema {
    schema([
        TableDef::new("lefts"),
        TableDef::new("rights").no_user().parent("lefts", "left_id"),
    ])
}

/// So many rows of `ann` in each of the two tables.
async fn filled(backend: Backend, rows: usize) -> Side {
    let mut side = Side::with(backend, PAIR).await;
    fill(&mut side, rows).await;
    side
}

async fn fill(side: &mut Side, rows: usize) {
    side.sql(&format!(
        "INSERT INTO lefts (user_id, slug, n) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {rows})
           SELECT 'ann', 's' || i, 0 FROM s;
         INSERT INTO rights (left_id, slug, n, filler) SELECT id, slug, n, 'some text that makes rows longer than they need to be' FROM lefts"
    ))
    .await;
}

/// How many rows of each table there are, of whom every child has a parent.
async fn held(side: &mut Side) -> String {
    side.table("SELECT (SELECT count(*) FROM lefts), (SELECT count(*) FROM rights r JOIN lefts l ON l.id = r.left_id AND l.slug = r.slug)")
        .await
}
