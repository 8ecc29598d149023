//! Whether a statement begins or ends a transaction, or a part of one.

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
}
