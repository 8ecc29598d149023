//! What a caller asks for, as data: parsed once, free of any SQL, the same for every backend.

mod alone;
mod backend;
mod columns;
mod debug;
mod load;
mod names;
mod order;
mod sink;
mod sql_filter;
mod wanted;

pub use alone::Alone;
pub use backend::Backend;
pub use columns::{Columns, IntoColumns, SelectItem};
pub use db_adapter_core::TableName;
pub use load::{AdvanceSequence, AllocateKeys, Load};
pub(crate) use names::{plain_names, table_name};
pub use order::{OrderTerm, parse_order};
pub use sink::RowSink;
pub(crate) use sink::{Fill, Given};
pub use sql_filter::SqlFilter;
pub(crate) use wanted::Wanted;

use crate::expr::{Changes, Expression};
use crate::{Filter, Result, Row, Value};

/// One operation, as a [`DatabaseClient`](crate::DatabaseClient) gets it.
///
/// A wrapper forwards what it does not know; a backend answers it with
/// [`Error::Unsupported`](crate::Error::Unsupported). `Debug` shows tables and columns, never values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// Rows of a table; answers `rows`.
    Select(Select),
    /// The number of matching rows; answers `affected`.
    Count(Matching),
    /// Whether a row matches; answers `affected` 1 or 0.
    Exists(Matching),
    /// New rows; answers `affected`, and `rows` as far as `returning` says.
    Insert(Insert),
    /// Changes to every matching row; answers `affected`, and `rows` as far as `returning` says.
    Update(Update),
    /// Changes row by row, each found by its keys; answers `affected`.
    UpdateMany(UpdateMany),
    /// Which rows such changes would change, and in which columns; changes nothing. Answers `rows`, one for
    /// each row that would be changed: its `place` among those given, from 0 on, and the `columns` that differ.
    Differences(Differences),
    /// Deletes every matching row; answers `affected`, and `rows` as far as `returning` says.
    Delete(Delete),
    /// Many rows as they are: all with the columns of the first, and with numbers of their own
    /// where else the database numbers rows. All or none; answers `affected`.
    Load(Load),
    /// Values that the database would give a column, each of them only once; in a transaction.
    /// Answers `rows` with that column.
    AllocateKeys(AllocateKeys),
    /// Lets the database number a column on behind its highest value, and proves by taking a
    /// number that it does. Answers `affected` 1 where the numbers were behind.
    AdvanceSequence(AdvanceSequence),
    /// Waits until no other transaction holds the lock of this name, and holds it to the end of
    /// this one.
    Lock(String),
    /// The same, but others may hold it so too; whoever wants [`Lock`](Self::Lock) of the name waits.
    LockShared(String),
    /// One statement outside of any transaction, such as `CREATE INDEX CONCURRENTLY`, with settings of its
    /// own; where [`Capabilities::alone`](crate::Capabilities::alone) says so.
    Alone(Alone),
    /// SQL that gives rows.
    Query(Statement),
    /// One SQL statement; answers `affected`.
    Execute(Statement),
    /// SQL statements one after another in one transaction.
    ExecuteScript(String),
    /// Whether the database answers.
    Ping,
    /// The server's version as text: one row with the column `version`.
    ServerVersion,
    /// Which database it is: one row with the column `backend`, a [`Backend`]'s name. Answered
    /// without asking the database.
    Backend,
}

/// What an operation gave.
///
/// ```
/// use db_adapter::{Outcome, row};
///
/// let outcome = Outcome::of_rows(vec![row! { "id": 1 }]);
/// assert_eq!((outcome.rows.len(), outcome.affected), (1, 0));
/// assert_eq!(Outcome::of_count(2).affected, 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The rows, where the operation gives rows.
    pub rows: Vec<Row>,
    /// How many rows were counted or changed.
    pub affected: u64,
}

impl Outcome {
    /// What an operation that reads rows gave.
    pub fn of_rows(rows: Vec<Row>) -> Self {
        Outcome { rows, affected: 0 }
    }

