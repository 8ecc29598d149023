// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "boxes",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Boxes {
    pub id: i32,
    pub width: i32,
    pub height: i32,
    #[column(default)]
    pub area: Option<i32>,
    #[column(default)]
    pub label: String,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "spans",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Spans {
    pub id: i32,
    pub b: Option<i32>,
}

backup_schema!(pub SCHEMA = [
    Boxes,
    Spans,
]);
