//! What each level compares: names, what a program needs, everything.

use super::super::*;
use super::{NONE, compatible, exact, postgres, told};
use crate::expected::{ExpectedColumn, ExpectedTable};

#[test]
fn names_alone_are_the_originals_comparison() {
    let expected =
        ExpectedSchema::columns([("users", vec!["id", "emial"]), ("orders", vec!["id"])]);
    let actual =
        postgres("CREATE TABLE users (id text, email text); CREATE TABLE order_s (x int);");
    let result = Validation::new(&expected)
        .level(ValidationLevel::Columns)
        .run(&actual);
    let names = validate_schema(&actual.column_names(), &expected);
    assert_eq!(result.format_report(), names.format_report());
    assert_eq!(result.missing_tables, names.missing_tables);
    assert_eq!(result.missing_columns, names.missing_columns);
    assert_eq!(result.extra_tables, names.extra_tables);
    assert_eq!(result.error_count(), 2);
    let hints: Vec<_> = result.errors().filter_map(|d| d.hint.as_deref()).collect();
    assert_eq!(hints, ["did you mean `order_s`?", "did you mean `email`?"]);
}

#[test]
fn extras_are_warnings_unless_inserts_would_fail() {
    let told = compatible(
        "CREATE TABLE t (id int)",
        "CREATE TABLE t (id int, a text, b text NOT NULL, c text NOT NULL DEFAULT ''); CREATE TABLE u (x int)",
    );
    assert_eq!(
        told,
        [
            "warning extra column t.a",
            "error extra column t.b",
            "warning extra column t.c",
            "warning extra table u"
        ]
    );
    assert_eq!(
        exact("CREATE TABLE t (id int)", "CREATE TABLE t (id int, a text)"),
        ["error extra column t.a"]
    );
}

#[test]
fn types_and_nullability_are_compared() {
    let told = compatible(
        "CREATE TABLE t (a int8, b varchar(10), c text NOT NULL, d text, e timestamptz, f int NOT NULL DEFAULT 1)",
        "CREATE TABLE t (a integer, b varchar(20), c text, d text NOT NULL, e timestamp, f int NOT NULL)",
    );
    assert_eq!(
        told,
        [
            "error type column t.a",
            "warning type column t.b",
            "error nullability column t.c",
            "error nullability column t.d",
            "error type column t.e",
            "error default column t.f",
        ]
    );
}

#[test]
fn values_that_cannot_be_written_are_told() {
    let told = compatible(
        "CREATE TABLE t (a int NOT NULL, b int)",
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED ALWAYS AS (1) STORED)",
    );
    assert_eq!(
        told,
        ["error identity column t.a", "error generated column t.b"]
    );
}

#[test]
fn keys_are_compared_both_ways() {
    let told = compatible(
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE t (id int PRIMARY KEY, p_id int REFERENCES p, q_id int REFERENCES p, u int UNIQUE)",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (id int PRIMARY KEY);
         CREATE TABLE t (id int NOT NULL, p_id int, q_id int REFERENCES q, u int, id2 int REFERENCES q)",
    );
    assert_eq!(
        told,
        [
            "warning extra table q",
            "warning extra column t.id2",
            "error missing primary_key t.id",
            "error missing unique t.u",
            "warning extra foreign_key t.id2",
            "error missing foreign_key t.p_id",
            "error reference foreign_key t.q_id",
        ]
    );
}

#[test]
fn enum_values_that_a_program_writes_must_be_there() {
    let t = "CREATE TABLE t (m mood);";
    let with = |values: &str| format!("CREATE TYPE mood AS ENUM ({values}); {t}");
    assert_eq!(
        compatible(&with("'a'"), &with("'a', 'b'")),
        ["warning values enum mood"]
    );
    assert_eq!(
        compatible(&with("'a', 'b'"), &with("'a'")),
        ["error values enum mood"]
    );
    assert_eq!(
        exact(&with("'a', 'b'"), &with("'b', 'a'")),
        ["error values enum mood"]
    );
}

