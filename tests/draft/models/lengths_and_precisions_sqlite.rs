// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Json, Numeric, Value, backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "measures",
    slug = none, user = none, backup = false,
)]
pub struct Measures {
    #[column(type = "character varying(10)")]
    pub a: Option<String>,
    #[column(type = "character(3)")]
    pub b: Option<String>,
    #[column(type = "numeric(12,4)")]
    pub c: Option<Numeric>,
    #[column(type = "numeric(5,0)")]
    pub d: Option<Numeric>,
    #[column(type = "timestamp without time zone")]
    pub e: Option<String>,
    pub f: Option<Value>,
    pub g: Option<Value>,
    pub h: Option<i64>,
    #[column(name = "i")]
    pub i_: Option<f64>,
    pub j: Option<Value>,
    pub k: Option<Vec<u8>>,
    #[column(type = "json")]
    pub l: Option<Json>,
    #[column(type = "uuid")]
    pub m: Option<String>,
    pub n: Option<bool>,
    pub o: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    Measures,
]);
