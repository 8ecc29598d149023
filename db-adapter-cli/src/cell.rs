//! A value as the text of a table's cell. Pure.
//!
//! Data must not drive the terminal: whatever is not printable is shown as an escape.

use db_adapter::{ExactJson, Value};
use unicode_width::UnicodeWidthStr;

/// The text of a cell, on one line, free of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) is_null: bool,
    pub(crate) is_number: bool,
}

impl Cell {
    pub(crate) fn of(value: &Value) -> Self {
        let text = match value {
            Value::Null => "NULL".to_owned(),
            Value::Text(text) => escaped(text),
            Value::Bytes(bytes) => bytes
                .iter()
                .fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}")),
            Value::Numeric(numeric) => numeric.to_string(),
            // only NaN and the infinities are quoted in JSON
            Value::Float(_) => value.to_json().trim_matches('"').to_owned(),
            other => escaped(&other.to_json()),
        };
        Cell {
            text,
            is_null: value.is_null(),
            is_number: matches!(value, Value::Int(_) | Value::Float(_) | Value::Numeric(_)),
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.text.width()
    }
}

/// Characters that move the cursor, change its state, or turn the direction of what follows.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with an escape for everything that is not printable.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use db_adapter::{Json, Numeric};

    use super::*;

    fn text(value: impl Into<Value>) -> String {
        Cell::of(&value.into()).text
    }

    #[test]
    fn values_are_printed_exactly() {
        assert_eq!(text(9007199254740993_i64), "9007199254740993");
        assert_eq!(text(Numeric::parse("1.50").unwrap()), "1.50");
        assert_eq!(text(Numeric::parse("NaN").unwrap()), "NaN");
        assert_eq!(text(f64::NEG_INFINITY), "-Infinity");
        assert_eq!(text(0.1), "0.1");
        assert_eq!(text(true), "true");
        assert_eq!(text([0_u8, 255]), "\\x00ff");
        assert_eq!(text(["a", "b"]), r#"["a","b"]"#);
        assert_eq!(
            text(Json::parse("{\"a\":\n1.50}").unwrap()),
            r#"{"a": 1.50}"#
        );
        assert!(Cell::of(&Value::Null).is_null);
    }

    #[test]
    fn data_cannot_drive_the_terminal() {
        assert_eq!(text("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(text("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(text("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(text("\u{202e}abc"), "\\u{202e}abc");
        assert_eq!(text("größe 日本"), "größe 日本");
    }
}
