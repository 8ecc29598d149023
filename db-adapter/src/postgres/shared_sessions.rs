//! Whether a pooler gives our session to others between our transactions, although nobody said so.
//! Settings would then leak to other clients, and theirs would be ours: that is refused. It writes
//! nothing.

use std::time::Duration;

use super::connect::open_bare;
use super::connection::{Connection, backend};
use super::failure::Failure;
use crate::Error;

/// How long the second connection may take: where each connection has a session of its own, the
/// pooler may have none left for it.
const SECOND: Duration = Duration::from_secs(1);

/// An error when a second connection finds itself in the session of this one, or this one in
/// another session than before. Asked only where the server's process is older than our
/// connection, which is so behind a pooler alone.
pub(super) async fn refuse(connection: &mut Connection, limit: Duration) -> Result<(), Failure> {
    let mine = connection.backend_number();
    let settings = connection.settings().clone();
    let other = async {
        let mut other = open_bare(&settings, limit).await.ok()?;
        let theirs = backend(&mut other).await.ok();
        other.close().await;
        theirs
    };
    let theirs = tokio::time::timeout(SECOND.min(limit), other)
        .await
        .ok()
        .flatten();
    if theirs == Some(mine) || backend(connection).await? != mine {
        return Err(Error::config(
            "a pooler shares sessions between its clients, one transaction at a time",
            "set `pooler = \"transaction\"` in the profile or `ConnectOptions::pooler`, or connect to the server itself",
        )
        .into());
    }
    Ok(())
}
