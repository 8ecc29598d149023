//! Many rows in statements of a bounded size. Pure.

use super::encode::weight;
use crate::sql::{Assignment, Group};

/// The most rows of one statement, and the most bytes.
const BATCH_ROWS: usize = 5000;
const BATCH_BYTES: usize = 4 << 20;

/// Rows of the same columns that go in one statement.
pub(super) struct Batch<'g, 'a> {
    pub(super) columns: &'g [usize],
    pub(super) places: Vec<usize>,
    pub(super) rows: Vec<&'g [Assignment<'a>]>,
}

pub(super) fn batches<'g, 'a>(groups: &'g [Group<'a>]) -> Vec<Batch<'g, 'a>> {
    let mut batches: Vec<Batch<'g, 'a>> = Vec::new();
    for group in groups {
        let mut bytes = BATCH_BYTES + 1;
        for (place, row) in &group.rows {
            let size: usize = row.iter().map(|a| weight(&a.value)).sum();
            let full = batches
                .last()
                .is_none_or(|batch| batch.rows.len() >= BATCH_ROWS || bytes + size > BATCH_BYTES);
            if full {
                bytes = 0;
                batches.push(Batch {
                    columns: &group.columns,
                    places: Vec::new(),
                    rows: Vec::new(),
                });
            }
            bytes += size;
            if let Some(batch) = batches.last_mut() {
                batch.places.push(*place);
                batch.rows.push(row);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use std::borrow::Cow;

    #[test]
    fn batches_are_bounded_and_keep_their_places() {
        let row = |text: &str| {
            vec![Assignment {
                position: 0,
                value: Cow::Owned(Value::Text(text.into())),
                how: crate::sql::How::Set,
            }]
        };
        let big = "x".repeat(BATCH_BYTES / 2);
        let mut rows: Vec<_> = (0..BATCH_ROWS + 1).map(|_| row("")).collect();
        rows.extend([row(&big), row(&big), row(&big), Vec::new()]);
        let groups = crate::sql::group_rows(rows);
        let batches = batches(&groups);
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.rows.len()).collect();
        assert_eq!(sizes, [BATCH_ROWS, 3, 1, 1]);
        assert_eq!(
            batches[1].places,
            [BATCH_ROWS, BATCH_ROWS + 1, BATCH_ROWS + 2]
        );
    }
}
