//! The file of a restore as a source of rows, table by table. A path is read twice, so that what is wrong with
//! it is found before the first write; what can be read only once is checked before the commit.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufRead, Seek};
use std::path::PathBuf;
use std::sync::Arc;

use db_adapter_core::SqlType;

use super::super::file::{BackupReader, Ending, Event, FileRow, Metadata};
use super::super::open::{self, is_standard};
use super::super::problem::{BackupProblem, BackupProblemKind as Kind};
use super::options::{Input, RestoreSource};
use crate::transfer::source::{
    About, Mark, Origin, RowSource, SourceRow, SourceTable, Take, Words,
};
use crate::{Error, InvalidValue, Result, Value};

/// Rows that are given at once, so that what else the task does goes on.
const PIECE: usize = 250;

type Reader = BackupReader<Box<dyn BufRead + Send>>;

/// A file that stays open: that another one gets its name meanwhile changes nothing.
struct Again {
    file: File,
    path: PathBuf,
}

impl Again {
    /// From the beginning. One reader at a time: they share the place in the file.
    fn reader(&self) -> Result<Reader> {
        let failed = |error: std::io::Error| open::failed("read", &self.path, &error);
        let mut file = self.file.try_clone().map_err(failed)?;
        file.rewind().map_err(failed)?;
        open::from(file, &self.path)
    }
}

/// The file under way.
pub(super) struct Source {
    reader: Reader,
    /// To read it once more; `None` where that cannot be.
    again: Option<Again>,
    /// The table whose rows come next.
    current: Option<String>,
    /// The table whose rows are asked for.
    sought: Option<String>,
    /// The tables that were found, where it was read before.
    found: Vec<String>,
    /// The tables that were read, or skipped.
    passed: HashSet<String>,
    ending: Option<Ending>,
}

impl Source {
    /// Opens it; a path is read to its end first.
    pub(super) fn open(source: RestoreSource) -> Result<Source> {
        let mut found = Vec::new();
        let (reader, again) = match source.0 {
            Input::Reader(input, name) => (BackupReader::new(input, name), None),
            Input::File(path) if is_standard(&path) => (open::open(&path)?, None),
            Input::File(path) => {
                let file = open::file(&path)?;
                // what a pipe has given is gone
                match file.metadata().is_ok_and(|found| found.is_file()) {
                    true => {
                        let again = Again { file, path };
                        found = check(again.reader()?)?;
                        (again.reader()?, Some(again))
                    }
                    false => (open::from(file, &path)?, None),
                }
            }
        };
        Ok(Source {
            reader,
            again,
            found,
            current: None,
            sought: None,
            passed: HashSet::new(),
            ending: None,
        })
    }

    pub(super) fn metadata(&mut self) -> Result<&Metadata> {
        Ok(self.reader.metadata()?)
    }

    /// The tables that the file says it has. A file of the original says how many rows, and no
    /// columns; not all who write such files count.
    fn tables(&mut self) -> Result<Vec<SourceTable>> {
        let found = self.found.clone();
        let metadata = self.metadata()?;
        let rows = |key: &str| metadata.counts.get(key).copied();
        let Some(details) = &metadata.details else {
            let names: BTreeSet<&String> = metadata.counts.keys().chain(&found).collect();
            let tables = names.into_iter().map(|name| SourceTable {
                key: name.clone(),
                table: name.clone(),
                columns: None,
                rows: rows(name),
            });
            return Ok(tables.collect());
        };
        let tables = details.tables.iter().map(|(key, table)| SourceTable {
            key: key.clone(),
            table: table.table.clone(),
            columns: Some(table.columns.clone()),
            rows: rows(key),
        });
        Ok(tables.collect())
    }

    /// Goes to the rows of a table; false when there is no such table.
    fn seek(&mut self, table: &str) -> Result<bool> {
        self.sought = Some(table.to_owned());
        if self.passed.contains(table) && self.current.as_deref() != Some(table) {
            self.again(table)?;
        }
        loop {
            if self.current.as_deref() == Some(table) {
                return Ok(true);
            }
            if let Some(current) = &self.current
                && self.again.is_none()
            {
                // its rows would be lost
                return Err(out_of_order(current, table));
            }
            if !self.skip()? {
                return Ok(false);
            }
        }
    }

