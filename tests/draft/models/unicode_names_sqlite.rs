// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "größe",
    pk = stra_e,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct GrE {
    #[column(name = "straße", default)]
    pub stra_e: i64,
    #[column(name = "名前", type = "character varying(20)")]
    pub column: String,
    #[column(name = "emoji 🦀")]
    pub emoji: Option<i64>,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "Ünïcode",
    slug = none, user = none, backup = false,
)]
pub struct NCode {
    #[column(name = "größe_id")]
    pub gr_e_id: Option<i64>,
}

backup_schema!(pub SCHEMA = [
    GrE,
    NCode,
]);
