//! Writing a document as PostgreSQL prints `jsonb`. Never fails.

use std::borrow::Cow;

use super::read::{Document, Node};

/// What is still to be written: a value, or a text behind one.
enum Step<'d> {
    Value(usize),
    Text(&'static str),
    Key(&'d str),
}

pub(super) fn document(document: &Document<'_>) -> String {
    let mut out = String::new();
    let mut steps = vec![Step::Value(0)];
    while let Some(step) = steps.pop() {
        let position = match step {
            Step::Text(text) => {
                out.push_str(text);
                continue;
            }
            Step::Key(key) => {
                string(&mut out, key);
                out.push_str(": ");
                continue;
            }
            Step::Value(position) => position,
        };
        match document.nodes.get(position) {
            Some(Node::Word(word)) => out.push_str(word),
            Some(Node::Number(number)) => out.push_str(number),
            Some(Node::Text(text)) => string(&mut out, text),
            Some(Node::Array(items)) => {
                out.push('[');
                steps.push(Step::Text("]"));
                for (i, item) in items.iter().enumerate().rev() {
                    steps.push(Step::Value(*item));
                    if i > 0 {
                        steps.push(Step::Text(", "));
                    }
                }
            }
            Some(Node::Object(members)) => {
                out.push('{');
                steps.push(Step::Text("}"));
                for (i, (key, value)) in in_order(members).into_iter().enumerate().rev() {
                    steps.push(Step::Value(value));
                    steps.push(Step::Key(key));
                    if i > 0 {
                        steps.push(Step::Text(", "));
                    }
                }
            }
            None => {}
        }
    }
    out
}

/// The members by the length of their keys, then by their bytes; of equal keys the last one.
pub(super) fn in_order<'d>(members: &'d [(Cow<'_, str>, usize)]) -> Vec<(&'d str, usize)> {
    let mut sorted: Vec<(&str, usize)> = members.iter().map(|(k, v)| (&**k, *v)).collect();
    // stable: equal keys stay in the order of the text
    sorted.sort_by(|(a, _), (b, _)| (a.len(), a.as_bytes()).cmp(&(b.len(), b.as_bytes())));
    let mut kept: Vec<(&str, usize)> = Vec::with_capacity(sorted.len());
    for member in sorted {
        match kept.last_mut() {
            Some(last) if last.0 == member.0 => *last = member,
            _ => kept.push(member),
        }
    }
    kept
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x8 => "\\b",
            0xc => "\\f",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            ..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        match escape {
            "" => out.push_str(&format!("\\u{byte:04x}")),
            escape => out.push_str(escape),
        }
        from = at + 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}
