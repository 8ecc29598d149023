//! A schema inside of a program's file: how `backup_schema!` writes it during compilation, and how
//! the command line finds it in an executable or library. Never runs the program, and never
//! trusts a byte of the file.
//!
//! A schema is a plain static: no section, no symbol, so that stripping and link-time optimisation
//! leave it alone. The layout, integers in little endian: the magic (16 bytes), the version (2),
//! the format (1, JSON is 1), flags (1, zero), the payload's length (4), its checksum (8), the
//! payload. A new key in the JSON is a new version: a reader refuses what it does not know.

mod read;
mod write;

pub use read::{Damage, Scan, scan};
#[cfg(feature = "serde")]
pub use read::{EmbeddedSchema, UncheckedSchema};
pub use write::{bytes, len, table, table_len};

/// The layout that this crate writes, and the newest that it reads.
pub const VERSION: u16 = 1;
/// The bytes before the payload.
pub const HEADER: usize = 32;
/// No schema is longer; a length beyond it is damage.
pub const MAX_PAYLOAD: usize = 64 << 20;
/// The payload is JSON.
const JSON: u8 = 1;

/// The magic with every bit inverted: a program that links the reader does not hold the magic.
const INVERTED: [u8; 16] = [
    !0x7f, !b'd', !b'b', !b'-', !b'a', !b'd', !b'a', !b'p', !b't', !b'e', !b'r', !0, !0xf1, !0xa7,
    !0x3e, !0x0a,
];

/// Changes whenever one word of the payload changes; made for words, because const evaluation is
/// slow for each step.
const fn checksum(payload: &[u8]) -> u64 {
    let (words, rest) = payload.as_chunks::<8>();
    let mut sum = payload.len() as u64;
    let mut i = 0;
    while i < words.len() {
        sum = mix(sum, u64::from_le_bytes(words[i]));
        i += 1;
    }
    let mut last = [0; 8];
    let (place, _) = last.split_at_mut(rest.len());
    place.copy_from_slice(rest);
    mix(sum, u64::from_le_bytes(last))
}

const fn mix(sum: u64, word: u64) -> u64 {
    let sum = (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    sum ^ (sum >> 32)
}
