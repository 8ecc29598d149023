//! Whether a statement begins or ends a transaction, or a part of one, or commits by itself.

use super::Statement;

const CONTROL: &[&str] = &[
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "release",
];

/// Those of PostgreSQL that may commit more than once.
const IN_PARTS: &[&str] = &["call", "do", "vacuum", "cluster", "reindex"];
/// Those that do so where `CONCURRENTLY` stands in them.
const CONCURRENT: &[&str] = &["create", "drop", "alter"];

impl<'a> Statement<'a> {
    /// The word that begins or ends a transaction, where this statement does so: `BEGIN`, `START`,
    /// `COMMIT`, `END`, `ROLLBACK`, `ABORT`, `SAVEPOINT`, `RELEASE`, `PREPARE TRANSACTION`.
    pub fn transaction_control(self) -> Option<&'a str> {
        let mut tokens = self.tokens().filter(|token| !token.is_symbol(";"));
        let first = tokens.next()?;
        let prepares = first.is("prepare")
            && tokens.next().is_some_and(|token| token.is("transaction"))
            // a prepared statement may have that name
            && !tokens.next().is_some_and(|token| token.is("as") || token.is_symbol("("));
        (first.is_any(CONTROL) || prepares).then_some(first.text)
    }

    /// Whether it may commit a part of what it does before its end, where no transaction is open: a
    /// procedure with a `COMMIT` in it, `VACUUM` table by table, an index that is made `CONCURRENTLY`.
    /// An error then does not tell that nothing was changed.
    pub fn commits_in_parts(self) -> bool {
        let mut tokens = self.tokens().filter(|token| !token.is_symbol(";"));
        let Some(first) = tokens.next().filter(|_| self.is_postgres()) else {
            return false;
        };
        first.is_any(IN_PARTS)
            || first.is_any(CONCURRENT) && tokens.any(|token| token.is("concurrently"))
    }
}
