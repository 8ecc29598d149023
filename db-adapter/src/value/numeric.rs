//! An exact decimal number as text: digits and scale, nothing rounded.

use std::fmt;

use super::Value;
use crate::{Error, Result};

/// An exact decimal number: its digits and its scale, as the database stores them.
///
/// `1.5` and `1.50` are equal numbers and different `Numeric`s, as they are different texts in
/// PostgreSQL. `NaN`, `Infinity` and `-Infinity` are numerics too.
///
/// ```
/// use db_adapter::Numeric;
/// # fn main() -> db_adapter::Result<()> {
/// assert_eq!(Numeric::parse("001.50")?.as_str(), "1.50");
/// assert_eq!(Numeric::parse("1e3")?.as_str(), "1000");
/// assert!(Numeric::parse("12 apples").is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Numeric(Box<str>);

impl Numeric {
    /// Reads a decimal number in any spelling that PostgreSQL's `numeric` takes.
    ///
    /// # Errors
    /// [`Error::Conversion`] when the text is no number.
    pub fn parse(text: &str) -> Result<Self> {
        db_adapter_core::numeric::canonical(text)
            .map(|text| Numeric(text.into()))
            .ok_or_else(|| Error::conversion("expected a decimal number"))
    }

    /// A text that is canonical already, from a decoder of ours.
    pub(crate) fn trusted(text: impl Into<Box<str>>) -> Self {
        Numeric(text.into())
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a finite number, neither `NaN` nor an infinity.
    pub fn is_finite(&self) -> bool {
        !matches!(&*self.0, "NaN" | "Infinity" | "-Infinity")
    }
}

impl fmt::Debug for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Numeric({})", self.0)
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Numeric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Numeric::parse(text)
    }
}

/// Exact from a row and from JSON: a number or a text of digits.
impl<'de> serde::Deserialize<'de> for Numeric {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let read = match Value::deserialize(deserializer)? {
            Value::Numeric(numeric) => Ok(numeric),
            Value::Int(int) => Ok(Numeric::trusted(int.to_string())),
            Value::Float(float) => Numeric::parse(&db_adapter_core::float::format_f64(float)),
            Value::Text(text) => Numeric::parse(&text),
            other => Err(Error::conversion(format!(
                "expected a decimal number, found {}",
                other.kind()
            ))),
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// As text, in which every format keeps the digits.
impl serde::Serialize for Numeric {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
