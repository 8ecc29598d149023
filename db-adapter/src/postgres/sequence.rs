//! Keys in advance, numbers that go on behind those that are there, and locks of a name.

use std::collections::HashSet;

use db_adapter_core::SqlType;

use super::catalog::{PgColumn, PgTable};
use super::dialect::{Postgres, push_literal};
use super::encode::Param;
use super::failure::Failure;
use super::read::affected;
use super::run::Work;
use super::statement::fetch_plain;
use super::statement_text::Sql;
use crate::query::{AdvanceSequence, AllocateKeys, Outcome};
use crate::sql::{self, Dialect, Generated, Output};
use crate::{Error, Result, Value};

/// The sequence of a column, and what a new row gets: of an identity, of a default that takes
/// numbers of a sequence, or any other default, which has no sequence.
const FILLED: &str = "
SELECT s.seq::regclass::text, sq.seqincrement,
  CASE WHEN a.attidentity <> '' THEN pg_catalog.format('pg_catalog.nextval(%s::oid::regclass)', s.seq)
    WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN LATERAL (
  SELECT p.objid AS seq FROM pg_catalog.pg_depend p
    WHERE p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid
      AND p.refobjsubid = a.attnum AND p.deptype = 'i'
      AND p.classid = 'pg_catalog.pg_class'::regclass
  UNION ALL
  SELECT p.refobjid FROM pg_catalog.pg_depend p
    WHERE p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid
      AND p.refclassid = 'pg_catalog.pg_class'::regclass
      AND EXISTS (SELECT FROM pg_catalog.pg_sequence q WHERE q.seqrelid = p.refobjid)
  LIMIT 1) s ON true
LEFT JOIN pg_catalog.pg_sequence sq ON sq.seqrelid = s.seq
WHERE a.attrelid = pg_catalog.to_regclass($1::text) AND a.attname = $2::text AND NOT a.attisdropped";

/// How the database fills a column.
struct Filled {
    /// The sequence, quoted, and whether it counts upward.
    sequence: Option<(String, bool)>,
    expression: Option<String>,
}

/// Whether others may hold a lock at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Alone,
    Shared,
}

