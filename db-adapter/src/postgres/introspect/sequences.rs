//! Sequences, without those behind an identity. What is the engine's default is not told.

use db_adapter_core::schema::{SequenceSchema, table_key};

use super::Part;
use super::draft::Draft;
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "sequence",
    catalog: "pg_sequence",
    sql: |_| {
        "SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, \
         pg_catalog.format_type(s.seqtypid, NULL) AS data_type, s.seqincrement AS increment, \
         CASE WHEN s.seqstart <> CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END \
           THEN s.seqstart END AS start, \
         s.seqcycle AS cycle, tn.nspname::text AS table_schema, t.relname::text AS table_name, \
         a.attname::text AS column_name \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid \
         LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass \
           AND d.objid = c.oid AND d.objsubid = 0 \
           AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a' \
         LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid \
         LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE c.relnamespace = ANY(:schemas::oid[]) AND c.relkind = 'S' \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend i \
           WHERE i.classid = 'pg_catalog.pg_class'::regclass AND i.objid = c.oid AND i.deptype IN ('i', 'e'))"
            .to_owned()
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let (schema, name): (String, String) = (row.get("schema")?, row.get("name")?);
    let key = table_key(Some(&schema), &name);
    let owner: Option<String> = row.get("table_name")?;
    let owner_schema: Option<String> = row.get("table_schema")?;
    let column: Option<String> = row.get("column_name")?;
    let increment: i64 = row.get("increment")?;
    let found = SequenceSchema {
        schema: Some(schema),
        name,
        data_type: row.get("data_type")?,
        start: row.get("start")?,
        increment: (increment != 1).then_some(increment),
        cycle: row.get("cycle")?,
        owned_by: owner
            .map(|table| table_key(owner_schema.as_deref(), &table))
            .zip(column),
        comment: draft.comment("pg_class", row.get("oid")?, 0),
    };
    draft.schema.sequences.insert(key, found);
    Ok(())
}
