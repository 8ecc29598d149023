//! The entry points of the configuration: which database, and a client for it.

use std::path::PathBuf;
use std::sync::Arc;

use super::connect_and_validate;
use super::environment::Environment;
use super::profile::DatabaseProfile;
use super::select::{self, ActiveProfile};
use super::settings::DatabaseConfig;
use crate::{DatabaseClient, Error, Result, SecretUrl, connect_with};

/// Which database [`get_adapter`] connects to. Without anything set it is what `DB_PROFILE`, the
/// lock `.db-profile` or `DATABASE_URL` say, in this order.
///
/// With a prefix, `DB_PROFILE`, `DATABASE_URL` and `DB_ADAPTER_CONFIG` are read with it, and not
/// without.
///
/// ```
/// use db_adapter::{AdapterOptions, Environment};
/// let active = AdapterOptions::new()
///     .env_prefix("MC_")
///     .environment(Environment::of([("MC_DATABASE_URL", "sqlite::memory:")]).in_folder("/"))
///     .resolve()?;
/// assert_eq!(active.name(), None);
/// assert_eq!(active.source.to_string(), "the environment variable `MC_DATABASE_URL`");
/// # Ok::<(), db_adapter::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AdapterOptions {
    pub(crate) profile: Option<String>,
    pub(crate) env_prefix: String,
    pub(crate) database_url: Option<SecretUrl>,
    pub(crate) config_path: Option<PathBuf>,
    pub(crate) environment: Environment,
    pub(crate) require_validated: bool,
}

impl AdapterOptions {
    /// What the environment, the lock and `db.toml` say.
    pub fn new() -> Self {
        AdapterOptions::default()
    }

    /// The profile of `db.toml`, whatever the environment and the lock say.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// What the names of our environment variables start with, such as `MC_` for `MC_DB_PROFILE`.
    pub fn env_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.env_prefix = prefix.into();
        self
    }

    /// The URL itself, whatever anything else says; no `db.toml` is needed.
    pub fn database_url(mut self, url: impl Into<SecretUrl>) -> Self {
        self.database_url = Some(url.into());
        self
    }

    /// The `db.toml` to read; default the one named in `DB_ADAPTER_CONFIG`, else the nearest from
    /// the working directory upward, within the repository, the home folder and the file system.
    pub fn config_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_path = Some(path.into());
        self
    }

    /// Where variables come from; default the process.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// [`get_adapter`] refuses a database that is not the one that `connect` or
    /// [`connect_and_validate`](crate::connect_and_validate) validated: another profile, another
    /// database, or another schema than the lock `.db-profile` says. That costs an introspection of
    /// the schema.
    ///
    /// A server is known by its system identifier: another host that leads to it is only logged as
    /// a warning.
    pub fn require_validated(mut self) -> Self {
        self.require_validated = true;
        self
    }

    /// Decides which database is meant, without connecting to it.
    ///
    /// # Errors
    /// [`Error::NoProfile`] when nothing says so, [`Error::UnknownProfile`] for a name that
    /// `db.toml` does not have, and those of [`DatabaseConfig::load`].
    pub fn resolve(&self) -> Result<ActiveProfile> {
        select::select(self)
    }

    /// Reads `db.toml`, whichever profile is meant.
    ///
    /// # Errors
    /// Those of [`DatabaseConfig::load`], and [`Error::Config`] when no file is found.
    pub fn load_config(&self) -> Result<DatabaseConfig> {
        select::load(self)
    }

    /// Where `db.toml` is, `None` when the search finds none.
    ///
    /// # Errors
    /// [`Error::Config`] when a file that was named is not there.
    pub fn find_config(&self) -> Result<Option<PathBuf>> {
        select::locate(self)
    }

    pub(crate) fn variable(&self, name: &str) -> String {
        format!("{}{name}", self.env_prefix)
    }
}

/// Connects to the database that the options mean. Each call gives a new adapter.
///
/// A URL, no `db.toml` needed:
/// ```no_run
/// # use db_adapter::{AdapterOptions, get_adapter};
/// # async fn f() -> db_adapter::Result<()> {
/// let adapter = get_adapter(AdapterOptions::new().database_url("sqlite::memory:")).await?;
/// # adapter.close().await }
/// ```
/// A profile of `db.toml`:
/// ```no_run
/// # use db_adapter::{AdapterOptions, get_adapter};
/// # async fn f() -> db_adapter::Result<()> {
/// let adapter = get_adapter(AdapterOptions::new().profile("local")).await?;
/// # adapter.close().await }
/// ```
/// Whatever `DB_PROFILE`, then the lock, then `DATABASE_URL` say:
/// ```no_run
/// # use db_adapter::{AdapterOptions, get_adapter};
/// # async fn f() -> db_adapter::Result<()> {
/// let adapter = get_adapter(AdapterOptions::new()).await?;
/// # adapter.close().await }
/// ```
/// The same with `MC_DB_PROFILE` and `MC_DATABASE_URL`:
/// ```no_run
/// # use db_adapter::{AdapterOptions, get_adapter};
/// # async fn f() -> db_adapter::Result<()> {
/// let adapter = get_adapter(AdapterOptions::new().env_prefix("MC_")).await?;
/// # adapter.close().await }
/// ```
///
/// # Errors
/// Those of [`AdapterOptions::resolve`], [`DatabaseProfile::resolve_url`] and
/// [`connect`](crate::connect()); [`Error::NotValidated`] with
/// [`AdapterOptions::require_validated`].
pub async fn get_adapter(options: AdapterOptions) -> Result<Arc<dyn DatabaseClient>> {
    if !options.require_validated {
        let connect = off_the_runtime(move || options.resolve()?.connect_options()).await?;
        return connect_with(connect).await;
    }
    let (options, profile, connect) = off_the_runtime(move || {
        let active = options.resolve()?;
        let connect = active.connect_options()?;
        Ok((options, active.name().map(str::to_owned), connect))
    })
    .await?;
    let url = connect.url().clone();
    let client = connect_with(connect).await?;
    let profile = profile.as_deref();
    match connect_and_validate::require_validated(&*client, &url, profile, &options).await {
        Ok(()) => Ok(client),
        Err(error) => {
            // the refusal is the answer
            let _ = client.close().await;
            Err(error)
        }
    }
}

/// Reading files and waiting for a `password_command` must not hold up other tasks.
pub(super) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.unwrap_or_else(|_| {
            Err(Error::config(
                "the runtime ended while the configuration was read",
                "",
            ))
        }),
        Err(_) => work(),
    }
}

/// Reads the `db.toml` of the working directory: [`AdapterOptions::load_config`] with a prefix.
///
/// # Errors
/// As [`AdapterOptions::load_config`].
pub fn load_db_config(env_prefix: &str) -> Result<DatabaseConfig> {
    AdapterOptions::new().env_prefix(env_prefix).load_config()
}

/// The profile that is meant: [`AdapterOptions::resolve`] with a prefix.
///
/// # Errors
/// As [`AdapterOptions::resolve`].
pub fn get_active_profile(env_prefix: &str) -> Result<DatabaseProfile> {
    let active = AdapterOptions::new().env_prefix(env_prefix).resolve()?;
    Ok(active.profile)
}

/// The name of the profile that is meant. `db.toml` is not read, so there may be no such profile.
///
/// # Errors
/// [`Error::NoProfile`] when neither `DB_PROFILE` nor the lock names one; `DATABASE_URL` does not.
pub fn get_active_profile_name(env_prefix: &str) -> Result<String> {
    select::active_name(&AdapterOptions::new().env_prefix(env_prefix))
}
