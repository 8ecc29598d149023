//! Each text was tried on PostgreSQL 15.

use super::*;
use proptest::prelude::*;

#[test]
fn documents_are_printed_as_postgresql_does() {
    for (text, expected) in [
        ("-0", "0"),
        ("-0.0", "0.0"),
        ("1E5", "100000"),
        ("1.50", "1.50"),
        (" [ ] ", "[]"),
        ("{ }", "{}"),
        ("[1,[],{}]", "[1, [], {}]"),
        (
            r#"{"b":1,"aa":2,"a":3,"b":4}"#,
            r#"{"a": 3, "b": 4, "aa": 2}"#,
        ),
        (
            r#""\u00e9\u001f\u007f\/\b\ud83d\ude00""#,
            "\"é\\u001f\u{7f}/\\b😀\"",
        ),
        ("\"\\u0022\\\\\"", "\"\\\"\\\\\""),
        ("null", "null"),
        (r#"{"\u0061":true,"a":false}"#, r#"{"a": false}"#),
    ] {
        assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_postgresql_refuses_is_refused() {
    for (text, fault) in [
        ("", Fault::Syntax),
        ("nul", Fault::Syntax),
        ("[1,]", Fault::Syntax),
        ("[1 2]", Fault::Syntax),
        ("{\"a\":1,}", Fault::Syntax),
        ("{\"a\"}", Fault::Syntax),
        ("{a:1}", Fault::Syntax),
        ("[", Fault::Syntax),
        ("]", Fault::Syntax),
        ("1 1", Fault::Syntax),
        ("01", Fault::Syntax),
        ("1.", Fault::Syntax),
        (".5", Fault::Syntax),
        ("+1", Fault::Syntax),
        ("1e", Fault::Syntax),
        ("\"a\nb\"", Fault::Syntax),
        ("\"\\x\"", Fault::Syntax),
        ("\"\\u00g0\"", Fault::Syntax),
        ("\"\\u00é\"", Fault::Syntax),
        ("NaN", Fault::Syntax),
        ("\"\\u0000\"", Fault::Nul),
        ("{\"\\ud800\":1}", Fault::Surrogate),
        ("\"\\ud800x\"", Fault::Surrogate),
        ("\"\\udc00\"", Fault::Surrogate),
        ("\"\\ud800\\ud800\"", Fault::Surrogate),
        ("1e200000", Fault::Number),
        ("[1e-16384]", Fault::Number),
    ] {
        assert_eq!(canonical(text), Err(fault), "{text}");
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(canonical(&nested(MOST_DEPTH)), Ok(nested(MOST_DEPTH)));
    assert_eq!(canonical(&nested(MOST_DEPTH + 1)), Err(Fault::Depth));
    assert!(!is_too_deep(&nested(MOST_DEPTH)) && is_too_deep(&nested(MOST_DEPTH + 1)));
    assert!(!is_too_deep(&format!(
        "\"{}\"",
        "[\\\"[".repeat(MOST_DEPTH)
    )));
}

proptest! {
    #[test]
    fn canonical_text_stays_as_it_is(text in r#"[\[\]{}:,"ab\\u00d8 0-9.eE-]{0,40}|(\{"[a-c]{0,2}":[0-9],){0,3}"#) {
        if let Ok(once) = canonical(&text) {
            prop_assert_eq!(canonical(&once), Ok(once));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = (canonical(&text), is_too_deep(&text));
    }
}
