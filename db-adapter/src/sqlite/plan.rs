//! How the rows of a result are read: the names that they share and the types of their columns; and
//! the text of outputs, which a table keeps for all of its columns. Pure.

use std::sync::Arc;

use db_adapter_core::SqlType;
use rusqlite::Row as RawRow;

use super::catalog::{Column, Table};
use super::decode;
use super::dialect::SqliteDialect;
use crate::query::Columns;
use crate::row::Header;
use crate::sql::{Dialect, Output, push_outputs};
use crate::{Result, Row};

/// The names and types of a result.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) header: Arc<Header>,
    pub(super) types: Arc<[SqlType]>,
}

impl Plan {
    pub(super) fn new(outputs: &[Output]) -> Result<Self> {
        let types = outputs.iter().map(|output| output.sql_type.clone());
        Ok(Plan {
            header: Header::new(outputs.iter().map(|output| output.name.as_str()))?,
            types: types.collect(),
        })
    }

    /// One column of ours.
    pub(super) fn one(name: &str, sql_type: SqlType) -> Result<Self> {
        Ok(Plan {
            header: Header::new([name])?,
            types: Arc::new([sql_type]),
        })
    }

    /// So many columns of ours, each true or false.
    pub(super) fn flags(count: usize) -> Result<Self> {
        let names: Vec<String> = (0..count).map(|at| format!("flag{at}")).collect();
        Ok(Plan {
            header: Header::new(names.iter().map(String::as_str))?,
            types: (0..count).map(|_| SqlType::Bool).collect(),
        })
    }

    pub(super) fn row(&self, row: &RawRow<'_>) -> Result<Row> {
        let values = decode::row(row, &self.types)?;
        Ok(Row::from_parts(Arc::clone(&self.header), values))
    }

    /// With uuids, times and the like as they are written.
    pub(super) fn spelled_row(&self, row: &RawRow<'_>) -> Result<Row> {
        let values = decode::spelled(row, &self.types)?;
        Ok(Row::from_parts(Arc::clone(&self.header), values))
    }

    /// With the texts of every type that are not those that are written for their values.
    pub(super) fn stored_row(&self, row: &RawRow<'_>) -> Result<Row> {
        let values = decode::as_stored(row, &self.types)?;
        Ok(Row::from_parts(Arc::clone(&self.header), values))
    }
}

/// All columns of a table as outputs: what most statements give.
#[derive(Debug, Default)]
pub(super) struct AllColumns {
    /// ``t.`a` AS `a`, ..``
    qualified: String,
    /// `` `a` AS `a`, ..``
    plain: String,
    plan: Plan,
}

impl AllColumns {
    pub(super) fn of(columns: &[Column]) -> Result<Self> {
        let text = |qualified| {
            let mut text = String::new();
            for (i, column) in columns.iter().enumerate() {
                text.push_str(if i > 0 { ", " } else { "" });
                SqliteDialect::push_output(&mut text, column, qualified);
                text.push_str(" AS ");
                SqliteDialect::push_name(&mut text, &column.name);
            }
            text
        };
        let types = columns.iter().map(|column| column.sql_type.clone());
        Ok(AllColumns {
            qualified: text(true),
            plain: text(false),
            plan: Plan {
                header: Header::new(columns.iter().map(|column| column.name.as_str()))?,
                types: types.collect(),
            },
        })
    }
}

/// Adds what a statement gives, and tells how it is read.
pub(super) fn push(
    text: &mut String,
    table: &Table,
    columns: &Columns,
    qualified: bool,
) -> Result<Plan> {
    if let (Columns::All, false) = (columns, table.columns.is_empty()) {
        let all = &table.extra.all;
        text.push_str(if qualified {
            &all.qualified
        } else {
            &all.plain
        });
        return Ok(all.plan.clone());
    }
    Plan::new(&push_outputs::<SqliteDialect>(
        text, table, columns, qualified,
    )?)
}