#[test]
fn a_length_that_the_program_does_not_say_is_not_checked() {
    let column =
        |data_type| ExpectedColumn::from_static("c", Some(data_type), Some(true), Some(false));
    let run = |column: ExpectedColumn, actual: &str, level| {
        let table = ExpectedTable {
            name: "t".into(),
            columns: vec![column].into(),
            ..ExpectedTable::default()
        };
        let expected = ExpectedSchema {
            tables: vec![table].into(),
        };
        let actual = postgres(&format!("CREATE TABLE t (c {actual})"));
        let result = Validation::new(&expected).level(level).run(&actual);
        let unknown = result.not_checked.iter();
        let unknown = unknown
            .filter(|entry| entry.kind == "length or digits")
            .count();
        (told(&result).join(", "), unknown)
    };
    let none = String::new;
    for (field, actual) in [
        ("text", "varchar(3)"),
        ("text", "char(8)"),
        ("text[]", "varchar(3)[]"),
        ("numeric", "numeric(2,0)"),
        ("timestamptz", "timestamptz(0)"),
    ] {
        for level in [ValidationLevel::Compatible, ValidationLevel::Exact] {
            assert_eq!(run(column(field), actual, level), (none(), 1), "{actual}");
            let (said, unknown) = run(column(field).exact(), actual, level);
            assert!(
                said.starts_with("error type column t.c"),
                "{actual}: {said}"
            );
            assert_eq!(unknown, 0);
        }
    }
    for (field, actual) in [("text", "text"), ("numeric", "numeric"), ("uuid", "uuid")] {
        let found = run(column(field), actual, ValidationLevel::Exact);
        assert_eq!(found, (none(), 0), "{actual}");
    }
    // the file's own text of a type of another's
    let own = column("geometry(Point,4326)").exact();
    let found = run(own, "public.geometry(Point,4326)", ValidationLevel::Exact);
    assert_eq!(found, (none(), 0));
}

#[test]
fn what_is_not_enforced_keeps_nothing_true() {
    let file = |rest: &str| {
        postgres(&format!(
            "CREATE TABLE p (id int4range, at daterange, PRIMARY KEY (id, at));
             CREATE TABLE c (id int4range, at daterange, n int);
             ALTER TABLE c {rest}"
        ))
    };
    let run = |expected: &str, actual: &str| {
        let (expected, actual) = (file(expected), file(actual));
        let result = Validation::new(&expected).run(&actual);
        let back = Validation::new(&expected)
            .level(ValidationLevel::Exact)
            .run(&actual);
        assert_eq!(back.differences.is_empty(), expected == actual);
        told(&result).join(", ")
    };
    let plain = "ADD FOREIGN KEY (id, at) REFERENCES p";
    let loose = "ADD FOREIGN KEY (id, at) REFERENCES p NOT ENFORCED";
    let period = "ADD FOREIGN KEY (id, PERIOD at) REFERENCES p (id, PERIOD at)";
    assert_eq!(run(plain, loose), "error missing foreign_key c.id, at");
    assert_eq!(run(loose, loose), "");
    assert_eq!(run(plain, period), "error reference foreign_key c.id, at");
    assert_eq!(run(period, period), "");
    let (all, new) = (
        "ALTER n SET NOT NULL",
        "ADD CONSTRAINT x NOT NULL n NOT VALID",
    );
    assert_eq!(run(all, new), "error nullability column c.n");
    let declared = ExpectedSchema::from_ddl(&file("ALTER n DROP DEFAULT"));
    let result = Validation::new(&declared).run(&file(new));
    assert_eq!(told(&result), ["error nullability column c.n"]);
}

#[test]
fn a_column_has_what_its_domain_has() {
    let actual =
        "CREATE DOMAIN inner_code AS text NOT NULL; CREATE DOMAIN code AS inner_code DEFAULT 'x';
        CREATE TABLE t (id int PRIMARY KEY, a code, b inner_code)";
    let run = |columns: &[(&'static str, bool)]| {
        let mut expected = ExpectedSchema::columns([("t", columns.iter().map(|c| c.0))]);
        let table = &mut expected.tables.to_mut()[0];
        for (column, (_, nullable)) in table.columns.to_mut().iter_mut().zip(columns) {
            column.nullable = Some(*nullable);
        }
        told(&Validation::new(&expected).run(&postgres(actual)))
    };
    assert_eq!(run(&[("id", false), ("a", false), ("b", false)]), NONE);
    let nullable = run(&[("id", false), ("a", true), ("b", true)]);
    assert_eq!(
        nullable,
        ["error nullability column t.b"],
        "`a` has a default"
    );
    assert_eq!(
        run(&[("id", false)]),
        ["warning extra column t.a", "error extra column t.b"]
    );
}
