//! The one place that says how a text becomes the canonical text of a type.
//! Never looks inside json, arrays and unknown types: their text is their own.

use crate::{SqlType, bytea_text, float, numeric, temporal, uuid_text};
use std::cmp::Ordering;

/// `name` holds 63 bytes; PostgreSQL cuts what is longer, at a character.
const NAME_BYTES: usize = 63;

/// The canonical text of a value that is assigned to a column of this type, as PostgreSQL would
/// print it there; `None` when PostgreSQL would refuse it.
///
/// Limits count: `numeric(10,2)` rounds, `varchar(3)` cuts excess blanks and refuses other
/// excess, `char(n)` loses its trailing blanks. Json is taken as it is: whoever has a parser
/// checks it. Arrays and other types are taken as they are, and so are enums. Whether something
/// was lost, [`assigned`](crate::assigned()) says.
///
/// ```
/// use db_adapter_core::{SqlType, canonical_text};
///
/// let price = SqlType::parse_postgres("numeric(6,2)");
/// assert_eq!(canonical_text(&price, "1.5").as_deref(), Some("1.50"));
/// assert_eq!(canonical_text(&price, "12345"), None);
/// ```
pub fn canonical_text(sql_type: &SqlType, text: &str) -> Option<String> {
    match sql_type {
        SqlType::Bool => boolean(text).map(|value| value.to_string()),
        SqlType::Int2 => integer(text, i16::MIN.into(), i16::MAX.into()),
        SqlType::Int4 => integer(text, i32::MIN.into(), i32::MAX.into()),
        SqlType::Int8 => integer(text, i64::MIN, i64::MAX),
        SqlType::Oid => integer(text, 0, u32::MAX.into()),
        SqlType::Float4 => float::parse_f32(text).map(float::format_f32),
        SqlType::Float8 => float::parse_f64(text).map(float::format_f64),
        SqlType::Numeric { precision, scale } => numeric_text(text, *precision, *scale),
        SqlType::Uuid => uuid_text::canonical(text),
        SqlType::Bytea => bytea_text::parse(text).map(|bytes| bytea_text::format(&bytes)),
        kind if kind.is_temporal() => temporal::canonical(kind, text),
        _ if text.contains('\0') => None, // PostgreSQL has no such text
        SqlType::Varchar(Some(length)) => within(text, *length).map(str::to_owned),
        SqlType::Char(length) => {
            let text = text.trim_end_matches(' ');
            within(text, length.unwrap_or(u32::MAX)).map(str::to_owned)
        }
        SqlType::Name => Some(cut_name(text).to_owned()),
        _ => Some(text.to_owned()),
    }
}

/// Compares two texts by the value that they stand for in this type.
///
/// Total: text that is no value of the type sorts after all that is, by its bytes. Plain text,
/// json, arrays and other types compare by bytes, citext without regard to case, char without
/// trailing blanks; where a collation decides, ask the database.
pub fn compare_text(sql_type: &SqlType, a: &str, b: &str) -> Ordering {
    match sql_type {
        SqlType::Bool => parsed_first(boolean(a), boolean(b), a, b, Ord::cmp),
        SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Oid | SqlType::Numeric { .. } => {
            numeric::compare(a, b)
        }
        SqlType::Float4 => parsed_first(float::parse_f32(a), float::parse_f32(b), a, b, |a, b| {
            compare_floats(f64::from(*a), f64::from(*b))
        }),
        SqlType::Float8 => parsed_first(float::parse_f64(a), float::parse_f64(b), a, b, |a, b| {
            compare_floats(*a, *b)
        }),
        SqlType::Uuid => parsed_first(
            uuid_text::canonical(a),
            uuid_text::canonical(b),
            a,
            b,
            Ord::cmp,
        ),
        SqlType::Bytea => parsed_first(bytea_text::parse(a), bytea_text::parse(b), a, b, Ord::cmp),
        SqlType::Char(_) => {
            let (a, b) = (a.trim_end_matches(' '), b.trim_end_matches(' '));
            a.as_bytes().cmp(b.as_bytes())
        }
        SqlType::Citext => lower_case(a).cmp(lower_case(b)),
        kind => temporal::compare(kind, a, b),
    }
}

/// PostgreSQL's spellings: the words and what they can be shortened to, `1` and `0`.
fn boolean(text: &str) -> Option<bool> {
    let text = text.trim_ascii().to_ascii_lowercase();
    match text.as_str() {
        "1" | "on" => Some(true),
        "0" | "of" | "off" => Some(false),
        "" => None,
        word if "true".starts_with(word) || "yes".starts_with(word) => Some(true),
        word if "false".starts_with(word) || "no".starts_with(word) => Some(false),
        _ => None,
    }
}

/// Digits with a sign and blanks around them; no point and no exponent, as in PostgreSQL.
fn integer(text: &str, least: i64, most: i64) -> Option<String> {
    let value: i64 = text.trim_ascii().parse().ok()?;
    (least..=most).contains(&value).then(|| value.to_string())
}

fn numeric_text(text: &str, precision: Option<u32>, scale: Option<i32>) -> Option<String> {
    let exact = numeric::canonical(text)?;
    let Some(precision) = precision else {
        return Some(exact);
    };
    let scale = scale.unwrap_or(0);
    numeric::fits(&exact, precision, scale).then(|| numeric::round_to_scale(&exact, scale))
}

/// The text without the blanks that lie beyond the length, unless more than blanks lie there.
pub(crate) fn within(text: &str, length: u32) -> Option<&str> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if text.len() <= length {
        return Some(text);
    }
    let Some((end, _)) = text.char_indices().nth(length) else {
        return Some(text);
    };
    let (kept, excess) = text.split_at_checked(end)?;
    excess.bytes().all(|b| b == b' ').then_some(kept)
}

