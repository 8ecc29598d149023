//! Reading along the tokens of one statement.
//! Never goes behind the end of its statement, and never recurses: parentheses are counted.

use super::SqlDialect;
use super::types::quoted_where_needed;
use crate::lexer::{Kind, Token};

/// Why a statement cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Problem {
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }
}

pub(super) type Read<T> = Result<T, Problem>;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    tokens: &'a [Token<'a>],
    pub(super) at: usize,
    pub(super) dialect: SqlDialect,
    /// Where the text goes on behind the last token.
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token<'a>], dialect: SqlDialect) -> Cursor<'a> {
        Cursor {
            tokens,
            at: 0,
            dialect,
            end: tokens.last().map_or(text.len(), Token::end),
        }
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.dialect == SqlDialect::Postgres
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The word, unquoted only, that is `ahead` tokens away; empty for anything else.
    pub(super) fn word(&self, ahead: usize) -> &'a str {
        match self.tokens.get(self.at + ahead) {
            Some(t) if t.kind == Kind::Word => t.text,
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

    /// The symbol or operator that is `ahead` tokens away.
    pub(super) fn symbol_at(&self, ahead: usize) -> Option<&'a str> {
        let token = self.tokens.get(self.at + ahead)?;
        matches!(token.kind, Kind::Symbol | Kind::Operator).then_some(token.text)
    }

    pub(super) fn is_symbol(&self, symbol: char) -> bool {
        self.symbol_at(0).and_then(|text| text.strip_prefix(symbol)) == Some("")
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
            Some(token) => format!("`{}`", shortened(token.text)),
            None => "the end".to_owned(),
        }
    }

    /// A problem at the next token, or behind the last.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let (start, end) = self
            .peek()
            .map_or((self.end, self.end), |t| (t.start, t.end()));
        Problem {
            start,
            end,
            message: message.into(),
            hint: None,
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
            match token.text {
                _ if token.is("case") => depth += 1,
                _ if token.is("end") => depth = depth.saturating_sub(1),
                "(" | "[" => depth += 1,
                ")" | "]" if depth == 0 => break,
                ")" | "]" => depth -= 1,
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
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
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
            end: tokens.last().map_or(self.end, Token::end),
            ..*self
        }
    }

    /// All the tokens as SQL: comments gone, blanks as one, and names as the database cuts them.
    pub(super) fn sql(&self) -> String {
        let mut sql = String::new();
        let mut last_end = None;
        for token in self.tokens.iter().skip(self.at) {
            if last_end.is_some_and(|end| end < token.start) {
                sql.push(' ');
            }
            match token.cut(self.dialect) {
                Some(name) => sql.push_str(&quoted_where_needed(&name)),
                None => sql.push_str(token.text),
            }
            last_end = Some(token.end());
        }
        sql
    }

    /// A name, quoted or not, as the database spells it.
    pub(super) fn name(&mut self, what: &str) -> Read<String> {
        let token = self.peek();
        let name = token.and_then(|t| t.name(self.dialect));
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
        Ok(self.names_over_time(after)?.0)
    }

    /// The names in parentheses, and whether one of them is a span of time: `PERIOD name`,
    /// `name WITHOUT OVERLAPS`.
    pub(super) fn names_over_time(&mut self, after: &str) -> Read<(Vec<String>, bool)> {
        let inside = self.parentheses(after)?;
        if inside.is_done() {
            return Err(inside.problem(format!("expected a column {after}, found nothing")));
        }
        let (mut names, mut over_time) = (Vec::new(), false);
        for mut element in inside.commas() {
            let (name, is_span) = element.only_name()?;
            names.push(name);
            over_time |= is_span;
        }
        Ok((names, over_time))
    }

    fn only_name(&mut self) -> Read<(String, bool)> {
        let period = self.eat_period();
        let name = self.name("the name of a column")?;
        let over_time = self.eat("without overlaps") || period;
        self.order();
        if !self.is_postgres() {
            self.eat("autoincrement"); // `constraint::counts_on` has seen it
        }
        match self.is_done() {
            true => Ok((name, over_time)),
            false => Err(self.unexpected("`,` or `)`")),
        }
    }

    /// `PERIOD`, of a key over time.
    fn eat_period(&mut self) -> bool {
        let found = self.is("period") && self.tokens.len() > self.at + 1;
        self.at += usize::from(found);
        found
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
        let content = self.peek()?.string()?;
        self.at += 1;
        Some(content)
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
            .map(|t| t.text);
        let sign = if negative { "-" } else { "" };
        let number = digits.and_then(|d| format!("{sign}{d}").parse().ok());
        if number.is_none() {
            self.at = mark;
        }
        number
    }
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
