//! The entry points: a comparison, and a sync in one transaction of the destination.

use db_adapter_core::backup::{BackupSchema, ForeignKey};

use super::options::{SyncOptions, SyncProgress};
use super::plan::{SyncOutcome, SyncPlan};
use super::source::Source;
use super::{flat, same, three_way};
use crate::transfer::options::{Keys, MissingRef, OnError, Options, RestoreMode};
use crate::transfer::run::{begin, transfer};
use crate::transfer::user;
use crate::{DatabaseClient, Error, Notice, Result, Value};

/// What a sync of the source into the destination would do, without writing anything: each side is read from one
/// snapshot of its own.
///
/// Rows are matched by their natural keys, references by the rows that they lead to, and the destination itself
/// compares the values, as its types do. Nothing is written, so that what it would refuse, such as a unique key
/// that another user's row has, is not known: a dry run of [`sync`] tells.
///
/// ```
/// use db_adapter::prelude::*;
/// use db_adapter::sync::{SyncOptions, compare};
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let source = db_adapter::connect("sqlite::memory:").await?;
/// let dest = db_adapter::connect("sqlite::memory:").await?;
/// for (db, text) in [(&source, "new"), (&dest, "old")] {
///     db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, body TEXT)").await?;
///     db.insert("notes", row! { "slug": "a", "body": text }).await?;
/// }
/// source.insert("notes", row! { "slug": "b" }).await?;
/// dest.insert("notes", row! { "slug": "c" }).await?;
///
/// let plan = compare(&source, &dest, &SyncOptions::new(["notes"])).await?;
/// let notes = &plan.tables[0];
/// assert_eq!((notes.new, notes.changed, notes.unchanged, notes.only_in_dest), (1, 1, 0, 1));
/// assert_eq!(notes.changed_rows[0].columns, ["body"]);
/// assert!(!plan.is_same());
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// [`Error::SameDatabase`], [`Error::UndeclaredReferences`], [`Error::SyncRefused`] for what does not fit,
/// [`Error::ForeignParents`] and [`Error::PartialBackup`] of the source, and those of the connections.
pub async fn compare(
    source: &dyn DatabaseClient,
    dest: &dyn DatabaseClient,
    options: &SyncOptions,
) -> Result<SyncPlan> {
    let schema = checked(source, dest, options).await?;
    let mut from = from(source, &schema, options);
    if three_way::is_asked(options) {
        let compared = three_way::run(source, dest, &schema, &mut from, options, true).await;
        from.close().await;
        return compared.map(|done| done.plan).map_err(refused);
    }
    let user = options.user_id.clone().unwrap_or_default();
    let looked = transfer(dest, &schema, &mut from, &user, &how(options, true)).await;
    let counts = from.counts();
    from.close().await;
    let outcome = looked.map_err(refused)?;
    Ok(SyncPlan::of(outcome, &counts))
}

