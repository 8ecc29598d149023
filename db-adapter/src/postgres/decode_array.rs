//! Arrays from their binary format: any dimensions, NULL elements, and, where a lower bound is
//! not 1, the text form that keeps it.

use std::borrow::Cow;

use super::decode::scalar;
use super::types::Scalar;
use crate::Value;
use crate::value::{Cell, push_literal};

/// PostgreSQL has no more dimensions.
const MOST_DIMENSIONS: usize = 6;

struct Dimension {
    length: usize,
    lower: i32,
}

/// An array; `None` when the bytes are malformed.
pub(super) fn array(element: Scalar, bytes: &[u8]) -> Option<Cell<'_>> {
    let mut rest = Reader(bytes);
    let count = usize::try_from(rest.int()?).ok()?;
    let _has_nulls = rest.int()?;
    let _element_oid = rest.int()?;
    if count > MOST_DIMENSIONS {
        return None;
    }
    let mut dimensions = Vec::with_capacity(count);
    for _ in 0..count {
        dimensions.push(Dimension {
            // an empty array has no dimensions, so none is of length 0
            length: usize::try_from(rest.int()?).ok().filter(|n| *n > 0)?,
            lower: rest.int()?,
        });
    }
    let value = match dimensions.as_slice() {
        [] => Cell::Array(Vec::new()),
        dimensions => nested(element, dimensions, &mut rest)?,
    };
    if !rest.0.is_empty() {
        return None;
    }
    if dimensions.iter().any(|d| d.lower != 1) {
        return bounded_text(&dimensions, &Value::from(value));
    }
    Some(value)
}

fn nested<'a>(
    element: Scalar,
    dimensions: &[Dimension],
    rest: &mut Reader<'a>,
) -> Option<Cell<'a>> {
    let (first, inner) = dimensions.split_first()?;
    // each element takes four bytes at least, so a made-up length cannot make us allocate
    let mut items = Vec::with_capacity(first.length.min(rest.0.len() / 4));
    for _ in 0..first.length {
        if !inner.is_empty() {
            items.push(nested(element, inner, rest)?);
            continue;
        }
        let length = rest.int()?;
        items.push(match usize::try_from(length) {
            Ok(length) => scalar(element, rest.take(length)?)?,
            Err(_) if length == -1 => Cell::Null,
            Err(_) => return None,
        });
    }
    Some(Cell::Array(items))
}

/// `[0:1]={7,8}`, as PostgreSQL writes it.
fn bounded_text(dimensions: &[Dimension], value: &Value) -> Option<Cell<'static>> {
    let Value::Array(items) = value else {
        return None;
    };
    let mut text = String::new();
    for dimension in dimensions {
        let upper = i64::from(dimension.lower) + i64::try_from(dimension.length).ok()? - 1;
        text.push_str(&format!("[{}:{upper}]", dimension.lower));
    }
    text.push('=');
    push_literal(&mut text, items);
    Some(Cell::Text(Cow::Owned(text)))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn int(&mut self) -> Option<i32> {
        let (int, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*int))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(element: Scalar, bytes: &[u8]) -> Option<Value> {
        super::array(element, bytes).map(Value::from)
    }

    fn bytes(dimensions: &[(i32, i32)], items: &[Option<i32>]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut int = |i: i32| out.extend(i.to_be_bytes());
        int(i32::try_from(dimensions.len()).unwrap());
        int(1);
        int(23);
        for (length, lower) in dimensions {
            int(*length);
            int(*lower);
        }
        for item in items {
            int(if item.is_some() { 4 } else { -1 });
            item.iter().for_each(|item| int(*item));
        }
        out
    }

    fn ints(items: &[i64]) -> Value {
        Value::Array(items.iter().map(|i| Value::Int(*i)).collect())
    }

    #[test]
    fn arrays_of_any_dimensions_with_nulls() {
        assert_eq!(array(Scalar::Int4, &bytes(&[], &[])), Some(ints(&[])));
        assert_eq!(
            array(Scalar::Int4, &bytes(&[(2, 1)], &[Some(1), None])),
            Some(Value::Array([Value::Int(1), Value::Null].into()))
        );
        let items = [Some(1), Some(2), Some(3), Some(4)];
        assert_eq!(
            array(Scalar::Int4, &bytes(&[(2, 1), (2, 1)], &items)),
            Some(Value::Array([ints(&[1, 2]), ints(&[3, 4])].into()))
        );
    }

    #[test]
    fn other_lower_bounds_are_kept_as_text() {
        let text = |dimensions: &[(i32, i32)], items: &[Option<i32>]| match array(
            Scalar::Int4,
            &bytes(dimensions, items),
        ) {
            Some(Value::Text(text)) => text.into_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(&[(2, 0)], &[Some(7), None]), "[0:1]={7,NULL}");
        let items = [Some(1), Some(2)];
        assert_eq!(text(&[(1, 1), (2, -3)], &items), "[1:1][-3:-2]={{1,2}}");
    }

    #[test]
    fn made_up_lengths_are_refused() {
        for dimensions in [&[(i32::MAX, 1)][..], &[(i32::MAX, 1), (0, 1)], &[(-1, 1)]] {
            assert_eq!(array(Scalar::Int4, &bytes(dimensions, &[])), None);
        }
        let mut long = bytes(&[(1, 1)], &[Some(1)]);
        long.push(0);
        assert_eq!(array(Scalar::Int4, &long), None);
    }
}
