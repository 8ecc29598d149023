// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`
// `hashed` is not declared: it has a column `id` and no primary key

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "log",
    pk = [id, at, kind],
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Log {
    pub id: i64,
    #[column(type = "date")]
    pub at: String,
    pub kind: String,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "notes",
    slug = none, user = none, backup = false,
)]
pub struct Notes {
    pub log_id: Option<i64>,
    #[column(type = "date")]
    pub log_at: Option<String>,
    pub log_kind: Option<String>,
}

backup_schema!(pub SCHEMA = [
    Log,
    Notes,
]);
