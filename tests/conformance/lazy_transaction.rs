//! A client whose operations run inside a transaction that begins with the first of them and is
//! committed before the oracle looks: the same cases as outside of one.

use std::sync::Arc;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::schema::IntrospectOptions;
use db_adapter::{
    BoxFuture, BoxStream, Capabilities, DatabaseSchema, Operation, Outcome, Result, Transaction,
    TxOptions,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;

pub(crate) struct LazyTransaction {
    client: Arc<dyn DatabaseClient>,
    open: Mutex<Option<Arc<Transaction>>>,
}

impl LazyTransaction {
    pub(crate) fn new(client: Arc<dyn DatabaseClient>) -> Self {
        LazyTransaction {
            client,
            open: Mutex::new(None),
        }
    }

    async fn current(&self) -> Result<Arc<Transaction>> {
        let mut open = self.open.lock().await;
        if let Some(transaction) = &*open {
            return Ok(Arc::clone(transaction));
        }
        let transaction = Arc::new(self.client.begin().await?);
        *open = Some(Arc::clone(&transaction));
        Ok(transaction)
    }

    /// Commits what was done so far; the next operation begins anew.
    pub(crate) async fn commit(&self) -> Result<()> {
        match self.open.lock().await.take().and_then(Arc::into_inner) {
            Some(transaction) => transaction.commit().await,
            None => Ok(()),
        }
    }
}

impl DatabaseClient for LazyTransaction {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move { self.current().await?.run(operation).await })
    }

    fn run_stream(&self, operation: Operation) -> BoxStream<'_, Result<Row>> {
        let rows = async move {
            let transaction = self.current().await?;
            let rows: Vec<Row> = transaction.run_stream(operation).try_collect().await?;
            Ok::<_, db_adapter::Error>(stream::iter(rows).map(Ok))
        };
        Box::pin(stream::once(rows).try_flatten())
    }

    fn run_within(&self, operation: Operation, limit: Duration) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move { self.current().await?.run_within(operation, limit).await })
    }

    fn begin_with(&self, options: TxOptions) -> BoxFuture<'_, Result<Transaction>> {
        Box::pin(async move { self.current().await?.begin_with(options).await })
    }

    fn introspect(&self, options: IntrospectOptions) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(async move { self.current().await?.introspect(options).await })
    }

    fn capabilities(&self) -> Result<Capabilities> {
        self.client.capabilities()
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.commit().await?;
            self.client.close().await
        })
    }
}
