//! A file for a moment, in a folder of its own, and a connection to it that takes the steps of a script
//! as SQLite's shell does: without the collations and settings that every other connection has.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use db_adapter_core::DatabaseSchema;
use db_adapter_core::ddl::{Action, Step};
use rusqlite::OpenFlags;

use super::SqliteAdapter;
use super::error::{Context, translate};
use crate::client::BoxFuture;
use crate::schema::scratch::{ScratchDatabase, ScriptFailure, left_open, not_included};
use crate::{ConnectOptions, DatabaseClient, Error, Result, SchemaIntrospector};

/// How messages call it.
const TARGET: &str = "the scratch database";

/// A file for a moment.
pub(crate) struct SqliteScratch {
    folder: PathBuf,
    name: String,
}

impl SqliteScratch {
    /// In this folder; nothing is made yet. The URL must be that of a database in memory: no file
    /// of the caller's is ever meant.
    pub(crate) fn new(options: &ConnectOptions, within: &Path) -> Result<Self> {
        if !options.url.expose().starts_with("sqlite::memory:") {
            return Err(Error::config(
                "a scratch database of SQLite is a file of its own",
                "write `sqlite::memory:`",
            ));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_nanos());
        let name = format!("db-adapter-scratch-{now:x}-{:x}", std::process::id());
        let folder = std::path::absolute(within.join(name));
        let folder = folder.map_err(|error| failed(within, "open", &error))?;
        Ok(SqliteScratch {
            name: folder.display().to_string(),
            folder,
        })
    }

    fn file(&self) -> PathBuf {
        self.folder.join("scratch.db")
    }

    fn make(&self) -> Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        // one that is there already is not ours
        let made = folder.create(&self.folder);
        made.map_err(|error| failed(&self.folder, "make", &error))
    }

    async fn read(&self) -> Result<DatabaseSchema> {
        let file = self.file();
        let path = file.to_str().ok_or_else(|| {
            Error::config(
                "the folder for scratch databases is not UTF-8",
                "name another one",
            )
        })?;
        let url = format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3F"));
        let client = SqliteAdapter::connect_with(ConnectOptions::new(url)).await?;
        let introspector = SchemaIntrospector::new(&client).excluded_tables::<&str>([]);
        let schema = introspector.introspect().await;
        client.close().await?;
        schema
    }

    fn clear(&self) -> Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed(&self.folder, "remove", &error))
            }
            _ => Ok(()),
        }
    }
}

impl ScratchDatabase for SqliteScratch {
    fn name(&self) -> &str {
        &self.name
    }

    fn beside(&self) -> Option<&dyn DatabaseClient> {
        None
    }

    fn create(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { self.make() })
    }

    fn run(&self, steps: Vec<Step>) -> BoxFuture<'_, Result<(), ScriptFailure>> {
        let file = self.file();
        Box::pin(async move {
            let taken = tokio::task::spawn_blocking(move || take(&file, steps));
            let lost = |_| ScriptFailure::new(0, Error::internal("the script's thread is gone"));
            taken.await.map_err(lost)?
        })
    }

    fn introspect(&self) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(self.read())
    }

    fn remove(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { self.clear() })
    }
}

fn take(file: &Path, steps: Vec<Step>) -> Result<(), ScriptFailure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |step| move |error| ScriptFailure::new(step, words(&error));
    let session = rusqlite::Connection::open_with_flags(file, flags).map_err(failed(0))?;
    let all = steps.len();
    for (place, step) in steps.into_iter().enumerate() {
        let Action::Run(statement) = step.action else {
            return Err(not_included(place));
        };
        run(&session, &statement).map_err(failed(place))?;
    }
    match session.is_autocommit() {
        true => Ok(()),
        false => Err(left_open(all)),
    }
}

/// Whatever it gives.
fn run(session: &rusqlite::Connection, sql: &str) -> rusqlite::Result<()> {
    let mut statement = session.prepare(sql)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

fn words(error: &rusqlite::Error) -> Error {
    let context = Context {
        table: None,
        keys: &[],
        filters: &[],
        target: TARGET,
    };
    translate(error, &context)
}

fn failed(path: &Path, action: &'static str, error: &std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        action,
        message: error.kind().to_string(),
        hint: None,
    }
}
