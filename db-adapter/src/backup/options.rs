//! What a caller of a backup chooses, and what a backup gives.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{Metadata, one_line};
use crate::{Error, Filter, Notice, Result};

/// How a backup is made; made by [`BackupOptions::new`].
///
/// ```
/// use db_adapter::backup::BackupOptions;
/// use db_adapter::row;
///
/// let options = BackupOptions::new()
///     .output("backups/ann.json")
///     .table_filter("orders", row! { "status": "active" })
///     .metadata("environment", "staging")?;
/// # Ok::<(), db_adapter::Error>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct BackupOptions {
    /// Where to; `None` is a new file `backups/backup-<time>.json`. A name that ends in `.zst` is
    /// compressed. For anything but a file there is [`backup_to_writer`](super::backup_to_writer).
    pub output: Option<PathBuf>,
    /// The folder of a file whose name nobody chose; `None` is `backups`.
    pub folder: Option<PathBuf>,
    /// Only these tables; empty means all of the schema.
    pub tables: Vec<String>,
    /// Which rows of a table, beside those of the user.
    pub table_filters: BTreeMap<String, Filter>,
    /// Whole tables, rather than the rows of one user.
    pub all_rows: bool,
    /// Goes on where row-level security may hide rows from the role; the file then says so.
    pub allow_row_security: bool,
    /// Goes on where rows have one natural key, so that a restore calls all but one of them failed;
    /// a warning then says so.
    pub allow_duplicates: bool,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) progress: Option<Progress>,
}

/// Is told how far a backup is.
pub(super) type Progress = Arc<dyn Fn(&BackupProgress) + Send + Sync>;

/// How far a backup is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// The table that is being written.
    pub table: String,
    /// The rows written, of all tables.
    pub rows: u64,
    /// The rows that there will be.
    pub total: u64,
}

/// What a backup wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupFile {
    /// The file; `-` for a writer.
    pub path: PathBuf,
    /// The rows written, by table, in the order of the file.
    pub counts: Vec<(String, u64)>,
    /// The rows of the user that were left out because a filter left out a parent of theirs.
    pub left_out: Vec<(String, u64)>,
    /// What a restore of this file alone will miss.
    pub warnings: Vec<Notice>,
}

impl BackupOptions {
    /// All tables of the schema, to a new file in `backups`.
    pub fn new() -> Self {
        BackupOptions::default()
    }

    /// Where to: a file, which is replaced once the new one is whole.
    #[must_use]
    pub fn output(mut self, path: impl AsRef<Path>) -> Self {
        self.output = Some(path.as_ref().to_owned());
        self
    }

    /// Where a file goes whose name nobody chose, instead of `backups`.
    #[must_use]
    pub fn folder(mut self, path: impl AsRef<Path>) -> Self {
        self.folder = Some(path.as_ref().to_owned());
        self
    }

    /// Only these tables of the schema.
    #[must_use]
    pub fn tables<S: Into<String>>(mut self, tables: impl IntoIterator<Item = S>) -> Self {
        self.tables.extend(tables.into_iter().map(Into::into));
        self
    }

    /// Of this table only the rows that match. Children of rows left out are left out as well,
    /// and counted.
    #[must_use]
    pub fn table_filter(mut self, table: impl Into<String>, filter: impl Into<Filter>) -> Self {
        let table = table.into();
        let before = self.table_filters.remove(&table).unwrap_or_default();
        self.table_filters.insert(table, before.and(filter));
        self
    }

    /// Whole tables: every row, whoever it belongs to.
    #[must_use]
    pub fn all_rows(mut self) -> Self {
        self.all_rows = true;
        self
    }

    /// Accepts that row-level security may hide rows, so that the backup is partial.
    #[must_use]
    pub fn allow_row_security(mut self) -> Self {
        self.allow_row_security = true;
        self
    }

    /// Goes on where rows have one natural key; a warning names their table.
    #[must_use]
    pub fn allow_duplicates(mut self) -> Self {
        self.allow_duplicates = true;
        self
    }

    /// One more entry of the file's metadata.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] for a name that the file uses itself, [`Error::Conversion`] for a
    /// value that cannot be written as JSON.
    pub fn metadata(
        mut self,
        name: impl Into<String>,
        value: impl serde::Serialize,
    ) -> Result<Self> {
        let name = name.into();
        if Metadata::is_reserved(&name) || self.metadata.iter().any(|(n, _)| *n == name) {
            return Err(Error::invalid_query(
                format!("the metadata entry `{name}` is one that the file has already"),
                "give it another name",
            ));
        }
        let json = one_line(&value).ok_or_else(|| {
            Error::conversion(format!(
                "the metadata entry `{name}` cannot be written as JSON"
            ))
        })?;
        self.metadata.push((name, json));
        Ok(self)
    }

    /// Calls this now and then, and at the end of each table.
    #[must_use]
    pub fn on_progress(mut self, report: impl Fn(&BackupProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(report));
        self
    }
}

/// Never the values of filters and metadata.
impl fmt::Debug for BackupOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.metadata.iter().map(|(name, _)| name).collect();
        f.debug_struct("BackupOptions")
            .field("output", &self.output)
            .field("folder", &self.folder)
            .field("tables", &self.tables)
            .field("table_filters", &self.table_filters)
            .field("all_rows", &self.all_rows)
            .field("allow_row_security", &self.allow_row_security)
            .field("allow_duplicates", &self.allow_duplicates)
            .field("metadata", &names)
            .finish_non_exhaustive()
    }
}
