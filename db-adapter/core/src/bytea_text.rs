//! Bytes as text, in PostgreSQL's two spellings.
//! Never guesses a character set: text outside ASCII stands for its UTF-8 bytes.

/// The canonical text of bytes: `\x` and lower-case hex.
pub fn format(bytes: &[u8]) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(HEX.get(usize::from(nibble)));
        }
    }
    text
}

/// Reads bytes as PostgreSQL does: `\x` and hex in any case with blanks between the pairs, else
/// the escape form (`\\` is a backslash, `\001` an octal byte, all else itself).
pub fn parse(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(hex) => parse_hex(hex.as_bytes()),
        None => parse_escaped(text.as_bytes()),
    }
}

fn parse_hex(hex: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(hex.len() / 2);
    let mut rest = hex.iter();
    while let Some(&high) = rest.next() {
        if matches!(high, b' ' | b'\n' | b'\t' | b'\r') {
            continue;
        }
        bytes.push(hex_digit(high)? << 4 | hex_digit(*rest.next()?)?);
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

fn parse_escaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'\\', [b'\\', more @ ..]) => {
                bytes.push(b'\\');
                more
            }
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', more @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                more
            }
            (b'\\' | 0, _) => return None,
            (other, more) => {
                bytes.push(other);
                more
            }
        };
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{format, parse};
    use proptest::prelude::*;

    /// Each was tried on PostgreSQL 15.
    #[test]
    fn both_spellings_are_read_as_postgresql_does() {
        for (text, bytes) in [
            ("\\x", Some(&b""[..])),
            ("\\xDE aD", Some(&b"\xde\xad"[..])),
            ("a\\\\b\\001", Some(b"a\\b\x01")),
            ("é", Some(b"\xc3\xa9")),
            ("\\xD EAD", None),
            ("\\xabc", None),
            ("\\X12", None),
            ("a\\5", None),
            ("a\\400", None),
            ("a\0", None),
        ] {
            assert_eq!(parse(text).as_deref(), bytes, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_read_back(bytes: Vec<u8>) {
            prop_assert_eq!(parse(&format(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_panics(text in "\\PC*|\\\\x[0-9a-g ]*|[\\\\0-9é]*") {
            let _ = parse(&text);
        }
    }
}
