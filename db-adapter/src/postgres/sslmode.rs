//! One connection to one server, encrypted as far as `sslmode` asks for it and the server allows
//! it. The driver knows neither `allow` nor the way back from a failed handshake.

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use super::error_connect::target;
use super::guarded::connected;
use super::mark::Mark;

/// A connection, and the settings that it was made with: of which server, with TLS or without.
pub(super) struct Reached {
    pub(super) conn: PgConnection,
    pub(super) settings: PgConnectOptions,
    /// What its session has if it is really its own.
    pub(super) mark: Option<Mark>,
}

/// One connection, encrypted as far as `sslmode` asks for it and the server allows it: `prefer`
/// goes on without TLS and `allow` with it, each over a second connection.
pub(super) async fn connect(settings: &PgConnectOptions) -> sqlx::Result<Reached> {
    let error = match connected(settings).await {
        Ok(conn) => {
            let settings = settings.clone();
            return Ok(Reached {
                conn,
                settings,
                mark: None,
            });
        }
        Err(error) => error,
    };
    let other = match settings.get_ssl_mode() {
        PgSslMode::Prefer if no_handshake(&error) || refused_unasked(&error) => PgSslMode::Disable,
        PgSslMode::Allow if refused_unasked(&error) => PgSslMode::Require,
        _ => return Err(error),
    };
    let settings = settings.clone().ssl_mode(other);
    match connected(&settings).await {
        Ok(conn) => {
            if no_handshake(&error) {
                tracing::warn!(
                    target = target(&settings),
                    "the connection is not encrypted: TLS failed, and `sslmode` is `prefer`"
                );
            }
            Ok(Reached {
                conn,
                settings,
                mark: None,
            })
        }
        // the server wants the one kind, and the failure of that kind is the cause
        Err(second) if refused_unasked(&second) || no_tls_there(&second) => Err(error),
        Err(second) => Err(second),
    }
}

/// Whether TLS did not come about. A server or something before it may also just hang up.
fn no_handshake(error: &sqlx::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidData, UnexpectedEof};
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            InvalidData | UnexpectedEof | ConnectionReset | ConnectionAborted
        ),
        _ => false,
    }
}

/// Whether the server has no TLS at all.
fn no_tls_there(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Tls(_))
}

/// Whether the server does not let the user in by this kind of connection (28000). A wrong
/// password (28P01) is not sent again in the clear.
fn refused_unasked(error: &sqlx::Error) -> bool {
    code(error).as_deref() == Some("28000")
}

/// The SQLSTATE of a server's answer.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(String::from)
}
