//! The shape that type names share: words, arguments in parentheses, and array brackets.
//! Never decides what a name means.

use super::SqlType;

/// A type name in its parts.
pub(super) struct Declared {
    /// The words in lower case, one blank between them, without the arguments.
    pub(super) words: String,
    args: Vec<i64>,
    has_args: bool,
}

impl Declared {
    /// `None` when the text has another shape, such as quotes or two lists of arguments.
    pub(super) fn read(text: &str) -> Option<Declared> {
        let (before, args, after) = match text.split_once('(') {
            Some((before, rest)) => {
                let (args, after) = rest.split_once(')')?;
                (before, Some(args), after)
            }
            None => (text, None, ""),
        };
        if [before, after].iter().any(|s| s.contains(['(', ')', '"'])) {
            return None;
        }
        let mut words = String::with_capacity(text.len());
        for word in before.split_whitespace().chain(after.split_whitespace()) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(&word.to_ascii_lowercase());
        }
        Some(Declared {
            words,
            args: args.map_or(Some(Vec::new()), numbers)?,
            has_args: args.is_some(),
        })
    }

    /// The only argument as a length; `Some(None)` when there is no argument at all.
    pub(super) fn length(&self) -> Option<Option<u32>> {
        match (self.has_args, self.args.as_slice()) {
            (false, _) => Some(None),
            (true, [length]) => u32::try_from(*length).ok().filter(|&n| n > 0).map(Some),
            (true, _) => None,
        }
    }

    /// Whether the arguments are none or the precision of a time.
    pub(super) fn is_timed(&self) -> bool {
        !self.has_args || matches!(self.args.as_slice(), [0..=9])
    }

    /// The numeric type with these arguments.
    pub(super) fn numeric(&self) -> Option<SqlType> {
        let (precision, scale) = match (self.has_args, self.args.as_slice()) {
            (false, _) => (None, None),
            (true, [p]) => (Some(u32::try_from(*p).ok()?), Some(0)),
            (true, [p, s]) => (Some(u32::try_from(*p).ok()?), Some(i32::try_from(*s).ok()?)),
            (true, _) => return None,
        };
        if precision == Some(0) {
            return None;
        }
        Some(SqlType::Numeric { precision, scale })
    }
}

fn numbers(args: &str) -> Option<Vec<i64>> {
    if args.len() > 64 {
        return None; // no type has so many arguments
    }
    args.split(',').map(|n| n.trim().parse().ok()).collect()
}

/// The element's name, when the text ends in `[]` or `[3]`, however many dimensions there are.
pub(super) fn element_name(text: &str) -> Option<&str> {
    let mut element = text.trim_end();
    let mut found = false;
    while let Some(rest) = element.strip_suffix(']') {
        let Some(rest) = rest
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .strip_suffix('[')
        else {
            break;
        };
        element = rest.trim_end();
        found = true;
    }
    (found && !element.is_empty()).then_some(element)
}
