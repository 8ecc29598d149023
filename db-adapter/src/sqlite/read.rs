//! Reads on one connection: selects, as a whole and as a stream, counts, and the questions that every
//! connection answers.

use db_adapter_core::SqlType;
use rusqlite::Row as RawRow;

use super::connection::Keep;
use super::dialect::{Sql, SqliteDialect};
use super::plan::{self, Plan};
use super::rows::{Gone, RowSender};
use super::run::Work;
use crate::query::{Matching, Outcome, RowSink, Select};
use crate::sql;
use crate::{Error, Result, Row};

/// Most texts are shorter.
pub(super) const TEXT: usize = 512;

/// The rows that a reading gives, in the outcome or in the sink.
pub(super) fn gathered(
    sink: Option<&RowSink>,
    read: impl FnOnce(&mut dyn FnMut(Row) -> Result<()>) -> Result<()>,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let Some(sink) = sink else {
        read(&mut |row| {
            outcome.rows.push(row);
            Ok(())
        })?;
        return Ok(outcome);
    };
    let mut fill = sink.begin();
    read(&mut |row| {
        fill.row(row.header(), &mut row.cells());
        outcome.affected += 1;
        Ok(())
    })?;
    fill.finish();
    Ok(outcome)
}

/// The rows that a reading gives, as they come.
pub(super) fn poured(
    rows: &mut RowSender,
    read: impl FnOnce(&mut dyn FnMut(Row) -> Result<()>) -> Result<()>,
) -> Result<(), Gone> {
    let mut gone = None;
    let result = read(&mut |row| {
        rows.push(row).map_err(|why| {
            gone = Some(why);
            // taken for nothing: it only ends the statement
            super::answer::timed_out()
        })
    });
    match gone {
        Some(why) => Err(why),
        None => result.map_err(Gone::Failed),
    }
}

impl Work<'_> {
    pub(super) fn select(&mut self, select: &Select) -> Result<Outcome> {
        gathered(select.sink.as_ref(), |take| {
            self.each_selected(select, take)
        })
    }

    /// The rows of a select, as they come.
    pub(super) fn stream_select(
        &mut self,
        select: &Select,
        rows: &mut RowSender,
    ) -> Result<(), Gone> {
        poured(rows, |take| self.each_selected(select, take))
    }

    fn each_selected(
        &mut self,
        select: &Select,
        mut take: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        sql::check_lock(select, self.in_transaction)?;
        let others = self.others(&select.filter)?;
        let table = self.table(&select.table)?;
        let mut sql = Sql::new(String::with_capacity(TEXT));
        sql.push("SELECT ");
        let plan = plan::push(&mut sql.text, &table, &select.columns, true)?;
        sql::push_selected::<SqliteDialect>(&mut sql, &table, &others, select)?;
        let context = self.context(Some(&select.table));
        let read = |row: &RawRow<'_>| match (select.stored, select.spelled) {
            (true, _) => plan.stored_row(row),
            (false, true) => plan.spelled_row(row),
            (false, false) => plan.row(row),
        };
        self.send(sql, Keep::Prepared, &context, |row| take(read(row)?))?;
        Ok(())
    }

    pub(super) fn count(&mut self, matching: &Matching) -> Result<Outcome> {
        let others = self.others(&matching.filter)?;
        let table = self.table(&matching.table)?;
        let sql = sql::count::<SqliteDialect>(&table, &others, matching)?;
        let context = self.context(Some(&matching.table));
        let (rows, _) = self.fetch(sql, &Plan::one("count", SqlType::Int8)?, &context)?;
        let count = rows.first().and_then(|row| row.get::<i64>("count").ok());
        // without one nobody knows how many rows there are, least of all none
        let count = count.and_then(|n| u64::try_from(n).ok());
        let affected =
            count.ok_or_else(|| Error::internal("the answer to a count has no number in it"))?;
        Ok(Outcome {
            rows: Vec::new(),
            affected,
        })
    }

    pub(super) fn exists(&mut self, matching: &Matching) -> Result<Outcome> {
        let others = self.others(&matching.filter)?;
        let table = self.table(&matching.table)?;
        let sql = sql::exists::<SqliteDialect>(&table, &others, matching)?;
        let context = self.context(Some(&matching.table));
        let (rows, _) = self.fetch(sql, &Plan::one("found", SqlType::Int8)?, &context)?;
        Ok(Outcome {
            affected: u64::from(!rows.is_empty()),
            rows: Vec::new(),
        })
    }

    /// Reads the file: that the connection is open says nothing, and neither does one that has no name any more.
    pub(super) fn ping(&mut self) -> Result<Outcome> {
        self.database.file.check(&self.database.target)?;
        let sql = Sql::new("SELECT 1 FROM sqlite_schema LIMIT 1");
        let context = self.context(None);
        self.send(sql, Keep::Prepared, &context, |_| Ok(()))?;
        Ok(Outcome::default())
    }

    pub(super) fn server_version(&mut self) -> Result<Outcome> {
        let sql = Sql::new("SELECT sqlite_version() AS version");
        let context = self.context(None);
        let (rows, _) = self.fetch(sql, &Plan::one("version", SqlType::Text)?, &context)?;
        Ok(Outcome { rows, affected: 0 })
    }
}
