//! Reading verbs on one connection.

use super::dialect::Postgres;
use super::failure::Failure;
use super::run::Work;
use super::statement::{fetch, fetch_into, fetch_plain};
use super::statement_text::{self as text, Sql};
use crate::query::{Matching, Outcome, Select};
use crate::row::Header;
use crate::sql::{self, Output};
use crate::{Error, Result, Row, Value};

impl Work<'_> {
    pub(super) async fn rows(&mut self, sql: Sql, outputs: &[Output]) -> Result<Vec<Row>, Failure> {
        let header = Header::new(outputs.iter().map(|output| output.name.as_str()))?;
        fetch(self.conn, sql.text, sql.params, &header).await
    }

    pub(super) async fn select(&mut self, select: &Select) -> Result<Outcome, Failure> {
        sql::check_lock(select, self.in_transaction)?;
        let others = self.others(&select.filter).await?;
        let table = self.table(&select.table).await?;
        let (sql, header) = text::select(&table, &others, select)?;
        let sink = select.sink.as_ref();
        fetch_into(self.conn, sql.text, sql.params, &header, sink).await
    }

    pub(super) async fn count(&mut self, matching: &Matching) -> Result<Outcome, Failure> {
        let others = self.others(&matching.filter).await?;
        let table = self.table(&matching.table).await?;
        let sql = sql::count::<Postgres>(&table, &others, matching)?;
        let rows = fetch_plain(self.conn, sql.text, sql.params).await?;
        let count = rows.first().and_then(|row| row.first());
        Ok(affected(to_count(count)?))
    }

    pub(super) async fn exists(&mut self, matching: &Matching) -> Result<Outcome, Failure> {
        let others = self.others(&matching.filter).await?;
        let table = self.table(&matching.table).await?;
        let sql = sql::exists::<Postgres>(&table, &others, matching)?;
        let rows = fetch_plain(self.conn, sql.text, sql.params).await?;
        Ok(affected(rows.len() as u64))
    }

    pub(super) async fn server_version(&mut self) -> Result<Outcome, Failure> {
        let rows = fetch_plain(self.conn, "SHOW server_version".to_owned(), Vec::new()).await?;
        let full = rows.first().and_then(|row| row.first());
        let full = full
            .and_then(Value::as_str)
            .ok_or_else(|| Error::internal("the server did not tell its version"))?;
        // Debian adds words of its own
        let number = full.split_once(' ').map_or(full, |(number, _)| number);
        let row: Row = [("version", number)].into();
        Ok(Outcome {
            rows: vec![row],
            affected: 0,
        })
    }
}

pub(super) fn affected(affected: u64) -> Outcome {
    Outcome {
        rows: Vec::new(),
        affected,
    }
}

/// A count of the server; without one nobody knows how many rows there are, least of all none.
pub(super) fn to_count(value: Option<&Value>) -> Result<u64> {
    let count = value.and_then(Value::as_i64);
    let count = count.and_then(|n| u64::try_from(n).ok());
    count.ok_or_else(|| Error::internal("the server's answer to a count has no number in it"))
}
