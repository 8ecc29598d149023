//! What the body of a `DO` block shows of its effect on the session: its statements, the functions
//! that it calls, and the texts in it that it may run.

use super::{Placed, Statement, statements};
use crate::lexer::{Kind, Quote, Token};

/// Blocks in texts in blocks: nobody writes more of them by hand.
const DEEPEST: usize = 4;

/// The words behind which a statement of PL/pgSQL begins.
const OPENERS: &[&str] = &["begin", "then", "else", "loop"];

impl<'a> Statement<'a> {
    /// The word in the body that changes the session; the `DO` itself where the body cannot be read.
    pub(super) fn block_change(self, depth: usize) -> Option<&'a str> {
        if !self.keyword().eq_ignore_ascii_case("do") {
            return None; // a procedure is not seen, as functions are not
        }
        let mut texts = self.tokens().filter(|t| matches!(t.kind, Kind::String(_)));
        texts.find_map(|token| match content(&token) {
            Some(body) if depth < DEEPEST => self.with(body).body_change(depth),
            _ => Some(self.keyword()),
        })
    }

    fn body_change(self, depth: usize) -> Option<&'a str> {
        let mut parts = statements(self.text, self.dialect);
        let in_parts = parts.find_map(|part| part.part_change(depth));
        in_parts
            .or_else(|| self.known_call())
            .or_else(|| self.text_change(depth))
    }

    /// A statement of the body, which may stand behind `IF .. THEN` and the like.
    fn part_change(self, depth: usize) -> Option<&'a str> {
        let openers = self.placed().filter(|placed| {
            let opens = |word: &&str| placed.follows(word);
            OPENERS.iter().any(opens)
        });
        let behind = openers.map(|placed| self.starting_at(&placed.token));
        let mut all = std::iter::once(self).chain(behind);
        all.find_map(|statement| {
            // what it executes is a text, and found as one
            let executes = statement.keyword().eq_ignore_ascii_case("execute");
            let change = statement.change_at(depth + 1);
            change.filter(|_| !executes)
        })
    }

    /// A text in the body that would change the session if it were run, where something is run.
    /// A single word is a value, and what is raised a message.
    fn text_change(self, depth: usize) -> Option<&'a str> {
        if !self.tokens().any(|token| token.is("execute")) {
            return None;
        }
        let is_message = |placed: &Placed<'_>| {
            let mut before = placed.before.iter().flatten();
            before.any(|token| token.is("raise"))
        };
        let mut texts = self.placed().filter(|placed| !is_message(placed));
        texts.find_map(|placed| {
            let inner = self.with(content(&placed.token)?);
            let mut parts = statements(inner.text, inner.dialect);
            parts.find_map(|part| {
                let is_more = part.tokens().nth(1).is_some();
                part.change_at(depth + 1).filter(|_| is_more)
            })
        })
    }

    fn with(self, text: &'a str) -> Self {
        Statement { text, ..self }
    }
}

/// What is in the quotes, where no escape makes it something else.
fn content<'a>(token: &Token<'a>) -> Option<&'a str> {
    let quote = match token.kind {
        Kind::String(Quote::Plain) => token.text.find('\'')? + 1,
        Kind::String(Quote::Dollar) => token.text.get(1..)?.find('$')? + 2,
        _ => return None,
    };
    let tail = match token.kind {
        Kind::String(Quote::Plain) => 1,
        _ => quote,
    };
    token.text.get(quote..token.text.len().checked_sub(tail)?)
}
