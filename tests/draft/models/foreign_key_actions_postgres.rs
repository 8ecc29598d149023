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
    optional_ref = Parents(a),
    optional_ref = Parents(b),
    optional_ref = Parents(c),
    optional_ref = Parents(d),
    optional_ref = Parents(e),
    optional_ref = Parents(f),
)]
pub struct Children {
    pub id: i32,
    pub a: Option<i32>,
    pub b: Option<i32>,
    pub c: Option<i32>,
    #[column(default)]
    pub d: Option<i32>,
    pub e: Option<i32>,
    pub f: Option<i32>,
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
pub struct Parents {
    pub id: i32,
}

backup_schema!(pub SCHEMA = [
    Children,
    Parents,
]);
