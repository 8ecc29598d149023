//! What is written is read; what is cut off, altered or hostile is refused, at every place.

use super::*;
use crate::backup::{BackupProblem, BackupProblemKind as Kind};
use crate::{Json, Numeric, Value};
use db_adapter_core::SqlType;
use proptest::prelude::*;

type Columns = Vec<(String, SqlType)>;

fn columns(types: &[&str]) -> Columns {
    let named = |(i, t): (usize, &&str)| (format!("c{i}"), SqlType::parse_postgres(t));
    types.iter().enumerate().map(named).collect()
}

fn written(tables: &[(&str, Columns, Vec<Vec<Value>>)]) -> Vec<u8> {
    let mut details = Details::new("PostgreSQL");
    let mut metadata = Metadata {
        created_at: Some("2026-11-27T20:00:00.000000+00:00".into()),
        user_id: Some("\"user-1\"".into()),
        ..Metadata::default()
    };
    for (key, columns, rows) in tables {
        let details_of = TableDetails {
            table: format!("public.{key}"),
            columns: columns.clone(),
        };
        details.tables.insert((*key).to_owned(), details_of);
        metadata.counts.insert((*key).to_owned(), rows.len() as u64);
    }
    metadata.details = Some(details);
    let mut writer = BackupWriter::new(Vec::new(), &metadata).unwrap();
    for (key, columns, rows) in tables {
        writer.table(key, columns).unwrap();
        for row in rows {
            writer.row(row.iter()).unwrap();
        }
    }
    writer.finish().unwrap().0
}

fn small() -> Vec<u8> {
    let text = |text: &str| Value::from(text);
    written(&[
        (
            "authors",
            columns(&["bigint", "text", "numeric", "jsonb"]),
            vec![
                vec![
                    Value::Int(1),
                    text("ann \"a\"\nb"),
                    Value::Numeric(Numeric::parse("1.50").unwrap()),
                    Value::Json(Json::parse("{\"a\":\n[1.10]}").unwrap()),
                ],
                vec![Value::Int(2), text("bob"), Value::Null, Value::Null],
            ],
        ),
        ("notes", columns(&["bigint"]), vec![]),
        (
            "books",
            columns(&["bigint", "text"]),
            vec![vec![Value::Int(7), text("x")]],
        ),
    ])
}

/// Everything that is wrong with a file, and how many rows could be read.
fn read(bytes: &[u8]) -> (Vec<BackupProblem>, usize) {
    let mut reader = BackupReader::new(bytes, "test.json");
    let (mut problems, mut rows) = (Vec::new(), 0);
    loop {
        match reader.next() {
            Err(problem) => problems.push(*problem),
            Ok(Some(Event::Row(_))) => rows += 1,
            Ok(Some(Event::Table(_))) => {}
            Ok(Some(Event::End(ending))) => problems.extend(ending.problems.clone()),
            Ok(None) => return (problems, rows),
        }
    }
}

fn first(bytes: &[u8]) -> BackupProblem {
    read(bytes)
        .0
        .into_iter()
        .next()
        .expect("no problem was found")
}

#[test]
fn a_file_is_one_json_object_with_one_row_a_line() {
    let bytes = small();
    let text = std::str::from_utf8(&bytes).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(parsed["authors"].as_array().unwrap().len(), 2);
    assert_eq!(parsed["metadata"]["version"], "1.1");
    assert_eq!(parsed["metadata"]["authors_count"], 2);
    assert_eq!(parsed["seal"]["rows"]["notes"], 0);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "\"authors\":[");
    assert_eq!(
        lines[2],
        r#"{"c0":1,"c1":"ann \"a\"\nb","c2":"1.50","c3":{"a": [1.10]}},"#
    );
    assert_eq!(lines[3], r#"{"c0":2,"c1":"bob","c2":null,"c3":null}"#);
    assert_eq!(lines[5], "\"notes\":[],");
    assert!(lines.last().unwrap().starts_with("\"seal\":{"));
}

