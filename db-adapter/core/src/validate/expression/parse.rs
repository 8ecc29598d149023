//! From words to a tree in which spellings of the same expression are the same tree. Never
//! recurses deeper than a bound.

use super::Kept;
use super::words::Token;
use crate::lexer::clipped;
use crate::sql_type::SqlType;

/// A normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A column, a keyword that is a value.
    Name(String),
    Text(String),
    Number(String),
    /// The text of a value whose type is not plain text: the server may write it in another way.
    Typed(SqlType, String),
    /// A function or an operator with its operands.
    Call(String, Vec<Node>),
}

/// Nobody nests deeper by hand.
const DEEPEST: usize = 60;

mod bind {
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const NOT: u8 = 3;
    pub(super) const IS: u8 = 4;
    pub(super) const COMPARE: u8 = 5;
    pub(super) const RANGE: u8 = 6;
    pub(super) const OTHER: u8 = 7;
    pub(super) const ADD: u8 = 8;
    pub(super) const MULTIPLY: u8 = 9;
    pub(super) const POWER: u8 = 10;
    pub(super) const ZONE: u8 = 11;
    pub(super) const SIGN: u8 = 12;
}

/// The tree of all the words, `None` for what is not understood.
pub(super) fn parse(tokens: &[Token], kept: Kept) -> Option<Node> {
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        kept,
    };
    let node = parser.expression(0)?;
    (parser.at == tokens.len()).then_some(node)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    kept: Kept,
}

fn call(name: &str, operands: Vec<Node>) -> Node {
    Node::Call(name.to_owned(), operands)
}

