// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Value, backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "loose",
    pk = [d, e],
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Loose {
    pub a: Option<i64>,
    pub b: i64,
    pub c: Option<i64>,
    pub d: Option<String>,
    pub e: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "one",
    pk = a,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct One {
    pub a: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "stored_by_key",
    pk = [a, b],
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct StoredByKey {
    pub a: String,
    pub b: String,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "strict_types",
    pk = a,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct StrictTypes {
    pub a: String,
    pub b: Option<Value>,
    pub c: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    Loose,
    One,
    StoredByKey,
    StrictTypes,
]);
