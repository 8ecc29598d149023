//! A table as the server's catalog describes it: one set-based query, decoded from types that every
//! server has.

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{TableName, suggest, temporal};

use super::catalog::{Cells, ColumnFacts, PgTable, TableFacts, catalog_type};
use super::connection::Connection;
use super::effects::{Effects, effects};
use super::encode::Param;
use super::failure::Failure;
use super::guard::Texts;
use super::same_types::Relied;
use super::statement::fetch_plain;
use crate::sql::{Column, Generated};
use crate::{Error, Result, Rounding, Value};

/// A table's version: the rows of the catalog that describe it, each with the transaction that
/// wrote it. Far cheaper than to read all of it again.
const VERSION: &str = "pg_catalog.concat_ws(' ', c.oid, c.xmin, (
    SELECT pg_catalog.string_agg(v.xmin::text, ' ' ORDER BY v.attnum) FROM pg_catalog.pg_attribute v
    WHERE v.attrelid = c.oid AND v.attnum > 0))";

pub(super) async fn version(
    conn: &mut Connection,
    name: &TableName,
) -> Result<Option<String>, Failure> {
    let sql = format!(
        "SELECT {VERSION} FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1::text)"
    );
    let rows = fetch_plain(conn, sql, vec![Param::Text(Some(name.quoted()))]).await?;
    let row = rows.into_iter().next().unwrap_or_default();
    Ok(Cells(row.into_iter()).text())
}

/// Whether a table is what it was when COPY was fine for it, and the role is not under policies. Who
/// has locked the table knows that it stays so.
pub(super) async fn takes_copy_still(
    conn: &mut Connection,
    table: &PgTable,
) -> Result<bool, Failure> {
    let sql = format!(
        "SELECT {VERSION} = $2::text AND NOT pg_catalog.row_security_active(c.oid)
          FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1::text)"
    );
    let params = vec![
        Param::Text(Some(table.extra.found.quoted())),
        Param::Text(table.extra.version.clone()),
    ];
    let rows = fetch_plain(conn, sql, params).await?;
    let found = rows.first().and_then(|row| row.first());
    Ok(found == Some(&Value::Bool(true)))
}

/// The types in `src(id, typ, mod)` where none of them is a domain or has one as its element: a
/// join. To plan what resolves domains takes a server several milliseconds.
const PLAIN_TYPES: &str = "
types AS (
  SELECT s.id, t.oid::int8 AS oid, n.nspname::text AS schema, t.typname::text AS name,
    t.typtype::text AS kind, pg_catalog.format_type(t.oid, s.mod) AS display,
    e.oid::int8 AS e_oid, en.nspname::text AS e_schema, e.typname::text AS e_name,
    e.typtype::text AS e_kind, pg_catalog.format_type(e.oid, s.mod) AS e_display,
    false AS e_domain, t.typcollation <> 0 AS collates
  FROM src s JOIN pg_catalog.pg_type t ON t.oid = s.typ
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN (pg_catalog.pg_type e
    JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace)
    ON e.oid = t.typelem AND e.typarray = t.oid)";

/// Resolves domains and elements of the types in `src(id, typ, mod)`.
pub(super) const TYPES: &str = "
dom AS (
  SELECT id, typ, mod FROM src
  UNION ALL
  SELECT d.id, t.typbasetype, t.typtypmod FROM dom d
    JOIN pg_catalog.pg_type t ON t.oid = d.typ AND t.typtype = 'd'),
base AS (
  SELECT d.id, d.mod, t.oid, t.typname, t.typnamespace, t.typtype, t.typelem, t.typcollation FROM dom d
    JOIN pg_catalog.pg_type t ON t.oid = d.typ AND t.typtype <> 'd'),
edom AS (
  SELECT b.id, e.oid AS typ, b.mod FROM base b
    JOIN pg_catalog.pg_type e ON e.oid = b.typelem AND e.typarray = b.oid
  UNION ALL
  SELECT d.id, t.typbasetype, t.typtypmod FROM edom d
    JOIN pg_catalog.pg_type t ON t.oid = d.typ AND t.typtype = 'd'),
types AS (
  SELECT b.id, b.oid::int8 AS oid, n.nspname::text AS schema, b.typname::text AS name,
    b.typtype::text AS kind, pg_catalog.format_type(b.oid, b.mod) AS display,
    e.oid::int8 AS e_oid, en.nspname::text AS e_schema, e.typname::text AS e_name,
    e.typtype::text AS e_kind, pg_catalog.format_type(e.oid, ed.mod) AS e_display,
    e.oid <> b.typelem AS e_domain, b.typcollation <> 0 AS collates
  FROM base b JOIN pg_catalog.pg_namespace n ON n.oid = b.typnamespace
  LEFT JOIN (edom ed JOIN pg_catalog.pg_type e ON e.oid = ed.typ AND e.typtype <> 'd'
    JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace) ON ed.id = b.id)";
pub(super) const TYPE_COLUMNS: &str = "types.oid, types.schema, types.name, types.kind, types.display, \
    types.e_oid, types.e_schema, types.e_name, types.e_kind, types.e_display, types.e_domain, types.collates";

