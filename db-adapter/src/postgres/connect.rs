//! From a URL to a pool: settings, the first connection, and what a failed one means.

use std::str::FromStr;
use std::time::Duration;

use db_adapter_core::push_quoted;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection, PgPool};

use super::reach::{Targets, reach};
use super::sslmode::Reached;
use super::url::{Parameters, parameters};
use crate::url_hosts::Place;
use crate::{ConnectOptions, Error, Pooler, Result};

/// Prepared statements kept for each connection: dicts make many texts.
const STATEMENTS: usize = 500;
/// A connection that was unused for so long is tried before use: the server may be gone.
const TRUSTED: Duration = Duration::from_secs(5);
/// How long that may take.
const TRY: Duration = Duration::from_secs(2);

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
    Ok(Targets::new(
        servers?,
        parameters.wanted,
        parameters.shuffled,
    ))
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
    let parsed = match parsed.get_application_name() {
        Some(_) => parsed,
        None => parsed.application_name("db-adapter"),
    };
    let parsed = parsed.disable_statement_logging();
    // time zone and date style are set by the driver; poolers know these
    Ok(match options.pooler {
        Pooler::None => parsed
            .options(session_settings(options))
            .extra_float_digits(3)
            .statement_cache_capacity(STATEMENTS),
        // a pooler refuses what it cannot keep apart: `local_settings` are for each transaction
        Pooler::Transaction => parsed.extra_float_digits(None),
    })
}

/// What makes the text of values the same everywhere, and what was asked for.
fn session_settings(options: &ConnectOptions) -> Vec<(&'static str, String)> {
    let mut session = vec![
        ("IntervalStyle", "postgres".to_owned()),
        ("bytea_output", "hex".to_owned()),
        ("standard_conforming_strings", "on".to_owned()),
    ];
    for (name, limit) in [
        ("statement_timeout", options.statement_timeout),
        ("lock_timeout", options.lock_timeout),
    ] {
        if let Some(limit) = limit {
            // 0 would mean none
            let ms = limit.as_millis().clamp(1, 2_147_483_647);
            session.push((name, ms.to_string()));
        }
    }
    if let Some(schema) = &options.schema {
        let mut path = String::new();
        push_quoted(&mut path, schema);
        session.push(("search_path", path));
    }
    if options.read_only {
        session.push(("default_transaction_read_only", "on".to_owned()));
    }
    session
}

/// Behind a transaction pooler, what follows each `BEGIN`; a setting of a session would be
/// another client's as well.
pub(super) fn local_settings(options: &ConnectOptions) -> Option<String> {
    if options.pooler != Pooler::Transaction {
        return None;
    }
    let mut sql = String::new();
    if options.read_only {
        sql.push_str("; SET TRANSACTION READ ONLY");
    }
    sql.push_str("; SET LOCAL extra_float_digits = 3");
    for (name, value) in session_settings(options) {
        match name {
            "default_transaction_read_only" => {}
            // numbers, words, and a quoted name
            _ => sql.push_str(&format!("; SET LOCAL {name} = {value}")),
        }
    }
    Some(sql)
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

/// One connection of its own under the time limit for each server: one that is away, a wrong
/// password or a missing database show themselves at once, where a pool would keep trying. Gives
/// the settings of the server that answered.
pub(super) async fn try_once(targets: &Targets, limit: Duration) -> Result<PgConnectOptions> {
    let Reached { conn, settings } = reach(targets, limit).await?;
    // the server is told; whether it hears does not matter
    let _ = conn.close().await;
    Ok(settings)
}

/// A pool that connects when it is used.
pub(super) fn pool(options: &ConnectOptions, settings: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(options.max_connections)
        .min_connections(options.min_connections.min(options.max_connections))
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(options.idle_timeout)
        .max_lifetime(options.max_lifetime)
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move { Ok(meta.idle_for < TRUSTED || answers(conn).await) })
        })
        .connect_lazy_with(settings)
}

/// Whether a connection is alive.
pub(super) async fn answers(conn: &mut sqlx::PgConnection) -> bool {
    matches!(tokio::time::timeout(TRY, conn.ping()).await, Ok(Ok(())))
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
    }
}