    /// What an operation that counts or changes rows gave.
    pub fn of_count(affected: u64) -> Self {
        let rows = Vec::new();
        Outcome { rows, affected }
    }
}

/// The payload of [`Operation::Select`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Select {
    /// The table or view.
    pub table: TableName,
    /// What to select.
    pub columns: Columns,
    /// Which rows.
    pub filter: Filter,
    /// In which order.
    pub order: Vec<OrderTerm>,
    /// At most so many.
    pub limit: Option<u64>,
    /// Without the first so many.
    pub offset: Option<u64>,
    /// Only the rows behind this one; its values of the columns of `order` and of the primary key.
    pub after: Option<Row>,
    /// Equal rows of the result once.
    pub distinct: bool,
    /// Locks the rows to the end of the transaction.
    pub lock: Option<RowLock>,
    /// Gives times, uuids and texts of a fixed length as they are written where the database keeps their
    /// text, as SQLite does: `2021-12-08 01:00:00`. Otherwise in their canonical form.
    pub spelled: bool,
    /// The same of every type: a text that is not the one which is written for its value comes as a text, such as
    /// `[1, 2]` of an array. What refers to the row does so by just that.
    pub stored: bool,
    /// Where the rows go; set by a backend alone, so that no wrapper misses one.
    pub(crate) sink: Option<RowSink>,
}

/// How the rows of a select are locked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowLock {
    /// Leaves out the rows that another transaction has locked, instead of waiting for them.
    pub skip_locked: bool,
    /// What others cannot do until the end of the transaction.
    pub strength: LockStrength,
}

/// What the lock of a row keeps others from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockStrength {
    /// Changing it, and locking it: `FOR UPDATE`.
    #[default]
    Update,
    /// Changing it: `FOR SHARE`.
    Share,
    /// Deleting it, and changing a key that a foreign key can refer to: `FOR KEY SHARE`.
    KeyShare,
}

/// The payload of operations that only ask about a table by a filter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Matching {
    /// The table.
    pub table: TableName,
    /// Which rows.
    pub filter: Filter,
}

/// The payload of [`Operation::Insert`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Insert {
    /// The table.
    pub table: TableName,
    /// The rows; each may have columns of its own, an absent one gets its default.
    pub rows: Vec<Row>,
    /// For an upsert: the columns of the unique key; the other columns given are updated. With
    /// `or_ignore` an empty list means every unique key.
    pub conflict_keys: Option<Vec<String>>,
    /// Leaves out the rows whose `conflict_keys` are there already, and changes none.
    pub or_ignore: bool,
    /// Columns that get an expression, of the only row: of a new row `Add` is the number itself.
    pub expressions: Vec<(String, Expression)>,
    /// Which rows to give back.
    pub returning: Returning,
}

/// What an insert does with a row that is there already, found by these keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnConflict<'a> {
    /// It gets the new values.
    Update(&'a [String]),
    /// It stays as it is; without keys those of every unique index count.
    Ignore(&'a [String]),
}

/// The payload of [`Operation::Update`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Update {
    /// The table.
    pub table: TableName,
    /// The columns to set.
    pub data: Row,
    /// Columns that get an expression.
    pub expressions: Vec<(String, Expression)>,
    /// Which rows.
    pub filter: Filter,
    /// Which rows to give back.
    pub returning: Returning,
}

/// The payload of [`Operation::Delete`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delete {
    /// The table.
    pub table: TableName,
    /// Which rows.
    pub filter: Filter,
    /// Which of the deleted rows to give back.
    pub returning: Returning,
}

/// The payload of [`Operation::UpdateMany`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct UpdateMany {
    /// The table.
    pub table: TableName,
    /// The rows: keys and the columns to set.
    pub rows: Vec<Row>,
    /// The columns that find a row.
    pub keys: Vec<String>,
    /// Leaves rows alone that have exactly these values already, and does not count them.
    pub only_changed: bool,
    /// For each row the values that some of its columns must have now, such as whose it is: it is
    /// not changed otherwise. Empty: its keys alone find a row.
    pub expected: Vec<Row>,
    /// Whether every row must be there and be as given afterwards, or changed: else
    /// [`Error::NotKept`](crate::Error::NotKept), for what a policy, a trigger or a rule keeps from
    /// being written in silence. The outcome's rows then tell which rows were changed, in the
    /// column `place`: their places in `rows`, from 0 on, in no order.
    pub checked: bool,
    /// Writes texts, and values that the column's type does not take, as they are given, where the
    /// database keeps any value in any column, as SQLite does. For values that came from such a column.
    /// Keys find rows by just these texts.
    pub spelled: bool,
}

