//! The driver's work, without its panics: a message of the server that is cut off, as a pooler makes
//! one when it loses its server, makes the driver panic. The connection is then of no use.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_core::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::failure::Failure;

/// What the work gives; a panic is a lost connection. It comes pinned, so that it is held once.
pub(super) async fn guarded<T>(
    work: impl Future<Output = Result<T, Failure>> + Unpin,
) -> Result<T, Failure> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|panic| Err(Failure::Driver(cut_off(&*panic))))
}

/// A connection.
pub(super) async fn connected(settings: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let done = AssertUnwindSafe(settings.connect()).catch_unwind().await;
    let done = done.unwrap_or_else(|panic| Err(cut_off(&*panic)));
    done.map_err(|error| match &error {
        // the driver does not look whether there was an answer to its question for TLS
        sqlx::Error::Protocol(text) if text.contains("SSLRequest: 0x00") => {
            sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into())
        }
        _ => error,
    })
}

/// The same for rows as they come.
pub(super) fn guarded_stream<'a, T: 'a>(
    rows: BoxStream<'a, sqlx::Result<T>>,
) -> BoxStream<'a, sqlx::Result<T>> {
    let rows = AssertUnwindSafe(rows).catch_unwind();
    rows.map(|row| row.unwrap_or_else(|panic| Err(cut_off(&*panic))))
        .boxed()
}

/// The panic's own words could hold what the server sent.
fn cut_off(_: &(dyn Any + Send)) -> sqlx::Error {
    sqlx::Error::Protocol("a message of the server is cut off".to_owned())
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_lost_connection() {
        let work = pin!(async {
            let bytes: &[u8] = &[];
            Ok(bytes[..2].len())
        });
        let lost = guarded(work).await.unwrap_err();
        assert!(lost.is_lost());
        assert_eq!(guarded(pin!(async { Ok(2) })).await.ok(), Some(2));
    }

    #[tokio::test]
    async fn a_stream_ends_with_it() {
        let rows = futures_util::stream::iter([1, 0, 1])
            .map(|n| Ok(4 / n))
            .boxed();
        let rows: Vec<_> = guarded_stream(rows).collect().await;
        assert!(matches!(
            rows.as_slice(),
            [Ok(4), Err(sqlx::Error::Protocol(_))]
        ));
    }
}
