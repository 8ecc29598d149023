//! What an operation means for the rows, written from the documents: the answer and the rows
//! afterwards, or why it is refused. It knows nothing of transactions.

use std::collections::BTreeMap;

use db_adapter::ErrorKind;

use crate::model::Seen;
use crate::op::{Data, Fails, Form, Op, RANGE, Set, Which, Wrong};

/// `id v code owner late`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    pub(crate) id: i64,
    pub(crate) v: i64,
    pub(crate) code: Option<i64>,
    pub(crate) owner: Option<i64>,
    pub(crate) late: Option<i64>,
}

/// The rows of one lane.
pub(crate) type Rows = BTreeMap<i64, Record>;

/// What a successful operation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Rows(Vec<Record>),
    Ids(Vec<i64>),
    Count(u64),
    Is(bool),
    Done,
    NoRowsMatched,
    TooManyRows,
}

/// What becomes of an operation that runs to its end.
#[derive(Debug)]
pub(crate) enum Effect {
    Done(Answer, Rows),
    /// Nothing was sent.
    Refused(ErrorKind),
    /// The server said so; one of these.
    Failed(Vec<ErrorKind>),
    /// The server said so, by an error that the documents do not fix.
    FailedSomehow,
}

/// Owners whose number ends so are there, all others are not.
pub(crate) const OWNER: i64 = 1;

fn is_there(owner: Option<i64>) -> bool {
    owner.is_none_or(|owner| owner.rem_euclid(RANGE) == OWNER)
}

/// Whether COMMIT is refused: the constraint on `late` is deferred.
pub(crate) fn is_late(rows: &Rows) -> bool {
    rows.values().any(|row| !is_there(row.late))
}

/// What `InsertBig` inserts.
pub(crate) fn big(from: i64, n: i64) -> Vec<Data> {
    (from..from + n)
        .map(|id| Data {
            id,
            v: Some(1),
            code: (id % 2 == 0).then_some(id),
            owner: None,
            late: None,
        })
        .collect()
}

impl Op {
    /// Its effect on these rows.
    pub(crate) fn effect(&self, rows: &Rows) -> Effect {
        let found = |which: Which| found(rows, which).cloned().collect::<Vec<_>>();
        let reads = |answer| Effect::Done(answer, rows.clone());
        match self {
            Op::Select(which) | Op::Query(which) | Op::Stream(_, which, None) => {
                reads(Answer::Rows(found(*which)))
            }
            Op::Stream(_, which, Some(first)) => {
                let mut rows = found(*which);
                rows.truncate(*first);
                reads(Answer::Rows(rows))
            }
            Op::LongStream(n) => reads(Answer::Count(*n as u64)),
            Op::One(which) => reads(match found(*which) {
                rows if rows.is_empty() => Answer::NoRowsMatched,
                rows if rows.len() == 1 => Answer::Rows(rows),
                _ => Answer::TooManyRows,
            }),
            Op::Count(which) => reads(Answer::Count(found(*which).len() as u64)),
            Op::Exists(which) => reads(Answer::Is(!found(*which).is_empty())),
            Op::SlowRead(_) => reads(Answer::Done),
            Op::Wrong(wrong, _) => Effect::Refused(wrong.kind()),
            Op::Fails(Fails::TableInText) => Effect::Failed(vec![ErrorKind::UndefinedTable]),
            Op::Fails(_) => Effect::FailedSomehow,
            _ => self.write(rows),
        }
    }

    /// Whether a stream that writes was dropped before its end, as far as rows were read from it.
    pub(crate) fn is_cut(&self, rows: &Rows, seen: &Seen) -> bool {
        match (self, seen) {
            (Op::Pour(_, which, Some(first)), Seen::Ok(_)) => found(rows, *which).count() >= *first,
            _ => false,
        }
    }

