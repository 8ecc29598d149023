// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "\"a.b\"",
    pk = c_d,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct AB {
    #[column(name = "c.d")]
    pub c_d: i32,
    #[column(name = "e\"f", type = "character varying(9)")]
    pub e_f: Option<String>,
    #[column(name = "g'h", default)]
    pub g_h: Option<i32>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "\"say \"\"hi\"\"\"",
    slug = none, user = none, backup = false,
)]
pub struct SayHi {
    #[column(name = "i j")]
    pub i_j: Option<i32>,
}

backup_schema!(pub SCHEMA = [
    AB,
    SayHi,
]);
