//! A JSON document as validated text, parsed only when somebody asks.

use std::fmt;

use serde_json::value::RawValue;

use super::document::{Document, may_round};
use crate::{Error, Result};

/// A JSON document, kept as its text: numbers stay exact, keys stay in order.
///
/// ```
/// use db_adapter::Json;
/// # fn main() -> db_adapter::Result<()> {
/// let doc = Json::parse(r#"{"price": 1.50}"#)?;
/// assert_eq!(doc.as_str(), r#"{"price": 1.50}"#);
/// assert!(Json::parse("{oops").is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json(Box<str>);

impl Json {
    /// Checks that the text is one JSON document, and keeps it.
    ///
    /// # Errors
    /// [`Error::Conversion`] when it is not.
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        Json::read(&text.into()).ok_or_else(|| Error::conversion("expected a JSON document"))
    }

    /// The document of a text, if it is one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // a raw value is checked without recursion and kept verbatim
        serde_json::from_str::<&RawValue>(text).ok()?;
        Some(Json(text.trim().into()))
    }

    /// The document of anything that serialises.
    ///
    /// # Errors
    /// [`Error::Conversion`] when it cannot be written as JSON.
    pub fn from_serialize<T: serde::Serialize + ?Sized>(document: &T) -> Result<Self> {
        serde_json::to_string(document)
            .map(|text| Json(text.into()))
            .map_err(|_| Error::conversion("the value cannot be written as JSON"))
    }

    /// Text that a database has validated.
    pub(crate) fn trusted(text: impl Into<Box<str>>) -> Self {
        Json(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON `null`, which is not SQL NULL?
    pub fn is_null(&self) -> bool {
        self.0.trim() == "null"
    }

    /// Reads the document into a type of yours.
    ///
    /// # Errors
    /// [`Error::Conversion`] when the document has another shape, or where a number in it would lose
    /// digits before its point: `serde_json::Value` and `f64` have floats for long integers.
    pub fn deserialize<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T> {
        if may_round(&self.0) {
            return Ok(T::deserialize(Document::new(&self.0))?);
        }
        serde_json::from_str(&self.0).map_err(|error| {
            // the message of serde_json names values; its position does not
            Error::conversion(format!(
                "the JSON document has another shape than `{}` (at character {})",
                std::any::type_name::<T>(),
                error.column()
            ))
        })
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({})", self.0)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
