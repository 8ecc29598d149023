use std::time::Instant;

use proptest::prelude::*;

use super::Kind::{Comment, Name, Native, Number, Operator, Parameter, String, Symbol, Word};
use super::*;
use crate::schema::SqlDialect::{self, Postgres, Sqlite};

fn tokens(text: &str, dialect: SqlDialect) -> Vec<(Kind, &str)> {
    let tokens = Lexer::new(text, dialect).significant();
    tokens.map(|token| (token.kind, token.text)).collect()
}

fn texts(text: &str, dialect: SqlDialect) -> Vec<&str> {
    let tokens = Lexer::new(text, dialect).significant();
    tokens.map(|token| token.text).collect()
}

/// The whole text is one token.
fn is_one(text: &str, dialect: SqlDialect, kind: Kind) {
    assert_eq!(tokens(text, dialect), [(kind, text)], "{dialect:?}");
}

#[test]
fn strings_of_every_sort_are_one_token() {
    is_one("'it''s; --'", Postgres, String(Quote::Plain));
    is_one("'a\\'", Postgres, String(Quote::Plain));
    is_one("N'a\\'", Postgres, String(Quote::Plain));
    is_one("E'a\\'b\\\\'", Postgres, String(Quote::Escape));
    is_one("e'a''b'", Postgres, String(Quote::Escape));
    is_one("U&'a\\'", Postgres, String(Quote::Unicode));
    is_one("x'0f'", Postgres, String(Quote::Bits));
    is_one("B'01'", Postgres, String(Quote::Bits));
    is_one("$$a;'b$$", Postgres, String(Quote::Dollar));
    is_one("$x_1$ $$ $x$ $x_1$", Postgres, String(Quote::Dollar));
    is_one("$ä$ $ä$", Postgres, String(Quote::Dollar));
    is_one("X'0f'", Sqlite, String(Quote::Bits));
    // a prefix is one only directly before the quote, and only where the database has it
    assert_eq!(
        texts("date'a' E 'b\\'", Postgres),
        ["date", "'a'", "E", "'b\\'"]
    );
    assert_eq!(texts("E'a\\' b'c'", Sqlite), ["E", "'a\\'", "b", "'c'"]);
    is_one("$$a$$", Sqlite, Native);
}

#[test]
fn a_string_goes_on_behind_a_line_break_with_its_backslashes() {
    let hidden = "E'a'\n'\\'' ; COMMIT --'";
    assert_eq!(texts(hidden, Postgres), ["E'a'", "'\\''", ";", "COMMIT"]);
    let commented = "E'a' -- b\n '\\'' c";
    assert_eq!(texts(commented, Postgres), ["E'a'", "'\\''", "c"]);
    for text in ["E'a' '\\'", "E'a' /*\n*/ '\\'", "'a'\n'\\'", "E'a' b\n'\\'"] {
        let last = Lexer::new(text, Postgres).last().unwrap();
        assert_eq!(
            (last.kind, last.text),
            (String(Quote::Plain), "'\\'"),
            "{text}"
        );
    }
}

#[test]
fn backslashes_escape_where_the_setting_says_so() {
    let mut lexer = Lexer::new("'a\\'b' 'c'", Postgres);
    lexer.set_backslashes(true);
    let texts: Vec<_> = lexer.significant().map(|t| (t.kind, t.text)).collect();
    let escape = String(Quote::Escape);
    assert_eq!(texts, [(escape, "'a\\'b'"), (escape, "'c'")]);
}

