//! What the threads of an adapter share: where the database is, what is known of its tables, and
//! what became of dropped work.

use std::sync::Arc;
use std::time::Duration;

use super::catalog::Catalog;
use super::error::Context;
use super::file::File;
use super::location::Location;
use super::temporary::Temporary;
use crate::abandoned::Abandoned;
use crate::{ConnectOptions, Result};

/// How long a connection waits for another program's lock, unless told otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct Database {
    /// Fixed: every connection is one to the same file.
    pub(super) location: Location,
    pub(super) file: File,
    /// The file as the caller named it, for messages.
    pub(super) target: String,
    pub(super) lock_timeout: Duration,
    /// Whether a commit is on disk before it is answered.
    pub(super) synchronous_commit: bool,
    pub(super) catalog: Catalog,
    pub(super) temporary: Temporary,
    pub(super) abandoned: Arc<Abandoned>,
}

impl Database {
    pub(super) fn new(location: Location, options: &ConnectOptions) -> Result<Self> {
        Ok(Database {
            target: location.name(),
            location: location.fixed()?,
            file: File::default(),
            lock_timeout: options.lock_timeout.unwrap_or(LOCK_TIMEOUT),
            synchronous_commit: options.synchronous_commit,
            catalog: Catalog::new(options.rounding),
            temporary: Temporary::default(),
            abandoned: Arc::default(),
        })
    }

    pub(super) fn is_in_memory(&self) -> bool {
        self.location.file.is_none()
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            target: &self.target,
            ..Context::default()
        }
    }
}
