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
    #[column(type = "character(1)")]
    pub c: Option<String>,
    #[column(type = "character varying")]
    pub d: Option<String>,
    pub e: Option<String>,
    #[column(type = "numeric(12,4)")]
    pub f: Option<Numeric>,
    #[column(type = "numeric(5,0)")]
    pub g: Option<Numeric>,
    pub h: Option<Numeric>,
    #[column(name = "i", type = "timestamp(3) without time zone")]
    pub i_: Option<String>,
    #[column(type = "timestamp(0) with time zone")]
    pub j: Option<String>,
    #[column(type = "time(2) without time zone")]
    pub k: Option<String>,
    #[column(type = "time with time zone")]
    pub l: Option<String>,
    #[column(type = "interval(4)")]
    pub m: Option<Value>,
    #[column(type = "interval year to month")]
    pub n: Option<Value>,
    #[column(type = "bit(4)")]
    pub o: Option<Value>,
    #[column(type = "bit varying(9)")]
    pub p: Option<Value>,
    pub q: Option<f32>,
    pub r: Option<f64>,
    pub s: Option<i16>,
    pub t: Option<i64>,
    #[column(type = "numeric(3,-2)")]
    pub u: Option<Numeric>,
    #[column(type = "name")]
    pub v: Option<String>,
    #[column(type = "\"char\"")]
    pub w: Option<Value>,
    #[column(type = "uuid")]
    pub x: Option<String>,
    pub y: Option<Vec<u8>>,
    pub z: Option<Json>,
}

backup_schema!(pub SCHEMA = [
    Measures,
]);
