// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Value, backup_schema, backup_table};

#[derive(Debug, Clone)]
#[backup_table(
    name = "users",
    pk = id,
    slug = none,
    user = none,
    key = email,
)]
pub struct Users {
    pub id: i32,
    #[column(type = "citext")]
    pub email: String,
    #[column(type = "citext[]")]
    pub names: Option<Value>,
}

backup_schema!(pub SCHEMA = [
    Users,
]);
