//! Whole tables into a file, as they are: for a step that rows may not survive. No declaration is asked for, and
//! nothing of a table is left out but what the database computes.

use std::path::{Path, PathBuf};

use db_adapter_core::{SqlType, TableName};
use futures_util::TryStreamExt;

use super::file::{BackupWriter, Details, Metadata, TableDetails};
use super::fingerprint::fingerprint;
use super::names::is_taken;
use super::open::failed;
use super::options::{BackupFile, BackupOptions, BackupProgress};
use super::target::{Target, now};
use crate::client::{DatabaseClient, DatabaseClientExt as _};
use crate::query::{Columns, Matching, Operation, Select, SelectItem};
use crate::schema::IntrospectOptions;
use crate::transfer::policies::with_policies;
use crate::{DatabaseSchema, Error, Filter, Result, Transaction};

/// Rows between two reports of progress.
const REPORT: u64 = 1000;

/// One table.
struct Whole {
    table: TableName,
    /// Its name in the file.
    key: String,
    columns: Vec<(String, SqlType)>,
    rows: u64,
}

/// Writes all the rows of these tables to a file in the format of [`backup_database`](super::backup_database), in
/// constant memory. They are those that the client sees: give a transaction that has locked the tables, as
/// [`apply_fixes`](crate::fix::apply_fixes) does, or one with a snapshot.
///
/// Tables need no declaration, no key and no owner. Whoever wants to restore the file declares them: `all_rows`.
///
/// ```
/// use db_adapter::backup::{BackupOptions, backup_tables};
/// use db_adapter::{prelude::*, query::TableName};
///
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute_script("CREATE TABLE log (line TEXT); INSERT INTO log VALUES ('a'), ('b');").await?;
/// let tx = db.begin().await?;
/// let options = BackupOptions::new().output(folder.path().join("log.json"));
/// let file = backup_tables(&tx, [TableName::parse("log")?], options).await?;
/// tx.rollback().await?;
/// assert_eq!(file.counts, [("log".to_owned(), 2)]);
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// [`Error::UndefinedTable`]; [`Error::PartialBackup`] when row-level security may hide rows; [`Error::NoSnapshot`]
/// where rows change meanwhile; [`Error::File`] when the file cannot be written.
pub async fn backup_tables(
    client: &dyn DatabaseClient,
    tables: impl IntoIterator<Item = TableName>,
    options: BackupOptions,
) -> Result<BackupFile> {
    let tables: Vec<TableName> = tables.into_iter().collect();
    let target = Target::open(options.output.as_deref(), options.folder.as_deref())?;
    let path = target.shown().to_owned();
    let part = client.begin().await?;
    let written = write(&part, tables, &options, target, &path).await;
    // it only read
    let _ = part.rollback().await;
    let (target, mut file) = written?;
    file.path = target.keep()?;
    Ok(file)
}

async fn write(
    client: &Transaction,
    tables: Vec<TableName>,
    options: &BackupOptions,
    target: Target,
    path: &Path,
) -> Result<(Target, BackupFile)> {
    let hidden = match client.capabilities()?.row_security {
        true => with_policies(client, tables.iter()).await?,
        false => Vec::new(),
    };
    if !hidden.is_empty() && !options.allow_row_security {
        return Err(Error::PartialBackup { tables: hidden });
    }
    let found = client.introspect(reading(&tables)).await?;
    let mut wholes = Vec::new();
    for table in tables {
        wholes.push(whole(client, table, &found).await?);
    }
    let mut details = Details::new(client.backend().await?.to_string());
    details.all_rows = true;
    details.row_security = hidden;
    let mut metadata = Metadata {
        created_at: Some(now()),
        extra: options.metadata.clone(),
        ..Metadata::default()
    };
    for whole in &wholes {
        let told = TableDetails {
            table: whole.table.to_string(),
            columns: whole.columns.clone(),
        };
        metadata.counts.insert(whole.key.clone(), whole.rows);
        details.tables.insert(whole.key.clone(), told);
    }
    details.schema_fingerprint = fingerprint(&details.tables);
    metadata.details = Some(details);
    let unwritable = |error: std::io::Error| failed("write", path, &error);
    let mut writer = BackupWriter::new(target, &metadata).map_err(unwritable)?;
    let (mut rows, total) = (0, metadata.counts.values().sum());
    for whole in &wholes {
        writer
            .table(&whole.key, &whole.columns)
            .map_err(unwritable)?;
        let mut stream = client.run_stream(Operation::Select(select(whole)));
        while let Some(row) = stream.try_next().await? {
            let values = row.iter().map(|(_, value)| value);
            writer.row(values).map_err(unwritable)?;
            rows += 1;
            if rows % REPORT == 0 {
                tell(options, whole, rows, total);
            }
        }
        tell(options, whole, rows, total);
    }
    let (target, written) = writer.finish().map_err(unwritable)?;
    if written != metadata.counts {
        let differs = |key: &&String| metadata.counts.get(*key) != written.get(*key);
        let tables = metadata.counts.keys().filter(differs).cloned().collect();
        return Err(Error::NoSnapshot { tables });
    }
    let counts = wholes
        .iter()
        .map(|w| (w.table.to_string(), w.rows))
        .collect();
    let file = BackupFile {
        path: PathBuf::from(path),
        counts,
        left_out: Vec::new(),
        warnings: Vec::new(),
    };
    Ok((target, file))
}

/// The schemas of the tables.
fn reading(tables: &[TableName]) -> IntrospectOptions {
    let schemas = tables.iter().filter_map(|table| table.schema.clone());
    IntrospectOptions {
        schemas: Vec::new(),
        also_schemas: schemas.collect(),
        excluded_tables: Vec::new(),
    }
}

async fn whole(client: &Transaction, table: TableName, found: &DatabaseSchema) -> Result<Whole> {
    let key = db_adapter_core::schema::table_key(table.schema.as_deref(), &table.name);
    let there = found.table(&key).ok_or_else(|| Error::UndefinedTable {
        table: table.to_string(),
        suggestion: None,
    })?;
    let columns = there.columns.iter().filter(|c| c.generated.is_none());
    let columns = columns
        .map(|c| (c.name.clone(), c.sql_type.clone()))
        .collect();
    let all = Matching::new(table.clone(), Filter::all());
    let rows = client.run(Operation::Count(all)).await?.affected;
    let key = match table.schema.is_none() && is_taken(&table.name) {
        true => format!("main.{}", table.name),
        false => key,
    };
    Ok(Whole {
        table,
        key,
        columns,
        rows,
    })
}

fn select(whole: &Whole) -> Select {
    let items = whole.columns.iter().map(|(name, _)| SelectItem::Column {
        name: name.clone(),
        alias: None,
    });
    let columns = Columns::List(items.collect());
    let mut select = Select::new(whole.table.clone(), columns, Filter::all());
    // values of other types than declared, as they are
    select.spelled = true;
    select.stored = true;
    select
}

fn tell(options: &BackupOptions, whole: &Whole, rows: u64, total: u64) {
    if let Some(report) = &options.progress {
        report(&BackupProgress {
            table: whole.table.to_string(),
            rows,
            total,
        });
    }
}
