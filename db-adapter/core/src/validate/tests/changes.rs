//! What differences are between, as data.

use super::super::*;
use super::{postgres, sqlite};
use crate::schema::{ConstraintKind, Identity};

fn between(expected: &str, actual: &str) -> Vec<Between> {
    let (expected, actual) = (postgres(expected), postgres(actual));
    let validation = Validation::new(&expected).level(ValidationLevel::Exact);
    let changes = validation.changes(&actual);
    let differences: Vec<&Difference> = changes.iter().map(|change| &change.difference).collect();
    let told = validation.run(&actual);
    assert_eq!(differences, told.differences.iter().collect::<Vec<_>>());
    changes.into_iter().map(|change| change.between).collect()
}

#[test]
fn each_difference_says_what_it_is_between() {
    let of = |expected: &str, actual: &str| {
        let table = |columns: &str| format!("CREATE TABLE t ({columns})");
        let mut found = between(&table(expected), &table(actual));
        assert_eq!(found.len(), 1, "{expected} {actual} {found:#?}");
        found.remove(0)
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        of("a int, b int", "a int"),
        Between::Column {
            expected: text("b"),
            actual: None
        }
    );
    assert_eq!(
        of("a int", "a int, b int"),
        Between::Column {
            expected: None,
            actual: text("b")
        }
    );
    assert_eq!(
        of("a int", "a bigint"),
        Between::Type {
            expected: "integer".into(),
            actual: "bigint".into()
        }
    );
    assert_eq!(
        of("a int NOT NULL", "a int"),
        Between::Nullability {
            expected: false,
            actual: true
        }
    );
    assert_eq!(
        of("a int DEFAULT 1", "a int"),
        Between::Default {
            expected: text("1"),
            actual: None
        }
    );
    assert_eq!(
        of("a int GENERATED ALWAYS AS IDENTITY", "a int NOT NULL"),
        Between::Identity {
            expected: Some(Identity::Always),
            actual: None
        }
    );
    let constraint = |between: Between| match between {
        Between::Constraint { expected, actual } => (
            expected.map(|own| (own.kind, own.columns)),
            actual.map(|own| (own.kind, own.columns)),
        ),
        other => panic!("{other:?}"),
    };
    let unique = Some((ConstraintKind::Unique, vec!["a".to_owned()]));
    assert_eq!(
        constraint(of("a int UNIQUE", "a int")),
        (unique.clone(), None)
    );
    assert_eq!(
        constraint(of("a int UNIQUE", "a int UNIQUE DEFERRABLE")),
        (unique.clone(), unique)
    );
}

#[test]
fn tables_indexes_and_enums_are_told_too() {
    let found = between("CREATE TABLE a (x int)", "CREATE TABLE b (x int)");
    let [
        Between::Table {
            expected: Some(a),
            actual: None,
        },
        Between::Table {
            expected: None,
            actual: Some(b),
        },
    ] = found.as_slice()
    else {
        panic!("{found:?}");
    };
    assert_eq!((a.as_str(), b.as_str()), ("a", "b"));
    let found = between(
        "CREATE TABLE a (x int); CREATE INDEX i ON a (x)",
        "CREATE TABLE a (x int)",
    );
    assert!(
        matches!(&found[..], [Between::Index { expected: Some(own), actual: None }] if own.name == "i")
    );
    let found = between(
        "CREATE TYPE m AS ENUM ('a', 'b')",
        "CREATE TYPE m AS ENUM ('a')",
    );
    let values = |all: &[&str]| all.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        found,
        [Between::EnumValues {
            expected: values(&["a", "b"]),
            actual: values(&["a"])
        }]
    );
}

#[test]
fn what_a_declaration_knows_is_told() {
    let expected = ExpectedSchema::from_sql(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p, UNIQUE (p))",
    )
    .unwrap();
    let actual = postgres(
        "CREATE TABLE app.p (id int PRIMARY KEY); CREATE TABLE app.t (id int NOT NULL, p int)",
    );
    let validation = Validation::new(&expected).schema("app");
    let changes = validation.level(ValidationLevel::Exact).changes(&actual);
    let kinds: Vec<ConstraintKind> = changes
        .iter()
        .filter_map(|change| match &change.between {
            Between::Constraint {
                expected: Some(own),
                actual: None,
            } => Some(own.kind),
            _ => None,
        })
        .collect();
    let [key, unique, foreign] = [
        ConstraintKind::PrimaryKey,
        ConstraintKind::Unique,
        ConstraintKind::ForeignKey,
    ];
    assert_eq!(kinds, [key, unique, foreign]);
    assert!(
        changes
            .iter()
            .all(|change| change.actual_table.as_deref() == Some("app.t"))
    );
}

#[test]
fn what_is_ignored_is_not_told() {
    let (expected, actual) = (
        sqlite("CREATE TABLE t (a, b)"),
        sqlite("CREATE TABLE t (a)"),
    );
    let validation = Validation::new(&expected).ignore(Ignore::new("t.b", "later"));
    assert_eq!(validation.changes(&actual), []);
}
