// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.

use db_adapter::{Numeric, backup_schema, backup_table};

// chosen: the natural key; unique are also (`small`)
// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "big",
    pk = id,
    slug = none,
    user = none,
    key = amount,
)]
pub struct Big {
    pub id: i64,
    pub small: i16,
    #[column(type = "numeric(8,2)")]
    pub amount: Numeric,
}

// chosen: the primary key means the same row everywhere
// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "days",
    pk = at,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Days {
    #[column(type = "timestamp without time zone")]
    pub at: String,
}

// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "named",
    pk = code,
    slug = none,
    user = none,
    key = short,
)]
pub struct Named {
    pub code: String,
    #[column(type = "character varying(5)")]
    pub short: String,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "others",
    pk = id,
    slug = none,
    owner = Users(user_id),
    match_by = pk,
    parent = Big(big),
    parent = Named(code),
    optional_ref = Pairs(a, b),
    optional_ref = Big(amount -> amount),
    optional_ref = Big(few),
    optional_ref = Named(label),
    optional_ref = Named(short -> short),
    optional_ref = Big(small -> small),
)]
pub struct Others {
    pub id: i32,
    #[column(type = "bigint")]
    pub user_id: i64,
    #[column(type = "integer")]
    pub big: i32,
    #[column(type = "bigint")]
    pub small: Option<i64>,
    #[column(type = "integer")]
    pub few: Option<i32>,
    #[column(type = "integer")]
    pub amount: Option<i32>,
    #[column(type = "character varying(20)")]
    pub code: String,
    #[column(type = "character(5)")]
    pub short: Option<String>,
    #[column(type = "name")]
    pub label: Option<String>,
    #[column(type = "smallint")]
    pub a: Option<i16>,
    #[column(type = "character varying(9)")]
    pub b: Option<String>,
}

// chosen: the primary key means the same row everywhere
// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "pairs",
    pk = [a, b],
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Pairs {
    pub a: i64,
    pub b: String,
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
    pub id: i32,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "visits",
    pk = id,
    slug = none,
    owner = Users(user_id),
    match_by = pk,
    parent = Days(day),
)]
pub struct Visits {
    pub id: i32,
    pub user_id: i32,
    #[column(type = "date")]
    pub day: String,
}

backup_schema!(pub SCHEMA = [
    Big,
    Days,
    Named,
    Others,
    Pairs,
    Users,
    Visits,
]);
