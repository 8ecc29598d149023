//! Reading the type names that PostgreSQL writes.
//! Never folds the case of a quoted name, and never fails: the unknown is `Other`.

use super::SqlType;
use super::declared::{Declared, element_name};
use crate::name::parse_identifier;

pub(super) fn parse(text: &str) -> SqlType {
    let text = text.trim();
    match element_name(text) {
        Some(element) => SqlType::Array(Box::new(scalar(element))),
        None => scalar(text),
    }
}

fn scalar(text: &str) -> SqlType {
    known(text.strip_prefix("pg_catalog.").unwrap_or(text))
        .or_else(|| is_citext(text).then_some(SqlType::Citext))
        .unwrap_or_else(|| SqlType::Other(text.into()))
}

fn known(text: &str) -> Option<SqlType> {
    let declared = Declared::read(text)?;
    let plain = |t: SqlType| (declared.length() == Some(None)).then_some(t);
    // the argument of a time is its precision, which the canonical text does not depend on
    let timed = |t: SqlType| declared.is_timed().then_some(t);
    match declared.words.as_str() {
        "boolean" | "bool" => plain(SqlType::Bool),
        "smallint" | "int2" => plain(SqlType::Int2),
        "integer" | "int" | "int4" => plain(SqlType::Int4),
        "bigint" | "int8" => plain(SqlType::Int8),
        "oid" => plain(SqlType::Oid),
        "real" | "float4" => plain(SqlType::Float4),
        "double precision" | "float8" => plain(SqlType::Float8),
        "float" => match declared.length()? {
            Some(1..=24) => Some(SqlType::Float4),
            Some(25..=53) | None => Some(SqlType::Float8),
            Some(_) => None,
        },
        "numeric" | "decimal" => declared.numeric(),
        "text" => plain(SqlType::Text),
        "character varying" | "varchar" => declared.length().map(SqlType::Varchar),
        "character" | "char" | "bpchar" => declared.length().map(SqlType::Char),
        "name" => plain(SqlType::Name),
        "uuid" => plain(SqlType::Uuid),
        "timestamp with time zone" | "timestamptz" => timed(SqlType::Timestamptz),
        "timestamp without time zone" | "timestamp" => timed(SqlType::Timestamp),
        "date" => plain(SqlType::Date),
        "time without time zone" | "time" => timed(SqlType::Time),
        "time with time zone" | "timetz" => timed(SqlType::Timetz),
        "bytea" => plain(SqlType::Bytea),
        "json" => plain(SqlType::Json),
        "jsonb" => plain(SqlType::Jsonb),
        _ => None,
    }
}

/// `citext` lives in whatever schema its extension was created in.
fn is_citext(text: &str) -> bool {
    let Some((first, rest)) = parse_identifier(text) else {
        return false;
    };
    match rest.strip_prefix('.').map(parse_identifier) {
        None => first == "citext" && rest.is_empty(),
        Some(second) => second.is_some_and(|(name, rest)| name == "citext" && rest.is_empty()),
    }
}
