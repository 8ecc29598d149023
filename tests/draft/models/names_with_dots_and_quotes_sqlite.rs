// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "\"a.b\"",
    pk = c_d,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct AB {
    #[column(name = "c.d", default)]
    pub c_d: i64,
    #[column(name = "e\"f", type = "character varying(9)")]
    pub e_f: Option<String>,
    #[column(name = "g'h", default)]
    pub g_h: Option<i64>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "\"say \"\"hi\"\"\"",
    slug = none, user = none, backup = false,
)]
pub struct SayHi {
    #[column(name = "i j")]
    pub i_j: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    AB,
    SayHi,
]);
