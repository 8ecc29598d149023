// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "t",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct T {
    #[column(default)]
    pub id: i64,
    pub a: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    T,
]);
