// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "members",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = Teams(team_id),
)]
pub struct Members {
    #[column(default)]
    pub id: i64,
    pub team_id: Option<i64>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "nodes",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    optional_ref = Self(parent_id),
)]
pub struct Nodes {
    #[column(default)]
    pub id: i64,
    pub parent_id: Option<i64>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "teams",
    pk = id,
    slug = none,
    user = none,
    match_by = pk,
    parent = Members(leader_id),
)]
pub struct Teams {
    #[column(default)]
    pub id: i64,
    pub leader_id: i64,
}

backup_schema!(pub SCHEMA = [
    Members,
    Nodes,
    Teams,
]);
