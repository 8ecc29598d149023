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
    pub id: i32,
    #[column(type = "character varying(2)")]
    pub iso: String,
    pub region: Option<i32>,
    pub number: Option<i32>,
}

// chosen: the primary key means the same row everywhere
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
    pub id: i32,
    #[column(type = "character varying(2)")]
    pub departure: String,
    #[column(type = "character varying(2)")]
    pub arrival: String,
    pub stop_region: Option<i32>,
    pub stop_number: Option<i32>,
}

backup_schema!(pub SCHEMA = [
    Countries,
    Trips,
]);
