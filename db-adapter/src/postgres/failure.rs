//! What stopped an operation, before it is put into words: whether the connection is gone, and
//! whether the statement was refused because the schema is not what it was. Pure.

use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

use super::same_types::CHANGED;
use crate::Error;

/// What stopped an operation.
#[derive(Debug)]
pub(super) enum Failure {
    Driver(sqlx::Error),
    Ours(Error),
    /// The result has a type that the catalog did not tell of: the table was changed meanwhile.
    Stale,
    /// What the statement has read is not what the transaction's snapshot has: see `snapshot`.
    Replaced,
    /// The time limit of the operation came before the statement was sent, and it was not.
    Late,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Ours(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Driver(error)
    }
}

impl Failure {
    /// The server's own error.
    pub(super) fn server(&self) -> Option<&PgDatabaseError> {
        match self {
            Failure::Driver(sqlx::Error::Database(error)) => {
                error.try_downcast_ref::<PgDatabaseError>()
            }
            _ => None,
        }
    }

    /// The SQLSTATE.
    pub(super) fn code(&self) -> &str {
        self.server().map_or("", PgDatabaseError::code)
    }

    /// Whether the server has cancelled the statement, by a time-out or on request.
    pub(super) fn is_cancelled(&self) -> bool {
        self.code() == "57014"
    }

    /// Whether it was not sent, since time was over.
    pub(super) fn is_late(&self) -> bool {
        matches!(self, Failure::Late)
    }

    /// Whether the connection is gone.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            // by its severity alone: a function may meet a lost connection of its own (08..)
            Failure::Driver(sqlx::Error::Database(_)) => self.server().is_some_and(|error| {
                matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
            }),
            Failure::Driver(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::WorkerCrashed
            ),
            _ => false,
        }
    }

    /// Whether a notification came where the driver expects an answer: somebody listens in this session. The
    /// answer itself is lost.
    pub(super) fn is_notification(&self) -> bool {
        matches!(self, Failure::Driver(error) if is_notification(error))
    }

    /// Whether the server refused to bind a prepared statement because its result would have
    /// other types now. The code alone does not tell: anything that is not supported has it, an
    /// error that a function raises after it has written as well. The place in the server's
    /// source does, and functions leave a context.
    pub(super) fn is_changed_plan(&self) -> bool {
        self.server().is_some_and(|error| {
            error.code() == "0A000"
                && error.routine() == Some("RevalidateCachedQuery")
                && error.r#where().is_none()
        })
    }

    /// Whether a condition of ours was not true: a column has another type; see `guard`. Nobody else
    /// asks for that setting, and nothing was done.
    pub(super) fn is_changed_type(&self) -> bool {
        self.server().is_some_and(|error| {
            error.code() == "42704"
                && error.message().contains(CHANGED)
                && error.r#where().is_none()
        })
    }

    /// Whether a transaction was not committed since it has written and may not; see `connection`.
    pub(super) fn is_forbidden_write(&self) -> bool {
        self.server().is_some_and(|error| {
            error.code() == "42704"
                && error.message().contains("db_adapter.read_only")
                && error.r#where().is_none()
        })
    }

    /// Whether the server has no statement of the name that it was asked to run, or has one of the
    /// name that it was asked to prepare. A function that does so itself gives the same code, and a
    /// context.
    pub(super) fn is_other_session(&self) -> bool {
        self.server().is_some_and(|error| {
            matches!(error.code(), "26000" | "42P05") && error.r#where().is_none()
        })
    }

    /// Whether a pooler in statement mode refused a transaction. It has the code of anything that a
    /// pooler has to say.
    pub(super) fn is_of_statement_pooler(&self) -> bool {
        self.server().is_some_and(|error| {
            error.code() == "08P01" && error.message().contains("statement pooling")
        })
    }

    /// Whether the server refused the text itself, so that nothing of it was run: a name or a
    /// type that is not there, as our guards find them too. The same codes come from functions,
    /// which may have written; those errors have a context, and no place in the text. Of what was
    /// expanded from a `*` the server knows no place either: then it is told by the part of its
    /// source that has refused the text.
    pub(super) fn is_refused_text(&self) -> bool {
        self.server().is_some_and(|error| {
            let placed = matches!(error.position(), Some(PgErrorPosition::Original(_)));
            matches!(
                error.code(),
                "42703"
                    | "42P01"
                    | "42704"
                    | "42804"
                    | "42883"
                    | "42601"
                    | "42P10"
                    | "42846"
                    | "42P21"
            ) && (placed || error.file().is_some_and(analyses))
                && error.r#where().is_none()
        })
    }
}

/// The same of the driver's error, which names the message that it did not expect.
pub(super) fn is_notification(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Protocol(text) if text.contains("unexpected message: NotificationResponse"))
}

/// Whether a file of the server's source only reads statements, and runs none. One also reads the
/// values of `regtype`.
fn analyses(file: &str) -> bool {
    (file.starts_with("parse_") && file != "parse_type.c") || file == "analyze.c"
}
