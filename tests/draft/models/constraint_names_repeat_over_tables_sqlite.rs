// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "a",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct A {
    #[column(default)]
    pub id: i64,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
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
    #[column(default)]
    pub id: i64,
    #[column(name = "ref")]
    pub ref_: Option<i64>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "b",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct B {
    #[column(default)]
    pub id: i64,
    #[column(type = "character varying(4)")]
    pub code: Option<String>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
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
    #[column(default)]
    pub id: i64,
    #[column(name = "ref", type = "character varying(4)")]
    pub ref_: Option<String>,
}

backup_schema!(pub SCHEMA = [
    A,
    AChild,
    B,
    BChild,
]);
