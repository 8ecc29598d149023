//! What acts beside the statements of a restore on PostgreSQL: triggers and rules, and functions that nobody
//! knows, those of partitions and of tables that follow a foreign key included. Asks the catalog alone.

use super::constraints::Deferrable;
use super::plan::RestorePlan;
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Notice, Result, Row, Value};

/// The tables `t` whose rows a restore may write, each with the place of one in the plan: its partitions, those
/// that inherit, those that follow a foreign key, and those whose policies it runs. `own`: it is one of the plan, or a part of one.
const TABLES: &str = "WITH RECURSIVE next (oid, other, own) AS ( \
      SELECT inhparent, inhrelid, true FROM pg_catalog.pg_inherits \
      UNION ALL SELECT confrelid, conrelid, false FROM pg_catalog.pg_constraint \
        WHERE contype = 'f' AND confupdtype IN ('c', 'n', 'd') \
      UNION ALL SELECT k.conrelid, k.confrelid, false FROM pg_catalog.pg_constraint k \
        JOIN pg_catalog.pg_class c ON c.oid = k.confrelid WHERE k.contype = 'f' AND c.relforcerowsecurity), \
    t (place, oid, own) AS ( \
      SELECT n.place, CAST(n.name AS regclass)::oid, true \
        FROM unnest(CAST(:tables AS text[])) WITH ORDINALITY AS n (name, place) \
      UNION SELECT t.place, next.other, t.own AND next.own FROM t JOIN next USING (oid))";

/// What runs for the rows of these tables: the objects `o` that belong to them (constraints, defaults, computed
/// columns, indexes, policies, domains, types with their operators), and what those depend on. The server tells
/// neither its own functions, nor what a function does: volatile ones may hide behind immutable ones. Numbers from
/// 16384 are not the server's own. From an array few rows are expected, for which nothing is compiled.
const RUNS: &str = ", part (whole, part) AS (SELECT CAST(CAST(v.whole AS regclass) AS oid), \
        CAST(CAST(v.part AS regclass) AS oid) FROM (VALUES ('pg_catalog.pg_class', 'pg_catalog.pg_class'), \
      ('pg_catalog.pg_class', 'pg_catalog.pg_constraint'), ('pg_catalog.pg_class', 'pg_catalog.pg_attrdef'), \
      ('pg_catalog.pg_class', 'pg_catalog.pg_policy'), ('pg_catalog.pg_type', 'pg_catalog.pg_class'), \
      ('pg_catalog.pg_type', 'pg_catalog.pg_constraint'), ('pg_catalog.pg_type', 'pg_catalog.pg_operator'), \
      ('pg_catalog.pg_type', 'pg_catalog.pg_opclass'), ('pg_catalog.pg_opclass', 'pg_catalog.pg_amop'), \
      ('pg_catalog.pg_opclass', 'pg_catalog.pg_amproc'), ('pg_catalog.pg_opfamily', 'pg_catalog.pg_amop'), \
      ('pg_catalog.pg_opfamily', 'pg_catalog.pg_amproc')) AS v (whole, part)), \
    used (class, by) AS (SELECT CAST(CAST(v.class AS regclass) AS oid), CAST(CAST(v.by AS regclass) AS oid) \
      FROM (VALUES ('pg_catalog.pg_proc', NULL), ('pg_catalog.pg_operator', NULL), ('pg_catalog.pg_opclass', NULL), \
        ('pg_catalog.pg_opfamily', NULL), ('pg_catalog.pg_type', NULL), ('pg_catalog.pg_class', 'pg_catalog.pg_type')) \
      AS v (class, by)), \
    o (class, id) AS ( \
      SELECT CAST(CAST('pg_catalog.pg_class' AS regclass) AS oid), a.oid \
        FROM unnest(ARRAY (SELECT oid FROM t)) AS a (oid) \
      UNION SELECT n.class, n.id FROM o CROSS JOIN LATERAL ( \
        SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.refclassid = o.class AND d.refobjid = o.id \
          AND d.classid IN (SELECT part.part FROM part WHERE part.whole = o.class) \
        UNION ALL SELECT d.refclassid, d.refobjid FROM pg_catalog.pg_depend d WHERE d.classid = o.class \
          AND d.objid = o.id AND d.refclassid IN \
            (SELECT used.class FROM used WHERE used.by IS NULL OR used.by = o.class)) AS n (class, id)) \
    SELECT EXISTS (SELECT 1 FROM t JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind NOT IN ('r', 'p')) \
      OR EXISTS (SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
        WHERE l.lanname NOT IN ('internal', 'c') AND (p.oid IN \
            (SELECT castfunc FROM pg_catalog.pg_cast WHERE castfunc >= CAST(16384 AS oid)) \
          OR p.oid IN (SELECT id FROM o WHERE class = CAST(CAST('pg_catalog.pg_proc' AS regclass) AS oid)))) AS runs";

/// The triggers of any table that may wait for the end of the transaction: the functions of others may write there.
pub(super) async fn deferrable_triggers(tx: &Transaction) -> Result<Vec<Deferrable>> {
    let rows = tx
        .query(
            "SELECT n.nspname::text AS schema, k.conname::text AS name, bool_or(k.condeferred) AS deferred \
             FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace \
             WHERE k.contype = 't' AND k.condeferrable GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .await?;
    let trigger = |row: &Row| {
        Ok(Deferrable {
            schema: row.get("schema")?,
            name: row.get("name")?,
            initially_deferred: row.get("deferred")?,
        })
    };
    rows.iter().map(trigger).collect()
}

/// Marks the tables of the plan whose rows are looked at after each statement, and whether all of them are at
/// the end. Gives the rules that take the place of a statement, for which nothing can be promised.
pub(super) async fn mark(tx: &Transaction, plan: &mut RestorePlan) -> Result<Vec<Notice>> {
    let tables: Vec<Value> = plan.tables().map(|table| table.quoted().into()).collect();
    // 4 and 16: the bits of INSERT and UPDATE; a trigger that is switched off is none
    let rows = tx
        .query(format!(
            "{TABLES} \
             SELECT t.place - 1 AS place, bool_or(t.own) AS own, \
               min(r.rulename::text) FILTER (WHERE t.own AND r.is_instead) AS instead FROM t \
             LEFT JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid AND r.ev_type IN ('2', '3') \
               AND r.ev_enabled <> 'D' \
             WHERE r.oid IS NOT NULL OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g \
               WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D' \
                 AND (g.tgtype & 20) <> 0) \
             GROUP BY t.place"
        ))
        .bind("tables", tables.clone())
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
        if let Some(rule) = instead.filter(|_| table.in_source.is_some()) {
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
    if !plan.is_acted_on {
        let query = tx.query(format!("{TABLES}{RUNS}")).bind("tables", tables);
        plan.is_acted_on = query.one().await?.get("runs")?;
    }
    Ok(refused)
}
