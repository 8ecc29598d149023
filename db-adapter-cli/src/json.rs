//! The JSON of every command: one object, whose first field is the version of its shape, such as
//! `{"version":1,"rows":[..]}` with one row on each line for `query`. Pure. Fields may be added to a
//! shape; none changes its meaning without another version.

use std::fmt::Write;

use db_adapter::{ExactJson, Row, Value};

use crate::cell::is_unprintable;
use crate::interrupt::Outcome;

pub(crate) const HEAD: &str = "{\"version\":1,\"rows\":[";
pub(crate) const TAIL: &str = "]}\n";
/// Before what is said of an interrupted run: nothing, or rows.
pub(crate) const START: &str = "{\"version\":1";
pub(crate) const AFTER_ROWS: &str = "\n]";

/// That a run was interrupted, and what became of its work, up to the end of the object.
pub(crate) fn interrupted(outcome: Outcome) -> String {
    let outcome = match outcome {
        Outcome::Unchanged | Outcome::RolledBack => "unchanged",
        Outcome::Committed => "committed",
        Outcome::Partly => "partly",
        Outcome::Unknown | Outcome::NotAwaited => "unknown",
    };
    format!(",\"interrupted\":true,\"outcome\":\"{outcome}\"}}\n")
}

/// A row as exact JSON. What could drive a terminal can only stand inside strings, where an
/// escape means the same.
pub(crate) fn row(row: &Row) -> String {
    printable(row.to_json())
}

/// One JSON object, written field by field.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Object(String::new())
    }

    /// The object of a command, with the version of its shape.
    pub(crate) fn versioned() -> Self {
        Object::new().value("version", 1)
    }

    pub(crate) fn value(self, key: &str, value: impl Into<Value>) -> Self {
        self.raw(key, &printable(value.into().to_json()))
    }

    /// A field whose name is not ours, such as that of a column.
    pub(crate) fn named(mut self, name: &str, value: impl Into<Value>) -> Self {
        let name = printable(Value::from(name).to_json());
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0
            .push_str(&format!("{name}:{}", printable(value.into().to_json())));
        self
    }

    pub(crate) fn object(self, key: &str, object: Option<Object>) -> Self {
        match object {
            Some(object) => self.raw(key, &object.end()),
            None => self.raw(key, "null"),
        }
    }

    /// A list with one object on each line.
    pub(crate) fn list(self, key: &str, objects: impl Iterator<Item = Object>) -> Self {
        let lines: Vec<String> = objects
            .map(|object| format!("\n{}", object.end()))
            .collect();
        let end = if lines.is_empty() { "" } else { "\n" };
        self.raw(key, &format!("[{}{end}]", lines.join(",")))
    }

    /// What is JSON already.
    pub(crate) fn json(self, key: &str, json: String) -> Self {
        self.raw(key, &printable(json))
    }

    fn raw(mut self, key: &str, json: &str) -> Self {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&format!("\"{key}\":{json}"));
        self
    }

    pub(crate) fn end(self) -> String {
        match self.0.as_str() {
            "" => "{}".to_owned(),
            fields => format!("{fields}}}"),
        }
    }
}

/// JSON with escapes for what could drive a terminal, a line break too.
pub(crate) fn printable(json: String) -> String {
    if !json.contains(is_unprintable) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // writing into memory does not fail
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_the_same() {
        let tricky = "\u{1b}[1m \u{9b} \u{202e} \u{7f} ü";
        let json = row(&db_adapter::row! { "a": tricky });
        assert!(!json.contains(is_unprintable), "{json}");
        assert!(json.contains(r"\u009b \u202e \u007f ü"), "{json}");
    }
}
