//! Whether a pooler gives our session to others between our transactions, although nobody said so.
//! Settings would then leak to other clients, and theirs would be ours: that is refused. It is asked
//! before anything is set, and changes nothing.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::timeout;

use super::connect::open_bare;
use super::connection::{Connection, backend};
use super::failure::Failure;
use crate::Error;

/// How long the second connection may take: where each connection has a session of its own, the
/// pooler may have none left for it.
const SECOND: Duration = Duration::from_secs(1);

/// How often the two are compared: other clients of the pooler may take a session meanwhile.
const ROUNDS: u32 = 2;

/// An error when a second connection finds itself in the session of this one, or this one in
/// another session than before, above all while the second one is in a transaction.
pub(super) async fn refuse(connection: &mut Connection, limit: Duration) -> Result<(), Failure> {
    let mine = backend(connection).await?;
    // a pooler that takes its sessions in turn
    stays(connection, mine).await?;
    let patience = SECOND.min(limit / 2);
    let settings = connection.settings().clone();
    let Ok(Ok(mut other)) = timeout(patience, open_bare(&settings, limit)).await else {
        return Ok(());
    };
    for _ in 0..ROUNDS {
        let Some(theirs) = answer(connection, &mut other, patience, mine).await? else {
            return Ok(()); // this one was answered although the other one waits for a session
        };
        differs(theirs, mine)?;
        begin(&mut other).await?;
        differs(backend(&mut other).await?, mine)?;
        stays(connection, mine).await?;
        other.roll_back().await?;
    }
    other.close().await;
    Ok(())
}

/// The process of the second connection; `None` when it gets none, and the first one has its own.
/// Where sessions are shared, the first one would wait behind it.
async fn answer(
    connection: &mut Connection,
    other: &mut Connection,
    patience: Duration,
    mine: u32,
) -> Result<Option<u32>, Failure> {
    let theirs = {
        let mut theirs = pin!(backend(other));
        match timeout(patience, &mut theirs).await {
            Ok(theirs) => theirs,
            Err(_) => match select(theirs, pin!(stays(connection, mine))).await {
                Either::Left((theirs, _)) => theirs,
                Either::Right((stays, _)) => return stays.map(|()| None),
            },
        }
    };
    if let Ok(theirs) = theirs {
        return Ok(Some(theirs));
    }
    // the pooler did not let it wait any longer
    stays(connection, mine).await?;
    Ok(None)
}

async fn stays(connection: &mut Connection, mine: u32) -> Result<(), Failure> {
    match backend(connection).await? == mine {
        true => Ok(()),
        false => Err(shared()),
    }
}

fn differs(theirs: u32, mine: u32) -> Result<(), Failure> {
    match theirs == mine {
        true => Err(shared()),
        false => Ok(()),
    }
}

/// A transaction on the connection that was answered just now. A pooler in statement mode refuses it.
async fn begin(other: &mut Connection) -> Result<(), Failure> {
    let begun = other.begin("BEGIN", None).await;
    begun.map_err(|failure| match failure.server().is_some() {
        true => shared(),
        false => failure,
    })
}

fn shared() -> Failure {
    Error::config(
        "a pooler shares sessions between its clients",
        "set `pooler = \"transaction\"` in the profile or `ConnectOptions::pooler` for a pooler in transaction mode, or connect to the server itself",
    )
    .into()
}
