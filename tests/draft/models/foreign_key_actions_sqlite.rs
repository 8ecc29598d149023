// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
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
    #[column(default)]
    pub id: i64,
    pub a: Option<i64>,
    pub b: Option<i64>,
    pub c: Option<i64>,
    #[column(default)]
    pub d: Option<i64>,
    pub e: Option<i64>,
    pub f: Option<i64>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "parents",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Parents {
    #[column(default)]
    pub id: i64,
}

backup_schema!(pub SCHEMA = [
    Children,
    Parents,
]);
