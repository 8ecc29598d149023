// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Value, backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "\"my table\"",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = Self(parent),
)]
pub struct MyTable {
    #[column(default)]
    pub id: i64,
    #[column(default)]
    pub name: String,
    pub parent: Option<i64>,
}

// chosen: the natural key; unique are also (`name`)
#[derive(Debug, Clone)]
#[backup_table(
    name = "conflicts",
    pk = [id, code],
    slug = none,
    user = none,
    key = code,
)]
pub struct Conflicts {
    pub id: Option<i64>,
    pub name: String,
    pub code: String,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "copied",
    slug = none, user = none, backup = false,
)]
pub struct Copied {
    pub one: Option<Value>,
    pub two: Option<Value>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "waits",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = Self(other),
)]
pub struct Waits {
    #[column(default)]
    pub id: i64,
    pub other: Option<i64>,
    #[column(name = "true")]
    pub true_: Option<String>,
}

backup_schema!(pub SCHEMA = [
    MyTable,
    Conflicts,
    Copied,
    Waits,
]);
