//! One value of a row, the same for the same SQL value on every backend.
//!
//! The enum and what it can tell about itself; conversions live in the files beside this one,
//! and nothing here knows a database.

mod array;
mod bits;
mod canonical;
#[cfg(test)]
mod canonical_tests;
mod cell;
mod de;
mod de_value;
mod document;
mod exact_json;
mod from;
mod get;
mod json;
mod numeric;
mod refused;
mod ser;
#[cfg(any(feature = "sqlite", feature = "backup"))]
mod stored;

use std::fmt;
use std::hash::{Hash, Hasher};

pub(crate) use array::push_literal;
#[cfg(feature = "postgres-no-tls")]
pub(crate) use array::text_of;
pub(crate) use bits::without_length as bits_without_length;
pub(crate) use canonical::{Limits, canonicalize, canonicalize_in};
pub(crate) use cell::Cell;
pub use exact_json::{AsJson, ExactJson};
pub use get::FromValue;
pub use json::Json;
pub use numeric::Numeric;
#[cfg(any(feature = "sqlite", feature = "backup"))]
pub(crate) use stored::of_stored_text;
#[cfg(feature = "sqlite")]
pub(crate) use stored::padded;

/// One value of a row.
///
/// Each SQL type has one canonical value, the same from every backend, and every canonical
/// value is accepted back for its column, in data and in filters:
///
/// | SQL type | value |
/// |---|---|
/// | `bool` | [`Bool`](Value::Bool) |
/// | `int2 int4 int8 oid` | [`Int`](Value::Int) |
/// | `float4 float8` | [`Float`](Value::Float) |
/// | `numeric` | [`Numeric`](Value::Numeric), digits and scale as stored |
/// | `text varchar char name citext`, enums | [`Text`](Value::Text) |
/// | `uuid` | `Text`, lower case with hyphens |
/// | `timestamptz` | `Text`, RFC 3339 in UTC with six digits: `2026-11-23T01:25:35.896668+00:00` |
/// | `timestamp date time timetz` | `Text`, ISO 8601, six digits |
/// | `bytea` | [`Bytes`](Value::Bytes) |
/// | `json` | [`Json`](Value::Json), the text kept |
/// | `jsonb` | `Json`, as PostgreSQL prints it: keys sorted, `1E5` as `100000`, of a key given twice the last value |
/// | arrays of these | [`Array`](Value::Array), of 6 dimensions at most |
/// | any other | `Text`, as the type itself prints |
///
/// What a column would round or cut is refused with
/// [`InvalidValue`](crate::Error::InvalidValue), unless
/// [`Rounding::Database`](crate::Rounding::Database) asks for that.
///
/// Equality is equality of this encoding: `1.5` and `1.50` are two different numerics, `NaN`
/// equals itself and `-0` differs from `0`.
///
/// `Debug` shows the value: it is yours. No error, log or other `Debug` output of this crate does.
///
/// ```
/// use db_adapter::Value;
/// assert_eq!(Value::from(42), 42);
/// assert_eq!(Value::from("x"), "x");
/// assert!(Value::from(None::<i64>).is_null());
/// assert_eq!(std::mem::size_of::<Value>(), 24);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// SQL NULL. Not the JSON `null`, which is a [`Value::Json`].
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// Any integer type, exact.
    Int(i64),
    /// A floating point number; a `float4` is widened by its shortest text.
    Float(f64),
    /// An exact decimal number.
    Numeric(Numeric),
    /// Text, and every type that is written as text.
    Text(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// An array; one with other lower bounds than 1 is `Text`.
    Array(Box<[Value]>),
    /// A JSON document as text.
    Json(Json),
}

impl Value {
    /// SQL NULL?
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// A JSON document from anything that serialises.
    ///
    /// # Errors
    /// [`Error::Conversion`](crate::Error::Conversion) when it cannot be written as JSON.
    ///
    /// ```
    /// # fn main() -> db_adapter::Result<()> {
    /// let doc = db_adapter::Value::json_from(&["a", "b"])?;
    /// assert_eq!(doc.json::<Vec<String>>()?, ["a", "b"]);
    /// # Ok(()) }
    /// ```
    pub fn json_from<T: serde::Serialize + ?Sized>(document: &T) -> crate::Result<Value> {
        Json::from_serialize(document).map(Value::Json)
    }

    /// Reads a JSON document into a type of yours.
    ///
    /// # Errors
    /// [`Error::Conversion`](crate::Error::Conversion) when this is no JSON, or of another shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> crate::Result<T> {
        match self {
            Value::Json(json) => json.deserialize(),
            other => Err(crate::Error::conversion(format!(
                "expected a JSON document, found {}",
                other.kind()
            ))),
        }
    }

    /// The text, where this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, where this is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// What kind of value this is, in words for a message.
    pub(crate) fn kind(&self) -> &'static str {
        Cell::from(self).kind()
    }
}

/// All NaNs are one; `-0` and `0` are two: bits, not IEEE comparison.
fn float_bits(float: f64) -> u64 {
    if float.is_nan() {
        f64::NAN.to_bits()
    } else {
        float.to_bits()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => float_bits(*a) == float_bits(*b),
            (Value::Numeric(a), Value::Numeric(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Json(a), Value::Json(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Value::Null => {}
            Value::Bool(v) => v.hash(state),
            Value::Int(v) => v.hash(state),
            Value::Float(v) => float_bits(*v).hash(state),
            Value::Numeric(v) => v.hash(state),
            Value::Text(v) => v.hash(state),
            Value::Bytes(v) => v.hash(state),
            Value::Array(v) => v.hash(state),
            Value::Json(v) => v.hash(state),
        }
    }
}

macro_rules! equals {
    ($($ty:ty, $a:ident, $b:ident => $test:expr;)*) => { $(
        impl PartialEq<$ty> for Value {
            fn eq(&self, other: &$ty) -> bool {
                let ($a, $b) = (self, other);
                $test
            }
        }
    )* };
}

equals! {
    i64, a, b => matches!(a, Value::Int(v) if v == b);
    i32, a, b => matches!(a, Value::Int(v) if *v == i64::from(*b));
    f64, a, b => *a == Value::Float(*b);
    bool, a, b => matches!(a, Value::Bool(v) if v == b);
    str, a, b => a.as_str() == Some(b);
    &str, a, b => a.as_str() == Some(*b);
    String, a, b => a.as_str() == Some(b);
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::Bool(v) => write!(f, "Bool({v})"),
            Value::Int(v) => write!(f, "Int({v})"),
            Value::Float(v) => write!(f, "Float({v:?})"),
            Value::Numeric(v) => write!(f, "Numeric({})", v.as_str()),
            Value::Text(v) => write!(f, "Text({v:?})"),
            Value::Bytes(v) => write!(f, "Bytes({})", exact_json::HexBytes(v)),
            Value::Array(v) => f.debug_tuple("Array").field(v).finish(),
            Value::Json(v) => write!(f, "Json({})", v.as_str()),
        }
    }
}