/// Brings the rows of the source into the destination.
///
/// New rows get new keys where the database makes them, and every reference leads to where its row is now. A row that
/// is there and differs gets the values of the source in the columns that differ; the others are not written. Rows
/// that only the destination has stay as they are, and so do rows of other users.
///
/// Everything happens in one transaction: when a row fails, nothing is committed, and the plan names the failed rows.
/// By default it is a dry run, which does the work and undoes it. It is safe to run a sync twice, and to kill it at
/// any moment; of two at once, one waits. At its end all rows are compared anew, before the commit.
///
/// ```
/// use db_adapter::prelude::*;
/// use db_adapter::sync::{SyncOptions, sync};
/// use db_adapter::{BackupSchema, TableDef};
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let source = db_adapter::connect("sqlite::memory:").await?;
/// let dest = db_adapter::connect("sqlite::memory:").await?;
/// for db in [&source, &dest] {
///     db.execute_script(
///         "CREATE TABLE authors (id INTEGER PRIMARY KEY, user_id TEXT, slug TEXT);
///          CREATE TABLE books (id INTEGER PRIMARY KEY, user_id TEXT, slug TEXT,
///                              author_id INTEGER REFERENCES authors)",
///     ).await?;
/// }
/// source.execute_script(
///     "INSERT INTO authors VALUES (7, 'ann', 'le-guin');
///      INSERT INTO books VALUES (9, 'ann', 'lathe', 7)",
/// ).await?;
/// let schema = BackupSchema::new([
///     TableDef::new("authors"),
///     TableDef::new("books").parent("authors", "author_id"),
/// ])?;
///
/// let options = SyncOptions::of_schema(schema).user_id("ann");
/// let preview = sync(&source, &dest, &options).await?;
/// assert_eq!((preview.plan.inserts(), preview.committed), (2, false));
///
/// let options = options.dry_run(false).confirm(true);
/// let done = sync(&source, &dest, &options).await?;
/// assert!(done.committed && done.is_proven());
/// let again = sync(&source, &dest, &options).await?;
/// assert!(again.plan.has_nothing_to_do());
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// As [`compare`]; [`Error::InvalidQuery`] for a sync that is neither a dry run nor confirmed. Rows that are refused
/// are no error: the plan has them.
pub async fn sync(
    source: &dyn DatabaseClient,
    dest: &dyn DatabaseClient,
    options: &SyncOptions,
) -> Result<SyncOutcome> {
    if !options.dry_run && !options.confirm {
        return Err(Error::invalid_query(
            "a sync writes only when that is confirmed",
            "pass `confirm(true)` (`--confirm`), or `dry_run(true)` (`--dry-run`) to see what it would do",
        ));
    }
    let schema = checked(source, dest, options).await?;
    let mut from = from(source, &schema, options);
    let done = match options.dry_run || !options.proof {
        _ if three_way::is_asked(options) => {
            three_way::run(source, dest, &schema, &mut from, options, false).await
        }
        true => once(dest, &schema, &mut from, options).await,
        false => proven(dest, &schema, &mut from, options).await,
    };
    from.close().await;
    done.map_err(refused)
}

async fn once(
    dest: &dyn DatabaseClient,
    schema: &BackupSchema,
    from: &mut Source<'_>,
    options: &SyncOptions,
) -> Result<SyncOutcome> {
    let user = options.user_id.clone().unwrap_or_default();
    let outcome = transfer(dest, schema, from, &user, &how(options, false)).await?;
    Ok(SyncOutcome {
        dry_run: options.dry_run,
        committed: outcome.committed,
        plan: SyncPlan::of(outcome, &from.counts()),
        proof: None,
        base: None,
    })
}

