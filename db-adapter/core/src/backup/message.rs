//! A text that is composed during const evaluation, so that a compile error can name tables.
//! The same messages serve at run time; what does not fit is cut with `..`, never a panic.

use crate::Notice;
use std::fmt;

const ROOM: usize = 2048;
const CUT: &str = " ..";
const HINT: &str = "; hint: ";

/// A message in the making.
#[derive(Clone, Copy)]
pub struct Message {
    buffer: [u8; ROOM],
    len: usize,
    cut: bool,
    /// Where the message ends and the hint begins.
    hint: Option<(usize, usize)>,
}

impl Message {
    /// A message that begins so.
    pub const fn new(text: &str) -> Message {
        let mut message = Message {
            buffer: [0; ROOM],
            len: 0,
            cut: false,
            hint: None,
        };
        message.push(text);
        message
    }

    /// Adds a text whole, or cuts the message here when it is full.
    pub const fn push(&mut self, text: &str) {
        if self.cut {
            return;
        }
        if self.len + text.len() + CUT.len() > ROOM {
            self.cut = true;
            self.write(CUT);
        } else {
            self.write(text);
        }
    }

    /// Ends the message and begins the hint: all that is pushed from here on belongs to it.
    pub const fn push_hint(&mut self, text: &str) {
        let end = self.len;
        self.push(HINT);
        if !self.cut {
            self.hint = Some((end, self.len));
        }
        self.push(text);
    }

    /// Adds a name in backticks.
    pub const fn push_name(&mut self, name: &str) {
        self.push("`");
        self.push(name);
        self.push("`");
    }

    const fn write(&mut self, text: &str) {
        let (_, rest) = self.buffer.split_at_mut(self.len);
        let (place, _) = rest.split_at_mut(text.len());
        place.copy_from_slice(text.as_bytes());
        self.len += text.len();
    }

    /// The text so far.
    pub const fn as_str(&self) -> &str {
        let (written, _) = self.buffer.split_at(self.len);
        match std::str::from_utf8(written) {
            Ok(text) => text,
            Err(_) => "", // whole strings only were written
        }
    }
}

impl From<&Message> for Notice {
    fn from(message: &Message) -> Notice {
        let text = message.as_str();
        let Some((end, hint)) = message.hint else {
            return Notice::new(text);
        };
        // whole strings only were written, so that both are places between characters
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        Notice::new(part(0, end)).hint(part(hint, text.len()))
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
