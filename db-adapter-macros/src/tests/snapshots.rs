//! What a macro expands to, beside what it was given, in `tests/expansions/`.
//! `DB_ADAPTER_TESTS_BLESS=1` writes the expansions anew, to be reviewed in the diff.

use super::Macro;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::Path;

#[test]
fn expansions_are_as_reviewed() {
    for (name, file) in [
        (Macro::Attribute, "attribute"),
        (Macro::Attribute, "serde"),
        (Macro::Attribute, "serde_condition"),
        (Macro::Derive, "table"),
        (Macro::Derive, "mistaken_table"),
        (Macro::Schema, "schema"),
        (Macro::Expected, "expected_inline"),
        (Macro::Expected, "expected_types"),
        (Macro::Module, "module"),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expansions");
        let input = std::fs::read_to_string(folder.join(file).with_extension("rs")).unwrap();
        let mut found = String::new();
        lines(name.expand(input.parse().unwrap()), 0, &mut found);
        let expanded = folder.join(file).with_extension("expanded.rs");
        if std::env::var_os("DB_ADAPTER_TESTS_BLESS").is_some() {
            std::fs::write(&expanded, &found).unwrap();
        }
        let reviewed = std::fs::read_to_string(&expanded).unwrap_or_default();
        assert!(
            reviewed == found,
            "{file}: expected\n{reviewed}\nfound\n{found}"
        );
    }
}

/// One line for each item and each element of a list; not rustfmt, but a diff can be read.
fn lines(tokens: TokenStream, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    let mut line = String::new();
    let flush = |line: &mut String, out: &mut String| {
        if !line.trim().is_empty() {
            out.push_str(&format!("{indent}{}\n", line.trim()));
        }
        line.clear();
    };
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.stream().to_string().len() > 60 => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                line.push_str(open);
                flush(&mut line, out);
                lines(group.stream(), depth + 1, out);
                line.push_str(close);
                if group.delimiter() == Delimiter::Brace {
                    flush(&mut line, out);
                }
            }
            TokenTree::Punct(punct) => {
                line.push(punct.as_char());
                match punct.as_char() {
                    ',' | ';' => flush(&mut line, out),
                    _ if punct.spacing() == proc_macro2::Spacing::Alone => line.push(' '),
                    _ => {}
                }
            }
            TokenTree::Group(group) => {
                line.push_str(&group.to_string());
                line.push(' ');
            }
            other => {
                line.push_str(&other.to_string());
                line.push(' ');
            }
        }
    }
    flush(&mut line, out);
}
