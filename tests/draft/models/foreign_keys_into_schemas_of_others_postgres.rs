// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.

use db_adapter::{Value, backup_schema, backup_table};

// not backed up: `profiles` is owned by rows of `auth.users`, and the database has no such table
#[derive(Debug, Clone)]
#[backup_table(
    name = "profiles",
    pk = user_id,
    slug = none, user = none, backup = false,
)]
pub struct Profiles {
    #[column(type = "uuid")]
    pub user_id: String,
    pub other_instance: Option<i32>,
    #[column(type = "uuid")]
    pub other_id: Option<String>,
    #[column(type = "auth.level", default)]
    pub level: Option<Value>,
}

backup_schema!(pub SCHEMA = [
    Profiles,
]);
