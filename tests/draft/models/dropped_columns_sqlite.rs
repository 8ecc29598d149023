// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "t",
    slug = none, user = none, backup = false,
)]
pub struct T {
    pub a: Option<i64>,
    pub b: i64,
    pub c: Option<i64>,
    #[column(type = "character varying(9)", default)]
    pub d: String,
}

backup_schema!(pub SCHEMA = [
    T,
]);
