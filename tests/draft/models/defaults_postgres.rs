// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Json, Numeric, Value, backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "settings",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Settings {
    #[column(default)]
    pub id: i32,
    #[column(default)]
    pub a: Option<String>,
    #[column(default)]
    pub b: Option<String>,
    #[column(default)]
    pub c: Option<i32>,
    #[column(default)]
    pub d: Option<Numeric>,
    #[column(default)]
    pub e: bool,
    #[column(type = "timestamp with time zone", default)]
    pub f: Option<String>,
    #[column(type = "date", default)]
    pub g: Option<String>,
    #[column(default)]
    pub h: Option<Json>,
    #[column(name = "i", type = "text[]", default)]
    pub i_: Option<Value>,
    #[column(type = "uuid", default)]
    pub j: Option<String>,
    #[column(default)]
    pub k: Option<i32>,
    pub l: Option<String>,
    #[column(default)]
    pub m: Option<String>,
    #[column(type = "timestamp without time zone", default)]
    pub n: Option<String>,
    #[column(type = "interval", default)]
    pub o: Option<Value>,
    #[column(type = "character varying(5)", default)]
    pub p: Option<String>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "written_otherwise",
    slug = none, user = none, backup = false,
)]
pub struct WrittenOtherwise {
    #[column(default)]
    pub a: Option<Vec<u8>>,
    #[column(type = "text[]", default)]
    pub b: Option<Value>,
    #[column(type = "money", default)]
    pub c: Option<Value>,
    #[column(type = "tsvector", default)]
    pub d: Option<Value>,
    #[column(type = "tsquery", default)]
    pub e: Option<Value>,
    #[column(default)]
    pub f: Option<i32>,
    #[column(default)]
    pub g: Option<Json>,
    #[column(type = "macaddr", default)]
    pub h: Option<Value>,
    #[column(name = "i", type = "timestamp without time zone", default)]
    pub i_: Option<String>,
    #[column(type = "numeric(8,2)")]
    pub j: Option<Numeric>,
    #[column(type = "integer[]", default)]
    pub k: Option<Value>,
    #[column(default)]
    pub l: Option<f64>,
}

backup_schema!(pub SCHEMA = [
    Settings,
    WrittenOtherwise,
]);
