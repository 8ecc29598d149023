//! A text that is composed during const evaluation, so that a compile error can name tables.
//! The same messages serve at run time; what does not fit is cut with `..`, never a panic.

use std::fmt;

const ROOM: usize = 2048;
const CUT: &str = " ..";

/// A message in the making.
#[derive(Clone, Copy)]
pub struct Message {
    buffer: [u8; ROOM],
    len: usize,
    cut: bool,
}

impl Message {
    /// A message that begins so.
    pub const fn new(text: &str) -> Message {
        let mut message = Message {
            buffer: [0; ROOM],
            len: 0,
            cut: false,
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
