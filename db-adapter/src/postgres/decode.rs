//! From the binary format to values, by a plan that is made once per result. Every length is
//! checked: a malformed buffer is an error, never a panic.

use std::borrow::Cow;

use db_adapter_core::{float, temporal};
use sqlx::postgres::PgRow;
use sqlx::{Column, Row as _, ValueRef};

use super::decode_array::array;
use super::decode_numeric::numeric;
use super::types::{Native, Scalar, native};
use crate::row::Cells;
use crate::value::Cell;
use crate::{Error, Result, Value};

/// How each column of a result is decoded.
#[derive(Debug, Clone)]
pub(super) struct Plan(Vec<Native>);

impl Plan {
    /// Makes the plan from a row's types; `None` when one of them is not native, so that the
    /// statement was made from what the catalog no longer says.
    pub(super) fn of(row: &PgRow) -> Option<Plan> {
        row.columns()
            .iter()
            .map(|column| native(column.type_info().oid()?.0))
            .collect::<Option<Vec<_>>>()
            .map(Plan)
    }

    /// The values of a row.
    pub(super) fn decode(&self, row: &PgRow) -> Result<Vec<Value>> {
        let mut cells = self.cells(row);
        // collecting results would not know how many there are
        let mut values = Vec::with_capacity(self.0.len());
        for _ in 0..self.0.len() {
            values.push(cells.next_cell()?.into());
        }
        Ok(values)
    }

    /// The cells of a row, which are decoded as they are asked for.
    pub(super) fn cells<'r>(&'r self, row: &'r PgRow) -> WireCells<'r> {
        WireCells {
            plan: self.0.iter().enumerate(),
            row,
            malformed: false,
        }
    }
}

/// The cells of a row as the server has sent it.
pub(super) struct WireCells<'r> {
    plan: std::iter::Enumerate<std::slice::Iter<'r, Native>>,
    row: &'r PgRow,
    malformed: bool,
}

impl<'r> WireCells<'r> {
    /// Whether all that was sent can be decoded, also what nobody has asked for.
    pub(super) fn end(mut self) -> Result<()> {
        while self.plan.len() > 0 && !self.malformed {
            self.next_cell()?;
        }
        match self.malformed {
            true => Err(malformed()),
            false => Ok(()),
        }
    }

    fn at(&self, place: usize, native: Native) -> Option<Cell<'r>> {
        let raw = self.row.try_get_raw(place).ok()?;
        if raw.is_null() {
            return Some(Cell::Null);
        }
        decode(native, raw.as_bytes().ok()?)
    }
}

impl<'r> Cells<'r> for WireCells<'r> {
    fn next_cell(&mut self) -> Result<Cell<'r>> {
        let next = self.plan.next();
        let cell = next.and_then(|(place, native)| self.at(place, *native));
        cell.ok_or_else(|| {
            self.malformed = true;
            malformed()
        })
    }
}

fn malformed() -> Error {
    Error::conversion("the server sent a value that is not in the format of its type")
}

/// One value that is not NULL; `None` when the bytes are malformed.
pub(super) fn decode(native: Native, bytes: &[u8]) -> Option<Cell<'_>> {
    match native {
        Native::One(kind) => scalar(kind, bytes),
        Native::Array(element) => array(element, bytes),
    }
}

