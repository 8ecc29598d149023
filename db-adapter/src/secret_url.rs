//! A URL that can be passed around, stored and logged without showing its credentials.

use std::fmt;

use crate::url_shape::{self, PostgresUrl};
use crate::{Error, Result};

/// A URL whose credentials are shown to nobody: `Debug` and `Display` show the host and the
/// database of a well-formed PostgreSQL URL with a login, the file of a SQLite URL, and otherwise
/// at most the scheme, because what cannot be told apart may be a secret.
///
/// ```
/// use db_adapter::SecretUrl;
/// let url = SecretUrl::new("postgresql://app:secret@localhost:5432/shop?sslmode=require");
/// assert_eq!(url.to_string(), "postgresql://***@localhost:5432/shop");
/// assert_eq!(url.expose(), "postgresql://app:secret@localhost:5432/shop?sslmode=require");
///
/// let malformed = SecretUrl::new("postgresql://app:se/cret@localhost/shop");
/// assert_eq!(malformed.to_string(), "postgresql://***");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

/// Schemes that may be shown: whatever else stands there may be a user name or a password.
const KNOWN_SCHEMES: [&str; 16] = [
    "postgresql",
    "postgres",
    "sqlite",
    "http",
    "https",
    "mysql",
    "mariadb",
    "mssql",
    "sqlserver",
    "oracle",
    "mongodb",
    "redis",
    "cockroachdb",
    "jdbc",
    "file",
    "sqlite3",
];

impl SecretUrl {
    /// Hides the URL.
    pub fn new(url: impl Into<String>) -> Self {
        SecretUrl(url.into())
    }

    /// The URL with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The scheme in lower case, empty when there is none: what stands before `://`, or `sqlite`
    /// before a colon. In a URL that is none, such as `password://`, it may be a secret.
    pub fn scheme(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once(':') else {
            return String::new();
        };
        let is_scheme = !scheme.is_empty()
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if is_scheme && (rest.starts_with("//") || scheme.eq_ignore_ascii_case("sqlite")) {
            scheme.to_ascii_lowercase()
        } else {
            String::new()
        }
    }

    /// The scheme, when it is one that can be no secret.
    pub(crate) fn known_scheme(&self) -> Option<&'static str> {
        let scheme = self.scheme();
        KNOWN_SCHEMES.into_iter().find(|known| *known == scheme)
    }

    /// Refuses a URL that a driver could take apart in another place than its author meant, and
    /// one that still waits for its password. The error shows nothing of it.
    pub(crate) fn check(&self) -> Result<()> {
        if has_placeholder(&self.0) {
            return Err(Error::config(
                "the database URL still says `[YOUR-PASSWORD]`",
                "put the percent-encoded password there, or give a profile of `db.toml` a `password_env`, `password_command` or `db_password`",
            ));
        }
        let scheme = self.scheme();
        if scheme == "sqlite" {
            return url_shape::check_sqlite(&self.0).map_err(|reason| {
                Error::config(
                    format!("the SQLite URL is malformed: {reason}"),
                    "write `sqlite://file.db`, with `%3A` and `%40` for these characters; a server's URL starts with `postgresql://`",
                )
            });
        }
        if url_shape::is_postgres(&scheme) {
            return PostgresUrl::parse(&self.0).map(|_| ()).map_err(|reason| {
                Error::config(
                    format!("the PostgreSQL URL is malformed: {reason}"),
                    url_shape::ENCODE,
                )
            });
        }
        Ok(())
    }
}

/// The text that Supabase's dashboard, and so the original, puts where the password belongs.
const PLACEHOLDER: &str = "[YOUR-PASSWORD]";
const ENCODED_PLACEHOLDER: &str = "%5BYOUR-PASSWORD%5D";

/// Whether the password is still to be filled in.
pub(crate) fn has_placeholder(url: &str) -> bool {
    find_placeholder(url).is_some()
}

/// Puts `password`, which is already encoded, wherever the URL says `[YOUR-PASSWORD]`.
#[cfg(feature = "config")]
pub(crate) fn fill_placeholder(url: &str, password: &str) -> String {
    let mut filled = String::with_capacity(url.len() + password.len());
    let mut rest = url;
    while let Some((start, end)) = find_placeholder(rest) {
        let (before, after) = (rest.get(..start), rest.get(end..));
        filled.push_str(before.unwrap_or_default());
        filled.push_str(password);
        rest = after.unwrap_or_default();
    }
    filled.push_str(rest);
    filled
}