    /// Moves on to the next table without looking at rows; false at the end of the file.
    fn skip(&mut self) -> Result<bool> {
        loop {
            match self.reader.next()? {
                Some(Event::Row(_)) => {}
                Some(Event::Table(name)) => {
                    let name = name.to_owned();
                    self.passed.insert(name.clone());
                    self.current = Some(name);
                    return Ok(true);
                }
                Some(Event::End(ending)) => {
                    self.ending = Some(ending.clone());
                    self.current = None;
                    return Ok(false);
                }
                None => return Ok(false),
            }
        }
    }

    /// Once more from the start: the tables of the file are in another order than they are
    /// restored in.
    fn again(&mut self, table: &str) -> Result<()> {
        if self.again.is_none() {
            let current = self.current.clone().unwrap_or_default();
            return Err(out_of_order(&current, table));
        }
        self.end()?;
        if let Some(again) = &self.again {
            self.reader = again.reader()?;
        }
        self.current = None;
        self.passed.clear();
        self.ending = None;
        Ok(())
    }

    /// The next row of the table that was sought; `None` after the last.
    fn row(&mut self) -> Result<Option<FileRow<'_>>> {
        if self.current != self.sought || self.sought.is_none() {
            return Ok(None);
        }
        match self.reader.next()? {
            Some(Event::Row(row)) => Ok(Some(row)),
            Some(Event::Table(name)) => {
                let name = name.to_owned();
                self.passed.insert(name.clone());
                self.current = Some(name);
                Ok(None)
            }
            Some(Event::End(ending)) => {
                self.ending = Some(ending.clone());
                self.current = None;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// Reads what is left, and says whether the file is the one that was written: what was right
    /// before the first write may have been written over since.
    fn end(&mut self) -> Result<()> {
        while self.ending.is_none() && self.skip()? {}
        match &self.ending {
            Some(ending) => Ok(ending.check()?),
            None => Ok(()),
        }
    }
}

impl RowSource for Source {
    async fn about(&mut self) -> Result<About> {
        let tables = self.tables()?;
        let metadata = self.metadata()?;
        let counts = metadata.counts.values().copied();
        Ok(About {
            tables,
            rows: counts.reduce(|a, b| a.saturating_add(b)),
            user: metadata.user_id.clone(),
            backend: metadata.details.as_ref().map(|d| d.backend.clone()),
            words: Arc::new(OfAFile),
        })
    }

    async fn open(&mut self, table: &str) -> Result<bool> {
        self.seek(table)
    }

    async fn rows(&mut self, take: &mut Take<'_>) -> Result<bool> {
        for _ in 0..PIECE {
            let Some(row) = self.row()? else {
                return Ok(false);
            };
            if take(&row)?.is_break() {
                break;
            }
        }
        Ok(true)
    }

    fn can_be_repeated(&self) -> bool {
        self.again.is_some()
    }

    async fn finish(&mut self) -> Result<()> {
        self.end()
    }
}

impl SourceRow for FileRow<'_> {
    fn origin(&self) -> Origin {
        Origin::new(self.number(), Mark(self.line()))
    }

    fn names(&self) -> &[String] {
        FileRow::names(self)
    }

    fn value(&self, place: usize, sql_type: &SqlType) -> Result<Value, InvalidValue> {
        FileRow::value(self, place, sql_type).map_err(|details| *details)
    }

    fn spelling(&self, place: usize) -> Option<Cow<'_, str>> {
        self.text(place)
    }
}

/// A row of a file is named by its line.
#[derive(Debug)]
struct OfAFile;

impl Words for OfAFile {
    fn source(&self) -> &str {
        "the file"
    }

    fn whole(&self) -> &str {
        "the backup"
    }

    fn row(&self, mark: Mark) -> String {
        format!("the row on line {}", line_of(mark))
    }
}

/// The line on which a row begins.
pub(super) fn line_of(mark: Mark) -> u64 {
    mark.0
}

/// Reads a file to its end and gives its tables; the first thing that is wrong with it is the
/// error.
fn check(mut reader: Reader) -> Result<Vec<String>> {
    let mut tables = Vec::new();
    while let Some(event) = reader.next()? {
        if let Event::End(ending) = event {
            ending.check()?;
            tables = ending.rows.keys().cloned().collect();
        }
    }
    Ok(tables)
}

fn out_of_order(current: &str, wanted: &str) -> Error {
    BackupProblem::boxed(
        Kind::Malformed,
        format!("the rows of `{current}` stand where those of `{wanted}`, which are restored before, should"),
    )
    .hint("save the backup to a file and restore that: a file can be read in any order")
    .into()
}
