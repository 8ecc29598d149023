//! Rows as the data of a COPY, a piece at a time: in the binary format where every column's type has
//! one, else in the text format. Pure; the values were checked before.

use super::catalog::{ColumnFacts, PgColumn, PgTable, TableFacts};
use super::dialect::Postgres;
use super::types::Scalar;
use super::{copy_text, encode_binary};
use crate::sql::{Dialect, RowPlan};
use crate::{Error, Result, Row};
use db_adapter_core::SqlType;

pub(super) type PgRowPlan<'t> = RowPlan<'t, TableFacts, ColumnFacts>;

/// How many bytes are handed to the driver at once.
const PIECE: usize = 64 << 10;
/// What the binary format begins with: its signature, no flags, no extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What the binary format ends with, in place of a number of columns.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// How each column is written, in the order of the statement.
pub(super) struct Format<'p, 't> {
    plan: &'p PgRowPlan<'t>,
    /// `None`: the text format.
    binary: Option<Vec<Scalar>>,
}

impl<'p, 't> Format<'p, 't> {
    pub(super) fn new(plan: &'p PgRowPlan<'t>) -> Self {
        let binary = plan.columns().iter().map(|planned| binary(planned.column));
        Format {
            plan,
            binary: binary.collect(),
        }
    }

    /// `COPY table (columns) FROM STDIN`.
    pub(super) fn statement(&self, table: &PgTable) -> String {
        let mut text = String::from("COPY ");
        Postgres::push_table(&mut text, table);
        for (i, planned) in self.plan.columns().iter().enumerate() {
            text.push_str(if i > 0 { ", " } else { " (" });
            Postgres::push_name(&mut text, &planned.column.name);
        }
        text.push_str(match self.binary {
            Some(_) => ") FROM STDIN (FORMAT binary)",
            None => ") FROM STDIN",
        });
        text
    }

    /// The rows, of which nothing is written yet.
    pub(super) fn data<'f, 'r>(&'f self, rows: &'r [Row]) -> Data<'f, 'p, 't, 'r> {
        Data {
            format: self,
            rows: rows.iter(),
            at: At::Start,
        }
    }

    fn push_row(&self, out: &mut Vec<u8>, row: &Row) -> Result<()> {
        match &self.binary {
            Some(scalars) => self.push_binary(out, scalars, row),
            None => self.push_text(out, row),
        }
    }

    fn push_binary(&self, out: &mut Vec<u8>, scalars: &[Scalar], row: &Row) -> Result<()> {
        let number = i16::try_from(scalars.len()).map_err(|_| too_large())?;
        out.extend(number.to_be_bytes());
        for (planned, scalar) in self.plan.columns().iter().zip(scalars) {
            let value = self.plan.value(planned, row)?;
            if value.is_null() {
                out.extend((-1_i32).to_be_bytes());
                continue;
            }
            let start = out.len();
            out.extend([0; 4]);
            encode_binary::push(out, *scalar, &value).ok_or_else(|| {
                Error::internal("a value that was checked is not of its column's type")
            })?;
            let length = out.len() - start - 4;
            let length = i32::try_from(length).map_err(|_| too_large())?;
            out.get_mut(start..start + 4)
                .ok_or_else(|| Error::internal("the data of a COPY has no place for a length"))?
                .copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    fn push_text(&self, out: &mut Vec<u8>, row: &Row) -> Result<()> {
        let mut text = String::new();
        for (i, planned) in self.plan.columns().iter().enumerate() {
            if i > 0 {
                text.push('\t');
            }
            copy_text::push(&mut text, &*self.plan.value(planned, row)?);
        }
        text.push('\n');
        out.extend(text.as_bytes());
        Ok(())
    }
}

/// The binary format of a column's values; of the types that are not the server's own, those that
/// are nothing but their text.
fn binary(column: &PgColumn) -> Option<Scalar> {
    match &column.sql_type {
        SqlType::Enum(_) | SqlType::Citext => Some(Scalar::Text),
        _ => column.extra.ty.binary,
    }
}

fn too_large() -> Error {
    Error::invalid_query(
        "a value is too large for one statement",
        "a value may have 1 GiB at most",
    )
}

/// The data of some rows.
pub(super) struct Data<'f, 'p, 't, 'r> {
    format: &'f Format<'p, 't>,
    rows: std::slice::Iter<'r, Row>,
    at: At,
}

enum At {
    Start,
    Rows,
    End,
}

impl Data<'_, '_, '_, '_> {
    /// Adds the next piece; nothing at the end.
    pub(super) fn next(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let is_binary = self.format.binary.is_some();
        if let (At::Start, true) = (&self.at, is_binary) {
            out.extend_from_slice(SIGNATURE);
        }
        if let At::Start = self.at {
            self.at = At::Rows;
        }
        while out.len() < PIECE {
            let Some(row) = self.rows.next() else {
                if let (At::Rows, true) = (&self.at, is_binary) {
                    out.extend(TRAILER);
                }
                self.at = At::End;
                return Ok(());
            };
            self.format.push_row(out, row)?;
        }
        Ok(())
    }
}
