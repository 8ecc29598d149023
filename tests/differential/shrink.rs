//! Makes a failing sequence small: fewer operations, then fewer columns, rows and conditions, as long
//! as it fails.

use std::time::{Duration, Instant};

use crate::op::{Op, Where};
use crate::pair::Pair;

/// How long it is tried.
const LIMIT: Duration = Duration::from_secs(60);

/// The smallest failing sequence that was found, and what was wrong with it.
pub(crate) async fn shrink(
    mut ops: Vec<Op>,
    mut wrong: String,
    pair: &mut Pair,
) -> (Vec<Op>, String) {
    let end = Instant::now() + LIMIT;
    'again: while Instant::now() < end {
        for candidate in simpler(&ops) {
            if let Err(still) = pair.run(&candidate).await {
                (ops, wrong) = (candidate, still);
                continue 'again;
            }
        }
        break;
    }
    (ops, wrong)
}

fn simpler(ops: &[Op]) -> Vec<Vec<Op>> {
    let mut all = Vec::new();
    let mut size = ops.len() / 2;
    while size > 0 {
        for from in (0..ops.len()).step_by(size) {
            let mut next = ops.to_vec();
            next.drain(from..(from + size).min(ops.len()));
            all.push(next);
        }
        size /= 2;
    }
    for (at, op) in ops.iter().enumerate() {
        for smaller in smaller(op) {
            let mut next = ops.to_vec();
            next[at] = smaller;
            all.push(next);
        }
    }
    all
}

/// The operation with a little less.
fn smaller(op: &Op) -> Vec<Op> {
    match op {
        Op::Insert(data) => less(data).into_iter().map(Op::Insert).collect(),
        Op::Upsert(data) => less(data).into_iter().map(Op::Upsert).collect(),
        Op::InsertMany(rows) => fewer(rows).into_iter().map(Op::InsertMany).collect(),
        Op::Returning(rows) => fewer(rows).into_iter().map(Op::Returning).collect(),
        Op::UpsertMany(rows) => fewer(rows).into_iter().map(Op::UpsertMany).collect(),
        Op::UpdateMany(rows) => fewer(rows).into_iter().map(Op::UpdateMany).collect(),
        Op::Update(data, filter) => both(data, filter, Op::Update),
        Op::UpdateAll(data, filter) => both(data, filter, Op::UpdateAll),
        Op::UpdateCount(data, filter) => both(data, filter, Op::UpdateCount),
        Op::Delete(filter) => looser(filter).into_iter().map(Op::Delete).collect(),
        Op::Count(filter) => looser(filter).into_iter().map(Op::Count).collect(),
        Op::Exists(filter) => looser(filter).into_iter().map(Op::Exists).collect(),
        Op::Stream(filter) => looser(filter).into_iter().map(Op::Stream).collect(),
        Op::Select(filter, order, limit) => {
            let of = |filter| Op::Select(filter, *order, *limit);
            let mut all: Vec<Op> = looser(filter).into_iter().map(of).collect();
            if order.is_some() {
                all.push(Op::Select(filter.clone(), None, *limit));
            }
            if limit.is_some() {
                all.push(Op::Select(filter.clone(), *order, None));
            }
            all
        }
        Op::Query(_) => Vec::new(),
    }
}

/// The list without each of its members in turn.
fn less<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let without = |at: usize| {
        let mut next = list.to_vec();
        next.remove(at);
        next
    };
    (0..list.len()).map(without).collect()
}

/// Fewer rows, and rows of fewer columns.
fn fewer<T: Clone>(rows: &[Vec<T>]) -> Vec<Vec<Vec<T>>> {
    let mut all = less(rows);
    for (at, row) in rows.iter().enumerate() {
        for smaller in less(row) {
            let mut next = rows.to_vec();
            next[at] = smaller;
            all.push(next);
        }
    }
    all
}

fn looser(filter: &Where) -> Vec<Where> {
    let with = |conditions| Where {
        any: filter.any,
        conditions,
    };
    less(&filter.conditions).into_iter().map(with).collect()
}

fn both<T: Clone>(data: &[T], filter: &Where, make: fn(Vec<T>, Where) -> Op) -> Vec<Op> {
    let data_less = less(data)
        .into_iter()
        .map(|data| make(data, filter.clone()));
    let filter_less = looser(filter)
        .into_iter()
        .map(|filter| make(data.to_vec(), filter));
    data_less.chain(filter_less).collect()
}
