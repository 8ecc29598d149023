//! Cuts a stream of bytes into JSON values, one at a time, in memory proportional to one value.
//! Finds only where a value ends; what stands inside, `syntax` checks.

use std::io::{BufRead, ErrorKind};

use sha2::{Digest, Sha256};

use super::scan::{end_of_plain, line_breaks};

/// Brackets inside brackets, in one value. Deeper text comes from hostile files only.
pub(super) const MAX_DEPTH: usize = 10_000;

/// Why no value could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The file ends before the value does.
    Truncated,
    /// The value is larger than this many bytes.
    TooLarge(usize),
    /// Brackets are nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// The file could not be read.
    Unreadable(ErrorKind),
    /// Something else stands where this should.
    Expected(&'static str),
}

/// The stream, the line it is on, and the hash of what was read.
pub(super) struct Frame<R> {
    input: R,
    line: u64,
    hash: Sha256,
}

impl<R: BufRead> Frame<R> {
    pub(super) fn new(input: R) -> Self {
        Frame {
            input,
            line: 1,
            hash: Sha256::new(),
        }
    }

    /// The line of the next byte, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The hash of everything so far.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    fn available(&mut self) -> Result<&[u8], Fault> {
        loop {
            match self.input.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(&error)),
            }
        }
        // asked again because the loop may not hand out what it borrowed
        self.input.fill_buf().map_err(|error| unreadable(&error))
    }

    /// Moves on over the first `count` bytes of what is available.
    fn consume(&mut self, count: usize) -> Result<(), Fault> {
        let bytes = self.input.fill_buf().map_err(|error| unreadable(&error))?;
        let bytes = bytes.get(..count).unwrap_or_default();
        self.line += line_breaks(bytes);
        self.hash.update(bytes);
        self.input.consume(count);
        Ok(())
    }

    /// The next byte that is no white space, which stays; `None` at the end of the file.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let bytes = self.available()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let blank = bytes.iter().take_while(|byte| is_blank(**byte)).count();
            let next = bytes.get(blank).copied();
            self.consume(blank)?;
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Takes this byte, after white space.
    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Fault> {
        match self.peek()? {
            Some(found) if found == byte => self.consume(1),
            Some(_) => Err(Fault::Expected(what)),
            None => Err(Fault::Truncated),
        }
    }

    /// Takes the next value into `out`; gives the line on which it begins.
    pub(super) fn value(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<u64, Fault> {
        out.clear();
        if self.peek()?.is_none() {
            return Err(Fault::Truncated);
        }
        let line = self.line;
        let mut extent = Extent::default();
        loop {
            let bytes = self.available()?;
            if bytes.is_empty() {
                return Err(Fault::Truncated);
            }
            let found = extent.end(bytes)?;
            let count = found.unwrap_or(bytes.len());
            if out.len() + count > limit {
                return Err(Fault::TooLarge(limit));
            }
            out.extend_from_slice(bytes.get(..count).unwrap_or_default());
            self.consume(count)?;
            if found.is_some() {
                return Ok(line);
            }
        }
    }
}

fn unreadable(error: &std::io::Error) -> Fault {
    Fault::Unreadable(error.kind())
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Where a value ends, found piece by piece.
#[derive(Default)]
struct Extent {
    kind: Kind,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

#[derive(Default, PartialEq)]
enum Kind {
    #[default]
    Unknown,
    Nested,
    Text,
    Scalar,
}

impl Extent {
    /// How many of the bytes belong to the value, when it ends among them.
    fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        if self.kind == Kind::Unknown {
            self.kind = match bytes.first() {
                Some(b'{' | b'[') => Kind::Nested,
                Some(b'"') => Kind::Text,
                _ => Kind::Scalar,
            };
        }
        if self.kind == Kind::Scalar {
            return Ok(bytes.iter().position(|byte| ends_scalar(*byte)));
        }
        let mut at = 0;
        loop {
            if self.in_string {
                let rest = bytes.get(at..).unwrap_or_default();
                let Some(length) = self.rest_of_string(rest) else {
                    return Ok(None);
                };
                at += length;
                self.in_string = false;
                if self.depth == 0 {
                    return Ok(Some(at));
                }
            }
            let Some(&byte) = bytes.get(at) else {
                return Ok(None);
            };
            at += 1;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(Fault::TooDeep);
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Ok(Some(at));
                    }
                }
                _ => {}
            }
        }
    }

    /// How many bytes the rest of a string has, when it ends among these.
    fn rest_of_string(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = usize::from(self.escaped);
        self.escaped = bytes.is_empty() && self.escaped;
        loop {
            at += end_of_plain(bytes.get(at..)?)? + 1;
            match bytes.get(at - 1)? {
                b'"' => return Some(at),
                b'\\' if at == bytes.len() => {
                    self.escaped = true;
                    return None;
                }
                b'\\' => at += 1,
                _ => {}
            }
        }
    }
}

fn ends_scalar(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b',' | b']' | b'}' | b':' | b'"' | b'[' | b'{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    /// Every size of the reader's buffer, so that every value is cut at every place.
    fn values(text: &str, capacity: usize) -> Vec<(String, u64)> {
        let mut frame = Frame::new(BufReader::with_capacity(capacity, text.as_bytes()));
        let (mut out, mut found) = (Vec::new(), Vec::new());
        while frame.peek().unwrap().is_some() {
            let line = frame.value(&mut out, 1000).unwrap();
            found.push((String::from_utf8(out.clone()).unwrap(), line));
            if frame.peek().unwrap() == Some(b',') {
                frame.expect(b',', "a comma").unwrap();
            }
        }
        found
    }

    #[test]
    fn values_are_cut_wherever_the_buffer_ends() {
        let text = " {\"a\": \"}\\\"]\", \"b\": [1, {}]} ,\n[ ],\n\n\"x\\\\\" , -1.5e3,true\n,null";
        let expected: Vec<(String, u64)> = [
            ("{\"a\": \"}\\\"]\", \"b\": [1, {}]}", 1),
            ("[ ]", 2),
            ("\"x\\\\\"", 4),
            ("-1.5e3", 4),
            ("true", 4),
        ]
        .map(|(text, line)| (text.to_owned(), line))
        .to_vec();
        for capacity in 1..text.len() + 1 {
            let found = values(&format!("{text} "), capacity);
            assert_eq!(found[..5], expected[..], "buffer of {capacity}");
            assert_eq!(found[5].0, "null");
        }
    }

    #[test]
    fn what_never_ends_is_truncated_and_what_is_too_much_is_refused() {
        let read = |text: &str, limit| {
            Frame::new(text.as_bytes())
                .value(&mut Vec::new(), limit)
                .unwrap_err()
        };
        assert_eq!(read("{\"a\": 1", 100), Fault::Truncated);
        assert_eq!(read("\"a", 100), Fault::Truncated);
        assert_eq!(read("  ", 100), Fault::Truncated);
        assert_eq!(read("[1,2,3,4,5,6]", 5), Fault::TooLarge(5));
        assert_eq!(read(&"[".repeat(MAX_DEPTH + 1), 1 << 20), Fault::TooDeep);
    }
}
