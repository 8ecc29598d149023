//! One statement on a connection: prepared, bound, run to its end, and its rows handed
//! to whoever decodes them. It reads no row itself.

use rusqlite::Row as RawRow;

use super::connection::{Keep, bind, is_new};
use super::dialect::Sql;
use super::error::Context;
use super::plan::Plan;
use super::run::Work;
use crate::{Error, Result, Row};

/// Why a statement did not come to its end.
pub(super) enum Stopped {
    /// SQLite refused it, or ended it.
    Failed(Error),
    /// What it gave could not be read; SQLite did not mind.
    Unreadable(Error),
}

impl Work<'_> {
    /// Runs a statement of ours to its end; gives its rows and how many it changed.
    pub(super) fn fetch(
        &mut self,
        sql: Sql,
        plan: &Plan,
        context: &Context<'_>,
    ) -> Result<(Vec<Row>, u64)> {
        self.fetch_as(sql, Keep::Prepared, plan, context)
    }

    pub(super) fn fetch_as(
        &mut self,
        sql: Sql,
        keep: Keep,
        plan: &Plan,
        context: &Context<'_>,
    ) -> Result<(Vec<Row>, u64)> {
        let mut rows = Vec::new();
        let changed = self.send(sql, keep, context, |row| {
            rows.push(plan.row(row)?);
            Ok(())
        })?;
        Ok((rows, changed))
    }

    /// Runs a statement to its end: what fails there, such as a foreign key, fails after its rows.
    /// Gives how many rows it changed. Where SQLite runs it on another version of the schema than
    /// the tables were known in, that is an error: a column of another program would be missing,
    /// or a value stored by a type of old, without one.
    pub(super) fn send(
        &mut self,
        sql: Sql,
        keep: Keep,
        context: &Context<'_>,
        row: impl FnMut(&RawRow<'_>) -> Result<()>,
    ) -> Result<u64> {
        self.goes_on()?;
        self.sent = true;
        match self.step(sql, keep, context, row) {
            Ok(changed) => Ok(changed),
            Err(Stopped::Failed(error)) => Err(error),
            Err(Stopped::Unreadable(error)) => {
                self.unreadable = true;
                Err(error)
            }
        }
    }

    fn step(
        &self,
        sql: Sql,
        keep: Keep,
        context: &Context<'_>,
        mut row: impl FnMut(&RawRow<'_>) -> Result<()>,
    ) -> Result<u64, Stopped> {
        let connection = self.connection;
        let failed = |error: rusqlite::Error| Stopped::Failed(connection.failed(&error, context));
        let mut statement = connection.prepare(&sql.text, keep).map_err(failed)?;
        bind(&mut statement, &sql.params).map_err(Stopped::Failed)?;
        drop(sql);
        let is_new = is_new(&statement);
        let writes = !statement.readonly();
        let mut rows = statement.raw_query();
        let mut is_first = true;
        let mut unreadable = None;
        while let Some(found) = rows.next().map_err(failed)? {
            if is_first {
                is_first = false;
                connection.notice(found.as_ref(), is_new).map_err(failed)?;
                self.is_current().map_err(Stopped::Failed)?;
            }
            if let Err(error) = row(found) {
                unreadable = Some(error);
                break;
            }
        }
        if let Some(error) = unreadable {
            if writes && !self.in_transaction {
                // SQLite would keep what it wrote, and the caller would take it for refused
                connection.bell.fail_statement();
                if rows.next().is_ok() {
                    return Err(Stopped::Failed(Error::OutcomeUnknown {
                        operation: "statement".to_owned(),
                    }));
                }
            } else if writes {
                // the statement comes to its end, and the transaction is aborted
                while rows.next().map_err(failed)?.is_some() {}
            }
            return Err(Stopped::Unreadable(error));
        }
        drop(rows);
        if is_first {
            connection.notice(&statement, is_new).map_err(failed)?;
            self.is_current().map_err(Stopped::Failed)?;
        }
        Ok(match writes {
            true => connection.changes(),
            false => 0,
        })
    }

    /// An error that makes the catalogue be read again, when the schema has another version.
    fn is_current(&self) -> Result<()> {
        if self.expected.is_none() || self.expected == self.connection.version() {
            return Ok(());
        }
        Err(Error::SchemaChanged { table: None })
    }
}
