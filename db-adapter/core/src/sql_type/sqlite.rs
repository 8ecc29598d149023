//! Reading the declared types of SQLite's columns, which may be any words at all.
//! Never looks at affinity: that is how SQLite stores a value, not what the value is.

use super::SqlType;
use super::declared::{Declared, element_name};

pub(super) fn parse(declared: &str) -> Option<SqlType> {
    let text = declared.trim();
    if text.is_empty() {
        return None;
    }
    Some(match element_name(text) {
        Some(element) => SqlType::Array(Box::new(scalar(element))),
        None => scalar(text),
    })
}

fn scalar(text: &str) -> SqlType {
    Declared::read(text)
        .and_then(|declared| known(&declared))
        .unwrap_or_else(|| SqlType::Other(text.into()))
}

/// Arguments count only where they decide something: `INT(11)` is an integer like any other.
fn known(declared: &Declared) -> Option<SqlType> {
    let words = declared.words.as_str();
    if let Some(integer) = words
        .strip_prefix("unsigned ")
        .or_else(|| words.strip_suffix(" unsigned"))
    {
        return is_integer(integer).then_some(SqlType::Int8); // int2 would be too small
    }
    Some(match words {
        "bool" | "boolean" => SqlType::Bool,
        "smallint" | "int2" => SqlType::Int2,
        "int4" => SqlType::Int4,
        integer if is_integer(integer) => SqlType::Int8,
        "oid" => SqlType::Oid,
        "float4" => SqlType::Float4,
        "real" | "double" | "double precision" | "float" | "float8" => SqlType::Float8,
        "numeric" | "decimal" | "numeric_text" | "decimal_text" => declared.numeric()?,
        "text" | "clob" | "string" | "tinytext" | "mediumtext" | "longtext" => SqlType::Text,
        "varchar" | "character varying" | "varying character" | "nvarchar" => {
            SqlType::Varchar(declared.length()?)
        }
        "char" | "character" | "bpchar" | "nchar" | "native character" => {
            SqlType::Char(declared.length()?)
        }
        "name" => SqlType::Name,
        "citext" => SqlType::Citext,
        "uuid" => SqlType::Uuid,
        "timestamptz" | "timestamp with time zone" => SqlType::Timestamptz,
        "timestamp" | "datetime" | "timestamp without time zone" => SqlType::Timestamp,
        "date" => SqlType::Date,
        "time" | "time without time zone" => SqlType::Time,
        "timetz" | "time with time zone" => SqlType::Timetz,
        "blob" | "bytea" | "binary" | "varbinary" | "tinyblob" | "mediumblob" | "longblob" => {
            SqlType::Bytea
        }
        "json" | "json_text" => SqlType::Json,
        "jsonb" | "jsonb_text" => SqlType::Jsonb,
        _ => return None,
    })
}

fn is_integer(words: &str) -> bool {
    matches!(
        words,
        "int"
            | "integer"
            | "bigint"
            | "big int"
            | "int8"
            | "int4"
            | "int2"
            | "mediumint"
            | "smallint"
            | "tinyint"
    )
}
