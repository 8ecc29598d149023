//! What a caller may decide about a comparison or a sync.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use db_adapter_core::backup::BackupSchema;

use crate::Value;

/// How far a sync is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncProgress {
    /// The table that is compared.
    pub table: String,
    /// The rows of the source read so far, of all tables.
    pub rows: u64,
    /// The rows that the source has.
    pub total: Option<u64>,
}

/// Is told how far a sync is.
type Progress = Arc<dyn Fn(&SyncProgress) + Send + Sync>;

/// Which rows are meant, and whether anything may be written.
///
/// By default nothing is: [`sync`](super::sync) does the work and undoes it, so that its plan is exact. To write, say
/// it twice: `dry_run(false)` and `confirm(true)`.
///
/// ```
/// use db_adapter::sync::SyncOptions;
///
/// let options = SyncOptions::new(["notes", "tags"]).user_id("ann");
/// assert!(options.dry_run && !options.confirm);
/// assert_eq!((options.user_field.as_str(), options.slug_field.as_str()), ("user_id", "slug"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct SyncOptions {
    /// The tables. Of a declared schema empty means all; without one they must be named.
    pub tables: Vec<String>,
    /// Whose rows; `None` means whole tables, with the rows of all users.
    pub user_id: Option<Value>,
    /// Without a declared schema: the column that says whose a row is, in tables that have it.
    pub user_field: String,
    /// Without a declared schema: the column by which a row is known, together with the user's.
    pub slug_field: String,
    /// What the names of environment variables start with; of profiles alone.
    pub env_prefix: String,
    /// The `db.toml` of the profiles; `None` is the one that is found.
    pub config_path: Option<PathBuf>,
    /// The profile that may be written to although it is protected.
    pub target: Option<String>,
    /// How the tables hang together. Without one, tables with foreign keys are refused.
    pub schema: Option<BackupSchema>,
    /// Whether the work is undone at its end.
    pub dry_run: bool,
    /// Whether anything may be written: without it a sync that is not a dry run is refused.
    pub confirm: bool,
    /// Whether rows that all users share are changed, too. New ones are always brought.
    pub overwrite_shared: bool,
    /// Goes on where row-level security may hide rows from a role; a warning names the tables of the
    /// destination.
    pub allow_row_security: bool,
    /// Whether a sync ends with a comparison of all rows, before it commits.
    pub proof: bool,
    /// The file that has what both sides were like after the last sync: read where it is there, written after a sync.
    pub base: Option<PathBuf>,
    /// Whether rows that the source does not have any more are deleted.
    pub delete: bool,
    /// Whether what the base says is done without: of rows that only the destination has, nobody knows then whether
    /// the source ever had them.
    pub no_base: bool,
    /// What becomes of rows that were changed on both sides.
    pub on_conflict: Option<OnConflict>,
    pub(super) progress: Option<Progress>,
}

/// What becomes of a row that was changed on both sides since the last sync; without a base, of one that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnConflict {
    /// Nothing is synced.
    Fail,
    /// It becomes what it is in the source.
    Source,
    /// It stays what it is in the destination.
    Dest,
    /// The side wins that has the later value in this column, a number, a date or a time. Where that is NULL, the
    /// same on both sides, or one side has deleted the row, nothing is synced.
    Newer(String),
}

impl Default for SyncOptions {
    fn default() -> Self {
        SyncOptions {
            tables: Vec::new(),
            user_id: None,
            user_field: "user_id".to_owned(),
            slug_field: "slug".to_owned(),
            env_prefix: String::new(),
            config_path: None,
            target: None,
            schema: None,
            dry_run: true,
            confirm: false,
            overwrite_shared: false,
            allow_row_security: false,
            proof: true,
            base: None,
            delete: false,
            no_base: false,
            on_conflict: None,
            progress: None,
        }
    }
}

impl SyncOptions {
    /// These tables, whole, as a dry run.
    pub fn new<S: Into<String>>(tables: impl IntoIterator<Item = S>) -> Self {
        SyncOptions {
            tables: tables.into_iter().map(Into::into).collect(),
            ..SyncOptions::default()
        }
    }

    /// All tables of a declared schema, whole, as a dry run.
    pub fn of_schema(schema: BackupSchema) -> Self {
        SyncOptions::default().schema(schema)
    }

