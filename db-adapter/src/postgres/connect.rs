//! From a URL to a pool: settings, the first connection, and what a failed one means.

use std::str::FromStr;
use std::time::Duration;

use db_adapter_core::{closest, push_quoted};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection, PgPool};

use super::connection::Failure;
use super::error::{Context, explain, of_driver, target};
use super::error_words::CHECK_NETWORK;
use crate::{ConnectOptions, Error, Pooler, Result};

/// Prepared statements kept for each connection: dicts make many texts.
const STATEMENTS: usize = 500;
/// A connection that was unused for so long is tried before use: the server may be gone.
const TRUSTED: Duration = Duration::from_secs(5);
/// How long that may take.
const TRY: Duration = Duration::from_secs(2);

/// Parameters of the URL that the driver knows.
const KNOWN: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
/// Parameters that other clients know and that change nothing here.
const IGNORED: [&str; 17] = [
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "connection_limit",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "pool_timeout",
    "sslnegotiation",
    "statement-cache-capacity",
    "statement_cache_size",
    "target_session_attrs",
    "tcp_user_timeout",
    "requirepeer",
];

/// The driver's settings for a URL. No error shows any part of it but the name of a parameter.
pub(super) fn settings(options: &ConnectOptions) -> Result<PgConnectOptions> {
    if !matches!(options.url.scheme().as_str(), "postgres" | "postgresql") {
        return Err(Error::config(
            "the URL is not one of PostgreSQL",
            "write `postgresql://user:password@host:5432/database`",
        ));
    }
    let url = known_parameters(options.url.expose())?;
    // the driver's message could show a part of the URL
    let parsed = PgConnectOptions::from_str(&url).map_err(|_| {
        Error::config(
            "the URL of the database cannot be read",
            "write `postgresql://user:password@host:5432/database`, and special characters in the password as `%40` for `@`, `%2F` for `/`, `%23` for `#`, `%3F` for `?`",
        )
    })?;
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

/// The URL without the parameters that mean nothing here: the driver would log their values.
fn known_parameters(url: &str) -> Result<String> {
    let Some((base, query)) = url.split_once('?') else {
        return Ok(url.to_owned());
    };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split('=').next().unwrap_or_default();
        if KNOWN.contains(&key) || key.starts_with("options[") || key.starts_with("options%5B") {
            kept.push(pair);
        } else if !IGNORED.contains(&key) {
            return Err(unknown_parameter(key));
        }
    }
    Ok(format!("{base}?{}", kept.join("&")))
}

fn unknown_parameter(key: &str) -> Error {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    // what does not look like a name may be a part of a password
    let suggestion = closest(key, KNOWN);
    match suggestion {
        Some(near) if key.chars().all(is_name) => Error::config(
            "the database URL has an unknown parameter",
            format!("did you mean `{near}`?"),
        ),
        _ => Error::config(
            "the database URL has an unknown parameter",
            "a `?` in the password is written `%3F`",
        ),
    }
}

/// One connection of its own under the time limit: a server that is away, a wrong password or a
/// missing database show themselves at once, where a pool would keep trying.
pub(super) async fn try_once(settings: &PgConnectOptions, limit: Duration) -> Result<()> {
    let target = target(settings);
    match tokio::time::timeout(limit, settings.connect()).await {
        Ok(Ok(conn)) => {
            // the server is told; whether it hears does not matter
            let _ = conn.close().await;
            Ok(())
        }
        Ok(Err(error @ sqlx::Error::Database(_))) => {
            let context = Context {
                operation: "connect",
                table: None,
                sent: None,
                target: &target,
                may_have_written: false,
            };
            Err(explain(&Failure::Driver(error), context))
        }
        Ok(Err(error)) => Err(of_driver(&error, &target)),
        Err(_) => Err(Error::connection(
            &target,
            format!("the server did not answer within {limit:?}"),
            CHECK_NETWORK,
        )),
    }
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
            "postgresql://u:p@h/db?secret=1",
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
        assert!(error("postgresql://u:p@h/db?sslmod=disable").contains("`sslmode`"));
    }
}
