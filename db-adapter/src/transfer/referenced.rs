//! Which columns foreign keys lead to, whatever schema those are in, partitions included: what refers to a column
//! follows its value, so that it must not make way for another one, and where `ON UPDATE` says so it gets the new
//! value, whosever it is. Asks the catalog alone.

use db_adapter_core::TableName;

use super::plan::{Follower, RestorePlan};
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Error, Result, Value};

/// Marks the columns of the plan that something refers to.
pub(super) async fn mark(tx: &Transaction, plan: &mut RestorePlan) -> Result<()> {
    let tables: Vec<Value> = plan.tables().map(|table| table.quoted().into()).collect();
    let rows = tx
        .query(
            "WITH RECURSIVE t (place, oid) AS ( \
               SELECT n.place, CAST(n.name AS regclass)::oid \
                 FROM unnest(CAST(:tables AS text[])) WITH ORDINALITY AS n (name, place) \
               UNION SELECT t.place, i.inhrelid FROM t \
                 JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid) \
             SELECT DISTINCT t.place - 1 AS place, a.attname::text AS name, \
               k.confupdtype IN ('c', 'n', 'd') AS is_followed, k.confupdtype IN ('n', 'd') AS is_unset, \
               pg_catalog.row_security_active(r.oid) OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint f \
                 WHERE f.contype = 'f' AND f.confrelid IN (k.conrelid, r.oid) AND c.own = ANY (f.confkey) \
                 AND f.confupdtype IN ('c', 'n', 'd')) AS is_untold, \
               n.nspname::text AS schema, r.relname::text AS follower, o.attname::text AS column FROM t \
             JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = t.oid \
             CROSS JOIN LATERAL unnest(k.confkey, k.conkey) AS c (number, own) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number \
             JOIN pg_catalog.pg_attribute o ON o.attrelid = k.conrelid AND o.attnum = c.own \
             JOIN pg_catalog.pg_class r ON r.oid = coalesce(CAST(pg_catalog.pg_partition_root(k.conrelid) AS oid), k.conrelid) \
             JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace",
        )
        .bind("tables", tables)
        .await?;
    for row in &rows {
        let (place, name): (usize, String) = (row.get("place")?, row.get("name")?);
        let Some(table) = plan.tables.get_mut(place) else {
            return Err(Error::internal(
                "the catalog tells of a table that it was not asked about",
            ));
        };
        let Some(at) = table.position(&name) else {
            continue; // it is not written
        };
        let is_followed: bool = row.get("is_followed")?;
        let follower = Follower {
            table: TableName {
                schema: row.get("schema")?,
                name: row.get("follower")?,
            },
            column: row.get("column")?,
            is_untold: row.get("is_untold")?,
            is_unset: row.get("is_unset")?,
        };
        if let Some(column) = table.columns.get_mut(at) {
            column.is_referenced = true;
            if is_followed && !column.followed_by.contains(&follower) {
                column.followed_by.push(follower);
            }
        }
        if is_followed {
            table.keep(at);
        }
    }
    Ok(())
}
