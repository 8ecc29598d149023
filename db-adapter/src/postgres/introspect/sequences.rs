//! Sequences, and how identities count. What is the engine's default is not told.

use db_adapter_core::schema::{Numbering, SequenceSchema, table_key};

use super::Part;
use super::draft::Draft;
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "sequence",
    catalog: "pg_sequence",
    sql: |_| {
        "SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, \
         pg_catalog.format_type(s.seqtypid, NULL) AS data_type, s.seqincrement AS increment, \
         s.seqstart AS start, s.seqmin AS min, s.seqmax AS max, s.seqcache AS cache, \
         s.seqcycle AS cycle, c.relpersistence = 'u' AS unlogged, tn.nspname::text AS table_schema, t.relname::text AS table_name, \
         a.attname::text AS column_name, d.deptype = 'i' AS of_identity, \
         d.refobjid::int8 AS relation, d.refobjsubid AS number \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid \
         LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass \
           AND d.objid = c.oid AND d.objsubid = 0 \
           AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') \
         LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid \
         LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE c.relnamespace = ANY(:schemas::oid[]) AND c.relkind = 'S' \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend i \
           WHERE i.classid = 'pg_catalog.pg_class'::regclass AND i.objid = c.oid AND i.deptype = 'e')"
            .to_owned()
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let data_type: String = row.get("data_type")?;
    let told = numbering(row)?;
    if row.get::<Option<bool>>("of_identity")? == Some(true) {
        let number: i64 = row.get("number")?;
        if let Some(there) = draft.relation_of(row)? {
            there.set_numbering(number, &row.get::<String>("name")?, told);
        }
        return Ok(());
    }
    let (schema, name): (String, String) = (row.get("schema")?, row.get("name")?);
    let key = table_key(Some(&schema), &name);
    let owner: Option<String> = row.get("table_name")?;
    let owner_schema: Option<String> = row.get("table_schema")?;
    let column: Option<String> = row.get("column_name")?;
    let mut found = SequenceSchema {
        schema: Some(schema),
        name,
        data_type,
        owned_by: owner
            .map(|table| table_key(owner_schema.as_deref(), &table))
            .zip(column),
        unlogged: row.get("unlogged")?,
        comment: draft.comment("pg_class", row.get("oid")?, 0),
        ..SequenceSchema::default()
    };
    let numbering = told.without_defaults(&found.data_type);
    found.set_numbering(numbering);
    draft.schema.sequences.insert(key, found);
    Ok(())
}

fn numbering(row: &Row) -> Result<Numbering> {
    Ok(Numbering {
        start: row.get("start")?,
        increment: row.get("increment")?,
        min: row.get("min")?,
        max: row.get("max")?,
        cache: row.get("cache")?,
        cycle: row.get("cycle")?,
    })
}
