//! Files that were made to harm: a clear error, little memory, nothing written.

use db_adapter::TableDef;

use super::child::Run;
use crate::side::{Backend, Side};
use crate::steps::{Kept, schema};

cases! {
    files_made_to_harm_are_refused_in_little_memory,
    a_text_of_100_megabytes_is_stored_whole,
}

const TABLE: &str = "CREATE TABLE notes (id {id}, user_id text, slug text, n int, j json)";

fn with_rows(rows: &str) -> String {
    format!("{{\"metadata\": {{\"version\": \"1.1\", \"notes_count\": 1}},\n\"notes\": [{rows}]}}")
}

fn files() -> Vec<(&'static str, String)> {
    let deep = 200_000;
    let row = |n: &str| {
        with_rows(&format!(
            "{{\"id\": 1, \"user_id\": \"u\", \"slug\": \"a\", \"n\": {n}}}"
        ))
    };
    let document = |j: &str| {
        with_rows(&format!(
            "{{\"id\": 1, \"user_id\": \"u\", \"slug\": \"a\", \"j\": {j}}}"
        ))
    };
    vec![
        ("deep arrays", "[".repeat(deep)),
        ("deep objects", "{\"a\":".repeat(deep)),
        ("deep metadata", format!("{{\"metadata\": {{\"version\": \"1.1\", \"x\": {}{}}}}}", "[".repeat(deep), "]".repeat(deep))),
        ("a deep document", document(&format!("{}{}", "[".repeat(deep), "]".repeat(deep)))),
        ("a deep value", row(&format!("{}{}", "[".repeat(deep), "]".repeat(deep)))),
        ("a gigantic number", row(&"9".repeat(5_000_000))),
        ("a gigantic exponent", row("1e999999999")),
        ("a gigantic fraction", row(&format!("0.{}1", "0".repeat(1_000_000)))),
        ("a number too large for its column", row("9223372036854775808")),
        ("a gigantic key", with_rows(&format!("{{\"id\": 1, \"{}\": 1}}", "k".repeat(5_000_000)))),
        ("many keys", with_rows(&format!("{{{}\"id\": 1}}", (0..200_000).map(|i| format!("\"k{i}\": 1, ")).collect::<String>()))),
        ("two values of a column", with_rows(r#"{"id": 1, "user_id": "u", "slug": "a", "slug": "b"}"#)),
        ("a table twice", r#"{"metadata": {"version": "1.1"}, "notes": [], "notes": [{"id": 1, "slug": "a"}]}"#.to_owned()),
        ("metadata twice", r#"{"metadata": {"version": "1.1"}, "metadata": {"version": "1.1"}, "notes": []}"#.to_owned()),
        ("rows that are none", with_rows("1, \"x\", null, [1]")),
        ("a table that is none", r#"{"metadata": {"version": "1.1"}, "notes": {"id": 1}}"#.to_owned()),
        ("a boolean for a number", row("true")),
        ("an object for a text", with_rows(r#"{"id": 1, "user_id": "u", "slug": {"a": 1}}"#)),
        ("a key that is null", with_rows(r#"{"id": null, "slug": null, "user_id": null, "n": "x"}"#)),
        ("half a surrogate", with_rows(r#"{"id": 1, "user_id": "u", "slug": "\ud800"}"#)),
        ("a NUL", with_rows(r#"{"id": 1, "user_id": "u", "slug": "a\u0000b"}"#)),
        ("a control character", with_rows("{\"id\": 1, \"user_id\": \"u\", \"slug\": \"a\u{1}\"}")),
        ("something behind the end", with_rows("") + "{}"),
        ("a seal that is none", r#"{"metadata": {"version": "1.1"}, "notes": [], "seal": {"rows": {}, "sha256": "00"}}"#.to_owned()),
        ("a seal before the rows", r#"{"metadata": {"version": "1.1"}, "seal": {"rows": {"notes": 0}, "sha256": "00"}, "notes": [{"id": 1, "user_id": "u", "slug": "a"}]}"#.to_owned()),
        ("another version", r#"{"metadata": {"version": "9.9"}, "notes": []}"#.to_owned()),
        ("spaces without end", format!("{{{}", " ".repeat(20_000_000))),
        ("nothing", String::new()),
        ("an array", "[]".to_owned()),
    ]
}

async fn files_made_to_harm_are_refused_in_little_memory(backend: Backend) {
    let schema = schema([TableDef::new("notes")]);
    let mut side = Side::with(backend, TABLE).await;
    side.sql("INSERT INTO notes (id, user_id, slug) VALUES (1, 'bob', 'a')")
        .await;
    let url = side.database.url().to_owned();
    for (what, text) in files() {
        let kept = Kept::written(&text);
        for command in ["validate", "restore"] {
            let run = Run {
                what: command,
                url: &url,
                schema: &schema,
                file: &kept.path,
            };
            let ended = run.to_its_end("").await;
            let said = &ended.said;
            let code = ended.status.code();
            // a row that is refused is no error: the summary has it
            let row = code == Some(0) && said.contains("\"committed\":false");
            // without the types of a database there may be nothing wrong with it
            let fine = command == "validate" && code == Some(0);
            assert!(
                code == Some(1) || row || fine,
                "{what}, {command}: {code:?} {}",
                start(said)
            );
            let peak = ended.peak_kib();
            assert!(peak < 100 * 1024, "{what}, {command}: {peak} KiB");
            assert!(
                said.len() < 20_000,
                "{what}, {command}: says {} bytes: {}",
                said.len(),
                start(said)
            );
        }
        assert_eq!(
            side.table("SELECT id, user_id, slug FROM notes").await,
            "1,bob,a",
            "{what}"
        );
    }
}

fn start(text: &str) -> String {
    text.chars().take(500).collect()
}

/// Large is not hostile, as long as there is a limit: it is there, or it is named.
async fn a_text_of_100_megabytes_is_stored_whole(backend: Backend) {
    let schema = schema([TableDef::new("notes")]);
    let mut side = Side::with(backend, &TABLE.replace("n int", "n text")).await;
    let kept = Kept::written(&with_rows(&format!(
        "{{\"id\": 1, \"user_id\": \"u\", \"slug\": \"a\", \"n\": \"{}\"}}",
        "x".repeat(100_000_000)
    )));
    let run = Run {
        what: "restore",
        url: side.database.url(),
        schema: &schema,
        file: &kept.path,
    };
    let ended = run.to_its_end("").await;
    assert!(
        ended.said.contains("\"committed\":true"),
        "{}",
        start(&ended.said)
    );
    assert!(ended.peak_kib() < 1024 * 1024, "{} KiB", ended.peak_kib());
    assert_eq!(side.table("SELECT length(n) FROM notes").await, "100000000");
}
