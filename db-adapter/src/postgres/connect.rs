//! From a URL to a connection: how one is made, and what a failed attempt means.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::attempts::{Attempt, Attempts, silent};
use super::connection::{Begin, Connection};
use super::deferred::Deferred;
use super::error::{Context, explain};
use super::error_connect::target;
use super::failure::Failure;
use super::guarded::connected;
use super::mark::Mark;
use super::reach::{Targets, is_wanted, reach};
use super::session_settings::SessionSettings;
use super::shared_sessions::Unshared;
use super::sslmode::Reached;
use super::url::{Parameters, parameters};
use crate::url_hosts::Place;
use crate::{ConnectOptions, Error, Pooler, Result};

/// Prepared statements kept for each connection: dicts make many texts.
const STATEMENTS: usize = 500;

/// How much older than our connection its session may seem: the clocks of two programs are read
/// one after the other.
const SLACK: Duration = Duration::from_millis(500);

/// The servers of a URL, with the driver's settings for each. No error shows any part of the URL
/// but the name of a parameter.
pub(super) fn targets(options: &ConnectOptions) -> Result<Targets> {
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
    let servers = parameters.places.iter();
    let servers: Result<_> = servers
        .map(|place| settings(options, &parameters, place))
        .collect();
    let targets = Targets::new(servers?, parameters.wanted, parameters.shuffled);
    Ok(match options.pooler {
        Pooler::None | Pooler::Session => targets.marking(),
        Pooler::Transaction => targets,
    })
}

