//! The words of a SQL expression. Never fails on a text: what it does not know, it says so.

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

/// The words, or `None` for what this lexer does not know (escapes, dollar quotes, parameters).
pub(super) fn lex(sql: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, after) = match c {
            '\'' => {
                let (text, after) = quoted(rest, '\'')?;
                (Token::Text(text), after)
            }
            '"' | '`' => {
                let (text, after) = quoted(rest, c)?;
                (Token::Quoted(text), after)
            }
            c if c.is_ascii_digit() => split(rest, Token::Number, number_end(rest)),
            '.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
                split(rest, Token::Number, number_end(rest))
            }
            c if is_word(c) => word(rest)?,
            '(' | ')' | '[' | ']' | ',' | '.' => split(rest, Token::Symbol, 1),
            ':' if rest.starts_with("::") => split(rest, Token::Symbol, 2),
            c if is_operator(c) => match comment_end(rest) {
                Some(after) => {
                    rest = after?.trim_start();
                    continue;
                }
                None => split(rest, Token::Symbol, operator_end(rest)),
            },
            _ => return None,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

fn split(rest: &str, kind: fn(String) -> Token, end: usize) -> (Token, &str) {
    let (text, after) = rest.split_at(end.min(rest.len()));
    (kind(text.to_owned()), after)
}

fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = rest.get(1..)?;
    loop {
        let (part, after) = rest.split_once(quote)?;
        text.push_str(part);
        match after.strip_prefix(quote) {
            Some(more) => {
                text.push(quote);
                rest = more;
            }
            None => return Some((text, after)),
        }
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A word. `b'..'` and `x'..'` are texts of bits; other marks change what a text means.
fn word(rest: &str) -> Option<(Token, &str)> {
    let end = rest.find(|c: char| !is_word(c) && c != '$');
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    let word = word.to_lowercase();
    if !after.starts_with('\'') || word.len() > 2 {
        return Some((Token::Word(word), after)); // date'2026-01-01' among them
    }
    if !matches!(word.as_str(), "b" | "x") {
        return None;
    }
    let (text, after) = quoted(after, '\'')?;
    Some((Token::Text(format!("{word}{text}")), after))
}

fn number_end(rest: &str) -> usize {
    let mut before = ' ';
    let part = |c: char| {
        let exponent = matches!(before, 'e' | 'E') && matches!(c, '+' | '-');
        before = c;
        !(exponent || c.is_ascii_alphanumeric() || c == '.')
    };
    rest.find(part).unwrap_or(rest.len())
}

fn is_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|?".contains(c)
}

/// PostgreSQL's rule: an operator of several characters ends in `+` or `-` only beside a special
/// one, so that `a=-1` is a comparison with a negative number.
fn operator_end(rest: &str) -> usize {
    let end = rest.find(|c: char| !is_operator(c)).unwrap_or(rest.len());
    let text = rest.get(..end).unwrap_or("");
    let text = match text.find("--").into_iter().chain(text.find("/*")).min() {
        Some(comment) if comment > 0 => text.get(..comment).unwrap_or(""),
        _ => text,
    };
    if text.contains(['~', '!', '@', '#', '%', '^', '&', '|', '?']) {
        return text.len();
    }
    text.trim_end_matches(['+', '-']).len().max(1)
}

/// What follows a comment; the inner `None` is one without an end.
fn comment_end(rest: &str) -> Option<Option<&str>> {
    if let Some(line) = rest.strip_prefix("--") {
        return Some(Some(line.split_once('\n').map_or("", |(_, after)| after)));
    }
    let block = rest.strip_prefix("/*")?;
    Some(block.split_once("*/").map(|(_, after)| after))
}