impl Work<'_> {
    pub(super) async fn lock(&mut self, name: &str, held: Held) -> Result<Outcome, Failure> {
        sql::only_in_transaction(self.in_transaction, "a lock")?;
        let sql = match held {
            Held::Alone => {
                "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1::text, 0))::text"
            }
            Held::Shared => {
                "SELECT pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended($1::text, 0))::text"
            }
        };
        let name = Param::Text(Some(name.to_owned()));
        fetch_plain(self.conn, sql.to_owned(), vec![name]).await?;
        Ok(Outcome::default())
    }

    pub(super) async fn allocate_keys(
        &mut self,
        allocate: &AllocateKeys,
    ) -> Result<Outcome, Failure> {
        sql::only_in_transaction(self.in_transaction, "keys in advance")?;
        let table = self.table(&allocate.table).await?;
        let column = table.column(&allocate.column)?;
        let filled = self.filled(&table, column).await?;
        let expression = filled
            .expression
            .ok_or_else(|| sql::makes_no_keys(&allocate.table, &allocate.column))?;
        let ty = &column.extra.ty;
        let count = i64::try_from(allocate.count).unwrap_or(i64::MAX);
        let mut sql = Sql::new(format!(
            "SELECT ({expression})::{}{} FROM pg_catalog.generate_series(1, $1::int8)",
            ty.cast, ty.output
        ));
        sql.param(Param::Int(count));
        let output = Output {
            name: column.name.clone(),
            sql_type: column.sql_type.clone(),
        };
        self.writing();
        let rows = self.rows(sql, &[output]).await?;
        self.only_read();
        let mut seen: HashSet<&Value> = HashSet::with_capacity(rows.len());
        let all_differ = rows
            .iter()
            .filter_map(|row| row.get_index(0))
            .all(|value| !value.is_null() && seen.insert(value));
        if !all_differ {
            return Err(sql::makes_no_keys(&allocate.table, &allocate.column).into());
        }
        drop(seen);
        Ok(Outcome { rows, affected: 0 })
    }

    async fn filled(&mut self, table: &PgTable, column: &PgColumn) -> Result<Filled, Failure> {
        let mut name = String::new();
        Postgres::push_table(&mut name, table);
        let params = vec![
            Param::Text(Some(name)),
            Param::Text(Some(column.name.clone())),
        ];
        let rows = fetch_plain(self.conn, FILLED.to_owned(), params).await?;
        // the column was there a moment ago
        let row = rows.into_iter().next().ok_or(Failure::Stale)?;
        let mut cells = row.into_iter();
        let sequence = cells
            .next()
            .as_ref()
            .and_then(Value::as_str)
            .map(str::to_owned);
        let upward = cells
            .next()
            .as_ref()
            .and_then(Value::as_i64)
            .is_none_or(|step| step > 0);
        let expression = cells
            .next()
            .as_ref()
            .and_then(Value::as_str)
            .map(str::to_owned);
        Ok(Filled {
            sequence: sequence.map(|sequence| (sequence, upward)),
            expression,
        })
    }

    pub(super) async fn advance_sequence(
        &mut self,
        advance: &AdvanceSequence,
    ) -> Result<Outcome, Failure> {
        let table = self.table(&advance.table).await?;
        let column = table.column(&advance.column)?;
        let counts = matches!(
            column.sql_type,
            SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Numeric { .. }
        );
        if !counts || column.generated == Generated::Computed {
            return Ok(Outcome::default());
        }
        let filled = self.filled(&table, column).await?;
        let Some((sequence, upward)) = filled.sequence else {
            return Ok(Outcome::default());
        };
        self.writing();
        let sql = advance_text(&table, column, &sequence, upward);
        let moved = fetch_plain(self.conn, sql, Vec::new()).await?.len() as u64;
        let sql = proof_text(&table, column, &sequence, upward);
        let proof = fetch_plain(self.conn, sql, Vec::new()).await?;
        if proof.first().and_then(|row| row.first()) == Some(&Value::Bool(true)) {
            return Ok(affected(moved));
        }
        Err(Error::NoKeys {
            table: Some(advance.table.to_string()),
            message: format!(
                "the sequence of `{}.{}` gives numbers that are taken",
                advance.table, advance.column
            ),
            hint: Some("does somebody set it back?".to_owned()),
        }
        .into())
    }
}

/// The number that all others are before, in the sequence's direction.
fn last(table: &PgTable, column: &PgColumn, upward: bool) -> String {
    let mut text = String::from(if upward { "SELECT max(" } else { "SELECT min(" });
    Postgres::push_name(&mut text, &column.name);
    text.push_str(")::int8 AS m FROM ");
    Postgres::push_table(&mut text, table);
    text
}

/// One row where the sequence was behind. It is never set back: its last number is compared in
/// the same statement.
fn advance_text(table: &PgTable, column: &PgColumn, sequence: &str, upward: bool) -> String {
    let beyond = if upward { ">" } else { "<" };
    format!(
        "SELECT pg_catalog.setval({}::regclass, t.m) FROM ({}) AS t, {sequence} AS s \
         WHERE t.m {beyond} s.last_value OR (t.m = s.last_value AND NOT s.is_called)",
        literal(sequence),
        last(table, column, upward)
    )
}

/// Whether a number that the sequence gives is behind all that are there.
fn proof_text(table: &PgTable, column: &PgColumn, sequence: &str, upward: bool) -> String {
    let beyond = if upward { ">" } else { "<" };
    format!(
        "SELECT pg_catalog.nextval({}::regclass) {beyond} t.m OR t.m IS NULL FROM ({}) AS t",
        literal(sequence),
        last(table, column, upward)
    )
}

/// The quoted name that the server wrote, as a string.
fn literal(name: &str) -> String {
    let mut sql = String::new();
    push_literal(&mut sql, name);
    sql
}
