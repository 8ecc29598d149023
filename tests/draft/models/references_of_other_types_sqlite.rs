// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.

use db_adapter::{backup_schema, backup_table};

// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "big",
    pk = id,
    slug = none,
    user = none,
    key = small,
)]
pub struct Big {
    pub id: i64,
    pub small: i16,
}

// not backed up: `flag` of `flags` refers to `flag` of `named`, whose type has other values, so that a restore could not find the rows
#[derive(Debug, Clone)]
#[backup_table(
    name = "flags",
    pk = id,
    slug = none, user = none, backup = false,
)]
pub struct Flags {
    #[column(default)]
    pub id: i64,
    pub flag: i64,
}

// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "named",
    pk = code,
    slug = none,
    user = none,
    key = flag,
)]
pub struct Named {
    pub code: String,
    pub flag: bool,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "others",
    pk = id,
    slug = none,
    owner = Users(user_id),
    match_by = pk,
    parent = Big(big),
    parent = Named(code),
    optional_ref = Big(small -> small),
)]
pub struct Others {
    #[column(default)]
    pub id: i64,
    #[column(type = "integer")]
    pub user_id: i32,
    #[column(type = "integer")]
    pub big: i32,
    #[column(type = "bigint")]
    pub small: Option<i64>,
    #[column(type = "character varying(20)")]
    pub code: String,
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
pub struct Users {
    #[column(default)]
    pub id: i64,
}

backup_schema!(pub SCHEMA = [
    Big,
    Flags,
    Named,
    Others,
    Users,
]);
