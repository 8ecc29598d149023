//! Reading along the tokens of one statement.
//! Never goes behind the end of its statement, and never recurses: parentheses are counted.

use super::SqlDialect;
use super::lex::{Kind, Token};

/// Why a statement cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: String,
}

pub(super) type Read<T> = Result<T, Problem>;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    tokens: &'a [Token],
    pub(super) at: usize,
    pub(super) dialect: SqlDialect,
    /// Where the text goes on behind the last token.
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], dialect: SqlDialect) -> Cursor<'a> {
        Cursor {
            text,
            tokens,
            at: 0,
            dialect,
            end: tokens.last().map_or(text.len(), |t| t.end),
        }
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.dialect == SqlDialect::Postgres
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn slice(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    /// The word, unquoted only, that is `ahead` tokens away; empty for anything else.
    pub(super) fn word(&self, ahead: usize) -> &'a str {
        match self.tokens.get(self.at + ahead) {
            Some(t) if t.kind == Kind::Word => self.slice(*t),
            _ => "",
        }
    }

    pub(super) fn is(&self, keyword: &str) -> bool {
        self.is_at(0, keyword)
    }

    pub(super) fn is_at(&self, ahead: usize, keyword: &str) -> bool {
        self.word(ahead).eq_ignore_ascii_case(keyword)
    }

    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|k| self.is(k))
    }

    pub(super) fn symbol_at(&self, ahead: usize) -> Option<char> {
        match self.tokens.get(self.at + ahead)?.kind {
            Kind::Symbol(c) => Some(c),
            _ => None,
        }
    }

    pub(super) fn is_symbol(&self, symbol: char) -> bool {
        self.symbol_at(0) == Some(symbol)
    }

    /// Takes all these words, or none.
    pub(super) fn eat(&mut self, words: &str) -> bool {
        let count = words.split(' ').count();
        let all = words.split(' ').enumerate().all(|(i, w)| self.is_at(i, w));
        if all {
            self.at += count;
        }
        all
    }

    pub(super) fn eat_symbol(&mut self, symbol: char) -> bool {
        let there = self.is_symbol(symbol);
        self.at += usize::from(there);
        there
    }

    pub(super) fn expect(&mut self, words: &str, after: &str) -> Read<()> {
        match self.eat(words) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{words}` {after}"))),
        }
    }

    pub(super) fn expect_symbol(&mut self, symbol: char, after: &str) -> Read<()> {
        match self.eat_symbol(symbol) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{symbol}` {after}"))),
        }
    }

    /// "expected x, found y" at the next token.
    pub(super) fn unexpected(&self, expected: &str) -> Problem {
        let found = self.found();
        self.problem(format!("expected {expected}, found {found}"))
    }

    /// The next token for a message.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            Some(token) => format!("`{}`", shortened(self.slice(token))),
            None => "the end".to_owned(),
        }
    }

    /// A problem at the next token, or behind the last.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let (start, end) = self
            .peek()
            .map_or((self.end, self.end), |t| (t.start, t.end));
        Problem {
            start,
            end,
            message: message.into(),
        }
    }

    /// A problem at the token with this index.
    pub(super) fn problem_at(&self, index: usize, message: impl Into<String>) -> Problem {
        self.moved_to(index).problem(message)
    }

    /// The same tokens from another one on.
    pub(super) fn moved_to(&self, index: usize) -> Cursor<'a> {
        Cursor { at: index, ..*self }
    }

    /// The tokens from here to the next one at depth 0 for which `stop` holds, or to the end.
    ///
    /// Parentheses, brackets and CASE .. END are depth; a closing one too many stops as well.
    pub(super) fn until(&mut self, stop: impl Fn(&Cursor<'a>) -> bool) -> Cursor<'a> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(token) = self.peek() {
            if depth == 0 && stop(self) {
                break;
            }
            match token.kind {
                Kind::Symbol('(' | '[') => depth += 1,
                Kind::Symbol(')' | ']') if depth == 0 => break,
                Kind::Symbol(')' | ']') => depth -= 1,
                Kind::Word if self.is("case") => depth += 1,
                Kind::Word if self.is("end") => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
        self.part(start, self.at)
    }

    /// What stands in parentheses here; the cursor goes behind them.
    pub(super) fn parentheses(&mut self, after: &str) -> Read<Cursor<'a>> {
        let open = self.at;
        self.expect_symbol('(', after)?;
        let mut depth = 1usize;
        let start = self.at;
        while let Some(token) = self.next() {
            match token.kind {
                Kind::Symbol('(') => depth += 1,
                Kind::Symbol(')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let mut inside = self.part(start, self.at - 1);
                inside.end = token.start;
                return Ok(inside);
            }
        }
        Err(self.problem_at(open, "this `(` is never closed before the statement ends"))
    }

    /// The parts between commas at depth 0; an empty part is a problem, no part at all is none.
    pub(super) fn commas(mut self) -> Vec<Cursor<'a>> {
        let mut parts = Vec::new();
        if self.is_done() {
            return parts;
        }
        loop {
            let mut part = self.until(|c| c.is_symbol(','));
            part.end = self.peek().map_or(self.end, |t| t.start);
            parts.push(part);
            if self.is_symbol(',') {
                self.at += 1;
            } else if self.is_done() {
                return parts;
            } else {
                // a bracket too many: the rest is one part, whose reader complains about it
                let rest = self.part(self.at, self.tokens.len());
                parts.push(rest);
                return parts;
            }
        }
    }

    pub(super) fn part(&self, start: usize, end: usize) -> Cursor<'a> {
        let tokens = self.tokens.get(start..end).unwrap_or(&[]);
        Cursor {
            tokens,
            at: 0,
            end: tokens.last().map_or(self.end, |t| t.end),
            ..*self
        }
    }

    /// All the tokens as SQL: comments gone, blanks as one.
    pub(super) fn sql(&self) -> String {
        let mut sql = String::new();
        let mut last_end = None;
        for token in self.tokens.iter().skip(self.at) {
            if last_end.is_some_and(|end| end < token.start) {
                sql.push(' ');
            }
            sql.push_str(self.slice(*token));
            last_end = Some(token.end);
        }
        sql
    }

    /// A name, quoted or not, as the database spells it.
    pub(super) fn name(&mut self, what: &str) -> Read<String> {
        let token = self.peek();
        let name = token.and_then(|t| name_of(t.kind, self.slice(t), self.dialect));
        let name = name.ok_or_else(|| self.unexpected(what))?;
        if name.is_empty() {
            return Err(self.problem(format!("{what} is empty")));
        }
        self.at += 1;
        Ok(name)
    }

    /// `name` or `schema.name`; of `database.schema.name` the last two.
    pub(super) fn qualified(&mut self, what: &str) -> Read<(Option<String>, String)> {
        let mut schema = None;
        let mut name = self.name(what)?;
        while self.eat_symbol('.') {
            schema = Some(std::mem::replace(&mut name, self.name(what)?));
        }
        Ok((schema, name))
    }

    /// The names in parentheses.
    pub(super) fn names(&mut self, after: &str) -> Read<Vec<String>> {
        let inside = self.parentheses(after)?;
        if inside.is_done() {
            return Err(inside.problem(format!("expected a column {after}, found nothing")));
        }
        inside
            .commas()
            .into_iter()
            .map(|mut c| c.only_name())
            .collect()
    }

    fn only_name(&mut self) -> Read<String> {
        self.eat_period();
        let name = self.name("the name of a column")?;
        self.eat("without overlaps");
        self.order();
        match self.is_done() {
            true => Ok(name),
            false => Err(self.unexpected("`,` or `)`")),
        }
    }

    /// `PERIOD`, of a key over time.
    fn eat_period(&mut self) {
        if self.is("period") && self.tokens.len() > self.at + 1 {
            self.at += 1;
        }
    }

    /// What SQLite allows behind a column of a key.
    fn order(&mut self) {
        if !self.is_postgres() {
            if self.eat("collate") {
                self.next();
            }
            let _ = self.eat("asc") || self.eat("desc");
        }
    }

    /// The content of a string constant.
    pub(super) fn string(&mut self) -> Option<String> {
        let token = self.peek().filter(|t| t.kind == Kind::String)?;
        self.at += 1;
        Some(string_of(self.slice(token)))
    }

    /// A whole number with its sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let mark = self.at;
        let negative = self.eat_symbol('-');
        if !negative {
            self.eat_symbol('+');
        }
        let digits = self
            .next()
            .filter(|t| t.kind == Kind::Number)
            .map(|t| self.slice(t));
        let sign = if negative { "-" } else { "" };
        let number = digits.and_then(|d| format!("{sign}{d}").parse().ok());
        if number.is_none() {
            self.at = mark;
        }
        number
    }
}