#[test]
fn what_is_written_is_read() {
    let bytes = small();
    let mut reader = BackupReader::new(bytes.as_slice(), "test.json");
    let types = reader
        .metadata()
        .unwrap()
        .table("authors")
        .unwrap()
        .columns
        .clone();
    let mut tables = Vec::new();
    let mut values = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        match event {
            Event::Table(key) => tables.push(key.to_owned()),
            Event::Row(row) if row.table == "authors" => {
                assert_eq!(row.names(), ["c0", "c1", "c2", "c3"]);
                assert_eq!(
                    (row.number(), row.line()),
                    (values.len() as u64 + 1, values.len() as u64 + 3)
                );
                let cells = types.iter().enumerate();
                values.push(
                    cells
                        .map(|(i, (_, t))| row.value(i, t).unwrap())
                        .collect::<Vec<_>>(),
                );
            }
            Event::Row(row) => assert_eq!(row.raw(1), Some("\"x\"")),
            Event::End(ending) => {
                assert!(ending.sealed);
                assert_eq!(ending.rows["authors"], 2);
            }
        }
    }
    assert_eq!(tables, ["authors", "notes", "books"]);
    assert_eq!(values[0][1], "ann \"a\"\nb");
    assert_eq!(
        values[0][2],
        Value::Numeric(Numeric::parse("1.50").unwrap())
    );
    assert_eq!(values[1][3], Value::Null);
}

#[test]
fn a_file_cut_off_at_any_place_is_refused() {
    let bytes = small();
    for length in 0..bytes.len() - 1 {
        let problem = first(&bytes[..length]);
        assert_eq!(problem.kind, Kind::Truncated, "at {length}: {problem}");
        assert_eq!(problem.file, "test.json");
    }
    // the last byte is a line break, without which nothing is lost
    assert!(read(&bytes[..bytes.len() - 1]).0.is_empty());
}

#[test]
fn a_file_altered_at_any_byte_is_refused() {
    let bytes = small();
    for at in 0..bytes.len() - 1 {
        for change in [b'0', b' ', b'"', b'}', 0xff] {
            let mut altered = bytes.clone();
            altered[at] = change;
            if altered != bytes {
                first(&altered);
            }
        }
    }
}

#[test]
fn lines_taken_out_or_exchanged_are_found() {
    let bytes = small();
    let lines: Vec<&str> = std::str::from_utf8(&bytes)
        .unwrap()
        .split_inclusive('\n')
        .collect();
    let check = |lines: Vec<&str>| first(lines.concat().as_bytes()).kind;
    let mut without = lines.clone();
    without.remove(2);
    assert_eq!(check(without), Kind::Altered);
    let mut exchanged = lines.clone();
    exchanged[2] = "{\"c0\":2,\"c1\":\"bob\",\"c2\":null,\"c3\":null},\n";
    exchanged[3] =
        "{\"c0\":1,\"c1\":\"ann \\\"a\\\"\\nb\",\"c2\":\"1.50\",\"c3\":{\"a\": [1.10]}}\n";
    assert_eq!(check(exchanged), Kind::Altered);
    let unsealed = [&lines[..lines.len() - 1], &["\"x\":[]}"]].concat();
    assert_eq!(check(unsealed), Kind::Altered);
}

#[test]
fn hostile_files_are_refused_with_their_place() {
    let meta = r#"{"metadata":{"version":"1.1"}"#;
    let big = format!("{meta},\n\"t\":[{{\"a\":\"{}\"}}]}}", "x".repeat(100 << 20));
    assert_eq!(read(big.as_bytes()).1, 1, "100 MB of text are a row");
    let deep = format!("{meta},\n\"t\":[{{\"a\":{}", "[".repeat(1 << 20));
    for (text, kind, line, table) in [
        ("", Kind::Truncated, 1, None),
        ("[]", Kind::Malformed, 1, None),
        ("\u{feff}{}", Kind::Malformed, 1, None),
        ("PGDMP", Kind::Malformed, 1, None),
        ("{}", Kind::Malformed, 1, None),
        ("{\"authors\":[]}", Kind::Malformed, 1, None),
        ("{\"metadata\":1}", Kind::Malformed, 1, None),
        (
            "{\"metadata\":{\"version\":\"9\"}}",
            Kind::UnknownVersion,
            1,
            None,
        ),
        (&format!("{meta},\n\"t\":5}}"), Kind::Malformed, 2, None),
        (
            &format!("{meta},\n\"t\":[\n5]}}"),
            Kind::Malformed,
            3,
            Some("t"),
        ),
        (
            &format!("{meta},\n\"t\":[{{\"a\":1}}\n{{\"a\":2}}]}}"),
            Kind::Malformed,
            3,
            Some("t"),
        ),
        (
            &format!("{meta},\n\"t\":[{{\"a\":1}},]}}"),
            Kind::Malformed,
            2,
            Some("t"),
        ),
        (
            &format!("{meta},\n\"t\":[{{\"a\":1,\"\\u0061\":2}}]}}"),
            Kind::Duplicate,
            2,
            Some("t"),
        ),
        (
            &format!("{meta},\n\"t\":[],\n\"t\":[]}}"),
            Kind::Duplicate,
            3,
            Some("t"),
        ),
        (
            &format!("{meta},\n\"metadata\":{{}}}}"),
            Kind::Duplicate,
            2,
            Some("metadata"),
        ),
        (
            &format!("{meta},\n\"t\":[{{\"a\":01}}]}}"),
            Kind::Malformed,
            2,
            Some("t"),
        ),
        (&format!("{meta}}}\n\n{{}}"), Kind::Malformed, 3, None),
        (&deep, Kind::TooLarge, 2, Some("t")),
        (
            &format!("{meta},\n\"\\ud800\":[]}}"),
            Kind::Malformed,
            2,
            None,
        ),
        (&format!("{meta},\n\"t\\q\":[]}}"), Kind::Malformed, 2, None),
    ] {
        let problem = first(text.as_bytes());
        let place = (problem.kind, problem.line, problem.table.as_deref());
        assert_eq!(
            place,
            (kind, Some(line), table),
            "{problem}: {}",
            &text[..text.len().min(80)]
        );
    }
    let mut bytes = format!("{meta},\n\"t\":[{{\"a\":\"?\"}},{{\"a\":1}}]}}").into_bytes();
    let at = bytes.iter().position(|b| *b == b'?').unwrap();
    bytes[at] = 0xff;
    let (problems, rows) = read(&bytes);
    assert_eq!(
        (problems[0].kind, problems[0].row, rows),
        (Kind::Malformed, Some(1), 1)
    );
}

