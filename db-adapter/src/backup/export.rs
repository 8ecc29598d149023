//! Reads the rows of a backup from one snapshot and hands them to the writer, in constant memory.
//! Which rows, `plan` and `select` decide; where to, `target`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;

use super::census::{Census, count};
use super::doubles::doubles;
use super::file::{BackupWriter, Details, MAX_ROW, Metadata, TableDetails};
use super::fingerprint::fingerprint;
use super::keyed::Look;
use super::open::failed;
use super::options::{BackupFile, BackupOptions, BackupProgress};
use super::plan::{TablePlan, plan, warnings};
use super::select::{Counts, Scope};
use super::target::Target;
use crate::backup::BackupSchema;
use crate::query::{Columns, Operation, Select, SelectItem};
use crate::transaction::{Isolation, TxOptions};
use crate::transfer::policies::with_policies;
use crate::transfer::resolve::Place;
use crate::transfer::{untyped, user};
use crate::{
    Backend, DatabaseClient, DatabaseClientExt, Error, ExactJson, Filter, Notice, Result,
    Transaction, Value,
};

/// How many snapshots are tried while others change the tables.
const ATTEMPTS: u32 = 3;

/// Rows between two reports of progress.
const REPORT: u64 = 1000;

/// Writes the rows of one user, or whole tables, to a file.
///
/// All of it is one snapshot: a read-only transaction at REPEATABLE READ, on SQLite a read
/// transaction. The memory does not depend on the number of rows. The file appears under its name
/// when it is whole and on disk; a run that fails leaves the file before it as it was. Only the
/// user may read it.
///
/// Included are the user's rows in tables with a user column, what is reached through parents
/// elsewhere, and the whole of tables that all users share. `user_id` may be text, an integer or
/// a uuid, and is taken by the type of each user column; with
/// [`all_rows`](BackupOptions::all_rows) it only says who asked, and may be NULL.
///
/// ```
/// use db_adapter::backup::{BackupOptions, backup_database, validate_backup};
/// use db_adapter::{BackupSchema, TableDef, prelude::*};
///
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("ann.json");
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute_script(
///     "CREATE TABLE authors (id INTEGER PRIMARY KEY, user_id TEXT, slug TEXT);
///      CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id), user_id TEXT, slug TEXT);
///      INSERT INTO authors VALUES (1, 'ann', 'a'), (2, 'bob', 'b');
///      INSERT INTO books VALUES (1, 1, 'ann', 'x'), (2, 2, 'bob', 'y');",
/// ).await?;
/// let schema = BackupSchema::new([
///     TableDef::new("authors"),
///     TableDef::new("books").parent("authors", "author_id"),
/// ])?;
///
/// let file = backup_database(&db, &schema, "ann", BackupOptions::new().output(&path)).await?;
/// assert_eq!(file.counts, [("authors".to_owned(), 1), ("books".to_owned(), 1)]);
/// assert!(validate_backup(&file.path, &schema)?.valid);
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// [`Error::UndefinedTable`] and [`Error::UndefinedColumn`] for a schema that is not the
/// database's; [`Error::BackupRefused`] for what a restore would refuse: a key that is not unique,
/// a foreign key that is not declared, rows of one natural key, a row that is too large; [`Error::ForeignParents`] when rows of the user have parents that are not;
/// [`Error::PartialBackup`] when row-level security may hide rows; [`Error::SchemaChanged`] when others
/// rewrite or replace its tables again and again behind the snapshot; [`Error::File`] when the file
/// cannot be written.
pub async fn backup_database(
    client: &dyn DatabaseClient,
    schema: &BackupSchema,
    user_id: impl Into<Value>,
    options: BackupOptions,
) -> Result<BackupFile> {
    let target = Target::open(options.output.as_deref(), options.folder.as_deref())?;
    let path = target.shown().to_owned();
    let user_id = user_id.into();
    let written = export(client, schema, &user_id, &options, target, &path).await;
    let (target, mut file) = written?;
    file.path = target.keep()?;
    Ok(file)
}

/// The same to a writer of yours instead of a file: what it got is only whole when this gives `Ok`.
///
/// # Errors
/// As [`backup_database`].
pub async fn backup_to_writer(
    client: &dyn DatabaseClient,
    schema: &BackupSchema,
    user_id: impl Into<Value>,
    options: BackupOptions,
    out: impl Write + Send,
) -> Result<BackupFile> {
    let user_id = user_id.into();
    let written = export(client, schema, &user_id, &options, out, Path::new("-")).await;
    written.map(|(_, file)| file)
}

async fn export<W: Write + Send>(
    client: &dyn DatabaseClient,
    schema: &BackupSchema,
    user_id: &Value,
    options: &BackupOptions,
    out: W,
    path: &Path,
) -> Result<(W, BackupFile)> {
    user::check(user_id)?;
    let (snapshot, found) = looked(client, schema, user_id, options).await?;
    let result = write(&snapshot, schema, options, found, out, path).await;
    // it only read: how it ends does not matter to what was read
    let _ = snapshot.rollback().await;
    result
}

/// A snapshot, and what it holds of the user. All tables are read in it by then: who changes one meanwhile
/// makes this fail, or waits for the end of the snapshot.
pub(super) async fn looked(
    client: &dyn DatabaseClient,
    schema: &BackupSchema,
    user_id: &Value,
    options: &BackupOptions,
) -> Result<(Transaction, Found)> {
    for attempt in 1..=ATTEMPTS {
        let snapshot = client.begin_with(snapshot()).await?;
        match look(&snapshot, schema, user_id, options).await {
            Ok(found) => return Ok((snapshot, found)),
            Err(error) => {
                let _ = snapshot.rollback().await;
                // nothing is written yet, and another snapshot has the tables as they are by then
                if !error.is_retryable() || attempt >= ATTEMPTS {
                    return Err(error);
                }
            }
        }
    }
    Err(Error::internal("no snapshot was looked at"))
}

/// One snapshot, in which nothing is written.
pub(crate) fn snapshot() -> TxOptions {
    TxOptions {
        read_only: true,
        isolation: Some(Isolation::RepeatableRead),
        ..TxOptions::default()
    }
}

/// What is known before the first row is written.
pub(super) struct Found {
    pub(super) census: Census,
    /// Whose rows they are, as the columns of users hold it.
    pub(super) user: Value,
    metadata: Metadata,
    doubles: Vec<Notice>,
}

pub(super) async fn look(
    snapshot: &Transaction,
    schema: &BackupSchema,
    user_id: &Value,
    options: &BackupOptions,
) -> Result<Found> {
    let place = Place::find(snapshot, schema).await?;
    let found = place.introspect(snapshot).await?;
    let typed = match options.all_rows {
        true => Ok(user_id.clone()),
        false => untyped::user(snapshot, schema, &found, &place.tables, user_id, None).await?,
    };
    let user_id = &typed.map_err(|problem| Error::BackupRefused {
        problems: vec![problem],
    })?;
    let plans = plan(schema, &found, &place.tables, user_id, options)?;
    let hidden = match snapshot.capabilities()?.row_security {
        true => with_policies(snapshot, plans.iter().map(|p| &p.table)).await?,
        false => Vec::new(),
    };
    if !hidden.is_empty() && !options.allow_row_security {
        return Err(Error::PartialBackup { tables: hidden });
    }
    let census = count(snapshot, plans).await?;
    let doubles = all_doubles(snapshot, &census).await?;
    if !doubles.is_empty() && !options.allow_duplicates {
        return Err(Error::BackupRefused { problems: doubles });
    }
    let backend = snapshot.backend().await?;
    let metadata = metadata(&census, backend, user_id, options, hidden);
    Ok(Found {
        user: user_id.clone(),
        census,
        metadata,
        doubles,
    })
}

async fn write<W: Write + Send>(
    snapshot: &Transaction,
    schema: &BackupSchema,
    options: &BackupOptions,
    found: Found,
    out: W,
    path: &Path,
) -> Result<(W, BackupFile)> {
    let Found {
        census,
        metadata,
        doubles,
        ..
    } = found;
    let unwritable = |error: std::io::Error| failed("write", path, &error);
    let mut writer = BackupWriter::new(out, &metadata).map_err(unwritable)?;
    let total = metadata.counts.values().sum();
    let mut rows = 0;
    for (plan, scope) in census.plans.iter().zip(&census.scopes) {
        if plan.exported {
            let mut progress = Told {
                options,
                plan,
                total,
                rows: &mut rows,
            };
            pour(snapshot, plan, scope, &mut writer, &mut progress, path).await?;
        }
    }
    let (out, written) = writer.finish().map_err(unwritable)?;
    if written != metadata.counts {
        let differs = |table: &&String| metadata.counts.get(*table) != written.get(*table);
        let tables: BTreeSet<&String> = metadata.counts.keys().chain(written.keys()).collect();
        return Err(Error::NoSnapshot {
            tables: tables.into_iter().filter(differs).cloned().collect(),
        });
    }
    let hidden = metadata.details.map(|details| details.row_security);
    let hidden = hidden.unwrap_or_default();
    let mut file = summary(schema, &census, &hidden, path);
    file.warnings.extend(doubles);
    Ok((out, file))
}

/// Of each table that is written whether a restore could tell its rows apart.
async fn all_doubles(snapshot: &Transaction, census: &Census) -> Result<Vec<Notice>> {
    let mut found = Vec::new();
    let scopes = census.scopes.iter().zip(&census.counts);
    for (plan, (scope, counts)) in census.plans.iter().zip(scopes) {
        if plan.exported {
            found.extend(doubles(snapshot, plan, scope, counts).await?);
        }
    }
    Ok(found)
}

fn metadata(
    census: &Census,
    backend: Backend,
    user_id: &Value,
    options: &BackupOptions,
    hidden: Vec<String>,
) -> Metadata {
    let mut details = Details::new(backend.to_string());
    details.all_rows = options.all_rows;
    details.row_security = hidden;
    let mut metadata = Metadata {
        created_at: Some(super::target::now()),
        user_id: Some(user_id.to_json()),
        extra: options.metadata.clone(),
        ..Metadata::default()
    };
    for (plan, counts) in census.plans.iter().zip(&census.counts) {
        if !plan.exported {
            continue;
        }
        let table = TableDetails {
            table: plan.table.to_string(),
            columns: plan.columns.clone(),
        };
        metadata.counts.insert(plan.key.clone(), counts.included);
        details.tables.insert(plan.key.clone(), table);
        if counts.left_out() > 0 {
            details.left_out.insert(plan.key.clone(), counts.left_out());
        }
    }
    details.schema_fingerprint = fingerprint(&details.tables);
    metadata.details = Some(details);
    metadata
}

/// Where a report of progress goes.
struct Told<'a> {
    options: &'a BackupOptions,
    plan: &'a TablePlan,
    total: u64,
    rows: &'a mut u64,
}

