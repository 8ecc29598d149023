//! A connection on loan from the pool. It goes back by itself only when nothing is open on it and
//! nothing is under way; else it is cleaned first, and keeps its place until the server has
//! answered. So the pool cannot get back a connection with an open transaction, and an abandoned
//! statement cannot make more connections than the pool may have.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use tokio::time::timeout;

use super::cancel::Cancellable;
use super::connection::Connection;
use super::failure::Failure;
use super::guarded::guarded;
use super::loans::Loan;
use super::manager::Place;
use super::pool::Pool;
use super::snapshot::Snapshot;
use super::statement::{execute_raw, fetch_texts};
use super::token::Token;
use crate::abandoned::{Entry, Fate};
use crate::deadline::Deadline;
use crate::{Error, Result};

/// How long a statement may take to end once it was cancelled. Functions of other languages can
/// ignore the request; then the connection is closed.
const ENDING: Duration = Duration::from_secs(60);

/// The same for one that may never say that it is ready: a COPY that was dropped half-way, an answer
/// that the driver does not understand. Without its socket the server ends by itself.
const OUT_OF_STEP: Duration = Duration::from_secs(1);

/// What is under way on a connection, for the case that it is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flight {
    /// Nothing: the last answer was read.
    None,
    /// Something that only reads.
    Read,
    /// Something that may write.
    Write,
    /// Something that may commit before its end, more than once.
    Parts,
    /// The end of a transaction.
    Commit,
}

/// A connection on loan.
pub(super) struct Lease {
    /// Empty only within `drop`.
    place: Option<Place>,
    pool: Arc<Pool>,
    flight: Flight,
    /// Whether the caller knows what became of what is under way.
    told: bool,
    loan: Option<Loan>,
}

impl Lease {
    pub(super) fn new(place: Place, pool: Arc<Pool>) -> Self {
        let loan = Some(pool.loan());
        Lease {
            place: Some(place),
            pool,
            flight: Flight::None,
            told: false,
            loan,
        }
    }

    /// The connection for work, until [`Lease::landed`].
    pub(super) fn work(&mut self, flight: Flight) -> Result<&mut Connection> {
        self.flight = flight;
        match &mut self.place {
            Some(place) => {
                place.begins();
                Ok(place)
            }
            None => Err(Error::internal("a connection was used after its return")),
        }
    }

    /// The snapshot of the transaction that is open on it.
    pub(super) fn snapshot(&mut self) -> Result<&mut Snapshot> {
        match &mut self.place {
            Some(place) => Ok(place.snapshot_mut()),
            None => Err(Error::internal("a connection was used after its return")),
        }
    }

    /// The answer was read to its end.
    pub(super) fn landed(&mut self) {
        self.flight = Flight::None;
    }

    /// The connection is gone, or nobody knows its state, and the caller is told: it is closed.
    pub(super) fn lost(&mut self) {
        self.told = true;
        if let Some(place) = &mut self.place {
            place.set_lost();
        }
    }

    pub(super) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Before the next statement: what a dropped one has left is read away, so that nobody takes
    /// its answer for another's. `hurry`: it need not end well, so it is cancelled. So is a stream of
    /// something that writes, and it counts as refused: nobody has seen what it did.
    pub(super) async fn settle(&mut self, hurry: bool) -> Result<Answer, Failure> {
        let Some(place) = &mut self.place else {
            return Err(Error::internal("a connection was used after its return").into());
        };
        place.unwatch().await;
        if place.is_lost() {
            return Err(gone());
        }
        if self.flight == Flight::None {
            return Ok(Answer::Done);
        }
        place.set_torn();
        let is_given_up = place.pours_written();
        let answer = if hurry || is_given_up {
            end_of_statement(place, &self.pool).await?
        } else {
            drain(place).await?
        };
        self.flight = Flight::None;
        Ok(match is_given_up {
            true => Answer::Refused,
            false => answer,
        })
    }

    /// Whether rows were being copied when that was dropped.
    pub(super) fn is_in_copy(&self) -> bool {
        let mut place = self.place.iter();
        // of a lost connection that is told
        place.any(|place| place.is_in_copy() && !place.is_lost())
    }