/// The name that a token spells, folded and cut as the database does.
pub(super) fn name_of(kind: Kind, text: &str, dialect: SqlDialect) -> Option<String> {
    let inside = || {
        let mut chars = text.chars();
        chars.next();
        chars.next_back();
        chars.as_str()
    };
    let postgres = dialect == SqlDialect::Postgres;
    let name = match kind {
        Kind::Word if postgres => text.to_ascii_lowercase(),
        Kind::Word => text.to_owned(),
        Kind::Quoted if text.starts_with('[') => inside().to_owned(),
        Kind::Quoted if text.starts_with('`') => inside().replace("``", "`"),
        Kind::Quoted => inside().replace("\"\"", "\""),
        Kind::String if !postgres && text.starts_with('\'') => inside().replace("''", "'"),
        _ => return None,
    };
    Some(if postgres { clipped(name) } else { name })
}

/// PostgreSQL cuts names to 63 bytes, silently.
fn clipped(mut name: String) -> String {
    const MOST: usize = 63;
    let end = name.floor_char_boundary(MOST);
    name.truncate(end);
    name
}

fn string_of(text: &str) -> String {
    let quoted = |t: &str| {
        t.strip_prefix('\'')
            .and_then(|t| t.strip_suffix('\''))
            .map(str::to_owned)
    };
    if text.starts_with('$') {
        let tag = text
            .get(1..)
            .and_then(|t| t.find('$'))
            .map_or(0, |at| at + 2);
        let body = text.get(tag..text.len().saturating_sub(tag));
        return body.unwrap_or("").to_owned();
    }
    match text.strip_prefix(['e', 'E']) {
        Some(escaped) => unescaped(&quoted(escaped).unwrap_or_default()),
        None => quoted(text).unwrap_or_default().replace("''", "'"),
    }
}

/// The content of an `E''` string; escapes that are no single letter are kept as written.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\'', Some('\'')) => {
                chars.next();
                out.push('\'');
            }
            ('\\', Some(next)) => {
                chars.next();
                match next {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'b' => out.push('\u{8}'),
                    'f' => out.push('\u{c}'),
                    '\\' | '\'' => out.push(next),
                    other => out.extend(['\\', other]),
                }
            }
            _ => out.push(c),
        }
    }
    out
}

/// A token for a message, without what could be long.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(MOST).map(plain).collect();
    if text.chars().count() > MOST {
        short.push('…');
    }
    short
}
