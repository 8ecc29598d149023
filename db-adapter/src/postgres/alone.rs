//! A statement outside of any transaction, on a connection that is closed behind it: what its session was
//! told, nobody else gets.

use db_adapter_core::quote_ident;
use db_adapter_core::schema::SqlDialect;

use super::dialect::no_nul;
use super::failure::Failure;
use super::run::{Text, Work};
use super::sent::Sent;
use super::statement::execute_raw;
use crate::query::{Alone, Outcome};
use crate::sql::{refuse_transaction_control, single_statement};
use crate::{Error, Result};

impl Work<'_> {
    pub(super) async fn alone(&mut self, alone: &Alone) -> Result<Outcome, Failure> {
        if self.in_transaction || self.conn.is_open() {
            return Err(refused(
                "a transaction",
                "run it on the client that the transaction was begun on",
            )
            .into());
        }
        if self.shared.is_pooled() {
            return Err(refused(
                "PostgreSQL behind a transaction pooler",
                "use a direct connection to the server",
            )
            .into());
        }
        no_nul(&alone.sql)?;
        let only = single_statement(&alone.sql, SqlDialect::Postgres)?;
        refuse_transaction_control(only)?;
        self.conn.set_altered();
        self.text = Text::Callers;
        self.sent = Some(Sent::default());
        execute_raw(self.conn, settings(alone)).await?;
        self.writing();
        let affected = execute_raw(self.conn, only.text().to_owned()).await?;
        Ok(Outcome::of_count(affected))
    }
}

fn refused(backend: &'static str, hint: &str) -> Error {
    Error::unsupported("a statement outside of any transaction", backend, hint)
}

/// A statement may take long, and says by its own settings how long it waits.
fn settings(alone: &Alone) -> String {
    let limit = alone.lock_timeout.as_millis();
    let mut sql = format!("SET lock_timeout = {limit}; SET statement_timeout = 0");
    if !alone.search_path.is_empty() {
        let path: Vec<String> = alone.search_path.iter().map(|s| quote_ident(s)).collect();
        sql.push_str(&format!("; SET search_path = {}", path.join(", ")));
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_settings_are_quoted() {
        let alone = Alone::new("x").search_path(["a\"; DROP".to_owned()]);
        assert!(settings(&alone).ends_with("SET search_path = \"a\"\"; DROP\""));
    }
}
