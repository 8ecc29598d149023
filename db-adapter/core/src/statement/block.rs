//! What the body of a `DO` block shows of its effect on the session: its statements, the functions
//! that it calls, and the texts in it that it may run.

use super::footprint::is_escaped_name;
use super::{Statement, statements};
use crate::lexer::{Kind, Lexer, Quote, Token};
use crate::schema::SqlDialect;

/// Blocks in texts in blocks: nobody writes more of them by hand.
const DEEPEST: usize = 4;

/// The words behind which a statement of PL/pgSQL begins.
const OPENERS: &[&str] = &["begin", "then", "else", "loop"];

impl<'a> Statement<'a> {
    /// The word in the body that changes the session, or that runs a text, which may do so; the `DO` itself where
    /// the body cannot be read, or is of another language than PL/pgSQL.
    pub(super) fn block_change(self, depth: usize) -> Option<&'a str> {
        if !self.keyword().eq_ignore_ascii_case("do") {
            return None; // a procedure is not seen, as functions are not
        }
        if !self.is_of_sql() {
            return Some(self.keyword());
        }
        let texts = self.placed().filter(|placed| {
            matches!(placed.token.kind, Kind::String(_)) && !placed.follows("language")
        });
        let mut texts = texts.map(|placed| placed.token);
        // a second text goes on with the first one, in the middle of a word perhaps
        match (texts.next().as_ref().and_then(content), texts.next()) {
            (Some(body), None) if depth < DEEPEST => self.with(body).body_change(depth),
            _ => Some(self.keyword()),
        }
    }

    fn body_change(self, depth: usize) -> Option<&'a str> {
        let mut parts = statements(self.text, self.dialect);
        let in_parts = parts.find_map(|part| part.part_change(depth));
        in_parts
            .or_else(|| self.known_call())
            .or_else(|| self.runs_text())
            .or_else(|| self.temporary_path())
    }

    /// A statement of the body, which may stand behind `IF .. THEN` and the like.
    fn part_change(self, depth: usize) -> Option<&'a str> {
        let openers = self.placed().filter(|placed| {
            let opens = |word: &&str| placed.follows(word);
            OPENERS.iter().any(opens)
        });
        let behind = openers.map(|placed| self.starting_at(&placed.token));
        let mut all = std::iter::once(self).chain(behind);
        all.find_map(|statement| statement.change_at(depth + 1))
    }

    /// What runs a text: nobody sees what the text will be. Or a name that can be read only by its escapes, and may
    /// be that of a function that does so.
    fn runs_text(self) -> Option<&'a str> {
        let mut tokens = self.tokens();
        let runs = tokens.find(|token| token.is("execute") || is_escaped_name(token));
        runs.map(|token| token.text).or_else(|| self.call_of_text())
    }

    /// Whether its body is of a language whose words are known.
    fn is_of_sql(self) -> bool {
        let mut named = self.placed().filter(|placed| placed.follows("language"));
        named.all(|placed| {
            let token = placed.token;
            token.names("plpgsql")
                || content(&token).is_some_and(|name| name.eq_ignore_ascii_case("plpgsql"))
        })
    }

    fn with(self, text: &'a str) -> Self {
        Statement { text, ..self }
    }
}

/// What is in the quotes, where no escape makes it something else.
pub(super) fn content<'a>(token: &Token<'a>) -> Option<&'a str> {
    let quote = match token.kind {
        Kind::String(Quote::Plain) => token.text.find('\'')? + 1,
        Kind::String(Quote::Dollar) => token.text.get(1..)?.find('$')? + 2,
        _ => return None,
    };
    let tail = match token.kind {
        Kind::String(Quote::Plain) => 1,
        _ => quote,
    };
    let text = token.text.get(quote..token.text.len().checked_sub(tail)?)?;
    // a quote inside is written twice, and read as an empty string here: what would be in the string is read as
    // code, which is more than there is, unless it hides what comes behind it
    let is_doubled = token.kind == Kind::String(Quote::Plain) && text.contains("''");
    // a prefix, as in `x''`, has nothing behind it but the two quotes
    let hides = |token: Token<'_>| {
        matches!(
            token.kind,
            Kind::Comment | Kind::Name | Kind::String(Quote::Dollar)
        )
    };
    let hides = is_doubled && Lexer::new(text, SqlDialect::Postgres).any(hides);
    (!hides).then_some(text)
}
