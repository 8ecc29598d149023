//! Enums and domains.

use std::collections::BTreeMap;

use db_adapter_core::schema::{DomainSchema, EnumSchema, table_key};

use super::Part;
use super::draft::Draft;
use super::expression::without_parentheses;
use super::written::{changed, type_name};
use crate::{Result, Row};

pub(super) const ENUMS: Part = Part {
    kind: "enum",
    catalog: "pg_enum",
    sql: |_| {
        "SELECT t.oid::int8 AS oid, n.nspname::text AS schema, t.typname::text AS name, \
         (SELECT pg_catalog.array_agg(e.enumlabel::text ORDER BY e.enumsortorder) \
          FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS values \
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
         WHERE t.typnamespace = ANY(:schemas::oid[]) AND t.typtype = 'e' \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
           WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')"
            .to_owned()
    },
    add: add_enum,
    essential: false,
};

pub(super) const DOMAINS: Part = Part {
    kind: "domain",
    catalog: "pg_type",
    sql: |_| {
        "SELECT t.oid::int8 AS oid, n.nspname::text AS schema, t.typname::text AS name, \
         pg_catalog.format_type(t.typbasetype, t.typtypmod) AS data_type, t.typnotnull AS not_null, \
         t.typdefault AS default_value, l.collname::text AS collation, \
         (SELECT pg_catalog.array_agg(k.conname::text ORDER BY k.conname) \
          FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks, \
         (SELECT pg_catalog.array_agg(pg_catalog.pg_get_expr(k.conbin, 0) ORDER BY k.conname) \
          FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS expressions, \
         (SELECT pg_catalog.array_agg(k.conname::text) FROM pg_catalog.pg_constraint k \
          WHERE k.contypid = t.oid AND k.contype = 'c' AND NOT k.convalidated) AS not_valid \
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
         JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype \
         LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.typcollation AND t.typcollation <> b.typcollation \
         WHERE t.typnamespace = ANY(:schemas::oid[]) AND t.typtype = 'd' \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
           WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')"
            .to_owned()
    },
    add: add_domain,
    essential: false,
};

fn add_enum(draft: &mut Draft, row: &Row) -> Result<()> {
    let (schema, name): (String, String) = (row.get("schema")?, row.get("name")?);
    let key = table_key(Some(&schema), &name);
    let found = EnumSchema {
        schema: Some(schema),
        name,
        values: row
            .get::<Option<Vec<String>>>("values")?
            .unwrap_or_default(),
        comment: draft.comment("pg_type", row.get("oid")?, 0),
    };
    draft.schema.enums.insert(key, found);
    Ok(())
}

fn add_domain(draft: &mut Draft, row: &Row) -> Result<()> {
    let (schema, name): (String, String) = (row.get("schema")?, row.get("name")?);
    let key = table_key(Some(&schema), &name);
    let names: Option<Vec<String>> = row.get("checks")?;
    let expressions: Option<Vec<Option<String>>> = row.get("expressions")?;
    let not_valid: Option<Vec<String>> = row.get("not_valid")?;
    let checks = names
        .unwrap_or_default()
        .into_iter()
        .zip(expressions.unwrap_or_default());
    let checks: BTreeMap<String, String> = checks
        .map(|(name, expression)| {
            let expression = expression.ok_or_else(changed)?;
            Ok((name, without_parentheses(&expression).to_owned()))
        })
        .collect::<Result<_>>()?;
    let found = DomainSchema {
        schema: Some(schema),
        name,
        data_type: type_name(row, "data_type")?,
        not_null: row.get("not_null")?,
        default: row.get("default_value")?,
        collation: row.get("collation")?,
        checks,
        not_valid: not_valid.unwrap_or_default().into_iter().collect(),
        comment: draft.comment("pg_type", row.get("oid")?, 0),
    };
    draft.schema.domains.insert(key, found);
    Ok(())
}
