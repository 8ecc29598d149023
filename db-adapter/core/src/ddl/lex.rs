//! Words, strings and symbols of a SQL file, with their places.
//! Never decides what they mean, never recurses, and gives every byte at most one look.

use super::SqlDialect;

/// One token: its kind and the bytes it spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword without quotes.
    Word,
    /// A name in quotes of any sort.
    Quoted,
    /// A string constant of any sort.
    String,
    Number,
    /// One character that is none of the above.
    Symbol(char),
    /// A command of psql, `\` to the end of the line.
    Meta,
}

/// Something that never ends, by where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unterminated {
    pub(super) at: usize,
    pub(super) what: &'static str,
    pub(super) close: &'static str,
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    dialect: SqlDialect,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, dialect: SqlDialect) -> Lexer<'a> {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Lexer { text, at, dialect }
    }

    /// The next token, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Unterminated> {
        self.skip_blanks()?;
        let start = self.at;
        let Some(first) = self.char_at(start) else {
            return Ok(None);
        };
        let kind = self.token(first, start)?;
        Ok(Some(Token {
            kind,
            start,
            end: self.at,
        }))
    }

    fn token(&mut self, first: char, start: usize) -> Result<Kind, Unterminated> {
        let postgres = self.dialect == SqlDialect::Postgres;
        let string = |at| Unterminated {
            at,
            what: "string",
            close: "'",
        };
        let name = |at, close| Unterminated {
            at,
            what: "quoted name",
            close,
        };
        self.at = start + first.len_utf8();
        match first {
            '\'' => {
                self.until_quote('\'', false).ok_or(string(start))?;
                Ok(Kind::String)
            }
            '"' => {
                self.until_quote('"', false).ok_or(name(start, "\""))?;
                Ok(Kind::Quoted)
            }
            '`' if !postgres => {
                self.until_quote('`', false).ok_or(name(start, "`"))?;
                Ok(Kind::Quoted)
            }
            '[' if !postgres => {
                let length = self.rest().find(']').ok_or(name(start, "]"))?;
                self.at += length + 1;
                Ok(Kind::Quoted)
            }
            '$' if postgres && self.dollar_quote(start)? => Ok(Kind::String),
            '\\' if postgres => {
                self.skip_line();
                Ok(Kind::Meta)
            }
            _ if is_word_start(first) => {
                self.skip_while(|c| is_word_start(c) || c == '$' || c.is_ascii_digit());
                self.string_with_prefix(start).ok_or(string(start))
            }
            _ if first.is_ascii_digit()
                || (first == '.' && self.char_at(self.at).is_some_and(|c| c.is_ascii_digit())) =>
            {
                self.number();
                Ok(Kind::Number)
            }
            symbol => Ok(Kind::Symbol(symbol)),
        }
    }

    /// `E'..'`, `X'..'` and their like are strings; only in the first does `\` escape.
    fn string_with_prefix(&mut self, start: usize) -> Option<Kind> {
        let escapes = match self.text.get(start..self.at) {
            Some("e" | "E") if self.dialect == SqlDialect::Postgres => true,
            Some("x" | "X" | "b" | "B" | "n" | "N") => false,
            _ => return Some(Kind::Word),
        };
        if self.char_at(self.at) != Some('\'') {
            return Some(Kind::Word);
        }
        self.at += 1;
        self.until_quote('\'', escapes).map(|()| Kind::String)
    }

    /// Goes behind the closing quote; a doubled one is part of the content.
    fn until_quote(&mut self, quote: char, escapes: bool) -> Option<()> {
        loop {
            let rest = self.rest();
            let found = rest.find(|c| c == quote || (escapes && c == '\\'))?;
            let after = self.at + found + 1;
            if self.char_at(self.at + found) == Some('\\') {
                self.at = after + self.char_at(after)?.len_utf8();
            } else if self.char_at(after) == Some(quote) {
                self.at = after + 1;
            } else {
                self.at = after;
                return Some(());
            }
        }
    }

    /// Whether there is a `$tag$ .. $tag$` at `start`; goes behind it.
    fn dollar_quote(&mut self, start: usize) -> Result<bool, Unterminated> {
        let rest = self.rest();
        let tag = rest
            .find(|c: char| !(is_word_start(c) || c.is_ascii_digit()))
            .unwrap_or(rest.len());
        let digit_first = rest.starts_with(|c: char| c.is_ascii_digit());
        if digit_first || self.char_at(self.at + tag) != Some('$') {
            return Ok(false);
        }
        let body = self.at + tag + 1;
        let delimiter = self.text.get(start..body).unwrap_or("$$");
        let found = self.text.get(body..).and_then(|b| b.find(delimiter));
        let length = found.ok_or(Unterminated {
            at: start,
            what: "dollar-quoted string",
            close: "the same tag",
        })?;
        self.at = body + length + delimiter.len();
        Ok(true)
    }

    fn number(&mut self) {
        self.skip_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        let exponent = self
            .text
            .get(..self.at)
            .is_some_and(|t| t.ends_with(['e', 'E']));
        if exponent && matches!(self.char_at(self.at), Some('+' | '-')) {
            self.at += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
    }

    fn skip_blanks(&mut self) -> Result<(), Unterminated> {
        loop {
            self.skip_while(|c| c.is_whitespace() || c == '\0');
            if self.rest().starts_with("--") {
                self.skip_line();
            } else if self.rest().starts_with("/*") {
                self.comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Goes behind a block comment; PostgreSQL nests them, and SQLite ends one with the file.
    fn comment(&mut self) -> Result<(), Unterminated> {
        let start = self.at;
        let nested = self.dialect == SqlDialect::Postgres;
        let mut depth = 1u32;
        self.at += 2;
        while depth > 0 {
            let rest = self.rest();
            let mark = |at: &usize| {
                rest.get(*at..)
                    .is_some_and(|r| r.starts_with("*/") || r.starts_with("/*"))
            };
            let Some(found) = rest.match_indices(['*', '/']).map(|(at, _)| at).find(mark) else {
                self.at = self.text.len();
                return match nested {
                    true => Err(Unterminated {
                        at: start,
                        what: "comment",
                        close: "*/",
                    }),
                    false => Ok(()),
                };
            };
            if rest.get(found..).is_some_and(|r| r.starts_with("*/")) {
                depth -= 1;
                self.at += found + 2;
            } else if nested {
                depth = depth.saturating_add(1);
                self.at += found + 2;
            } else {
                self.at += found + 1; // the `*` of this `/*` may end the comment
            }
        }
        Ok(())
    }

    /// Goes to the line break, not behind it.
    pub(super) fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }
}

fn is_word_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || !c.is_ascii() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str, dialect: SqlDialect) -> Vec<&str> {
        let mut lexer = Lexer::new(text, dialect);
        let mut found = Vec::new();
        while let Ok(Some(token)) = lexer.next() {
            found.push(&text[token.start..token.end]);
        }
        found
    }

    fn postgres(text: &str) -> Vec<&str> {
        tokens(text, SqlDialect::Postgres)
    }

    #[test]
    fn strings_of_every_sort_are_one_token() {
        assert_eq!(postgres(r"'it''s; --' x"), [r"'it''s; --'", "x"]);
        assert_eq!(postgres(r"'a\' b"), [r"'a\'", "b"]);
        assert_eq!(postgres(r"E'a\'b\\' c"), [r"E'a\'b\\'", "c"]);
        assert_eq!(
            postgres("$$a;'b$$ $x$ $$ $x$ c"),
            ["$$a;'b$$", "$x$ $$ $x$", "c"]
        );
        assert_eq!(postgres("x'00' type'a'"), ["x'00'", "type", "'a'"]);
        assert_eq!(postgres("$1 a$b$c"), ["$", "1", "a$b$c"]);
    }

    #[test]
    fn comments_are_no_tokens_and_nest_as_the_dialect_has_it() {
        assert_eq!(postgres("a /* x /* y */ z */ b -- c\nd"), ["a", "b", "d"]);
        assert_eq!(tokens("a /* /* */ b", SqlDialect::Sqlite), ["a", "b"]);
        assert_eq!(tokens("a /* never", SqlDialect::Sqlite), ["a"]);
    }

    #[test]
    fn quoted_names_follow_the_dialect() {
        assert_eq!(
            postgres(r#""a""b" x[1]"#),
            [r#""a""b""#, "x", "[", "1", "]"]
        );
        assert_eq!(
            tokens("[a b] `c``d`", SqlDialect::Sqlite),
            ["[a b]", "`c``d`"]
        );
    }

    #[test]
    fn what_never_ends_is_told_by_its_start() {
        for (text, at) in [
            ("a 'x", 2),
            ("b \"x", 2),
            ("/* /* */", 0),
            ("a $x$ $$", 2),
            ("E'\\", 0),
        ] {
            let mut lexer = Lexer::new(text, SqlDialect::Postgres);
            let error = loop {
                match lexer.next() {
                    Ok(Some(_)) => {}
                    other => break other,
                }
            };
            assert_eq!(error.unwrap_err().at, at, "{text}");
        }
    }

    #[test]
    fn numbers_and_words_beyond_ascii() {
        assert_eq!(
            postgres("-1.5e-3 .5 größe 1_000"),
            ["-", "1.5e-3", ".5", "größe", "1_000"]
        );
    }
}