    /// How the tables hang together.
    #[must_use]
    pub fn schema(mut self, schema: BackupSchema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Only the rows of this user.
    #[must_use]
    pub fn user_id(mut self, user: impl Into<Value>) -> Self {
        self.user_id = Some(user.into());
        self
    }

    /// The column that says whose a row is, where no schema is declared.
    #[must_use]
    pub fn user_field(mut self, column: impl Into<String>) -> Self {
        self.user_field = column.into();
        self
    }

    /// The column by which a row is known, where no schema is declared.
    #[must_use]
    pub fn slug_field(mut self, column: impl Into<String>) -> Self {
        self.slug_field = column.into();
        self
    }

    /// What the names of environment variables start with.
    #[must_use]
    pub fn env_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.env_prefix = prefix.into();
        self
    }

    /// The `db.toml` of the profiles.
    #[must_use]
    pub fn config_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_path = Some(path.into());
        self
    }

    /// The profile that may be written to although it is protected.
    #[must_use]
    pub fn target(mut self, profile: impl Into<String>) -> Self {
        self.target = Some(profile.into());
        self
    }

    /// Whether the work is undone at its end.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Whether anything may be written.
    #[must_use]
    pub fn confirm(mut self, confirm: bool) -> Self {
        self.confirm = confirm;
        self
    }

    /// Changes rows that all users share, too.
    #[must_use]
    pub fn overwrite_shared(mut self, overwrite_shared: bool) -> Self {
        self.overwrite_shared = overwrite_shared;
        self
    }

    /// Goes on where row-level security may hide rows from a role.
    #[must_use]
    pub fn allow_row_security(mut self) -> Self {
        self.allow_row_security = true;
        self
    }

    /// Whether a sync ends with a comparison of all rows, before it commits.
    #[must_use]
    pub fn proof(mut self, proof: bool) -> Self {
        self.proof = proof;
        self
    }

    /// Compares with what both sides were like after the last sync, which this file has, and writes what they are like
    /// after this one. Where the file is not there it is made.
    ///
    /// A row that the source has not changed since stays as it is in the destination, changed or deleted there or
    /// not. One that was changed on both sides is a conflict, see [`on_conflict`](Self::on_conflict). The file has no
    /// value of a row, only hashes. It is for these two databases, tables, users and columns, and refused for others.
    ///
    /// ```
    /// use db_adapter::sync::{OnConflict, SyncOptions};
    ///
    /// let options = SyncOptions::new(["notes"])
    ///     .base("notes.base")
    ///     .delete(true)
    ///     .on_conflict(OnConflict::Newer("updated_at".into()));
    /// assert!(options.delete && !options.no_base);
    /// ```
    #[must_use]
    pub fn base(mut self, file: impl Into<PathBuf>) -> Self {
        self.base = Some(file.into());
        self
    }

    /// Deletes rows that the source had at the last sync and does not have any more, unless the destination has
    /// changed them since, which is a conflict. Needs a [`base`](Self::base), or [`no_base`](Self::no_base).
    ///
    /// A row that others refer to, which are not deleted as well, is not deleted: then nothing is synced.
    #[must_use]
    pub fn delete(mut self, delete: bool) -> Self {
        self.delete = delete;
        self
    }

    /// Does without a base: with [`delete`](Self::delete) every row goes that only the destination has, whoever made
    /// it.
    #[must_use]
    pub fn no_base(mut self, no_base: bool) -> Self {
        self.no_base = no_base;
        self
    }

    /// What becomes of rows that were changed on both sides; by default nothing is synced then. Without a base every
    /// row that differs counts as such, and by default gets the values of the source.
    #[must_use]
    pub fn on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = Some(on_conflict);
        self
    }

    /// Is told now and then how far the work is.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(&SyncProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }
}

/// Never the user.
impl fmt::Debug for SyncOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncOptions")
            .field("tables", &self.tables)
            .field("user_field", &self.user_field)
            .field("slug_field", &self.slug_field)
            .field("env_prefix", &self.env_prefix)
            .field("config_path", &self.config_path)
            .field("dry_run", &self.dry_run)
            .field("confirm", &self.confirm)
            .field("overwrite_shared", &self.overwrite_shared)
            .field("allow_row_security", &self.allow_row_security)
            .field("proof", &self.proof)
            .field("base", &self.base)
            .field("delete", &self.delete)
            .field("no_base", &self.no_base)
            .field("on_conflict", &self.on_conflict)
            .finish_non_exhaustive()
    }
}