/// Chains of `and`, `or` and `||` are one call, however they are grouped.
fn chain(name: &str, left: Node, right: Node) -> Node {
    let mut operands = Vec::new();
    for side in [left, right] {
        match side {
            Node::Call(inner, more) if inner == name => operands.extend(more),
            other => operands.push(other),
        }
    }
    call(name, operands)
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(w)) if w == word)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn eat_words(&mut self, words: &[&str]) -> bool {
        let mark = self.at;
        let all = words.iter().all(|word| self.eat_word(word));
        if !all {
            self.at = mark;
        }
        all
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if s == symbol);
        self.at += usize::from(found);
        found
    }

    fn expression(&mut self, least: u8) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut left = self.operand()?;
        while let Some(more) = self.infix(&left, least)? {
            left = more;
        }
        self.depth -= 1;
        Some(left)
    }

    fn operand(&mut self) -> Option<Node> {
        let token = self.peek()?.clone();
        self.at += 1;
        match token {
            Token::Text(text) => Some(Node::Text(text)),
            Token::Number(number) => Some(Node::Number(number)),
            Token::Quoted(name) => self.name(name),
            Token::Word(word) => self.word(&word),
            Token::Symbol(symbol) => match symbol.as_str() {
                "(" => self.parentheses(),
                "-" => Some(match self.expression(bind::SIGN)? {
                    Node::Number(n) => Node::Number(match n.strip_prefix('-') {
                        Some(positive) => positive.to_owned(), // as the server does it, too
                        None => format!("-{n}"),
                    }),
                    other => call("neg", vec![other]),
                }),
                "+" => self.expression(bind::SIGN),
                _ => None,
            },
        }
    }

    fn parentheses(&mut self) -> Option<Node> {
        let mut items = self.list(")")?;
        match items.len() {
            1 => items.pop(),
            _ => None, // a row, whose comparisons the server writes out
        }
    }

    /// Expressions between commas, to the end of the list.
    fn list(&mut self, end: &str) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        if self.eat(end) {
            return Some(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.eat(end) {
                return Some(items);
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    fn word(&mut self, word: &str) -> Option<Node> {
        match word {
            "not" => Some(negated(self.expression(bind::NOT)?)),
            "case" => self.case(),
            "cast" if self.eat("(") => {
                let node = self.expression(0)?;
                let named = self.eat_word("as");
                let node = self.cast(node)?;
                (named && self.eat(")")).then_some(node)
            }
            "array" if self.eat("[") => {
                let items = self.list("]")?;
                Some(match items.is_empty() {
                    true => Node::Text("{}".to_owned()),
                    false => call("array", items),
                })
            }
            "current_timestamp" => Some(call("now", Vec::new())),
            // subqueries and their like
            "select" | "exists" | "with" | "row" | "any" | "all" | "some" | "similar" => None,
            _ => {
                if let Some(Token::Text(text)) = self.peek() {
                    let node = Node::Text(text.clone());
                    self.at += 1;
                    return Some(typed(node, SqlType::parse_postgres(word))); // date '2026-01-01'
                }
                self.name(word.to_owned())
            }
        }
    }

    /// A name with what stands before it, and its arguments if it is a function's.
    fn name(&mut self, first: String) -> Option<Node> {
        let mut parts = vec![first];
        while self.eat(".") {
            match self.peek()?.clone() {
                Token::Word(part) | Token::Quoted(part) => parts.push(part),
                _ => return None,
            }
            self.at += 1;
        }
        if parts.len() > 1 && matches!(parts.first()?.as_str(), "pg_catalog" | "public") {
            parts.remove(0);
        }
        let name = parts.join(".");
        match self.eat("(") {
            true => self.arguments(&name),
            false => Some(Node::Name(name)),
        }
    }

    /// The words inside of `substring(x from 1 for 2)` separate as commas do.
    fn arguments(&mut self, name: &str) -> Option<Node> {
        if name == "trim" {
            return self.trimmed();
        }
        let mut items = Vec::new();
        while !self.eat(")") {
            let separated = self.eat(",") || self.eat_word("from") || self.eat_word("for");
            if !items.is_empty() && !separated {
                return None;
            }
            if self.eat("*") {
                items.push(Node::Name("*".to_owned()));
            } else {
                items.push(self.expression(0)?);
            }
        }
        let name = match name {
            "transaction_timestamp" => "now",
            "nextval" => {
                for item in &mut items {
                    sequence(item);
                }
                name
            }
            "extract" | "date_part" => {
                // the field is a word in one spelling and a text in the other
                if let Some(first) = items.first_mut()
                    && let Node::Text(field) = first
                {
                    *first = Node::Name(std::mem::take(field));
                }
                name
            }
            name => name,
        };
        Some(call(name, items))
    }

    /// `trim(x)`, `trim(x, 'a')`, `trim(both 'a' from x)`, as the function that it is.
    fn trimmed(&mut self) -> Option<Node> {
        let name = match () {
            () if self.eat_word("leading") => "ltrim",
            () if self.eat_word("trailing") => "rtrim",
            () => {
                self.eat_word("both");
                "btrim"
            }
        };
        let first = match self.eat_word("from") {
            true => None,
            false => Some(self.expression(0)?),
        };
        let items = match first {
            None => vec![self.expression(0)?],
            Some(characters) if self.eat_word("from") => vec![self.expression(0)?, characters],
            Some(text) if self.eat(",") => vec![text, self.expression(0)?],
            Some(text) => vec![text],
        };
        self.eat(")").then(|| call(name, items))
    }

    fn case(&mut self) -> Option<Node> {
        let mut operands = Vec::new();
        if !self.is_word("when") {
            operands.push(self.expression(0)?);
        }
        while self.eat_word("when") {
            let condition = self.expression(0)?;
            if !self.eat_word("then") {
                return None;
            }
            operands.push(call("when", vec![condition, self.expression(0)?]));
        }
        if self.eat_word("else") {
            let node = self.expression(0)?;
            if node != Node::Name("null".to_owned()) {
                operands.push(call("else", vec![node]));
            }
        }
        self.eat_word("end").then(|| call("case", operands))
    }

    /// One operator that binds tighter than `least`, with its right side; `Some(None)` when there
    /// is none.
    fn infix(&mut self, left: &Node, least: u8) -> Option<Option<Node>> {
        let mark = self.at;
        let found = match self.peek() {
            Some(Token::Symbol(symbol)) => {
                let symbol = symbol.clone();
                self.symbol(left, &symbol, least)?
            }
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.keyword(left, &word, least)?
            }
            _ => None,
        };
        if found.is_none() {
            self.at = mark;
        }
        Some(found)
    }

    fn symbol(&mut self, left: &Node, symbol: &str, least: u8) -> Option<Option<Node>> {
        self.at += 1;
        let (binding, name) = match symbol {
            "::" => return self.cast(left.clone()).map(Some),
            "[" => {
                let index = self.list("]")?;
                let operands = std::iter::once(left.clone()).chain(index);
                return Some(Some(call("[]", operands.collect())));
            }
            "(" | ")" | "]" | "," | "." => return Some(None),
            "=" | "==" => (bind::COMPARE, "="),
            "<>" | "!=" => (bind::COMPARE, "<>"),
            "<" | ">" | "<=" | ">=" => (bind::COMPARE, symbol),
            "+" | "-" => (bind::ADD, symbol),
            "*" | "/" | "%" => (bind::MULTIPLY, symbol),
            "^" => (bind::POWER, symbol),
            other => (bind::OTHER, other),
        };
        if binding <= least {
            return Some(None);
        }
        for all in ["any", "all", "some"] {
            if self.eat_word(all) {
                let all = if all == "some" { "any" } else { all };
                let right = self.eat("(").then(|| self.parentheses())??;
                return Some(Some(call(
                    &format!("{name} {all}"),
                    vec![left.clone(), right],
                )));
            }
        }
        let right = self.expression(binding)?;
        Some(Some(match name {
            "||" => chain("||", left.clone(), right),
            name => call(name, vec![left.clone(), right]),
        }))
    }

    fn keyword(&mut self, left: &Node, word: &str, least: u8) -> Option<Option<Node>> {
        let binding = match word {
            "or" => bind::OR,
            "and" => bind::AND,
            "is" | "isnull" | "notnull" => bind::IS,
            "in" | "between" | "like" | "ilike" | "not" => bind::RANGE,
            "at" => bind::ZONE,
            "collate" => bind::ZONE,
            "similar" | "overlaps" | "glob" | "regexp" | "match" | "escape" => return None,
            _ => return Some(None),
        };
        if binding <= least {
            return Some(None);
        }
        self.at += 1;
        let node = match word {
            "or" | "and" => chain(word, left.clone(), self.expression(binding)?),
            "is" => self.is(left)?,
            "isnull" => call("is null", vec![left.clone()]),
            "notnull" => call("is not null", vec![left.clone()]),
            "at" => {
                if !self.eat_words(&["time", "zone"]) {
                    return None;
                }
                call("timezone", vec![self.expression(binding)?, left.clone()])
            }
            "collate" => call("collate", vec![left.clone(), self.operand()?]),
            "not" => {
                let what = self.peek().cloned();
                let Some(Token::Word(what)) = what else {
                    return None;
                };
                self.at += 1;
                self.range(left, &what, true)?
            }
            what => self.range(left, what, false)?,
        };
        Some(Some(node))
    }

    fn is(&mut self, left: &Node) -> Option<Node> {
        let not = self.eat_word("not");
        if self.eat_words(&["distinct", "from"]) {
            let right = self.expression(bind::IS)?;
            let node = call("is distinct from", vec![left.clone(), right]);
            return Some(if not { call("not", vec![node]) } else { node });
        }
        let Some(Token::Word(what)) = self.peek().cloned() else {
            return None;
        };
        self.at += 1;
        let not = if not { "not " } else { "" };
        matches!(what.as_str(), "null" | "true" | "false" | "unknown")
            .then(|| call(&format!("is {not}{what}"), vec![left.clone()]))
    }

    /// `in`, `between`, `like`, as PostgreSQL writes them out.
    fn range(&mut self, left: &Node, what: &str, not: bool) -> Option<Node> {
        let x = || left.clone();
        match what {
            "in" => {
                let mut items = self.eat("(").then(|| self.list(")"))??;
                let single = (items.len() == 1).then(|| items.pop()).flatten();
                Some(match (single, not) {
                    (Some(item), false) => call("=", vec![x(), item]),
                    (Some(item), true) => call("<>", vec![x(), item]),
                    (None, false) => call("= any", vec![x(), call("array", items)]),
                    (None, true) => call("<> all", vec![x(), call("array", items)]),
                })
            }
            "between" => {
                let low = self.expression(bind::RANGE)?;
                if !self.eat_word("and") {
                    return None;
                }
                let high = self.expression(bind::RANGE)?;
                Some(match not {
                    false => chain(
                        "and",
                        call(">=", vec![x(), low]),
                        call("<=", vec![x(), high]),
                    ),
                    true => chain("or", call("<", vec![x(), low]), call(">", vec![x(), high])),
                })
            }
            "like" | "ilike" => {
                let name = match (what, not) {
                    ("like", false) => "~~",
                    ("like", true) => "!~~",
                    (_, false) => "~~*",
                    (_, true) => "!~~*",
                };
                Some(call(name, vec![x(), self.expression(bind::RANGE)?]))
            }
            _ => None,
        }
    }

    /// A type's name behind `::` or `AS`: the cast itself is not in the normal form where the server
    /// adds casts of its own.
    fn cast(&mut self, node: Node) -> Option<Node> {
        let mut name = self.type_part()?;
        while self.eat(".") {
            name = self.type_part()?;
        }
        for word in ["precision", "varying"] {
            if self.eat_word(word) {
                name = format!("{name} {word}");
            }
        }
        self.skip_arguments()?;
        let zone = self.eat_word("with");
        if zone || self.eat_word("without") {
            self.eat_words(&["time", "zone"]).then_some(())?;
        }
        if zone {
            name.push_str(" with time zone");
        }
        let mut array = false;
        while self.eat("[") {
            array = true;
            if matches!(self.peek(), Some(Token::Number(_))) {
                self.at += 1;
            }
            self.eat("]").then_some(())?;
        }
        if self.kept == Kept::Text {
            return Some(call("cast", vec![node, Node::Name(name)]));
        }
        let to = SqlType::parse_postgres(&name);
        Some(match array {
            true => typed(node, SqlType::Array(Box::new(to))),
            false => typed(node, to),
        })
    }

    fn type_part(&mut self) -> Option<String> {
        let part = match self.peek()?.clone() {
            Token::Word(name) | Token::Quoted(name) => name,
            _ => return None,
        };
        self.at += 1;
        Some(part)
    }

    fn skip_arguments(&mut self) -> Option<()> {
        if self.eat("(") {
            self.list(")")?;
        }
        Some(())
    }
}

/// A text that is cast is the value of its type.
pub(super) fn typed(node: Node, of: SqlType) -> Node {
    let Node::Text(text) = node else { return node };
    match of {
        t if t.is_number() => match number(text) {
            Node::Text(text) => Node::Typed(t, text),
            number => number,
        },
        SqlType::Bool => boolean(text),
        SqlType::Json => Node::Text(text), // which is kept as it is written
        SqlType::Other(name) if name.starts_with("bit") || name.starts_with("varbit") => bits(text),
        t if t.is_text() => Node::Text(text),
        t => Node::Typed(t, text),
    }
}

/// A text as the bits that it is, as `B'..'` is read.
pub(super) fn bits(text: String) -> Node {
    match text.chars().all(|digit| matches!(digit, '0' | '1')) {
        true => Node::Text(format!("b{text}")),
        false => Node::Text(text),
    }
}

/// A text as the number that it is.
pub(super) fn number(text: String) -> Node {
    let digits = text.trim();
    let is_number = digits
        .strip_prefix('-')
        .unwrap_or(digits)
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    match is_number {
        true => Node::Number(digits.to_owned()),
        false => Node::Text(text),
    }
}

/// A text as the truth value that it is.
pub(super) fn boolean(text: String) -> Node {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "yes" | "on" | "1" => Node::Name("true".to_owned()),
        "f" | "false" | "no" | "off" | "0" => Node::Name("false".to_owned()),
        _ => Node::Text(text),
    }
}

/// PostgreSQL writes a negated comparison as it was written, but `NOT x IN (..)` as `<> ALL`.
fn negated(node: Node) -> Node {
    match node {
        Node::Call(name, operands) if name == "= any" => Node::Call("<> all".to_owned(), operands),
        other => call("not", vec![other]),
    }
}

/// The default schema before a sequence's name is no difference, nor are quotes around it.
fn sequence(node: &mut Node) {
    if let Node::Text(text) | Node::Typed(_, text) = node
        && let Ok(name) = crate::TableName::parse(text)
    {
        let schema = name.schema.map(clipped); // as the server reads it
        *node = Node::Text(crate::schema::table_key(
            schema.as_deref(),
            &clipped(name.name),
        ));
    }
}