#[test]
fn after_a_row_that_is_no_json_the_others_are_read() {
    let text = "{\"metadata\":{\"version\":\"1.1\",\"t_count\":4},\"t\":[\n{\"a\":1},\n{\"a\":01},\n{\"a\" 2},\n{\"a\":3}\n]}";
    let (problems, rows) = read(text.as_bytes());
    let places: Vec<_> = problems.iter().map(|p| (p.row, p.line)).collect();
    assert_eq!(places, [(Some(2), Some(3)), (Some(3), Some(4))]);
    assert_eq!(rows, 2);
}

#[test]
fn files_of_the_original_are_read() {
    let text = r#"{
  "metadata": {
    "created_at": "2026-01-15T10:30:00.123456",
    "user_id": "user-123",
    "backup_type": "full",
    "version": "1.1",
    "authors_count": 2
  },
  "authors": [
    {
      "id": 1,
      "price": "1.50",
      "ratio": NaN,
      "name": "\u00e4"
    },
    {
      "id": 2,
      "price": null,
      "ratio": -Infinity,
      "name": null
    }
  ],
  "seal": [
    {
      "id": 1
    }
  ]
}"#;
    let mut reader = BackupReader::new(text.as_bytes(), "test.json");
    let mut lines = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        match event {
            Event::Row(row) => lines.push(row.line()),
            Event::End(ending) => assert!(!ending.sealed && ending.problems.is_empty()),
            Event::Table(_) => {}
        }
    }
    assert_eq!(lines, [10, 16, 24]);
    let cut = text.replace("\"authors_count\": 2", "\"authors_count\": 3");
    assert_eq!(first(cut.as_bytes()).kind, Kind::Altered);
}

proptest! {
    /// Mutations of a good file: an answer for each, no panic, never a value in a message.
    #[test]
    fn mutated_files_get_an_answer(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6)) {
        let mut bytes = small();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        let (problems, _) = read(&bytes);
        for problem in problems {
            let text = problem.to_string();
            prop_assert!(!text.contains("ann") && !text.contains("bob"), "{}", text);
        }
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_rows_round_trip(rows in proptest::collection::vec((any::<i64>(), ".{0,20}", any::<f64>()), 0..20)) {
        let values = rows.iter().map(|(a, b, c)| {
            vec![Value::Int(*a), Value::from(b.replace('\0', "")), Value::Float(*c)]
        }).collect::<Vec<_>>();
        let types = columns(&["bigint", "text", "double precision"]);
        let bytes = written(&[("t", types.clone(), values.clone())]);
        let mut reader = BackupReader::new(bytes.as_slice(), "-");
        let mut found = Vec::new();
        while let Some(event) = reader.next().unwrap() {
            match event {
                Event::Row(row) => found.push(types.iter().enumerate().map(|(i, (_, t))| row.value(i, t).unwrap()).collect::<Vec<_>>()),
                Event::End(ending) => prop_assert!(ending.sealed),
                Event::Table(_) => {}
            }
        }
        prop_assert_eq!(found, values);
    }
}