/// The payload of [`Operation::Differences`]. Every row must be there, as for a checked update: else
/// [`Error::NotKept`](crate::Error::NotKept).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Differences {
    /// What the rows are to be.
    pub update: UpdateMany,
    /// Locks those that differ to the end of the transaction, where the database locks rows: what is told of them
    /// then holds until they are changed.
    pub lock: bool,
}

/// SQL text of the caller with values for its `:name` parameters.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// Names and values.
    pub binds: Vec<(String, Value)>,
    /// The filters that stand for names in braces.
    pub filters: Vec<SqlFilter>,
    /// What it is called in traces.
    pub label: Option<String>,
    /// Where the rows go; set by a backend alone, so that no wrapper misses one.
    pub(crate) sink: Option<RowSink>,
    /// How many rows its caller takes.
    pub(crate) wanted: Wanted,
    /// What the caller makes of them; for a client that is asked through a wrapper, and gives rows.
    pub(crate) taker: Option<RowSink>,
}

/// Which of the written or deleted rows to give back.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Returning {
    /// None, only the count.
    Nothing,
    /// The first in primary-key order, with every column.
    First,
    /// All, with these columns; for inserts in the order of the data.
    All(Columns),
}

impl Returning {
    /// The columns, unless nothing is given back.
    pub(crate) fn columns(&self) -> Option<&Columns> {
        match self {
            Returning::Nothing => None,
            Returning::First => Some(&Columns::All),
            Returning::All(columns) => Some(columns),
        }
    }
}

impl Select {
    /// Every matching row, in no order.
    pub fn new(table: TableName, columns: Columns, filter: Filter) -> Self {
        Select {
            table,
            columns,
            filter,
            order: Vec::new(),
            limit: None,
            offset: None,
            after: None,
            distinct: false,
            lock: None,
            spelled: false,
            stored: false,
            sink: None,
        }
    }
}

impl Matching {
    /// The matching rows of a table.
    pub fn new(table: TableName, filter: Filter) -> Self {
        Matching { table, filter }
    }
}

impl Insert {
    /// New rows, of which none is given back.
    pub fn new(table: TableName, rows: Vec<Row>) -> Self {
        Insert {
            table,
            rows,
            conflict_keys: None,
            or_ignore: false,
            expressions: Vec::new(),
            returning: Returning::Nothing,
        }
    }

    /// What is done with a row that is there already, unless that is an error.
    pub(crate) fn on_conflict(&self) -> Option<OnConflict<'_>> {
        let keys = self.conflict_keys.as_deref();
        match (keys, self.or_ignore) {
            (Some(keys), false) => Some(OnConflict::Update(keys)),
            (keys, true) => Some(OnConflict::Ignore(keys.unwrap_or_default())),
            (None, false) => None,
        }
    }
}

impl Update {
    /// A change of matching rows, of which none is given back.
    pub fn new(table: TableName, data: impl Into<Changes>, filter: Filter) -> Self {
        let Changes { row, expressions } = data.into();
        Update {
            table,
            data: row,
            expressions,
            filter,
            returning: Returning::Nothing,
        }
    }
}

impl Delete {
    /// Deletes the matching rows, of which none is given back.
    pub fn new(table: TableName, filter: Filter) -> Self {
        Delete {
            table,
            filter,
            returning: Returning::Nothing,
        }
    }
}

impl UpdateMany {
    /// Changes row by row.
    pub fn new(table: TableName, rows: Vec<Row>, keys: Vec<String>) -> Self {
        UpdateMany {
            table,
            rows,
            keys,
            only_changed: false,
            expected: Vec::new(),
            checked: false,
            spelled: false,
        }
    }
}

