//! Why a document does not become a user's type. Never shows a name of its members: they are data.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::Error;

/// Why a document does not become the type: its members are no columns of the row.
#[derive(Debug)]
pub(super) struct Refused(Error);

pub(super) fn another_shape() -> Refused {
    refused("the JSON document has another shape")
}

pub(super) fn refused(message: impl Into<String>) -> Refused {
    Refused(Error::conversion(message))
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused(error)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refused(Error::custom(message))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Refused(Error::invalid_type(found, expected))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Refused(Error::invalid_value(found, expected))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Refused(Error::invalid_length(len, expected))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Refused(Error::unknown_variant(variant, expected))
    }

    /// Names of members are data.
    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        refused("the JSON document has a member that the type does not have")
    }

    fn missing_field(field: &'static str) -> Self {
        refused(format!("the JSON document has no member `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        refused(format!("the JSON document has two members `{field}`"))
    }
}
