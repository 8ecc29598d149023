//! Whether an operation failed because somebody else has changed the schema, and whether it may then
//! be sent again: only where nothing that was sent can have been done.

use super::failure::Failure;
use super::run::{Text, Work};
use super::same_types::is_inside;
use super::sent::offset;
use crate::{Error, Result};

/// Whether a failure shows that the schema is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Staleness {
    No,
    /// Perhaps: the tables have to be looked at.
    Suspected,
    /// The server says so, and has done nothing.
    Certain,
}

/// Whether we have refused an operation by what we know of a table: what its columns are called, what
/// they take, and what can be asked of their types.
fn is_by_description(error: &Error) -> bool {
    matches!(
        error,
        Error::UndefinedColumn { .. }
            | Error::InvalidValue(_)
            | Error::InvalidQuery { .. }
            | Error::Unsupported { .. }
    )
}

impl Work<'_> {
    /// Whether a failure shows that the schema was changed by somebody else.
    pub(super) fn staleness(&self, failure: &Failure) -> Staleness {
        match failure {
            Failure::Stale | Failure::Replaced => Staleness::Certain,
            Failure::Ours(error)
                if is_by_description(error)
                    && !self.wrote()
                    && (!self.known.is_empty() || self.text == Text::Known) =>
            {
                Staleness::Suspected
            }
            failure if failure.is_changed_plan() || failure.is_changed_type() => Staleness::Certain,
            // behind a pooler the driver looked a type up, and so lost the unnamed statement; a
            // function may also have deallocated what was prepared
            failure
                if failure.is_other_session()
                    && (self.shared.is_pooled() || self.text != Text::Callers) =>
            {
                Staleness::Certain
            }
            failure if failure.is_refused_text() && self.text != Text::Callers => {
                Staleness::Certain
            }
            // a filter in the caller's text was made from a description, and begins with what that says
            failure if failure.is_refused_text() && self.is_in_guard(failure) => Staleness::Certain,
            failure if failure.is_refused_text() && !self.known.is_empty() => Staleness::Suspected,
            _ => Staleness::No,
        }
    }

    /// Whether the server has refused what we have put into a caller's text.
    fn is_in_guard(&self, failure: &Failure) -> bool {
        let (Some(error), Some(sent)) = (failure.server(), &self.sent) else {
            return false;
        };
        offset(error, sent).is_some_and(|at| is_inside(&sent.text, at))
    }

    /// Whether the operation may be sent again after a failure that shows that the schema was
    /// changed: nothing that was sent can have been done. The server has refused the last
    /// statement, unless it has answered what cannot be read. A rollback is not enough: it does not undo
    /// the numbers of sequences, nor what triggers do elsewhere.
    pub(super) fn may_repeat(&self, failure: &Failure) -> bool {
        let refused = match failure {
            Failure::Stale | Failure::Replaced => 0,
            _ => 1,
        };
        self.writes <= refused
    }

    /// Forgets what is known of the schema, and the statements that were prepared for it.
    pub(super) async fn refresh(&mut self) {
        self.forget_schema();
        // when this fails the next statement does as well
        let _ = self.conn.forget_statements().await;
    }

    /// What every connection shares; this one's statements are forgotten before it goes back.
    pub(super) fn forget_schema(&mut self) {
        self.catalog.clear();
        self.shared.catalog.clear();
        self.shared.statements.clear();
        self.conn.set_outdated();
    }

    /// Looks at the tables again that the operation knew. Whether one is not what it was; if
    /// none is, nothing is forgotten: wrong input is no reason to look everything up again.
    pub(super) async fn look_again(&mut self) -> Result<bool, Failure> {
        if self.text == Text::Known {
            self.shared.statements.clear();
            return Ok(true);
        }
        self.begin_if(self.shared.is_pooled()).await?;
        let mut changed = false;
        for name in std::mem::take(&mut self.known) {
            changed |= self.catalog.reload(self.conn, &name).await?;
        }
        // not by a COMMIT: dropped within that, the operation would count as done
        self.end_reading().await?;
        Ok(changed)
    }
}
