// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "events",
    slug = none, user = none, backup = false,
)]
pub struct Events {
    #[column(type = "timestamp without time zone")]
    pub at: Option<String>,
    #[column(type = "character varying(20)")]
    pub what: Option<String>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "one_column",
    slug = none, user = none, backup = false,
)]
pub struct OneColumn {
    pub a: i64,
}

backup_schema!(pub SCHEMA = [
    Events,
    OneColumn,
]);
