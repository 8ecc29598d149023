// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "Order",
    pk = select,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Order {
    pub select: i32,
    #[column(name = "User Id")]
    pub user_id: i32,
    #[column(type = "character varying(9)", default)]
    pub order: Option<String>,
    #[column(name = "CamelCase")]
    pub camelcase: Option<i32>,
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
    pub group: i32,
}

backup_schema!(pub SCHEMA = [
    Order,
    Table,
]);
