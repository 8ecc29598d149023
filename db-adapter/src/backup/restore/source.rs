//! Reads the file of a restore table by table. A path is read twice, so that what is wrong with
//! it is found before the first write; what can be read only once is checked before the commit.

use std::collections::HashSet;
use std::io::BufRead;
use std::path::PathBuf;

use super::super::file::{BackupReader, Ending, Event, FileRow, Metadata};
use super::super::open::{self, is_standard};
use super::super::problem::{BackupProblem, BackupProblemKind as Kind};
use super::options::{Input, RestoreSource};
use super::plan::FileTable;
use crate::{Error, Result};

type Reader = BackupReader<Box<dyn BufRead + Send>>;

/// The file under way.
pub(super) struct Source {
    reader: Reader,
    /// To read it once more; `None` where that cannot be.
    path: Option<PathBuf>,
    /// The table whose rows come next.
    current: Option<String>,
    /// The tables that were read, or skipped.
    passed: HashSet<String>,
    ending: Option<Ending>,
}

impl Source {
    /// Opens it; a path is read to its end first.
    pub(super) fn open(source: RestoreSource) -> Result<Source> {
        let (reader, path) = match source.0 {
            Input::Reader(input, name) => (BackupReader::new(input, name), None),
            Input::File(path) if is_standard(&path) => (open::open(&path)?, None),
            Input::File(path) => {
                check(open::open(&path)?)?;
                (open::open(&path)?, Some(path))
            }
        };
        Ok(Source {
            reader,
            path,
            current: None,
            passed: HashSet::new(),
            ending: None,
        })
    }

    pub(super) fn metadata(&mut self) -> Result<&Metadata> {
        Ok(self.reader.metadata()?)
    }

    /// The tables that the file says it has. A file of the original says how many rows, and no
    /// columns.
    pub(super) fn tables(&mut self) -> Result<Vec<FileTable>> {
        let metadata = self.metadata()?;
        let Some(details) = &metadata.details else {
            let names = metadata.counts.keys();
            return Ok(names.map(|name| FileTable::of_the_original(name)).collect());
        };
        let tables = details.tables.iter().map(|(key, table)| FileTable {
            key: key.clone(),
            table: table.table.clone(),
            columns: Some(table.columns.clone()),
        });
        Ok(tables.collect())
    }

    /// Goes to the rows of a table; false when there is no such table.
    pub(super) fn seek(&mut self, table: &str) -> Result<bool> {
        if self.passed.contains(table) && self.current.as_deref() != Some(table) {
            self.again(table)?;
        }
        loop {
            if self.current.as_deref() == Some(table) {
                return Ok(true);
            }
            if let Some(current) = &self.current
                && self.path.is_none()
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
        let Some(path) = &self.path else {
            let current = self.current.clone().unwrap_or_default();
            return Err(out_of_order(&current, table));
        };
        self.reader = open::open(path)?;
        self.current = None;
        self.passed.clear();
        self.ending = None;
        Ok(())
    }

    /// The next row of this table, which was sought; `None` after the last.
    pub(super) fn row(&mut self, table: &str) -> Result<Option<FileRow<'_>>> {
        if self.current.as_deref() != Some(table) {
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

    /// Reads what is left, and says whether the file is the one that was written.
    pub(super) fn finish(&mut self) -> Result<()> {
        if self.path.is_some() {
            return Ok(()); // it was checked before
        }
        while self.ending.is_none() && self.skip()? {}
        match &self.ending {
            Some(ending) => Ok(ending.check()?),
            None => Ok(()),
        }
    }
}

impl FileTable {
    fn of_the_original(name: &str) -> FileTable {
        FileTable {
            key: name.to_owned(),
            table: name.to_owned(),
            columns: None,
        }
    }
}

/// Reads a file to its end; the first thing that is wrong with it is the error.
fn check(mut reader: Reader) -> Result<()> {
    while let Some(event) = reader.next()? {
        if let Event::End(ending) = event {
            ending.check()?;
        }
    }
    Ok(())
}

fn out_of_order(current: &str, wanted: &str) -> Error {
    BackupProblem::boxed(
        Kind::Malformed,
        format!("the rows of `{current}` stand where those of `{wanted}`, which are restored before, should"),
    )
    .hint("save the backup to a file and restore that: a file can be read in any order")
    .into()
}
