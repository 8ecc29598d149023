//! The JSON shape of `query`, version 1: `{"version":1,"rows":[..]}` with one row on each line.
//! Pure. Fields may be added to it; none changes its meaning without another version.

use std::fmt::Write;

use db_adapter::{ExactJson, Row};

use crate::cell::is_unprintable;

pub(crate) const HEAD: &str = "{\"version\":1,\"rows\":[";
pub(crate) const TAIL: &str = "]}\n";

/// A row as exact JSON. What could drive a terminal can only stand inside strings, where an
/// escape means the same.
pub(crate) fn row(row: &Row) -> String {
    let json = row.to_json();
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
