//! The exit codes: a promise to scripts. Which outcome has which number is decided here alone.

use std::process::ExitCode;

use db_adapter::ErrorKind;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done as asked.
    Done,
    /// Wrong usage or configuration.
    Usage,
    /// It could not be done: connection, database, files, output.
    Failed,
    /// A guard refused it; a flag would allow it.
    Refused,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// 1 is kept for negative findings (drift, differences), which no command has yet.
    fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Usage => 2,
            Exit::Failed => 3,
            Exit::Refused => 4,
            Exit::Interrupted => 130,
        }
    }

    /// The exit of a failed operation.
    pub(crate) fn of(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::Config | ErrorKind::Unsupported => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
