//! A profile: one database of `db.toml`, or a bare URL.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::access::Access;
use super::environment::Environment;
use super::secret;
use crate::{ConnectOptions, Pooler, Result, SecretUrl};

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// A PostgreSQL server.
    Postgres,
    /// A file of SQLite.
    Sqlite,
    /// A project of Supabase, over HTTP.
    Supabase,
}

impl Provider {
    /// The names of `provider` in `db.toml`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "postgres" | "postgresql" => Some(Provider::Postgres),
            "sqlite" => Some(Provider::Sqlite),
            "supabase" => Some(Provider::Supabase),
            _ => None,
        }
    }

    /// What a URL with this scheme leads to.
    pub(crate) fn from_scheme(scheme: &str) -> Option<Self> {
        match scheme {
            "postgres" | "postgresql" => Some(Provider::Postgres),
            "sqlite" => Some(Provider::Sqlite),
            "http" | "https" => Some(Provider::Supabase),
            _ => None,
        }
    }

    /// The name in `db.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Provider::Postgres => "postgres",
            Provider::Sqlite => "sqlite",
            Provider::Supabase => "supabase",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One database: a `[profiles.NAME]` of `db.toml`, or a bare URL. Its secrets are looked up when
/// they are needed, not before, and never shown.
#[derive(Clone)]
pub struct DatabaseProfile {
    pub(crate) name: Option<String>,
    pub(crate) url: UrlSource,
    pub(crate) direct_url: Option<String>,
    pub(crate) password: PasswordSource,
    pub(crate) provider: Option<Provider>,
    pub(crate) description: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) schemas: Vec<String>,
    pub(crate) pooler: Pooler,
    pub(crate) protected: bool,
    pub(crate) read_only: bool,
    pub(crate) key_env: Option<String>,
    pub(crate) pool: PoolSettings,
    pub(crate) origin: Arc<Origin>,
}

/// Where the URL comes from.
#[derive(Clone)]
pub(crate) enum UrlSource {
    /// The text of the file, with its `${NAME}`.
    Template(String),
    /// An environment variable.
    Variable(String),
    /// As it is: it comes from no file.
    Given(SecretUrl),
}

/// Where the password comes from, if not from the URL.
#[derive(Clone)]
pub(crate) enum PasswordSource {
    None,
    Template(String),
    Variable(String),
    /// Program and arguments.
    Command(Vec<String>),
}

/// The pool's settings and time-outs, where the file has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct PoolSettings {
    pub(crate) max_connections: Option<u32>,
    pub(crate) min_connections: Option<u32>,
    pub(crate) acquire_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Option<Duration>>,
    pub(crate) max_lifetime: Option<Option<Duration>>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) statement_timeout: Option<Option<Duration>>,
    pub(crate) lock_timeout: Option<Option<Duration>>,
    pub(crate) slow_threshold: Option<Duration>,
}

/// The file that a profile was read from, and what its values refer to.
pub(crate) struct Origin {
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) access: Access,
    pub(crate) environment: Environment,
}

impl DatabaseProfile {
    /// A bare URL: a profile without a name, with the defaults.
    pub(crate) fn from_url(url: SecretUrl, environment: Environment) -> Self {
        DatabaseProfile {
            name: None,
            url: UrlSource::Given(url),
            direct_url: None,
            password: PasswordSource::None,
            provider: None,
            description: None,
            schema: None,
            schemas: Vec::new(),
            pooler: Pooler::None,
            protected: false,
            read_only: false,
            key_env: None,
            pool: PoolSettings::default(),
            origin: Arc::new(Origin {
                path: PathBuf::new(),
                folder: PathBuf::new(),
                access: Access::none(),
                environment,
            }),
        }
    }

