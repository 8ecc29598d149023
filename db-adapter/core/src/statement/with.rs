//! Statements behind `WITH`: what they do themselves, and what is done on the way.

use super::{Placed, Statement};
use crate::lexer::Token;

const VERBS: &[&str] = &[
    "select", "values", "table", "insert", "replace", "update", "delete", "merge",
];

impl<'a> Statement<'a> {
    /// The word that begins the statement that the `WITH` is for. Such a word is also allowed as
    /// the name of a part, which follows `WITH`, `RECURSIVE` or a comma.
    pub(super) fn main_verb(self) -> Option<Token<'a>> {
        let mut words = self.placed();
        let with = words.find(|placed| placed.token.is("with"))?;
        let is_verb = |placed: &Placed<'_>| {
            let names =
                placed.follows("with") || placed.follows("recursive") || placed.follows_symbol(",");
            placed.depth == with.depth && !names && placed.token.is_any(VERBS)
        };
        words.find(is_verb).map(|placed| placed.token)
    }

    /// Whether a part of a `WITH` changes rows, as PostgreSQL allows.
    pub(super) fn changes_rows_in_with(self) -> bool {
        let changes = |placed: Placed<'_>| {
            let [open, before] = placed.before;
            placed
                .token
                .is_any(&["insert", "update", "delete", "merge"])
                && open.is_some_and(|open| open.is_symbol("("))
                && before.is_some_and(|word| word.is_any(&["as", "materialized"]))
        };
        self.is_postgres() && self.placed().any(changes)
    }
}
