// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Value, backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "bookings",
    slug = none, user = none, backup = false,
)]
pub struct Bookings {
    #[column(type = "int4range")]
    pub room: Option<Value>,
    #[column(type = "tstzrange")]
    pub during: Option<Value>,
    #[column(default)]
    pub cancelled: bool,
}

backup_schema!(pub SCHEMA = [
    Bookings,
]);
