//! Own SQL that writes, and whose rows may turn out not to be what its caller takes: it is run in a
//! transaction of its own, so that the error undoes what was done. Asks nothing of what only reads.

use db_adapter_core::statement::{self, StatementKind};

use super::call::Call;
use super::verbs::DatabaseClientExt;
use crate::query::Statement;
use crate::transaction::{Transaction, TxOptions};
use crate::{ErrorKind, Result};

impl Call<'_> {
    /// A transaction for a text that changes rows; in a transaction, a savepoint. `None` for any other
    /// text, and for a client that has no transactions.
    pub(super) async fn undoing(self, text: &Statement) -> Result<Option<Transaction>> {
        let dialect = match self.client().backend().await {
            Ok(backend) => backend.dialect(),
            Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(None),
            Err(error) => return Err(error),
        };
        let statement = statement::Statement::new(&text.sql, dialect);
        let is_with = statement.kind() == StatementKind::Select && !statement.only_reads();
        if !statement.counts_rows() && !is_with {
            return Ok(None);
        }
        if !self
            .client()
            .capabilities()
            .is_ok_and(|can| can.transactions)
        {
            return Ok(None);
        }
        let options = TxOptions {
            timeout: self.limit,
            ..TxOptions::default()
        };
        self.client().begin_with(options).await.map(Some)
    }
}

/// Keeps what was done where its rows could be given, else undoes it.
pub(super) async fn end<T>(transaction: Transaction, given: Result<T>) -> Result<T> {
    match given {
        Ok(given) => {
            transaction.commit().await?;
            Ok(given)
        }
        Err(error) => {
            // whatever is said to that, the error is why; without its connection it is undone as well
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}
