//! The closure forms of a transaction: what happened inside is written down while it happens, and
//! reported to the model afterwards, attempt by attempt.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, Result, Tx};

use crate::call::{Caller, call, seen};
use crate::drive::{Driven, drive};
use crate::effect::Answer;
use crate::lane::{Lane, end_of, said};
use crate::model::{Allow, Event, Seen};
use crate::step::{End, How, Inner, Mode};

/// What one run of the closure did.
#[derive(Debug, Default)]
struct Attempt {
    took: Vec<(Took, Seen)>,
    /// How it ended; nothing when it was dropped half-way.
    result: Option<Result<(), ErrorKind>>,
}

#[derive(Debug, Clone, Copy)]
enum Took {
    Savepoint,
    /// The operation of this place in the body.
    Op(usize),
    End(End),
}

type Log = Arc<Mutex<Vec<Attempt>>>;

fn open(log: &Log) -> MutexGuard<'_, Vec<Attempt>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(log: &Log, took: Took, seen: &Seen) {
    if let Some(attempt) = open(log).last_mut() {
        attempt.took.push((took, seen.clone()));
    }
}

/// The closure.
async fn work(tx: Tx, body: Vec<Inner>, good: bool, sqlite: bool, log: Log) -> Result<()> {
    open(&log).push(Attempt::default());
    let mut result = Ok(());
    for (at, inner) in body.iter().enumerate() {
        if let Err(error) = one(&tx, at, inner, sqlite, &log).await
            && !inner.caught
        {
            result = Err(error);
            break;
        }
    }
    if result.is_ok() && !good {
        result = Err(Error::invalid_query("the closure's own error", ""));
    }
    if let Some(attempt) = open(&log).last_mut() {
        attempt.result = Some(result.as_ref().copied().map_err(Error::kind));
    }
    result
}

async fn one(tx: &Tx, at: usize, inner: &Inner, sqlite: bool, log: &Log) -> Result<()> {
    let savepoint = match inner.savepoint {
        None => None,
        Some(_) => {
            let begun = tx.begin().await;
            let said = seen(begun.as_ref().map(|_| Answer::Done).map_err(Clone::clone));
            note(log, Took::Savepoint, &said);
            Some(begun?)
        }
    };
    let client: &dyn DatabaseClient = match &savepoint {
        Some(savepoint) => savepoint,
        None => tx,
    };
    let caller = Caller {
        client,
        sqlite,
        limit: inner.how.limit(),
    };
    let driven = drive(call(caller, &inner.op), inner.how).await;
    let result = match &driven {
        Driven::Done(Err(error)) if !matches!(seen(Err(error.clone())), Seen::Ok(_)) => {
            Err(error.clone())
        }
        _ => Ok(()),
    };
    note(log, Took::Op(at), &said(driven));
    if let (Some(savepoint), Some(end)) = (savepoint, inner.savepoint) {
        // an error that is not ignored drops it
        let end = match result.is_err() && !inner.caught {
            true => End::Drop,
            false => end,
        };
        let ended = end_of(savepoint, end, How::Await).await;
        note(log, Took::End(end), &ended);
    }
    result
}

impl Lane {
    pub(crate) async fn closure(
        &mut self,
        attempts: Option<u32>,
        body: &[Inner],
        good: bool,
        how: How,
    ) -> Result<(), String> {
        let outer = self.levels.is_empty();
        if outer {
            self.settle().await?;
        }
        let log = Log::default();
        let sqlite = self.env.target.is_sqlite();
        let closure = {
            let (log, body) = (Arc::clone(&log), body.to_vec());
            move |tx: Tx| work(tx, body.clone(), good, sqlite, Arc::clone(&log))
        };
        let mode = match attempts {
            Some(_) => Mode::Serializable,
            None => Mode::Plain,
        };
        let exhausted = self.allow(true);
        if outer {
            self.opened(mode);
        }
        let client = self.innermost();
        let driven = match attempts {
            None => drive(client.transaction(closure), how).await,
            Some(n) => drive(client.transaction_retrying(n, closure), how).await,
        };
        let attempts = std::mem::take(&mut *open(&log));
        let mut allow = self.allow(true);
        allow.exhausted = exhausted.exhausted;
        let result = self.report(mode, body, how, attempts, driven, allow);
        if outer {
            self.closed();
        }
        result
    }

