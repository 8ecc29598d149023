//! What differs between SQL dialects, as one trait, and the text that is being written.

use std::borrow::Cow;

use db_adapter_core::SqlType;

use super::filter::Others;
use super::shared::Named;
use super::table::{Column, Table};
use crate::error::InvalidValue;
use crate::query::{Columns, OrderTerm, RowLock};
use crate::{Filter, Result, Value};

/// Statement text and its parameters, growing together.
#[derive(Debug)]
pub(crate) struct Sql<P> {
    pub(crate) text: String,
    pub(crate) params: Vec<P>,
    /// The number of tests of columns in the text.
    pub(crate) conditions: usize,
    /// What the table of the innermost select is called in the caller's text; in ours it is `t`.
    pub(crate) alias: Option<String>,
    /// The rows that have a name where a reference is being written; `None` outside of one.
    pub(crate) named: Option<Vec<Named>>,
}

impl<P> Sql<P> {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Sql {
            text: text.into(),
            params: Vec::new(),
            conditions: 0,
            alias: None,
            named: None,
        }
    }

    /// Adds a column with the name of its table before it.
    pub(crate) fn push_column<D: Dialect>(&mut self, column: &Column<D::ColumnExtra>) {
        match &self.alias {
            Some(alias) => D::push_name(&mut self.text, alias),
            None => self.text.push('t'),
        }
        self.text.push('.');
        D::push_name(&mut self.text, &column.name);
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a parameter and gives its number, from 1.
    pub(crate) fn param(&mut self, param: P) -> usize {
        self.params.push(param);
        self.params.len()
    }
}

/// A column of a result: its name, and its type where a table's column stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) sql_type: SqlType,
}

/// The comparison operators that filters use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
}

impl Comparison {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Comparison::Eq => "=",
            Comparison::Ne => "<>",
            Comparison::Gt => ">",
            Comparison::Gte => ">=",
            Comparison::Lt => "<",
            Comparison::Lte => "<=",
        }
    }
}

/// What a statement asks of the type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ability {
    /// `=` and `<>`, and to be in a list.
    Equality,
    /// `<` and its like.
    Less,
    /// `ORDER BY`.
    Order,
    /// `GROUP BY`.
    Groups,
}

/// How a backend writes the parts of a statement. Values are canonical for their column and not
/// null; columns of the statement's table are written `t.name`, or with the alias of the text.
pub(crate) trait Dialect: Sized {
    /// What the backend knows of a table beyond [`Table`].
    type TableExtra;
    /// What the backend knows of a column beyond [`Column`].
    type ColumnExtra;
    /// A parameter as it is bound.
    type Param;

    /// For messages.
    const BACKEND: &'static str;

    /// The value that a parameter stands for, as a caller of SQL text would bind it.
    fn to_value(param: Self::Param) -> Result<Value>;

    /// A quoted name, which can never be read as a string.
    fn push_name(text: &mut String, name: &str);

    /// The table, quoted and qualified.
    fn push_table(text: &mut String, table: &Table<Self::TableExtra, Self::ColumnExtra>) {
        if let Some(schema) = &table.name.schema {
            Self::push_name(text, schema);
            text.push('.');
        }
        Self::push_name(text, &table.name.name);
    }

    /// A column as a result of a select or a `RETURNING`, without its name in the result.
    /// `qualified` puts `t.` before it.
    fn push_output(text: &mut String, column: &Column<Self::ColumnExtra>, qualified: bool);

    /// A value to be stored; NULL included.
    fn push_data(
        sql: &mut Sql<Self::Param>,
        column: &Column<Self::ColumnExtra>,
        value: &Value,
    ) -> Result<(), InvalidValue>;

    /// The column's value plus what is pushed, within an assignment to it. What the column does not
    /// hold is refused by the database.
    fn push_sum(
        sql: &mut Sql<Self::Param>,
        column: &Column<Self::ColumnExtra>,
        push_summand: impl FnOnce(&mut Sql<Self::Param>) -> Result<()>,
    ) -> Result<()>;