impl Told<'_> {
    fn report(&self) {
        if let Some(report) = &self.options.progress {
            report(&BackupProgress {
                table: self.plan.name.clone(),
                rows: *self.rows,
                total: self.total,
            });
        }
    }
}

/// The rows of one table.
async fn pour<W: Write + Send>(
    snapshot: &Transaction,
    plan: &TablePlan,
    scope: &Scope,
    writer: &mut BackupWriter<W>,
    progress: &mut Told<'_>,
    path: &Path,
) -> Result<()> {
    let unwritable = |error: std::io::Error| failed("write", path, &error);
    writer.table(&plan.key, &plan.columns).map_err(unwritable)?;
    progress.report();
    let mut rows = snapshot.run_stream(Operation::Select(select(plan, scope)));
    let sees_to_types = !snapshot.capabilities()?.spelled_times;
    let may_be_double = progress.options.allow_duplicates.then_some(&plan.identity);
    let mut look = (!sees_to_types).then(|| Look::at(&plan.keyed, may_be_double));
    while let Some(row) = rows.try_next().await? {
        if let Some(look) = &mut look {
            look.row(&row);
        }
        let size = writer
            .row(row.iter().map(|(_, value)| value))
            .map_err(unwritable)?;
        if size > MAX_ROW {
            return Err(too_large(plan, size));
        }
        *progress.rows += 1;
        if progress.rows.is_multiple_of(REPORT) {
            progress.report();
        }
    }
    progress.report();
    drop(rows);
    let problems = match look {
        Some(look) => look.problems(snapshot, plan, scope).await?,
        None => Vec::new(),
    };
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::BackupRefused { problems }),
    }
}

