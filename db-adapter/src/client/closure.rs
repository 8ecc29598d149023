//! A closure in a transaction: committed or rolled back by what it gives, run again after a conflict.
//! It never looks into the closure's own errors: the caller says which of them is a conflict.

use super::DatabaseClient;
use crate::Error;
use crate::transaction::{Tx, TxOptions};

/// Why a run did not commit.
enum Failed<E> {
    /// The closure said so, and the transaction is rolled back.
    Work(E),
    /// The transaction could not begin or commit.
    Transaction(Error),
}

impl<E: From<Error>> Failed<E> {
    fn into_error(self) -> E {
        match self {
            Failed::Work(error) => error,
            Failed::Transaction(error) => error.into(),
        }
    }
}

/// One run.
pub(super) async fn once<T, E, Fut>(
    client: &dyn DatabaseClient,
    work: impl FnOnce(Tx) -> Fut,
) -> Result<T, E>
where
    Fut: Future<Output = Result<T, E>>,
    E: From<Error>,
{
    let result = run(client, TxOptions::default(), work).await;
    result.map_err(Failed::into_error)
}

/// Serializable runs, until one has no conflict or all attempts are used.
pub(super) async fn retry<T, E, Fut>(
    client: &dyn DatabaseClient,
    attempts: u32,
    is_conflict: impl Fn(&E) -> bool,
    work: impl Fn(Tx) -> Fut,
) -> Result<T, E>
where
    Fut: Future<Output = Result<T, E>>,
    E: From<Error>,
{
    let mut attempt = 1;
    loop {
        let failed = match run(client, TxOptions::serializable(), &work).await {
            Ok(value) => return Ok(value),
            Err(failed) => failed,
        };
        // a commit whose outcome is unknown may be there: that is never the caller's to say
        let again = match &failed {
            Failed::Work(error) => is_conflict(error),
            Failed::Transaction(error) => error.is_retryable(),
        };
        if !again || attempt >= attempts {
            return Err(failed.into_error());
        }
        attempt += 1;
    }
}

async fn run<T, E, Fut>(
    client: &dyn DatabaseClient,
    options: TxOptions,
    work: impl FnOnce(Tx) -> Fut,
) -> Result<T, Failed<E>>
where
    Fut: Future<Output = Result<T, E>>,
{
    let begun = client.begin_with(options).await;
    let transaction = begun.map_err(Failed::Transaction)?;
    match work(transaction.handle()).await {
        Ok(value) => match transaction.commit().await {
            Ok(()) => Ok(value),
            Err(error) => Err(Failed::Transaction(error)),
        },
        Err(error) => {
            // the closure's error matters more than one of the rollback, which the server does by
            // itself on a lost connection
            let _ = transaction.rollback().await;
            Err(Failed::Work(error))
        }
    }
}
