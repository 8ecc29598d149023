//! What is there and has no place in the model: listed, so that nobody takes it for compared.

use db_adapter_core::schema::table_key;

use super::Part;
use super::draft::Draft;
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "object of another kind",
    catalog: "pg_depend",
    sql: |_| SQL.to_owned(),
    add,
    essential: false,
};

/// What an extension made is told by the extension's name alone.
const SQL: &str = "
WITH member AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'),
wanted AS (
  SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = ANY(:schemas::oid[])),
found AS (
  SELECT 'aggregate' AS kind, n.nspname, p.proname AS name,
    pg_catalog.oidvectortypes(p.proargtypes) AS arguments, 'pg_catalog.pg_proc'::regclass AS class, p.oid
    FROM pg_catalog.pg_proc p JOIN wanted n ON n.oid = p.pronamespace WHERE p.prokind = 'a'
  UNION ALL
  SELECT CASE t.typtype WHEN 'c' THEN 'composite type' WHEN 'r' THEN 'range type' ELSE 'base type' END,
    n.nspname, t.typname, NULL, 'pg_catalog.pg_type'::regclass, t.oid
    FROM pg_catalog.pg_type t JOIN wanted n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE t.typtype = 'r' OR (t.typtype = 'c' AND c.relkind = 'c')
      OR (t.typtype = 'b' AND t.typcategory <> 'A')
  UNION ALL
  SELECT 'rule', NULL, r.rulename || ' on ' || c.relname, NULL, 'pg_catalog.pg_rewrite'::regclass, r.oid
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    JOIN wanted n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
  UNION ALL
  SELECT 'replica identity', n.nspname, c.relname, NULL, 'pg_catalog.pg_class'::regclass, c.oid
    FROM pg_catalog.pg_class c JOIN wanted n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'd'
  UNION ALL
  SELECT 'operator', n.nspname, o.oprname,
    pg_catalog.format_type(o.oprleft, NULL) || ', ' || pg_catalog.format_type(o.oprright, NULL),
    'pg_catalog.pg_operator'::regclass, o.oid
    FROM pg_catalog.pg_operator o JOIN wanted n ON n.oid = o.oprnamespace
  UNION ALL
  SELECT 'operator class', n.nspname, o.opcname, NULL, 'pg_catalog.pg_opclass'::regclass, o.oid
    FROM pg_catalog.pg_opclass o JOIN wanted n ON n.oid = o.opcnamespace
  UNION ALL
  SELECT 'collation', n.nspname, l.collname, NULL, 'pg_catalog.pg_collation'::regclass, l.oid
    FROM pg_catalog.pg_collation l JOIN wanted n ON n.oid = l.collnamespace
  UNION ALL
  SELECT 'conversion', n.nspname, v.conname, NULL, 'pg_catalog.pg_conversion'::regclass, v.oid
    FROM pg_catalog.pg_conversion v JOIN wanted n ON n.oid = v.connamespace
  UNION ALL
  SELECT 'statistics object', n.nspname, s.stxname, NULL, 'pg_catalog.pg_statistic_ext'::regclass, s.oid
    FROM pg_catalog.pg_statistic_ext s JOIN wanted n ON n.oid = s.stxnamespace
  UNION ALL
  SELECT 'text search configuration', n.nspname, s.cfgname, NULL, 'pg_catalog.pg_ts_config'::regclass, s.oid
    FROM pg_catalog.pg_ts_config s JOIN wanted n ON n.oid = s.cfgnamespace
  UNION ALL
  SELECT 'text search dictionary', n.nspname, s.dictname, NULL, 'pg_catalog.pg_ts_dict'::regclass, s.oid
    FROM pg_catalog.pg_ts_dict s JOIN wanted n ON n.oid = s.dictnamespace
  UNION ALL
  SELECT 'event trigger', NULL, e.evtname, NULL, 'pg_catalog.pg_event_trigger'::regclass, e.oid
    FROM pg_catalog.pg_event_trigger e
  UNION ALL
  SELECT 'publication', NULL, p.pubname, NULL, 'pg_catalog.pg_publication'::regclass, p.oid
    FROM pg_catalog.pg_publication p
  UNION ALL
  SELECT 'extension', NULL, e.extname, NULL, 'pg_catalog.pg_extension'::regclass, e.oid
    FROM pg_catalog.pg_extension e WHERE e.extname <> 'plpgsql')
SELECT f.kind, f.nspname::text AS schema, f.name::text AS name, f.arguments
FROM found f WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = f.class AND m.objid = f.oid)";

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let kind: String = row.get("kind")?;
    let schema: Option<String> = row.get("schema")?;
    let name: String = row.get("name")?;
    let arguments: Option<String> = row.get("arguments")?;
    let mut key = table_key(schema.as_deref(), &name);
    if let Some(arguments) = arguments {
        key = format!("{key}({arguments})");
    }
    let reason = match kind.as_str() {
        "replica identity" => "what of its rows goes to subscribers is not read".to_owned(),
        "extension" => "what belongs to it is its own".to_owned(),
        "event trigger" | "publication" => format!("a {kind} of the whole database is not read"),
        _ => "objects of this kind are not read".to_owned(),
    };
    draft.leave_out(&kind, Some(key), reason);
    Ok(())
}
