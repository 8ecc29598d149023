//! What the builders of the verbs share, and the builder of a transaction.

use std::future::IntoFuture;

use super::{BoxFuture, DatabaseClient};
use crate::Result;
use crate::transaction::{Isolation, Transaction, TxOptions};

/// Implements `.timeout()` and `.await` for a builder that has a `call` and `finish(self)`.
macro_rules! awaitable {
    ($builder:ident $(<$item:ident>)? => $output:ty) => {
        impl<$($item)?> $builder<'_ $(, $item)?> {
            /// Gives up after so long, the wait for a connection included: the statement is then
            /// cancelled on the server. What the error says is certain:
            /// [`Error::Timeout`](crate::Error::Timeout) when nothing was changed,
            /// [`Error::OutcomeUnknown`](crate::Error::OutcomeUnknown) when the database did not
            /// answer. For that answer a read waits half a second more, and a write 5 seconds. In a transaction it aborts the transaction, unless it only waited for
            /// the transaction's other statements. Of a stream it is the
            /// time until its end.
            pub fn timeout(mut self, limit: std::time::Duration) -> Self {
                self.call.limit = Some(limit);
                self
            }
        }

        impl<'a $(, $item: Send + 'a)?> std::future::IntoFuture for $builder<'a $(, $item)?> {
            type Output = $crate::Result<$output>;
            type IntoFuture = $crate::client::BoxFuture<'a, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.finish())
            }
        }
    };
}
pub(super) use awaitable;

/// Begins a transaction; made by [`DatabaseClientExt::begin`](super::DatabaseClientExt::begin).
#[must_use = "does nothing unless awaited"]
pub struct Begin<'a> {
    client: &'a dyn DatabaseClient,
    options: TxOptions,
}

impl std::fmt::Debug for Begin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begin")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<'a> Begin<'a> {
    pub(super) fn new(client: &'a dyn DatabaseClient) -> Self {
        Begin {
            client,
            options: TxOptions::default(),
        }
    }

    /// The transaction may not write.
    pub fn read_only(mut self) -> Self {
        self.options.read_only = true;
        self
    }

    /// Gives up after so long, the wait for a connection included, with
    /// [`Error::Timeout`](crate::Error::Timeout).
    pub fn timeout(mut self, limit: std::time::Duration) -> Self {
        self.options.timeout = Some(limit);
        self
    }

    /// The isolation level; the backend's own when not given. SQLite is always serializable.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options.isolation = Some(isolation);
        self
    }
}

impl<'a> IntoFuture for Begin<'a> {
    type Output = Result<Transaction>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.client.begin_with(self.options)
    }
}
