//! Values in the text format of `COPY`. Pure.

use std::fmt::Write as _;

use crate::Value;
use crate::value::text_of;

/// Appends a value, with what the format means otherwise escaped.
pub(super) fn push(out: &mut String, value: &Value) {
    match value {
        Value::Text(text) => push_escaped(out, text),
        Value::Int(int) => {
            // writing into memory does not fail
            let _ = write!(out, "{int}");
        }
        Value::Json(json) => push_escaped(out, json.as_str()),
        value => match text_of(value) {
            Some(text) => push_escaped(out, &text),
            None => out.push_str("\\N"),
        },
    }
}

fn push_escaped(out: &mut String, text: &str) {
    let special = |b: u8| matches!(b, b'\\' | b'\t' | b'\n' | b'\r');
    if !text.bytes().any(special) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_format_means_otherwise_is_escaped() {
        let texts = [
            (Value::Null, "\\N"),
            (Value::Text("\\N".into()), "\\\\N"),
            (Value::Text("a\tb\nc\rd\\e".into()), "a\\tb\\nc\\rd\\\\e"),
            (Value::Text("\\.".into()), "\\\\."),
            (Value::Bytes([0, 255].into()), "\\\\x00ff"),
            (Value::Int(-5), "-5"),
        ];
        for (value, expected) in texts {
            let mut out = String::new();
            push(&mut out, &value);
            assert_eq!(out, expected);
        }
    }
}
