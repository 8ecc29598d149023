//! What else happens when a table is read or written: views, policies, domains, operators and casts can
//! call functions, which may do anything. What is not proven to be harmless is not. It asks the catalog alone.

use db_adapter_core::TableName;

use super::connection::Connection;
use super::encode::Param;
use super::failure::Failure;
use super::statement::fetch_plain;
use crate::Value;
use db_adapter_core::statement::Statement;

/// What was found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Whether reading it may write, so that it must not be read twice for one request.
    pub(super) of_reading: bool,
    /// Whether writing it changes the settings of the session: `pg_settings`, and views of it.
    pub(super) sets_session: bool,
}

/// The relation that a verb reads.
const RELATION: &str = "SELECT pg_catalog.to_regclass($1::text)::oid";

/// All that the words of a caller's text may name, whatever the search path is. What came with the server is
/// harmless to read.
const NAMED: &str = "SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = ANY ($1::text[]) AND c.oid >= 16384 AND c.relkind NOT IN ('i', 'I', 'c')";

/// `rels`: the relations of `seed` and all that is read when they are read. `trees`: the expressions
/// that are evaluated then. The catalog keeps no dependencies on what came with the server: such functions
/// are found by their numbers in the expressions, and a few volatile ones are known to be harmless.
fn reading(seed: &str) -> String {
    format!(
        r"
WITH RECURSIVE rels(oid) AS (
  {seed}
  UNION
  SELECT below.oid FROM rels CROSS JOIN LATERAL (
    SELECT d.refobjid FROM pg_catalog.pg_rewrite r
      JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
      WHERE r.ev_class = rels.oid AND r.ev_type = '1'
    UNION ALL
    SELECT d.refobjid FROM pg_catalog.pg_policy p
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
      WHERE p.polrelid = rels.oid
    UNION ALL
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = rels.oid) AS below(oid)
  WHERE rels.oid >= 16384),
trees AS (
  SELECT 'pg_catalog.pg_rewrite'::regclass AS class, r.oid, r.ev_action::text AS tree
    FROM rels JOIN pg_catalog.pg_class v ON v.oid = rels.oid AND v.relkind = 'v'
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = rels.oid AND r.ev_type = '1'
    WHERE rels.oid >= 16384
  UNION ALL
  SELECT 'pg_catalog.pg_policy'::regclass, p.oid, p.polqual::text
    FROM rels JOIN pg_catalog.pg_class t ON t.oid = rels.oid AND t.relrowsecurity
    JOIN pg_catalog.pg_policy p ON p.polrelid = rels.oid)
SELECT
  EXISTS (SELECT FROM rels JOIN pg_catalog.pg_class c ON c.oid = rels.oid
    WHERE c.relkind NOT IN ('r', 'p', 'm', 'v', 'S', 't'))
  OR EXISTS (SELECT FROM trees JOIN pg_catalog.pg_depend d ON d.classid = trees.class AND d.objid = trees.oid
    LEFT JOIN pg_catalog.pg_type t ON d.refclassid = 'pg_catalog.pg_type'::regclass AND t.oid = d.refobjid
    WHERE d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
      OR t.typtype <> 'e')
  OR EXISTS (SELECT FROM trees
    CROSS JOIN LATERAL pg_catalog.regexp_matches(trees.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') AS found
    JOIN pg_catalog.pg_proc f ON f.oid = found[1]::oid
    WHERE NOT ({HARMLESS}))"
    )
}

/// That a function `f` of the server changes nothing. Only for functions that came with the server: one of a
/// user's that is not volatile may still call one that is.
const HARMLESS: &str = r"f.proname !~ '_to_xml' AND (f.provolatile <> 'v' OR f.proname IN
        ('random', 'clock_timestamp', 'timeofday', 'gen_random_uuid', 'pg_sleep', 'pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared'))";

