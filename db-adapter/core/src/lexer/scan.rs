//! Where each token ends. It looks at bytes: all that separates tokens is ASCII, and every byte
//! beyond is a part of a word in both databases, so that a token never ends inside of a character.

use super::{Kind, Quote, Token};
use crate::schema::SqlDialect;

/// The tokens of a text in their order, blanks and comments among them.
///
/// ```
/// use db_adapter_core::lexer::{Kind, Lexer};
/// use db_adapter_core::schema::SqlDialect;
///
/// let sql = "SELECT ':a', b::text -- :c\n WHERE d = :e";
/// let parameters = Lexer::new(sql, SqlDialect::Postgres).filter(|t| t.kind == Kind::Parameter);
/// assert_eq!(parameters.map(|t| t.text).collect::<Vec<_>>(), [":e"]);
/// ```
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    dialect: SqlDialect,
    backslashes: bool,
    /// Whether `:name` is one token.
    parameters: bool,
    before: Before,
    /// Up to where each `+` and `-` is known to be an operator of its own.
    signs: usize,
}

/// What the meaning of the next token depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Anything,
    /// A number, directly before.
    Number,
    /// `E'..'`: a string behind a line break goes on with it, and so with its backslashes.
    Escape {
        line_break: bool,
    },
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of a text.
    pub fn new(text: &'a str, dialect: SqlDialect) -> Self {
        Lexer {
            text,
            at: 0,
            dialect,
            backslashes: false,
            parameters: true,
            before: Before::Anything,
            signs: 0,
        }
    }

    /// A lexer of what a database or a file holds, where nothing is a parameter: the colon of
    /// `a[b:c]` is one.
    pub fn of_definition(text: &'a str, dialect: SqlDialect) -> Self {
        Lexer {
            parameters: false,
            ..Lexer::new(text, dialect)
        }
    }

    /// Whether a backslash escapes in `'..'` from here on, as it does in PostgreSQL where
    /// `standard_conforming_strings` is off.
    pub fn set_backslashes(&mut self, backslashes: bool) {
        self.backslashes = backslashes;
    }

    /// The tokens without blanks and comments.
    pub fn significant(self) -> impl Iterator<Item = Token<'a>> + Clone {
        self.filter(|token| !token.is_trivia())
    }

    /// Where the next token starts, in bytes.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on at another place: behind what is no SQL.
    pub fn go_to(&mut self, position: usize) {
        self.at = self.text.floor_char_boundary(position);
        self.before = Before::Anything;
        self.signs = 0;
    }

    fn is_postgres(&self) -> bool {
        self.dialect == SqlDialect::Postgres
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn is_mark(&self, at: usize) -> bool {
        let rest = self.text.get(at..);
        rest.is_some_and(|rest| rest.starts_with('\u{feff}'))
    }

    /// How many bytes from `from` on are `wanted`.
    fn run(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        rest.iter().position(|b| !wanted(*b)).unwrap_or(rest.len())
    }

    /// The kind of the token at `self.at`, where it ends, and whether it is closed.
    fn token(&mut self, first: u8) -> (Kind, usize, bool) {
        let (at, postgres) = (self.at, self.is_postgres());
        let next = self.byte(at + 1);
        match first {
            _ if is_blank(first) => (Kind::Blank, at + self.run(at, is_blank), true),
            // the mark of a file's encoding; SQLite takes it for a blank wherever a token may begin
            0xef if self.is_mark(at) && (at == 0 || !postgres) => (Kind::Blank, at + 3, true),
            b'-' if next == Some(b'-') => self.line_comment(),
            b'/' if next == Some(b'*') => self.block_comment(),
            b'\'' => self.string(at, self.plain()),
            b'"' => self.quoted(Kind::Name, at + 1, b'"', false),
            b'`' if !postgres => self.quoted(Kind::Name, at + 1, b'`', false),
            b'[' if !postgres => self.until(Kind::Name, at + 1, "]"),
            b'$' => self.dollar(),
            b':' => self.colon(next),
            b'?' if !postgres => self.native(u8::is_ascii_digit),
            b'@' if !postgres => self.native(|b| is_word(*b) || *b == b'$'),
            b'0'..=b'9' => (Kind::Number, self.number(), true),
            b'.' if next.is_some_and(|b| b.is_ascii_digit()) => (Kind::Number, self.number(), true),
            _ if starts_word(first) => self.word(first, next),
            _ if is_operator(first) => (Kind::Operator, self.operator(), true),
            _ => (Kind::Symbol, at + 1, true),
        }
    }

    /// PostgreSQL ends it at a carriage return too.
    fn line_comment(&self) -> (Kind, usize, bool) {
        let postgres = self.is_postgres();
        let length = self.run(self.at, |b| b != b'\n' && !(postgres && b == b'\r'));
        (Kind::Comment, self.at + length, true)
    }

    /// PostgreSQL nests them; SQLite ends one with the text.
    fn block_comment(&self) -> (Kind, usize, bool) {
        if !self.is_postgres() {
            let (kind, end, _) = self.until(Kind::Comment, self.at + 2, "*/");
            return (kind, end, true);
        }
        let mut depth = 0_usize;
        let mut i = self.at;
        while let Some(byte) = self.byte(i) {
            match (byte, self.byte(i + 1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    i += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    i += 2;
                    if depth == 0 {
                        return (Kind::Comment, i, true);
                    }
                }
                _ => i += 1,
            }
        }
        (Kind::Comment, self.text.len(), false)
    }

    /// To behind the next `end`.
    fn until(&self, kind: Kind, from: usize, end: &str) -> (Kind, usize, bool) {
        let rest = self.text.get(from..);
        match rest.and_then(|rest| rest.find(end)) {
            Some(found) => (kind, from + found + end.len(), true),
            None => (kind, self.text.len(), false),
        }
    }

    /// To behind the closing quote: a doubled one does not close, nor does one behind a backslash
    /// that escapes.
    fn quoted(&self, kind: Kind, from: usize, quote: u8, escapes: bool) -> (Kind, usize, bool) {
        let mut i = from;
        while let Some(byte) = self.byte(i) {
            if byte == b'\\' && escapes {
                i += 2;
            } else if byte != quote {
                i += 1;
            } else if self.byte(i + 1) == Some(quote) {
                i += 2;
            } else {
                return (kind, i + 1, true);
            }
        }
        (kind, self.text.len(), false)
    }

    /// A string whose quote is at `at`, behind its prefix.
    fn string(&self, at: usize, quote: Quote) -> (Kind, usize, bool) {
        let escapes = quote == Quote::Escape;
        self.quoted(Kind::String(quote), at + 1, b'\'', escapes)
    }

    /// What a quote without a prefix begins.
    fn plain(&self) -> Quote {
        let goes_on = self.before == Before::Escape { line_break: true };
        if goes_on || (self.backslashes && self.is_postgres()) {
            Quote::Escape
        } else {
            Quote::Plain
        }
    }

    /// A word, or a string or name with a prefix.
    fn word(&self, first: u8, next: Option<u8>) -> (Kind, usize, bool) {
        let at = self.at;
        let postgres = self.is_postgres();
        let third = self.byte(at + 2);
        match (first, next) {
            (b'e' | b'E', Some(b'\'')) if postgres => self.string(at + 1, Quote::Escape),
            (b'n' | b'N', Some(b'\'')) if postgres => self.string(at + 1, self.plain()),
            (b'b' | b'B', Some(b'\'')) if postgres => self.string(at + 1, Quote::Bits),
            (b'x' | b'X', Some(b'\'')) => self.string(at + 1, Quote::Bits),
            (b'u' | b'U', Some(b'&')) if postgres && third == Some(b'\'') => {
                self.string(at + 2, Quote::Unicode)
            }
            (b'u' | b'U', Some(b'&')) if postgres && third == Some(b'"') => {
                self.quoted(Kind::Name, at + 3, b'"', false)
            }
            // a `$` may be inside of a name, and begins no dollar quote there
            _ => {
                let length = self.run(at, |b| is_word(b) || b == b'$');
                (Kind::Word, at + length, true)
            }
        }
    }

    fn dollar(&self) -> (Kind, usize, bool) {
        let at = self.at;
        if !self.is_postgres() {
            return self.native(|b| is_word(*b) || *b == b'$');
        }
        let digits = self.run(at + 1, |b| b.is_ascii_digit());
        if digits > 0 {
            return (Kind::Native, at + 1 + digits, true);
        }
        let body = at + 2 + self.run(at + 1, is_word);
        match self.text.get(at..body) {
            Some(tag) if tag.ends_with('$') => self.until(Kind::String(Quote::Dollar), body, tag),
            _ => (Kind::Symbol, at + 1, true),
        }
    }

    fn colon(&self, next: Option<u8>) -> (Kind, usize, bool) {
        let at = self.at;
        match next {
            Some(b':' | b'=') => (Kind::Operator, at + 2, true),
            // the upper bound of a slice, `a[1:n]`, is no parameter
            _ if !self.parameters => (Kind::Symbol, at + 1, true),
            _ if self.before == Before::Number && self.is_postgres() => {
                (Kind::Symbol, at + 1, true)
            }
            Some(b) if starts_word(b) => {
                (Kind::Parameter, at + 1 + self.run(at + 1, is_word), true)
            }
            Some(b'0'..=b'9') if !self.is_postgres() => self.native(|b| is_word(*b) || *b == b'$'),
            _ => (Kind::Symbol, at + 1, true),
        }
    }

    /// One character and the name or number behind it.
    fn native(&self, wanted: impl Fn(&u8) -> bool) -> (Kind, usize, bool) {
        let length = self.run(self.at + 1, |b| wanted(&b));
        (Kind::Native, self.at + 1 + length, true)
    }

    /// The end of a number: letters that follow it are a word of their own, as they are for
    /// PostgreSQL up to version 14, or an error.
    fn number(&self) -> usize {
        let digits = |from| self.run(from, |b: u8| b.is_ascii_digit() || b == b'_');
        let at = self.at;
        let radix = matches!(
            (self.byte(at), self.byte(at + 1)),
            (Some(b'0'), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'))
        );
        if radix && self.byte(at + 2).is_some_and(|b| b.is_ascii_hexdigit()) {
            return at + 2 + self.run(at + 2, |b| b.is_ascii_hexdigit() || b == b'_');
        }
        let mut end = at + digits(at);
        if self.byte(end) == Some(b'.') && self.byte(end + 1) != Some(b'.') {
            end += 1 + digits(end + 1);
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            if self
                .byte(end + 1 + sign)
                .is_some_and(|b| b.is_ascii_digit())
            {
                end += 1 + sign + digits(end + 1 + sign);
            }
        }
        end
    }

    /// The end of an operator. One of PostgreSQL's goes on up to a comment, and ends in `+` or `-`
    /// only beside a special character, so that `a=-1` is a comparison with a negative number.
    fn operator(&mut self) -> usize {
        let at = self.at;
        if !self.is_postgres() {
            let rest = self.text.get(at..).unwrap_or_default();
            let longer = ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!="];
            let found = longer.iter().find(|operator| rest.starts_with(**operator));
            return at + found.map_or(1, |operator| operator.len());
        }
        if at < self.signs {
            return at + 1; // to look through them again for each would take quadratic time
        }
        let mut end = at;
        let mut special = false;
        while let Some(byte) = self.byte(end).filter(|b| is_operator(*b)) {
            let comment = matches!(
                (byte, self.byte(end + 1)),
                (b'-', Some(b'-')) | (b'/', Some(b'*'))
            );
            if comment {
                break;
            }
            special |= b"~!@#^&|`?%".contains(&byte);
            end += 1;
        }
        self.signs = end;
        while !special && end > at + 1 && matches!(self.byte(end - 1), Some(b'+' | b'-')) {
            end -= 1;
        }
        end
    }

    /// What the token means for the one behind it.
    fn remember(&mut self, kind: Kind, text: &str) {
        let line_break = text.contains(['\n', '\r']);
        self.before = match (kind, self.before) {
            (Kind::Number, _) => Before::Number,
            (Kind::String(Quote::Escape), _) => Before::Escape { line_break: false },
            (Kind::Blank, Before::Escape { line_break: before }) => Before::Escape {
                line_break: before || line_break,
            },
            (Kind::Comment, before @ Before::Escape { .. }) if text.starts_with("--") => before,
            _ => Before::Anything,
        };
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let first = self.byte(start)?;
        let (kind, end, closed) = self.token(first);
        // a backslash at the very end of a string has nothing behind it
        let end = end.min(self.text.len());
        let text = self.text.get(start..end)?;
        self.at = end;
        self.remember(kind, text);
        Some(Token {
            kind,
            text,
            start,
            closed,
        })
    }
}

fn is_blank(byte: u8) -> bool {
    // a NUL ends a text of SQLite, and PostgreSQL refuses it
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0)
}

fn starts_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic() || !byte.is_ascii()
}

fn is_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit()
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}
