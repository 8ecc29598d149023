//! Exact JSON out: numbers with all their digits, documents verbatim.
//!
//! Written by hand because serde has no way to pass a number's text to any format but
//! serde_json; the portable `Serialize`, and what `serde_json::Value` can hold, are in `ser.rs`.

use std::fmt;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Value;
use super::ser::Target;
use crate::Row;

/// What can be written as exact JSON: a [`Value`], a [`Row`], a slice of either.
///
/// ```
/// use db_adapter::{row, ExactJson, Numeric};
/// # fn main() -> db_adapter::Result<()> {
/// let row = row! { "price": Numeric::parse("1.50")?, "n": 9007199254740993_i64 };
/// assert_eq!(row.to_json(), r#"{"price":1.50,"n":9007199254740993}"#);
/// # Ok(()) }
/// ```
pub trait ExactJson {
    /// Writes exact JSON, on one line.
    ///
    /// # Errors
    /// Those of the writer.
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()>;

    /// Exact JSON as text.
    fn to_json(&self) -> String {
        let mut out = Vec::new();
        // writing into memory does not fail
        let _ = self.write_json(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// The same as a `serde_json::Value`, which has no exact numbers: so numerics are strings,
    /// and so are numbers inside of documents that an `f64` does not hold. No digit is lost.
    fn to_json_value(&self) -> serde_json::Value {
        super::ser::document(&self.to_json())
    }

    /// A wrapper that serialises as exact JSON, for axum's `Json(..)` and the like, alone or inside
    /// of a type of yours. Only for serde_json: other formats get an error or its private wrapper.
    /// In `serde_json::json!` and `to_value` it is [`to_json_value`](ExactJson::to_json_value).
    ///
    /// ```
    /// use db_adapter::{AsJson, ExactJson, Numeric, Row, row};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Page<'a> {
    ///     items: AsJson<'a, [Row]>,
    ///     total: i64,
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rows = [row! { "price": Numeric::parse("12345678901234567.10")? }];
    /// let page = Page { items: rows.as_json(), total: 1 };
    /// assert_eq!(
    ///     serde_json::to_string(&page)?,
    ///     r#"{"items":[{"price":12345678901234567.10}],"total":1}"#,
    /// );
    /// // a `serde_json::Value` has no such number
    /// let page = serde_json::json!({ "items": rows.as_json() });
    /// assert_eq!(page.to_string(), r#"{"items":[{"price":"12345678901234567.10"}]}"#);
    /// # Ok(()) }
    /// ```
    fn as_json(&self) -> AsJson<'_, Self> {
        AsJson(self)
    }
}

/// Serialises as exact JSON through serde_json; made by [`ExactJson::as_json`].
#[derive(Clone, Copy)]
pub struct AsJson<'a, T: ?Sized>(&'a T);

impl<T: ExactJson + ?Sized> Serialize for AsJson<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if Target::of::<S>() == Target::JsonValue {
            return self.0.to_json_value().serialize(serializer);
        }
        RawValue::from_string(self.0.to_json())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl ExactJson for Value {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Value::Null => out.write_all(b"null"),
            Value::Bool(true) => out.write_all(b"true"),
            Value::Bool(false) => out.write_all(b"false"),
            Value::Int(int) => write!(out, "{int}"),
            Value::Float(float) => write_number(out, &db_adapter_core::float::format_f64(*float)),
            Value::Numeric(numeric) => write_number(out, numeric.as_str()),
            Value::Text(text) => write_string(out, text),
            Value::Bytes(bytes) => write!(out, "\"\\\\x{}\"", Hex(bytes)),
            Value::Array(items) => write_list(out, items),
            Value::Json(json) => write_verbatim(out, json.as_str()),
        }
    }

    fn to_json_value(&self) -> serde_json::Value {
        match self {
            Value::Numeric(numeric) => numeric.as_str().into(),
            Value::Array(items) => list_value(items),
            other => super::ser::document(&other.to_json()),
        }
    }
}

impl ExactJson for Row {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{")?;
        for (i, (name, value)) in self.iter().enumerate() {
            if i > 0 {
                out.write_all(b",")?;
            }
            write_string(out, name)?;
            out.write_all(b":")?;
            value.write_json(out)?;
        }
        out.write_all(b"}")
    }

    fn to_json_value(&self) -> serde_json::Value {
        let member = |(name, value): (&str, &Value)| (name.to_owned(), value.to_json_value());
        serde_json::Value::Object(self.iter().map(member).collect())
    }
}

impl<T: ExactJson> ExactJson for [T] {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        write_list(out, self)
    }

    fn to_json_value(&self) -> serde_json::Value {
        list_value(self)
    }
}

impl<T: ExactJson> ExactJson for Vec<T> {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        write_list(out, self)
    }

    fn to_json_value(&self) -> serde_json::Value {
        list_value(self)
    }
}

fn list_value<T: ExactJson>(items: &[T]) -> serde_json::Value {
    items.iter().map(ExactJson::to_json_value).collect()
}

fn write_list<T: ExactJson>(out: &mut dyn Write, items: &[T]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        item.write_json(out)?;
    }
    out.write_all(b"]")
}

/// A number is a JSON number where JSON has one: `NaN` and the infinities are strings.
fn write_number(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        out.write_all(text.as_bytes())
    } else {
        write!(out, "\"{text}\"")
    }
}

fn write_string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}

/// Raw line breaks can only be white space in JSON: as blanks they keep a row on one line.
fn write_verbatim(out: &mut dyn Write, json: &str) -> io::Result<()> {
    for (i, part) in json.split(['\n', '\r']).enumerate() {
        if i > 0 {
            out.write_all(b" ")?;
        }
        out.write_all(part.as_bytes())?;
    }
    Ok(())
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Bytes as `\x` and lower-case hex, their text form everywhere.
pub(crate) struct HexBytes<'a>(pub(crate) &'a [u8]);

impl fmt::Display for HexBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\\x{}", Hex(self.0))
    }
}
