//! Reads a backup file piece by piece: metadata, tables, rows, seal. Trusts nothing and keeps no
//! more than one row; knows neither the schema nor a database.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::frame::{Fault, Frame, MAX_DEPTH};
use super::metadata::Metadata;
use super::row::{FileRow, Shape, split};
use super::seal::Seal;
use super::syntax::{Dialect, Member, unquote};
use crate::backup::{BackupProblem, BackupProblemKind as Kind};

/// The largest row that is read.
pub(crate) const MAX_ROW: usize = 1 << 30;
/// The largest metadata and the largest seal.
const MAX_ENTRY: usize = 64 << 20;
/// The longest name of a table.
const MAX_NAME: usize = 64 << 10;

/// What stands next in the file.
pub(crate) enum Event<'a> {
    /// The rows of this table follow; the name is that in the file.
    Table(&'a str),
    /// A row of the table before.
    Row(FileRow<'a>),
    /// The file is over.
    End(&'a Ending),
}

/// What is known when the whole file was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending {
    /// Whether the file has a seal and is exactly what was written.
    pub(crate) sealed: bool,
    /// The rows read, by the name that the table has in the file.
    pub(crate) rows: BTreeMap<String, u64>,
    /// Why the file is not the one that was written.
    pub(crate) problems: Vec<BackupProblem>,
}

impl Ending {
    /// # Errors
    /// The first reason why the file is not the one that was written.
    pub(crate) fn check(&self) -> Result<(), Box<BackupProblem>> {
        let first = self.problems.first().cloned();
        first.map_or(Ok(()), |problem| Err(Box::new(problem)))
    }
}

/// A backup file under way.
///
/// After an error in one row the rows that follow can still be read; after any other error
/// [`next`](BackupReader::next) gives `None`.
pub(crate) struct BackupReader<R> {
    frame: Frame<R>,
    name: String,
    state: State,
    metadata: Metadata,
    buffer: Vec<u8>,
    text: String,
    members: Vec<Member>,
    shape: Shape,
    table: String,
    row: u64,
    line: u64,
    ending: Ending,
    seal: Option<(Seal, [u8; 32])>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Entries,
    Rows { first: bool },
    Done,
}

/// An [`Event`] that borrows nothing yet.
enum Step {
    Table,
    Row,
    End,
}

impl<R: BufRead> BackupReader<R> {
    /// Reads from here; `name` is for messages.
    pub(crate) fn new(input: R, name: impl Into<String>) -> Self {
        BackupReader {
            frame: Frame::new(input),
            name: name.into(),
            state: State::Start,
            metadata: Metadata::default(),
            buffer: Vec::new(),
            text: String::new(),
            members: Vec::new(),
            shape: Shape::default(),
            table: String::new(),
            row: 0,
            line: 1,
            ending: Ending::default(),
            seal: None,
        }
    }

    /// The file's name for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the file says about itself; reads as far as needed.
    ///
    /// # Errors
    /// Why this is no backup file, or none of a version that is known.
    pub(crate) fn metadata(&mut self) -> Result<&Metadata, Box<BackupProblem>> {
        if self.state == State::Start {
            let read = self.start();
            self.or_done(read)?;
        }
        Ok(&self.metadata)
    }

    /// The next piece of the file; `None` after its end.
    ///
    /// # Errors
    /// What is wrong there. After a row that cannot be read the next one can.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'_>>, Box<BackupProblem>> {
        self.metadata()?;
        let step = match self.state {
            State::Start | State::Done => return Ok(None),
            State::Entries => {
                let step = self.entry();
                self.or_done(step)?
            }
            State::Rows { first } => {
                let found = self.row_text(first);
                if self.or_done(found)? {
                    self.split_row()?;
                    Step::Row
                } else {
                    self.ending.rows.insert(self.table.clone(), self.row);
                    self.state = State::Entries;
                    let step = self.entry();
                    self.or_done(step)?
                }
            }
        };
        Ok(Some(match step {
            Step::Table => Event::Table(&self.table),
            Step::End => Event::End(&self.ending),
            Step::Row => Event::Row(FileRow {
                table: &self.table,
                number: self.row,
                line: self.line,
                text: &self.text,
                shape: &self.shape,
                members: &self.members,
                ours: self.metadata.is_ours(),
            }),
        }))
    }

    /// After such an error nothing more can be read.
    fn or_done<T>(
        &mut self,
        result: Result<T, Box<BackupProblem>>,
    ) -> Result<T, Box<BackupProblem>> {
        if result.is_err() {
            self.state = State::Done;
        }
        result.map_err(|problem| problem.in_file(&self.name))
    }

    fn dialect(&self) -> Dialect {
        match self.metadata.is_ours() {
            true => Dialect::Strict,
            false => Dialect::Python,
        }
    }

    fn start(&mut self) -> Result<(), Box<BackupProblem>> {
        match self.frame.peek() {
            Ok(Some(b'{')) => {}
            Ok(Some(byte)) => return Err(no_backup(byte).at_line(1)),
            Ok(None) => {
                return Err(BackupProblem::boxed(Kind::Truncated, "the file is empty").at_line(1));
            }
            Err(fault) => return Err(self.fault(fault)),
        }
        self.expect(b'{', "an object")?;
        if self.entry_name()? != "metadata" {
            return Err(self.malformed("a backup begins with `metadata`"));
        }
        let text = self.value(MAX_ENTRY)?;
        let line = self.line;
        self.metadata = Metadata::read(&text).map_err(|problem| problem.at_line(line))?;
        self.state = State::Entries;
        Ok(())
    }

    /// A table's beginning, or the end of the file.
    fn entry(&mut self) -> Result<Step, Box<BackupProblem>> {
        match self.peek()? {
            Some(b',') => self.expect(b',', "a comma")?,
            _ => {
                self.expect(b'}', "a comma, or the end of the file's object")?;
                return self.finish();
            }
        }
        // the hash of a seal ends before its name
        self.peek()?;
        let hash = self.frame.hash();
        let name = self.entry_name()?;
        if self.seal.is_some() {
            return Err(self.altered("something stands behind the seal"));
        }
        if name == "seal" && self.metadata.is_ours() {
            let text = self.value(MAX_ENTRY)?;
            let line = self.line;
            let seal = Seal::read(&text).map_err(|problem| problem.at_line(line))?;
            self.seal = Some((seal, hash));
            return self.entry();
        }
        self.open_table(name)
    }

    fn open_table(&mut self, name: String) -> Result<Step, Box<BackupProblem>> {
        if name == "metadata" || self.ending.rows.contains_key(&name) {
            let problem =
                BackupProblem::boxed(Kind::Duplicate, "the file has two entries of one name");
            return Err(problem.at_line(self.frame.line()).in_table(&name));
        }
        self.table = name;
        self.row = 0;
        self.expect(b'[', "an array of rows")?;
        self.state = State::Rows { first: true };
        Ok(Step::Table)
    }

    /// Takes the next row into `buffer`; false at the end of the table.
    fn row_text(&mut self, first: bool) -> Result<bool, Box<BackupProblem>> {
        match self.peek()? {
            Some(b']') => return self.expect(b']', "the end of the rows").map(|()| false),
            Some(b',') if !first => self.expect(b',', "a comma")?,
            Some(_) if first => {}
            _ => self.expect(b',', "a comma, or the end of the table's rows")?,
        }
        self.row += 1;
        if self.peek()?.is_some_and(|byte| byte != b'{') {
            return Err(self.malformed("a row must be an object"));
        }
        self.state = State::Rows { first: false };
        let line = self.frame.value(&mut self.buffer, MAX_ROW);
        self.line = line.map_err(|fault| self.fault(fault))?;
        Ok(true)
    }

    /// Finds the cells of the row in `buffer`.
    fn split_row(&mut self) -> Result<(), Box<BackupProblem>> {
        let here = |problem: Box<BackupProblem>, reader: &Self| {
            let problem = problem.at_line(reader.line).in_file(&reader.name);
            problem.in_table(&reader.table).in_row(reader.row)
        };
        // the old text's memory is what the next row is read into
        let old = std::mem::take(&mut self.text).into_bytes();
        match String::from_utf8(std::mem::replace(&mut self.buffer, old)) {
            Ok(text) => self.text = text,
            Err(_) => return Err(here(not_utf8(), self)),
        }
        let dialect = self.dialect();
        split(&self.text, dialect, &mut self.shape, &mut self.members)
            .map_err(|problem| here(problem, self))
    }

    fn finish(&mut self) -> Result<Step, Box<BackupProblem>> {
        if self.peek()?.is_some() {
            return Err(self.malformed("something stands behind the end of the backup"));
        }
        self.state = State::Done;
        let problems = super::integrity::problems(&self.metadata, &self.ending.rows, &self.seal);
        let line = self.frame.line();
        let place = |problem: BackupProblem| *Box::new(problem).at_line(line).in_file(&self.name);
        self.ending.problems = problems.into_iter().map(place).collect();
        self.ending.sealed = self.seal.is_some() && self.ending.problems.is_empty();
        Ok(Step::End)
    }

    fn peek(&mut self) -> Result<Option<u8>, Box<BackupProblem>> {
        self.frame.peek().map_err(|fault| self.fault(fault))
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Box<BackupProblem>> {
        let result = self.frame.expect(byte, what);
        result.map_err(|fault| self.fault(fault))
    }

    /// The name of the next entry, and its colon.
    fn entry_name(&mut self) -> Result<String, Box<BackupProblem>> {
        if self.peek()?.is_some_and(|byte| byte != b'"') {
            return Err(self.malformed("expected a name in quotes"));
        }
        let text = self.value(MAX_NAME)?;
        let name = unquote(&text).map(std::borrow::Cow::into_owned);
        let name = name.filter(|_| {
            let pair = format!("{{{text}:0}}");
            super::syntax::members(&pair, Dialect::Strict, &mut Vec::new()).is_ok()
        });
        let name = name.ok_or_else(|| self.malformed("the name of an entry is no text"))?;
        self.expect(b':', "a colon")?;
        Ok(name)
    }

    fn value(&mut self, limit: usize) -> Result<String, Box<BackupProblem>> {
        let mut bytes = Vec::new();
        let line = self.frame.value(&mut bytes, limit);
        self.line = line.map_err(|fault| self.fault(fault))?;
        String::from_utf8(bytes).map_err(|_| not_utf8().at_line(self.line))
    }

    fn malformed(&self, message: &str) -> Box<BackupProblem> {
        self.place(BackupProblem::boxed(Kind::Malformed, message))
    }

    fn altered(&self, message: &str) -> Box<BackupProblem> {
        let problem = BackupProblem::boxed(Kind::Altered, message);
        problem.at_line(self.frame.line())
    }

    /// Where the reader is.
    fn place(&self, problem: Box<BackupProblem>) -> Box<BackupProblem> {
        let problem = problem.at_line(self.frame.line());
        match self.state {
            State::Rows { .. } if self.row > 0 => problem.in_table(&self.table).in_row(self.row),
            State::Rows { .. } => problem.in_table(&self.table),
            _ => problem,
        }
    }

    fn fault(&self, fault: Fault) -> Box<BackupProblem> {
        self.place(match fault {
            Fault::Truncated => {
                BackupProblem::boxed(Kind::Truncated, "the file ends here, too early")
                    .hint("it was cut off; take another copy")
            }
            Fault::TooLarge(limit) => BackupProblem::boxed(
                Kind::TooLarge,
                format!(
                    "what begins here is larger than {} MiB",
                    (limit >> 20).max(1)
                ),
            ),
            Fault::TooDeep => BackupProblem::boxed(
                Kind::TooLarge,
                format!("brackets are nested deeper than {MAX_DEPTH} levels"),
            ),
            // a compressed file does not end in the middle of a frame
            Fault::Unreadable(std::io::ErrorKind::UnexpectedEof) => {
                BackupProblem::boxed(Kind::Truncated, "the file ends here, too early")
                    .hint("it was cut off; take another copy")
            }
            Fault::Unreadable(kind) => {
                BackupProblem::boxed(Kind::Unreadable, format!("cannot be read further: {kind}"))
            }
            Fault::Expected(what) => {
                BackupProblem::boxed(Kind::Malformed, format!("expected {what}"))
            }
        })
    }
}

fn not_utf8() -> Box<BackupProblem> {
    BackupProblem::boxed(Kind::Malformed, "the text is no UTF-8")
}

/// What files of other kinds begin with.
fn no_backup(first: u8) -> Box<BackupProblem> {
    let problem = BackupProblem::boxed(Kind::Malformed, "this is no backup file");
    match first {
        0xef | 0xfe | 0xff => problem.hint("save it as UTF-8 without a byte order mark"),
        0x28 => problem.hint(
            "is it compressed? then its name must end in `.zst`, or pipe it through `zstd -d`",
        ),
        b'P' | 0x1f => problem.hint("is it a dump or an archive of another tool?"),
        _ => problem.hint("a backup is a JSON object that begins with `metadata`"),
    }
}
