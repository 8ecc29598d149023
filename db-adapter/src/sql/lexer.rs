//! Just enough of a lexer for SQL text of callers: words, parameters and semicolons, outside of
//! strings, comments and quoted names. It knows no grammar.

use std::ops::Range;

use db_adapter_core::schema::SqlDialect;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// `:name`, as the range of the name.
    Parameter,
    /// `$1`, and in SQLite also `?`, `?1`, `@name`, `$name`.
    ForeignParameter,
    Semicolon,
    /// A string, a quoted name, a number, an operator.
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    flavor: SqlDialect,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, flavor: SqlDialect) -> Self {
        Lexer {
            text,
            at: 0,
            flavor,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips to behind the next `end`, or to the end of the text.
    fn skip_past(&mut self, from: usize, end: &str) {
        self.at = match self.text.get(from..).and_then(|rest| rest.find(end)) {
            Some(found) => from + found + end.len(),
            None => self.text.len(),
        };
    }

    /// A quoted part: doubled quotes, and in `E''` strings backslashes, do not end it.
    fn skip_quoted(&mut self, open_len: usize, quote: u8, backslashes: bool) {
        let bytes = self.text.as_bytes();
        let mut i = self.at + open_len;
        while let Some(&byte) = bytes.get(i) {
            if backslashes && byte == b'\\' {
                i += 2;
            } else if byte == quote {
                if bytes.get(i + 1) != Some(&quote) {
                    self.at = i + 1;
                    return;
                }
                i += 2;
            } else {
                i += 1;
            }
        }
        self.at = bytes.len();
    }

    fn skip_nested_comment(&mut self) {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut i = self.at;
        while i < bytes.len() {
            match (bytes.get(i), bytes.get(i + 1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    i += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth = depth.saturating_sub(1);
                    i += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => i += 1,
            }
        }
        self.at = i.min(bytes.len());
    }

    /// The tag of a dollar quote at the start of the text: `$$` or `$tag$`.
    fn dollar_tag(rest: &str) -> Option<&str> {
        let end = rest.get(1..)?.find('$')? + 1;
        let tag = rest.get(1..end)?;
        let mut chars = tag.chars();
        let starts_well = chars.next().is_none_or(|c| c.is_alphabetic() || c == '_');
        (starts_well && chars.all(is_word_char))
            .then(|| rest.get(..=end))
            .flatten()
    }

    fn word_len(text: &str) -> usize {
        text.find(|c: char| !is_word_char(c)).unwrap_or(text.len())
    }

    fn token(&mut self, kind: Kind, len: usize) -> Option<Token> {
        let range = self.at..self.at + len;
        self.at += len;
        Some(Token { kind, range })
    }

    /// A token whose end the cursor has reached already.
    fn other(&self, start: usize) -> Option<Token> {
        Some(Token {
            kind: Kind::Other,
            range: start..self.at,
        })
    }

    fn quoted(&mut self, open_len: usize, quote: u8, backslashes: bool) -> Option<Token> {
        let start = self.at;
        self.skip_quoted(open_len, quote, backslashes);
        self.other(start)
    }

    fn dollar(&mut self, rest: &str) -> Option<Token> {
        let name = Self::word_len(rest.get(1..).unwrap_or_default());
        if self.flavor == SqlDialect::Sqlite && name > 0 {
            return self.token(Kind::ForeignParameter, 1 + name);
        }
        if let Some(tag) = Self::dollar_tag(rest) {
            let start = self.at;
            self.skip_past(start + tag.len(), tag);
            return self.other(start);
        }
        let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        let kind = if digits > 0 {
            Kind::ForeignParameter
        } else {
            Kind::Other
        };
        self.token(kind, 1 + digits)
    }

    fn colon(&mut self, rest: &str) -> Option<Token> {
        let after = rest.get(1..).unwrap_or_default();
        if after.starts_with(':') || after.starts_with('=') {
            return self.token(Kind::Other, 2);
        }
        let name = Self::word_len(after);
        let starts_well = after
            .chars()
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_');
        if !starts_well {
            return self.token(Kind::Other, 1);
        }
        self.at += 1;
        self.token(Kind::Parameter, name)
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            let sqlite = self.flavor == SqlDialect::Sqlite;
            match first {
                c if c.is_whitespace() => self.at += c.len_utf8(),
                '-' if rest.starts_with("--") => self.skip_past(self.at, "\n"),
                '/' if rest.starts_with("/*") && sqlite => self.skip_past(self.at + 2, "*/"),
                '/' if rest.starts_with("/*") => self.skip_nested_comment(),
                '\'' => return self.quoted(1, b'\'', false),
                '"' => return self.quoted(1, b'"', false),
                '`' if sqlite => return self.quoted(1, b'`', false),
                '[' if sqlite => {
                    let start = self.at;
                    self.skip_past(start, "]");
                    return self.other(start);
                }
                'e' | 'E' if !sqlite && rest.as_bytes().get(1) == Some(&b'\'') => {
                    return self.quoted(2, b'\'', true);
                }
                '$' => return self.dollar(rest),
                ':' => return self.colon(rest),
                '?' if sqlite => {
                    let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
                    return self.token(Kind::ForeignParameter, 1 + digits);
                }
                '@' if sqlite => {
                    let name = Self::word_len(rest.get(1..).unwrap_or_default());
                    return self.token(Kind::ForeignParameter, 1 + name);
                }
                ';' => return self.token(Kind::Semicolon, 1),
                c if c.is_alphabetic() || c == '_' => {
                    // a `$` may stand inside of a PostgreSQL name
                    let len = rest
                        .find(|c: char| !is_word_char(c) && c != '$')
                        .unwrap_or(rest.len());
                    return self.token(Kind::Word, len);
                }
                c if c.is_ascii_digit() => {
                    let len = Self::word_len(rest);
                    // the upper bound of a slice, `a[1:n]`, is no parameter
                    let colon = !sqlite
                        && rest.as_bytes().get(len) == Some(&b':')
                        && rest.as_bytes().get(len + 1) != Some(&b':');
                    return self.token(Kind::Other, len + usize::from(colon));
                }
                c => return self.token(Kind::Other, c.len_utf8()),
            }
        }
    }
}
