// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`
// `bare` is not declared: it has a column `id` and no primary key
// `fast` is not declared: it has a column `id` and no primary key
// `queried` is not declared: it has a column `id` and no primary key

use db_adapter::{backup_schema, backup_table};

#[derive(Debug, Clone)]
#[backup_table(
    name = "model",
    pk = id,
    slug = none,
    user = none,
    key = name,
)]
pub struct Model {
    pub id: i32,
    #[column(type = "character varying(9)", default)]
    pub name: String,
}

#[derive(Debug, Clone)]
#[backup_table(
    name = "same",
    pk = id,
    slug = none,
    user = none,
    key = name,
)]
pub struct Same {
    pub id: i32,
    #[column(type = "character varying(9)", default)]
    pub name: String,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "typed",
    pk = a,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Typed {
    pub a: i32,
    pub b: Option<String>,
}

backup_schema!(pub SCHEMA = [
    Model,
    Same,
    Typed,
]);
