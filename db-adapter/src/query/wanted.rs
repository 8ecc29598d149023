//! How many rows, and of which type, the caller of a text takes. Where the text writes, what came is judged
//! before it is kept: an error about rows must mean that nothing was changed.

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
    /// Whether it may give what is not wanted. One that writes is undone then.
    pub(crate) fn may_give_in_vain(&self) -> bool {
        self.wanted != Wanted::Any || self.sink.is_some() || self.taker.is_some()
    }

    /// Before it is run: an error where a row is wanted of a text that gives none, by its columns.
    pub(crate) fn check_gives_rows(&self, gives: bool) -> Result<()> {
        match gives {
            true => Ok(()),
            false => self.wanted.check(0),
        }
    }
}

impl Operation {
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