fn cut_name(text: &str) -> &str {
    let end = text.floor_char_boundary(NAME_BYTES.min(text.len()));
    text.get(..end).unwrap_or(text)
}

/// As PostgreSQL orders floats: NaN equals itself and comes last, and both zeros are equal.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn lower_case(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn parsed_first<T>(
    a: Option<T>,
    b: Option<T>,
    a_text: &str,
    b_text: &str,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(&a, &b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a_text.as_bytes().cmp(b_text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(sql_type: &str, text: &str) -> Option<String> {
        canonical_text(&SqlType::parse_postgres(sql_type), text)
    }

    /// Each was tried on PostgreSQL 15, as an assignment to a column.
    #[test]
    fn assignment_is_postgresqls() {
        for (sql_type, text, expected) in [
            ("boolean", " TRUE ", Some("true")),
            ("boolean", "ye", Some("true")),
            ("boolean", "of", Some("false")),
            ("boolean", "o", None),
            ("boolean", "", None),
            ("boolean", "2", None),
            ("integer", " +5 ", Some("5")),
            ("integer", "-0", Some("0")),
            ("integer", "2147483648", None),
            ("integer", "5.0", None),
            ("smallint", "-32768", Some("-32768")),
            ("oid", "4294967295", Some("4294967295")),
            ("real", "0.1", Some("0.1")),
            ("real", "1e39", None),
            ("double precision", "1e300", Some("1e300")),
            ("numeric(3,2)", "9.994", Some("9.99")),
            ("numeric(3,2)", "9.995", None),
            ("numeric", "1.50", Some("1.50")),
            ("character(3)", "abc  ", Some("abc")),
            ("character(3)", "a  ", Some("a")),
            ("character(3)", "   ", Some("")),
            ("character(3)", "abcd", None),
            ("character varying(3)", "abc  ", Some("abc")),
            ("character varying(3)", "a    ", Some("a  ")),
            ("character varying(3)", "äöü", Some("äöü")),
            ("character varying(3)", "äöüx", None),
            ("text", "a\0b", None),
            ("bytea", "\\xDEAD", Some("\\xdead")),
            (
                "uuid",
                "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
                Some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ),
            ("date", "2026-1-5", Some("2026-01-05")),
            ("json", "{\"a\" : 1}", Some("{\"a\" : 1}")),
            ("interval", "1 day", Some("1 day")),
        ] {
            assert_eq!(of(sql_type, text).as_deref(), expected, "{sql_type} {text}");
        }
        assert_eq!(of("name", &"é".repeat(40)).map(|n| n.len()), Some(62));
    }

    #[test]
    fn meaning_decides_not_spelling() {
        for (sql_type, a, b) in [
            ("boolean", "t", "1"),
            ("numeric", "1.5", "1.50"),
            ("double precision", "-0", "0"),
            ("double precision", "nan", "NaN"),
            ("real", "0.1", "0.10000000149011612"),
            (
                "uuid",
                "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            ),
            ("character(5)", "a", "a   "),
            ("citext", "Größe", "GRÖßE"),
            ("bytea", "\\x61", "a"),
            (
                "timestamp with time zone",
                "2026-11-23 01:00",
                "2026-11-23T02:00:00+01:00",
            ),
        ] {
            let sql_type = SqlType::parse_postgres(sql_type);
            assert_eq!(
                compare_text(&sql_type, a, b),
                Ordering::Equal,
                "{sql_type} {a} {b}"
            );
        }
        assert_ne!(compare_text(&SqlType::Text, "a", "a "), Ordering::Equal);
    }

    #[test]
    fn floats_sort_with_nan_last() {
        let sorted = [
            "-inf", "-1e300", "0", "1e-300", "2", "10", "inf", "NaN", "x",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare_text(&SqlType::Float8, a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    fn any_type() -> impl Strategy<Value = SqlType> {
        let names = [
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "oid",
            "real",
            "double precision",
            "numeric",
            "numeric(5,2)",
            "numeric(3,-2)",
            "numeric(2,4)",
            "text",
            "character varying(3)",
            "character(3)",
            "bpchar",
            "name",
            "citext",
            "uuid",
            "timestamptz",
            "timestamp",
            "date",
            "time",
            "timetz",
            "bytea",
            "json",
            "jsonb",
            "text[]",
            "interval",
        ];
        prop::sample::select(names.map(SqlType::parse_postgres).to_vec())
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC*",
            "[-+]?[0-9]{0,6}\\.?[0-9]{0,4}(e-?[0-9])?",
            "[a-zA-Z ]{0,5}",
            "[0-9:T -]{0,20}",
            "t|f|NaN|inf|-0"
        ]
    }

    proptest! {
        #[test]
        fn canonical_is_stable(sql_type in any_type(), text in any_text()) {
            if let Some(canon) = canonical_text(&sql_type, &text) {
                prop_assert_eq!(canonical_text(&sql_type, &canon), Some(canon));
            }
        }

        #[test]
        fn the_order_is_total(sql_type in any_type(), a in any_text(), b in any_text(), c in any_text()) {
            let compare = |a: &str, b: &str| compare_text(&sql_type, a, b);
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }

        #[test]
        fn canonical_text_of_long_input_is_bounded(sql_type in any_type(), unit in "[0-9a ]", many in 0_usize..20_000) {
            let text = unit.repeat(many);
            let _ = (canonical_text(&sql_type, &text), compare_text(&sql_type, &text, &unit));
        }
    }
}
