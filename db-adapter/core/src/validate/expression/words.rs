//! The words of a SQL expression, spelled alike whoever wrote it. Never fails on a text: what it
//! does not know, it says so.

use crate::lexer::{self, Kind, Lexer, Quote};
use crate::schema::SqlDialect;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword without quotes, in lower case.
    Word(String),
    /// A name in quotes.
    Quoted(String),
    /// A text, without its quotes.
    Text(String),
    /// A number.
    Number(String),
    /// An operator, or one of `( ) [ ] , .` and `::`.
    Symbol(String),
}

/// The words, or `None` for what is not known here (escapes, dollar quotes, parameters).
pub(super) fn words(sql: &str) -> Option<Vec<Token>> {
    // an expression does not say whose it is: SQLite's is known by the back-ticks, which are no
    // operator of PostgreSQL's
    let tokens = || Lexer::of_definition(sql, SqlDialect::Postgres).significant();
    let is_tick =
        |token: &lexer::Token<'_>| token.kind == Kind::Operator && token.text.contains('`');
    let dialect = match tokens().any(|token| is_tick(&token)) {
        true => SqlDialect::Sqlite,
        false => SqlDialect::Postgres,
    };
    let tokens = Lexer::of_definition(sql, dialect);
    let known = tokens.filter(|token| !token.is_trivia() || !token.closed);
    known.map(|token| word(&token)).collect()
}

fn word(token: &lexer::Token<'_>) -> Option<Token> {
    let text = || token.text.to_owned();
    match token.kind {
        _ if !token.closed => None,
        Kind::Word => Some(Token::Word(token.text.to_lowercase())),
        Kind::Name => token.name(SqlDialect::Postgres).map(Token::Quoted),
        Kind::Number => Some(Token::Number(text())),
        Kind::String(Quote::Plain) => token.string().map(Token::Text),
        Kind::String(Quote::Bits) => {
            let digits = token.string()?;
            let bits = match token.text.get(..1)?.eq_ignore_ascii_case("x") {
                true => digits.chars().map(four_bits).collect::<Option<String>>()?,
                false => digits,
            };
            Some(Token::Text(format!("b{bits}")))
        }
        Kind::Operator if token.text != ":=" => Some(Token::Symbol(text())),
        Kind::Symbol if "()[],.".contains(token.text) => Some(Token::Symbol(text())),
        _ => None,
    }
}

/// The server writes bits one by one.
fn four_bits(digit: char) -> Option<String> {
    digit.to_digit(16).map(|value| format!("{value:04b}"))
}
