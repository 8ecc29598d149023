//! One lane: its transaction and savepoints, and the steps that are taken on them, each reported
//! to the model.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, Isolation, Transaction};
use futures_util::StreamExt;

use crate::call::{Caller, call, seen, series};
use crate::drive::{Driven, drive, poll_in_vain};
use crate::effect::Answer;
use crate::env::Env;
use crate::model::{Allow, Event, Seen, Worlds};
use crate::op::{Op, RANGE, Which};
use crate::step::{Action, End, How, Mode};

/// What is open in a lane.
pub(crate) struct Lane {
    pub(crate) number: usize,
    pub(crate) env: Arc<Env>,
    pub(crate) worlds: Worlds,
    /// The transaction, then its savepoints.
    pub(crate) levels: Vec<Transaction>,
    mode: Mode,
}

impl Lane {
    pub(crate) fn new(number: usize, env: &Arc<Env>) -> Lane {
        Lane {
            number,
            env: Arc::clone(env),
            worlds: Worlds::new(),
            levels: Vec::new(),
            mode: Mode::Plain,
        }
    }

    /// Takes one step. Where it makes no sense, it does nothing: what is left of a sequence while
    /// it is shrunk is a sequence.
    ///
    /// # Errors
    /// What broke the model, in words.
    pub(crate) async fn take(&mut self, action: &Action) -> Result<(), String> {
        match action {
            Action::Begin { mode, how } => self.begin(*mode, *how).await,
            Action::Run { op, how } => self.run(op, *how).await,
            Action::End { end, how } => self.end(*end, *how).await,
            Action::RunOuter { up, op } => self.run_outer(*up, op).await,
            Action::EndOuter { up, end } => self.end_outer(*up, *end).await,
            Action::Behind { op, polls } => self.behind(op, *polls).await,
            Action::Closure {
                attempts,
                body,
                good,
                how,
            } => self.closure(*attempts, body, *good, *how).await,
            Action::Peek => self.peek().await,
            Action::Alter(_) | Action::Kill => Ok(()),
        }
    }

    /// Looks at its rows by the adapter, whatever is open.
    async fn peek(&mut self) -> Result<(), String> {
        // it would wait in vain
        if !self.env.parallel && self.env.is_exhausted(false) {
            return Ok(());
        }
        let all = Op::Select(Which::All(self.number as i64 * RANGE));
        let caller = self.caller(self.env.db.client(), How::Await);
        let said = seen(call(caller, &all).await);
        let allow = self.allow(false);
        self.observe("seen from outside", &Event::Peek, &said, allow)
    }

    pub(crate) fn innermost(&self) -> &dyn DatabaseClient {
        match self.levels.last() {
            Some(transaction) => transaction,
            None => self.env.db.client(),
        }
    }

