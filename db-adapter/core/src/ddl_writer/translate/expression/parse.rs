//! The tokens of an expression into its parts. Refuses every word that is not known to mean the same.

use super::node::{Function, Node};
use super::value::{cast, class_of, number};
use super::{Read, Scope};
use crate::lexer::{Kind, Lexer, Quote, Token};
use crate::name::quote_ident;
use crate::schema::SqlDialect;

/// Nobody nests deeper by hand.
const DEEPEST: usize = 60;

pub(super) fn parsed(text: &str, scope: &Scope<'_>) -> Read<Node> {
    let lexer = Lexer::of_definition(text, scope.from);
    let tokens: Vec<Token<'_>> = lexer.significant().collect();
    if tokens.iter().any(|token| !token.closed) {
        return Err("it is not one expression".to_owned());
    }
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
        scope,
    };
    let node = parser.or()?;
    match parser.at == tokens.len() {
        true => Ok(node),
        false => Err(parser.unknown()),
    }
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    depth: usize,
    scope: &'a Scope<'a>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at)
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    fn eat_all(&mut self, words: &[&str]) -> bool {
        let mark = self.at;
        let all = words.iter().all(|word| self.eat(word));
        if !all {
            self.at = mark;
        }
        all
    }

    fn eat_symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_symbol(symbol));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Read<()> {
        match self.eat_symbol(symbol) {
            true => Ok(()),
            false => Err(self.unknown()),
        }
    }

    /// What is not known, without a constant: that may be anything.
    fn unknown(&self) -> String {
        match self.peek() {
            Some(token) if matches!(token.kind, Kind::Word | Kind::Operator | Kind::Symbol) => {
                format!("`{}` in it is not known to mean the same", token.text)
            }
            _ => "it is not known to mean the same".to_owned(),
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn or(&mut self) -> Read<Node> {
        self.deeper(|parser| {
            let mut operands = vec![parser.and()?];
            while parser.eat("or") {
                operands.push(parser.and()?);
            }
            Ok(chain("OR", operands))
        })
    }

    fn and(&mut self) -> Read<Node> {
        let mut operands = vec![self.not()?];
        while self.eat("and") {
            operands.push(self.not()?);
        }
        Ok(chain("AND", operands))
    }

    fn not(&mut self) -> Read<Node> {
        if self.eat("not") {
            let operand = self.deeper(Parser::not)?;
            return Ok(Node::Not(Box::new(operand)));
        }
        self.predicate()
    }

    /// An operand with what is said of it.
    fn predicate(&mut self) -> Read<Node> {
        let mut left = self.operand()?;
        loop {
            let Some(more) = self.infix(&left)? else {
                return Ok(left);
            };
            left = more;
        }
    }

    fn infix(&mut self, left: &Node) -> Read<Option<Node>> {
        let boxed = || Box::new(left.clone());
        if self.eat("is") {
            let not = self.eat("not");
            return match self.eat("null") {
                true => Ok(Some(Node::IsNull(boxed(), not))),
                false => Err(self.unknown()),
            };
        }
        if self.eat("isnull") {
            return Ok(Some(Node::IsNull(boxed(), false)));
        }
        if self.eat("notnull") {
            return Ok(Some(Node::IsNull(boxed(), true)));
        }
        let mark = self.at;
        let not = self.eat("not");
        if self.eat("in") {
            self.expect("(")?;
            let items = self.list(")")?;
            return Ok(Some(Node::In(boxed(), items, not)));
        }
        if self.eat("between") {
            let low = self.operand()?;
            if !self.eat("and") {
                return Err(self.unknown());
            }
            let high = self.operand()?;
            return Ok(Some(Node::Between(
                boxed(),
                Box::new(low),
                Box::new(high),
                not,
            )));
        }
        if not {
            self.at = mark;
            return Err(self.unknown());
        }
        let Some(operator) = self.peek().and_then(comparison) else {
            return Ok(None);
        };
        self.at += 1;
        for (word, wanted, not) in [("any", "=", false), ("all", "<>", true)] {
            if self.is(word) {
                self.at += 1;
                self.expect("(")?;
                let items = self.or()?;
                self.expect(")")?;
                return match (items, operator == wanted) {
                    (Node::List(items), true) => Ok(Some(Node::In(boxed(), items, not))),
                    _ => Err("it compares with an array".to_owned()),
                };
            }
        }
        let right = self.operand()?;
        Ok(Some(Node::Compare(operator, boxed(), Box::new(right))))
    }

    /// Expressions between commas, to the end of the list.
    fn list(&mut self, end: &str) -> Read<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            items.push(self.or()?);
            if self.eat_symbol(end) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    /// A value with the casts behind it.
    fn operand(&mut self) -> Read<Node> {
        let mut node = self.value()?;
        while self.peek().is_some_and(|token| token.is_symbol("::")) {
            self.at += 1;
            let data_type = self.type_name()?;
            node = cast(node, &data_type)?;
        }
        Ok(node)
    }

    fn value(&mut self) -> Read<Node> {
        let Some(token) = self.peek().copied() else {
            return Err("it ends too early".to_owned());
        };
        match token.kind {
            Kind::Number => {
                self.at += 1;
                number(token.text)
            }
            Kind::String(Quote::Plain) => {
                self.at += 1;
                let text = token.string();
                text.map(Node::Text).ok_or_else(|| self.unknown())
            }
            Kind::String(_) => Err("it has a constant that is written in another way".to_owned()),
            Kind::Operator if matches!(token.text, "-" | "+") => {
                self.at += 1;
                match (self.value()?, token.text) {
                    (Node::Number(text), "-") if !text.starts_with('-') => {
                        Ok(Node::Number(format!("-{text}")))
                    }
                    (Node::Number(text), "+") => Ok(Node::Number(text)),
                    _ => {
                        Err("it calculates, and the two databases overflow differently".to_owned())
                    }
                }
            }
            Kind::Symbol if token.text == "(" => {
                self.at += 1;
                let node = self.or()?;
                self.expect(")")?;
                Ok(node)
            }
            Kind::Word => self.word(&token),
            Kind::Name => self.name(),
            _ => Err(self.unknown()),
        }
    }

    fn word(&mut self, token: &Token<'_>) -> Read<Node> {
        let word = token.text.to_ascii_lowercase();
        let next = self.tokens.get(self.at + 1);
        let calls = next.is_some_and(|next| next.is_symbol("("));
        let constant = match word.as_str() {
            _ if calls => return self.call(&word),
            "true" => Some(Node::Bool(true)),
            "false" => Some(Node::Bool(false)),
            "null" => Some(Node::Null),
            "array" if next.is_some_and(|next| next.is_symbol("[")) => {
                self.at += 2;
                return Ok(Node::List(self.list("]")?));
            }
            _ => None,
        };
        match constant {
            Some(node) => {
                self.at += 1;
                Ok(node)
            }
            None => self.name(),
        }
    }

    /// A column, perhaps with its table before it.
    fn name(&mut self) -> Read<Node> {
        let start = self.at;
        let mut name = self.one_name()?;
        while self.eat_symbol(".") {
            name = self.one_name()?;
        }
        let single = self.at == start + 1;
        let is_value = single
            && self
                .tokens
                .get(start)
                .is_some_and(|token| token.is("value"));
        if let Some(column) = self.scope.value.filter(|_| is_value) {
            name = column.to_owned();
        }
        let known = |own: &str| match self.scope.from {
            SqlDialect::Postgres => own == name,
            SqlDialect::Sqlite => own.eq_ignore_ascii_case(&name),
        };
        let column = self
            .scope
            .table
            .columns
            .iter()
            .find(|column| known(&column.name));
        match column {
            Some(column) => Ok(Node::Column(
                column.name.clone(),
                class_of(column, self.scope),
            )),
            None => {
                self.at = start;
                Err(self.unknown())
            }
        }
    }

    fn one_name(&mut self) -> Read<String> {
        let name = self
            .peek()
            .filter(|token| matches!(token.kind, Kind::Word | Kind::Name));
        let name = name.and_then(|token| token.name(self.scope.from));
        self.at += usize::from(name.is_some());
        name.ok_or_else(|| self.unknown())
    }

    fn call(&mut self, name: &str) -> Read<Node> {
        let postgres = self.scope.from == SqlDialect::Postgres;
        let function = match name {
            "length" => Function::Length,
            "char_length" | "character_length" if postgres => Function::Length,
            "coalesce" => Function::Coalesce,
            "btrim" if postgres => Function::Trim,
            "trim" => return self.trim(),
            "ltrim" => Function::TrimStart,
            "rtrim" => Function::TrimEnd,
            "cast" => {
                self.at += 2;
                let node = self.or()?;
                if !self.eat("as") {
                    return Err(self.unknown());
                }
                let data_type = self.type_name()?;
                self.expect(")")?;
                return cast(node, &data_type);
            }
            _ => {
                return Err(format!(
                    "the function `{name}` in it is not known to mean the same"
                ));
            }
        };
        self.at += 2;
        if self.eat_symbol(")") {
            return Err(self.unknown());
        }
        Ok(Node::Call(function, self.list(")")?))
    }

    /// `trim(x)`, and `TRIM(BOTH FROM x)` as the server writes it.
    fn trim(&mut self) -> Read<Node> {
        self.at += 2;
        let function = match () {
            () if self.eat_all(&["leading", "from"]) => Function::TrimStart,
            () if self.eat_all(&["trailing", "from"]) => Function::TrimEnd,
            () => {
                let _ = self.eat_all(&["both", "from"]) || self.eat("from");
                Function::Trim
            }
        };
        let operand = self.or()?;
        self.expect(")")?;
        Ok(Node::Call(function, vec![operand]))
    }

    /// A type behind `::` or `AS`.
    fn type_name(&mut self) -> Read<String> {
        let mut text = quoted(&self.one_name()?);
        while self.eat_symbol(".") {
            text = format!("{text}.{}", quoted(&self.one_name()?));
        }
        for word in ["precision", "varying"] {
            if self.eat(word) {
                text = format!("{text} {word}");
            }
        }
        if self.peek().is_some_and(|token| token.is_symbol("(")) {
            return Err("it casts to a type of a certain length".to_owned());
        }
        if self.eat_symbol("[") {
            self.expect("]")?;
            text.push_str("[]");
        }
        Ok(text)
    }
}

fn quoted(name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
    match plain {
        true => name.to_owned(),
        false => quote_ident(name),
    }
}

fn chain(word: &'static str, mut operands: Vec<Node>) -> Node {
    match operands.len() {
        1 => operands.remove(0),
        _ => Node::Chain(word, operands),
    }
}

fn comparison(token: &Token<'_>) -> Option<&'static str> {
    match token.text {
        "=" | "==" => Some("="),
        "<>" | "!=" => Some("<>"),
        "<" => Some("<"),
        "<=" => Some("<="),
        ">" => Some(">"),
        ">=" => Some(">="),
        _ => None,
    }
}
