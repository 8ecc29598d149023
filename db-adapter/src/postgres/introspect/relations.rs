//! Tables and views: what they are, how they are partitioned, what they inherit from.

use db_adapter_core::schema::{TableSchema, ViewSchema, table_key};

use super::Part;
use super::draft::{Draft, Relation, What};
use super::written::{text, written};
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "table",
    catalog: "pg_class",
    sql: |_| {
        let bound = written(
            "c.relpartbound",
            "pg_catalog.pg_get_expr(c.relpartbound, c.oid)",
        );
        format!(
            "SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, \
         c.relkind::text AS kind, c.relrowsecurity AS row_security, \
         c.relforcerowsecurity AS force_row_security, \
         c.relpersistence = 'u' AS unlogged, c.relispartition AS is_partition, \
         CASE c.relkind WHEN 'p' THEN COALESCE(pg_catalog.pg_get_partkeydef(c.oid), '') END AS partition_by, \
         {bound} AS bound, \
         CASE WHEN c.relkind NOT IN ('v', 'm') THEN NULL \
           WHEN pg_catalog.pg_table_is_visible(c.oid) IS NULL THEN '' \
           ELSE COALESCE(pg_catalog.pg_get_viewdef(c.oid), '') END AS definition, \
         CASE c.relkind WHEN 'v' THEN c.reloptions END AS options, \
         h.schemas AS parent_schemas, h.names AS parents \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN (SELECT i.inhrelid, pg_catalog.array_agg(pn.nspname::text ORDER BY i.inhseqno) AS schemas, \
             pg_catalog.array_agg(p.relname::text ORDER BY i.inhseqno) AS names \
           FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent \
           JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace GROUP BY i.inhrelid) h \
           ON h.inhrelid = c.oid \
         WHERE c.relnamespace = ANY(:schemas::oid[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
           WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
        )
    },
    add,
    essential: true,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let oid = row.get("oid")?;
    let schema: String = row.get("schema")?;
    let name: String = row.get("name")?;
    let comment = draft.comment("pg_class", oid, 0);
    let what = match row.get::<String>("kind")?.as_str() {
        "f" => {
            let key = table_key(Some(&schema), &name);
            draft.leave_out("foreign table", Some(key), "its rows are another server's");
            return Ok(());
        }
        kind @ ("v" | "m") => What::View(Box::new(ViewSchema {
            schema: Some(schema),
            name,
            materialized: kind == "m",
            definition: text(row, "definition")?.map(query),
            options: options(row)?,
            comment,
            ..ViewSchema::default()
        })),
        _ => What::Table(Box::new(TableSchema {
            schema: Some(schema),
            name,
            comment,
            ..table(row)?
        })),
    };
    draft.relations.insert(oid, Relation::new(what));
    Ok(())
}

/// A view's query as in CREATE VIEW.
fn query(definition: String) -> String {
    definition.trim().trim_end_matches(';').to_owned()
}

/// `security_barrier=true`, as the reader of SQL writes it.
fn options(row: &Row) -> Result<Vec<String>> {
    let options = row.get::<Option<Vec<String>>>("options")?;
    let spelled = |option: String| match option.split_once('=') {
        Some((name, "on" | "yes" | "1")) => format!("{name}=true"),
        Some((name, "off" | "no" | "0")) => format!("{name}=false"),
        _ => option,
    };
    let mut options: Vec<String> = options
        .unwrap_or_default()
        .into_iter()
        .map(spelled)
        .collect();
    options.sort();
    Ok(options)
}

fn table(row: &Row) -> Result<TableSchema> {
    let mut table = TableSchema {
        row_security: row.get("row_security")?,
        force_row_security: row.get("force_row_security")?,
        unlogged: row.get("unlogged")?,
        partition_by: text(row, "partition_by")?,
        partition_bound: text(row, "bound")?,
        ..TableSchema::default()
    };
    let schemas = row.get::<Option<Vec<String>>>("parent_schemas")?;
    let names = row.get::<Option<Vec<String>>>("parents")?;
    let parents = schemas.unwrap_or_default().into_iter();
    let mut keys = parents
        .zip(names.unwrap_or_default())
        .map(|(schema, name)| table_key(Some(&schema), &name));
    match row.get("is_partition")? {
        true => table.partition_of = keys.next(),
        false => table.inherits = keys.collect(),
    }
    Ok(table)
}
