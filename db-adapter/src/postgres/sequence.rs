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
  CASE WHEN sq.seqincrement > 0 THEN sq.seqmax ELSE sq.seqmin END,
  CASE WHEN sq.seqincrement > 0 THEN sq.seqmin ELSE sq.seqmax END,
  sq.seqcycle, sq.seqcache, pg_catalog.has_sequence_privilege(s.seq, 'SELECT'),
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
    sequence: Option<Sequence>,
    expression: Option<String>,
}

/// A sequence, by what its definition says.
struct Sequence {
    /// Its name, quoted.
    name: String,
    step: i64,
    /// The last number that it can give, and where one that begins again does.
    end: i64,
    start: i64,
    cycles: bool,
    /// How many numbers a session takes at once.
    cached: i64,
    /// Whether the role may read how far it is.
    is_read: bool,
}

impl Sequence {
    fn is_upward(&self) -> bool {
        self.step > 0
    }

    /// The number that comes next, when this one was the last, or is still to be given; `None` after the end.
    fn next(&self, last: i64, is_called: bool) -> Option<i64> {
        let next = match is_called {
            true => last.checked_add(self.step),
            false => Some(last),
        };
        let is_left = |next: &i64| match self.is_upward() {
            true => *next <= self.end,
            false => *next >= self.end,
        };
        next.filter(is_left).or(self.cycles.then_some(self.start))
    }

