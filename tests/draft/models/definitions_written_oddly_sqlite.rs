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

backup_schema!(pub SCHEMA = [
    MyTable,
    Copied,
]);
