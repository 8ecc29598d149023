//! The entry point of a restore: opens the file, has its rows transferred, and tells what became of them.

use db_adapter_core::backup::BackupSchema;

use super::options::{RestoreOptions, RestoreSource};
use super::source::Source;
use super::summary::RestoreSummary;
use crate::client::DatabaseClient;
use crate::transfer::run::transfer;
use crate::transfer::user;
use crate::{Error, Notice, Result, Value};

/// Restores the rows of a backup as rows of this user.
///
/// Parents come first; every foreign key leads to where its row is now. A row that is there
/// already is found by its natural key, compared by what it means: user, parents and slug, with
/// NULL equal to NULL. All other rows are new, and get new keys where the database makes them,
/// so that a user's rows can be cloned to another user of the same database. Rows of other users
/// are never touched.
///
/// Everything happens in one transaction. By default it is all or nothing: when a row fails,
/// nothing is committed, and the summary names the failed rows. It is safe to run a restore
/// twice, and to kill it at any moment; of two at once, one waits.
///
/// ```
/// use db_adapter::backup::{RestoreOptions, restore_database};
/// use db_adapter::{BackupSchema, TableDef, prelude::*};
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("backup.json");
/// std::fs::write(&path, r#"{"metadata": {"version": "1.1", "authors_count": 1, "books_count": 1},
///     "authors": [{"id": 7, "slug": "le-guin", "user_id": "old"}],
///     "books": [{"id": 9, "slug": "lathe", "user_id": "old", "author_id": 7}]}"#)?;
/// let schema = BackupSchema::new([
///     TableDef::new("authors"),
///     TableDef::new("books").parent("authors", "author_id"),
/// ])?;
///
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute_script(
///     "CREATE TABLE authors (id INTEGER PRIMARY KEY, slug TEXT, user_id TEXT);
///      CREATE TABLE books (id INTEGER PRIMARY KEY, slug TEXT, user_id TEXT,
///                          author_id INTEGER REFERENCES authors)",
/// ).await?;
/// let summary = restore_database(&db, &schema, &path, "new", RestoreOptions::default()).await?;
/// assert_eq!(summary.table("books").map(|table| table.inserted), Some(1));
/// let book = db.select("books", "*").one().await?;
/// let author = db.select("authors", "*").one().await?;
/// assert_eq!((&book["author_id"], &book["user_id"]), (&author["id"], &"new".into()));
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// [`Error::InvalidBackup`] for a file that is not the one that was written,
/// [`Error::RestoreRefused`] for everything of the file or the schema that does not fit the
/// destination, and those of the connection. Nothing was restored then. Rows that are refused are
/// no error: the summary has them.
pub async fn restore_database(
    client: &dyn DatabaseClient,
    schema: &BackupSchema,
    source: impl Into<RestoreSource>,
    user_id: impl Into<Value>,
    options: RestoreOptions,
) -> Result<RestoreSummary> {
    let user = user_id.into();
    user::check(&user)?;
    let mut source = Source::open(source.into())?;
    check_kind(&mut source, &options)?;
    let dry_run = options.dry_run;
    let outcome = transfer(client, schema, &mut source, &user, &options.into()).await?;
    Ok(RestoreSummary::of(outcome, dry_run))
}

/// Whole tables are of many users, a user's rows are not whole tables.
fn check_kind(source: &mut Source, options: &RestoreOptions) -> Result<()> {
    let details = &source.metadata()?.details;
    let whole = details.as_ref().is_some_and(|details| details.all_rows);
    let (problem, hint) = match (whole, options.all_rows) {
        (true, false) => (
            "the file holds whole tables, with the rows of all users",
            "restore it as whole tables (`all_rows`, `--all-rows`), for which no user is needed",
        ),
        (false, true) => (
            "the file holds the rows of one user, not whole tables",
            "restore it without `all_rows` (`--all-rows`), as rows of a user",
        ),
        _ => return Ok(()),
    };
    Err(Error::RestoreRefused {
        problems: vec![Notice::new(problem).hint(hint)],
    })
}