/// The driver's settings for one of the servers.
fn settings(
    options: &ConnectOptions,
    parameters: &Parameters,
    place: &Place,
) -> Result<PgConnectOptions> {
    // the driver's message could show a part of the URL
    let mut parsed = PgConnectOptions::from_str(&parameters.url_of(place)).map_err(|_| {
        Error::config(
            "the URL of the database cannot be read",
            "write `postgresql://user:password@host:5432/database`, and special characters in the password as `%40` for `@`, `%2F` for `/`, `%23` for `#`, `%3F` for `?`",
        )
    })?;
    if let Some(mode) = parameters.ssl_mode {
        parsed = parsed.ssl_mode(mode);
    }
    if let Some(root) = &parameters.root_certificate {
        parsed = parsed.ssl_root_cert(root);
    }
    if parsed.get_socket().is_some() || parsed.get_host().starts_with('/') {
        // the kernel connects the two: there is nobody to hide from
        parsed = parsed.ssl_mode(PgSslMode::Disable);
    }
    if let Some(name) = &options.database {
        parsed = parsed.database(name);
    }
    let parsed = match parsed.get_application_name() {
        Some(_) => parsed,
        None => parsed.application_name("db-adapter"),
    };
    // poolers refuse a start-up with settings that they do not know: ours are made after it
    let parsed = parsed.disable_statement_logging().extra_float_digits(None);
    Ok(match options.pooler {
        Pooler::None | Pooler::Session => parsed.statement_cache_capacity(STATEMENTS),
        Pooler::Transaction => parsed,
    })
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long connecting may take: as the caller says, else the URL.
pub(super) fn connect_timeout(options: &ConnectOptions) -> Result<Duration> {
    if let Some(asked) = options.connect_timeout {
        return Ok(asked);
    }
    let parameters = parameters(options.url.expose())?;
    Ok(parameters.connect_timeout.unwrap_or(CONNECT_TIMEOUT))
}

/// How connections are made: one after another, all alike.
pub(super) struct Plan {
    targets: Targets,
    session: SessionSettings,
    /// Whether a transaction pooler is between us and the server, so that sessions are not ours.
    is_pooled: bool,
    /// Behind other poolers it is found out whether our sessions are shared.
    unshared: Unshared,
    /// What waits for commits in the database.
    deferred: Arc<Deferred>,
    /// For each server.
    limit: Duration,
    /// Hosts and ports, for messages.
    target: String,
}

impl Plan {
    pub(super) fn new(options: &ConnectOptions) -> Result<Self> {
        let targets = targets(options)?;
        Ok(Plan {
            target: targets.shown(),
            targets,
            session: SessionSettings::new(options),
            is_pooled: options.pooler == Pooler::Transaction,
            unshared: Unshared::new(options.pooler == Pooler::Session),
            deferred: Arc::default(),
            limit: connect_timeout(options)?,
        })
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// Whether the URL asks for a server that can be written. Sessions of ours that only read say
    /// nothing about their server.
    pub(super) fn wants_writes(&self) -> bool {
        self.targets.wants_writes() && !self.session.is_read_only()
    }

    /// Whether the server of a connection is still the wanted one.
    pub(super) async fn can_be_written(&self, connection: &mut Connection) -> bool {
        is_wanted(&self.targets, connection.at_any_time(), self.limit).await
    }

    pub(super) fn session(&self) -> &SessionSettings {
        &self.session
    }

    /// What attempts to connect have come to, for somebody who waits so long.
    pub(super) fn attempts(&self, wait: Duration) -> Arc<Attempts> {
        Attempts::new(self.targets.wanted(), wait)
    }

    /// A connection that is ready for use. `in_all`: how long all servers together may take.
    pub(super) async fn open(
        &self,
        in_all: Option<Duration>,
        attempt: &Attempt,
    ) -> Result<Connection> {
        let limit = match in_all {
            Some(all) => self.targets.limit(self.limit, all),
            None => self.limit,
        };
        let started = Instant::now();
        let reached = Box::pin(reach(&self.targets, limit, attempt)).await?;
        let Reached {
            conn,
            settings,
            mark,
        } = reached;
        let connection = Connection::new(conn, settings, !self.is_pooled);
        let mut connection = connection.knowing(&self.deferred);
        if !self.is_pooled {
            attempt.asks(connection.server(), Vec::new());
            let age = started.elapsed() + SLACK;
            Box::pin(self.set_up(&mut connection, mark, age, limit)).await?;
        }
        Ok(connection)
    }

    /// Begins a transaction as every operation behind a transaction pooler does, and rolls it back.
    pub(super) async fn try_transaction(&self, connection: &mut Connection) -> Result<()> {
        let target = connection.server().to_owned();
        let begin = Begin {
            sql: "BEGIN".to_owned(),
            read_only: false,
            repeats_reads: None,
        };
        let tried = async {
            connection.begin(&begin, Some(&self.session)).await?;
            connection.roll_back().await
        };
        in_time(self.limit, &target, tried).await
    }

    /// Makes the settings of the session, once it is known to be ours: a pooler that shares it would
    /// give them to its other clients.
    async fn set_up(
        &self,
        connection: &mut Connection,
        mark: Option<Mark>,
        age: Duration,
        limit: Duration,
    ) -> Result<()> {
        let target = connection.server().to_owned();
        if let Some(mark) = mark {
            let condition = mark.condition(age);
            let ours = connection.set_up_if(&self.session, &condition);
            if in_time(limit, &target, ours).await? {
                return Ok(());
            }
        }
        in_time(limit, &target, self.unshared.check(connection, limit)).await?;
        in_time(limit, &target, connection.set_up(&self.session)).await
    }
}

/// A connection to the server of another one, without settings of ours.
pub(super) async fn open_bare(settings: &PgConnectOptions, limit: Duration) -> Result<Connection> {
    let target = target(settings);
    let connect = async { Ok(Box::pin(connected(settings)).await?) };
    let conn = in_time(limit, &target, connect).await?;
    Ok(Connection::new(conn, settings.clone(), true))
}

async fn in_time<T>(
    limit: Duration,
    target: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(|failure| refused(&failure, target)),
        Err(_) => Err(silent(target, limit)),
    }
}

fn refused(failure: &Failure, target: &str) -> Error {
    let context = Context {
        operation: "connect",
        table: None,
        sent: None,
        target,
        may_have_written: false,
    };
    explain(failure, context)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the driver makes of a URL is what the URL says, however it says it.
    #[test]
    fn each_server_has_its_own_settings_and_the_common_login() {
        for (url, expected) in [
            ("postgresql://u:p%2B@h/db", "h:5432"),
            ("postgresql://u:p%2B@h:1,h2/db", "h:1, h2:5432"),
            ("postgresql://u:p%2B@[::1]:7,h2:8/db", "[::1]:7, h2:8"),
            ("postgresql://u:p%2B@%2Frun,h2/db", "/run:5432, h2:5432"),
            (
                "postgresql://u:p%2B@/db?host=/run,h2&port=1,2",
                "/run:1, h2:2",
            ),
            (
                "postgresql:///db?user=u&password=p%2B&host=a,b&port=3",
                "a:3, b:3",
            ),
        ] {
            let targets = targets(&ConnectOptions::new(url)).unwrap();
            assert_eq!(targets.shown(), expected, "{url}");
            let last = targets.last().to_url_lossy();
            assert_eq!(
                (last.username(), last.password(), last.path()),
                ("u", Some("p%2B"), "/db"),
                "{url}"
            );
        }
    }

    fn error(url: &str) -> String {
        match targets(&ConnectOptions::new(url)) {
            Err(error) => error.to_string(),
            Ok(targets) => panic!("{}", targets.shown()),
        }
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
        assert!(targets(&ConnectOptions::new(url)).is_ok());
        for (parameters, expected) in [
            ("sslmod=disable", "`sslmode`"),
            ("frobnicate=secret", "`frobnicate`"),
            ("target_session_attrs=secret", "`prefer-standby`"),
            ("load_balance_hosts=secret", "`random`"),
            ("host=a,b&port=1,2,3", "`port`"),
            ("port=secret", "`port`"),
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
        let waits = |url: &str| connect_timeout(&ConnectOptions::new(url)).unwrap();
        assert_eq!(waits("postgresql://h/db"), Duration::from_secs(10));
        assert_eq!(
            waits("postgresql://h/db?connect_timeout=3"),
            Duration::from_secs(3)
        );
        // also when it is the default
        let asked = ConnectOptions::new("postgresql://h/db?connect_timeout=3");
        let asked = asked.connect_timeout(Duration::from_secs(10));
        assert_eq!(connect_timeout(&asked).unwrap(), Duration::from_secs(10));
    }
}
