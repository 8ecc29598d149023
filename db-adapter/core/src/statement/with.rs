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

    /// Where the statement begins that the `WITH` is for, in bytes; `None` where it does not begin with
    /// `WITH`, or what it is for is nothing that is known.
    pub fn behind_with(self) -> Option<usize> {
        let first = self.tokens().find(|token| !token.is_symbol(";"));
        first.filter(|token| token.is("with"))?;
        // the last part has ended before a select in parentheses
        let opens = |placed: &Placed<'_>| {
            placed.depth == 0 && placed.token.is_symbol("(") && placed.follows_symbol(")")
        };
        let verb = self.main_verb().map(|verb| verb.start);
        let parenthesis = self.placed().find(opens).map(|placed| placed.token.start);
        match (verb, parenthesis) {
            (Some(verb), Some(parenthesis)) => Some(verb.min(parenthesis)),
            (verb, parenthesis) => verb.or(parenthesis),
        }
    }

    /// Whether a part of a `WITH` changes rows, as PostgreSQL allows.
    pub fn changes_rows_in_with(self) -> bool {
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
