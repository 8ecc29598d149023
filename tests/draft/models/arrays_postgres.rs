// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Value, backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "t",
    slug = none, user = none, backup = false,
)]
pub struct T {
    #[column(type = "integer[]")]
    pub a: Option<Value>,
    #[column(type = "text[]")]
    pub b: Option<Value>,
    #[column(type = "character varying(5)[]")]
    pub c: Option<Value>,
    #[column(type = "numeric(6,2)[]")]
    pub d: Option<Value>,
    #[column(type = "timestamp with time zone[]", default)]
    pub e: Value,
    #[column(type = "jsonb[]")]
    pub f: Option<Value>,
}

backup_schema!(pub SCHEMA = [
    T,
]);
