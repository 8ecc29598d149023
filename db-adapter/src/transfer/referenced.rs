//! Which columns foreign keys lead to, whatever schema those are in, partitions included: what refers to a column
//! follows its value, so that it must not make way for another one. Asks the catalog alone.

use super::plan::RestorePlan;
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Result, Value};

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
             SELECT DISTINCT t.place - 1 AS place, a.attname::text AS name FROM t \
             JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = t.oid \
             CROSS JOIN LATERAL unnest(k.confkey) AS c (number) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number",
        )
        .bind("tables", tables)
        .await?;
    for row in &rows {
        let (place, name): (usize, String) = (row.get("place")?, row.get("name")?);
        let table = plan.tables.get_mut(place);
        let columns = table.into_iter().flat_map(|table| &mut table.columns);
        columns
            .filter(|column| column.name == name)
            .for_each(|column| column.is_referenced = true);
    }
    Ok(())
}
