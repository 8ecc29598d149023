//! What a caller may decide about a restore.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::transfer::options::{Keys, MissingRef, OnError, Options, RestoreMode};

/// How far a restore is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreProgress {
    /// The table that is being restored.
    pub table: String,
    /// The rows read so far, of all tables.
    pub rows: u64,
    /// The rows of the file, as far as it says.
    pub total: Option<u64>,
}

/// Is told how far a restore is.
type Progress = Arc<dyn Fn(&RestoreProgress) + Send + Sync>;

/// How to restore. The default restores all or nothing, leaves rows alone that are there, and
/// takes new keys from the database.
///
/// ```
/// use db_adapter::backup::{RestoreMode, RestoreOptions};
///
/// let options = RestoreOptions::default().mode(RestoreMode::Overwrite).dry_run(true);
/// assert!(options.dry_run);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct RestoreOptions {
    /// What happens to rows that are there already.
    pub mode: RestoreMode,
    /// Whether the work is done and then undone, so that its numbers are exact.
    pub dry_run: bool,
    /// Which keys restored rows get.
    pub keys: Keys,
    /// What a refused row does to the others.
    pub on_error: OnError,
    /// What an optional reference to a missing row becomes.
    pub missing_ref: MissingRef,
    /// Whether [`RestoreMode::Overwrite`] goes for rows that all users share.
    pub overwrite_shared: bool,
    /// Goes on where row-level security may hide rows of the destination from the role: those are
    /// restored a second time, if no unique key forbids it. A warning names the tables.
    pub allow_row_security: bool,
    /// Whether the file holds whole tables, of all users: rows keep their users then, and no user
    /// is asked for.
    pub all_rows: bool,
    pub(super) progress: Option<Progress>,
}

impl RestoreOptions {
    /// What happens to rows that are there already.
    #[must_use]
    pub fn mode(mut self, mode: RestoreMode) -> Self {
        self.mode = mode;
        self
    }

    /// Does the work and undoes it.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Which keys restored rows get.
    #[must_use]
    pub fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// What a refused row does to the others.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// What an optional reference to a missing row becomes.
    #[must_use]
    pub fn missing_ref(mut self, missing_ref: MissingRef) -> Self {
        self.missing_ref = missing_ref;
        self
    }

    /// Overwrites rows that all users share, too.
    #[must_use]
    pub fn overwrite_shared(mut self, overwrite_shared: bool) -> Self {
        self.overwrite_shared = overwrite_shared;
        self
    }

    /// Goes on where row-level security may hide rows that are there; a warning names the tables.
    #[must_use]
    pub fn allow_row_security(mut self) -> Self {
        self.allow_row_security = true;
        self
    }

    /// Restores whole tables, of all users: rows keep their users.
    #[must_use]
    pub fn all_rows(mut self) -> Self {
        self.all_rows = true;
        self
    }

    /// Is told now and then how far the restore is.
    #[must_use]
    pub fn on_progress(
        mut self,
        progress: impl Fn(&RestoreProgress) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }
}

/// What the transfer needs to know.
impl From<RestoreOptions> for Options {
    fn from(options: RestoreOptions) -> Self {
        let told = |progress: Progress| -> crate::transfer::options::Progress {
            Arc::new(move |table, rows, total| {
                let table = table.to_owned();
                progress(&RestoreProgress { table, rows, total });
            })
        };
        Options {
            mode: options.mode,
            dry_run: options.dry_run,
            keys: options.keys,
            on_error: options.on_error,
            missing_ref: options.missing_ref,
            overwrite_shared: options.overwrite_shared,
            allow_row_security: options.allow_row_security,
            all_rows: options.all_rows,
            records: false,
            looks: false,
            progress: options.progress.map(told),
            untouched: None,
        }
    }
}

impl fmt::Debug for RestoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoreOptions")
            .field("mode", &self.mode)
            .field("dry_run", &self.dry_run)
            .field("keys", &self.keys)
            .field("on_error", &self.on_error)
            .field("missing_ref", &self.missing_ref)
            .field("overwrite_shared", &self.overwrite_shared)
            .field("allow_row_security", &self.allow_row_security)
            .field("all_rows", &self.all_rows)
            .finish_non_exhaustive()
    }
}

/// Where a backup is read from: a path, where `-` is standard input, or a reader.
///
/// A file is read twice: its seal is checked before the first write. What can be read only once
/// is checked before the commit.
pub struct RestoreSource(pub(super) Input);

pub(super) enum Input {
    File(PathBuf),
    Reader(Box<dyn BufRead + Send>, String),
}

impl RestoreSource {
    /// Reads from here; `name` stands in messages.
    pub fn reader(reader: impl Read + Send + 'static, name: impl Into<String>) -> Self {
        RestoreSource(Input::Reader(Box::new(BufReader::new(reader)), name.into()))
    }
}

impl fmt::Debug for RestoreSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Input::File(path) => f.debug_tuple("RestoreSource").field(path).finish(),
            Input::Reader(_, name) => f.debug_tuple("RestoreSource").field(name).finish(),
        }
    }
}

impl From<&Path> for RestoreSource {
    fn from(path: &Path) -> Self {
        RestoreSource(Input::File(path.to_owned()))
    }
}

impl From<&PathBuf> for RestoreSource {
    fn from(path: &PathBuf) -> Self {
        RestoreSource(Input::File(path.clone()))
    }
}

impl From<PathBuf> for RestoreSource {
    fn from(path: PathBuf) -> Self {
        RestoreSource(Input::File(path))
    }
}

impl From<&str> for RestoreSource {
    fn from(path: &str) -> Self {
        RestoreSource(Input::File(path.into()))
    }
}

impl From<String> for RestoreSource {
    fn from(path: String) -> Self {
        RestoreSource(Input::File(path.into()))
    }
}
