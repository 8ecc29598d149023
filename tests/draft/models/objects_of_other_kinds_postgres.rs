// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Value, backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "generated",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Generated {
    pub id: i32,
    #[column(default)]
    pub a: Option<i32>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "homes",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Homes {
    pub id: i32,
    #[column(type = "address")]
    pub home: Option<Value>,
    #[column(type = "span")]
    pub years: Option<Value>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "of_a_collation",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct OfACollation {
    pub id: i32,
    pub a: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "of_a_domain",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct OfADomain {
    pub id: i32,
    #[column(type = "home")]
    pub a: Option<Value>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "t",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct T {
    pub id: i32,
    pub a: Option<i32>,
    pub b: Option<i32>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "users_of_them",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct UsersOfThem {
    pub id: i32,
    #[column(default)]
    pub a: Option<i32>,
    pub b: Option<i32>,
    #[column(default)]
    pub c: Option<i32>,
    #[column(default)]
    pub d: Option<i32>,
    pub e: Option<String>,
}

backup_schema!(pub SCHEMA = [
    Generated,
    Homes,
    OfACollation,
    OfADomain,
    T,
    UsersOfThem,
]);
