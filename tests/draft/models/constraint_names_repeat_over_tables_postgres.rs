// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "a",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct A {
    pub id: i32,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "a_child",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = A(ref_),
)]
pub struct AChild {
    pub id: i32,
    #[column(name = "ref")]
    pub ref_: Option<i32>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "b",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct B {
    pub id: i32,
    #[column(type = "character varying(4)")]
    pub code: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "b_child",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = B(ref_ -> code),
)]
pub struct BChild {
    pub id: i32,
    #[column(name = "ref", type = "character varying(4)")]
    pub ref_: Option<String>,
}

backup_schema!(pub SCHEMA = [
    A,
    AChild,
    B,
    BChild,
]);
