//! Percent-encoding of what `db.toml` puts into a URL. Pure.

/// Everything but letters, digits and `-._~` as `%XX`.
pub(crate) fn encode(text: &str) -> String {
    encode_except(text, |b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// As [`encode`], for the path of a file.
pub(crate) fn encode_path(path: &str) -> String {
    encode_except(path, |b| {
        b != b'%' && b != b'?' && b != b'#' && b != b':' && b != b'@'
    })
}

fn encode_except(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut encoded = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            encoded.push(byte);
        } else {
            encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    // only whole characters were kept, and the rest is ASCII
    String::from_utf8_lossy(&encoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_paths_are_encoded() {
        assert_eq!(
            encode("aZ0-._~ @/?#%:é"),
            "aZ0-._~%20%40%2F%3F%23%25%3A%C3%A9"
        );
        assert_eq!(encode_path("/a b/100%?#é"), "/a b/100%25%3F%23é");
    }
}
