// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "audit.users",
    pk = id,
    slug = none,
    owner = Users2(user_id),
    match_by = pk,
)]
pub struct Users {
    pub id: i64,
    pub was: String,
    // it may be NULL: a row without a user is in no backup of a user
    pub user_id: Option<i32>,
}

// chosen: the users themselves, each one's row is that user's
#[derive(Debug, Clone)]
#[backup_table(
    name = "users",
    pk = id,
    slug = none,
    user = id,
    match_by = pk,
)]
pub struct Users2 {
    pub id: i32,
    pub name: Option<String>,
}

backup_schema!(pub SCHEMA = [
    Users,
    Users2,
]);