/// Where the first placeholder starts and ends, in any case, encoded or not.
fn find_placeholder(url: &str) -> Option<(usize, usize)> {
    let upper = url.to_ascii_uppercase(); // keeps every position
    [PLACEHOLDER, ENCODED_PLACEHOLDER]
        .into_iter()
        .filter_map(|text| upper.find(text).map(|start| (start, start + text.len())))
        .min()
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_scheme() {
            None => f.write_str("***"),
            Some("sqlite") => display_sqlite(&self.0, f),
            Some(scheme) => match PostgresUrl::parse(&self.0) {
                Ok(url) => display_postgres(scheme, &url, f),
                Err(_) => write!(f, "{scheme}://***"),
            },
        }
    }
}

/// Without a login, what looks like a host may be a password whose `@host` was forgotten; so may
/// be what follows an `@` when no database follows.
fn display_postgres(
    scheme: &str,
    url: &PostgresUrl<'_>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let plain = |text: &str| !text.contains('%');
    match (url.user, url.name) {
        (Some(user), Some(name)) if !user.is_empty() && plain(url.hosts) && is_plain_name(name) => {
            write!(f, "{scheme}://***@{}/{name}", url.hosts)
        }
        _ => write!(f, "{scheme}://***"),
    }
}

/// A file name is no secret; a parameter may be, and so may everything in a URL of another
/// database that was given the wrong scheme.
fn display_sqlite(url: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let file = url_shape::sqlite_file(url);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._/ ~".contains(&b);
    if file == ":memory:" {
        f.write_str("sqlite::memory:")
    } else if file.bytes().all(plain) {
        write!(f, "sqlite://{file}")
    } else {
        f.write_str("sqlite://***")
    }
}

fn is_plain_name(name: &str) -> bool {
    name.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({self})")
    }
}

impl<T: Into<String>> From<T> for SecretUrl {
    fn from(url: T) -> Self {
        SecretUrl::new(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_a_secret_is_shown() {
        for (url, shown) in [
            ("postgres://u:p@h/d?sslmode=require", "postgres://***@h/d"),
            ("postgresql://u@h:1,h2:2/d", "postgresql://***@h:1,h2:2/d"),
            ("postgresql://u:p@[::1]/d", "postgresql://***@[::1]/d"),
            ("postgresql://u:p@h", "postgresql://***"),
            ("postgresql://h/d", "postgresql://***"),
            ("postgresql://u:p@ss@h/d", "postgresql://***"),
            ("postgresql://u:p%@h/d", "postgresql://***"),
            ("postgresql+asyncpg://u:p@h/d", "***"),
            ("mysql://u:p@h/d", "mysql://***"),
            ("https://u:p@h/d", "https://***"),
            ("u:p@h/d", "***"),
            ("u:p", "***"),
            ("p", "***"),
            ("", "***"),
            ("p://u@h/d", "***"),
            ("sqlite:a b.db?key=p", "sqlite://a b.db"),
            ("sqlite:///x/a.db#p", "sqlite:///x/a.db"),
            ("sqlite://:memory:", "sqlite::memory:"),
            ("SQLITE::memory:", "sqlite::memory:"),
            ("sqlite://u:p@h/d", "sqlite://***"),
        ] {
            assert_eq!(SecretUrl::new(url).to_string(), shown, "{url}");
            assert_eq!(
                format!("{:?}", SecretUrl::new(url)),
                format!("SecretUrl({shown})")
            );
        }
    }

    #[test]
    fn placeholders_are_found_however_they_are_spelt() {
        for url in [
            "x[YOUR-PASSWORD]y",
            "[your-password]",
            "é%5Byour-password%5d",
        ] {
            assert!(has_placeholder(url), "{url}");
        }
        assert!(!has_placeholder("[PASSWORD]"));
    }

    #[cfg(feature = "config")]
    #[test]
    fn every_placeholder_is_filled_once() {
        let filled = fill_placeholder("é[YOUR-PASSWORD]-%5byour-password%5D", "[YOUR-PASSWORD]");
        assert_eq!(filled, "é[YOUR-PASSWORD]-[YOUR-PASSWORD]");
    }
}