    /// Whether nothing more can be done on it but to close it, which rolls back.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.place
            .as_ref()
            .is_none_or(|place| place.is_out_of_step())
    }

    fn is_clean(&self) -> bool {
        let clean = self.place.as_ref().is_none_or(|place| place.is_clean());
        clean && self.flight == Flight::None
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.is_clean() {
            // the place first: who waits for the loan's end finds the connection back
            drop(self.place.take());
            return;
        }
        let Some(place) = self.place.take() else {
            return;
        };
        let runtime = place.for_what_is_left();
        let is_open = place.is_open();
        if place.is_committing() && matches!(self.flight, Flight::Write | Flight::Parts) {
            // an operation of many statements, or behind a pooler, commits by itself
            self.flight = Flight::Commit;
        }
        if is_open && self.flight == Flight::Commit && !place.is_committing() {
            // what comes before it was under way: the COMMIT was never sent
            self.flight = Flight::Write;
        }
        let dropped = !self.told && (is_open || self.flight != Flight::None);
        let entry = dropped.then(|| self.pool.abandoned.enter());
        if let Some(loan) = &mut self.loan {
            loan.cleans();
        }
        let cleaning = Cleaning {
            place: Some(place),
            pool: Arc::clone(&self.pool),
            flight: self.flight,
            was_open: is_open,
            entry,
            _loan: self.loan.take(),
        };
        match runtime {
            Some(runtime) => drop(runtime.spawn(cleaning.run())),
            // nobody can ask the server
            None => drop(cleaning),
        }
    }
}

/// A connection that has to be cleaned before it goes back.
struct Cleaning {
    /// Empty once it has gone back or was closed.
    place: Option<Place>,
    pool: Arc<Pool>,
    flight: Flight,
    was_open: bool,
    entry: Option<Entry>,
    /// Ends last, behind the place.
    _loan: Option<Loan>,
}

impl Cleaning {
    async fn run(mut self) {
        let Some(place) = &mut self.place else {
            return;
        };
        place.unwatch().await;
        if !place.is_heard().await {
            return; // nobody would hear the answer
        }
        let cleaned = clean(place, &self.pool, self.flight).await;
        let is_clean = cleaned.is_ok() && place.is_clean();
        self.tell(cleaned.ok());
        if is_clean {
            drop(self.place.take());
        } else if let Some(place) = self.place.take() {
            Place::take(place).close().await;
        }
    }

    /// What became of it; `None` where the server has not said so.
    fn tell(&mut self, fate: Option<Fate>) {
        let fate = fate.unwrap_or(match self.flight {
            Flight::Commit => Fate::Unknown,
            // what was open, the server undoes when its connection ends
            _ if self.was_open => Fate::RolledBack,
            Flight::None | Flight::Read => Fate::OnlyRead,
            Flight::Write | Flight::Parts => Fate::Unknown,
        });
        tracing::debug!(fate = fate.as_str(), "what became of dropped work");
        if let Some(entry) = &mut self.entry {
            entry.tell(fate);
        }
    }
}

impl Drop for Cleaning {
    /// There is no runtime, or it has ended before the cleaning has: nobody asks the server any more.
    /// Without its socket it rolls back by itself.
    fn drop(&mut self) {
        if self.place.is_some() {
            self.tell(None);
        }
        if let Some(place) = self.place.take() {
            drop(Place::take(place));
        }
    }
}

