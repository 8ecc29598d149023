//! Sends rows to the destination, many at once in a savepoint. Where the database refuses some of
//! them, halves of halves find out which.

use std::ops::Range;
use std::sync::Arc;

use super::colliding::Rest;
use super::ledger::{Ledger, Ready, Sent};
use super::part::part;
use super::plan::TablePlan;
use super::triggered::are_kept;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{Load, Operation, UpdateMany};
use crate::transaction::Transaction;
use crate::{Error, Notice, Result, Row};

/// So few rows are tried one by one.
pub(super) const FEW: usize = 8;

/// What is done with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// They are new.
    Load,
    /// They are there, found by the primary key, and get these values.
    Update,
    /// The same; those whose unique values another row has are given back, for that row may get others.
    Exchange,
}

/// Rows to send, with what is known of each.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<Row>,
    /// Of rows that are there, as many: whose each is until now.
    pub(super) owned: Vec<Row>,
    pub(super) sent: Vec<Sent>,
    /// The unique columns by which it is known which of them collide with others.
    pub(super) looked_at: Vec<Vec<String>>,
}

/// What the database did with a batch.
#[derive(Default)]
pub(super) struct Applied {
    /// Rows that it wrote.
    pub(super) written: u64,
    /// Rows that it took, whether they changed or not.
    pub(super) taken: u64,
    /// Of rows that were there the places of those that changed, in the batch.
    pub(super) changed: Vec<usize>,
    /// Rows that have the unique values of another row.
    pub(super) collided: Vec<Collided>,
    /// What was not sent, because it is to be asked first which of it collide.
    pub(super) rest: Option<Rest>,
    /// Nothing will be committed anyway, and enough rows are named.
    pub(super) stopped: bool,
}

/// A row that would have the unique values of another one.
#[derive(Debug)]
pub(super) struct Collided {
    pub(super) row: Row,
    pub(super) owned: Option<Row>,
    pub(super) sent: Sent,
    /// How many of its references became NULL when it was sent.
    pub(super) nulled: u32,
    /// The columns that must be unique and would not be, as far as the database names them.
    pub(super) unique: Vec<String>,
    pub(super) reason: String,
}

/// Sends a batch of rows of the table at `place`.
pub(super) async fn apply(
    tx: &Transaction,
    ledger: &mut Ledger<'_>,
    place: usize,
    work: Work,
    mut batch: Batch,
) -> Result<Applied> {
    let mut applied = Applied::default();
    let table = ledger.plan(place).ok_or_else(|| {
        Error::internal(format!(
            "rows are restored into table {place} of a plan without it"
        ))
    })?;
    if batch.rows.len() != batch.sent.len() {
        return Err(Error::internal(format!(
            "{} rows are to be restored into `{}`, and {} are known",
            batch.rows.len(),
            table.name,
            batch.sent.len()
        )));
    }
    // from here on each range of the one is a range of the other
    let rows: Arc<[Row]> = std::mem::take(&mut batch.rows).into();
    let mut ranges = of_one_shape(&rows);
    ranges.reverse();
    while let Some(range) = ranges.pop() {
        let part = part(&batch.sent, range.clone())?;
        let Some(sending) = checked(ledger, (place, work), &rows, range.clone(), part)? else {
            applied.stopped = true;
            return Ok(applied);
        };
        applied.taken += sending.unchanged.len() as u64;
        for at in &sending.unchanged {
            if let Some(row) = rows.get(*at) {
                ledger.written(place, &key_of(table, row), batch.owned.get(*at));
            }
        }
        if sending.rows.is_empty() {
            continue;
        }
        let count = sending.rows.len() as u64;
        let owned = owned(&batch.owned, range.clone(), &sending.nulled)?;
        let first = sending.rows.first().cloned();
        let whose = match ledger.lasting.is_watching() {
            true => owned.clone(),
            false => Vec::new(),
        };
        match attempt(tx, table, work, Arc::clone(&sending.rows), owned).await {
            Ok(written) => {
                applied.written += written.count;
                applied.taken += count;
                let sent = (range.clone().zip(&sending.nulled))
                    .filter_map(|(at, nulled)| nulled.map(|_| at))
                    .collect::<Vec<usize>>();
                let changed = |at: &usize| sent.get(*at).copied();
                applied
                    .changed
                    .extend(written.changed.iter().filter_map(changed));
                let in_all = match work {
                    Work::Load => (0..sent.len()).collect(),
                    Work::Update | Work::Exchange => written.changed,
                };
                for at in in_all {
                    let of = sent.get(at).and_then(|at| batch.sent.get(*at));
                    if let (Some(sent), Some(row)) = (of, sending.rows.get(at)) {
                        ledger.holds(place, sent, row);
                    }
                }
                take(ledger, place, part, &sending.nulled);
                for (at, row) in sending.rows.iter().enumerate() {
                    ledger.written(place, row, whose.get(at));
                }
            }
            Err(error) if !is_of_a_row(&error) => return Err(error),
            Err(error) if range.len() == 1 => {
                let unique = unique_columns(&error).filter(|_| work == Work::Exchange);
                let reason = reason(error, ledger, table, work);
                if let (Some(unique), Some(row), Some(sent)) = (unique, first, part.first()) {
                    applied.collided.push(Collided {
                        row,
                        owned: batch.owned.get(range.start).cloned(),
                        sent: sent.clone(),
                        nulled: sending.nulled.first().copied().flatten().unwrap_or(0),
                        unique,
                        reason,
                    });
                    continue;
                }
                let goes_on = |sent| ledger.refused(place, sent, reason);
                if !part.first().is_none_or(goes_on) {
                    applied.stopped = true;
                    return Ok(applied);
                }
            }
            Err(error) if work == Work::Exchange && is_to_be_asked(&error, &batch, range.len()) => {
                let unique = unique_columns(&error).unwrap_or_default();
                let reason = reason(error, ledger, table, work);
                batch.rows = self::part(&rows, range.start..rows.len())?.to_vec();
                batch.owned.drain(..range.start.min(batch.owned.len()));
                batch.sent.drain(..range.start);
                applied.rest = Some(Rest {
                    batch,
                    unique,
                    reason,
                });
                return Ok(applied);
            }
            Err(_) if range.len() <= FEW => ranges.extend(range.rev().map(|at| at..at + 1)),
            Err(_) => {
                let middle = range.start + range.len() / 2;
                ranges.push(middle..range.end);
                ranges.push(range.start..middle);
            }
        }
    }
    Ok(applied)
}

