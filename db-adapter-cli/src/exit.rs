//! The exit codes: a promise to scripts. Which outcome has which number is decided here alone.

use std::process::ExitCode;

use db_adapter::ErrorKind;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done as asked.
    Done,
    /// Done, with a negative finding: drift, differences, failed rows, an invalid backup.
    Negative,
    /// Wrong usage or configuration.
    Usage,
    /// It could not be done: connection, database, files, output.
    Failed,
    /// A guard refused it; a flag would allow it.
    Refused,
    /// SIGINT, SIGTERM or SIGHUP, whatever became of the work.
    Interrupted,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Negative => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
            Exit::Refused => 4,
            Exit::Interrupted => 130,
        }
    }

    /// The exit of a failed operation. A kind that is not named here is one of a later library.
    pub(crate) fn of(kind: ErrorKind) -> Exit {
        match kind {
            // what was asked for, or how it is configured
            ErrorKind::Config
            | ErrorKind::InvalidConfig
            | ErrorKind::NoProfile
            | ErrorKind::UnknownProfile
            | ErrorKind::PasswordCommand
            | ErrorKind::Unsupported => Exit::Usage,
            // what is wrong with the rows themselves, or with a file of them
            ErrorKind::InvalidBackup
            | ErrorKind::ForeignParents
            | ErrorKind::BackupRefused
            | ErrorKind::RestoreRefused
            | ErrorKind::SyncRefused
            | ErrorKind::FixRefused => Exit::Negative,
            // what a flag would allow
            ErrorKind::PartialBackup
            | ErrorKind::NotValidated
            | ErrorKind::SameDatabase
            | ErrorKind::UndeclaredReferences => Exit::Refused,
            // the way to the database
            ErrorKind::Connection
            | ErrorKind::Authentication
            | ErrorKind::PoolTimeout
            | ErrorKind::Timeout
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Closed
            // what the database says of the statement
            | ErrorKind::UniqueViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::NotNullViolation
            | ErrorKind::CheckViolation
            | ErrorKind::UndefinedTable
            | ErrorKind::UndefinedColumn
            | ErrorKind::InvalidValue
            | ErrorKind::Conversion
            | ErrorKind::NoRowsMatched
            | ErrorKind::TooManyRows
            | ErrorKind::EmptyFilter
            | ErrorKind::EmptyData
            | ErrorKind::InvalidQuery
            | ErrorKind::ReadOnly
            | ErrorKind::PermissionDenied
            | ErrorKind::SerializationFailure
            | ErrorKind::SchemaChanged
            | ErrorKind::TransactionEnded
            | ErrorKind::TransactionAborted
            | ErrorKind::SavepointOpen
            | ErrorKind::File
            | ErrorKind::Internal
            | ErrorKind::FixFailed
            | ErrorKind::Database
            | _ => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