/// Ends what is under way and rolls back what is open.
async fn clean(place: &mut Connection, pool: &Arc<Pool>, flight: Flight) -> Result<Fate, Failure> {
    if place.has_committed() {
        // what came after that was dropped, and is not worth a question
        place.set_lost();
        return Ok(Fate::Completed);
    }
    let answer = match flight {
        Flight::None => Answer::Done,
        _ => {
            place.set_torn();
            end_of_statement(place, pool).await?
        }
    };
    let was_open = place.is_open();
    let answer = match (flight, answer) {
        // the driver waits before it sends, and may have been dropped there
        (Flight::Commit, Answer::Done | Answer::CutShort) if was_open => {
            match is_within(place).await? {
                true => Answer::Refused,
                false => answer,
            }
        }
        _ => answer,
    };
    // a COPY that was dropped half-way ends with the connection
    if !place.is_spent() {
        if was_open {
            in_bounds(place.roll_back()).await?;
        }
        if !place.is_clean() {
            in_bounds(place.forget_statements()).await?;
        }
    }
    Ok(match (flight, answer) {
        (Flight::Commit, Answer::Done) => Fate::Completed,
        (Flight::Commit, Answer::CutShort) => Fate::Unknown,
        (Flight::Parts, Answer::Refused) if !was_open => Fate::Unknown,
        (_, Answer::Refused) => Fate::RolledBack,
        (Flight::None | Flight::Read, _) if !was_open => Fate::OnlyRead,
        _ if was_open => Fate::RolledBack,
        // nobody knows whether the statement was sent before it was dropped
        _ => Fate::Unknown,
    })
}

/// Cancels a statement, and reads what the server still says. In this order: of a statement that
/// gives rows without end, nothing would ever be read to its end, and reading what is always there
/// keeps a whole thread busy.
async fn end_of_statement(
    connection: &mut Connection,
    pool: &Arc<Pool>,
) -> Result<Answer, Failure> {
    let cancellable = Cancellable::new(Deadline::NONE);
    // should this be dropped, who has the connection then waits for the request: come late, it would
    // hit what runs on the server by then
    connection.watch(&cancellable).await;
    if !cancellable.cancel(pool).await {
        return Err(late());
    }
    let limit = match connection.is_out_of_step() {
        true => OUT_OF_STEP,
        false => ENDING,
    };
    let answer = {
        let drained = pin!(drain(connection));
        cancellable.end_by_force(pool, limit, drained).await
    };
    connection.unwatch().await;
    match answer {
        Some(Ok(Answer::Done)) if cancellable.cut_short() => Ok(Answer::CutShort),
        answer => answer.unwrap_or_else(|| Err(late())),
    }
}

/// Whether the transaction is still open, for the server: then nothing has ended it.
async fn is_within(connection: &mut Connection) -> Result<bool, Failure> {
    const NOT_WITHIN: &str = "25P01";
    const FAILED: &str = "25P02";
    if let Some(ask) = connection.token().map(Token::ask) {
        // behind a transaction pooler a savepoint would be set in whatever transaction is open by now
        return match in_bounds(fetch_texts(connection, ask)).await {
            Ok(rows) => Ok(rows.into_iter().flatten().flatten().eq(["t"])),
            Err(failure) if failure.code() == FAILED => Ok(true),
            Err(failure) => Err(failure),
        };
    }
    match in_bounds(execute_raw(
        connection,
        "SAVEPOINT db_adapter_commit".to_owned(),
    ))
    .await
    {
        Ok(_) => Ok(true),
        Err(failure) if failure.code() == FAILED => Ok(true),
        Err(failure) if failure.code() == NOT_WITHIN => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// What the server said to a dropped statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its answer came to its end.
    Done,
    /// The same, but where it was a commit, its wait for a standby may have been ended.
    CutShort,
    /// It was refused, or cancelled.
    Refused,
}

/// Reads until the server is ready.
async fn drain(connection: &mut Connection) -> Result<Answer, Failure> {
    let mut refused = false;
    loop {
        let ping = guarded(pin!(async { Ok(connection.at_any_time().ping().await?) })).await;
        match ping {
            Ok(()) if refused => return Ok(Answer::Refused),
            Ok(()) => return Ok(Answer::Done),
            Err(failure) if failure.server().is_some() && !failure.is_lost() => refused = true,
            Err(failure) => return Err(failure),
        }
    }
}

/// What the work gives, unless the server takes too long: nothing that ends a connection waits for it
/// without end.
pub(super) async fn in_bounds<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(ENDING, work).await.unwrap_or_else(|_| Err(late()))
}

/// What is said of a connection that was lost before.
pub(super) fn gone() -> Failure {
    let error = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    Failure::Driver(sqlx::Error::Io(error))
}

fn late() -> Failure {
    let error = std::io::Error::from(std::io::ErrorKind::TimedOut);
    Failure::Driver(sqlx::Error::Io(error))
}
