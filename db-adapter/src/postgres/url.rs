//! The parameters of a URL, as libpq means them: which the driver understands, which it would
//! misunderstand, and which are refused because leaving them out would change what was asked for.
//! No error shows the value of any.

use std::time::Duration;

use db_adapter_core::closest;
use sqlx::postgres::PgSslMode;

use crate::{Error, Result};

const BACKEND: &str = "PostgreSQL";

/// Parameters that are handed to the driver.
const KNOWN: [&str; 11] = [
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
];
/// Parameters that are read here.
const OURS: [&str; 8] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "connect_timeout",
    "target_session_attrs",
    "options",
];
/// Parameters that other clients know and that change nothing here.
const IGNORED: [&str; 12] = [
    "channel_binding",
    "client_encoding",
    "connection_limit",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "pool_timeout",
    "statement-cache-capacity",
    "statement_cache_size",
    "tcp_user_timeout",
];

/// What a URL says beyond what the driver reads from it.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// The URL with the parameters that the driver shall read: it would log the others' values.
    pub(super) url: String,
    pub(super) ssl_mode: Option<PgSslMode>,
    pub(super) root_certificate: Option<String>,
    pub(super) connect_timeout: Option<Duration>,
    /// Whether it has `options` for the session.
    pub(super) has_options: bool,
}

/// Reads the parameters of a well-formed URL.
pub(super) fn parameters(url: &str) -> Result<Parameters> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = base.split_once("://").map_or(base, |(_, rest)| rest);
    if authority.split('/').next().is_some_and(|a| a.contains(',')) {
        return Err(several_hosts());
    }
    let mut found = Parameters::default();
    let mut mode = None;
    let (base, login) = without_login_of_no_host(base);
    let mut kept: Vec<&str> = login.iter().map(String::as_str).collect();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        match key {
            "sslmode" | "ssl-mode" => mode = Some(value),
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => found.root_certificate = Some(value),
            "connect_timeout" => found.connect_timeout = Some(seconds(&value)?),
            "target_session_attrs" if value == "any" => {}
            "target_session_attrs" => {
                return Err(unsupported(key, "name the one server in the URL"));
            }
            "gssencmode" if value != "require" => {}
            "sslnegotiation" if value == "postgres" => {}
            "gssencmode" | "sslnegotiation" | "requirepeer" => {
                return Err(unsupported(key, "leave it out"));
            }
            "host" | "hostaddr" | "port" if value.contains(',') => return Err(several_hosts()),
            "sslcert" | "ssl-cert" | "sslkey" | "ssl-key" => {
                is_file(key, &value)?;
                kept.push(pair);
            }
            _ if key == "options"
                || key.starts_with("options[")
                || key.starts_with("options%5B") =>
            {
                found.has_options = true;
                kept.push(pair);
            }
            _ if KNOWN.contains(&key) => kept.push(pair),
            _ if IGNORED.contains(&key) => {}
            _ => return Err(unknown(key)),
        }
    }
    let system = found.root_certificate.as_deref() == Some("system");
    if system {
        // those of the system are always trusted
        found.root_certificate = None;
    }
    if let Some(root) = &found.root_certificate {
        is_file("sslrootcert", root)?;
    }
    found.ssl_mode = ssl_mode(mode.as_deref(), found.root_certificate.is_some(), system)?;
    found.url = match kept.is_empty() {
        true => base,
        false => format!("{base}?{}", kept.join("&")),
    };
    Ok(found)
}

/// `user:password@/name`, with the host in a parameter or left to the system, is no URL to the
/// driver: the login becomes parameters.
fn without_login_of_no_host(base: &str) -> (String, Vec<String>) {
    let parts = base.split_once("://").and_then(|(scheme, rest)| {
        let (login, path) = rest.split_once('@')?;
        path.starts_with('/').then_some((scheme, login, path))
    });
    let Some((scheme, login, path)) = parts else {
        return (base.to_owned(), Vec::new());
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut parameters = Vec::new();
    for (key, value) in [("user", user), ("password", password)] {
        if !value.is_empty() {
            let value = value.replace('+', "%2B").replace('&', "%26");
            parameters.push(format!("{key}={value}"));
        }
    }
    (format!("{scheme}://{path}"), parameters)
}

/// As libpq: a root certificate makes `require` check the server's.
fn ssl_mode(mode: Option<&str>, has_root: bool, system: bool) -> Result<Option<PgSslMode>> {
    Ok(Some(match mode.map(str::to_ascii_lowercase).as_deref() {
        None if system => PgSslMode::VerifyFull,
        None => return Ok(None),
        Some("disable") => PgSslMode::Disable,
        // the driver knows no `allow`; this asks for more
        Some("allow" | "prefer") => PgSslMode::Prefer,
        Some("require") if has_root => PgSslMode::VerifyCa,
        Some("require") => PgSslMode::Require,
        Some("verify-ca") => PgSslMode::VerifyCa,
        Some("verify-full") => PgSslMode::VerifyFull,
        Some(_) => {
            return Err(Error::config(
                "the database URL has an unknown `sslmode`",
                "write `disable`, `prefer`, `require`, `verify-ca` or `verify-full`",
            ));
        }
    }))
}

/// Certificates and keys are files, or stand in the URL themselves.
fn is_file(key: &str, value: &str) -> Result<()> {
    if value.starts_with("-----BEGIN") || std::fs::File::open(value).is_ok() {
        return Ok(());
    }
    Err(Error::config(
        format!("the file of `{key}` in the database URL cannot be read"),
        "give the path of a PEM file",
    ))
}

fn seconds(value: &str) -> Result<Duration> {
    match value.parse::<u32>() {
        Ok(0) => Ok(Duration::from_secs(86_400)), // for ever, in other clients
        Ok(seconds) => Ok(Duration::from_secs(seconds.into())),
        Err(_) => Err(Error::config(
            "`connect_timeout` in the database URL is no number of seconds",
            "write for example `connect_timeout=10`",
        )),
    }
}

fn several_hosts() -> Error {
    unsupported("several hosts", "name the one server in the URL")
}

fn unsupported(what: &str, hint: &str) -> Error {
    Error::unsupported(format!("`{what}` in the database URL"), BACKEND, hint)
}

fn unknown(key: &str) -> Error {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.chars().all(is_name) || key.len() > 40 {
        // what does not look like a name may be a part of a password
        return Error::config(
            "the database URL has an unknown parameter",
            "a `?` in the password is written `%3F`",
        );
    }
    let known = KNOWN.into_iter().chain(OURS);
    let hint = match closest(key, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it".to_owned(),
    };
    Error::config(
        format!("the database URL has the unknown parameter `{key}`"),
        hint,
    )
}

/// As the driver decodes values.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
                let (high, low) = (digit().unwrap_or(0), digit().unwrap_or(0));
                u8::try_from(high * 16 + low).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
