//! No text makes the reader panic, overflow the stack, or point outside of the file; random
//! mutations of the dumps are tried, and inputs that are deep or long on purpose.

use db_adapter_core::ddl::{Ddl, SqlDialect, parse};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use std::time::{Duration, Instant};

const SEEDS: [&str; 6] = [
    include_str!("fixtures/types.sql"),
    include_str!("fixtures/keys.sql"),
    include_str!("fixtures/partitions.sql"),
    include_str!("fixtures/names_with_data.sql"),
    include_str!("fixtures/hand_written.sql"),
    include_str!("fixtures/sqlite.sql"),
];

const PIECES: [&str; 40] = [
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "$$",
    "$a$",
    "/*",
    "*/",
    "--",
    "\\",
    "\\.\n",
    "[",
    "]",
    "`",
    "E'",
    ".",
    "::",
    "=",
    " CREATE TABLE ",
    " ALTER TABLE ",
    " PRIMARY KEY ",
    " CHECK ",
    " REFERENCES ",
    " DEFAULT ",
    " NOT NULL ",
    " CASE ",
    " END ",
    " LIKE ",
    " CONSTRAINT ",
    " GENERATED ",
    " COPY x FROM stdin;\n",
    " BEGIN ATOMIC ",
    "ö",
    "\0",
    "\u{feff}",
    "\r\n",
    " PARTITION OF ",
    " ARRAY[",
];

/// Both dialects; every place must be inside the file.
fn read(sql: &str) -> [Ddl; 2] {
    [SqlDialect::Postgres, SqlDialect::Sqlite].map(|dialect| {
        let ddl = parse(sql, dialect);
        let errors = ddl.errors.iter().map(|e| (e.line, e.column));
        let notes = ddl.notes.iter().map(|n| (n.line, n.column));
        let lines: Vec<&str> = sql.split('\n').collect();
        for (line, column) in errors.chain(notes) {
            let text = lines.get(line.wrapping_sub(1)).copied();
            let last = text.map_or(0, |text| text.chars().count() + 1);
            assert!((1..=last).contains(&column), "{line}:{column}");
        }
        for error in &ddl.errors {
            assert!(error.snippet.lines().count() == 3, "{}", error.snippet);
            assert!(error.snippet.len() < 2000 && error.message.len() < 1000);
            assert!(
                error
                    .table
                    .as_ref()
                    .is_none_or(|t| !ddl.schema.tables.contains_key(t)),
                "{error}"
            );
        }
        ddl
    })
}

fn clipped(text: &str, from: usize, length: usize) -> &str {
    let start = text.floor_char_boundary(from.min(text.len()));
    let end = text.floor_char_boundary((start + length).min(text.len()));
    &text[start..end]
}

fn cases() -> ProptestConfig {
    let long = std::env::var_os("DB_ADAPTER_TESTS_LONG").is_some();
    ProptestConfig {
        cases: if long { 20_000 } else { 400 },
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource(
            "proptest-regressions",
        ))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn mutated_dumps_are_read_or_refused(
        seed in 0..SEEDS.len(), from in 0usize..12_000, length in 0usize..2500,
        edits in proptest::collection::vec((0usize..2500, 0usize..30, 0..PIECES.len()), 0..12),
    ) {
        let mut sql = clipped(SEEDS[seed], from, length).to_owned();
        for (at, cut, piece) in edits {
            let start = sql.floor_char_boundary(at.min(sql.len()));
            let end = sql.floor_char_boundary((start + cut).min(sql.len())).max(start);
            sql.replace_range(start..end, PIECES[piece]);
        }
        read(&sql);
    }

    #[test]
    fn pieces_in_any_order_are_read_or_refused(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        read(&pieces.iter().map(|&p| PIECES[p]).collect::<String>());
    }

    #[test]
    fn any_text_is_read_or_refused(sql in "\\PC*") {
        read(&sql);
    }

    /// What stands before a broken statement is read as if it stood alone.
    #[test]
    fn garbage_behind_does_not_change_what_is_before(garbage in "[^;\\p{C}]{0,40}") {
        let good = "CREATE TABLE good (id int PRIMARY KEY, name text);\n";
        let [ddl, _] = read(&format!("{good}frob {garbage}"));
        prop_assert_eq!(&ddl.schema.tables["good"], &parse(good, SqlDialect::Postgres).schema.tables["good"]);
    }
}

#[test]
fn every_dump_cut_at_every_place_is_read_or_refused() {
    for seed in SEEDS {
        for end in (0..seed.len()).step_by(97) {
            let end = seed.floor_char_boundary(end);
            parse(&seed[..end], SqlDialect::Postgres);
        }
    }
}

#[test]
fn nesting_costs_no_stack_and_length_no_patience() {
    let deep = 200_000;
    for sql in [
        format!(
            "CREATE TABLE t (a int DEFAULT {}1{})",
            "(".repeat(deep),
            ")".repeat(deep)
        ),
        format!("CREATE TABLE t (a int CHECK {}", "(".repeat(deep)),
        format!("CREATE TABLE t (a int{})", "[]".repeat(deep)),
        format!("CREATE TABLE t (a int DEFAULT {})", "CASE ".repeat(deep)),
        format!("{} x", "/*".repeat(deep)),
        format!(
            "{} {} CREATE TABLE t (a int)",
            "/*".repeat(deep),
            "*/".repeat(deep)
        ),
        format!("CREATE TABLE t ({})", "a,".repeat(deep)),
        format!("CREATE TABLE {}", "a.".repeat(deep)),
        "CREATE TABLE t (x int) ".repeat(deep / 20),
        "CREATE TABLE ".repeat(deep / 10),
        "$a".repeat(deep),
        "'".repeat(deep),
        "\\".repeat(deep),
        "\\x \\\\ ".repeat(deep),
        "\\if 1\n".repeat(deep),
        "CREATE SCHEMA a CREATE TABLE t (x int) ".repeat(deep / 20),
        "COPY t FROM stdin;\n".repeat(deep / 10),
        format!("CREATE TABLE t (a int, {})", "CHECK (a > 0), ".repeat(2000)),
        format!(
            "CREATE TABLE t ({} z int)",
            (0..5000)
                .map(|n| format!("c{n} int UNIQUE, "))
                .collect::<String>()
        ),
    ] {
        let start = Instant::now();
        read(&sql);
        println!(
            "{:>6} ms {}",
            start.elapsed().as_millis(),
            clipped(&sql, 0, 50)
        );
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{}",
            clipped(&sql, 0, 60)
        );
    }
}
