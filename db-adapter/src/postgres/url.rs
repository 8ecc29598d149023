//! The parameters of a URL, as libpq means them: which the driver understands, which it would
//! misunderstand, and which are refused because leaving them out would change what was asked for.
//! No error shows the value of any.

use std::time::Duration;

use db_adapter_core::closest;
use sqlx::postgres::PgSslMode;

use super::wanted::Wanted;
use crate::url_hosts::{Lists, Place, of_authority};
use crate::url_shape::{ENCODE, PostgresUrl};
use crate::{Error, Result};

const BACKEND: &str = "PostgreSQL";

/// Parameters that are handed to the driver.
const KNOWN: [&str; 8] = [
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "dbname",
    "user",
    "password",
    "application_name",
];
/// Parameters that are read here.
const OURS: [&str; 12] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "connect_timeout",
    "target_session_attrs",
    "load_balance_hosts",
    "host",
    "hostaddr",
    "port",
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
pub(super) struct Parameters {
    /// The URL without hosts, with the parameters that the driver shall read: it would log the
    /// others' values. See [`Parameters::url_of`].
    url: String,
    /// The servers, at least one, in the order in which they are tried.
    pub(super) places: Vec<Place>,
    pub(super) wanted: Wanted,
    /// Whether each connection tries the servers in an order of its own.
    pub(super) shuffled: bool,
    pub(super) ssl_mode: Option<PgSslMode>,
    pub(super) root_certificate: Option<String>,
    pub(super) connect_timeout: Option<Duration>,
    /// Whether it has `options` for the session.
    pub(super) has_options: bool,
}

impl Parameters {
    /// The URL of one of the servers, for the driver. Host and port are parameters: the driver
    /// reads no other form of a host whose login or name is left out.
    pub(super) fn url_of(&self, place: &Place) -> String {
        let mut url = self.url.clone();
        let mut add = |key: &str, value: &str| {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(key);
            url.push('=');
            url.push_str(value);
        };
        if let Some(host) = &place.host {
            add("host", &encoded(host));
        }
        if let Some(port) = place.port {
            add("port", &port.to_string());
        }
        url
    }
}

/// Reads the parameters of a URL.
pub(super) fn parameters(url: &str) -> Result<Parameters> {
    let parts = PostgresUrl::parse(url).map_err(|reason| {
        Error::config(format!("the PostgreSQL URL is malformed: {reason}"), ENCODE)
    })?;
    let mut found = Parameters {
        url: format!("{}:///{}", parts.scheme, parts.name.unwrap_or_default()),
        places: of_authority(parts.hosts),
        wanted: Wanted::Any,
        shuffled: false,
        ssl_mode: None,
        root_certificate: None,
        connect_timeout: None,
        has_options: false,
    };
    let mut lists = Lists::default();
    let mut mode = None;
    let mut kept = login(&parts);
    let query = parts.query.unwrap_or_default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        match key {
            "sslmode" | "ssl-mode" => mode = Some(value),
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => found.root_certificate = Some(value),
            "connect_timeout" => found.connect_timeout = Some(seconds(&value)?),
            "target_session_attrs" => found.wanted = Wanted::parse(&value)?,
            "load_balance_hosts" => found.shuffled = shuffled(&value)?,
            "host" => lists.host = Some(value),
            "hostaddr" => lists.hostaddr = Some(value),
            "port" => lists.port = Some(value),
            "gssencmode" if value != "require" => {}
            "sslnegotiation" if value == "postgres" => {}
            "gssencmode" | "sslnegotiation" | "requirepeer" => {
                return Err(unsupported(key, "leave it out"));
            }
            "sslcert" | "ssl-cert" | "sslkey" | "ssl-key" => {
                is_file(key, &value)?;
                kept.push(pair.to_owned());
            }
            _ if key == "options"
                || key.starts_with("options[")
                || key.starts_with("options%5B") =>
            {
                found.has_options = true;
                kept.push(pair.to_owned());
            }
            _ if KNOWN.contains(&key) => kept.push(pair.to_owned()),
            _ if IGNORED.contains(&key) => {}
            _ => return Err(unknown(key)),
        }
    }
    found.places = lists.over(found.places)?;
    let system = found.root_certificate.as_deref() == Some("system");
    if system {
        // those of the system are always trusted
        found.root_certificate = None;
    }
    if let Some(root) = &found.root_certificate {
        is_file("sslrootcert", root)?;
    }
    found.ssl_mode = ssl_mode(mode.as_deref(), found.root_certificate.is_some(), system)?;
    if !kept.is_empty() {
        found.url = format!("{}?{}", found.url, kept.join("&"));
    }
    Ok(found)
}

/// User and password as parameters: a URL without a host has no place for them.
fn login(parts: &PostgresUrl<'_>) -> Vec<String> {
    let mut parameters = Vec::new();
    for (key, value) in [("user", parts.user), ("password", parts.password)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let value = value.replace('+', "%2B").replace('&', "%26");
            parameters.push(format!("{key}={value}"));
        }
    }
    parameters
}

fn shuffled(value: &str) -> Result<bool> {
    match value {
        "disable" => Ok(false),
        "random" => Ok(true),
        _ => Err(Error::config(
            "the database URL has an unknown `load_balance_hosts`",
            "write `disable` or `random`",
        )),
    }
}

/// As libpq: a root certificate makes `require` check the server's.
fn ssl_mode(mode: Option<&str>, has_root: bool, system: bool) -> Result<Option<PgSslMode>> {
    Ok(Some(match mode.map(str::to_ascii_lowercase).as_deref() {
        None if system => PgSslMode::VerifyFull,
        None => return Ok(None),
        Some("disable") => PgSslMode::Disable,
        Some("allow") => PgSslMode::Allow,
        Some("prefer") => PgSslMode::Prefer,
        Some("require") if has_root => PgSslMode::VerifyCa,
        Some("require") => PgSslMode::Require,
        Some("verify-ca") => PgSslMode::VerifyCa,
        Some("verify-full") => PgSslMode::VerifyFull,
        Some(_) => {
            return Err(Error::config(
                "the database URL has an unknown `sslmode`",
                "write `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`",
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

/// Everything but letters and digits as `%XX`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
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