impl Differences {
    /// What these changes would change; locks nothing.
    pub fn new(update: UpdateMany) -> Self {
        Differences {
            update,
            lock: false,
        }
    }
}

impl Statement {
    /// A text without parameters.
    pub fn new(sql: impl Into<String>) -> Self {
        Statement {
            sql: sql.into(),
            binds: Vec::new(),
            filters: Vec::new(),
            label: None,
            sink: None,
            wanted: Wanted::Any,
            taker: None,
        }
    }

    /// Gives `:name` a value.
    #[must_use]
    pub fn bind(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.binds.push((name.into(), value.into()));
        self
    }

    /// Gives `{name}` a filter of a table of the text: `tasks`, or `tasks AS t`.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the table is not a name.
    pub fn filter(
        mut self,
        name: impl Into<String>,
        table: impl AsRef<str>,
        filter: impl Into<Filter>,
    ) -> Result<Self> {
        self.filters.push(SqlFilter::new(name, table, filter)?);
        Ok(self)
    }

    /// Calls it so in traces.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl Operation {
    /// The verb and the table, for spans and messages.
    pub fn describe(&self) -> (&'static str, Option<&TableName>) {
        match self {
            Operation::Select(o) => ("select", Some(&o.table)),
            Operation::Count(o) => ("count", Some(&o.table)),
            Operation::Exists(o) => ("exists", Some(&o.table)),
            Operation::Insert(o) => (
                if o.conflict_keys.is_some() && !o.or_ignore {
                    "upsert"
                } else {
                    "insert"
                },
                Some(&o.table),
            ),
            Operation::Update(o) => ("update", Some(&o.table)),
            Operation::UpdateMany(o) => ("update_many", Some(&o.table)),
            Operation::Differences(o) => ("differences", Some(&o.update.table)),
            Operation::Delete(o) => ("delete", Some(&o.table)),
            Operation::Load(o) => ("load", Some(&o.table)),
            Operation::AllocateKeys(o) => ("allocate_keys", Some(&o.table)),
            Operation::AdvanceSequence(o) => ("advance_sequence", Some(&o.table)),
            Operation::Lock(_) | Operation::LockShared(_) => ("lock", None),
            Operation::Alone(_) => ("execute alone", None),
            Operation::Query(_) => ("query", None),
            Operation::Execute(_) => ("execute", None),
            Operation::ExecuteScript(_) => ("execute_script", None),
            Operation::Ping => ("ping", None),
            Operation::ServerVersion => ("server_version", None),
            Operation::Backend => ("backend", None),
        }
    }

    /// The same with its rows put into a sink, where it gives rows; it then answers `affected`, their
    /// number. For the client that runs it and no other.
    pub(crate) fn into_sink(mut self, rows: RowSink) -> Self {
        match &mut self {
            Operation::Select(select) => select.sink = Some(rows),
            Operation::Query(statement) => statement.sink = Some(rows),
            _ => {}
        }
        self
    }

    /// The same with what its caller takes, where that is the caller's own text.
    pub(crate) fn wanting(mut self, wanted: Wanted, taker: Option<&RowSink>) -> Self {
        if let Operation::Query(statement) = &mut self {
            statement.wanted = wanted;
            statement.taker = taker.cloned();
        }
        self
    }

    /// What the caller calls it in traces; of `query` and `execute` alone.
    pub fn label(&self) -> Option<&str> {
        match self {
            Operation::Query(statement) | Operation::Execute(statement) => {
                statement.label.as_deref()
            }
            _ => None,
        }
    }

    /// Whether this only reads, so that it may be repeated. Text of the caller counts as writing,
    /// and so does a select that locks its rows.
    pub fn is_read(&self) -> bool {
        match self {
            Operation::Select(select) => select.lock.is_none(),
            Operation::Differences(differences) => !differences.lock,
            Operation::Count(_)
            | Operation::Exists(_)
            | Operation::Ping
            | Operation::ServerVersion
            | Operation::Backend => true,
            _ => false,
        }
    }
}
