// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.
// no table has a column `user_id`, so that all rows are shared; say which column names a row's user, `--user-column`

use db_adapter::{Numeric, backup_schema, backup_table};

// chosen: the natural key; unique are also (`tenant_number`, `serial_number`, `tenant_region`)
#[derive(Debug, Clone)]
#[backup_table(
    name = "invoices",
    pk = id,
    slug = none,
    user = none,
    key = [tenant_region, serial_number],
    parent = Tenants(tenant_number, tenant_region),
)]
pub struct Invoices {
    #[column(default)]
    pub id: i64,
    #[column(type = "character varying(8)")]
    pub tenant_region: String,
    pub tenant_number: i64,
    pub serial_number: i64,
    #[column(type = "numeric(12,2)")]
    pub amount: Numeric,
}

// chosen: the primary key means the same row everywhere
#[derive(Debug, Clone)]
#[backup_table(
    name = "tenants",
    pk = [number, region],
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Tenants {
    #[column(type = "character varying(8)")]
    pub region: String,
    pub number: i64,
    #[column(type = "character varying(40)", default)]
    pub name: String,
}

backup_schema!(pub SCHEMA = [
    Invoices,
    Tenants,
]);
