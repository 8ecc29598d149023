//! From canonical values to PostgreSQL's binary format, for the types that have one way to be
//! written. Pure, and the reverse of `decode`: it appends, and never converts a value.

use db_adapter_core::temporal;

use super::types::Scalar;
use crate::Value;

/// A numeric that is not a number, as its sign says.
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEG_INFINITY: u16 = 0xF000;
const NEGATIVE: u16 = 0x4000;

/// Appends a value that is not NULL; `None` when it is not a canonical one of the type.
pub(super) fn push(out: &mut Vec<u8>, kind: Scalar, value: &Value) -> Option<()> {
    match (kind, value) {
        (Scalar::Bool, Value::Bool(b)) => out.push(u8::from(*b)),
        (Scalar::Int2, Value::Int(n)) => out.extend(i16::try_from(*n).ok()?.to_be_bytes()),
        (Scalar::Int4, Value::Int(n)) => out.extend(i32::try_from(*n).ok()?.to_be_bytes()),
        (Scalar::Int8, Value::Int(n)) => out.extend(n.to_be_bytes()),
        (Scalar::Oid, Value::Int(n)) => out.extend(u32::try_from(*n).ok()?.to_be_bytes()),
        // the canonical value is the widened one of the shortest text: the nearest is the same again
        (Scalar::Float4, Value::Float(f)) => out.extend((*f as f32).to_be_bytes()),
        (Scalar::Float8, Value::Float(f)) => out.extend(f.to_be_bytes()),
        (Scalar::Numeric, Value::Numeric(n)) => numeric(out, n.as_str())?,
        (Scalar::Text | Scalar::Bpchar, Value::Text(text)) => out.extend(text.as_bytes()),
        (Scalar::Bytea, Value::Bytes(bytes)) => out.extend_from_slice(bytes),
        (Scalar::Json, Value::Json(json)) => out.extend(json.as_str().as_bytes()),
        (Scalar::Jsonb, Value::Json(json)) => {
            out.push(1); // the only version of the format
            out.extend(json.as_str().as_bytes());
        }
        (Scalar::Uuid, Value::Text(text)) => out.extend(uuid(text)?),
        (Scalar::Date, Value::Text(text)) => {
            out.extend(temporal::parse_date(text)?.to_be_bytes());
        }
        (Scalar::Time, Value::Text(text)) => {
            out.extend(temporal::parse_time(text)?.to_be_bytes());
        }
        (Scalar::Timetz, Value::Text(text)) => {
            let (micros, east) = temporal::parse_timetz(text)?;
            out.extend(micros.to_be_bytes());
            out.extend(east.checked_neg()?.to_be_bytes()); // the server counts zones westward
        }
        (Scalar::Timestamp, Value::Text(text)) => {
            out.extend(temporal::parse_timestamp(text)?.to_be_bytes());
        }
        (Scalar::Timestamptz, Value::Text(text)) => {
            out.extend(temporal::parse_timestamptz(text)?.to_be_bytes());
        }
        _ => return None,
    }
    Some(())
}

/// `a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11`
fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut bits: u128 = 0;
    let mut digits = 0;
    for c in text.chars().filter(|c| *c != '-') {
        bits = bits << 4 | u128::from(c.to_digit(16)?);
        digits += 1;
    }
    (digits == 32).then(|| bits.to_be_bytes())
}

