// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "children",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = Parents2(parent),
)]
pub struct Children {
    pub id: i32,
    pub parent: Option<i32>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "other.children",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = Parents(parent),
)]
pub struct Children2 {
    pub id: i32,
    pub parent: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "other.parents",
    pk = code,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Parents {
    pub code: String,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "parents",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Parents2 {
    pub id: i32,
}

backup_schema!(pub SCHEMA = [
    Children,
    Children2,
    Parents,
    Parents2,
]);