#[test]
fn comments_end_where_the_database_ends_them() {
    let comments = |text, dialect| -> Vec<_> {
        let tokens = Lexer::new(text, dialect).filter(|t| t.kind == Comment);
        tokens.map(|t| t.text).collect()
    };
    assert_eq!(
        comments("a /* x /* y */ z */ b -- c\nd", Postgres),
        ["/* x /* y */ z */", "-- c"]
    );
    assert_eq!(comments("/* /* */ b", Sqlite), ["/* /* */"]);
    assert_eq!(comments("/*/ a */ b", Sqlite), ["/*/ a */"]);
    // what one hides the other runs
    assert_eq!(texts("-- a\rCOMMIT", Postgres), ["COMMIT"]);
    assert!(texts("-- a\rCOMMIT", Sqlite).is_empty());
    assert_eq!(
        texts("a+--b\n/c*/*d*/e", Postgres),
        ["a", "+", "/", "c", "*", "e"]
    );
}

#[test]
fn names_are_quoted_as_the_dialect_has_it() {
    is_one("\"a\"\"b\"", Postgres, Name);
    is_one("U&\"a\\0041\"", Postgres, Name);
    for text in ["\"a\"\"b\"", "`c``d`", "[a b\"]"] {
        is_one(text, Sqlite, Name);
    }
    assert_eq!(texts("x[1]", Postgres), ["x", "[", "1", "]"]);
    is_one("größe$1", Postgres, Word);
    is_one("a\u{a0}b", Postgres, Word);
    assert!(Lexer::new("\"a\"", Sqlite).all(|t| t.names("a") && !t.names("A") && !t.is("a")));
    assert!(Lexer::new("U&\"a\"", Postgres).all(|t| t.names("a")));
    assert!(Lexer::new("A", Sqlite).all(|t| t.names("a") && t.is("a") && t.is_any(&["b", "A"])));
}

#[test]
fn parameters_are_told_from_casts_slices_and_the_databases_own() {
    assert_eq!(
        tokens(":a::text := x[1:n] y[:b]", Postgres)
            .into_iter()
            .filter(|(kind, _)| !matches!(kind, Word | Symbol))
            .collect::<Vec<_>>(),
        [
            (Parameter, ":a"),
            (Operator, "::"),
            (Operator, ":="),
            (Number, "1"),
            (Parameter, ":b")
        ]
    );
    is_one("$1", Postgres, Native);
    for text in ["?", "?12", ":1", "@a", "$a1"] {
        is_one(text, Sqlite, Native);
    }
    assert_eq!(tokens("a ? :b", Postgres)[1], (Operator, "?"));
    let slice = Lexer::of_definition("a[b:c]", Postgres).map(|t| t.text);
    assert_eq!(slice.collect::<Vec<_>>(), ["a", "[", "b", ":", "c", "]"]);
    assert_eq!(
        Lexer::new(":größe", Sqlite).next().unwrap().parameter(),
        Some("größe")
    );
}

#[test]
fn numbers_and_operators() {
    for number in ["1", "1.5e-3", ".5", "1.", "1_000", "0x1F", "1E5"] {
        is_one(number, Postgres, Number);
        is_one(number, Sqlite, Number);
    }
    assert_eq!(
        texts("1..2 1INTO 1e", Postgres),
        ["1", ".", ".2", "1", "INTO", "1", "e"]
    );
    assert_eq!(
        texts("a=-1 @- b->>c <= d !=- e", Postgres),
        [
            "a", "=", "-", "1", "@-", "b", "->>", "c", "<=", "d", "!=-", "e"
        ]
    );
    assert_eq!(
        texts("a=-1||b->>'c'", Sqlite),
        ["a", "=", "-", "1", "||", "b", "->>", "'c'"]
    );
}

#[test]
fn what_never_ends_is_told() {
    for (text, dialect) in [
        ("'x", Postgres),
        ("E'\\'", Postgres),
        ("E'\\", Postgres),
        ("\"x", Postgres),
        ("$x$ $$", Postgres),
        ("/* /* */", Postgres),
        ("[x", Sqlite),
        ("`x", Sqlite),
    ] {
        let mut lexer = Lexer::new(text, dialect);
        let token = lexer.next().unwrap();
        assert_eq!(
            (token.text, token.closed, lexer.next()),
            (text, false, None)
        );
    }
    assert!(Lexer::new("/* x", Sqlite).all(|token| token.closed));
}