/// Groups of four digits around the point, without those of zeros at both ends.
fn numeric(out: &mut Vec<u8>, text: &str) -> Option<()> {
    match text {
        "NaN" => return header(out, 0, 0, NAN, 0),
        "Infinity" => return header(out, 0, 0, INFINITY, 0),
        "-Infinity" => return header(out, 0, 0, NEG_INFINITY, 0),
        _ => {}
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (NEGATIVE, digits),
        None => (0, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.as_bytes(), fraction.as_bytes());
    let start = out.len();
    header(out, 0, 0, sign, fraction.len())?;
    let body = out.len();
    let mut weight = i64::try_from(whole.len().div_ceil(4)).ok()? - 1;
    // the first group has as many digits as the others leave
    let (first, rest) = whole.split_at_checked(whole.len() % 4)?;
    for group in [first].into_iter().chain(rest.chunks(4)) {
        if !group.is_empty() {
            push_group(out, body, number(group)?, &mut weight);
        }
    }
    for group in fraction.chunks(4) {
        let missing = u32::try_from(4 - group.len()).ok()?;
        push_group(out, body, number(group)? * 10_u16.pow(missing), &mut weight);
    }
    while out.len() > body && out.ends_with(&[0, 0]) {
        out.truncate(out.len() - 2);
    }
    let count = (out.len() - body) / 2;
    let weight = if count == 0 { 0 } else { weight };
    let mut place = Vec::with_capacity(8);
    header(&mut place, count, weight, sign, fraction.len())?;
    out.get_mut(start..body)?.copy_from_slice(&place);
    Some(())
}

fn header(out: &mut Vec<u8>, count: usize, weight: i64, sign: u16, scale: usize) -> Option<()> {
    out.extend(u16::try_from(count).ok()?.to_be_bytes());
    out.extend(i16::try_from(weight).ok()?.to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend(u16::try_from(scale).ok()?.to_be_bytes());
    Some(())
}

/// A group that is not zero, or not the first: one of zeros at the beginning only lowers the weight
/// of those behind it.
fn push_group(out: &mut Vec<u8>, body: usize, group: u16, weight: &mut i64) {
    if group == 0 && out.len() == body {
        *weight -= 1;
    } else {
        out.extend(group.to_be_bytes());
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u16::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::decode::scalar;
    use super::*;
    use db_adapter_core::{SqlType, canonical_text};
    use proptest::prelude::*;

    use crate::Numeric;

    fn back(kind: Scalar, value: &Value) -> Option<Value> {
        let mut bytes = b"before".to_vec();
        push(&mut bytes, kind, value)?;
        scalar(kind, bytes.strip_prefix(b"before")?).map(Value::from)
    }

    fn decimal(text: &str) -> Value {
        Value::Numeric(Numeric::parse(text).unwrap())
    }

    #[test]
    fn a_numeric_has_no_groups_of_zeros_at_its_ends() {
        let bytes = |text: &str| {
            let mut out = Vec::new();
            numeric(&mut out, text).unwrap();
            out
        };
        assert_eq!(bytes("0"), [0; 8]);
        assert_eq!(bytes("0.00"), [0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(bytes("10000"), [0, 1, 0, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(bytes("-0.00000007"), [0, 1, 255, 254, 0x40, 0, 0, 8, 0, 7]);
        assert_eq!(bytes("NaN"), [0, 0, 0, 0, 0xC0, 0, 0, 0]);
    }

    #[test]
    fn the_longest_numerics_have_room() {
        let text = format!("{}.{}", "9".repeat(131_072), "9".repeat(16_383));
        assert_eq!(back(Scalar::Numeric, &decimal(&text)), Some(decimal(&text)));
    }

    #[test]
    fn rare_times_and_dates_come_back() {
        for (kind, texts) in [
            (
                Scalar::Timestamptz,
                [
                    "infinity",
                    "-infinity",
                    "0044-03-15T00:00:00.000001+00:00 BC",
                    "294276-12-31T23:59:59.999999+00:00",
                ],
            ),
            (
                Scalar::Date,
                ["infinity", "-infinity", "4713-01-01 BC", "5874897-12-31"],
            ),
            (
                Scalar::Time,
                [
                    "24:00:00.000000",
                    "00:00:00.000000",
                    "01:02:03.000004",
                    "23:59:59.999999",
                ],
            ),
            (
                Scalar::Timetz,
                [
                    "24:00:00.000000+00:00",
                    "00:00:00.000000-15:59",
                    "01:02:03.000004+05:30:15",
                    "12:00:00.000000+00:00",
                ],
            ),
        ] {
            for text in texts {
                let value = Value::Text(text.into());
                assert_eq!(back(kind, &value), Some(value), "{text}");
            }
        }
    }

    #[test]
    fn what_is_of_another_type_is_none() {
        for (kind, value) in [
            (Scalar::Int2, Value::Int(40_000)),
            (Scalar::Int8, Value::Text("1".into())),
            (Scalar::Uuid, Value::Text("a0eebc99".into())),
            (Scalar::Timestamptz, Value::Text("now".into())),
            (Scalar::Bool, Value::Null),
        ] {
            assert_eq!(back(kind, &value), None, "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn numerics_come_back(text in "-?(0|[1-9][0-9]{0,20})([.][0-9]{1,20})?") {
            let value = decimal(&text);
            prop_assert_eq!(back(Scalar::Numeric, &value), Some(value));
        }

        #[test]
        fn numbers_come_back(n: i64, f: f64, small: f32) {
            prop_assert_eq!(back(Scalar::Int8, &Value::Int(n)), Some(Value::Int(n)));
            prop_assert_eq!(back(Scalar::Float8, &Value::Float(f)), Some(Value::Float(f)));
            let small = Value::Float(db_adapter_core::float::widen(small));
            prop_assert_eq!(back(Scalar::Float4, &small), Some(small));
        }

        #[test]
        fn instants_and_uuids_come_back(micros in -200_000_000_000_000_000_i64..9_000_000_000_000_000_000, bits: u128) {
            let value = Value::Text(temporal::format_timestamptz(micros).into());
            prop_assert_eq!(back(Scalar::Timestamptz, &value), Some(value));
            let uuid = canonical_text(&SqlType::Uuid, &format!("{bits:032x}")).unwrap();
            let value = Value::Text(uuid.into());
            prop_assert_eq!(back(Scalar::Uuid, &value), Some(value));
        }
    }
}
