//! Reading a JSON text into its parts. Accepts exactly what PostgreSQL takes for `jsonb`.

use std::borrow::Cow;

use super::{Fault, MOST_DEPTH};
use crate::numeric;

/// A document: its values in the order in which they begin, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) nodes: Vec<Node<'a>>,
}

/// A value; those inside of it are positions in [`Document::nodes`].
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// `true`, `false`, `null`.
    Word(&'static str),
    /// As `numeric` prints it.
    Number(String),
    /// Without quotes and escapes.
    Text(Cow<'a, str>),
    Array(Vec<usize>),
    Object(Vec<(Cow<'a, str>, usize)>),
}

/// Reads one document, with blanks around it.
pub(super) fn document(text: &str) -> Result<Document<'_>, Fault> {
    let mut reader = Reader { text, at: 0 };
    let mut document = Document::default();
    // the arrays and objects that are open
    let mut open: Vec<usize> = Vec::new();
    loop {
        let position = reader.value(&mut document, &mut open)?;
        if let Some(position) = position
            && !reader.close(&mut document, &mut open, position)?
        {
            break;
        }
    }
    reader.blanks();
    match reader.at == text.len() {
        true => Ok(document),
        false => Err(Fault::Syntax),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips blanks, and this byte where it follows.
    fn eat(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Reads a value, or the beginning of one that has values inside, which gives `None`.
    fn value(
        &mut self,
        document: &mut Document<'a>,
        open: &mut Vec<usize>,
    ) -> Result<Option<usize>, Fault> {
        self.blanks();
        let position = document.nodes.len();
        let node = match self.peek() {
            Some(b'"') => Node::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => Node::Number(self.number()?),
            Some(b'[') => {
                self.at += 1;
                Node::Array(Vec::new())
            }
            Some(b'{') => {
                self.at += 1;
                Node::Object(Vec::new())
            }
            _ => Node::Word(self.word()?),
        };
        let is_open = match &node {
            Node::Array(_) => !self.eat(b']'),
            Node::Object(_) => !self.eat(b'}'),
            _ => false,
        };
        // empty ones count as well
        if matches!(node, Node::Array(_) | Node::Object(_)) && open.len() >= MOST_DEPTH {
            return Err(Fault::Depth);
        }
        document.nodes.push(node);
        if !is_open {
            return Ok(Some(position));
        }
        open.push(position);
        if let Some(Node::Object(members)) = document.nodes.get_mut(position) {
            members.push((self.key()?, 0));
        }
        Ok(None)
    }

    /// Puts a finished value into the one around it, and goes on to the next; whether there is one.
    fn close(
        &mut self,
        document: &mut Document<'a>,
        open: &mut Vec<usize>,
        mut position: usize,
    ) -> Result<bool, Fault> {
        while let Some(around) = open.last().copied() {
            let end = match document.nodes.get_mut(around) {
                Some(Node::Array(items)) => {
                    items.push(position);
                    if self.eat(b',') {
                        return Ok(true);
                    }
                    b']'
                }
                Some(Node::Object(members)) => {
                    if let Some((_, value)) = members.last_mut() {
                        *value = position;
                    }
                    if self.eat(b',') {
                        members.push((self.key()?, 0));
                        return Ok(true);
                    }
                    b'}'
                }
                _ => return Err(Fault::Syntax),
            };
            if !self.eat(end) {
                return Err(Fault::Syntax);
            }
            open.pop();
            position = around;
        }
        Ok(false)
    }

    /// A key and the colon behind it.
    fn key(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.blanks();
        let key = self.string()?;
        match self.eat(b':') {
            true => Ok(key),
            false => Err(Fault::Syntax),
        }
    }

    fn word(&mut self) -> Result<&'static str, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for word in ["true", "false", "null"] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(word);
            }
        }
        Err(Fault::Syntax)
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<String, Fault> {
        let from = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || (leading_zero && digits > 1) {
            return Err(Fault::Syntax);
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(Fault::Syntax);
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(Fault::Syntax);
            }
        }
        let text = self.text.get(from..self.at).unwrap_or_default();
        numeric::canonical(text).ok_or(Fault::Number)
    }

    /// A string, from its opening quote on.
    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(Fault::Syntax);
        }
        self.at += 1;
        let mut decoded = String::new();
        let mut from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = self.text.get(from..self.at).unwrap_or_default();
                    self.at += 1;
                    if decoded.is_empty() {
                        return Ok(Cow::Borrowed(rest));
                    }
                    decoded.push_str(rest);
                    return Ok(Cow::Owned(decoded));
                }
                Some(b'\\') => {
                    decoded.push_str(self.text.get(from..self.at).unwrap_or_default());
                    self.at += 1;
                    decoded.push(self.escape()?);
                    from = self.at;
                }
                None | Some(..0x20) => return Err(Fault::Syntax),
                Some(_) => self.at += 1,
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let escape = self.peek().ok_or(Fault::Syntax)?;
        self.at += 1;
        Ok(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => match self.hex()? {
                0 => return Err(Fault::Nul),
                high @ 0xd800..=0xdbff => self.low_half(high)?,
                unit => char::from_u32(unit).ok_or(Fault::Surrogate)?,
            },
            _ => return Err(Fault::Syntax),
        })
    }

    fn low_half(&mut self, high: u32) -> Result<char, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with("\\u") {
            return Err(Fault::Surrogate);
        }
        self.at += 2;
        let low = self.hex()?.wrapping_sub(0xdc00);
        match low {
            0..=0x3ff => char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low),
            _ => None,
        }
        .ok_or(Fault::Surrogate)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Fault::Syntax)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Fault::Syntax);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Fault::Syntax)
    }
}
