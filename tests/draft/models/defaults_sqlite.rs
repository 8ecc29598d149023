// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Json, Numeric, backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
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
    pub id: i64,
    #[column(default)]
    pub a: Option<String>,
    #[column(default)]
    pub b: Option<String>,
    #[column(default)]
    pub c: Option<i64>,
    #[column(default)]
    pub d: Option<Numeric>,
    #[column(default)]
    pub e: bool,
    #[column(type = "timestamp without time zone", default)]
    pub f: Option<String>,
    #[column(type = "date", default)]
    pub g: Option<String>,
    #[column(type = "json", default)]
    pub h: Option<Json>,
    #[column(name = "i", default)]
    pub i_: Option<i64>,
    pub j: Option<String>,
    #[column(default)]
    pub k: Option<Vec<u8>>,
    #[column(default)]
    pub l: Option<String>,
    #[column(type = "character varying(5)", default)]
    pub m: Option<String>,
    #[column(default)]
    pub n: Option<String>,
    #[column(default)]
    pub o: Option<String>,
}

backup_schema!(pub SCHEMA = [
    Settings,
]);
