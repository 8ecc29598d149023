//! What was not looked at, and which of two names is meant.

use super::super::*;
use super::{NONE, postgres, told};
use crate::schema::NotInspected;

#[test]
fn ignored_differences_are_told_with_their_reason() {
    let expected = postgres("CREATE TABLE t (id int, a int)");
    let actual =
        postgres("CREATE TABLE t (id int, legacy int NOT NULL); CREATE TABLE old_x (i int)");
    let result = Validation::new(&expected)
        .ignore(Ignore::new("t.legacy", "the old application writes it"))
        .ignore(Ignore::new("old_*", "archive"))
        .ignore(Ignore::new("t.a", "later").kind(DifferenceKind::Type))
        .run(&actual);
    assert_eq!(told(&result), ["error missing column t.a"]);
    assert_eq!(result.ignored.len(), 2);
    assert_eq!(result.unused_rules, ["t.a"]);
    assert!(result.extra_tables.is_empty());
    let report = result.format_report();
    assert!(
        report.contains("(the old application writes it)"),
        "{report}"
    );
    assert!(report.contains("`t.a` ignores nothing"), "{report}");
}

#[test]
fn what_was_not_looked_at_is_told_and_never_called_missing() {
    let expected = postgres("CREATE TABLE secret (id int); CREATE TABLE t (id int PRIMARY KEY)");
    let mut actual = postgres("CREATE TABLE t (id int NOT NULL)");
    let left_out = |kind: &str, name: &str| NotInspected {
        kind: kind.into(),
        name: Some(name.into()),
        reason: "no right to look".into(),
    };
    actual.not_inspected = vec![left_out("table", "secret"), left_out("constraint", "t")];
    let result = Validation::new(&expected).run(&actual);
    assert_eq!(told(&result), NONE);
    let not_checked: Vec<String> = result.not_checked.iter().map(ToString::to_string).collect();
    assert!(
        not_checked.contains(&"table `secret`: no right to look".to_owned()),
        "{not_checked:?}"
    );
    assert!(
        not_checked.contains(&"keys `t`: no right to look".to_owned()),
        "{not_checked:?}"
    );
}

#[test]
fn a_table_that_nobody_may_see_is_no_success() {
    let expected = postgres("CREATE TABLE t (id int)");
    let actual = DatabaseSchema {
        not_inspected: vec![NotInspected {
            kind: "schema".into(),
            name: Some("public".into()),
            reason: "the role `x` has no USAGE on the schema `public`".into(),
        }],
        ..DatabaseSchema::default()
    };
    let result = Validation::new(&expected).run(&actual);
    assert_eq!(
        result.differences[0].message,
        "table `t` cannot be seen: the role `x` has no USAGE on the schema `public`"
    );
}

#[test]
fn kinds_that_one_side_did_not_read_are_not_compared() {
    let expected = postgres(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';",
    );
    let mut actual = postgres("CREATE TABLE t (a int)");
    actual.functions.insert("f()".into(), Default::default());
    let result = Validation::new(&expected)
        .level(ValidationLevel::Exact)
        .run(&actual);
    assert_eq!(told(&result), NONE);
    assert!(result.not_checked.iter().any(|n| n.kind == "function"));
}

#[test]
fn names_without_a_schema_are_those_of_the_connection() {
    let expected = postgres("CREATE TABLE users (id int)");
    let result = Validation::new(&expected).run(&postgres("CREATE TABLE app.users (id int)"));
    assert_eq!(told(&result), NONE);
    let two = postgres("CREATE TABLE public.x (id int); CREATE TABLE app.users (id int)");
    let result = Validation::new(&expected).schema("app").run(&two);
    assert_eq!(told(&result), ["warning extra table x"]);
    let told = told(&Validation::new(&expected).run(&two));
    assert_eq!(
        told,
        [
            "warning extra table app.users",
            "error missing table users",
            "warning extra table x"
        ]
    );
}

#[test]
fn a_name_is_the_first_of_the_search_path() {
    let expected = ExpectedSchema::columns([("users", ["id", "email"])]);
    let both = postgres(
        "CREATE TABLE users (id int, email text); CREATE TABLE app.users (id int); CREATE TABLE app.x (id int)",
    );
    let path = |path: &[&str]| path.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    for level in [ValidationLevel::Columns, ValidationLevel::Compatible] {
        let run = |names: &[&str], actual: &DatabaseSchema| {
            let validation = Validation::new(&expected).level(level);
            let result = validation.search_path(path(names)).run(actual);
            told(&result)
                .into_iter()
                .filter(|d| d.starts_with("error"))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(&["public", "app"], &both), NONE);
        let missing = run(&["app", "public"], &both);
        assert!(
            missing.len() == 1 && missing[0].ends_with("users.email"),
            "{level}: {missing:?}"
        );
        // a schema of the path that lacks the table is passed over
        let one = postgres("CREATE TABLE users (id int, email text); CREATE TABLE app.x (id int)");
        assert_eq!(run(&["app", "public"], &one), NONE, "{level}");
    }
}

#[test]
fn the_schemas_that_are_named_are_to_be_read() {
    let full = postgres(
        "CREATE TABLE a.t (x int); CREATE VIEW b.v AS SELECT 1; CREATE TYPE c.e AS ENUM ('x'); \
         CREATE DOMAIN d.d AS int; CREATE SEQUENCE e.s; CREATE TABLE plain (x int); \
         CREATE TABLE f.p PARTITION OF a.t FOR VALUES IN (1);",
    );
    let validation = Validation::new(&full);
    assert_eq!(validation.schemas(), ["a", "b", "c", "d", "e", "f"]);
    assert!(validation.names_table("plain") && !validation.names_table("a.t"));
    let more = validation.also_schemas(["z".to_owned(), "a".to_owned()]);
    assert_eq!(more.schemas().len(), 7);
}

#[test]
fn a_table_that_was_left_out_is_not_missing_at_any_level() {
    let expected = postgres("CREATE TABLE schema_migrations (version text)");
    let mut actual = postgres("");
    actual.not_inspected.push(NotInspected {
        kind: "table".into(),
        name: Some("schema_migrations".into()),
        reason: "excluded".into(),
    });
    for level in [
        ValidationLevel::Columns,
        ValidationLevel::Compatible,
        ValidationLevel::Exact,
    ] {
        let result = Validation::new(&expected).level(level).run(&actual);
        assert_eq!(told(&result), NONE, "{level}");
        let mut entries = result.not_checked.iter();
        assert!(entries.any(|entry| entry.name.as_deref() == Some("schema_migrations")));
    }
}