/// What reads the rows of a table, each value as the database has it.
pub(super) fn select(plan: &TablePlan, scope: &Scope) -> Select {
    let items = plan.columns.iter().map(|(name, _)| SelectItem::Column {
        name: name.clone(),
        alias: None,
    });
    let columns = Columns::List(items.collect());
    let mut select = Select::new(plan.table.clone(), columns, Filter::clone(&scope.included));
    select.spelled = true;
    select
}

/// No reader would take it, so that the file would be worth nothing.
fn too_large(plan: &TablePlan, size: usize) -> Error {
    const MIB: usize = 1 << 20;
    let message = format!(
        "table `{}`: a row takes {} MiB in the file, and no more than {} MiB can be restored",
        plan.name,
        size.div_ceil(MIB),
        MAX_ROW / MIB
    );
    let hint = "keep such values outside of the database, or leave these rows out by a filter";
    Error::BackupRefused {
        problems: vec![Notice::new(message).hint(hint)],
    }
}

fn summary(schema: &BackupSchema, census: &Census, hidden: &[String], path: &Path) -> BackupFile {
    let of = |count: fn(&Counts) -> u64| {
        let tables = census.plans.iter().zip(&census.counts);
        let exported = tables.filter(|(plan, _)| plan.exported);
        exported
            .map(|(plan, counts)| (plan.name.clone(), count(counts)))
            .collect::<Vec<_>>()
    };
    let mut left_out = of(Counts::left_out);
    left_out.retain(|(_, rows)| *rows > 0);
    let mut warnings = warnings(schema, &census.plans);
    warnings.extend(hidden.iter().map(|table| {
        Notice::new(format!("row-level security may hide rows of `{table}` from this role, so that the backup may not be whole"))
    }));
    warnings.extend(nobody(census));
    BackupFile {
        path: PathBuf::from(path),
        counts: of(|counts| counts.included),
        left_out,
        warnings,
    }
}

/// A mistyped user has no rows, and a backup of them would look like any other.
fn nobody(census: &Census) -> Option<Notice> {
    let tables = census.plans.iter().zip(&census.counts);
    let mut of_users = tables.filter(|(plan, _)| plan.user.is_some()).peekable();
    let known = of_users.peek().is_some();
    let none = of_users.all(|(plan, counts)| plan.filter.is_none() && counts.candidates == 0);
    (known && none).then(|| {
        Notice::new("no row of any table belongs to this user").hint("is the user's id right?")
    })
}
