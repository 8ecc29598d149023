//! UUIDs as text. Never generates one, and never looks at version or variant.

/// The canonical text of a UUID: lower case, hyphenated.
///
/// Accepts what PostgreSQL accepts: any case, braces around it, and a hyphen, or none, after
/// each group of four digits.
///
/// ```
/// use db_adapter_core::uuid_text::canonical;
///
/// assert_eq!(
///     canonical("{A0EEBC999C0B4EF8BB6D6BB9BD380A11}").as_deref(),
///     Some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
/// );
/// ```
pub fn canonical(text: &str) -> Option<String> {
    let inside = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut out = String::with_capacity(36);
    let mut digits = 0;
    let mut hyphen_allowed = false;
    for byte in inside.bytes() {
        if byte == b'-' {
            if !std::mem::take(&mut hyphen_allowed) {
                return None;
            }
            continue;
        }
        if !byte.is_ascii_hexdigit() || digits == 32 {
            return None;
        }
        if matches!(digits, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(char::from(byte.to_ascii_lowercase()));
        digits += 1;
        hyphen_allowed = digits % 4 == 0 && digits < 32;
    }
    (digits == 32).then_some(out)
}

/// Where the hyphens of the canonical form are.
const HYPHENS: [bool; 36] = {
    let mut places = [false; 36];
    places[8] = true;
    places[13] = true;
    places[18] = true;
    places[23] = true;
    places
};

/// Whether the text is exactly what [`canonical`] makes of it.
pub fn is_canonical(text: &str) -> bool {
    let Ok(bytes) = <&[u8; 36]>::try_from(text.as_bytes()) else {
        return false;
    };
    // without branches: the compiler looks at many bytes at once
    let mut good = true;
    for (byte, hyphen) in bytes.iter().zip(HYPHENS) {
        let is_digit = byte.is_ascii_digit() | matches!(byte, b'a'..=b'f');
        good &= (hyphen & (*byte == b'-')) | (!hyphen & is_digit);
    }
    good
}

#[cfg(test)]
mod tests {
    use super::{canonical, is_canonical};
    use proptest::prelude::*;

    const UUID: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

    /// Each was tried on PostgreSQL 15.
    #[test]
    fn what_postgresql_accepts() {
        for text in [
            UUID,
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        ] {
            assert_eq!(canonical(text).as_deref(), Some(UUID), "{text}");
        }
    }

    #[test]
    fn what_postgresql_refuses() {
        for text in [
            "",
            "{}",
            " a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc99--9c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11-",
            "-a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a1",
            "a0eebc999c0b4ef8bb6d6bb9bd380a111",
            "a0eebc999c0b4ef8bb6d6bb9bd380a1g",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[0-9a-f{}-]*") {
            prop_assert_eq!(is_canonical(&text), canonical(&text).as_deref() == Some(&*text));
            if let Some(canon) = canonical(&text) {
                prop_assert!(is_canonical(&canon));
                prop_assert_eq!(canonical(&canon), Some(canon));
            }
        }
    }
}