/// Operators and casts that somebody has made call functions, unless they came with an extension. A
/// filter compares by the operators of its columns' types, and what is read as text is cast.
const OWN: &str = r"
      SELECT 'pg_catalog.pg_operator'::regclass AS class, o.oid, ARRAY[o.oprleft, o.oprright] AS types
        FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
      UNION ALL
      SELECT 'pg_catalog.pg_cast'::regclass, c.oid, ARRAY[c.castsource] FROM pg_catalog.pg_cast c
        WHERE c.oid >= 16384 AND c.castfunc <> 0";

/// That they did not come with an extension.
const NOT_OF_EXTENSION: &str = r"NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = own.class AND d.objid = own.oid AND d.deptype = 'e')";

pub(super) async fn effects(conn: &mut Connection, name: &TableName) -> Result<Effects, Failure> {
    let reading = reading(RELATION);
    let sql = format!(
        r"{reading}
  OR EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    CROSS JOIN LATERAL ({OWN}) AS own
    WHERE a.attrelid = pg_catalog.to_regclass($1::text)::oid AND a.attnum > 0 AND NOT a.attisdropped
      AND own.types && ARRAY[t.oid, NULLIF(t.typelem, 0::oid), NULLIF(t.typbasetype, 0::oid)]
      AND {NOT_OF_EXTENSION}),
  EXISTS (SELECT FROM rels WHERE oid = 'pg_catalog.pg_settings'::regclass)
    OR EXISTS (SELECT FROM trees
      WHERE trees.tree LIKE '%:relid ' || 'pg_catalog.pg_settings'::regclass::oid || ' %')"
    );
    let name = Param::Text(Some(name.quoted()));
    let rows = fetch_plain(conn, sql, vec![name]).await?;
    let row = rows.first();
    // unknown is not harmless
    let is = |column: usize| row.and_then(|row| row.get(column)) != Some(&Value::Bool(false));
    Ok(Effects {
        of_reading: is(0),
        sets_session: is(1),
    })
}

/// Whether a caller's text that reads by its words may write all the same: by a function that it calls or
/// writes like a column (`row.function`), by what it reads, by an operator or a cast of the database's own,
/// or by a domain.
pub(super) async fn of_text(conn: &mut Connection, text: Statement<'_>) -> Result<bool, Failure> {
    let reading = reading(NAMED);
    let sql = format!(
        r"{reading}
  OR EXISTS (SELECT FROM ({OWN}) AS own WHERE {NOT_OF_EXTENSION})
  OR EXISTS (SELECT FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_type t ON t.oid = f.proargtypes[0]
    WHERE f.proname = ANY ($1::text[]) AND f.pronargs >= 1 AND f.pronargs - f.pronargdefaults <= 1
      AND f.oid >= 16384 AND t.typtype IN ('c', 'd', 'p'))
  OR EXISTS (SELECT FROM pg_catalog.pg_type t
    WHERE t.typname = ANY ($1::text[]) AND t.typtype = 'd' AND t.oid >= 16384)
  OR EXISTS (SELECT FROM pg_catalog.pg_proc f
    WHERE f.proname = ANY ($2::text[]) AND NOT (f.oid < 16384 AND {HARMLESS}))"
    );
    if text.tokens().any(|token| token.is("uescape")) {
        return Ok(true); // names that the lexer does not spell out
    }
    let dialect = text.dialect();
    let names = text.tokens().filter_map(|token| token.name(dialect));
    let names = Param::Texts(names.map(Some).collect());
    let called = text.tokens().zip(text.tokens().skip(1));
    let called = called.filter(|(_, next)| next.is_symbol("("));
    let called = called.filter_map(|(token, _)| token.name(dialect));
    let called = Param::Texts(called.map(Some).collect());
    let rows = fetch_plain(conn, sql, vec![names, called]).await?;
    let first = rows.first().and_then(|row| row.first());
    Ok(first != Some(&Value::Bool(false)))
}