/// Whether it is not known yet which of these rows collide with others, and worth a question.
fn is_to_be_asked(error: &Error, batch: &Batch, rows: usize) -> bool {
    let unique = unique_columns(error).filter(|unique| !unique.is_empty());
    rows > FEW && unique.is_some_and(|unique| !batch.looked_at.contains(&unique))
}

/// The ranges of rows that have the same columns.
pub(super) fn of_one_shape(rows: &[Row]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for end in 1..=rows.len() {
        let same = match (rows.get(start), rows.get(end)) {
            (Some(first), Some(next)) => next.names().eq(first.names()),
            _ => false,
        };
        if !same {
            ranges.push(start..end);
            start = end;
        }
    }
    ranges
}

/// The rows of a range that can be sent after what has failed so far.
struct Sending {
    rows: Arc<[Row]>,
    /// For each row of the range how many of its references became NULL; `None` for a row that
    /// is not sent.
    nulled: Vec<Option<u32>>,
    /// The places of those that are not sent because they stay as they are.
    unchanged: Vec<usize>,
}

/// Whose each of the rows is that are sent; nothing where that is not asked.
fn owned(owned: &[Row], range: Range<usize>, nulled: &[Option<u32>]) -> Result<Vec<Row>> {
    if owned.is_empty() {
        return Ok(Vec::new());
    }
    let rows = part(owned, range)?.iter().zip(nulled);
    let sent = rows.filter(|(_, nulled)| nulled.is_some());
    Ok(sent.map(|(row, _)| row.clone()).collect())
}

