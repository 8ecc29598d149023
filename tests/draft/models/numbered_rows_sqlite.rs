// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`
// `no_key` is not declared: it has a column `id` and no primary key

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "at_the_end",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct AtTheEnd {
    pub name: Option<String>,
    #[column(default)]
    pub id: i64,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "descending",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Descending {
    pub id: Option<i64>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "never_again",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct NeverAgain {
    #[column(default)]
    pub id: i64,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "numbered",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Numbered {
    #[column(default)]
    pub id: i64,
    pub name: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "other_type",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct OtherType {
    pub id: Option<i64>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "without_number",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct WithoutNumber {
    pub id: i64,
}

backup_schema!(pub SCHEMA = [
    AtTheEnd,
    Descending,
    NeverAgain,
    Numbered,
    OtherType,
    WithoutNumber,
]);