    /// How many numbers are left, as far as is known.
    fn left(&self, last: i64, is_called: bool) -> u64 {
        if self.cycles || self.step == 0 {
            return u64::MAX;
        }
        let Some(next) = self.next(last, is_called) else {
            return 0;
        };
        let far = i128::from(self.end) - i128::from(next);
        let left = far / i128::from(self.step) + 1;
        u64::try_from(left).unwrap_or(u64::MAX)
    }
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
        let count = match &filled.sequence {
            Some(sequence) => self.at_once(allocate, sequence).await?,
            None => allocate.count,
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
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

    /// How many numbers of the sequence are taken at once.
    async fn at_once(
        &mut self,
        allocate: &AllocateKeys,
        sequence: &Sequence,
    ) -> Result<u64, Failure> {
        let Some((last, is_called)) = self.how_far(sequence).await? else {
            return Ok(allocate.count);
        };
        let left = sequence.left(last, is_called);
        // this session may have some already
        let own = u64::try_from(sequence.cached.saturating_sub(1)).unwrap_or(0);
        if left.saturating_add(own) < allocate.least {
            let (table, column) = (&allocate.table, &allocate.column);
            return Err(Error::NoKeys {
                table: Some(table.to_string()),
                message: format!(
                    "the sequence of `{table}.{column}` has {left} numbers left, and {} are needed at least",
                    allocate.least
                ),
                hint: Some("let the sequence and its column go further, such as by a larger type; none of its numbers was taken".to_owned()),
            }
            .into());
        }
        let is_scarce = left < allocate.most.max(allocate.count);
        Ok(match is_scarce && allocate.most > allocate.count {
            true => allocate.count.min(1),
            false => allocate.count,
        })
    }

    /// The last number of the sequence, and whether it was given; `None` where the role may not know.
    async fn how_far(&mut self, sequence: &Sequence) -> Result<Option<(i64, bool)>, Failure> {
        if !sequence.is_read {
            return Ok(None);
        }
        let sql = format!(
            "SELECT s.last_value, s.is_called FROM {} AS s",
            sequence.name
        );
        let rows = fetch_plain(self.conn, sql, Vec::new()).await?;
        let row = rows.first();
        let last = row.and_then(|row| row.first()).and_then(Value::as_i64);
        let is_called = row.and_then(|row| row.get(1));
        Ok(last.zip(is_called.map(|called| *called == Value::Bool(true))))
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
        let name = cells
            .next()
            .as_ref()
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mut number = || cells.next().as_ref().and_then(Value::as_i64);
        let [step, end, start] = [number(), number(), number()];
        let mut flag = || cells.next() == Some(Value::Bool(true));
        let cycles = flag();
        let cached = cells.next().as_ref().and_then(Value::as_i64);
        let is_read = cells.next() == Some(Value::Bool(true));
        let expression = cells
            .next()
            .as_ref()
            .and_then(Value::as_str)
            .map(str::to_owned);
        let sequence = (|| {
            Some(Sequence {
                name: name?,
                step: step?,
                end: end?,
                start: start?,
                cycles,
                cached: cached?,
                is_read,
            })
        })();
        Ok(Filled {
            sequence,
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
        let Some(sequence) = filled.sequence else {
            return Ok(Outcome::default());
        };
        self.writing();
        let sql = advance_text(&table, column, &sequence);
        let moved = fetch_plain(self.conn, sql, Vec::new()).await?.len() as u64;
        // a number that is taken to see it would be lost
        let sql = reached_text(&table, column, &sequence);
        let rows = fetch_plain(self.conn, sql, Vec::new()).await?;
        let row = rows.into_iter().next().unwrap_or_default();
        let [last, is_called, reached] = [0, 1, 2].map(|at| row.get(at));
        let last = last.and_then(Value::as_i64).unwrap_or_default();
        let next = sequence.next(last, is_called == Some(&Value::Bool(true)));
        let reached = reached.and_then(Value::as_i64);
        let is_behind = match (next, reached) {
            (Some(next), Some(reached)) if sequence.is_upward() => next > reached,
            (Some(next), Some(reached)) => next < reached,
            // the sequence has no next number, or no row has one
            _ => true,
        };
        if is_behind {
            return Ok(affected(moved));
        }
        Err(Error::NoKeys {
            table: Some(advance.table.to_string()),
            message: format!(
                "the sequence of `{}.{}` gives numbers that are taken",
                advance.table, advance.column
            ),
            hint: Some("does somebody set it back, or does it begin again?".to_owned()),
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
fn advance_text(table: &PgTable, column: &PgColumn, sequence: &Sequence) -> String {
    let beyond = if sequence.is_upward() { ">" } else { "<" };
    let name = &sequence.name;
    format!(
        "SELECT pg_catalog.setval({}::regclass, t.m) FROM ({}) AS t, {name} AS s \
         WHERE t.m {beyond} s.last_value OR (t.m = s.last_value AND NOT s.is_called)",
        literal(name),
        last(table, column, sequence.is_upward())
    )
}

/// How far the sequence is, and the number that all others are before.
fn reached_text(table: &PgTable, column: &PgColumn, sequence: &Sequence) -> String {
    format!(
        "SELECT s.last_value, s.is_called, t.m FROM ({}) AS t, {} AS s",
        last(table, column, sequence.is_upward()),
        sequence.name
    )
}

/// The quoted name that the server wrote, as a string.
fn literal(name: &str) -> String {
    let mut sql = String::new();
    push_literal(&mut sql, name);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(step: i64, start: i64, end: i64, cycles: bool) -> Sequence {
        Sequence {
            name: String::new(),
            step,
            end,
            start,
            cycles,
            cached: 1,
            is_read: true,
        }
    }

    #[test]
    fn what_is_left_of_a_sequence_is_known_without_a_number_of_it() {
        for (step, start, end, last, called, left, next) in [
            (1, 1, 20, 1, false, 20, Some(1)),
            (1, 1, 20, 1, true, 19, Some(2)),
            (1, 1, 20, 20, true, 0, None),
            (3, 1, 20, 1, false, 7, Some(1)),
            (3, 1, 20, 16, true, 1, Some(19)),
            (3, 1, 20, 19, true, 0, None),
            (-1, -1, i64::MIN, -1, false, 1 << 63, Some(-1)),
            (-2, 5, -2, 5, true, 3, Some(3)),
            (1, 1, i64::MAX, i64::MAX, true, 0, None),
        ] {
            let of = sequence(step, start, end, false);
            assert_eq!((of.left(last, called), of.next(last, called)), (left, next));
        }
        let again = sequence(1, 1, 20, true);
        assert_eq!(
            (again.left(20, true), again.next(20, true)),
            (u64::MAX, Some(1))
        );
    }
}
