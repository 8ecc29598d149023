//! How to connect: the settings that every adapter understands.

use std::fmt;
use std::time::Duration;

use crate::SecretUrl;

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
    /// The database of the server, instead of the URL's.
    #[cfg(feature = "postgres-no-tls")]
    pub(crate) database: Option<String>,
    pub(crate) max_connections: u32,
    pub(crate) min_connections: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
    /// `None`: the URL's, else the default.
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) slow_threshold: Duration,
    pub(crate) schema: Option<String>,
    pub(crate) pooler: Pooler,
    pub(crate) read_only: bool,
    pub(crate) profile: Option<String>,
    pub(crate) rounding: Rounding,
    pub(crate) synchronous_commit: bool,
}

impl ConnectOptions {
    /// The defaults, for a URL such as `postgresql://user:password@host:5432/name`,
    /// `sqlite://app.db` or `sqlite::memory:`.
    pub fn new(url: impl Into<String>) -> Self {
        ConnectOptions {
            url: SecretUrl::new(url),
            #[cfg(feature = "postgres-no-tls")]
            database: None,
            max_connections: 10,
            min_connections: 0,
            acquire_timeout: Duration::from_secs(5),
            idle_timeout: Some(Duration::from_secs(600)),
            max_lifetime: Some(Duration::from_secs(1800)),
            connect_timeout: None,
            statement_timeout: None,
            lock_timeout: None,
            slow_threshold: Duration::from_secs(1),
            schema: None,
            pooler: Pooler::None,
            read_only: false,
            profile: None,
            rounding: Rounding::Refuse,
            synchronous_commit: true,
        }
    }

    /// Another database of the same server.
    #[cfg(all(feature = "postgres-no-tls", feature = "sql"))]
    pub(crate) fn database(mut self, name: &str) -> Self {
        self.database = Some(name.to_owned());
        self
    }

    /// The most connections of the pool; default 10. From 1 to 100,000: what is less or more counts as
    /// the one or the other.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections.clamp(1, 100_000);
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

    /// How long to wait for the server when connecting, for each of several hosts; default that of
    /// the URL (`connect_timeout=3`), and 10 seconds without one. What is said here wins over the URL.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
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

    /// The schema that names without one belong to; default the server's `search_path`. It must be
    /// there: connecting fails with [`Error::Config`](crate::Error::Config) otherwise. PostgreSQL.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// What stands between us and the server; default nothing. PostgreSQL.
    pub fn pooler(mut self, pooler: Pooler) -> Self {
        self.pooler = pooler;
        self
    }

    /// Whether a commit is on disk before it is answered. Without it writes are several times faster,
    /// and a power failure may undo the last commits that were answered; it never leaves half of
    /// one. The default is yes on SQLite (`PRAGMA synchronous`: `FULL`, otherwise `NORMAL`); on
    /// PostgreSQL it is what the server, the role or the database says, and `false` turns its
    /// setting `synchronous_commit` off.
    pub fn synchronous_commit(mut self, synchronous: bool) -> Self {
        self.synchronous_commit = synchronous;
        self
    }

    /// Whether every session may only read; default no.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// The name that spans of `tracing` carry for this database; default none. Never a secret.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// What becomes of a value that its column would round or cut; default
    /// [`Rounding::Refuse`].
    pub fn rounding(mut self, rounding: Rounding) -> Self {
        self.rounding = rounding;
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
            .field("schema", &self.schema)
            .field("pooler", &self.pooler)
            .field("read_only", &self.read_only)
            .field("profile", &self.profile)
            .field("rounding", &self.rounding)
            .field("synchronous_commit", &self.synchronous_commit)
            .finish_non_exhaustive()
    }
}

impl<T: Into<String>> From<T> for ConnectOptions {
    fn from(url: T) -> Self {
        ConnectOptions::new(url)
    }
}

/// What becomes of a value that its column cannot keep whole: more digits than `numeric(8,2)`,
/// `real` or `timestamp(3)` has, a time of day for a `date`, a zone for a `timestamp`, blanks beyond
/// the length of a `varchar(n)` or `char(n)`.
///
/// ```
/// use db_adapter::{ConnectOptions, ErrorKind, Rounding, SqliteAdapter, prelude::*};
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let strict = SqliteAdapter::connect("sqlite::memory:").await?;
/// strict.execute("CREATE TABLE items (price NUMERIC_TEXT(8,2))").await?;
/// let refused = strict.insert("items", row! { "price": "1.555" }).await.unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::InvalidValue);
///
/// let options = ConnectOptions::new("sqlite::memory:").rounding(Rounding::Database);
/// let lenient = SqliteAdapter::connect_with(options).await?;
/// lenient.execute("CREATE TABLE items (price NUMERIC_TEXT(8,2))").await?;
/// let row = lenient.insert("items", row! { "price": "1.555" }).await?;
/// assert_eq!(row.get::<String>("price")?, "1.56");
/// # Ok::<_, db_adapter::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Rounding {
    /// It is refused with [`InvalidValue`](crate::Error::InvalidValue), which names the column.
    #[default]
    Refuse,
    /// It is rounded or cut as PostgreSQL does it on assignment, on SQLite in the same way.
    Database,
}

/// What stands between the adapter and a PostgreSQL server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Pooler {
    /// Nothing, or a pooler that keeps a session for each connection. The first connection finds out
    /// whether that is so; where it cannot, connecting fails.
    #[default]
    None,
    /// A pooler that keeps a session for each connection, such as PgBouncer with
    /// `pool_mode = session`. As [`None`](Pooler::None), but connecting does not fail where the
    /// pooler allows no second connection, which is needed to find out.
    Session,
    /// A pooler that may run each transaction on another session, such as PgBouncer with
    /// `pool_mode = transaction` or Supabase's port 6543: nothing may outlive a transaction, so
    /// there are no named prepared statements, every operation is a transaction of its own, and
    /// settings are made inside of it. The pooler needs no setting for this, not even
    /// `ignore_startup_parameters`.
    ///
    /// Statements whose effect would outlast the transaction (`SET`, `LISTEN`, `PREPARE`) are
    /// [`Unsupported`](crate::Error::Unsupported); those that cannot be run inside of one
    /// (`VACUUM`, `CREATE DATABASE`) need a direct connection.
    Transaction,
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
