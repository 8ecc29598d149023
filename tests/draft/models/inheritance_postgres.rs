// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "both_of_them",
    slug = none, user = none, backup = false,
)]
pub struct BothOfThem {
    pub name: String,
    pub height: Option<i32>,
    pub mark: Option<i32>,
    pub own: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "capitals",
    pk = country,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Capitals {
    pub name: String,
    pub height: Option<i32>,
    #[column(type = "character varying(2)")]
    pub country: String,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "marked",
    slug = none, user = none, backup = false,
)]
pub struct Marked {
    pub mark: Option<i32>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "places",
    slug = none, user = none, backup = false,
)]
pub struct Places {
    pub name: String,
    pub height: Option<i32>,
}

backup_schema!(pub SCHEMA = [
    BothOfThem,
    Capitals,
    Marked,
    Places,
]);