/// With a comparison of the same snapshot behind it, which sees all that is about to be committed.
async fn proven(
    dest: &dyn DatabaseClient,
    schema: &BackupSchema,
    from: &mut Source<'_>,
    options: &SyncOptions,
) -> Result<SyncOutcome> {
    let (tx, _) = begin(dest, false).await?;
    let worked = async {
        let mut done = once(&tx, schema, from, options).await?;
        if done.committed {
            let user = options.user_id.clone().unwrap_or_default();
            let left = transfer(&tx, schema, from, &user, &how(options, true)).await?;
            done.proof = Some(SyncPlan::of(left, &from.counts()));
        }
        Ok(done)
    };
    match worked.await {
        Ok(done) if done.committed => {
            tx.commit().await?;
            Ok(done)
        }
        Ok(done) => {
            tx.rollback().await?;
            Ok(done)
        }
        Err(error) => {
            // it matters more than one of the rollback, which a lost connection does by itself
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

fn from<'a>(
    source: &'a dyn DatabaseClient,
    schema: &'a BackupSchema,
    options: &SyncOptions,
) -> Source<'a> {
    let user = options.user_id.as_ref();
    Source::new(source, schema, user, options.allow_row_security)
}

/// The schema of the sync, once it is known that the two databases are two.
async fn checked(
    source: &dyn DatabaseClient,
    dest: &dyn DatabaseClient,
    options: &SyncOptions,
) -> Result<BackupSchema> {
    user::check(options.user_id.as_ref().unwrap_or(&Value::Bool(true)))?;
    if options.user_id.as_ref().is_some_and(Value::is_null) {
        return Err(Error::invalid_query(
            "the user id is NULL",
            "pass the id of the user whose rows are meant, or leave it out to sync whole tables",
        ));
    }
    let blank = |name: &String| name.trim().is_empty();
    if options.tables.iter().any(blank) {
        return Err(Error::invalid_query(
            "the name of a table is empty",
            "name the tables, or leave them out to sync all of the schema",
        ));
    }
    let schema = match &options.schema {
        Some(schema) => chosen(schema, &options.tables)?,
        None if options.tables.is_empty() => {
            return Err(Error::invalid_query(
                "nothing says which tables are meant",
                "name the tables (`tables`, `--tables`), or pass a schema (`schema`, `--backup-schema`)",
            ));
        }
        None => flat::declared(source, options).await?,
    };
    same::refuse(source, dest, &schema).await?;
    Ok(schema)
}

/// These tables of the schema, which must not refer to others of it: where such a reference leads in the destination,
/// only a sync of both can tell.
fn chosen(schema: &BackupSchema, tables: &[String]) -> Result<BackupSchema> {
    if tables.is_empty() {
        return Ok(schema.clone());
    }
    let mut problems = Vec::new();
    for name in tables {
        let Some(def) = schema.table(name) else {
            let known = schema.tables.iter().map(|table| &*table.name);
            return Err(Error::UndefinedTable {
                table: name.clone(),
                suggestion: db_adapter_core::closest(name, known).map(str::to_owned),
            });
        };
        let is_left_out = |reference: &&ForeignKey| {
            let is_chosen = tables.iter().any(|chosen| *chosen == reference.table);
            !is_chosen && schema.table(&reference.table).is_some()
        };
        let references = def.parents.iter().chain(def.optional_refs.iter());
        for reference in references.filter(is_left_out) {
            let text = format!(
                "table `{name}` refers to `{}` by `{}`, which is not among the tables of the sync",
                reference.table,
                reference.fields.join("`, `")
            );
            problems.push(Notice::new(text).hint(format!("add `{}`", reference.table)));
        }
    }
    if !problems.is_empty() {
        return Err(Error::SyncRefused { problems });
    }
    let defs = schema.tables.iter();
    let defs = defs.filter(|def| tables.iter().any(|name| *name == def.name));
    BackupSchema::new(defs.cloned())
        .map_err(|why| Error::invalid_query(why.to_string(), "sync all the tables of the schema"))
}

/// All or nothing, with new keys. A reference to a row that is not among those of the source stays what it is.
pub(super) fn how(options: &SyncOptions, looks: bool) -> Options {
    let told = options.progress.clone();
    Options {
        mode: RestoreMode::Overwrite,
        dry_run: options.dry_run,
        keys: Keys::New,
        on_error: OnError::Abort,
        missing_ref: MissingRef::Keep,
        overwrite_shared: options.overwrite_shared,
        allow_row_security: options.allow_row_security,
        all_rows: options.user_id.is_none(),
        records: true,
        looks,
        untouched: None,
        progress: told.map(|told| -> crate::transfer::options::Progress {
            std::sync::Arc::new(move |table, rows, total| {
                let table = table.to_owned();
                told(&SyncProgress { table, rows, total });
            })
        }),
    }
}

/// What source and destination say of themselves, as what prevents the sync.
fn refused(error: Error) -> Error {
    match error {
        Error::RestoreRefused { problems } | Error::BackupRefused { problems } => {
            Error::SyncRefused { problems }
        }
        error => error,
    }
}
