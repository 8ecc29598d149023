//! What the columns' types mean that are not built in: enums, domains, and arrays of them.

use super::Part;
use super::draft::Draft;
use crate::postgres::catalog::catalog_type_of;
use crate::postgres::describe_table::{TYPE_COLUMNS, TYPES};
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "type",
    catalog: "pg_type",
    sql: |_| {
        format!(
            "WITH RECURSIVE src AS (
              SELECT DISTINCT t.oid AS id, t.oid AS typ, -1 AS mod
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typnamespace <> 'pg_catalog'::regnamespace
              WHERE c.relnamespace = ANY(:schemas::oid[]) AND c.relkind IN ('r', 'p', 'v', 'm')),{TYPES}
             SELECT types.id::int8 AS id, {TYPE_COLUMNS} FROM types"
        )
    },
    add,
    essential: true,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let id = row.get("id")?;
    if let Some(found) = catalog_type_of(row) {
        draft.types.insert(id, found.info().sql_type);
    }
    Ok(())
}
