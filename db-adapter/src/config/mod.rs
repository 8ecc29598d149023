//! Profiles: `db.toml`, the lock beside it, and which database is meant.
//!
//! [`environment`] alone reads the environment, [`discovery`] finds the file, [`reader`] and
//! [`file`] read it, [`secret`] and [`password_command`] fill in what it does not hold,
//! [`select`] decides between the sources. [`identify`] asks a database who it is, [`validated`] says
//! whether that is the one of the lock. Nothing here prints, keeps global state, or shows a
//! value of the file in an error: any of them may be a password.

mod access;
mod adapter;
mod connect_and_validate;
mod discovery;
mod duration;
mod environment;
mod file;
mod identify;
mod identity;
mod lock;
mod password_command;
mod percent;
mod profile;
mod reader;
mod secret;
mod select;
mod settings;
mod template;
mod validated;

pub use access::ConfigWarning;
pub use adapter::{
    AdapterOptions, get_active_profile, get_active_profile_name, get_adapter, load_db_config,
};
pub use connect_and_validate::{
    ConnectionResult, ValidateOptions, compare_with_lock, connect_and_validate, validate_connection,
};
pub use environment::Environment;
pub use identity::{DatabaseIdentity, IdentityChange};
pub use lock::ProfileLock;
pub use profile::{DatabaseProfile, Provider};
pub use select::{ActiveProfile, ProfileSource};
pub use settings::{DatabaseConfig, SchemaSettings};
pub use validated::LockMismatch;

/// The name of the configuration file.
pub(crate) const FILE_NAME: &str = "db.toml";
