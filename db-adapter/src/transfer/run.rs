//! The restore from its beginning to its end, in one transaction.

use std::collections::BTreeMap;

use db_adapter_core::backup::BackupSchema;

use super::acting;
use super::afterwards::Afterwards;
use super::compared::ask_where_needed;
use super::constraints::Waiting;
use super::fingerprint::Fingerprints;
use super::keys::Known;
use super::ledger::Ledger;
use super::options::{OnError, RestoreOptions, RestoreProgress, RestoreSource};
use super::plan::{RestorePlan, TablePlan, plan};
use super::referenced;
use super::remap::Remap;
use super::resolve::Place;
use super::source::Source;
use super::spelling::as_given;
use super::summary::RestoreSummary;
use super::table::TableRun;
use super::untyped;
use crate::client::{DatabaseClient, DatabaseClientExt};
use crate::query::{AdvanceSequence, Operation, Statement};
use crate::transaction::{Isolation, Transaction, TxOptions};
use crate::value::{Limits, canonicalize_in};
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
    super::user::check(&user)?;
    let mut source = Source::open(source.into())?;
    check_kind(&mut source, &options)?;
    let (tx, nested) = begin(client).await?;
    match restore(&tx, nested, schema, &mut source, &user, &options).await {
        Ok(Done::Commit(summary)) => {
            tx.commit().await?;
            Ok(summary)
        }
        Ok(Done::Undo(summary)) => {
            tx.rollback().await?;
            Ok(summary)
        }
        Err(error) => {
            // it matters more than one of the rollback, which a lost connection does by itself
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

enum Done {
    Commit(RestoreSummary),
    Undo(RestoreSummary),
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
    Err(refused(vec![Notice::new(problem).hint(hint)]))
}

fn refused(problems: Vec<Notice>) -> Error {
    Error::RestoreRefused { problems }
}

/// Each statement must see what was committed before it: a snapshot from before the lock would
/// not have what another restore has just brought.
///
/// Gives whether the transaction is a savepoint of the caller's.
async fn begin(client: &dyn DatabaseClient) -> Result<(Transaction, bool)> {
    let options = TxOptions {
        isolation: Some(Isolation::ReadCommitted),
        ..TxOptions::default()
    };
    match client.begin_with(options).await {
        Err(Error::InvalidQuery { .. }) => Ok((client.begin().await?, true)),
        result => Ok((result?, false)),
    }
}

async fn restore(
    tx: &Transaction,
    nested: bool,
    schema: &BackupSchema,
    source: &mut Source,
    user: &Value,
    options: &RestoreOptions,
) -> Result<Done> {
    let place = Place::find(tx, schema).await?;
    let whose = (!options.all_rows).then_some(user);
    super::locks::lock(tx, schema, &place, whose).await?;
    let database = place.introspect(tx).await?;
    let in_file = source.metadata()?.user_id.clone();
    let typed = match options.all_rows {
        true => Ok(user.clone()),
        false => {
            untyped::user(
                tx,
                schema,
                &database,
                &place.tables,
                user,
                in_file.as_deref(),
            )
            .await?
        }
    };
    let user = &typed.map_err(|problem| refused(vec![problem]))?;
    let files = source.tables()?;
    let can = tx.capabilities()?;
    let mut plan = plan(schema, &files, &database, &place.tables, options, can).map_err(refused)?;
    if can.row_security {
        let tables = super::policies::with_policies(tx, plan.tables()).await?;
        let hidden = tables.iter().map(|table| {
            let text = format!(
                "row-level security of `{table}` may hide rows that are there, which would be restored a second time"
            );
            Notice::new(text).hint("restore with a role that sees all rows, such as one with BYPASSRLS; `allow_row_security` (`--allow-row-security`) goes on")
        });
        let hidden: Vec<Notice> = hidden.collect();
        if !hidden.is_empty() && !options.allow_row_security {
            return Err(refused(hidden));
        }
        plan.warnings.extend(hidden);
    }
    let backend = tx.backend().await?.to_string();
    let details = &source.metadata()?.details;
    let is_of_its_kind = details.as_ref().is_some_and(|d| d.backend == backend);
    plan.spelled = can.spelled_times && is_of_its_kind;
    if can.own_types {
        ask_where_needed(tx, &mut plan).await?;
    }
    if can.schemas {
        // those of SQLite were all read
        referenced::mark(tx, &mut plan).await?;
        let problems = acting::mark(tx, &mut plan).await?;
        if !problems.is_empty() {
            return Err(refused(problems));
        }
    }
    let users = users(&plan, user)?;
    let counts = source.metadata()?.counts.clone();
    let may_be_hidden = options.allow_row_security;
    super::owners::check(tx, &plan, user, may_be_hidden, |t| brings(t, &counts)).await?;
    let waiting = can.set_constraints.then(|| Waiting::of(&database, nested));
    set(tx, waiting.as_ref().and_then(Waiting::at_once)).await?;
    let tables = plan.tables.iter();
    let known = tables.map(|table| {
        let primary = table.key_sets.iter().position(|set| *set == table.key);
        Known::new(table.key_sets.len(), primary, table.kept.len())
    });
    let remap = Remap {
        plan: &plan,
        options,
        fingerprints: Fingerprints::default(),
        known: known.collect(),
    };
    let mut ledger = Ledger::new(remap, users.clone());
    if all_tables(tx, source, &plan, users, options, &mut ledger).await? {
        source.finish()?;
    }
    let failed = ledger.summary.failed() > 0;
    let undone = ledger.spoiled || (failed && options.on_error == OnError::Abort);
    if !undone {
        // a trigger may have put off what was to run at once; a dry run says it, too
        if plan.is_acted_on {
            set(tx, waiting.as_ref().and_then(Waiting::at_once)).await?;
        }
        let lasting = std::mem::take(&mut ledger.lasting);
        let of = &mut ledger.remap.fingerprints;
        let changed = lasting.check(tx, of, &plan).await?;
        if !changed.is_empty() {
            return Err(refused(changed));
        }
    }
    if undone || options.dry_run {
        return Ok(Done::Undo(ledger.close(false, undone)));
    }
    advance_sequences(tx, &plan, &ledger.summary).await?;
    set(tx, waiting.as_ref().and_then(Waiting::as_declared)).await?;
    Ok(Done::Commit(ledger.close(true, false)))
}

/// Whether the file has rows of a table, or does not say.
fn brings(table: &TablePlan, counts: &BTreeMap<String, u64>) -> bool {
    let in_file = table.in_file.as_ref();
    in_file.is_some_and(|name| counts.get(name) != Some(&0))
}

async fn set(tx: &Transaction, statement: Option<String>) -> Result<()> {
    if let Some(statement) = statement {
        tx.run(Operation::Execute(Statement::new(statement)))
            .await?;
    }
    Ok(())
}

/// The user as each table's user column holds it.
fn users(plan: &RestorePlan, user: &Value) -> Result<Vec<Value>> {
    let of = |table: &TablePlan| {
        let Some(column) = table.user.and_then(|user| table.columns.get(user)) else {
            return Ok(Value::Null);
        };
        let fits = canonicalize_in(plan.dialect, user, &column.sql_type, Limits::default());
        match fits {
            Ok(value) if !value.is_null() => Ok(as_given(plan, user, value)),
            Ok(_) => Err(Notice::new(format!("`{}` needs a user", table.name))),
            Err(details) => Err(Notice::new(format!(
                "the user does not fit the column `{}.{}`: {}",
                table.name, column.name, details.reason
            ))),
        }
    };
    let (users, problems): (Vec<_>, Vec<_>) = plan
        .tables
        .iter()
        .map(of)
        .partition(std::result::Result::is_ok);
    let problems: Vec<Notice> = problems
        .into_iter()
        .filter_map(std::result::Result::err)
        .collect();
    match problems.is_empty() {
        true => Ok(users.into_iter().flatten().collect()),
        false => Err(refused(problems)),
    }
}

/// False when there is no point in going on, since nothing will be committed.
async fn all_tables<'p>(
    tx: &Transaction,
    source: &mut Source,
    plan: &'p RestorePlan,
    users: Vec<Value>,
    options: &RestoreOptions,
    ledger: &mut Ledger<'p>,
) -> Result<bool> {
    let counts = source.metadata()?.counts.values();
    let total = counts.copied().reduce(|a, b| a.saturating_add(b));
    let mut afterwards = Afterwards::default();
    let mut rows = 0;
    for ((place, table), user) in plan.tables.iter().enumerate().zip(users) {
        let Some(in_file) = &table.in_file else {
            continue;
        };
        if !source.seek(in_file)? {
            continue;
        }
        let name = table.name.to_string();
        let read = |count| {
            rows += count;
            if let Some(progress) = &options.progress {
                progress(&RestoreProgress {
                    table: name.clone(),
                    rows,
                    total,
                });
            }
        };
        let run = TableRun::begin(tx, ledger, &mut afterwards, place, table, user).await?;
        if !run.run(source, read).await? {
            return Ok(false);
        }
    }
    afterwards.run(tx, ledger).await
}

/// What the application inserts next must not collide with numbers that rows have brought.
async fn advance_sequences(
    tx: &Transaction,
    plan: &RestorePlan,
    summary: &RestoreSummary,
) -> Result<()> {
    for (table, done) in plan.tables.iter().zip(&summary.tables) {
        if done.inserted == 0 {
            continue;
        }
        for column in table.sequences.iter().filter_map(|c| table.columns.get(*c)) {
            let advance = AdvanceSequence::new(table.table.clone(), column.name.as_str());
            tx.run(Operation::AdvanceSequence(advance)).await?;
        }
    }
    Ok(())
}
