//! The database of a run: which one, and a client for it. What only looks makes no new SQLite file
//! of a mistyped name, and changes no file. Those that a run has opened are known, so that whoever
//! ends it early can ask them what became of its work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db_adapter::schema::ScratchDatabase;
use db_adapter::{
    ActiveProfile, AdapterOptions, DatabaseClient, DatabaseProfile, Error, ErrorKind, SecretUrl,
};

use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::{Finding, Report};

/// What a command wants to do with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Look,
    Write,
    /// The same, where a file that is not there is not made.
    WriteExisting,
}

/// An open database.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) client: Arc<dyn DatabaseClient>,
    /// Complete, with its password.
    pub(crate) url: SecretUrl,
    pub(crate) access: Access,
    /// Whether what is to change it was begun. Before that it is only read, whatever it says of work that was
    /// dropped.
    begun: Arc<AtomicBool>,
    /// Whether a part of the work is permanent, whatever becomes of the rest.
    partly: Arc<AtomicBool>,
    /// Whether what was asked of it is answered.
    answered: Arc<AtomicBool>,
    /// Whether what was read of it is in a file by now.
    kept: Arc<AtomicBool>,
}

/// The databases that a run has opened.
#[derive(Clone, Default)]
pub(crate) struct Databases {
    open: Arc<Mutex<Vec<Database>>>,
    /// The one that is to be gone at the end.
    scratch: Arc<Mutex<Option<Arc<dyn ScratchDatabase>>>>,
}

/// The database that is meant, or what to say when none is.
pub(crate) enum Meant {
    Active(Box<ActiveProfile>),
    Nothing(Report),
}

/// Decides which database is meant, and says what is doubtful about the file that says so.
pub(crate) fn find(options: &AdapterOptions, printer: &mut Printer) -> Result<Meant, Report> {
    let active = match options.resolve() {
        Err(error @ Error::NoProfile { .. }) => {
            return no_profile(error, options).map(Meant::Nothing);
        }
        active => active?,
    };
    for warning in active.config.iter().flat_map(|config| config.warnings()) {
        printer.warning(&warning.notice().into());
    }
    Ok(Meant::Active(Box::new(active)))
}

/// The same where a database is needed.
pub(crate) fn resolve(
    options: &AdapterOptions,
    printer: &mut Printer,
) -> Result<ActiveProfile, Report> {
    match find(options, printer)? {
        Meant::Active(active) => Ok(*active),
        Meant::Nothing(report) => Err(report),
    }
}

/// What there is to choose from. A file that cannot be used is the first thing to know.
fn no_profile(error: Error, options: &AdapterOptions) -> Result<Report, Report> {
    let choice = match options.find_config()? {
        None => "; `db-adapter init` makes a first db.toml".to_owned(),
        Some(_) => {
            let config = options.load_config()?;
            let names: Vec<_> = config.profiles().filter_map(|p| p.name()).collect();
            match names.as_slice() {
                [] => "; db.toml has no profile".to_owned(),
                names => format!("; db.toml has `{}`", names.join("`, `")),
            }
        }
    };
    let mut report = Report::from(error);
    for hint in report.findings.iter_mut().filter_map(|f| f.hint.as_mut()) {
        hint.push_str(&choice);
    }
    Ok(report)
}

impl Databases {
    /// Connects. A `password_command` runs on a thread of its own, so that an interrupt is heard
    /// meanwhile.
    pub(crate) async fn open(
        &self,
        active: &ActiveProfile,
        access: Access,
    ) -> Result<Database, Report> {
        self.open_profile(&active.profile, access).await
    }

    /// The same for a profile that is not the one of the run.
    pub(crate) async fn open_profile(
        &self,
        profile: &DatabaseProfile,
        access: Access,
    ) -> Result<Database, Report> {
        let database = connect(profile, access).await?;
        self.lock().push(database.clone());
        Ok(database)
    }

    /// Those that are open, and those that were.
    pub(crate) fn all(&self) -> Vec<Database> {
        self.lock().clone()
    }

    /// Whether one may be written to.
    pub(crate) fn may_write(&self) -> bool {
        let is_written = |database: &Database| database.access != Access::Look;
        self.lock().iter().any(is_written)
    }

