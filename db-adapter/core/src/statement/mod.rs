//! What the words of a statement tell about it: where it ends, what it is, whether it ends a
//! transaction, outlasts one, changes the schema, or only reads. Never runs anything.
//!
//! Words do not tell what a function, a procedure, a prepared statement or a `DO` block does:
//! such a call has the answer of the statement that it is in, but for the few functions that are
//! known by their names, and for a `DO` block whose words are read where the session is concerned.

mod block;
mod calls;
mod footprint;
mod kind;
mod reading;
mod schema;
mod session;
mod split;
#[cfg(test)]
mod tests;
mod transaction;
mod values;
mod with;

pub use kind::StatementKind;
pub use split::{Boundary, Statements, statements};

use crate::lexer::{Lexer, Token};
use crate::schema::SqlDialect;

/// One statement of a text, without the semicolon that ends it.
///
/// ```
/// use db_adapter_core::schema::SqlDialect;
/// use db_adapter_core::statement::{Statement, StatementKind};
///
/// let statement = Statement::new("/* a */ set work_mem = '1GB'", SqlDialect::Postgres);
/// assert_eq!(statement.kind(), StatementKind::Set);
/// assert_eq!(statement.session_change(), Some("set"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    text: &'a str,
    dialect: SqlDialect,
}

impl<'a> Statement<'a> {
    /// A statement of this text, which has no other one behind it.
    pub fn new(text: &'a str, dialect: SqlDialect) -> Self {
        Statement { text, dialect }
    }

    /// As it is written.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Whose SQL it is.
    pub fn dialect(self) -> SqlDialect {
        self.dialect
    }

    /// Its tokens without blanks and comments.
    pub fn tokens(self) -> impl Iterator<Item = Token<'a>> + Clone {
        Lexer::new(self.text, self.dialect).significant()
    }

    /// The first word as it is written; empty where it begins with something else, such as a
    /// parenthesis.
    pub fn keyword(self) -> &'a str {
        let first = self.tokens().find(|token| !token.is_symbol(";"));
        let word = first.filter(|token| token.kind == crate::lexer::Kind::Word);
        word.map_or("", |token| token.text)
    }

    /// Its tokens, each with where it is.
    fn placed(self) -> impl Iterator<Item = Placed<'a>> {
        let start = (0_usize, [None, None]);
        self.tokens().scan(start, |(depth, before), token| {
            if token.is_symbol(")") {
                *depth = depth.saturating_sub(1);
            }
            let placed = Placed {
                token,
                depth: *depth,
                before: *before,
            };
            if token.is_symbol("(") {
                *depth += 1;
            }
            *before = [Some(token), before[0]];
            Some(placed)
        })
    }

    /// The part of it from a token on.
    fn starting_at(self, token: &Token<'_>) -> Self {
        Statement {
            text: self.text.get(token.start..).unwrap_or_default(),
            ..self
        }
    }

    fn is_postgres(self) -> bool {
        self.dialect == SqlDialect::Postgres
    }
}

/// A token, in how many parentheses it is, and the two tokens before it, the nearest first.
struct Placed<'a> {
    token: Token<'a>,
    depth: usize,
    before: [Option<Token<'a>>; 2],
}

impl Placed<'_> {
    /// Whether it is this keyword: behind `AS` or a dot it is a name.
    fn is(&self, keyword: &str) -> bool {
        self.token.is(keyword) && !self.follows("as") && !self.follows_symbol(".")
    }

    fn follows(&self, keyword: &str) -> bool {
        self.before[0].is_some_and(|before| before.is(keyword))
    }

    fn follows_symbol(&self, symbol: &str) -> bool {
        self.before[0].is_some_and(|before| before.is_symbol(symbol))
    }
}
