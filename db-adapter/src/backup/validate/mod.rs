//! Checks a backup file without a database: that it is the file that was written, and that a
//! restore would find in it what it needs. Streams; what it keeps of a row is the hashes of its keys.

mod keys;
mod table;

use std::io::BufRead;
use std::path::Path;

use self::keys::KeyHasher;
use self::table::{Reference, TableCheck};
use super::file::{BackupReader, Event, Metadata};
use super::names::table_for;
use super::{BackupProblem, BackupProblemKind as Kind, BackupSchema};
use crate::Result;

/// More problems than this are counted, not listed.
const MAX_LISTED: usize = 100_000;

/// What is wrong with a backup file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupReport {
    /// Whether there is no error.
    pub valid: bool,
    /// Why a restore would fail, or lose something; in the order of the file.
    pub errors: Vec<BackupProblem>,
    /// What somebody should know about the file.
    pub warnings: Vec<BackupProblem>,
}

/// Checks a backup file against a schema, without a database: all that is wrong with it, each
/// with table, row and line.
///
/// A file that was cut off, altered or put into another order is found for certain when it carries
/// a seal. Files of the Python tool carry none: that is a warning. Memory is a few dozen bytes a
/// row. A name that ends in `.zst` is decompressed, `-` is standard input.
///
/// ```
/// use db_adapter::backup::{BackupProblemKind, validate_backup};
/// use db_adapter::{BackupSchema, TableDef};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("half.json");
/// std::fs::write(&path, "{\"metadata\": {\"version\": \"1.1\"},\n\"authors\": [")?;
/// let schema = BackupSchema::new([TableDef::new("authors")])?;
///
/// let report = validate_backup(&path, &schema)?;
/// assert!(!report.valid);
/// assert_eq!(report.errors[0].kind, BackupProblemKind::Truncated);
/// assert_eq!(report.errors[0].line, Some(2));
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error::File`](crate::Error::File) when the file cannot be opened,
/// [`Error::Unsupported`](crate::Error::Unsupported) for a compressed one without the feature
/// `zstd`. Everything else is in the report.
pub fn validate_backup(path: impl AsRef<Path>, schema: &BackupSchema) -> Result<BackupReport> {
    Ok(validate(super::open::open(path.as_ref())?, schema))
}

fn validate<R: BufRead>(mut reader: BackupReader<R>, schema: &BackupSchema) -> BackupReport {
    let mut findings = Findings::new(reader.name());
    let metadata = match reader.metadata() {
        Ok(metadata) => metadata.clone(),
        Err(problem) => {
            findings.error(problem);
            return findings.report();
        }
    };
    let hasher = KeyHasher::default();
    let mut tables: Vec<TableCheck> = schema
        .tables
        .iter()
        .map(|def| TableCheck::new(schema, def, &hasher))
        .collect();
    about_metadata(&metadata, &mut findings);
    let sealed = rows(&mut reader, schema, &metadata, &mut tables, &mut findings);
    about_references(&mut tables, &mut findings);
    about_tables(&metadata, &tables, &mut findings);
    findings.settle(sealed);
    findings.report()
}

/// Reads to the end; gives whether the file is for certain the one that was written.
fn rows<R: BufRead>(
    reader: &mut BackupReader<R>,
    schema: &BackupSchema,
    metadata: &Metadata,
    tables: &mut [TableCheck],
    findings: &mut Findings,
) -> bool {
    let mut open: Option<usize> = None;
    let mut sealed = false;
    loop {
        match reader.next() {
            Err(problem) => findings.error(problem),
            Ok(None) => return sealed,
            Ok(Some(Event::Table(key))) => {
                close(open, tables);
                open = opened(key, schema, metadata, tables, findings);
            }
            Ok(Some(Event::Row(row))) => {
                if let Some(position) = open {
                    table::row(position, tables, &row, findings);
                }
            }
            Ok(Some(Event::End(ending))) => {
                sealed = ending.sealed;
                for problem in &ending.problems {
                    findings.error(Box::new(problem.clone()));
                }
                if !metadata.is_ours() {
                    findings.warn(not_sealed());
                }
                close(open, tables);
            }
        }
    }
}

fn close(open: Option<usize>, tables: &mut [TableCheck]) {
    if let Some(table) = open.and_then(|position| tables.get_mut(position)) {
        table.close();
    }
}

fn opened(
    key: &str,
    schema: &BackupSchema,
    metadata: &Metadata,
    tables: &mut [TableCheck],
    findings: &mut Findings,
) -> Option<usize> {
    let def = table_for(schema, key);
    let position = def.and_then(|def| tables.iter().position(|table| table.name == def.name));
    let Some((position, table)) = position.and_then(|p| tables.get_mut(p).map(|t| (p, t))) else {
        let problem = BackupProblem::boxed(Kind::UnknownTable, "the schema has no such table")
            .in_table(key)
            .hint("a restore leaves it out; is this the schema that the backup was made with?");
        findings.warn(problem);
        return None;
    };
    table.open(metadata.table(key));
    Some(position)
}

fn about_metadata(metadata: &Metadata, findings: &mut Findings) {
    for (name, found) in [
        ("created_at", metadata.created_at.is_some()),
        ("user_id", metadata.user_id.is_some()),
    ] {
        if !found {
            let message = format!("`metadata` has no `{name}`");
            findings.warn(BackupProblem::boxed(Kind::Malformed, message).at_line(1));
        }
    }
    let Some(details) = &metadata.details else {
        return;
    };
    for table in &details.row_security {
        let problem = BackupProblem::boxed(
            Kind::Partial,
            "row-level security may have hidden rows when the backup was made",
        );
        findings.warn(problem.in_table(table));
    }
    for (table, rows) in &details.left_out {
        let message = format!("{rows} rows were left out, because a filter left out their parents");
        findings.warn(BackupProblem::boxed(Kind::Partial, message).in_table(table));
    }
}

/// References that could not be followed while their target was not read yet.
fn about_references(tables: &mut [TableCheck], findings: &mut Findings) {
    for position in 0..tables.len() {
        let pending = match tables.get_mut(position) {
            Some(table) => std::mem::take(&mut table.pending),
            None => continue,
        };
        for missing in pending {
            let Some(table) = tables.get(position) else {
                continue;
            };
            let Some(reference) = table.references.get(missing.reference) else {
                continue;
            };
            if !reference.leads_to(tables, missing.key) {
                findings.missing(table, reference, missing.row, missing.line);
            }
        }
    }
}

/// Tables of the schema that the file does not have.
fn about_tables(metadata: &Metadata, tables: &[TableCheck], findings: &mut Findings) {
    for table in tables.iter().filter(|table| !table.seen) {
        let partial = metadata.details.as_ref().is_some_and(|details| {
            !details.tables.is_empty() && !details.tables.contains_key(&*table.name)
        });
        if partial {
            let message = "the backup was made without this table";
            findings.warn(BackupProblem::boxed(Kind::Partial, message).in_table(&table.name));
        } else if !findings.broken {
            let message = "the table is not in the file";
            findings.error(BackupProblem::boxed(Kind::MissingTable, message).in_table(&table.name));
        }
    }
}

fn not_sealed() -> Box<BackupProblem> {
    BackupProblem::boxed(
        Kind::NotSealed,
        "the file has no seal, so that changes to it cannot be found",
    )
    .hint("files of the Python tool have none; a new backup does")
}

/// What was found so far.
struct Findings {
    file: String,
    errors: Vec<BackupProblem>,
    warnings: Vec<BackupProblem>,
    /// Values that are none of their column's type.
    misfits: Vec<BackupProblem>,
    unlisted: u64,
    /// Whether the file could not be read to its end.
    broken: bool,
}

impl Findings {
    fn new(file: &str) -> Self {
        Findings {
            file: file.to_owned(),
            errors: Vec::new(),
            warnings: Vec::new(),
            misfits: Vec::new(),
            unlisted: 0,
            broken: false,
        }
    }

    fn error(&mut self, problem: Box<BackupProblem>) {
        self.broken |= matches!(
            problem.kind,
            Kind::Truncated | Kind::Malformed | Kind::Unreadable | Kind::TooLarge
        );
        Self::add(
            &mut self.errors,
            &mut self.unlisted,
            *problem.in_file(&self.file),
        );
    }

    fn warn(&mut self, problem: Box<BackupProblem>) {
        Self::add(
            &mut self.warnings,
            &mut self.unlisted,
            *problem.in_file(&self.file),
        );
    }

    fn misfit(&mut self, problem: Box<BackupProblem>) {
        Self::add(
            &mut self.misfits,
            &mut self.unlisted,
            *problem.in_file(&self.file),
        );
    }

    fn add(list: &mut Vec<BackupProblem>, unlisted: &mut u64, problem: BackupProblem) {
        match list.len() < MAX_LISTED {
            true => list.push(problem),
            false => *unlisted += 1,
        }
    }

    /// A reference without a row.
    fn missing(&mut self, table: &TableCheck, reference: &Reference, row: u64, line: u64) {
        let (kind, message) = match reference.required {
            true => (Kind::MissingParent, "its parent is not in the file"),
            false => (
                Kind::MissingReference,
                "it refers to a row that is not in the file",
            ),
        };
        let fields = reference.fields.join("`, `");
        let problem = BackupProblem::boxed(
            kind,
            format!("{message}: `{}` by `{fields}`", reference.table),
        )
        .at_line(line)
        .in_table(&table.name)
        .in_row(row);
        match reference.required {
            true => self.error(problem.hint("a restore calls such a row failed")),
            false => self.warn(problem.hint("a restore sets it to NULL")),
        }
    }

    /// A file that is for certain as it was written holds what the database held, even where that
    /// is none of its column's type, which SQLite allows.
    fn settle(&mut self, sealed: bool) {
        let misfits = std::mem::take(&mut self.misfits);
        match sealed {
            true => self.warnings.extend(misfits),
            false => self.errors.extend(misfits),
        }
        if self.unlisted > 0 {
            let message = format!("and {} more problems", self.unlisted);
            let more = BackupProblem::boxed(Kind::Malformed, message).in_file(&self.file);
            self.errors.push(*more);
        }
        // no table's problem before that of an earlier line
        self.errors
            .sort_by_key(|problem| problem.line.unwrap_or(u64::MAX));
        self.warnings
            .sort_by_key(|problem| problem.line.unwrap_or(u64::MAX));
    }

    fn report(self) -> BackupReport {
        BackupReport {
            valid: self.errors.is_empty(),
            errors: self.errors,
            warnings: self.warnings,
        }
    }
}

#[cfg(test)]
mod tests;
