// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "coded",
    slug = none, user = none, backup = false,
)]
pub struct Coded {
    pub a: Option<String>,
    pub b: Option<String>,
    pub c: Option<String>,
    pub d: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "words",
    pk = a,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Words {
    pub a: String,
    #[column(type = "character varying(9)")]
    pub b: Option<String>,
    pub c: Option<String>,
    pub d: Option<String>,
}

backup_schema!(pub SCHEMA = [
    Coded,
    Words,
]);
