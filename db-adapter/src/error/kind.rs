//! The kinds of errors, to match on without their details. A variant of `Error` has one of the same name.

use super::Error;

/// The kind of an [`Error`], to match on without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "each is the variant of `Error` of the same name"
)]
pub enum ErrorKind {
    UniqueViolation,
    ForeignKeyViolation,
    NotNullViolation,
    CheckViolation,
    UndefinedTable,
    UndefinedColumn,
    InvalidValue,
    Conversion,
    NoRowsMatched,
    TooManyRows,
    EmptyFilter,
    EmptyData,
    InvalidQuery,
    Timeout,
    PoolTimeout,
    Connection,
    Authentication,
    OutcomeUnknown,
    ReadOnly,
    PermissionDenied,
    Raised,
    NotKept,
    NoKeys,
    SerializationFailure,
    SchemaChanged,
    TransactionEnded,
    TransactionAborted,
    SavepointOpen,
    Unsupported,
    Closed,
    Config,
    NoProfile,
    UnknownProfile,
    NotValidated,
    InvalidConfig,
    PasswordCommand,
    #[cfg(feature = "backup")]
    InvalidBackup,
    BackupRefused,
    RestoreRefused,
    SyncRefused,
    SameDatabase,
    UndeclaredReferences,
    FixRefused,
    #[cfg(feature = "_runtime")]
    FixFailed,
    ForeignParents,
    PartialBackup,
    NoSnapshot,
    File,
    Internal,
    Database,
}

impl Error {
    /// The kind of this error.
    ///
    /// ```
    /// use db_adapter::{Error, ErrorKind};
    /// assert_eq!(Error::Closed.kind(), ErrorKind::Closed);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::UniqueViolation(_) => ErrorKind::UniqueViolation,
            Error::ForeignKeyViolation(_) => ErrorKind::ForeignKeyViolation,
            Error::NotNullViolation(_) => ErrorKind::NotNullViolation,
            Error::CheckViolation(_) => ErrorKind::CheckViolation,
            Error::UndefinedTable { .. } => ErrorKind::UndefinedTable,
            Error::UndefinedColumn { .. } => ErrorKind::UndefinedColumn,
            Error::InvalidValue(_) => ErrorKind::InvalidValue,
            Error::Conversion(_) => ErrorKind::Conversion,
            Error::NoRowsMatched { .. } => ErrorKind::NoRowsMatched,
            Error::TooManyRows { .. } => ErrorKind::TooManyRows,
            Error::EmptyFilter { .. } => ErrorKind::EmptyFilter,
            Error::EmptyData { .. } => ErrorKind::EmptyData,
            Error::InvalidQuery { .. } => ErrorKind::InvalidQuery,
            Error::Timeout { .. } => ErrorKind::Timeout,
            Error::PoolTimeout { .. } => ErrorKind::PoolTimeout,
            Error::Connection { .. } => ErrorKind::Connection,
            Error::Authentication { .. } => ErrorKind::Authentication,
            Error::OutcomeUnknown { .. } => ErrorKind::OutcomeUnknown,
            Error::ReadOnly { .. } => ErrorKind::ReadOnly,
            Error::PermissionDenied { .. } => ErrorKind::PermissionDenied,
            Error::Raised(_) => ErrorKind::Raised,
            Error::NotKept { .. } => ErrorKind::NotKept,
            Error::NoKeys { .. } => ErrorKind::NoKeys,
            Error::SerializationFailure { .. } => ErrorKind::SerializationFailure,
            Error::SchemaChanged { .. } => ErrorKind::SchemaChanged,
            Error::TransactionEnded => ErrorKind::TransactionEnded,
            Error::TransactionAborted => ErrorKind::TransactionAborted,
            Error::SavepointOpen => ErrorKind::SavepointOpen,
            Error::Unsupported { .. } => ErrorKind::Unsupported,
            Error::Closed => ErrorKind::Closed,
            Error::Config { .. } => ErrorKind::Config,
            Error::NoProfile { .. } => ErrorKind::NoProfile,
            Error::UnknownProfile { .. } => ErrorKind::UnknownProfile,
            Error::NotValidated { .. } => ErrorKind::NotValidated,
            Error::InvalidConfig { .. } => ErrorKind::InvalidConfig,
            Error::PasswordCommand { .. } => ErrorKind::PasswordCommand,
            #[cfg(feature = "backup")]
            Error::InvalidBackup(_) => ErrorKind::InvalidBackup,
            Error::BackupRefused { .. } => ErrorKind::BackupRefused,
            Error::RestoreRefused { .. } => ErrorKind::RestoreRefused,
            Error::SyncRefused { .. } => ErrorKind::SyncRefused,
            Error::SameDatabase { .. } => ErrorKind::SameDatabase,
            Error::UndeclaredReferences { .. } => ErrorKind::UndeclaredReferences,
            Error::FixRefused { .. } => ErrorKind::FixRefused,
            #[cfg(feature = "_runtime")]
            Error::FixFailed(_) => ErrorKind::FixFailed,
            Error::ForeignParents { .. } => ErrorKind::ForeignParents,
            Error::PartialBackup { .. } => ErrorKind::PartialBackup,
            Error::NoSnapshot { .. } => ErrorKind::NoSnapshot,
            Error::File { .. } => ErrorKind::File,
            Error::Internal { .. } => ErrorKind::Internal,
            Error::Database { .. } => ErrorKind::Database,
        }
    }
}
