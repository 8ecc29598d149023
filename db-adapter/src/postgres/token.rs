//! What only one transaction knows: behind a transaction pooler nothing else tells whether the session that
//! answers is still in it.

use std::hash::{BuildHasher, RandomState};

/// A setting that means nothing to the server, and that ends with the transaction.
const NAME: &str = "db_adapter.transaction";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token(String);

impl Token {
    pub(super) fn new() -> Self {
        // its keys are random
        Token(format!("{:016x}", RandomState::new().hash_one(NAME)))
    }

    /// Tells the transaction.
    pub(super) fn set(&self) -> String {
        format!("SET LOCAL {NAME} = '{}'", self.0)
    }

    /// Asks a session whether it is in the transaction.
    pub(super) fn ask(&self) -> String {
        format!(
            "SELECT coalesce(pg_catalog.current_setting('{NAME}', true) = '{}', false)",
            self.0
        )
    }

    /// Behind a `COMMIT`: the next transaction begins with its end. The statement is known by the comment.
    pub(super) fn chain(&self) -> String {
        format!("AND CHAIN /* {} */", self.0)
    }

    /// As a condition about a row `b` of the server's activity: the process runs that statement.
    pub(super) fn is_run(&self) -> String {
        format!("b.state = 'active' AND b.query LIKE '%/* {} */'", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transaction_has_its_own() {
        let (one, other) = (Token::new(), Token::new());
        assert_ne!(one, other);
        assert_ne!(one.is_run(), other.is_run());
        let comment = one.chain().split_off("AND CHAIN ".len());
        assert!(one.is_run().contains(&comment));
    }
}
