// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

#[derive(Debug, Clone)]
#[backup_table(
    name = "countries",
    pk = id,
    slug = none,
    user = none,
    key = iso,
)]
pub struct Countries {
    #[column(default)]
    pub id: i64,
    #[column(type = "character varying(2)")]
    pub iso: String,
    pub region: Option<i64>,
    pub number: Option<i64>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "trips",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    parent = Countries(arrival -> iso),
    parent = Countries(departure -> iso),
    optional_ref = Countries(stop_region -> region, stop_number -> number),
)]
pub struct Trips {
    #[column(default)]
    pub id: i64,
    #[column(type = "character varying(2)")]
    pub departure: String,
    #[column(type = "character varying(2)")]
    pub arrival: String,
    pub stop_region: Option<i64>,
    pub stop_number: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    Countries,
    Trips,
]);
