//! How many rows, and of which type, the caller of a text takes. Where the text writes, what came is judged
//! before it is kept: an error about rows must mean that nothing was changed.

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::{self, StatementKind};

use super::{Operation, Outcome, Statement};
use crate::{Error, Result};

/// How many rows are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    #[default]
    Any,
    AtMostOne,
    One,
}

impl Wanted {
    /// An error where that many rows are not wanted.
    pub(crate) fn check(self, rows: usize) -> Result<()> {
        match (self, rows) {
            (Wanted::One, 0) => Err(Error::NoRowsMatched {
                table: "the query".to_owned(),
            }),
            (Wanted::Any, _) | (_, 0 | 1) => Ok(()),
            _ => Err(Error::TooManyRows { table: None }),
        }
    }
}

impl Statement {
    /// Whether it writes, and not all that it may give is wanted: who runs it outside of a
    /// transaction begins one.
    fn is_judged(&self, dialect: SqlDialect) -> bool {
        let all_is_wanted =
            self.wanted == Wanted::Any && self.sink.is_none() && self.taker.is_none();
        !all_is_wanted && {
            let text = statement::Statement::new(&self.sql, dialect);
            let may_write = text.kind() == StatementKind::Select && !text.only_reads();
            may_write || text.counts_rows()
        }
    }
}

impl Operation {
    /// The same of an operation.
    pub(crate) fn is_judged(&self, dialect: SqlDialect) -> bool {
        matches!(self, Operation::Query(statement) if statement.is_judged(dialect))
    }

    /// An error where what it gave is not what its caller takes, so that it is to be undone. That of a
    /// sink is a sign alone: the caller has the real one there.
    pub(crate) fn judge(&self, outcome: &Outcome) -> Result<()> {
        let Operation::Query(statement) = self else {
            return Ok(());
        };
        let sink = match (&statement.sink, &statement.taker) {
            (Some(sink), _) => sink,
            (None, Some(taker)) => {
                taker.give(outcome.rows.iter().cloned());
                taker
            }
            (None, None) => return statement.wanted.check(outcome.rows.len()),
        };
        let given = sink.holds();
        statement.wanted.check(given.rows)?;
        match given.failed {
            true => Err(Error::internal("a row is not of the type that is wanted")),
            false => Ok(()),
        }
    }
}
