//! Functions and procedures, each of their overloads; aggregates are listed among what is not read.

use db_adapter_core::schema::{FunctionSchema, table_key};

use super::Part;
use super::draft::Draft;
use super::written::{changed, text};
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "function",
    catalog: "pg_proc",
    // a range type brings functions of its own, as an extension does
    sql: |_| {
        "SELECT p.oid::int8 AS oid, n.nspname::text AS schema, p.proname::text AS name, \
         pg_catalog.oidvectortypes(p.proargtypes) AS arguments, \
         pg_catalog.pg_get_function_result(p.oid) AS result, l.lanname::text AS language, \
         COALESCE(pg_catalog.pg_get_functiondef(p.oid), '') AS definition \
         FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
         WHERE p.pronamespace = ANY(:schemas::oid[]) AND p.prokind <> 'a' \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
           WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))"
            .to_owned()
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let (schema, name): (String, String) = (row.get("schema")?, row.get("name")?);
    let arguments: String = row.get("arguments")?;
    let key = format!("{}({arguments})", table_key(Some(&schema), &name));
    let found = FunctionSchema {
        schema: Some(schema),
        name,
        arguments,
        return_type: row.get::<Option<String>>("result")?.unwrap_or_default(),
        definition: text(row, "definition")?.ok_or_else(changed)?,
        language: row.get("language")?,
        comment: draft.comment("pg_proc", row.get("oid")?, 0),
    };
    draft.schema.functions.insert(key, found);
    Ok(())
}
