//! Whether a column of the source can go into a column of the destination. Pure.

use db_adapter_core::SqlType;

use crate::Value;
use crate::value::of_stored_text;

/// What values of a type are.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Family {
    Bool,
    Int,
    Numeric,
    Float,
    Text,
    Bytes,
    Json,
    /// SQLite's columns without a type.
    Any,
}

fn family(sql_type: &SqlType) -> Family {
    match sql_type {
        SqlType::Bool => Family::Bool,
        SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Oid => Family::Int,
        SqlType::Numeric { .. } => Family::Numeric,
        SqlType::Float4 | SqlType::Float8 => Family::Float,
        SqlType::Bytea => Family::Bytes,
        SqlType::Json | SqlType::Jsonb => Family::Json,
        SqlType::Other(name) if name.is_empty() => Family::Any,
        _ => Family::Text,
    }
}

/// Whether values of the one type can be values of the other. Whether each is, its row tells.
pub(super) fn fits(from: &SqlType, destination: &SqlType) -> bool {
    match (from, destination) {
        (SqlType::Array(from), SqlType::Array(destination)) => fits(from, destination),
        (SqlType::Array(_), other) | (other, SqlType::Array(_)) => family(other) == Family::Any,
        _ => {
            let (from, to) = (family(from), family(destination));
            from == to
                || from == Family::Any
                || to == Family::Any
                || (from == Family::Int && matches!(to, Family::Numeric | Family::Float))
        }
    }
}

/// Whether the destination's type may write a value of the source's otherwise, in a way that is not known
/// here: types that the server alone can read, and those that lose the blanks at the end.
pub(super) fn may_be_rewritten(from: &SqlType, destination: &SqlType) -> bool {
    let of_the_server = match destination.element().unwrap_or(destination) {
        SqlType::Other(name) => !name.is_empty(),
        SqlType::Name => true,
        SqlType::Char(_) => !matches!(from.element().unwrap_or(from), SqlType::Char(_)),
        _ => false,
    };
    of_the_server && from != destination
}

/// The type without length, precision and scale: what SQLite stored beyond them is kept, where
/// the limits would round or cut it.
pub(crate) fn without_limits(sql_type: &SqlType) -> SqlType {
    match sql_type {
        SqlType::Varchar(_) => SqlType::Varchar(None),
        SqlType::Char(_) => SqlType::Char(None),
        SqlType::Numeric { .. } => SqlType::Numeric {
            precision: None,
            scale: None,
        },
        SqlType::Array(element) => SqlType::Array(Box::new(without_limits(element))),
        other => other.clone(),
    }
}

/// Whether SQLite has a value in a column of the type although the type is another one's, so that a column
/// of the same type takes it as it is.
pub(crate) fn is_as_stored(value: &Value, sql_type: &SqlType, fits: bool) -> bool {
    let Value::Text(_) = value else {
        // a number that has no text, where numbers are given by their texts
        let is_infinite = matches!(value, Value::Float(float) if float.is_infinite());
        return !fits
            || (is_infinite && matches!(sql_type, SqlType::Other(name) if !name.is_empty()));
    };
    !fits
        || match sql_type {
            // the source gives these as a text only where its text is another one than their value's
            SqlType::Numeric { .. } | SqlType::Float4 | SqlType::Float8 | SqlType::Array(_) => true,
            SqlType::Bool | SqlType::Json | SqlType::Jsonb | SqlType::Bytea => true,
            _ => false,
        }
}

/// The value of a text that is not the one which is written for its value, as SQLite may have it in a column of
/// decimals or arrays; `None` where it is none.
pub(crate) fn of_other_text(value: &Value, sql_type: &SqlType) -> Option<Value> {
    match (value, sql_type) {
        (Value::Text(text), SqlType::Numeric { .. } | SqlType::Array(_)) => {
            of_stored_text(sql_type, text)
        }
        _ => None,
    }
}

/// Whether values of the type are compared by what they mean, whatever text SQLite has for them.
pub(crate) fn is_read_as_value(sql_type: &SqlType) -> bool {
    sql_type.has_several_texts() && !sql_type.has_spellings()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_kind_fit_and_kinds_do_not_mix() {
        let fit = |a: &str, b: &str| fits(&SqlType::parse_postgres(a), &SqlType::parse_postgres(b));
        for (a, b) in [
            ("bigint", "integer"),
            ("integer", "numeric"),
            ("uuid", "text"),
            ("text", "uuid"),
            ("json", "jsonb"),
            ("mood", "text"),
            ("integer[]", "bigint[]"),
            ("timestamptz", "text"),
            ("", "bytea"),
        ] {
            assert!(fit(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("numeric", "integer"),
            ("text", "integer"),
            ("bool", "integer"),
            ("jsonb", "text"),
            ("bytea", "text"),
            ("text[]", "text"),
            ("text[]", "integer[]"),
        ] {
            assert!(!fit(a, b), "{a} {b}");
        }
    }
}
