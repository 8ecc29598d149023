//! What became of operations that nobody waited for.

/// What became of operations and transactions that were dropped before their end; given by
/// [`DatabaseClient::settle`](super::DatabaseClient::settle). Operations that only read are not
/// counted.
///
/// ```
/// use db_adapter::prelude::*;
/// # async fn f(db: &dyn DatabaseClient) -> db_adapter::Result<()> {
/// let settled = db.settle().await?;
/// if settled.unknown > 0 {
///     eprintln!("{} writes may have been done", settled.unknown);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// The database says that they changed nothing.
    pub rolled_back: u64,
    /// The database says that they were done, and committed.
    pub completed: u64,
    /// The database did not say.
    pub unknown: u64,
}

impl Settled {
    /// Whether nothing that writes was dropped.
    pub fn is_empty(&self) -> bool {
        *self == Settled::default()
    }
}