    /// The name in `db.toml`; `None` for a bare URL.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What the file says it is for.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The kind of the database, from the key `provider` or the URL's scheme; `None` as long as
    /// only an environment variable knows it.
    pub fn provider(&self) -> Option<Provider> {
        let scheme = match &self.url {
            UrlSource::Template(url) => SecretUrl::new(url).scheme(),
            UrlSource::Given(url) => url.scheme(),
            UrlSource::Variable(_) => String::new(),
        };
        self.provider.or_else(|| Provider::from_scheme(&scheme))
    }

    /// The schemas that are read beside the connection's own when the database is compared with
    /// what is expected.
    pub fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// The schema of names without one, with its variables filled in.
    pub(crate) fn resolved_schema(&self) -> Result<Option<String>> {
        secret::resolve_schema(self)
    }

    /// What stands between us and the server.
    pub fn pooler(&self) -> Pooler {
        self.pooler
    }

    /// Whether destructive work must name this database.
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    /// Whether every session may only read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The environment variable that holds Supabase's key.
    pub fn key_env(&self) -> Option<&str> {
        self.key_env.as_deref()
    }

    /// The URL to connect to, complete: `${NAME}` and `[YOUR-PASSWORD]` filled in, a relative file
    /// of SQLite made absolute from the folder of `db.toml`.
    ///
    /// This may run the profile's `password_command` and wait up to 10 seconds for it: from
    /// asynchronous code, call it in `spawn_blocking`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a variable that is not set, a password that no source has or two
    /// have, a malformed URL, and a URL that contradicts `provider`;
    /// [`Error::PasswordCommand`](crate::Error::PasswordCommand).
    pub fn resolve_url(&self) -> Result<SecretUrl> {
        secret::resolve_url(self)
    }

    /// The URL that goes around the pooler or Supabase's HTTP interface, complete as that of
    /// [`DatabaseProfile::resolve_url`]; `None` when the profile has no `direct_url`.
    ///
    /// # Errors
    /// As [`DatabaseProfile::resolve_url`].
    pub fn resolve_direct_url(&self) -> Result<Option<SecretUrl>> {
        secret::resolve_direct_url(self)
    }

    /// Everything that connecting needs: the complete URL and the profile's options.
    ///
    /// # Errors
    /// As [`DatabaseProfile::resolve_url`], which this calls.
    pub fn connect_options(&self) -> Result<ConnectOptions> {
        let mut options = ConnectOptions::new(self.resolve_url()?.expose())
            .pooler(self.pooler)
            .read_only(self.read_only);
        if let Some(schema) = secret::resolve_schema(self)? {
            options = options.schema(schema);
        }
        if let Some(name) = &self.name {
            options = options.profile(name);
        }
        Ok(self.pool.apply(options))
    }
}

impl PoolSettings {
    fn apply(&self, mut options: ConnectOptions) -> ConnectOptions {
        macro_rules! set {
            ($($name:ident)*) => {
                $(if let Some(value) = self.$name {
                    options = options.$name(value);
                })*
            };
        }
        set!(max_connections min_connections acquire_timeout idle_timeout max_lifetime);
        set!(connect_timeout statement_timeout lock_timeout slow_threshold);
        options
    }
}

/// Without values that may be secrets: what they are is told by where they come from.
impl fmt::Debug for DatabaseProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseProfile")
            .field("name", &self.name)
            .field("provider", &self.provider())
            .field("url", &self.url)
            .field("password", &self.password)
            .field("pooler", &self.pooler)
            .field("protected", &self.protected)
            .field("read_only", &self.read_only)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UrlSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlSource::Template(url) => SecretUrl::new(url).fmt(f),
            UrlSource::Given(url) => url.fmt(f),
            UrlSource::Variable(_) => f.write_str("of `url_env`"),
        }
    }
}

impl fmt::Debug for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PasswordSource::None => "of the URL, if any",
            PasswordSource::Template(_) => "of `db_password`",
            PasswordSource::Variable(_) => "of `password_env`",
            PasswordSource::Command(_) => "of `password_command`",
        })
    }
}
