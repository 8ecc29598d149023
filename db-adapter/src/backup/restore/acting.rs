//! What acts beside the statements of a restore on PostgreSQL: triggers and rules, those of partitions and of
//! tables that follow a foreign key included. Asks the catalog alone.

use super::super::doubles::quoted;
use super::plan::RestorePlan;
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Notice, Result, Value};

/// Marks the tables of the plan whose rows are looked at after each statement, and whether all of them are at
/// the end. Gives the rules that take the place of a statement, for which nothing can be promised.
pub(super) async fn mark(tx: &Transaction, plan: &mut RestorePlan) -> Result<Vec<Notice>> {
    let tables: Vec<Value> = plan.tables().map(|table| quoted(table).into()).collect();
    // 4 and 16: the bits of INSERT and UPDATE; a trigger that is switched off is none
    let rows = tx
        .query(
            "WITH RECURSIVE next (oid, other, own) AS ( \
               SELECT inhparent, inhrelid, true FROM pg_catalog.pg_inherits \
               UNION ALL SELECT confrelid, conrelid, false FROM pg_catalog.pg_constraint \
                 WHERE contype = 'f' AND confupdtype IN ('c', 'n', 'd')), \
             t (place, oid, own) AS ( \
               SELECT n.place, CAST(n.name AS regclass)::oid, true \
                 FROM unnest(CAST(:tables AS text[])) WITH ORDINALITY AS n (name, place) \
               UNION SELECT t.place, next.other, t.own AND next.own FROM t JOIN next USING (oid)) \
             SELECT t.place - 1 AS place, bool_or(t.own) AS own, \
               min(r.rulename::text) FILTER (WHERE t.own AND r.is_instead) AS instead FROM t \
             LEFT JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid AND r.ev_type IN ('2', '3') \
               AND r.ev_enabled <> 'D' \
             WHERE r.oid IS NOT NULL OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g \
               WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D' \
                 AND (g.tgtype & 20) <> 0) \
             GROUP BY t.place",
        )
        .bind("tables", tables)
        .await?;
    let mut refused = Vec::new();
    for row in &rows {
        let (place, own): (usize, bool) = (row.get("place")?, row.get("own")?);
        let instead: Option<String> = row.get("instead")?;
        plan.is_acted_on = true;
        let Some(table) = plan.tables.get_mut(place) else {
            continue;
        };
        table.triggered |= own;
        if let Some(rule) = instead.filter(|_| table.in_file.is_some()) {
            let text = format!(
                "the rule `{rule}` of `{}` takes the place of the rows that are written to it",
                table.name
            );
            refused.push(
                Notice::new(text)
                    .hint("drop the rule, or leave the table out of the backup's schema"),
            );
        }
    }
    Ok(refused)
}
