//! The lengths of strings of bits, which are text to us: `bit(3)` takes three of them, `bit varying(5)`
//! at most five. Any other text is left to the database. Pure.

use super::Value;

/// The name of a type without its length, where it is one of bits; and the length, with whether it
/// is the most that fits.
fn parse(name: &str) -> Option<(&str, usize, bool)> {
    let (plain, length) = name.strip_suffix(')')?.split_once('(')?;
    let is_most = match plain {
        "bit" => false,
        "bit varying" => true,
        _ => return None,
    };
    Some((plain, length.parse().ok()?, is_most))
}

/// The type without a length.
pub(crate) fn without_length(name: &str) -> &str {
    parse(name).map_or(name, |(plain, ..)| plain)
}

/// Whether a column of this type takes a value as it is, as far as its length tells.
pub(super) fn fits(name: &str, value: &Value) -> bool {
    let (Some((_, length, is_most)), Value::Text(text)) = (parse(name), value) else {
        return true;
    };
    match (number(text), is_most) {
        (Some(number), true) => number <= length,
        (Some(number), false) => number == length,
        (None, _) => true,
    }
}

/// How many bits a text has, in one of the spellings that PostgreSQL reads.
fn number(text: &str) -> Option<usize> {
    let (digits, each) = match text.as_bytes().first() {
        Some(b'x' | b'X') => (text.get(1..)?, 4),
        Some(b'b' | b'B') => (text.get(1..)?, 1),
        _ => (text, 1),
    };
    let base = if each == 4 { 16 } else { 2 };
    let are_digits = digits.chars().all(|digit| digit.is_digit(base));
    are_digits.then(|| digits.len() * each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_that_of_bits() {
        let fits = |name, text: &str| fits(name, &Value::from(text));
        assert!(fits("bit(3)", "101") && fits("bit(3)", "B101") && fits("bit(8)", "x1F"));
        assert!(!fits("bit(3)", "1") && !fits("bit(3)", "1010") && !fits("bit(3)", ""));
        assert!(fits("bit varying(5)", "") && fits("bit varying(5)", "10101"));
        assert!(!fits("bit varying(5)", "101010") && !fits("bit varying(5)", "x11"));
        // for the server to refuse, or of another type
        assert!(fits("bit(3)", "12") && fits("bit varying", "1") && fits("inet", "1"));
        assert_eq!(without_length("bit varying(5)"), "bit varying");
        assert_eq!(without_length("inet"), "inet");
    }
}
