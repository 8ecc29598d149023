//! What statement-making knows of a table: its columns in table order, their types, its key.

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{SqlType, TableName, suggest};

use crate::error::InvalidValue;
use crate::value::Limits;
use crate::{Error, Rounding};

/// A table or view. `T` and `C` are what a backend knows beyond that of a table and a column.
#[derive(Debug, PartialEq)]
pub(crate) struct Table<T, C> {
    /// As found: with its schema where the backend has schemas.
    pub(crate) name: TableName,
    /// Whose table it is: it decides what a column of a type that nobody knows takes.
    pub(crate) dialect: SqlDialect,
    /// What becomes of values that a column would round or cut.
    pub(crate) rounding: Rounding,
    /// In table order.
    pub(crate) columns: Vec<Column<C>>,
    /// Positions of the primary key's columns, in key order.
    pub(crate) primary_key: Vec<usize>,
    pub(crate) extra: T,
}

/// A column of a table.
#[derive(Debug, PartialEq)]
pub(crate) struct Column<C> {
    pub(crate) name: String,
    /// With length, precision and scale, as they count for data.
    pub(crate) sql_type: SqlType,
    /// The digits of a second that it keeps; of times alone.
    pub(crate) digits: u32,
    pub(crate) generated: Generated,
    pub(crate) extra: C,
}

/// Whether the database alone writes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generated {
    /// No: callers may.
    No,
    /// Computed from other columns.
    Computed,
    /// `GENERATED ALWAYS AS IDENTITY`.
    #[allow(dead_code, reason = "SQLite has no such columns")]
    Identity,
}

impl<T, C> Table<T, C> {
    /// The position of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The column at a position that was found in this table.
    pub(crate) fn at(&self, position: usize) -> Result<&Column<C>, Error> {
        self.columns.get(position).ok_or_else(|| {
            Error::internal(format!(
                "a statement for `{}` names a column at position {position}, where there is none",
                self.name
            ))
        })
    }

    /// A column, or the error that suggests another.
    pub(crate) fn column(&self, name: &str) -> Result<&Column<C>, Error> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| self.undefined(name))
    }

    /// What a column keeps, and what becomes of the rest.
    pub(crate) fn limits(&self, column: &Column<C>) -> Limits {
        Limits {
            digits: column.digits,
            rounding: self.rounding,
        }
    }

    pub(crate) fn undefined(&self, name: &str) -> Error {
        let names = self.columns.iter().map(|column| column.name.as_str());
        Error::UndefinedColumn {
            table: Some(self.name.to_string()),
            column: name.to_owned(),
            suggestion: suggest::closest(name, names).map(str::to_owned),
        }
    }

    /// Says for which column a value does not fit.
    pub(crate) fn not_fitting(&self, column: &str, mut details: InvalidValue) -> Error {
        details.table = Some(self.name.to_string());
        details.column = Some(column.to_owned());
        details.into()
    }
}

impl<C> Column<C> {
    /// The type without length, precision and scale: a filter by a longer text matches nothing,
    /// it is not an error. The digits of a second do not count either.
    pub(crate) fn filter_type(&self) -> SqlType {
        without_limits(&self.sql_type)
    }
}

fn without_limits(sql_type: &SqlType) -> SqlType {
    match sql_type {
        SqlType::Varchar(_) => SqlType::Varchar(None),
        SqlType::Char(_) => SqlType::Char(None),
        SqlType::Numeric { .. } => SqlType::Numeric {
            precision: None,
            scale: None,
        },
        SqlType::Array(element) => SqlType::Array(Box::new(without_limits(element))),
        other => other.clone(),
    }
}
