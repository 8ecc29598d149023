//! A baseline never takes a worse object for the one that it knows.

use super::*;
use crate::ddl::parse;
use crate::schema::SqlDialect;

const DIALECT: SqlDialect = SqlDialect::Postgres;

fn schema(sql: &str) -> DatabaseSchema {
    let ddl = parse(sql, DIALECT);
    assert!(ddl.errors.is_empty(), "{sql}\n{:?}", ddl.errors);
    ddl.schema
}

/// Compares `was`, takes all of it for known, and gives what `now` has that is new.
fn new_of(level: ValidationLevel, expected: &str, was: &str, now: &str) -> Vec<String> {
    let expected = schema(expected);
    let result = |sql: &str| Validation::new(&expected).level(level).run(&schema(sql));
    let baseline = Baseline::of(&result(was), DIALECT);
    let again = baseline.apply(result(was), DIALECT).unwrap();
    assert!(
        !again.known.is_empty() && again.differences.is_empty(),
        "{was}"
    );
    let applied = baseline.apply(result(now), DIALECT).unwrap();
    let new = applied.differences.iter();
    new.map(|d| format!("{} {}", d.kind, d.object.path()))
        .collect()
}

fn compatible(expected: &str, was: &str, now: &str) -> Vec<String> {
    new_of(ValidationLevel::Compatible, expected, was, now)
}

fn exact(expected: &str, was: &str, now: &str) -> Vec<String> {
    new_of(ValidationLevel::Exact, expected, was, now)
}

const NONE: [&str; 0] = [];

#[test]
fn a_type_behind_the_same_name_is_another_one() {
    let books = "CREATE TABLE books (title text)";
    for (was, now) in [
        ("DOMAIN dm AS varchar(50)", "DOMAIN dm AS varchar(5)"),
        (
            "DOMAIN dm AS varchar(50)",
            "DOMAIN dm AS varchar(50) CHECK (VALUE <> '')",
        ),
        ("TYPE dm AS ENUM ('a', 'b')", "TYPE dm AS ENUM ('z')"),
        (
            "DOMAIN d0 AS varchar(50); CREATE DOMAIN dm AS d0",
            "DOMAIN d0 AS varchar(5); CREATE DOMAIN dm AS d0",
        ),
    ] {
        for column in ["dm", "dm[]"] {
            let with = |made: &str| format!("CREATE {made}; CREATE TABLE books (title {column})");
            let new = compatible(books, &with(was), &with(now));
            assert_eq!(new, ["type books.title"], "{now}");
        }
    }
}

#[test]
fn what_is_not_expected_is_known_with_all_that_it_is() {
    let books = "CREATE TABLE books (id int PRIMARY KEY, n int);";
    let mut hidden = Vec::new();
    for (was, now, new) in [
        (
            "CREATE DOMAIN e AS int",
            "CREATE DOMAIN e AS int CHECK (VALUE > 3)",
            "extra e",
        ),
        (
            "CREATE TABLE m (a int)",
            "CREATE TABLE m (a int, b int REFERENCES books ON DELETE CASCADE)",
            "extra m",
        ),
        (
            "CREATE TABLE m (a int)",
            "CREATE TABLE m (a int); CREATE UNIQUE INDEX ON m (a)",
            "extra m",
        ),
        (
            "CREATE DOMAIN e AS int; CREATE TABLE m (a e)",
            "CREATE DOMAIN e AS bigint; CREATE TABLE m (a e)",
            "extra m",
        ),
        (
            "CREATE MATERIALIZED VIEW v AS SELECT id FROM books",
            "CREATE MATERIALIZED VIEW v AS SELECT id FROM books; CREATE UNIQUE INDEX ON v (id)",
            "extra v",
        ),
        (
            "ALTER TABLE books ALTER n SET NOT NULL, ALTER n ADD GENERATED ALWAYS AS IDENTITY",
            "ALTER TABLE books ALTER n SET NOT NULL, ALTER n ADD GENERATED ALWAYS AS IDENTITY (INCREMENT 10 MAXVALUE 50)",
            "identity books.n",
        ),
    ] {
        let with = |more: &str| format!("{books} {more};");
        let found = exact(books, &with(was), &with(now));
        if !found.contains(&new.to_owned()) {
            hidden.push((new, found));
        }
    }
    assert!(hidden.is_empty(), "{hidden:#?}");
}

#[test]
fn a_key_or_check_that_is_made_again_in_another_way_is_new() {
    let t = "CREATE TABLE t (x int, CONSTRAINT c CHECK (x > 0))";
    let made = |more: &str| {
        format!("CREATE TABLE t (x int); ALTER TABLE t ADD CONSTRAINT c CHECK (x > 1) {more}")
    };
    for more in ["NOT VALID", "NO INHERIT"] {
        assert!(!exact(t, &made(""), &made(more)).is_empty(), "{more}");
    }
    let t = "CREATE TABLE t (id int, n int NOT NULL, PRIMARY KEY (id))";
    let with = |more: &str| format!("CREATE TABLE t (id int, n int, PRIMARY KEY (id, n) {more})");
    let new = compatible(t, &with(""), &with("DEFERRABLE"));
    assert_eq!(new, ["columns t.id"]);
}

#[test]
fn what_is_repaired_or_only_described_leaves_the_rest_known() {
    let t = "CREATE TABLE t (id int NOT NULL, x text NOT NULL)";
    let was = "CREATE TABLE t (id int NOT NULL, x int); CREATE TABLE m (a int)";
    let now = "CREATE TABLE t (id int NOT NULL, x int NOT NULL); CREATE TABLE m (a int);
        COMMENT ON TABLE m IS 'old'; COMMENT ON COLUMN m.a IS 'older'";
    assert_eq!(compatible(t, was, now), NONE);
}
