//! From a URL to a connection: how one is made, and what a failed attempt means.

use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::connection::Connection;
use super::error::{Context, explain, target};
use super::error_words::CHECK_NETWORK;
use super::failure::Failure;
use super::session_settings::SessionSettings;
use super::url::parameters;
use crate::{ConnectOptions, Error, Pooler, Result};

/// Prepared statements kept for each connection: dicts make many texts.
const STATEMENTS: usize = 500;

/// The driver's settings for a URL. No error shows any part of it but the name of a parameter.
pub(super) fn settings(options: &ConnectOptions) -> Result<PgConnectOptions> {
    options.url.check()?;
    if !matches!(options.url.scheme().as_str(), "postgres" | "postgresql") {
        return Err(Error::config(
            "the URL is not one of PostgreSQL",
            "write `postgresql://user:password@host:5432/database`",
        ));
    }
    let parameters = parameters(options.url.expose())?;
    if parameters.has_options && options.pooler == Pooler::Transaction {
        return Err(Error::config(
            "`options` in the database URL are refused by transaction poolers",
            "use the setting `schema`, or time-outs of the profile",
        ));
    }
    // the driver's message could show a part of the URL
    let mut parsed = PgConnectOptions::from_str(&parameters.url).map_err(|_| {
        Error::config(
            "the URL of the database cannot be read",
            "write `postgresql://user:password@host:5432/database`, and special characters in the password as `%40` for `@`, `%2F` for `/`, `%23` for `#`, `%3F` for `?`",
        )
    })?;
    if let Some(mode) = parameters.ssl_mode {
        parsed = parsed.ssl_mode(mode);
    }
    if let Some(root) = parameters.root_certificate {
        parsed = parsed.ssl_root_cert(root);
    }
    if parsed.get_socket().is_some() || parsed.get_host().starts_with('/') {
        // the kernel connects the two: there is nobody to hide from
        parsed = parsed.ssl_mode(PgSslMode::Disable);
    }
    let address = parsed.get_host().trim_matches(['[', ']']).to_owned();
    if address.len() < parsed.get_host().len() {
        // certificates name an IPv6 address without brackets
        parsed = parsed.host(&address);
    }
    let parsed = match parsed.get_application_name() {
        Some(_) => parsed,
        None => parsed.application_name("db-adapter"),
    };
    // poolers refuse a start-up with settings that they do not know: ours are made after it
    let parsed = parsed.disable_statement_logging().extra_float_digits(None);
    Ok(match options.pooler {
        Pooler::None => parsed.statement_cache_capacity(STATEMENTS),
        Pooler::Transaction => parsed,
    })
}

/// How long connecting may take: as the caller says, else the URL.
pub(super) fn connect_timeout(options: &ConnectOptions) -> Result<Duration> {
    let asked = options.connect_timeout;
    if asked != ConnectOptions::new("").connect_timeout {
        return Ok(asked);
    }
    let parameters = parameters(options.url.expose())?;
    Ok(parameters.connect_timeout.unwrap_or(asked))
}

/// How connections are made: one after another, all alike.
pub(super) struct Plan {
    settings: PgConnectOptions,
    session: SessionSettings,
    /// Whether a transaction pooler is between us and the server, so that sessions are not ours.
    is_pooled: bool,
    limit: Duration,
    /// Host and port, for messages.
    target: String,
}

impl Plan {
    pub(super) fn new(options: &ConnectOptions) -> Result<Self> {
        let settings = settings(options)?;
        Ok(Plan {
            target: target(&settings),
            settings,
            session: SessionSettings::new(options),
            is_pooled: options.pooler == Pooler::Transaction,
            limit: connect_timeout(options)?,
        })
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    pub(super) fn session(&self) -> &SessionSettings {
        &self.session
    }

    /// A connection that is ready for use.
    pub(super) async fn open(&self) -> Result<Connection> {
        let open = async {
            let mut connection = self.open_bare().await?;
            if !self.is_pooled {
                let set_up = connection.set_up(&self.session).await;
                set_up.map_err(|failure| self.refused(&failure))?;
            }
            Ok(connection)
        };
        self.in_time(open).await
    }

    /// A connection without settings, for a request that needs none.
    pub(super) async fn open_bare(&self) -> Result<Connection> {
        let connect = async {
            let connected = Box::pin(self.settings.connect()).await;
            connected.map_err(|error| self.refused(&Failure::Driver(error)))
        };
        let conn = self.in_time(connect).await?;
        Ok(Connection::new(conn, !self.is_pooled))
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let limit = self.limit;
        match tokio::time::timeout(limit, work).await {
            Ok(result) => result,
            Err(_) => Err(Error::connection(
                &self.target,
                format!("the server did not answer within {limit:?}"),
                CHECK_NETWORK,
            )),
        }
    }

    fn refused(&self, failure: &Failure) -> Error {
        let context = Context {
            operation: "connect",
            table: None,
            sent: None,
            target: &self.target,
            may_have_written: false,
        };
        explain(failure, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        settings(&ConnectOptions::new(url)).unwrap_err().to_string()
    }

    #[test]
    fn no_part_of_a_url_is_shown() {
        for url in [
            "mysql://u:secret@h/db",
            "postgresql://u:sec/ret@h:port/db",
            "postgresql://u:secret@h:99999/db",
            "postgresql://u:x?secret@h/db",
            "postgresql://u:p@h/db?sslmode=secret",
        ] {
            let error = error(url);
            assert!(
                !error.contains("secret") && !error.contains("ret@"),
                "{error}"
            );
            assert!(error.contains("hint"), "{error}");
        }
    }

    #[test]
    fn parameters_of_other_clients_are_fine_and_slips_are_not() {
        let url =
            "postgresql://u:p@h/db?channel_binding=require&sslmode=disable&connect_timeout=10";
        assert!(settings(&ConnectOptions::new(url)).is_ok());
        for (parameters, expected) in [
            ("sslmod=disable", "`sslmode`"),
            ("frobnicate=secret", "`frobnicate`"),
            ("target_session_attrs=read-write", "`target_session_attrs`"),
            ("host=a,b", "several hosts"),
            ("sslrootcert=/none/secret", "`sslrootcert`"),
            ("sslmode=secret", "`verify-full`"),
            ("connect_timeout=secret", "seconds"),
            ("requirepeer=secret", "`requirepeer`"),
        ] {
            let error = error(&format!("postgresql://u:p@h/db?{parameters}"));
            assert!(
                error.contains(expected) && !error.contains("secret"),
                "{error}"
            );
        }
        assert!(error("postgresql://u:p@h:1,h2:2/db").contains("several hosts"));
        let waits = |url: &str| connect_timeout(&ConnectOptions::new(url)).unwrap();
        assert_eq!(waits("postgresql://h/db"), Duration::from_secs(10));
        assert_eq!(
            waits("postgresql://h/db?connect_timeout=3"),
            Duration::from_secs(3)
        );
    }
}