    pub(crate) fn caller<'a>(&self, client: &'a dyn DatabaseClient, how: How) -> Caller<'a> {
        Caller {
            client,
            sqlite: self.env.target.is_sqlite(),
            limit: how.limit(),
        }
    }

    pub(crate) fn allow(&self, writes: bool) -> Allow {
        Allow {
            conflict: matches!(self.mode, Mode::RepeatableRead | Mode::Serializable)
                && (self.env.parallel || !self.levels.is_empty()),
            ..self.env.allow(writes)
        }
    }

    pub(crate) fn observe(
        &mut self,
        what: &str,
        event: &Event<'_>,
        seen: &Seen,
        allow: Allow,
    ) -> Result<(), String> {
        let said = match seen {
            Seen::Ok(answer) => format!("Ok: {answer:?}"),
            Seen::Err(kind, message) => format!("{kind:?}: {message}"),
            Seen::Dropped(false) => "dropped, never polled".to_owned(),
            Seen::Dropped(true) => "dropped".to_owned(),
        };
        let line = format!("lane {}: {what} -> {said}", self.number);
        self.env.note(line.clone());
        let result = self.worlds.observe(event, seen, allow);
        result.map_err(|possible| format!("{line}\n{possible}"))
    }

    pub(crate) fn opened(&mut self, mode: Mode) {
        self.mode = mode;
        self.env.open.fetch_add(1, Ordering::Relaxed);
        if mode != Mode::ReadOnly {
            self.env.writing.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn closed(&mut self) {
        self.env.open.fetch_sub(1, Ordering::Relaxed);
        if self.mode != Mode::ReadOnly {
            self.env.writing.fetch_sub(1, Ordering::Relaxed);
        }
        self.mode = Mode::Plain;
    }

    /// Waits for what was dropped, so that a snapshot that is taken now has it or never will.
    pub(crate) async fn settle(&mut self) -> Result<(), String> {
        if self.worlds.has_pending() {
            let settled = self.env.db.client().settle().await;
            match settled {
                Ok(settled) => self.env.settled(settled),
                Err(error) => return Err(format!("settle: {error}")),
            }
            self.worlds.settle();
        }
        Ok(())
    }

    pub(crate) async fn begin(&mut self, mode: Mode, how: How) -> Result<(), String> {
        if self.levels.is_empty() {
            self.settle().await?;
        }
        let mut begin = self.innermost().begin();
        begin = match mode {
            Mode::Plain => begin,
            Mode::ReadOnly => begin.read_only(),
            Mode::RepeatableRead => begin.isolation(Isolation::RepeatableRead),
            Mode::Serializable => begin.isolation(Isolation::Serializable),
        };
        if let Some(limit) = how.limit() {
            begin = begin.timeout(limit);
        }
        let driven = drive(begin.into_future(), how).await;
        let allow = self.allow(mode != Mode::ReadOnly);
        let outer = self.levels.is_empty();
        let said = match driven {
            Driven::Done(Ok(transaction)) => {
                self.levels.push(transaction);
                if outer {
                    self.opened(mode);
                }
                Seen::Ok(Answer::Done)
            }
            Driven::Done(Err(error)) => seen(Err(error)),
            Driven::Dropped(polled) => Seen::Dropped(polled),
        };
        let what = format!("begin {mode:?}{how}");
        self.observe(&what, &Event::Begin(mode, how), &said, allow)
    }

    async fn run(&mut self, op: &Op, how: How) -> Result<(), String> {
        let caller = self.caller(self.innermost(), how);
        let driven = drive(call(caller, op), how).await;
        let said = said(driven);
        if self.levels.is_empty() && said == Seen::Dropped(true) && !op.writes() {
            self.env.vague.fetch_add(1, Ordering::Relaxed);
        }
        let allow = self.allow(op.writes());
        let what = format!("{op}{how}");
        self.observe(&what, &Event::Run(op, how), &said, allow)
    }

    async fn end(&mut self, end: End, how: How) -> Result<(), String> {
        let allow = self.allow(false);
        let Some(level) = self.levels.pop() else {
            return Ok(());
        };
        let said = end_of(level, end, how).await;
        if self.levels.is_empty() {
            self.closed();
        }
        let what = format!("{end:?}{how}");
        self.observe(&what, &Event::End(end), &said, allow)
    }

    async fn run_outer(&mut self, up: usize, op: &Op) -> Result<(), String> {
        let Some(at) = self.levels.len().checked_sub(up + 1) else {
            return Ok(());
        };
        if up == 0 {
            return Ok(());
        }
        let caller = self.caller(&self.levels[at], How::Await);
        let said = seen(call(caller, op).await);
        let allow = self.allow(false);
        let what = format!("{up} up, beside the open savepoint: {op}");
        self.observe(&what, &Event::RunOuter(op), &said, allow)
    }

    /// Ends a level under its open savepoints, whose handles are tried once more and dropped.
    async fn end_outer(&mut self, up: usize, end: End) -> Result<(), String> {
        let Some(at) = self.levels.len().checked_sub(up + 1) else {
            return Ok(());
        };
        if up == 0 {
            return Ok(());
        }
        let mut inner = self.levels.split_off(at);
        let level = inner.remove(0);
        let said = end_of(level, end, How::Await).await;
        if self.levels.is_empty() {
            self.closed();
        }
        let allow = self.allow(false);
        let what = format!("{up} up, beside the open savepoint: {end:?}");
        self.observe(&what, &Event::EndOuter(up, end), &said, allow)?;
        for handle in inner {
            let count = Op::Count(Which::All(0));
            let said = seen(call(self.caller(&handle, How::Await), &count).await);
            if !matches!(said, Seen::Err(ErrorKind::TransactionEnded, _)) {
                return Err(format!(
                    "lane {}: the handle of a savepoint that went with its parent -> {said:?}\n\
                     possible was TransactionEnded",
                    self.number
                ));
            }
        }
        Ok(())
    }

    /// An operation that only ever waited aborts nothing, and neither does the stream.
    async fn behind(&mut self, op: &Op, polls: u32) -> Result<(), String> {
        if self.levels.is_empty() || !self.worlds.is_good() || self.env.killed() {
            return Ok(());
        }
        let caller = self.caller(self.innermost(), How::Await);
        let mut rows = series(caller);
        let first = rows.next().await;
        let driven = poll_in_vain(call(caller, op), polls).await;
        drop(rows);
        let what = format!("behind an open stream: {op}");
        let said = said(driven);
        let is_of_the_builder = matches!(op, Op::Wrong(wrong, _) if wrong.is_of_the_builder());
        match (first, &said) {
            (Some(Ok(_)), Seen::Dropped(_)) => {}
            (Some(Ok(_)), _) if is_of_the_builder => {}
            (first, said) => {
                return Err(format!(
                    "lane {}: {what} -> {said:?}; the stream's first row: {:?}\n\
                     possible was that it waits",
                    self.number,
                    first.map(|row| row.map(drop))
                ));
            }
        }
        let allow = self.allow(false);
        self.observe(&what, &Event::Waited, &said, allow)
    }
}

pub(crate) fn said(driven: Driven<Result<Answer, Error>>) -> Seen {
    match driven {
        Driven::Done(result) => seen(result),
        Driven::Dropped(polled) => Seen::Dropped(polled),
    }
}

pub(crate) async fn end_of(level: Transaction, end: End, how: How) -> Seen {
    let driven = match end {
        End::Commit => drive(level.commit(), how).await,
        End::Rollback => drive(level.rollback(), how).await,
        End::Drop => {
            drop(level);
            return Seen::Dropped(true);
        }
    };
    match driven {
        Driven::Done(result) => seen(result.map(|()| Answer::Done)),
        Driven::Dropped(polled) => Seen::Dropped(polled),
    }
}