    fn report(
        &mut self,
        mode: Mode,
        body: &[Inner],
        how: How,
        attempts: Vec<Attempt>,
        driven: Driven<Result<()>>,
        allow: Allow,
    ) -> Result<(), String> {
        let begin = Event::Begin(mode, How::Await);
        let mut last = None;
        let count = attempts.len();
        for (at, attempt) in attempts.into_iter().enumerate() {
            let begun = Seen::Ok(Answer::Done);
            self.observe("closure begins", &begin, &begun, allow)?;
            let mut inside = 0;
            for (took, said) in &attempt.took {
                let (what, event) = match took {
                    Took::Savepoint => {
                        inside += usize::from(matches!(said, Seen::Ok(_)));
                        ("begin".to_owned(), Event::Begin(Mode::Plain, How::Await))
                    }
                    Took::Op(at) => {
                        let inner = &body[*at];
                        let what = format!("{}{}", inner.op, inner.how);
                        (what, Event::Run(&inner.op, inner.how))
                    }
                    Took::End(end) => {
                        inside -= 1;
                        (format!("{end:?}"), Event::End(*end))
                    }
                };
                self.observe(&format!("in the closure: {what}"), &event, said, allow)?;
            }
            if at + 1 < count {
                self.retried(&attempt, allow)?;
            } else {
                last = Some((attempt, inside));
            }
        }
        let said = said(match driven {
            Driven::Done(result) => Driven::Done(result.map(|()| Answer::Done)),
            Driven::Dropped(polled) => Driven::Dropped(polled),
        });
        let Some((attempt, inside)) = last else {
            return self.observe(&format!("closure{how}"), &begin, &said, allow);
        };
        self.ended(&attempt, inside, &said, allow)
    }

    /// After an attempt that was not the last.
    fn retried(&mut self, attempt: &Attempt, allow: Allow) -> Result<(), String> {
        match attempt.result {
            Some(Ok(())) => {
                let conflict = "the commit conflicted".to_owned();
                let said = Seen::Err(ErrorKind::SerializationFailure, conflict);
                let event = Event::End(End::Commit);
                self.observe("commit of an attempt", &event, &said, allow)
            }
            Some(Err(kind)) if is_retryable(kind) => {
                let event = Event::End(End::Drop);
                self.observe(
                    "rollback of an attempt",
                    &event,
                    &Seen::Dropped(true),
                    allow,
                )
            }
            _ => Err(format!(
                "lane {}: the closure is run again after {:?}",
                self.number, attempt.result
            )),
        }
    }

    /// After the last attempt.
    fn ended(
        &mut self,
        attempt: &Attempt,
        inside: usize,
        said: &Seen,
        allow: Allow,
    ) -> Result<(), String> {
        let commit = Event::End(End::Commit);
        match (&attempt.result, said) {
            (Some(Ok(())), said) => self.observe("closure commits", &commit, said, allow),
            (Some(Err(kind)), Seen::Err(said, _)) if kind != said && !is_retryable(*kind) => {
                Err(format!(
                    "lane {}: the closure gave {kind:?}, its caller got {said:?}",
                    self.number
                ))
            }
            (Some(Err(_)), Seen::Ok(Answer::Done)) => Err(format!(
                "lane {}: the closure gave an error, its caller got Ok",
                self.number
            )),
            // dropped while it rolls back
            (Some(Err(_)), Seen::Dropped(true)) if inside == 0 => {
                let rollback = Event::End(End::Rollback);
                self.observe("closure rolls back", &rollback, said, allow)
            }
            (_, said) => {
                let event = match inside {
                    0 => Event::End(End::Drop),
                    up => Event::EndOuter(up, End::Drop),
                };
                self.observe("closure is undone", &event, said, allow)
            }
        }
    }
}

/// Whether the whole transaction may be run again.
fn is_retryable(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::SerializationFailure | ErrorKind::SchemaChanged
    )
}