/// The rows of a range that can be sent after what has failed so far; `None` when there is no
/// point in going on.
fn checked(
    ledger: &mut Ledger<'_>,
    (place, work): (usize, Work),
    rows: &Arc<[Row]>,
    range: Range<usize>,
    part: &[Sent],
) -> Result<Option<Sending>> {
    if !part.iter().any(|sent| ledger.is_concerned(place, sent)) {
        let whole = range.len() == rows.len();
        let sent = match whole {
            true => Arc::clone(rows),
            false => self::part(rows, range)?.into(),
        };
        return Ok(Some(Sending {
            rows: sent,
            nulled: vec![Some(0); part.len()],
            unchanged: Vec::new(),
        }));
    }
    let mut kept = Vec::new();
    let mut nulled = Vec::new();
    let mut unchanged = Vec::new();
    let start = range.start;
    let key = match work {
        Work::Load => Vec::new(),
        Work::Update | Work::Exchange => key_names(ledger, place),
    };
    let ranged = self::part(rows, range)?;
    for (at, (row, sent)) in (start..).zip(ranged.iter().zip(part)) {
        let mut row = row.clone();
        match ledger.ready(place, &mut row, sent) {
            // it keeps the only reference that it was to get
            (Ready::Yes, _) if row.names().all(|name| key.contains(&name)) => {
                unchanged.push(at);
                nulled.push(None);
            }
            (Ready::Yes, count) => {
                kept.push(row);
                nulled.push(Some(count));
            }
            (Ready::Gone, _) => nulled.push(None),
            (Ready::No(reason), _) => {
                nulled.push(None);
                if !ledger.refused(place, sent, reason) {
                    return Ok(None);
                }
            }
        }
    }
    Ok(Some(Sending {
        rows: kept.into(),
        nulled,
        unchanged,
    }))
}

/// What is known of a row that is there and is not sent.
fn key_of(table: &TablePlan, row: &Row) -> Row {
    let names = super::afterwards::names(table, &table.key).into_iter();
    let cell = |name| Some((name, row.value(name)?.clone()));
    names.filter_map(cell).collect()
}

fn key_names<'p>(ledger: &Ledger<'p>, place: usize) -> Vec<&'p str> {
    let table = ledger.plan(place);
    table.map_or_else(Vec::new, |table| {
        super::afterwards::names(table, &table.key)
    })
}

fn take(ledger: &mut Ledger<'_>, place: usize, part: &[Sent], nulled: &[Option<u32>]) {
    for (sent, nulled) in part.iter().zip(nulled) {
        if let Some(nulled) = nulled {
            ledger.taken(place, sent, *nulled);
        }
    }
}

/// What a statement wrote.
pub(super) struct Written {
    pub(super) count: u64,
    /// Which of the rows, of those that were there.
    changed: Vec<usize>,
}

/// One statement in a savepoint of its own.
async fn attempt(
    tx: &Transaction,
    table: &TablePlan,
    work: Work,
    rows: Arc<[Row]>,
    owned: Vec<Row>,
) -> Result<Written> {
    let savepoint = tx.begin().await?;
    let result = match work {
        Work::Load => load(&savepoint, table, rows).await,
        Work::Update | Work::Exchange => update(&savepoint, table, &rows, owned).await,
    };
    match result {
        Ok(written) => savepoint.commit().await.map(|()| written),
        Err(error) => match savepoint.rollback().await {
            Ok(()) => Err(error),
            Err(Error::TransactionAborted) if is_of_a_row(&error) => Err(undone(table, &error)),
            Err(Error::TransactionAborted) => Err(error),
            Err(lost) => Err(lost),
        },
    }
}

/// SQLite can end the transaction for a row: `ON CONFLICT ROLLBACK`, `RAISE(ROLLBACK, ..)`.
fn undone(table: &TablePlan, why: &Error) -> Error {
    let text = format!(
        "a row of `{}` was refused, and the database undid the whole transaction with it: {}",
        table.name,
        why.message()
    );
    let hint = "nothing was written. A conflict clause or a trigger of the table says ROLLBACK: with ABORT instead the row would be named";
    Error::RestoreRefused {
        problems: vec![Notice::new(text).hint(hint)],
    }
}

async fn load(tx: &Transaction, table: &TablePlan, rows: Arc<[Row]>) -> Result<Written> {
    let count = rows.len() as u64;
    let mut load = Load::new(table.table.clone(), Arc::clone(&rows));
    load.spelled = true;
    let outcome = tx.run(Operation::Load(load)).await?;
    if outcome.affected == count {
        are_kept(tx, table, &rows).await?;
        let changed = Vec::new();
        return Ok(Written { count, changed });
    }
    // the database reported success, and did not do it
    Err(Error::NotKept {
        table: table.name.to_string(),
        what: "the row",
    })
}