/// Views, partitions and foreign tables are tables to us; indexes and sequences are not.
const KINDS: &str = "('r', 'p', 'v', 'm', 'f')";

/// The name of a column's own type, where that may be a domain; else it is known from the type.
/// Asked for every table, it would be a third of what a new connection takes for its first one.
const OWN: &str =
    "(SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.typname)
    FROM pg_catalog.pg_type o JOIN pg_catalog.pg_namespace n ON n.oid = o.typnamespace
    WHERE o.oid = att.atttypid)";

/// Whether the database has operators or casts that did not come with the server; see `effects`.
const OWN_OPERATORS: &str = "EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE o.oid >= 16384)
    OR EXISTS (SELECT FROM pg_catalog.pg_cast k WHERE k.oid >= 16384)";

/// `types`: how the types of the columns are looked up; `own`: the names of their own types.
fn table_query(types: &str, own: &str) -> String {
    format!(
        "WITH RECURSIVE rel AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relhassubclass, c.relhasrules, {VERSION} AS version
  FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = pg_catalog.to_regclass($1::text) AND c.relkind IN {KINDS}),
att AS (
  SELECT a.* FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid
  WHERE a.attnum > 0 AND NOT a.attisdropped),
src AS (SELECT attnum::int8 AS id, atttypid AS typ, atttypmod AS mod FROM att),{types},
keys AS (
  SELECT ic.relname AS name, i.indkey::int2[] AS cols, i.indnkeyatts - 1 AS last
    FROM rel JOIN pg_catalog.pg_index i ON i.indrelid = rel.oid AND i.indisunique
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  UNION ALL
  SELECT k.conname, k.conkey, 100 FROM rel
    JOIN pg_catalog.pg_constraint k ON k.conrelid = rel.oid AND k.contype IN ('f', 'c', 'x')),
named AS (
  SELECT keys.name, (
    SELECT array_agg(a.attname::text ORDER BY at) FROM pg_catalog.generate_subscripts(keys.cols, 1) AS at
      JOIN att a ON a.attnum = keys.cols[at] WHERE at <= keys.last) AS columns
  FROM keys)
SELECT {TYPE_COLUMNS}, rel.nspname::text, rel.relname::text, att.attname::text,
  att.attidentity::text, att.attgenerated::text,
  pg_catalog.array_position((pk.indkey::int2[])[0:pk.indnkeyatts - 1], att.attnum)::int8,
  {own}, att.atttypid::int8,
  (SELECT json_agg(json_build_array(name, columns))::text FROM named WHERE columns IS NOT NULL),
  pg_catalog.row_security_active(rel.oid), rel.version,
  rel.relkind IN ('v', 'f') OR rel.relhassubclass OR {OWN_OPERATORS},
  rel.relkind IN ('r', 'p') AND NOT rel.relhasrules
FROM rel LEFT JOIN (att JOIN types ON types.id = att.attnum) ON true
LEFT JOIN pg_catalog.pg_index pk ON pk.indrelid = rel.oid AND pk.indisprimary
ORDER BY att.attnum"
    )
}

async fn describe_table(
    conn: &mut Connection,
    name: &TableName,
    types: &str,
    own: &str,
) -> Result<Vec<Vec<Value>>, Failure> {
    let name = Param::Text(Some(name.quoted()));
    fetch_plain(conn, table_query(types, own), vec![name]).await
}

/// Whether a row of [`PLAIN_TYPES`] tells of a domain: of its type, or of the type's elements.
fn has_domain(row: &[Value]) -> bool {
    [3, 8]
        .iter()
        .any(|kind| row.get(*kind).and_then(Value::as_str) == Some("d"))
}

/// How often a table that is put aside and made again is looked up while that goes on.
const LOOKS: usize = 5;

pub(super) async fn load(
    conn: &mut Connection,
    name: &TableName,
    rounding: Rounding,
) -> Result<PgTable, Failure> {
    for _ in 0..LOOKS {
        if let Some(table) = load_once(conn, name, rounding).await? {
            return Ok(table);
        }
        match is_missing(conn, name).await? {
            Missing::Yes => return Err(missing(conn, name).await?.into()),
            Missing::No => {}
            Missing::BehindSnapshot => return Err(Failure::Stale),
        }
    }
    Err(Failure::Stale)
}

