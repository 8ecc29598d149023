//! Whether a pooler gives our session to others between our transactions, although nobody said so.
//! Settings would then leak to other clients, and theirs would be ours: that is refused, and so is a
//! pooler that does not let us find out. It is asked before anything is set, and changes nothing.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::timeout;

use super::connect::open_bare;
use super::connection::{Begin, Connection, no_transactions};
use super::failure::Failure;
use super::statement::backend;
use crate::Error;

/// How long the second connection may wait for its session before the first one is asked whether
/// it still has its own: where each connection has one, the pooler may have none left.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the two are compared: other clients of the pooler may take a session meanwhile.
const ROUNDS: u32 = 2;

/// The servers and poolers that give each connection a session of its own, as was found out or is
/// declared.
pub(super) struct Unshared {
    /// What the user says of the pooler decides where it cannot be found out.
    is_declared: bool,
    found: Mutex<Vec<String>>,
}

impl Unshared {
    pub(super) fn new(is_declared: bool) -> Self {
        Unshared {
            is_declared,
            found: Mutex::default(),
        }
    }

    /// An error when the session of the connection is shared, or may be. Each server is asked once.
    pub(super) async fn check(
        &self,
        connection: &mut Connection,
        limit: Duration,
    ) -> Result<(), Failure> {
        let server = connection.server().to_owned();
        if self.found().contains(&server) {
            return Ok(());
        }
        let found = match find_out(connection, limit).await {
            Ok(found) => found,
            Err(Broken::Shared) => return Err(why_shared(connection).await),
            Err(Broken::Failed(failure)) => return Err(failure),
        };
        match found {
            Found::Nothing if !self.is_declared => return Err(unknown()),
            // the question may take seconds, and is not asked again by each connection
            Found::Own | Found::Nothing => self.found().push(server),
        }
        Ok(())
    }

    fn found(&self) -> MutexGuard<'_, Vec<String>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Found {
    /// Each connection has a session of its own.
    Own,
    /// There was no second connection to compare with.
    Nothing,
}

/// Why nothing was found out.
enum Broken {
    /// Sessions are shared.
    Shared,
    Failed(Failure),
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Broken::Failed(failure)
    }
}

/// An error when a second connection finds itself in the session of this one, or this one in
/// another session than before, above all while the second one is in a transaction.
async fn find_out(connection: &mut Connection, limit: Duration) -> Result<Found, Broken> {
    let mine = backend(connection).await?;
    // a pooler that takes its sessions in turn
    stays(connection, mine).await?;
    let settings = connection.settings().clone();
    // half of the time, so that there is some left for the questions
    let Ok(Ok(mut other)) = timeout(limit / 2, open_bare(&settings, limit)).await else {
        return Ok(Found::Nothing);
    };
    for _ in 0..ROUNDS {
        let theirs = match answer(connection, &mut other, PATIENCE.min(limit / 4), mine).await? {
            Answer::Process(theirs) => theirs,
            Answer::Waits => return Ok(Found::Own),
            Answer::Refused => return Ok(Found::Nothing),
        };
        differs(theirs, mine)?;
        begin(&mut other).await?;
        differs(backend(&mut other).await?, mine)?;
        stays(connection, mine).await?;
        other.roll_back().await?;
    }
    other.close().await;
    Ok(Found::Own)
}

/// What became of the question to the second connection.
enum Answer {
    /// The process of its session.
    Process(u32),
    /// The first connection was answered by its own session although the second one waits for one.
    /// Where sessions are shared, the first one would wait behind it.
    Waits,
    /// The pooler refused it, or did not let it wait any longer.
    Refused,
}

async fn answer(
    connection: &mut Connection,
    other: &mut Connection,
    patience: Duration,
    mine: u32,
) -> Result<Answer, Broken> {
    let mut theirs = pin!(backend(other));
    let theirs = match timeout(patience, &mut theirs).await {
        Ok(theirs) => theirs,
        Err(_) => match select(theirs, pin!(stays(connection, mine))).await {
            Either::Left((theirs, _)) => theirs,
            Either::Right((stays, _)) => return stays.map(|()| Answer::Waits),
        },
    };
    Ok(theirs.map_or(Answer::Refused, Answer::Process))
}

async fn stays(connection: &mut Connection, mine: u32) -> Result<(), Broken> {
    match backend(connection).await? == mine {
        true => Ok(()),
        false => Err(Broken::Shared),
    }
}

fn differs(theirs: u32, mine: u32) -> Result<(), Broken> {
    match theirs == mine {
        true => Err(Broken::Shared),
        false => Ok(()),
    }
}

/// A transaction on the connection that was answered just now. Where the pooler refuses it, it shares sessions.
async fn begin(other: &mut Connection) -> Result<(), Broken> {
    begun(other)
        .await
        .map_err(|failure| match failure.server() {
            Some(_) => Broken::Shared,
            None => Broken::Failed(failure),
        })
}

async fn begun(connection: &mut Connection) -> Result<(), Failure> {
    let begin = Begin {
        sql: "BEGIN".to_owned(),
        read_only: false,
        repeats_reads: None,
    };
    connection.begin(&begin, None).await
}

/// What to do about it depends on what the pooler says to a transaction.
async fn why_shared(connection: &mut Connection) -> Failure {
    match begun(connection).await {
        Err(failure) if failure.is_of_statement_pooler() => no_transactions().into(),
        Err(failure) if failure.server().is_none() => failure,
        Ok(()) => match connection.roll_back().await {
            Ok(()) => shared(),
            Err(failure) => failure,
        },
        Err(_) => shared(),
    }
}

fn shared() -> Failure {
    Error::config(
        "a pooler shares sessions between its clients",
        "set `pooler = \"transaction\"` in the profile or `ConnectOptions::pooler` for a pooler in transaction mode, or connect to the server itself",
    )
    .into()
}

fn unknown() -> Failure {
    Error::config(
        "whether a pooler shares sessions between its clients could not be found out: it allowed no second connection",
        "allow a second connection, or set `pooler` in the profile or `ConnectOptions::pooler` to the mode of the pooler: `\"session\"` or `\"transaction\"`",
    )
    .into()
}
