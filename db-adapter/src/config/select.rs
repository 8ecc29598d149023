//! Which database is meant: a URL, a profile, `DB_PROFILE`, the lock, `DATABASE_URL`, in this
//! order, and nothing behind the first that is set is looked at.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::adapter::AdapterOptions;
use super::discovery::{self, Disk, Listing};
use super::profile::DatabaseProfile;
use super::settings::{self, DatabaseConfig};
use super::{FILE_NAME, ProfileLock};
use crate::{ConnectOptions, Error, Result, SecretUrl};

/// The database that is meant, and why.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ActiveProfile {
    /// The profile; without a name for a bare URL.
    pub profile: DatabaseProfile,
    /// Who said so.
    pub source: ProfileSource,
    /// The file that the profile was read from; `None` for a bare URL, for which no file is read.
    pub config: Option<DatabaseConfig>,
}

impl ActiveProfile {
    /// The name of the profile; `None` for a bare URL.
    pub fn name(&self) -> Option<&str> {
        self.profile.name()
    }

    /// Everything that connecting needs; see [`DatabaseProfile::connect_options`].
    ///
    /// # Errors
    /// As [`DatabaseProfile::resolve_url`].
    pub fn connect_options(&self) -> Result<ConnectOptions> {
        self.profile.connect_options()
    }
}

/// Who said which database is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileSource {
    /// A URL in the options.
    Url,
    /// A profile in the options.
    Profile,
    /// The environment variable of this name, `DB_PROFILE` with the prefix.
    ProfileVariable(String),
    /// The lock, this file.
    Lock(PathBuf),
    /// The environment variable of this name, `DATABASE_URL` with the prefix: the fallback.
    UrlVariable(String),
}

impl ProfileSource {
    /// Whether the URL comes from `DATABASE_URL` alone: nobody has named this database.
    pub fn is_fallback(&self) -> bool {
        matches!(self, ProfileSource::UrlVariable(_))
    }
}

impl fmt::Display for ProfileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProfileSource::Url => f.write_str("the database URL given"),
            ProfileSource::Profile => f.write_str("the profile given"),
            ProfileSource::ProfileVariable(name) | ProfileSource::UrlVariable(name) => {
                write!(f, "the environment variable `{name}`")
            }
            ProfileSource::Lock(path) => write!(f, "the lock `{}`", path.display()),
        }
    }
}

pub(crate) fn select(options: &AdapterOptions) -> Result<ActiveProfile> {
    if let Some(url) = &options.database_url {
        return Ok(bare(options, url.clone(), ProfileSource::Url));
    }
    if let Some((name, source)) = name(options)? {
        return named(options, &name, source);
    }
    let variable = options.variable("DATABASE_URL");
    if let Some(url) = options.environment.get_filled(&variable)? {
        let source = ProfileSource::UrlVariable(variable);
        return Ok(bare(options, SecretUrl::new(url), source));
    }
    Err(no_profile(options))
}

/// The name of the profile that is meant, unless a URL is.
fn name(options: &AdapterOptions) -> Result<Option<(String, ProfileSource)>> {
    if let Some(name) = &options.profile {
        return Ok(Some((name.clone(), ProfileSource::Profile)));
    }
    let variable = options.variable("DB_PROFILE");
    if let Some(name) = options.environment.get_filled(&variable)? {
        let source = ProfileSource::ProfileVariable(variable);
        return Ok(Some((name.trim().to_owned(), source)));
    }
    let lock = lock(options)?;
    Ok(lock.map(|(path, lock)| (lock.profile, ProfileSource::Lock(path))))
}

/// The name of the profile that is meant.
pub(crate) fn active_name(options: &AdapterOptions) -> Result<String> {
    match name(options)? {
        Some((name, _)) => Ok(name),
        None => Err(no_profile(options)),
    }
}

fn bare(options: &AdapterOptions, url: SecretUrl, source: ProfileSource) -> ActiveProfile {
    ActiveProfile {
        profile: DatabaseProfile::from_url(url, options.environment.clone()),
        source,
        config: None,
    }
}

fn named(options: &AdapterOptions, name: &str, source: ProfileSource) -> Result<ActiveProfile> {
    let config = load(options)?;
    let profile = config.profile(name)?.clone();
    Ok(ActiveProfile {
        profile,
        source,
        config: Some(config),
    })
}

/// The lock beside `db.toml`, and its path.
pub(crate) fn lock(options: &AdapterOptions) -> Result<Option<(PathBuf, ProfileLock)>> {
    let Some(file) = locate(options)? else {
        return Ok(None);
    };
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let lock = ProfileLock::read(folder)?;
    Ok(lock.map(|lock| (ProfileLock::path(folder), lock)))
}

/// Reads the `db.toml` that the options mean.
pub(crate) fn load(options: &AdapterOptions) -> Result<DatabaseConfig> {
    match locate(options)? {
        Some(path) => DatabaseConfig::load(path, options.environment.clone()),
        None => {
            let start = options.environment.current_dir()?;
            Err(Error::config(
                format!("no `{FILE_NAME}` from `{}` upward", start.display()),
                "create one with `db-adapter init`, or name it with `--config` or `DB_ADAPTER_CONFIG`",
            ))
        }
    }
}

/// The `db.toml` that the options mean, `None` when the search finds none.
pub(crate) fn locate(options: &AdapterOptions) -> Result<Option<PathBuf>> {
    let environment = &options.environment;
    let named = match &options.config_path {
        Some(path) => Some(path.clone()),
        None => {
            let path = environment.get_filled(&options.variable("DB_ADAPTER_CONFIG"))?;
            path.map(PathBuf::from)
        }
    };
    if let Some(path) = named {
        let path = environment.current_dir()?.join(path); // an absolute one stays as it is
        return match Disk.exists(&path) {
            true => Ok(Some(path)),
            false => Err(settings::missing(&path)), // never passed over in favour of a fallback
        };
    }
    // links resolved, so that the home folder is recognised under each of its names
    let real = |path: PathBuf| fs::canonicalize(&path).unwrap_or(path);
    let start = real(environment.current_dir()?);
    let home = environment.home().map(real);
    Ok(discovery::find(&start, home.as_deref(), &Disk))
}

fn no_profile(options: &AdapterOptions) -> Error {
    let prefix = &options.env_prefix;
    let flag = match prefix.as_str() {
        "" => String::new(),
        prefix => format!("--env-prefix {prefix} "),
    };
    Error::NoProfile {
        hint: format!(
            "run `{prefix}DB_PROFILE=<name> db-adapter {flag}connect`, or set `{prefix}DATABASE_URL`"
        ),
    }
}
