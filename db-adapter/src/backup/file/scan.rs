//! Finds the next byte that matters inside of a JSON string, eight bytes at a time: nearly all
//! of a backup stands in strings. Knows nothing of what comes before or after.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Where the first `"`, `\` or control character stands.
pub(super) fn end_of_plain(bytes: &[u8]) -> Option<usize> {
    let mut words = bytes.chunks_exact(8);
    for (i, word) in words.by_ref().enumerate() {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        let found = equal(word, b'"') | equal(word, b'\\') | below(word, 0x20);
        if found != 0 {
            // the lowest mark is exact, those above it need not be
            return Some(i * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let rest = words.remainder();
    let found = rest.iter().position(|byte| is_special(*byte))?;
    Some(bytes.len() - rest.len() + found)
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// Marks the bytes that are this one.
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// Marks the bytes below this one, which is no more than 128.
fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(byte)) & !word & HIGH
}

/// How many line breaks there are.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    // sums that fit into a byte are many at once
    let few = |bytes: &[u8]| bytes.iter().map(|b| u8::from(*b == b'\n')).sum::<u8>();
    bytes.chunks(255).map(|bytes| u64::from(few(bytes))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn byte_by_byte_gives_the_same(bytes in prop::collection::vec(prop_oneof![4 => any::<u8>(), 4 => 0x1e..0x24_u8, 1 => Just(b'\\'), 8 => Just(b'x'), 8 => Just(0xff_u8)], 0..40)) {
            let expected = bytes.iter().position(|byte| is_special(*byte));
            prop_assert_eq!(end_of_plain(&bytes), expected);
        }

        #[test]
        fn line_breaks_are_counted(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..1200)) {
            let expected = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            prop_assert_eq!(line_breaks(&bytes), expected);
        }
    }

    #[test]
    fn each_byte_stops_or_does_not() {
        for byte in 0..=u8::MAX {
            for before in 0..17 {
                let mut bytes = vec![b'x'; before];
                bytes.push(byte);
                bytes.extend([b'y'; 9]);
                let expected = is_special(byte).then_some(before);
                assert_eq!(end_of_plain(&bytes), expected, "{byte} after {before}");
            }
        }
    }
}
