//! What is done with a savepoint, as data: how a database is told, its backend knows.

/// A savepoint of ours; its number is used once in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Savepoint(pub(crate) u64);

/// What is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It begins.
    Set,
    /// What was done since it began is undone; it stays open.
    Undo,
    /// It ends, and what was done in it belongs to what is around it.
    Release,
}
