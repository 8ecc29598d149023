//! What an operation asks for, as data: one of every verb, of every way to be wrong, and of every
//! way to fail. It never runs anything.

use crate::model::Seen;

/// The part of the tables that belongs to one lane: nobody else writes its keys.
pub(crate) const RANGE: i64 = 100_000;

/// A row as an insert gives it: what is `None` is left out, but `v`, which is NULL then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Data {
    pub(crate) id: i64,
    pub(crate) v: Option<i64>,
    pub(crate) code: Option<i64>,
    pub(crate) owner: Option<i64>,
    pub(crate) late: Option<i64>,
}

impl Data {
    /// The least that the table takes.
    pub(crate) fn plain(id: i64) -> Data {
        Data {
            id,
            v: Some(0),
            code: None,
            owner: None,
            late: None,
        }
    }
}

/// Rows of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// All, from this key on.
    All(i64),
    Id(i64),
    /// Those of the lane that begins here with this `v`.
    V(i64, i64),
}

/// What an update sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    V(i64),
    Code(i64),
    Owner(i64),
    Late(i64),
}

/// What an update gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    First,
    All,
    Count,
}

/// How a stream is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Select,
    Query,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Select(Which),
    One(Which),
    Count(Which),
    Exists(Which),
    /// `SELECT *` in the caller's own text.
    Query(Which),
    /// Read to its end, or dropped after so many rows.
    Stream(Source, Which, Option<usize>),
    /// Of thousands of rows that no table has; dropped after so many.
    LongStream(usize),
    Insert(Data),
    InsertMany(Vec<Data>),
    InsertReturning(Vec<Data>),
    /// So many rows from this key on: several statements.
    InsertBig(i64, i64),
    Upsert(Data),
    UpsertMany(Vec<Data>),
    Update(Set, Which, Form),
    /// Each with its `v` or its `code`.
    UpdateMany(Vec<(i64, Set)>),
    Delete(Which),
    /// `v = v + n` in the caller's own text.
    Add(i64, Which),
    /// The same as a stream of the changed rows, read to its end, or dropped after so many.
    Pour(i64, Which, Option<usize>),
    /// Inserts a row, then adds to all of the lane.
    Script(Data, i64, Which),
    /// Takes so many milliseconds.
    SlowRead(u32),
    /// The same, and adds one to all of the lane.
    SlowWrite(u32, Which),
    Wrong(Wrong, i64),
    Fails(Fails),
}

/// What is refused before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Value,
    Column,
    Table,
    NoData,
    NoFilter,
    /// Not even the builder takes it.
    Columns,
    TableName,
    UnusedBind,
    /// In the second kind of rows.
    ValueInMany,
    ColumnInMany,
}

/// What the server refuses, whatever the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    Division,
    Syntax,
    TableInText,
    /// After some rows.
    Stream,
}

impl Op {
    /// Whether it may change rows.
    pub(crate) fn writes(&self) -> bool {
        use Op::*;
        !matches!(
            self,
            Select(_)
                | One(_)
                | Count(_)
                | Exists(_)
                | Query(_)
                | Stream(..)
                | LongStream(_)
                | SlowRead(_)
                | Fails(_)
        )
    }

    /// Whether an access mode `READ ONLY` refuses it.
    pub(crate) fn is_write(&self) -> bool {
        match self {
            Op::Wrong(wrong, _) => {
                matches!(
                    wrong,
                    Wrong::Value
                        | Wrong::Column
                        | Wrong::NoData
                        | Wrong::NoFilter
                        | Wrong::ValueInMany
                        | Wrong::ColumnInMany
                )
            }
            other => other.writes(),
        }
    }

    /// Whether nothing of a stream is left unread.
    pub(crate) fn is_read_to_its_end(&self, seen: &Seen) -> bool {
        match (self, seen) {
            (_, Seen::Dropped(_)) => false,
            (Op::Stream(_, _, first), Seen::Ok(_)) => first.is_none(),
            (Op::LongStream(_), Seen::Ok(_)) => false,
            _ => true,
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(
            self,
            Op::Stream(..) | Op::LongStream(_) | Op::Fails(Fails::Stream)
        )
    }
}

impl Which {
    /// Where the lane's keys begin.
    pub(crate) fn low(self) -> i64 {
        match self {
            Which::All(low) | Which::V(low, _) => low,
            Which::Id(id) => id - id.rem_euclid(RANGE),
        }
    }
}
