//! How errors are made inside of this crate and by implementations of clients.
//! Never with a value of a row or the text of a driver.

use super::{Conversion, Error};

impl Error {
    /// The call is wrong, with what to write instead. For implementations of
    /// [`DatabaseClient`](crate::DatabaseClient).
    pub fn invalid_query(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Error::InvalidQuery {
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    /// The backend cannot do this. For implementations of [`DatabaseClient`](crate::DatabaseClient).
    pub fn unsupported(
        operation: impl Into<String>,
        backend: &'static str,
        hint: impl Into<String>,
    ) -> Self {
        let hint = hint.into();
        Error::Unsupported {
            operation: operation.into(),
            backend,
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    pub(crate) fn connection(
        target: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let hint = hint.into();
        Error::Connection {
            target: target.into(),
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    /// An invariant of ours that does not hold. Never with a value.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Error::Internal {
            message: message.into(),
        }
    }

    pub(crate) fn config(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Error::Config {
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        }
    }

    pub(crate) fn conversion(message: impl Into<String>) -> Self {
        Error::Conversion(Box::new(Conversion {
            message: message.into(),
            ..Conversion::default()
        }))
    }

    /// The same with what to do, for errors whose hint is a field.
    pub(crate) fn with_hint(mut self, text: impl Into<String>) -> Self {
        match &mut self {
            Error::Conversion(details) => details.hint = Some(text.into()),
            Error::InvalidValue(details) => details.hint = Some(text.into()),
            _ => {}
        }
        self
    }

    /// Says in which column a conversion failed, or a value did not fit, where that is not known yet.
    pub(crate) fn in_column(mut self, name: &str) -> Self {
        match &mut self {
            Error::Conversion(c) if c.column.is_none() => c.column = Some(name.to_owned()),
            Error::InvalidValue(v) if v.column.is_none() => v.column = Some(name.to_owned()),
            _ => {}
        }
        self
    }
}