    /// Whether one that is written to has answered to everything that was asked of it, or the file is
    /// there for which one was read.
    pub(crate) fn has_written(&self) -> bool {
        let is_done = |database: &Database| {
            let is_written = database.access != Access::Look;
            database.kept.load(Ordering::Acquire)
                || (is_written && database.answered.load(Ordering::Acquire))
        };
        self.lock().iter().any(is_done)
    }

    /// Remembers a scratch database from before it is made, for whoever ends the run.
    pub(crate) fn keep_scratch(&self, made: Box<dyn ScratchDatabase>) -> Arc<dyn ScratchDatabase> {
        let made: Arc<dyn ScratchDatabase> = made.into();
        *self.scratch() = Some(Arc::clone(&made));
        made
    }

    /// Removes it, once.
    pub(crate) async fn remove_scratch(&self) -> Result<(), Report> {
        let Some(scratch) = self.scratch().clone() else {
            return Ok(());
        };
        let removed = scratch.remove().await;
        *self.scratch() = None;
        removed.map_err(|error| {
            let mut report = Report::from(error);
            report.findings.push(left_behind(scratch.name()));
            report
        })
    }

    /// What to say of one that is there still.
    pub(crate) fn scratch_left(&self) -> Option<Finding> {
        self.scratch().as_ref().map(|s| left_behind(s.name()))
    }

    fn scratch(&self) -> MutexGuard<'_, Option<Arc<dyn ScratchDatabase>>> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Database>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn left_behind(name: &str) -> Finding {
    Finding {
        message: format!("the scratch database `{name}` may be there still"),
        hint: Some("remove it: `DROP DATABASE`, or of SQLite its folder".to_owned()),
    }
}

async fn connect(profile: &DatabaseProfile, access: Access) -> Result<Database, Report> {
    let profile = profile.clone();
    let options = tokio::task::spawn_blocking(move || profile.connect_options()).await;
    let options = options.map_err(|_| Report::new(Exit::Failed, "the program is ending"))??;
    let url = options.url().clone();
    let is_sqlite = url.scheme() == "sqlite";
    if is_sqlite && access == Access::WriteExisting {
        let looking = db_adapter::connect_with(options.clone().read_only(true)).await;
        // what goes wrong at its end changes nothing
        let _ = looking.map_err(not_opened)?.close().await;
    }
    let options = match access {
        Access::Look if is_sqlite => options.read_only(true),
        _ => options,
    };
    match db_adapter::connect_with(options).await {
        Ok(client) => Ok(Database {
            client,
            url,
            access,
            begun: Arc::default(),
            partly: Arc::default(),
            answered: Arc::default(),
            kept: Arc::default(),
        }),
        Err(error) if is_sqlite => Err(not_opened(error)),
        Err(error) => Err(error.into()),
    }
}

/// A file has no host and no port.
fn not_opened(error: Error) -> Report {
    let is_missing = error.kind() == ErrorKind::Connection;
    let report = Report::from(error);
    if is_missing {
        return report.hint("check the path; a new file is made only by `query --write`");
    }
    report
}

impl Database {
    /// What changes it is sent now.
    pub(crate) fn begins_to_write(&self) {
        self.begun.store(true, Ordering::Release);
    }

    /// A part of the work is permanent: a function for whoever hears of it.
    pub(crate) fn is_partly_done(&self) -> impl Fn() + Send + Sync + 'static {
        let partly = Arc::clone(&self.partly);
        move || partly.store(true, Ordering::Release)
    }

    /// Whether one is.
    pub(crate) fn was_partly_done(&self) -> bool {
        self.partly.load(Ordering::Acquire)
    }

    /// Whether something that changes it was sent.
    pub(crate) fn has_begun_to_write(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    /// What was read of it, or that it is the one to work with, is in a file: an interrupt comes too late.
    pub(crate) fn is_kept(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// The answer is known by now: what goes wrong at the end changes nothing.
    pub(crate) async fn close(&self) {
        self.answered.store(true, Ordering::Release);
        let _ = self.client.close().await;
    }
}