    /// The value of a filter as it is looked for: the canonical one, or in the spelling that was given where
    /// the database keeps spellings and a row may have just that one.
    fn sought<'v>(
        _column: &Column<Self::ColumnExtra>,
        _given: &'v Value,
        canonical: Cow<'v, Value>,
    ) -> Cow<'v, Value> {
        canonical
    }

    /// `t.column <op> value`.
    fn push_comparison(
        sql: &mut Sql<Self::Param>,
        column: &Column<Self::ColumnExtra>,
        comparison: Comparison,
        value: &Value,
    ) -> Result<()>;

    /// The most tests of columns in a statement, where more are beyond what the database plans in a moment.
    const MOST_CONDITIONS: usize = usize::MAX;

    /// Whether many alternatives are better written as a list of rows.
    const LISTS_ROWS: bool = false;

    /// The column and a value as parts of a list of rows. `None` where a comparison of the two is not
    /// written `column = value`.
    fn listed(
        _sql: &Sql<Self::Param>,
        _column: &Column<Self::ColumnExtra>,
        _value: &Value,
    ) -> Option<(String, Self::Param)> {
        None
    }

    /// The columns, as they are written, have the values of one of the rows.
    fn push_row_list(
        _sql: &mut Sql<Self::Param>,
        _columns: &[String],
        _rows: Vec<Vec<Self::Param>>,
    ) -> Result<()> {
        Err(crate::Error::internal(
            "a list of rows where none is written",
        ))
    }

    /// `t.column` is one of the values, of which there is at least one; or none of them.
    fn push_membership(
        sql: &mut Sql<Self::Param>,
        column: &Column<Self::ColumnExtra>,
        values: &[Value],
        negated: bool,
    ) -> Result<()>;

    /// `t.column` is one of the values, of which there is at least one, in whatever spelling it has it.
    fn push_any_spelling(
        sql: &mut Sql<Self::Param>,
        column: &Column<Self::ColumnExtra>,
        values: &[Value],
    ) -> Result<()> {
        Self::push_membership(sql, column, values, false)
    }

    /// `t.column` matches a pattern of `%`, `_` and `\`, which is well formed.
    fn push_like(
        sql: &mut Sql<Self::Param>,
        column: &Column<Self::ColumnExtra>,
        pattern: &str,
        fold_case: bool,
    ) -> Result<()>;

    /// Whether the column of the table holds no NULL, as far as it is known.
    fn never_null(
        table: &Table<Self::TableExtra, Self::ColumnExtra>,
        column: &Column<Self::ColumnExtra>,
    ) -> bool;

    /// Whether the column holds arrays, of whatever elements.
    fn is_array(column: &Column<Self::ColumnExtra>) -> bool {
        column.sql_type.element().is_some()
    }

    /// Whether the type of the column has this.
    fn has(column: &Column<Self::ColumnExtra>, ability: Ability) -> bool;

    /// `t.column` as an expression to order by.
    fn push_order_key(text: &mut String, column: &Column<Self::ColumnExtra>);

    /// A condition that is always true, and that the database refuses once the table is not what we
    /// know, where the statement relies on that: for the columns that it gives (`None`: none of them),
    /// those that a filter compares, and an order whose columns are compared with those of a row.
    fn guard<'t>(
        _table: &'t Table<Self::TableExtra, Self::ColumnExtra>,
        _others: &'t Others<Self>,
        _columns: Option<&Columns>,
        _filter: &Filter,
        _after: &[OrderTerm],
    ) -> Result<Option<Cow<'t, str>>> {
        Ok(None)
    }

    /// The same for the primary key, which puts rows in order that are equal in the caller's.
    fn key_guard(_table: &Table<Self::TableExtra, Self::ColumnExtra>) -> Option<String> {
        None
    }

    /// Locks the rows of a select to the end of its transaction; nothing where a transaction locks
    /// everything.
    fn push_lock(text: &mut String, lock: RowLock);

    /// ` LIMIT .. OFFSET ..`.
    fn push_limit(sql: &mut Sql<Self::Param>, limit: Option<u64>, offset: Option<u64>);
}
