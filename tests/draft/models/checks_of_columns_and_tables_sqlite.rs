// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Numeric, backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "prices",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Prices {
    #[column(default)]
    pub id: i64,
    #[column(type = "numeric(10,2)")]
    pub low: Option<Numeric>,
    #[column(type = "numeric(10,2)")]
    pub high: Option<Numeric>,
    #[column(type = "character varying(12)")]
    pub state: String,
}

backup_schema!(pub SCHEMA = [
    Prices,
]);
