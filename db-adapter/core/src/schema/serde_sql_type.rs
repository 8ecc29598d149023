//! A column's type in JSON: the text that `SqlType` writes; of an enum `{"enum": "mood"}`, because
//! the name alone could be any type.

use crate::sql_type::SqlType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Text(String),
    Enum {
        #[serde(rename = "enum")]
        name: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        array: bool,
    },
}

pub(super) fn serialize<S: Serializer>(sql_type: &SqlType, to: S) -> Result<S::Ok, S::Error> {
    let element = sql_type.element();
    match element.unwrap_or(sql_type) {
        SqlType::Enum(name) => Wire::Enum {
            name: name.to_string(),
            array: element.is_some(),
        },
        _ => Wire::Text(sql_type.to_string()),
    }
    .serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SqlType, D::Error> {
    Ok(match Wire::deserialize(from)? {
        Wire::Text(text) => SqlType::parse_postgres(&text),
        Wire::Enum { name, array: false } => SqlType::Enum(name.into()),
        Wire::Enum { name, array: true } => SqlType::Array(Box::new(SqlType::Enum(name.into()))),
    })
}

/// What a file of the original has: no such key.
pub(super) fn unknown() -> SqlType {
    SqlType::Other("".into())
}
