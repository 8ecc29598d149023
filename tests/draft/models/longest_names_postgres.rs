// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt",
    pk = ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt {
    pub ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc: i32,
    pub ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd: Option<i32>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
    slug = none, user = none, backup = false,
)]
pub struct Uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu {
    pub cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc: Option<i32>,
}

backup_schema!(pub SCHEMA = [
    Ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt,
    Uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu,
]);
