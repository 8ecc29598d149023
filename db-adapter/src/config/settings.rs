//! A `db.toml` that was read: its profiles, and the settings of the tools.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::access::{Access, ConfigWarning};
use super::environment::Environment;
use super::file;
use super::profile::{DatabaseProfile, Origin};
use super::reader::position;
use crate::{ConfigProblem, Error, Result};

/// Larger files are none of ours.
const LARGEST: u64 = 1 << 20;

/// A `db.toml`: its profiles, and the settings of the tools. Paths in it are relative to it.
///
/// Every key, with what it means ([`DatabaseConfig::REFERENCE`]):
/// ```toml
#[doc = include_str!("reference.toml")]
/// ```
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    path: PathBuf,
    folder: PathBuf,
    profiles: Vec<DatabaseProfile>,
    schema: SchemaSettings,
    sync_tables: Vec<String>,
    user_id_env: Option<String>,
    warnings: Vec<ConfigWarning>,
}

/// The section `[schema]`: which schema is expected, and where its parts are declared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaSettings {
    /// A `.sql` file of DDL or a `.json` export; not together with `binary`.
    pub file: Option<PathBuf>,
    /// A program or library that the macros have put the schema into.
    pub binary: Option<PathBuf>,
    /// Whether `connect` compares the schemas; default yes.
    pub validate_on_connect: bool,
    /// SQL types of columns, for `fix`.
    pub column_defs: Option<PathBuf>,
    /// The hierarchy of tables, for backups.
    pub backup_schema: Option<PathBuf>,
}

impl Default for SchemaSettings {
    fn default() -> Self {
        SchemaSettings {
            file: None,
            binary: None,
            validate_on_connect: true,
            column_defs: None,
            backup_schema: None,
        }
    }
}

impl DatabaseConfig {
    /// A complete `db.toml` with an explanation of every key.
    pub const REFERENCE: &str = include_str!("reference.toml");

    /// Reads the file. Secrets are looked up in `environment` later, when they are needed.
    ///
    /// # Errors
    /// [`Error::Config`] when it cannot be read, [`Error::InvalidConfig`] with everything that is
    /// wrong in it.
    ///
    /// ```no_run
    /// use db_adapter::{DatabaseConfig, Environment};
    /// let config = DatabaseConfig::load("db.toml", Environment::process())?;
    /// for profile in config.profiles() {
    ///     println!("{:?} {:?}", profile.name(), profile.provider());
    /// }
    /// # Ok::<(), db_adapter::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>, environment: Environment) -> Result<Self> {
        let path = environment.current_dir()?.join(path); // an absolute one stays as it is
        let (bytes, access) = read(&path)?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&path, error))?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let origin = Arc::new(Origin {
            path: path.clone(),
            folder: folder.clone(),
            access,
            environment,
        });
        let contents = file::parse(&text, &origin).map_err(|problems| invalid(&path, problems))?;
        Ok(DatabaseConfig {
            warnings: access.warnings(&path, contents.holds_secret),
            path,
            folder,
            profiles: contents.profiles,
            schema: contents.schema,
            sync_tables: contents.sync_tables,
            user_id_env: contents.user_id_env,
        })
    }

    /// The file, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its folder: the lock and `backups/` lie here.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The profiles, in the order of the file.
    pub fn profiles(&self) -> impl ExactSizeIterator<Item = &DatabaseProfile> {
        self.profiles.iter()
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// [`Error::UnknownProfile`] with the names that there are.
    pub fn profile(&self, name: &str) -> Result<&DatabaseProfile> {
        let mut profiles = self.profiles();
        profiles
            .find(|profile| profile.name() == Some(name))
            .ok_or_else(|| {
                let names = self.profiles().filter_map(DatabaseProfile::name);
                unknown_profile(name, names.map(str::to_owned).collect())
            })
    }

    /// The section `[schema]`.
    pub fn schema(&self) -> &SchemaSettings {
        &self.schema
    }

    /// The tables of `[sync]`.
    pub fn sync_tables(&self) -> &[String] {
        &self.sync_tables
    }

    /// The environment variable that `[defaults] user_id_env` names.
    pub fn user_id_env(&self) -> Option<&str> {
        self.user_id_env.as_deref()
    }

    /// What is doubtful about the file. Nothing of it is printed by this library.
    pub fn warnings(&self) -> &[ConfigWarning] {
        &self.warnings
    }
}

/// A URL given in place of a name is not repeated: it may hold a password.
fn unknown_profile(name: &str, available: Vec<String>) -> Error {
    if !file::is_profile_name(name) {
        return Error::config(
            "what was given as the name of a profile is no such name",
            "a name such as `local`; a URL belongs into `--database-url` or `DATABASE_URL`",
        );
    }
    Error::UnknownProfile {
        name: name.to_owned(),
        available,
    }
}

fn read(path: &Path) -> Result<(Vec<u8>, Access)> {
    let read = || {
        let file = File::open(path)?;
        let metadata = file.metadata()?; // of the file that is read, whoever replaces it now
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        Ok((bytes, Access::of(&metadata)))
    };
    let (bytes, access) = read().map_err(|error: io::Error| unreadable(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::config(
            format!("`{}` is larger than 1 MiB", path.display()),
            "this is not the file that you mean",
        ));
    }
    Ok((bytes, access))
}

/// A file that was named and is not there.
pub(crate) fn missing(path: &Path) -> Error {
    Error::config(
        format!("there is no file `{}`", path.display()),
        "create it with `db-adapter init`, or name another one with `--config` or `DB_ADAPTER_CONFIG`",
    )
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => missing(path),
        io::ErrorKind::PermissionDenied => Error::config(
            format!("`{shown}` may not be read"),
            format!("check who owns it: `ls -l {shown}`"),
        ),
        io::ErrorKind::IsADirectory => {
            Error::config(format!("`{shown}` is a folder"), "name the file in it")
        }
        kind => Error::config(format!("`{shown}` cannot be read: {kind}"), ""),
    }
}

fn not_utf8(path: &Path, error: std::string::FromUtf8Error) -> Error {
    let valid = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default());
    let (line, column) = position(&text, text.len());
    let message = "this is no UTF-8".to_owned();
    let hint = Some("save the file as UTF-8".to_owned());
    invalid(
        path,
        vec![ConfigProblem {
            line,
            column,
            message,
            hint,
        }],
    )
}

fn invalid(path: &Path, problems: Vec<ConfigProblem>) -> Error {
    let path = path.display().to_string();
    Error::InvalidConfig { path, problems }
}
