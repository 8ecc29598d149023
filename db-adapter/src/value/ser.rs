//! Portable serde output, right in every format: numerics as strings, documents transcoded.

use serde::{Serialize, Serializer, ser::Error};

use super::Value;
use super::exact_json::HexBytes;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Bool(v) => serializer.serialize_bool(*v),
            Value::Int(v) => serializer.serialize_i64(*v),
            // text formats have no NaN and no infinity: serde_json would write null
            Value::Float(v) if !v.is_finite() && serializer.is_human_readable() => {
                serializer.serialize_str(&db_adapter_core::float::format_f64(*v))
            }
            Value::Float(v) => serializer.serialize_f64(*v),
            Value::Numeric(v) => serializer.serialize_str(v.as_str()),
            Value::Text(v) => serializer.serialize_str(v),
            Value::Bytes(v) if serializer.is_human_readable() => {
                serializer.collect_str(&HexBytes(v))
            }
            Value::Bytes(v) => serializer.serialize_bytes(v),
            Value::Array(v) => serializer.collect_seq(v.iter()),
            Value::Json(v) => serde_json::from_str::<serde_json::Value>(v.as_str())
                .map_err(|_| {
                    S::Error::custom("a JSON document cannot be transcoded into this format")
                })?
                .serialize(serializer),
        }
    }
}
