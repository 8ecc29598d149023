// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "above",
    slug = none, user = none, backup = false,
)]
pub struct Above {
    pub a: Option<i32>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "alike",
    slug = none, user = none, backup = false,
)]
pub struct Alike {
    pub a: Option<i32>,
    pub b: Option<i32>,
    pub c: Option<i32>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "base",
    slug = none, user = none, backup = false,
)]
pub struct Base {
    pub a: Option<i32>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "children",
    slug = none, user = none, backup = false,
)]
pub struct Children {
    pub a: Option<i32>,
    pub b: Option<i32>,
    pub c: Option<i32>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "counts",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Counts {
    pub id: i32,
    pub n: Option<i32>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "parents",
    pk = [a, b],
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Parents {
    pub a: i32,
    pub b: i32,
}

backup_schema!(pub SCHEMA = [
    Above,
    Alike,
    Base,
    Children,
    Counts,
    Parents,
]);
