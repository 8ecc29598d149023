//! Results: tables and JSON on stdout, talk on stderr.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::databases;
use crate::program::{command, query, run};

const PRODUCTS: &str = "\
CREATE TABLE products (id INTEGER PRIMARY KEY, name text, price NUMERIC_TEXT(10, 2), note text);
INSERT INTO products VALUES (1, 'Tea', '1.50', NULL), (20, 'Größe', '12.00', 'a
b');";

/// PostgreSQL keeps the scale of a `numeric`; SQLite needs the other name for it.
fn products(url: &str) -> String {
    if url.starts_with("postgresql") {
        PRODUCTS.replace("NUMERIC_TEXT", "numeric")
    } else {
        PRODUCTS.to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_a_plain_table_in_a_pipe() {
    for database in databases().await {
        database.sql(&products(database.url())).await;
        let run = query(database.url(), &["SELECT * FROM products ORDER BY id"]);
        assert_eq!(
            run.stdout,
            "id  name   price  note\n 1  Tea     1.50  NULL\n20  Größe  12.00  a\\nb\n"
        );
        assert_eq!((run.stderr.as_str(), run.code), ("2 rows\n", Some(0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_exact_and_one_row_a_line() {
    for database in databases().await {
        database.sql(&products(database.url())).await;
        let run = query(
            database.url(),
            &["SELECT id, price, note FROM products ORDER BY id", "--json"],
        );
        assert_eq!(
            run.stdout,
            "{\"version\":1,\"rows\":[\n\
             {\"id\":1,\"price\":1.50,\"note\":null},\n\
             {\"id\":20,\"price\":12.00,\"note\":\"a\\nb\"}\n\
             ]}\n"
        );
        let parsed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(parsed["rows"].as_array().unwrap().len(), 2);
        assert_eq!(run.code, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rows_are_no_failure() {
    for database in databases().await {
        let table = query(database.url(), &["SELECT 1 AS n WHERE 1 = 0"]);
        assert_eq!(
            (table.stdout.as_str(), table.stderr.as_str(), table.code),
            ("", "0 rows\n", Some(0))
        );
        let json = query(
            database.url(),
            &["SELECT 1 AS n WHERE 1 = 0", "--json", "-q"],
        );
        assert_eq!(
            (json.stdout.as_str(), json.stderr.as_str(), json.code),
            ("{\"version\":1,\"rows\":[]}\n", "", Some(0))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_values_are_whole_in_a_pipe() {
    for database in databases().await {
        let wide = "x".repeat(5000);
        let run = query(
            database.url(),
            &[&format!("SELECT '{wide}' AS a, 'end' AS b")],
        );
        assert!(run.stdout.ends_with(&format!("{wide}  end\n")), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_cannot_drive_the_terminal() {
    for database in databases().await {
        database
            .sql("CREATE TABLE t (a text); INSERT INTO t VALUES ('\u{1b}[2J\u{9b}31m\u{202e}')")
            .await;
        for args in [&["SELECT a FROM t"][..], &["SELECT a FROM t", "--json"]] {
            let run = query(database.url(), args);
            assert_eq!(run.code, Some(0), "{run:?}");
            assert!(
                !run.stdout.contains(['\u{1b}', '\u{9b}', '\u{202e}']),
                "{run:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_only_when_told() {
    for database in databases().await {
        let sql = "SELECT 1 AS n";
        assert!(!query(database.url(), &[sql]).stdout.contains('\u{1b}'));
        let always = query(database.url(), &[sql, "--color", "always"]);
        assert_eq!(always.stdout, "\u{1b}[1mn\u{1b}[0m\n1\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_failure() {
    for database in databases().await {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n";
        let mut command = command(&["query", "-D", database.url(), "--json", sql]);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "{\"version\":1,\"rows\":[");
        assert_eq!(lines.next().unwrap().unwrap(), "{\"i\":1},");
        drop(lines);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_cannot_be_written_is_a_failure() {
    for database in databases().await {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = command(&["query", "-D", database.url(), "SELECT 1 AS n"]);
        command.stdout(Stdio::from(full));
        let run = run(command);
        assert_eq!(run.code, Some(3));
        assert!(
            run.stderr.starts_with("error: cannot write the output"),
            "{run:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verbose_says_how_long_and_never_a_value() {
    for database in databases().await {
        let sql = "SELECT 'secret' AS a";
        let read = query(database.url(), &[sql, "-v"]);
        assert_eq!(read.stdout, "a\nsecret\n");
        assert!(
            read.stderr
                .lines()
                .any(|line| line.starts_with("1 row, ") && line.ends_with(" ms")),
            "{read:?}"
        );
        let written = query(database.url(), &[sql, "-v", "--write"]);
        assert!(
            written.stderr.contains("operation=\"query\""),
            "{written:?}"
        );
        for run in [read, written] {
            assert!(!run.stderr.contains("secret"), "{run:?}");
        }
    }
}