/// By the key, and by whose the row is: no other row can be meant, whatever happened meanwhile.
pub(super) async fn update(
    tx: &Transaction,
    table: &TablePlan,
    rows: &[Row],
    owned: Vec<Row>,
) -> Result<Written> {
    let keys = table.key.iter().filter_map(|c| table.columns.get(*c));
    let keys = keys.map(|column| column.name.clone()).collect();
    let mut update = UpdateMany::new(table.table.clone(), rows.to_vec(), keys);
    update.only_changed = true;
    let sent = table.triggered.then(|| with_owners(rows, &owned));
    update.expected = owned;
    update.checked = true;
    update.spelled = true;
    let outcome = tx.run(Operation::UpdateMany(update)).await?;
    let place = |row: &Row| row.get::<usize>("place");
    let changed: Result<Vec<usize>> = outcome.rows.iter().map(place).collect();
    let (count, changed) = (outcome.affected, changed?);
    if changed.len() as u64 != count {
        return Err(Error::internal(format!(
            "{count} rows of `{}` were changed, and {} are known",
            table.name,
            changed.len()
        )));
    }
    are_kept(tx, table, sent.as_deref().unwrap_or(rows)).await?;
    Ok(Written { count, changed })
}

/// The rows with what says whose they are, where that is not changed.
fn with_owners(rows: &[Row], owned: &[Row]) -> Vec<Row> {
    let mut whole = rows.to_vec();
    for (row, owner) in whole.iter_mut().zip(owned) {
        for (name, value) in owner.iter() {
            if row.value(name).is_none() {
                row.set(name, value.clone());
            }
        }
    }
    whole
}

pub(super) fn unique_columns(error: &Error) -> Option<Vec<String>> {
    match error {
        Error::UniqueViolation(violation) => Some(violation.columns.clone()),
        _ => None,
    }
}

/// What is told of a row that the database did not take.
pub(super) fn reason(error: Error, ledger: &Ledger<'_>, table: &TablePlan, work: Work) -> String {
    let is_found = work != Work::Load && ledger.remap.plan.locks_rows;
    let what = match &error {
        Error::NotKept { what, .. } if is_found => *what,
        _ => return as_declared(error, table).to_string(),
    };
    let who = match table.triggered {
        true => "a trigger, a rule or a policy",
        false => "a policy",
    };
    format!(
        "another session moved or removed the row after it was found, or {who} of `{}` did not keep {what}",
        table.name
    )
}

/// The refusal with the table as it is declared: the statement called it with its schema.
fn as_declared(mut error: Error, table: &TablePlan) -> Error {
    let (found, declared) = (table.table.to_string(), table.name.to_string());
    let called = match &mut error {
        Error::UniqueViolation(violation)
        | Error::ForeignKeyViolation(violation)
        | Error::NotNullViolation(violation)
        | Error::CheckViolation(violation) => violation.table.as_mut(),
        Error::InvalidValue(details) => details.table.as_mut(),
        Error::Raised(raised) => raised.table.as_mut(),
        Error::NotKept { table, .. } => Some(table),
        _ => None,
    };
    if let Some(called) = called.filter(|called| **called == found) {
        *called = declared;
    }
    error
}

/// Whether it is about what a row holds, so that others may fare better.
pub(super) fn is_of_a_row(error: &Error) -> bool {
    match error {
        Error::InvalidValue(_)
        | Error::PermissionDenied { .. }
        | Error::Raised(_)
        | Error::NotKept { .. }
        | Error::NoKeys { .. } => true,
        Error::Database { code, .. } => is_code_of_a_row(code),
        error => error.is_constraint_violation(),
    }
}

/// SQLSTATE classes of data, of rules and of what triggers raise; SQLite's codes of the same.
fn is_code_of_a_row(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(code) if code < 10_000 => matches!(code & 0xff, 18..=20),
        // 54000: a value is too long for an index
        _ => ["P0", "22", "23", "44", "09", "27", "38", "39", "54000"]
            .iter()
            .any(|class| code.starts_with(class)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_shape_go_together() {
        let rows = [
            crate::row! { "a": 1 },
            crate::row! { "a": 2 },
            crate::row! { "b": 2 },
            crate::row! { "a": 2 },
        ];
        assert_eq!(of_one_shape(&rows), [0..2, 2..3, 3..4]);
        assert!(of_one_shape(&[]).is_empty());
    }

    #[test]
    fn only_what_a_row_holds_is_looked_for_in_halves() {
        for code in ["P0001", "22003", "23P01", "54000", "1811", "19"] {
            assert!(is_code_of_a_row(code), "{code}");
        }
        for code in ["53100", "57014", "XX000", "40001", "13", "10", "1"] {
            assert!(!is_code_of_a_row(code), "{code}");
        }
    }
}
