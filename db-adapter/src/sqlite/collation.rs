//! The collations that we register on every connection: SQLite sorts and compares texts by the
//! value that they stand for. Thin wrappers over core's comparisons; they store nothing.

use std::cmp::Ordering;

use db_adapter_core::{Affinity, SqlType, compare_text};

use super::catalog::Column;
use super::decode::{self, Stored};
use crate::{ExactJson, Value};

const NUMERIC: SqlType = SqlType::Numeric {
    precision: None,
    scale: None,
};

/// Our collations: the name, and the type whose order it is.
const COLLATIONS: [(&str, SqlType); 8] = [
    ("db_adapter_numeric", NUMERIC),
    ("db_adapter_timestamptz", SqlType::Timestamptz),
    ("db_adapter_timestamp", SqlType::Timestamp),
    ("db_adapter_date", SqlType::Date),
    ("db_adapter_time", SqlType::Time),
    ("db_adapter_timetz", SqlType::Timetz),
    ("db_adapter_uuid", SqlType::Uuid),
    ("db_adapter_citext", SqlType::Citext),
];

/// Those of arrays, which programs write with blanks and without, and whose elements may have several
/// spellings: for equality alone.
const ARRAYS: [(&str, SqlType); 14] = [
    ("db_adapter_int_array", SqlType::Int8),
    ("db_adapter_bool_array", SqlType::Bool),
    ("db_adapter_text_array", SqlType::Text),
    ("db_adapter_char_array", SqlType::Char(None)),
    ("db_adapter_bytea_array", SqlType::Bytea),
    ("db_adapter_numeric_array", NUMERIC),
    ("db_adapter_float_array", SqlType::Float8),
    ("db_adapter_citext_array", SqlType::Citext),
    ("db_adapter_uuid_array", SqlType::Uuid),
    ("db_adapter_timestamptz_array", SqlType::Timestamptz),
    ("db_adapter_timestamp_array", SqlType::Timestamp),
    ("db_adapter_date_array", SqlType::Date),
    ("db_adapter_time_array", SqlType::Time),
    ("db_adapter_timetz_array", SqlType::Timetz),
];

/// Adds them to a connection.
pub(super) fn register(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    for (name, sql_type) in COLLATIONS {
        connection.create_collation(name, move |a, b| compare_text(&sql_type, a, b))?;
    }
    for (name, element) in ARRAYS {
        let array = SqlType::Array(Box::new(element));
        connection.create_collation(name, move |a, b| compare_arrays(&array, a, b))?;
    }
    Ok(())
}

/// Some order in which arrays of equal elements are equal.
fn compare_arrays(array: &SqlType, a: &str, b: &str) -> Ordering {
    match a == b {
        true => Ordering::Equal,
        false => one_spelling(array, a).cmp(&one_spelling(array, b)),
    }
}

/// A text that is the same for equal arrays; what is not an array comes after all that are.
fn one_spelling(array: &SqlType, text: &str) -> (bool, String) {
    let fold = array.element() == Some(&SqlType::Citext);
    let elements = |text| match decode::value(array, Stored::Text(text)) {
        Value::Array(mut items) => {
            items.iter_mut().for_each(|item| respell(item, fold));
            Some(Value::Array(items).to_json())
        }
        _ => None,
    };
    if let Some(one) = elements(text) {
        return (false, one);
    }
    // `[0:1]={1,2}`: where a lower bound is not 1, the canonical value is the text
    let canonical = decode::value(array, Stored::Text(text));
    let bounded = canonical.as_str().and_then(|text| {
        let (bounds, items) = text.split_once('=')?;
        let one = elements(items).filter(|_| bounds.starts_with('['))?;
        Some(format!("{bounds}={one}"))
    });
    match bounded {
        Some(one) => (false, one),
        None => (true, text.to_owned()),
    }
}

fn respell(value: &mut Value, fold: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| respell(item, fold)),
        Value::Float(float) if *float == 0.0 => *float = 0.0,
        Value::Numeric(numeric) => {
            let text = numeric.as_str();
            let short = match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.'),
                false => text,
            };
            *value = Value::Text(short.into());
        }
        Value::Text(text) if fold => {
            *value = Value::Text(text.chars().flat_map(char::to_lowercase).collect());
        }
        _ => {}
    }
}

/// The collation by which texts of a column compare, unless the column's own is right.
pub(super) fn of(column: &Column) -> Option<&'static str> {
    Some(match &column.sql_type {
        // numbers compare as numbers; only what is kept as text needs us
        SqlType::Numeric { .. } if column.extra.affinity == Affinity::Text => "db_adapter_numeric",
        SqlType::Timestamptz => "db_adapter_timestamptz",
        SqlType::Timestamp => "db_adapter_timestamp",
        SqlType::Date => "db_adapter_date",
        SqlType::Time => "db_adapter_time",
        SqlType::Timetz => "db_adapter_timetz",
        SqlType::Uuid => "db_adapter_uuid",
        SqlType::Citext => "db_adapter_citext",
        // SQLite's own: trailing blanks do not count
        SqlType::Char(_) => "RTRIM",
        SqlType::Array(element) => of_array(element)?,
        _ => return None,
    })
}

fn of_array(element: &SqlType) -> Option<&'static str> {
    let found = ARRAYS.iter().find(|(_, known)| match (known, element) {
        (SqlType::Numeric { .. }, SqlType::Numeric { .. }) => true,
        (SqlType::Float8, SqlType::Float4) => true,
        (SqlType::Int8, SqlType::Int2 | SqlType::Int4 | SqlType::Oid) => true,
        (SqlType::Char(_), SqlType::Char(_)) => true,
        (SqlType::Text, SqlType::Varchar(_) | SqlType::Name | SqlType::Enum(_)) => true,
        (known, element) => known == element,
    });
    found.map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[-+]?[0-9]{1,5}(\\.[0-9]{0,3})?",
            "[0-9]{4}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]0[0-9]:00)?)?",
            "[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?([+-]0[0-9])?",
            "[aA][bBäÄßẞ]{0,2}",
            "NaN|Infinity|-infinity|",
        ]
    }

    proptest! {
        /// SQLite's indexes and sorts go wrong with an order that is not total.
        #[test]
        fn every_collation_is_a_total_order(a in any_text(), b in any_text(), c in any_text()) {
            for (name, sql_type) in COLLATIONS {
                let compare = |a: &str, b: &str| compare_text(&sql_type, a, b);
                prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse(), "{}", name);
                if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                    prop_assert_ne!(compare(&a, &c), Ordering::Greater, "{}", name);
                }
                if compare(&a, &b) == Ordering::Equal {
                    prop_assert_eq!(compare(&a, &c), compare(&b, &c), "{}", name);
                }
            }
        }
    }
}
