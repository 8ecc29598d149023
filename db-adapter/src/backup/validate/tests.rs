//! Every problem with its place; what is right is not reported.

use db_adapter_core::backup::TableDef;

use super::*;

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("authors"),
        TableDef::new("books")
            .parent("authors", "author_id")
            .optional_ref("books", "sequel_id")
            .optional_ref("authors", "editor_id"),
        TableDef::new("tags").no_user(),
        TableDef::new("book_tags")
            .pk(["book_id", "tag_id"])
            .match_by_pk()
            .no_slug()
            .no_user()
            .parent("books", "book_id")
            .parent("tags", "tag_id"),
    ])
    .unwrap()
}

fn check(text: &str) -> BackupReport {
    validate(BackupReader::new(text.as_bytes(), "b.json"), &schema())
}

/// Kind, table, row, line and column of problems.
fn places(problems: &[BackupProblem]) -> Vec<(Kind, &str, u64, u64, &str)> {
    let place = |p: &BackupProblem| -> (Kind, &'static str, u64, u64, &'static str) {
        let leak = |text: &Option<String>| -> &'static str {
            String::leak(text.clone().unwrap_or_default())
        };
        let (row, line) = (p.row.unwrap_or(0), p.line.unwrap_or(0));
        (p.kind, leak(&p.table), row, line, leak(&p.column))
    };
    problems.iter().map(place).collect()
}

const META: &str =
    r#"{"metadata":{"created_at":"2026-01-15T10:30:00","user_id":"u","version":"1.1"},"#;
const REST: &str = r#""tags":[],"book_tags":[]}"#;

#[test]
fn a_file_of_the_original_is_valid_with_a_warning() {
    let report = check(&format!(
        r#"{META}
"authors":[{{"id":1,"slug":"a","user_id":"u"}}],
"books":[{{"id":1,"slug":"x","user_id":"u","author_id":"1","sequel_id":2,"editor_id":null}},
{{"id":2,"slug":"y","user_id":"u","author_id":1,"sequel_id":2,"editor_id":1}}],
"tags":[{{"id":9,"slug":"t"}}],
"book_tags":[{{"book_id":1,"tag_id":9}},{{"book_id":2,"tag_id":9}}]}}"#
    ));
    assert!(report.valid, "{report:?}");
    assert_eq!(places(&report.warnings), [(Kind::NotSealed, "", 0, 0, "")]);
}

#[test]
fn every_problem_is_told_with_its_place() {
    let report = check(&format!(
        r#"{META}
"authors":[{{"id":1,"slug":"a","user_id":"u"}},
{{"id":1,"slug":"b","user_id":"u"}},
{{"id":3,"slug":"a","user_id":"u"}},
{{"id":null,"slug":"c","user_id":"u"}},
{{"slug":"d"}}],
"books":[
{{"id":1,"slug":"x","user_id":"u","author_id":7,"sequel_id":8,"editor_id":9}},
{{"id":2,"slug":"x","user_id":"u","author_id":null,"sequel_id":null,"editor_id":null}},
{{"id":3,"slug":"x","user_id":"u","author_id":null,"sequel_id":1,"editor_id":null}}],
"strangers":[{{"id":1}}],
{REST}"#
    ));
    assert_eq!(
        places(&report.errors),
        [
            (Kind::DuplicateKey, "authors", 2, 3, ""),
            (Kind::DuplicateKey, "authors", 3, 4, ""),
            (Kind::NullKey, "authors", 4, 5, ""),
            (Kind::MissingColumn, "authors", 5, 6, "id"),
            (Kind::MissingParent, "books", 1, 8, ""),
            (Kind::DuplicateKey, "books", 3, 10, ""),
        ]
    );
    assert_eq!(
        places(&report.warnings),
        [
            (Kind::MissingReference, "books", 1, 8, ""),
            (Kind::MissingReference, "books", 1, 8, ""),
            (Kind::UnknownTable, "strangers", 0, 0, ""),
            (Kind::NotSealed, "", 0, 0, ""),
        ]
    );
}

#[test]
fn a_missing_table_is_one_problem_and_not_one_for_each_row() {
    let report = check(&format!(
        r#"{META}"books":[{{"id":1,"slug":"x","author_id":7,"sequel_id":null,"editor_id":7}}],{REST}"#
    ));
    assert_eq!(
        places(&report.errors),
        [(Kind::MissingTable, "authors", 0, 0, "")]
    );
}

#[test]
fn children_before_their_parents_are_followed_at_the_end() {
    let report = check(&format!(
        r#"{META}"books":[{{"id":1,"slug":"x","author_id":1,"sequel_id":null,"editor_id":null}},
{{"id":2,"slug":"y","author_id":2,"sequel_id":null,"editor_id":null}}],
"authors":[{{"id":1,"slug":"a"}}],{REST}"#
    ));
    assert_eq!(
        places(&report.errors),
        [(Kind::MissingParent, "books", 2, 2, "")]
    );
}

#[test]
fn keys_are_compared_by_the_types_of_the_columns() {
    use crate::backup::file::{BackupWriter, Details, TableDetails};
    use crate::{Numeric, Value};
    use db_adapter_core::SqlType;
    let types = ["bigint", "numeric"].map(SqlType::parse_postgres);
    let columns: Vec<(String, SqlType)> = ["id", "slug"]
        .map(str::to_owned)
        .into_iter()
        .zip(types)
        .collect();
    let mut details = Details::new("PostgreSQL");
    let table = TableDetails {
        table: "t".into(),
        columns: columns.clone(),
    };
    details.tables.insert("t".into(), table);
    let metadata = Metadata {
        details: Some(details),
        ..Metadata::default()
    };
    let mut writer = BackupWriter::new(Vec::new(), &metadata).unwrap();
    writer.table("t", &columns).unwrap();
    for (id, slug) in [(1, "1.5"), (2, "1.50"), (3, "15")] {
        let row = [
            Value::Int(id),
            Value::Numeric(Numeric::parse(slug).unwrap()),
        ];
        writer.row(row.iter()).unwrap();
    }
    let bytes = writer.finish().unwrap().0;
    let schema = BackupSchema::new([TableDef::new("t").no_user()]).unwrap();
    let report = validate(BackupReader::new(bytes.as_slice(), "b.json"), &schema);
    assert_eq!(
        places(&report.errors),
        [(Kind::DuplicateKey, "t", 2, 4, "")]
    );
}

#[test]
fn a_table_called_like_an_entry_of_the_file_is_found_with_its_schema() {
    let schema = BackupSchema::new([TableDef::new("metadata").no_user()]).unwrap();
    let text = format!(r#"{META}"public.metadata":[{{"id":1,"slug":"a"}}]}}"#);
    let report = validate(BackupReader::new(text.as_bytes(), "b.json"), &schema);
    assert!(report.valid, "{report:?}");
}

#[test]
fn no_problem_shows_a_value() {
    let report = check(&format!(
        r#"{META}"authors":[{{"id":"secret","slug":"secret"}},{{"id":"secret","slug":"secret"}},{{"id":"secret" "x"}}],
"books":[{{"id":"secret","slug":"secret","author_id":"secret2"}}],"secret":3}}"#
    ));
    assert!(!report.valid);
    for problem in report.errors.iter().chain(&report.warnings) {
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
}
