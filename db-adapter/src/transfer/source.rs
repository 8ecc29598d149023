//! Where rows come from, as a transfer sees it: what is said before the first row, and then the rows, table by
//! table. What a source is, how it is read, and what names one of its rows, only the source itself knows.

use std::borrow::Cow;
use std::fmt::Debug;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;

use db_adapter_core::SqlType;

use crate::{InvalidValue, Result, Row, Value};

/// Rows that are to be in a database.
pub(crate) trait RowSource: Send {
    /// What is known before the first row.
    fn about(&mut self) -> impl Future<Output = Result<About>> + Send;

    /// Goes to the rows of a table, by its name in the source; false where there is no such table. The
    /// tables come in the order in which they are transferred, parents first, and each once.
    fn open(&mut self, table: &str) -> impl Future<Output = Result<bool>> + Send;

    /// Gives the next rows of the table that was opened to `take`, until that breaks: some hundred of them
    /// at most, so that what else the task does goes on. False when no more are left.
    fn rows(&mut self, take: &mut Take<'_>) -> impl Future<Output = Result<bool>> + Send;

    /// Whether all of it can be given once more, from the first table on.
    fn can_be_repeated(&self) -> bool;

    /// After the last table, before anything is committed: an error where the rows were not those that the
    /// source was to give.
    fn finish(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// Takes a row, and says whether it wants the next one now.
pub(crate) type Take<'t> = dyn FnMut(&dyn SourceRow) -> Result<ControlFlow<()>> + Send + 't;

/// One row, as long as the source shows it.
pub(crate) trait SourceRow {
    /// What names it.
    fn origin(&self) -> Origin;

    /// The names of its columns, each once. Other rows of the table may have others.
    fn names(&self) -> &[String];

    /// What it has in a column, by its place among the names, as a value of this type.
    ///
    /// # Errors
    /// Why it is not such a value; without the value.
    fn value(&self, place: usize, sql_type: &SqlType) -> Result<Value, InvalidValue>;

    /// The text by which the source writes a value, where it writes a text; another one than the
    /// canonical one where the source tells two spellings of a value apart.
    fn spelling(&self, place: usize) -> Option<Cow<'_, str>>;
}

/// What a source says of itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) tables: Vec<SourceTable>,
    /// How many rows it has, as far as it says.
    pub(crate) rows: Option<u64>,
    /// Whose rows they are, where they are one user's and the source says so: the id as it writes it.
    pub(crate) user: Option<String>,
    /// The kind of database that the values are from, as [`Backend`](crate::Backend) is written.
    pub(crate) backend: Option<String>,
    pub(crate) words: Arc<dyn Words>,
}

/// A table of a source.
#[derive(Debug, Clone)]
pub(crate) struct SourceTable {
    /// Its name in the source.
    pub(crate) key: String,
    /// Its name in the database that it is from.
    pub(crate) table: String,
    /// Its columns, where the source tells.
    pub(crate) columns: Option<Vec<(String, SqlType)>>,
    /// How many rows it has, as far as the source says.
    pub(crate) rows: Option<u64>,
}

/// What names a row.
#[derive(Clone)]
pub(crate) struct Origin {
    /// Which row of its table it is, counted from 1 as the source gives them.
    pub(crate) number: u64,
    /// What the source knows it by.
    pub(crate) mark: Mark,
    /// Its natural key as the source has it, where rows are told of.
    pub(crate) key: Option<Arc<Row>>,
}

impl Origin {
    pub(crate) fn new(number: u64, mark: Mark) -> Self {
        Origin {
            number,
            mark,
            key: None,
        }
    }
}

/// Never a value of the key.
impl Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin")
            .field("number", &self.number)
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

/// What a source knows a row by: a line, a place in a list of keys. It is kept for every row, and only
/// the source can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(pub(crate) u64);

/// How messages speak of a source, without a value of any row.
pub(crate) trait Words: Debug + Send + Sync {
    /// What it is: `the file`.
    fn source(&self) -> &str;

    /// All that it holds: `the backup`.
    fn whole(&self) -> &str;

    /// One of its rows: `the row on line 7`.
    fn row(&self, mark: Mark) -> String;
}
