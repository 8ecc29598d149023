//! The words of SQL: the one lexer that everything here uses that reads SQL text.
//! It knows how PostgreSQL and SQLite cut a text into tokens and no grammar. It allocates
//! nothing, never recurses, never fails and never panics on any text.
//!
//! Each byte of the text is in exactly one token, blanks and comments among them. What never ends
//! (a string, a comment) is a token up to the end of the text that is not [`closed`](Token::closed).

mod content;
mod scan;
#[cfg(test)]
mod tests;

use crate::schema::SqlDialect;
pub(crate) use content::clipped;
pub use scan::Lexer;

/// One token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// As it is written, with its quotes and prefix.
    pub text: &'a str,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Whether it has an end of its own: false for a string, a name or a comment that nothing ends.
    pub closed: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// White space.
    Blank,
    /// `-- ..` without the line break, or `/* .. */`.
    Comment,
    /// A name or keyword without quotes.
    Word,
    /// A name in quotes: `"a"`, `U&"a"`; in SQLite also `[a]` and `` `a` ``.
    Name,
    /// A string constant.
    String(Quote),
    /// A number without its sign.
    Number,
    /// `:name`.
    Parameter,
    /// A parameter in the database's own notation: `$1`, and in SQLite `?`, `?1`, `:1`, `@name`, `$name`.
    Native,
    /// An operator of any length, `::` and `:=` among them.
    Operator,
    /// Any other character: `( ) [ ] { } , ; . :`.
    Symbol,
}

/// How a string constant is written, which decides what its content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// `'a'`, `N'a'`: a doubled quote is one.
    Plain,
    /// `E'a'`, and `'a'` where `standard_conforming_strings` is off: a backslash escapes.
    Escape,
    /// `U&'a'`: a backslash and a code point.
    Unicode,
    /// `B'01'`, `X'0f'`.
    Bits,
    /// `$$a$$`, `$tag$a$tag$`: nothing escapes.
    Dollar,
}

impl<'a> Token<'a> {
    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is a blank or a comment.
    pub fn is_trivia(&self) -> bool {
        matches!(self.kind, Kind::Blank | Kind::Comment)
    }

    /// Whether it is this keyword, in any case and without quotes.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is one of these keywords.
    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// Whether it is this symbol or operator.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.kind, Kind::Symbol | Kind::Operator) && self.text == symbol
    }

    /// Whether it names this, which is a name in lower case: as a word in any case, or quoted.
    pub fn names(&self, name: &str) -> bool {
        match self.kind {
            Kind::Word => self.text.eq_ignore_ascii_case(name),
            Kind::Name if self.text.starts_with(['u', 'U']) => {
                self.name(SqlDialect::Postgres).as_deref() == Some(name)
            }
            Kind::Name => self.text.get(1..self.text.len().saturating_sub(1)) == Some(name),
            _ => false,
        }
    }

    /// The name of a [`Kind::Parameter`], without its colon.
    pub fn parameter(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Parameter => self.text.get(1..),
            _ => None,
        }
    }
}