#[test]
fn the_lexer_goes_on_where_it_is_told() {
    let mut lexer = Lexer::new("a 'b c", Postgres);
    lexer.next();
    assert_eq!(lexer.position(), 1);
    lexer.go_to(3);
    assert_eq!(lexer.next().map(|t| t.text), Some("b"));
    lexer.go_to(usize::MAX);
    assert_eq!(lexer.next(), None);
}

/// Texts that make a lexer look far ahead, or again and again.
#[test]
fn the_time_is_linear() {
    let seconds = |part: &str, length: usize, dialect| {
        let text = part.repeat(length / part.len());
        let start = Instant::now();
        assert!(Lexer::new(&text, dialect).count() > 0);
        start.elapsed().as_secs_f64()
    };
    for part in [
        "a", "$", "$a", "$a$b", "/*", "*/", "--", "-", "+", "'", "''", "E'\\'", "\"", "[", "`",
        "U&'", ":a", "1.", "(", "E'a'\n", "$$a", "ä",
    ] {
        for dialect in [Postgres, Sqlite] {
            let time = seconds(part, 200_000, dialect);
            assert!(time < 10.0, "{part}: {time} s for 200 kB"); // far more if it were quadratic
        }
    }
}

fn check(text: &str) {
    for dialect in [Postgres, Sqlite] {
        for backslashes in [false, true] {
            let mut lexer = Lexer::new(text, dialect);
            lexer.set_backslashes(backslashes);
            let mut end = 0;
            for token in lexer {
                assert_eq!(token.start, end, "{text:?}");
                assert!(!token.text.is_empty(), "{text:?}");
                assert!(token.closed || token.end() == text.len(), "{text:?}");
                let _ = (token.name(dialect), token.string());
                end = token.end();
            }
            assert_eq!(end, text.len(), "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn the_tokens_cover_any_text(text in ".{0,80}") {
        check(&text);
    }

    #[test]
    fn the_tokens_cover_what_looks_like_sql(text in "([-'\"$:;/*\\\\\\[\\]`?@a1EUX&. \n\rä(),=+<>]|\\$\\$|/\\*|\\*/|--|E'){0,60}") {
        check(&text);
    }
}

#[test]
fn names_are_what_the_database_makes_of_them() {
    let name = |text, dialect| Lexer::new(text, dialect).next().unwrap().name(dialect);
    for (text, dialect, expected) in [
        ("AbÄ", Postgres, "abÄ"),
        ("Ab", Sqlite, "Ab"),
        ("\"A\"\"b\"", Postgres, "A\"b"),
        ("U&\"d\\0061t\\+000061\\\\\"", Postgres, "data\\"),
        ("`a``b`", Sqlite, "a`b"),
        ("[a b]", Sqlite, "a b"),
        ("'it''s'", Sqlite, "it's"),
    ] {
        assert_eq!(name(text, dialect).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(name("'a'", Postgres), None);
    assert_eq!(name("x'00'", Sqlite), None);
    let long = "ä".repeat(40);
    assert_eq!(name(&long, Postgres).map(|name| name.len()), Some(62));
}

#[test]
fn strings_have_their_content() {
    let content = |text| Lexer::new(text, Postgres).next().unwrap().string();
    for (text, expected) in [
        ("'it''s \\n'", "it's \\n"),
        ("N'a'", "a"),
        ("E'it''s\\'\\n\\t\\\\\\q'", "it's'\n\t\\q"),
        ("E'\\x41\\101\\u00e4\\U0001f600\\xc3'", "AAä😀\\xc3"),
        ("U&'d\\0061\\+000062\\\\'", "dab\\"),
        ("$$a'$$", "a'"),
        ("$x$ $$ $x$", " $$ "),
        ("X'0f'", "0f"),
    ] {
        assert_eq!(content(text).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(content("a"), None);
}
