//! Steps and operations in words, for the list that is printed when a sequence fails.

use std::fmt;

use crate::op::{Data, Op, RANGE, Set, Which};
use crate::step::{Action, Alter, How, Inner, Plan, Step};

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::All(low) => write!(f, "id >= {low}, id < {}", low + RANGE),
            Which::Id(id) => write!(f, "id = {id}"),
            Which::V(low, v) => write!(f, "id >= {low}, id < {}, v = {v}", low + RANGE),
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Set::V(v) => write!(f, "v: {v}"),
            Set::Code(code) => write!(f, "code: {code}"),
            Set::Owner(owner) => write!(f, "owner: {owner}"),
            Set::Late(late) => write!(f, "late: {late}"),
        }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{id: {}", self.id)?;
        match self.v {
            Some(v) => write!(f, ", v: {v}")?,
            None => write!(f, ", v: NULL")?,
        }
        for (name, value) in [
            ("code", self.code),
            ("owner", self.owner),
            ("late", self.late),
        ] {
            if let Some(value) = value {
                write!(f, ", {name}: {value}")?;
            }
        }
        write!(f, "}}")
    }
}

struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Select(which) => write!(f, "select where {which}"),
            Op::One(which) => write!(f, "select one where {which}"),
            Op::Count(which) => write!(f, "count where {which}"),
            Op::Exists(which) => write!(f, "exists where {which}"),
            Op::Query(which) => write!(f, "query `SELECT *` where {which}"),
            Op::Stream(source, which, None) => write!(f, "stream of a {source:?} where {which}"),
            Op::Stream(source, which, Some(rows)) => {
                write!(
                    f,
                    "stream of a {source:?} where {which}, dropped after {rows} rows"
                )
            }
            Op::LongStream(rows) => {
                write!(f, "stream of 20000 rows, dropped after {rows} of them")
            }
            Op::Insert(data) => write!(f, "insert {data}"),
            Op::InsertMany(rows) => write!(f, "insert_many {}", List(rows)),
            Op::InsertReturning(rows) => write!(f, "insert_many returning id {}", List(rows)),
            Op::InsertBig(from, n) => {
                write!(f, "insert_many of {n} rows of two kinds from id {from} on")
            }
            Op::Upsert(data) => write!(f, "upsert {data}"),
            Op::UpsertMany(rows) => write!(f, "upsert_many {}", List(rows)),
            Op::Update(set, which, form) => {
                write!(f, "update, giving {form:?}, {set} where {which}")
            }
            Op::UpdateMany(rows) => {
                write!(f, "update_many")?;
                rows.iter()
                    .try_for_each(|(id, set)| write!(f, " {{id: {id}, {set}}}"))
            }
            Op::Delete(which) => write!(f, "delete where {which}"),
            Op::Pour(n, which, first) => {
                write!(
                    f,
                    "stream of `UPDATE t SET v = v + {n} .. RETURNING id` where {which}"
                )?;
                match first {
                    Some(rows) => write!(f, ", dropped after {rows} rows"),
                    None => Ok(()),
                }
            }
            Op::Add(n, which) => write!(f, "execute `UPDATE t SET v = v + {n}` where {which}"),
            Op::Script(data, n, which) => {
                write!(
                    f,
                    "execute_script: insert {data}; update v = v + {n} where {which}"
                )
            }
            Op::SlowRead(ms) => write!(f, "query that takes {ms} ms"),
            Op::SlowWrite(ms, which) => {
                write!(f, "update v = v + 1 that takes {ms} ms where {which}")
            }
            Op::Wrong(wrong, _) => write!(f, "a call with a mistake: {wrong:?}"),
            Op::Fails(fails) => write!(f, "a query that fails: {fails:?}"),
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            How::Await => Ok(()),
            How::Polls { count, woken } => {
                let when = if *woken {
                    " when it is woken again"
                } else {
                    ""
                };
                write!(f, "; dropped after {count} polls{when}")
            }
            How::Elapse(us) => write!(f, "; dropped after {us} us"),
            How::Within(us) => write!(f, "; .timeout({us} us)"),
        }
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(end) = self.savepoint {
            write!(f, "in a savepoint that ends with {end:?}: ")?;
        }
        let caught = if self.caught { "; error ignored" } else { "" };
        write!(f, "{}{}{caught}", self.op, self.how)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Begin { mode, how } => write!(f, "begin {mode:?}{how}"),
            Action::Run { op, how } => write!(f, "{op}{how}"),
            Action::End { end, how } => write!(f, "{end:?}{how}"),
            Action::RunOuter { up, op } => write!(f, "{up} up, beside the open savepoint: {op}"),
            Action::EndOuter { up, end } => {
                write!(f, "{up} up, beside the open savepoint: {end:?}")
            }
            Action::Behind { op, polls } => {
                write!(
                    f,
                    "behind an open stream: {op}; dropped after {polls} polls"
                )
            }
            Action::Closure {
                attempts,
                body,
                good,
                how,
            } => {
                match attempts {
                    None => write!(f, "transaction(..)")?,
                    Some(n) => write!(f, "transaction_retrying({n}, ..)")?,
                }
                write!(f, "{how} {{")?;
                body.iter()
                    .try_for_each(|inner| write!(f, "\n        {inner}"))?;
                let end = if *good { "Ok" } else { "an error" };
                write!(f, "\n        ends with {end} }}")
            }
            Action::Alter(Alter::Add) => write!(f, "another session: ADD COLUMN"),
            Action::Alter(Alter::Drop) => write!(f, "another session: DROP COLUMN"),
            Action::Alter(Alter::Rename) => write!(f, "another session: RENAME COLUMN note"),
            Action::Alter(Alter::RetypeNote(to)) => {
                write!(f, "another session: ALTER COLUMN note TYPE {to}")
            }
            Action::Alter(Alter::RetypeV(to)) => {
                write!(f, "another session: ALTER COLUMN v TYPE {to}")
            }
            Action::Peek => write!(f, "its rows, seen from outside"),
            Action::Kill => write!(f, "another session terminates every backend"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Action::Alter(_) | Action::Kill => write!(f, "{}", self.action),
            _ => write!(f, "lane {}: {}", self.lane, self.action),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.parallel {
            "each lane a task"
        } else {
            "one step after the other"
        };
        writeln!(
            f,
            "{}, max_connections {}, {mode}",
            self.target, self.connections
        )?;
        for (at, step) in self.steps.iter().enumerate() {
            writeln!(f, "  {:>2}. {step}", at + 1)?;
        }
        Ok(())
    }
}