pub(super) fn scalar(kind: Scalar, bytes: &[u8]) -> Option<Cell<'_>> {
    Some(match kind {
        Scalar::Bool => match bytes {
            [0] => Cell::Bool(false),
            [_] => Cell::Bool(true),
            _ => return None,
        },
        Scalar::Int2 => Cell::Int(i16::from_be_bytes(fixed(bytes)?).into()),
        Scalar::Int4 => Cell::Int(i32::from_be_bytes(fixed(bytes)?).into()),
        Scalar::Int8 => Cell::Int(i64::from_be_bytes(fixed(bytes)?)),
        Scalar::Oid => Cell::Int(u32::from_be_bytes(fixed(bytes)?).into()),
        Scalar::Float4 => Cell::Float(float::widen(f32::from_be_bytes(fixed(bytes)?))),
        Scalar::Float8 => Cell::Float(f64::from_be_bytes(fixed(bytes)?)),
        Scalar::Numeric => Cell::Numeric(Cow::Owned(numeric(bytes)?)),
        Scalar::Text => text(utf8(bytes)?),
        Scalar::Bpchar => text(utf8(bytes)?.trim_end_matches(' ')),
        Scalar::Bytea => Cell::Bytes(bytes),
        Scalar::Uuid => owned(uuid(u128::from_be_bytes(fixed(bytes)?))),
        Scalar::Date => owned(temporal::format_date(i32::from_be_bytes(fixed(bytes)?))),
        Scalar::Time => owned(temporal::format_time(i64::from_be_bytes(fixed(bytes)?))),
        Scalar::Timetz => return timetz(bytes),
        Scalar::Timestamp => owned(temporal::format_timestamp(i64::from_be_bytes(fixed(
            bytes,
        )?))),
        Scalar::Timestamptz => owned(temporal::format_timestamptz(i64::from_be_bytes(fixed(
            bytes,
        )?))),
        Scalar::Json => Cell::Json(utf8(bytes)?),
        Scalar::Jsonb => match bytes.split_first() {
            Some((1, document)) => Cell::Json(utf8(document)?),
            _ => return None,
        },
    })
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn utf8(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

fn owned(text: String) -> Cell<'static> {
    Cell::Text(Cow::Owned(text))
}

fn uuid(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    let mut out = String::with_capacity(36);
    for (i, digit) in hex.chars().enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

fn timetz(bytes: &[u8]) -> Option<Cell<'_>> {
    let (micros, west) = bytes.split_first_chunk::<8>()?;
    // PostgreSQL counts zones westward
    let east = i32::from_be_bytes(fixed(west)?).checked_neg()?;
    Some(owned(temporal::format_timetz(
        i64::from_be_bytes(*micros),
        east,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(kind: Scalar, bytes: &[u8]) -> Option<Value> {
        decode(Native::One(kind), bytes).map(Value::from)
    }

    #[test]
    fn scalars_are_canonical() {
        assert_eq!(one(Scalar::Int4, &[255; 4]), Some(Value::Int(-1)));
        assert_eq!(one(Scalar::Oid, &[255; 4]), Some(Value::Int(4_294_967_295)));
        assert_eq!(
            one(Scalar::Float4, &0.1_f32.to_be_bytes()),
            Some(Value::Float(0.1))
        );
        assert_eq!(one(Scalar::Bpchar, b"ab  "), Some(Value::Text("ab".into())));
        assert_eq!(
            one(Scalar::Timestamptz, &i64::MAX.to_be_bytes()),
            Some(Value::Text("infinity".into()))
        );
        assert_eq!(
            one(Scalar::Date, &0_i32.to_be_bytes()),
            Some(Value::Text("2000-01-01".into()))
        );
        let mut timetz = 0_i64.to_be_bytes().to_vec();
        timetz.extend((-3600_i32).to_be_bytes());
        assert_eq!(
            one(Scalar::Timetz, &timetz),
            Some(Value::Text("00:00:00.000000+01:00".into()))
        );
        assert_eq!(
            one(Scalar::Jsonb, b"\x01null").map(|v| v.is_null()),
            Some(false)
        );
        assert_eq!(one(Scalar::Jsonb, b"\x02null"), None);
        assert_eq!(one(Scalar::Text, b"\xff"), None);
    }

    fn any_native() -> impl Strategy<Value = Native> {
        prop::sample::select((0..4000).filter_map(native).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn malformed_buffers_never_panic(native in any_native(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(native, &bytes);
        }

        #[test]
        fn malformed_arrays_never_panic(native in any_native(), words in prop::collection::vec(prop_oneof![Just(0_i32), Just(1), Just(2), Just(-1), Just(i32::MAX), any::<i32>()], 0..20)) {
            let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
            let _ = decode(native, &bytes);
        }
    }
}
