//! What the failure of an operation means for the transaction that it is in.

use super::blame;
use super::error::{explain, schema_changed};
use super::failure::Failure;
use super::run::Work;
use super::staleness::Staleness;
use crate::Error;
use crate::query::Operation;

/// How an operation of a transaction ended badly.
pub(super) struct Verdict {
    pub(super) error: Error,
    /// Whether the transaction is aborted by it.
    pub(super) aborts: bool,
    pub(super) after: After,
}

/// What the connection is good for after an operation that ended badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The next statement.
    Ready,
    /// Nothing before its last statement has ended.
    Busy,
    /// Nothing.
    Lost,
}

impl Work<'_> {
    /// What a failure means in a transaction. The server aborts it on any error of its own; where
    /// a write was done that cannot be told of, we do.
    pub(super) fn verdict(&mut self, failure: &Failure, operation: &Operation) -> Verdict {
        let context = self.context(operation.describe().0);
        if self.staleness(failure) == Staleness::Certain {
            let error = schema_changed(context);
            self.forget_schema();
            return Verdict {
                error,
                aborts: true,
                after: After::Ready,
            };
        }
        let error = explain(failure, context);
        let error = blame::named_sum(error, failure, operation, self.table.as_deref());
        // the transaction has failed: nobody can be asked
        let suspects = blame::suspects(failure, operation, self.table.as_deref());
        Verdict {
            error: match blame::only(failure, &suspects).filter(|_| self.sent.is_none()) {
                Some(suspect) => blame::named(error, suspect),
                None => error,
            },
            // of one that is late nobody has asked what it left open, such as a savepoint
            aborts: self.wrote() || matches!(failure, Failure::Driver(_) | Failure::Late),
            after: match failure.is_lost() {
                true => After::Lost,
                false => After::Ready,
            },
        }
    }
}

/// The database was asked to cancel an operation, and has not answered.
pub(super) fn no_answer_verdict(operation: &Operation) -> Verdict {
    Verdict {
        error: Error::Timeout {
            what: format!(
                "the database did not answer to the {}",
                operation.describe().0
            ),
        },
        aborts: true,
        after: After::Busy,
    }
}
