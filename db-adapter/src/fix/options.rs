//! What a caller of a run chooses, and what a run gives.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use db_adapter_core::TableName;
use db_adapter_core::fix::NotFixed;

use super::event::FixEvent;
use crate::client::BoxFuture;
use crate::{Result, Tx};

/// How a plan is run; made by [`ApplyOptions::new`]. By itself nothing is changed: a run is a dry one, and is not
/// confirmed.
///
/// ```
/// use db_adapter::fix::ApplyOptions;
///
/// let options = ApplyOptions::new()
///     .dry_run(false)
///     .confirm(true)
///     .verify(async |db| {
///         use db_adapter::DatabaseClientExt as _;
///         Ok(db.count("users", db_adapter::row! {}).await? > 0)
///     });
/// # let _ = options;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ApplyOptions {
    /// Only looks whether the plan is one for the schema that is there; default yes.
    pub dry_run: bool,
    /// Says that the plan was seen and is wanted; default no.
    pub confirm: bool,
    /// Runs steps that lose rows or change values without a backup; default no.
    pub without_backup: bool,
    /// How long one attempt waits for a lock; default 3 seconds.
    pub lock_timeout: Duration,
    /// How often a phase is tried again that somebody else was in the way of; default 4.
    pub lock_retries: u32,
    pub(super) backup: Option<Backup>,
    pub(super) verify: Option<Verify>,
    pub(super) on_event: Option<OnEvent>,
}

pub(super) type Backup =
    Arc<dyn Fn(Tx, Vec<TableName>) -> BoxFuture<'static, Result<()>> + Send + Sync>;
pub(super) type Verify = Arc<dyn Fn(Tx) -> BoxFuture<'static, Result<bool>> + Send + Sync>;
pub(super) type OnEvent = Arc<dyn Fn(&FixEvent) -> Result<()> + Send + Sync>;

impl Default for ApplyOptions {
    fn default() -> Self {
        ApplyOptions {
            dry_run: true,
            confirm: false,
            without_backup: false,
            lock_timeout: Duration::from_secs(3),
            lock_retries: 4,
            backup: None,
            verify: None,
            on_event: None,
        }
    }
}

impl ApplyOptions {
    /// A dry run.
    pub fn new() -> Self {
        ApplyOptions::default()
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Whether the plan was seen and is wanted.
    #[must_use]
    pub fn confirm(mut self, confirm: bool) -> Self {
        self.confirm = confirm;
        self
    }

    /// Called before the first step of a phase that loses rows or changes values, with the tables whose rows are
    /// concerned. It is inside of the transaction: the tables are locked, and the rows are those that are lost. Where
    /// it fails, so does the run. A phase that is tried again calls it again. Without it there are no such steps.
    ///
    /// [`backup_tables`](crate::backup::backup_tables) writes them to a file.
    #[must_use]
    pub fn backup<F, R>(mut self, backup: F) -> Self
    where
        F: Fn(Tx, Vec<TableName>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.backup = Some(Arc::new(move |tx, tables| Box::pin(backup(tx, tables))));
        self
    }

    /// Runs such steps without a backup.
    #[must_use]
    pub fn without_backup(mut self) -> Self {
        self.without_backup = true;
        self
    }

    /// Called when all is done, before it is made permanent: `false` undoes it. In the online mode it is the last
    /// phase that is undone; where that is no transaction, nothing is, and the run only fails.
    #[must_use]
    pub fn verify<F, R>(mut self, verify: F) -> Self
    where
        F: Fn(Tx) -> R + Send + Sync + 'static,
        R: Future<Output = Result<bool>> + Send + 'static,
    {
        self.verify = Some(Arc::new(move |tx| Box::pin(verify(tx))));
        self
    }

    /// Called at each step. An error of it stops the run there, as any other does.
    #[must_use]
    pub fn on_event(
        mut self,
        on_event: impl Fn(&FixEvent) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.on_event = Some(Arc::new(on_event));
        self
    }

    /// How long one attempt waits for a lock. Everybody else who wants the table waits behind it meanwhile.
    #[must_use]
    pub fn lock_timeout(mut self, limit: Duration) -> Self {
        self.lock_timeout = limit;
        self
    }

    /// How often a phase is tried again.
    #[must_use]
    pub fn lock_retries(mut self, retries: u32) -> Self {
        self.lock_retries = retries;
        self
    }
}

impl fmt::Debug for ApplyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplyOptions")
            .field("dry_run", &self.dry_run)
            .field("confirm", &self.confirm)
            .field("without_backup", &self.without_backup)
            .field("lock_timeout", &self.lock_timeout)
            .field("lock_retries", &self.lock_retries)
            .field("backup", &self.backup.is_some())
            .field("verify", &self.verify.is_some())
            .finish_non_exhaustive()
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixResult {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// The steps that were done, in words; of a dry run those that would be.
    pub steps: Vec<String>,
    /// The keys of the tables whose rows were backed up; of a dry run those that would be.
    pub backed_up: Vec<String>,
    /// The rows that got the value of a new default.
    pub filled: u64,
    /// What the plan leaves as it is.
    pub not_fixed: Vec<NotFixed>,
}
