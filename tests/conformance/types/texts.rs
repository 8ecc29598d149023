//! Texts and byte strings: lengths, padding, and what no text can hold.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use super::{pairs, round_trip, round_trip_more, same};
use crate::case::{Case, kind};

cases! {
    anywhere: [texts, limited_texts, blank_padded_texts, byte_strings]
    outside: [nul_is_refused]
}

async fn texts(t: &Case) {
    let long = "ä".repeat(100_000);
    let values = [
        "",
        " ",
        "Alice",
        "O'Brien",
        "a\"b",
        "\\",
        "\\x00",
        "%_*?[]",
        "line\nbreak\r\ttab",
        "NULL",
        "null",
        "  both sides  ",
        "żółć",
        "日本語",
        "🦀👩‍👩‍👧‍👦",
        "e\u{301}",
        "é",
        "\u{feff}bom",
        "1.10",
        "0123",
        "1e5",
        "{a,b}",
        "[1]",
        "true",
        "\u{7f}\u{1}",
        "\u{10ffff}",
        long.as_str(),
    ];
    round_trip(t, "text", same(values)).await;
}

async fn limited_texts(t: &Case) {
    round_trip(t, "varchar", same(["", "any length"])).await;
    round_trip(
        t,
        "varchar(5)",
        same(["", "abcde", "äöüßé", "a  ", "🦀🦀🦀🦀🦀"]),
    )
    .await;
    assert_eq!(
        kind(t.db.insert("of_varchar_5_", row! { "v": "abcdef" }).await),
        ErrorKind::InvalidValue
    );
}

async fn blank_padded_texts(t: &Case) {
    let given = [
        ("ab", "ab"),
        ("ab ", "ab"),
        ("ab   ", "ab"),
        ("abcde", "abcde"),
        ("", ""),
        (" a", " a"),
    ];
    round_trip(t, "char(5)", pairs(given)).await;
}

async fn byte_strings(t: &Case) {
    let all: Vec<u8> = (0..=255).collect();
    let values = [
        vec![],
        vec![0],
        vec![0, 0],
        b"text".to_vec(),
        b"1.10".to_vec(),
        all.clone(),
        all.repeat(500),
    ];
    round_trip(t, "bytea", same(values)).await;
    round_trip_more(t, "bytea", vec![("\\x00FF".into(), vec![0_u8, 255].into())]).await;
}

async fn nul_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, s text, c {char(5)}, v {varchar(5)}, a {text[]})")
        .await;
    for data in [
        row! { "s": "a\0b" },
        row! { "c": "a\0" },
        row! { "v": "\0" },
        row! { "a": ["\0"] },
    ] {
        assert_eq!(
            kind(t.db.insert("t", &data).await),
            ErrorKind::InvalidValue,
            "{data:?}"
        );
        assert_eq!(
            kind(t.db.select("t", "*").filter(&data).await),
            ErrorKind::InvalidValue,
            "{data:?}"
        );
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}
