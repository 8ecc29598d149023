//! Whether two literals of one type are the same value. Never guesses: `None` where only the type's own functions
//! know.

use crate::array_text::{self, Item};
use crate::canonical::canonical_text;
use crate::jsonb;
use crate::numeric;
use crate::sql_type::SqlType;
use std::net::IpAddr;

/// Compares two texts as values of a type.
pub(super) fn same(of: &SqlType, one: &str, other: &str) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let both = |read: &dyn Fn(&str) -> Option<String>| read(one).zip(read(other));
    let canonical = || both(&|text| canonical_text(of, text));
    match of {
        SqlType::Enum(_) | SqlType::Json => Some(false),
        t if t.is_text() => Some(false),
        SqlType::Jsonb => {
            both(&|text| jsonb::canonical(text).ok()).map(|(one, other)| one == other)
        }
        // what is not said of the zone, the session knows
        SqlType::Timestamptz | SqlType::Timetz => {
            canonical().and_then(|(one, other)| (one == other).then_some(true))
        }
        SqlType::Array(element) => {
            let (one, other) = (array_text::parse(one)?, array_text::parse(other)?);
            match one.lower == other.lower && one.lengths == other.lengths {
                true => same_items(element, &one.items, &other.items),
                false => Some(false),
            }
        }
        SqlType::Other(name) if matches!(&**name, "inet" | "cidr") => address(one)
            .zip(address(other))
            .map(|(one, other)| one == other),
        SqlType::Other(name) if matches!(&**name, "macaddr" | "macaddr8") => {
            both(&hardware).map(|(one, other)| one == other)
        }
        SqlType::Other(name) if &**name == "xml" => Some(false), // which is kept as it is written
        SqlType::Other(name) => (!is_own(name) && are_labels(one, other)).then_some(false),
        _ => canonical().map(|(one, other)| one == other),
    }
}

/// Compares two numbers; `None` for one that is not written in digits, such as `0x1F`.
pub(super) fn same_number(one: &str, other: &str) -> Option<bool> {
    let plain = |text: &str| {
        let mut letters = text.chars();
        letters.all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
    };
    (plain(one) && plain(other)).then(|| numeric::compare(one, other).is_eq())
}

fn same_items(of: &SqlType, one: &[Item], other: &[Item]) -> Option<bool> {
    if one.len() != other.len() {
        return Some(false);
    }
    let mut result = Some(true);
    for pair in one.iter().zip(other) {
        let verdict = match pair {
            (Item::Null, Item::Null) => Some(true),
            (Item::Text(one), Item::Text(other)) => same(of, one, other),
            (Item::Array(one), Item::Array(other)) => same_items(of, one, other),
            _ => Some(false),
        };
        match verdict {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// An address with the length of its network; `None` for one that leaves parts out.
fn address(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address = address.parse::<IpAddr>().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    Some((address, length.unwrap_or(whole)))
}

/// The digits of a hardware address.
fn hardware(text: &str) -> Option<String> {
    let digits = text.replace([':', '-', '.'], "").to_lowercase();
    let known = matches!(digits.len(), 12 | 16) && digits.chars().all(|c| c.is_ascii_hexdigit());
    known.then_some(digits)
}

/// A type of the server's own, whose literals are more than the label of an enum.
fn is_own(name: &str) -> bool {
    const OWN: [&str; 30] = [
        "aclitem",
        "box",
        "cid",
        "circle",
        "datemultirange",
        "daterange",
        "int4multirange",
        "int4range",
        "int8multirange",
        "int8range",
        "interval",
        "line",
        "lseg",
        "money",
        "nummultirange",
        "numrange",
        "path",
        "pg_lsn",
        "point",
        "polygon",
        "tid",
        "tsmultirange",
        "tsquery",
        "tsrange",
        "tstzmultirange",
        "tstzrange",
        "tsvector",
        "txid_snapshot",
        "xid",
        "xid8",
    ];
    let word = name.split(['(', ' ', '[']).next().unwrap_or(name);
    OWN.contains(&word) || word.starts_with("reg")
}

/// Labels of an enum whose type is not known: words that are not numbers.
fn are_labels(one: &str, other: &str) -> bool {
    let label = |text: &str| {
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
        text.starts_with(char::is_alphabetic) && text.chars().all(word)
    };
    label(one) && label(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, one: &str, other: &str) -> Option<bool> {
        let sql_type = SqlType::parse_postgres(name);
        let verdict = same(&sql_type, one, other);
        assert_eq!(same(&sql_type, other, one), verdict, "{name} {one} {other}");
        verdict
    }

    #[test]
    fn values_are_compared_and_not_their_texts() {
        for (name, one, other) in [
            ("bytea", "", "\\x"),
            ("bytea", "a", "\\x61"),
            ("text[]", "{\"A\"}", "{A}"),
            ("integer[]", "{ 1, 02}", "{1,2}"),
            ("jsonb", "{\"b\":1,  \"a\":2}", "{\"a\": 2, \"b\": 1}"),
            (
                "uuid",
                "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            ),
            ("double precision", "nan", "NaN"),
            ("timestamp", "2024-01-02", "2024-01-02 00:00:00"),
            ("inet", "::1/128", "::1"),
            ("macaddr", "08-00-2B-01-02-03", "08:00:2b:01:02:03"),
        ] {
            assert_eq!(of(name, one, other), Some(true), "{name} {one} {other}");
        }
        for (name, one, other) in [
            ("bytea", "", "\\x00"),
            ("text[]", "{A}", "{a}"),
            ("text[]", "{A}", "{{A}}"),
            ("json", "{}", "{ }"),
            ("jsonb", "{}", "[]"),
            ("date", "2024-01-02", "2024-01-03"),
            ("mood", "happy", "sad"),
            ("inet", "10.0.0.1", "10.0.0.2"),
            ("xml", "<a/>", "<a />"),
        ] {
            assert_eq!(of(name, one, other), Some(false), "{name} {one} {other}");
        }
        for (name, one, other) in [
            ("tsvector", ".", "'.'"),
            ("tsquery", "a", "'a'"),
            ("money", "1", "$1.00"),
            ("interval", "1 day", "24:00:00"),
            ("hstore", "a=>1", "\"a\"=>\"1\""),
            ("cidr", "10", "10.0.0.0/8"),
            ("int4range[]", "{\"[1,2]\"}", "{\"[1,3)\"}"),
            (
                "timestamp with time zone",
                "2024-01-02",
                "2024-01-02 00:00:00+01",
            ),
            ("date", "today", "2024-01-02"),
        ] {
            assert_eq!(of(name, one, other), None, "{name} {one} {other}");
        }
    }
}
