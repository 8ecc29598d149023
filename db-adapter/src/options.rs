//! How to connect: the settings that every adapter understands.

use std::fmt;
use std::time::Duration;

/// How an adapter connects and what it waits for. A profile of `db.toml` has the same names.
///
/// ```
/// use std::time::Duration;
/// use db_adapter::ConnectOptions;
/// let options = ConnectOptions::new("postgresql://app:secret@localhost/shop")
///     .max_connections(20)
///     .statement_timeout(Duration::from_secs(30));
/// assert!(!format!("{options:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct ConnectOptions {
    pub(crate) url: SecretUrl,
    pub(crate) max_connections: u32,
    pub(crate) min_connections: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) slow_threshold: Duration,
}

impl ConnectOptions {
    /// The defaults, for a URL such as `postgresql://user:password@host:5432/name`,
    /// `sqlite://app.db` or `sqlite::memory:`.
    pub fn new(url: impl Into<String>) -> Self {
        ConnectOptions {
            url: SecretUrl::new(url),
            max_connections: 10,
            min_connections: 0,
            acquire_timeout: Duration::from_secs(5),
            idle_timeout: Some(Duration::from_secs(600)),
            max_lifetime: Some(Duration::from_secs(1800)),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            lock_timeout: None,
            slow_threshold: Duration::from_secs(1),
        }
    }

    /// The most connections of the pool; default 10.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections.max(1);
        self
    }

    /// Connections that are kept open; default 0.
    pub fn min_connections(mut self, connections: u32) -> Self {
        self.min_connections = connections;
        self
    }

    /// How long to wait for a connection of the pool; default 5 seconds.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// Connections unused for so long are closed; default 10 minutes.
    pub fn idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.idle_timeout = timeout.into();
        self
    }

    /// Connections older than this are replaced; default 30 minutes.
    pub fn max_lifetime(mut self, lifetime: impl Into<Option<Duration>>) -> Self {
        self.max_lifetime = lifetime.into();
        self
    }

    /// How long to wait for the server when connecting; default 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The server cancels a statement that takes longer; default none. PostgreSQL.
    pub fn statement_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.statement_timeout = timeout.into();
        self
    }

    /// How long a statement waits for a lock; default none on PostgreSQL, on SQLite 5 seconds.
    pub fn lock_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.lock_timeout = timeout.into();
        self
    }

    /// Operations that take longer are logged as warnings; default 1 second.
    pub fn slow_threshold(mut self, threshold: Duration) -> Self {
        self.slow_threshold = threshold;
        self
    }

    /// The URL.
    pub fn url(&self) -> &SecretUrl {
        &self.url
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("url", &self.url)
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}

/// A URL whose credentials are shown to nobody: `Debug` and `Display` leave out everything that
/// could be a secret.
///
/// ```
/// use db_adapter::SecretUrl;
/// let url = SecretUrl::new("postgresql://app:secret@localhost:5432/shop?sslmode=require");
/// assert_eq!(url.to_string(), "postgresql://***@localhost:5432/shop");
/// assert_eq!(url.expose(), "postgresql://app:secret@localhost:5432/shop?sslmode=require");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Hides the URL.
    pub fn new(url: impl Into<String>) -> Self {
        SecretUrl(url.into())
    }

    /// The URL with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What stands before the first colon, in lower case: never a secret in a URL that has a
    /// scheme, and empty otherwise.
    pub fn scheme(&self) -> String {
        match self.0.split_once(':') {
            Some((scheme, _))
                if scheme
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) =>
            {
                scheme.to_ascii_lowercase()
            }
            _ => String::new(),
        }
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme();
        let Some(rest) = self.0.get(scheme.len()..).filter(|_| !scheme.is_empty()) else {
            return f.write_str("***");
        };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        if scheme == "sqlite" {
            // a file name is no secret, a parameter may be
            return write!(f, "{scheme}{rest}");
        }
        // whatever stands before the last `@` may be part of a password
        match (rest.strip_prefix("://"), rest.rsplit_once('@')) {
            (Some(_), Some((_, host))) => write!(f, "{scheme}://***@{host}"),
            _ => write!(f, "{scheme}://***"),
        }
    }
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

impl<T: Into<String>> From<T> for ConnectOptions {
    fn from(url: T) -> Self {
        ConnectOptions::new(url)
    }
}

/// How a pool is used right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Connections that are open.
    pub open: u32,
    /// Connections that are open and unused.
    pub idle: u32,
    /// The most that may be open.
    pub max_connections: u32,
}
