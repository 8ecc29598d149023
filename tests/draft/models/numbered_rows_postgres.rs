// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`
// `like_always` is not declared: it has a column `id` and no primary key

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "always",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Always {
    #[column(default)]
    pub id: i64,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "by_default",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct ByDefault {
    #[column(default)]
    pub id: i32,
    pub name: Option<String>,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "by_hand",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct ByHand {
    pub id: i32,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "by_name",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct ByName {
    #[column(default)]
    pub id: i32,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "serials",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Serials {
    #[column(default)]
    pub id: i32,
    #[column(default)]
    pub big: i64,
    #[column(default)]
    pub small: i16,
}

backup_schema!(pub SCHEMA = [
    Always,
    ByDefault,
    ByHand,
    ByName,
    Serials,
]);