/// The table, where the server finds one with this name.
async fn load_once(
    conn: &mut Connection,
    name: &TableName,
    rounding: Rounding,
) -> Result<Option<PgTable>, Failure> {
    let mut rows = describe_table(conn, name, PLAIN_TYPES, "NULL::text").await?;
    if rows.iter().any(|row| has_domain(row)) {
        rows = describe_table(conn, name, TYPES, OWN).await?;
    }
    let mut table = None;
    let mut is_plain = true;
    let mut key = Vec::new();
    for row in rows {
        let mut cells = Cells(row.into_iter());
        let ty = catalog_type(&mut cells);
        let (schema, relation) = (cells.text(), cells.text());
        let column = cells.text();
        let (identity, computed) = (cells.text(), cells.text());
        let key_position = cells.int();
        let own = cells.text();
        let oid = cells.int().and_then(|oid| u32::try_from(oid).ok());
        let constraints = cells.text();
        let row_security = cells.flag();
        let version = cells.text();
        is_plain = !cells.flag() && !row_security;
        let takes_copy = cells.flag() && !row_security;
        let table: &mut PgTable = table.get_or_insert_with(|| PgTable {
            name: name.clone(),
            dialect: SqlDialect::Postgres,
            rounding,
            columns: Vec::new(),
            primary_key: Vec::new(),
            extra: TableFacts {
                found: TableName {
                    schema,
                    name: relation.unwrap_or_default(),
                },
                // without any there is nothing to say; they are for messages alone
                constraints: constraints
                    .and_then(|json| serde_json::from_str(&json).ok())
                    .unwrap_or_default(),
                row_security,
                takes_copy,
                effects: Effects::default(),
                version,
                texts: Texts::default(),
            },
        });
        let Some(column) = column else {
            continue; // a table without columns
        };
        // left out, it would be missing in every row
        let ty = ty.ok_or_else(|| {
            Error::internal(format!(
                "the type of the column `{column}` of `{name}` cannot be read"
            ))
        })?;
        if let Some(key_position) = key_position {
            key.push((key_position, table.columns.len()));
        }
        let info = ty.info();
        let own = own.unwrap_or_else(|| info.cast.clone());
        let is_domain = TableName::parse(&own).ok() != TableName::parse(&info.cast).ok();
        let known = if is_domain { own.clone() } else { ty.exact() };
        let by_number = is_domain || ty.is_of_domain();
        let mut relied = Relied::new(&table.extra.found, &column, &known, ty.collates)
            .numbered(oid.unwrap_or_default(), by_number);
        if !is_domain && !ty.may_have_digits() {
            relied = relied.without_digits(&known);
        }
        table.columns.push(Column {
            name: column,
            sql_type: info.sql_type.clone(),
            digits: temporal::digits(&ty.display),
            generated: generated(identity.as_deref(), computed.as_deref()),
            extra: ColumnFacts {
                ty: info,
                own,
                is_domain,
                relied,
            },
        });
    }
    let Some(mut table) = table else {
        return Ok(None);
    };
    if !is_plain {
        table.extra.effects = effects(conn, name).await?;
    }
    table.extra.texts = Texts::of(&table)?;
    key.sort_unstable();
    table.primary_key = key.into_iter().map(|(_, position)| position).collect();
    Ok(Some(table))
}

fn generated(identity: Option<&str>, computed: Option<&str>) -> Generated {
    match (identity, computed) {
        (_, Some(kind)) if !kind.is_empty() => Generated::Computed,
        (Some("a"), _) => Generated::Identity,
        _ => Generated::No,
    }
}

/// What a second question says of a table that the first one has not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// No table has the name.
    Yes,
    /// It is there. The name is looked up in the catalogue as it is now, and the first question had read the
    /// catalogue's rows as they were before another table took its place.
    No,
    /// The server knows it, and the catalogue's rows that we see do not have it: it was made, or put into the
    /// place of another, behind the snapshot of the transaction.
    BehindSnapshot,
}

/// Asks once more: outside of a transaction that repeats its reads, with a snapshot of its own.
async fn is_missing(conn: &mut Connection, name: &TableName) -> Result<Missing, Failure> {
    let sql = format!(
        "SELECT c.oid IS NULL, c.relkind IN {KINDS} FROM pg_catalog.to_regclass($1::text) AS there (oid)
          LEFT JOIN pg_catalog.pg_class c ON c.oid = there.oid WHERE there.oid IS NOT NULL"
    );
    let name = Param::Text(Some(name.quoted()));
    let rows = fetch_plain(conn, sql, vec![name]).await?;
    let told = |column: usize| rows.first().and_then(|row| row.get(column));
    Ok(match (told(0), told(1)) {
        (Some(Value::Bool(true)), _) => Missing::BehindSnapshot,
        (_, Some(Value::Bool(true))) => Missing::No,
        _ => Missing::Yes,
    })
}

/// The error for a table that is not there, with the nearest name that is.
async fn missing(conn: &mut Connection, name: &TableName) -> Result<Error, Failure> {
    let sql = format!(
        "SELECT c.relname::text FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN {KINDS} AND CASE WHEN $1::text IS NULL
            THEN pg_catalog.pg_table_is_visible(c.oid) AND n.nspname <> 'pg_catalog'
            ELSE n.nspname = $1::text END
          LIMIT 10000"
    );
    let rows = fetch_plain(conn, sql, vec![Param::Text(name.schema.clone())]).await?;
    let names: Vec<String> = rows
        .into_iter()
        .filter_map(|row| Cells(row.into_iter()).text())
        .collect();
    let suggestion = suggest::closest(&name.name, names.iter().map(String::as_str));
    Ok(Error::UndefinedTable {
        table: name.to_string(),
        suggestion: suggestion.map(|found| {
            TableName {
                schema: name.schema.clone(),
                name: found.to_owned(),
            }
            .to_string()
        }),
    })
}