    fn write(&self, rows: &Rows) -> Effect {
        let mut change = Change::of(rows);
        let answer = match self {
            Op::Insert(data) => {
                change.insert(data);
                Answer::Rows(change.rows.get(&data.id).cloned().into_iter().collect())
            }
            Op::InsertMany(many) => change.insert_all(many),
            Op::InsertBig(from, n) => change.insert_all(&big(*from, *n)),
            Op::InsertReturning(many) => {
                change.insert_all(many);
                Answer::Ids(many.iter().map(|data| data.id).collect())
            }
            Op::Upsert(data) => {
                change.upsert(data);
                Answer::Rows(change.rows.get(&data.id).cloned().into_iter().collect())
            }
            Op::UpsertMany(many) => {
                many.iter().for_each(|data| change.upsert(data));
                Answer::Count(many.len() as u64)
            }
            Op::Update(set, which, form) => {
                let ids: Vec<i64> = found(rows, *which).map(|row| row.id).collect();
                ids.iter().for_each(|id| change.set(*id, *set));
                let changed = ids.iter().filter_map(|id| change.rows.get(id).cloned());
                match form {
                    Form::Count => Answer::Count(ids.len() as u64),
                    Form::All => Answer::Rows(changed.collect()),
                    Form::First if ids.is_empty() => Answer::NoRowsMatched,
                    Form::First => Answer::Rows(changed.take(1).collect()),
                }
            }
            Op::UpdateMany(many) => {
                let there = many.iter().filter(|(id, _)| rows.contains_key(id));
                let n = there.map(|(id, set)| change.set(*id, *set)).count();
                Answer::Count(n as u64)
            }
            Op::Delete(which) => {
                let ids: Vec<i64> = found(rows, *which).map(|row| row.id).collect();
                change.rows.retain(|id, _| !ids.contains(id));
                Answer::Count(ids.len() as u64)
            }
            Op::Add(n, which) => Answer::Count(change.add(*n, *which)),
            Op::Pour(n, which, first) => {
                let changed = change.add(*n, *which);
                Answer::Count(first.map_or(changed, |first| changed.min(first as u64)))
            }
            Op::SlowWrite(_, which) => Answer::Count(change.add(1, *which)),
            Op::Script(data, n, which) => {
                change.insert(data);
                change.add(*n, *which);
                Answer::Done
            }
            _ => Answer::Done,
        };
        change.end(answer)
    }
}

impl Wrong {
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Wrong::Value | Wrong::ValueInMany => ErrorKind::InvalidValue,
            Wrong::Column | Wrong::ColumnInMany => ErrorKind::UndefinedColumn,
            Wrong::Table => ErrorKind::UndefinedTable,
            Wrong::NoData => ErrorKind::EmptyData,
            Wrong::NoFilter => ErrorKind::EmptyFilter,
            Wrong::Columns | Wrong::TableName | Wrong::UnusedBind => ErrorKind::InvalidQuery,
        }
    }

    /// Whether the builder says so, whatever client it is for.
    pub(crate) fn is_of_the_builder(self) -> bool {
        matches!(self, Wrong::Columns | Wrong::TableName)
    }
}

fn found(rows: &Rows, which: Which) -> impl Iterator<Item = &Record> {
    rows.values().filter(move |row| match which {
        Which::All(_) => true,
        Which::Id(id) => row.id == id,
        Which::V(_, v) => row.v == v,
    })
}

/// Rows that are being changed, and what the constraints say.
struct Change {
    rows: Rows,
    wrong: Vec<ErrorKind>,
}

impl Change {
    fn of(rows: &Rows) -> Self {
        Change {
            rows: rows.clone(),
            wrong: Vec::new(),
        }
    }

    fn end(self, answer: Answer) -> Effect {
        match self.wrong.is_empty() {
            true => Effect::Done(answer, self.rows),
            false => Effect::Failed(self.wrong),
        }
    }

    fn insert_all(&mut self, many: &[Data]) -> Answer {
        many.iter().for_each(|data| self.insert(data));
        Answer::Count(many.len() as u64)
    }

    fn insert(&mut self, data: &Data) {
        if self.rows.contains_key(&data.id) {
            self.wrong.push(ErrorKind::UniqueViolation);
        }
        let row = Record {
            id: data.id,
            v: self.not_null(data.v),
            code: data.code,
            owner: data.owner,
            late: data.late,
        };
        self.put(row);
    }

    fn upsert(&mut self, data: &Data) {
        let Some(old) = self.rows.get(&data.id).cloned() else {
            return self.insert(data);
        };
        let row = Record {
            id: data.id,
            v: self.not_null(data.v),
            code: data.code.or(old.code),
            owner: data.owner.or(old.owner),
            late: data.late.or(old.late),
        };
        self.put(row);
    }

    fn not_null(&mut self, v: Option<i64>) -> i64 {
        if v.is_none() {
            self.wrong.push(ErrorKind::NotNullViolation);
        }
        v.unwrap_or(0)
    }

    fn set(&mut self, id: i64, set: Set) {
        let Some(mut row) = self.rows.get(&id).cloned() else {
            return;
        };
        match set {
            Set::V(v) => row.v = v,
            Set::Code(code) => row.code = Some(code),
            Set::Owner(owner) => row.owner = Some(owner),
            Set::Late(late) => row.late = Some(late),
        }
        self.put(row);
    }

    fn add(&mut self, n: i64, which: Which) -> u64 {
        let rows: Vec<Record> = found(&self.rows, which).cloned().collect();
        for row in &rows {
            self.set(row.id, Set::V(row.v + n));
        }
        rows.len() as u64
    }

    fn put(&mut self, row: Record) {
        if row.v < 0 {
            self.wrong.push(ErrorKind::CheckViolation);
        }
        if !is_there(row.owner) {
            self.wrong.push(ErrorKind::ForeignKeyViolation);
        }
        let same = |other: &Record| other.id != row.id && other.code == row.code;
        if row.code.is_some() && self.rows.values().any(same) {
            self.wrong.push(ErrorKind::UniqueViolation);
        }
        self.rows.insert(row.id, row);
    }
}
