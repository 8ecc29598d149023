// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "Order",
    pk = select,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Order {
    #[column(default)]
    pub select: i64,
    #[column(name = "User Id")]
    pub user_id: i64,
    #[column(type = "character varying(9)", default)]
    pub order: Option<String>,
    #[column(name = "CamelCase")]
    pub camelcase: Option<i64>,
}

#[derive(Debug, Clone)]
#[backup_table(
    name = "table",
    pk = group,
    slug = none,
    user = none,
    match_by = pk,
    parent = Order(group),
)]
pub struct Table {
    #[column(default)]
    pub group: i64,
}

backup_schema!(pub SCHEMA = [
    Order,
    Table,
]);
