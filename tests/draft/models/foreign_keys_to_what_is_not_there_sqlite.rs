// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not backed up: `a` of `t` is declared as `external` to `nowhere`, and the database has no such table
#[derive(Debug, Clone)]
#[backup_table(
    name = "t",
    pk = id,
    slug = none, user = none, backup = false,
)]
pub struct T {
    #[column(default)]
    pub id: i64,
    pub a: Option<i64>,
    pub b: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    T,
]);
