//! Plans of schemas that are written as SQL: which steps, in which order, and what is left.

#![allow(
    clippy::unwrap_used,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

mod declared;
mod online;

use super::*;
use crate::ddl::parse;

pub(super) fn schema(sql: &str, dialect: SqlDialect) -> DatabaseSchema {
    let ddl = parse(sql, dialect);
    assert!(ddl.errors.is_empty(), "{sql}\n{:?}", ddl.errors);
    let mut schema = ddl.schema;
    schema.dialect = dialect;
    schema
}

fn plan(actual: &str, expected: &str, options: &FixOptions) -> FixPlan {
    let of = |sql| schema(sql, SqlDialect::Postgres);
    generate_fix_plan(&of(actual), &of(expected), options)
}

/// The plan when the database answers this to every question that decides something, and nothing depends on
/// anything.
fn decided(plan: FixPlan, number: &str) -> FixPlan {
    let answers: Vec<Answer> = plan
        .questions()
        .map(|fact| match fact.kind {
            FactKind::Dependants => Answer::Rows(Vec::new()),
            _ => Answer::Rows(vec![number.to_owned()]),
        })
        .collect();
    plan.with_answers(answers).unwrap()
}

/// The statements of all the steps.
fn statements(plan: &FixPlan) -> Vec<String> {
    let all = plan.steps().flat_map(|step| &step.statements);
    let runs = all.filter_map(|statement| match statement {
        Statement::Run(sql) => Some(sql.clone()),
        Statement::Check { .. } => None,
    });
    runs.collect()
}

fn fixed(actual: &str, expected: &str) -> Vec<String> {
    statements(&decided(plan(actual, expected, &FixOptions::new()), "0"))
}

#[test]
fn a_schema_that_is_right_needs_nothing() {
    let sql = "CREATE TYPE m AS ENUM ('a'); CREATE TABLE p (id bigserial PRIMARY KEY, m m DEFAULT 'a');
        CREATE TABLE c (p bigint REFERENCES p ON DELETE CASCADE, CHECK (p > 0)); CREATE INDEX ON c (p);";
    let plan = plan(sql, sql, &FixOptions::new());
    assert!(plan.is_empty() && plan.not_fixed.is_empty(), "{plan:#?}");
    assert!(plan.run_list().unwrap().is_empty());
}

#[test]
fn each_difference_has_its_statement() {
    for (actual, expected, statement) in [
        ("a int", "a int, b text", "ADD COLUMN \"b\" text"),
        ("a int", "a bigint", "ALTER COLUMN \"a\" TYPE bigint"),
        (
            "a text",
            "a int",
            "ALTER COLUMN \"a\" TYPE integer USING \"a\"::integer",
        ),
        ("a int", "a int NOT NULL", "ALTER COLUMN \"a\" SET NOT NULL"),
        (
            "a int NOT NULL",
            "a int",
            "ALTER COLUMN \"a\" DROP NOT NULL",
        ),
        (
            "a int",
            "a int DEFAULT 3",
            "ALTER COLUMN \"a\" SET DEFAULT 3",
        ),
        (
            "a int DEFAULT 3",
            "a int",
            "ALTER COLUMN \"a\" DROP DEFAULT",
        ),
        ("a int", "a int CHECK (a > 0)", "ADD CHECK (a > 0)"),
        (
            "a int",
            "a int, CONSTRAINT u UNIQUE (a)",
            "ADD CONSTRAINT \"u\" UNIQUE (\"a\")",
        ),
        (
            "a int, CONSTRAINT c CHECK (a > 0)",
            "a int, CONSTRAINT c CHECK (a > 1)",
            "DROP CONSTRAINT \"c\", ADD CONSTRAINT \"c\" CHECK (a > 1)",
        ),
    ] {
        let table = |columns: &str| format!("CREATE TABLE t ({columns})");
        let found = fixed(&table(actual), &table(expected));
        assert_eq!(found, [format!("ALTER TABLE \"t\" {statement}")]);
    }
}

#[test]
fn tables_with_circles_come_first_and_their_references_last() {
    let expected = "CREATE TABLE b (id int PRIMARY KEY, a_id int);
        CREATE TABLE a (id int PRIMARY KEY, b_id int REFERENCES b, self int REFERENCES a);
        ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a (id);";
    let found = decided(plan("", expected, &FixOptions::new()), "0");
    let kinds: Vec<FixKind> = found.steps().map(|step| step.kind).collect();
    let [tables, references] = [FixKind::CreateTable, FixKind::AddConstraint];
    assert_eq!(kinds, [tables, tables, references, references, references]);
    assert_eq!(found.phases.len(), 1);
}

#[test]
fn nothing_is_dropped_unasked_and_what_is_allowed_is_backed_up() {
    let (actual, expected) = (
        "CREATE TABLE t (a int, b text); CREATE TABLE u (x int)",
        "CREATE TABLE t (a int)",
    );
    let kept = plan(actual, expected, &FixOptions::new());
    assert!(kept.is_empty());
    let allows: Vec<String> = kept
        .not_fixed
        .iter()
        .filter_map(|n| n.allow.clone())
        .map(|a| a.to_string())
        .collect();
    assert_eq!(allows, ["column:t.b", "table:u"]);
    let mut options = FixOptions::new();
    for allow in &allows {
        options = options.allow(allow.parse().unwrap());
    }
    let found = decided(plan(actual, expected, &options), "0");
    assert_eq!(
        statements(&found),
        ["ALTER TABLE \"t\" DROP COLUMN \"b\"", "DROP TABLE \"u\""]
    );
    assert_eq!(found.tables_to_back_up(), ["t", "u"]);
    assert!(!found.sql().to_lowercase().contains("cascade"));
}

#[test]
fn a_value_becomes_another_one_only_where_that_is_allowed() {
    let (actual, expected) = (
        "CREATE TABLE t (a varchar(9))",
        "CREATE TABLE t (a varchar(5))",
    );
    let answered = |plan: FixPlan| {
        let answers: Vec<Answer> = plan
            .questions()
            .map(|fact| match fact.kind {
                FactKind::Changed => Answer::Rows(vec!["2".into()]),
                FactKind::Dependants => Answer::Rows(vec![]),
                _ => Answer::Rows(vec!["0".into()]),
            })
            .collect();
        plan.with_answers(answers).unwrap()
    };
    let refused = answered(plan(actual, expected, &FixOptions::new()));
    assert!(refused.is_empty());
    let allow = refused.not_fixed[0].allow.clone().unwrap();
    assert_eq!(allow.to_string(), "narrow:t.a");
    let allowed = answered(plan(actual, expected, &FixOptions::new().allow(allow)));
    let step = allowed.steps().next().unwrap();
    assert!(step.hazards.contains(&Hazard::ChangesValues));
    assert_eq!(allowed.tables_to_back_up(), ["t"]);
    assert!(!allowed.sql().contains("USING"));
}

#[test]
fn a_step_goes_with_what_it_needs() {
    let actual = "CREATE TABLE t (a int); CREATE TABLE p (id int)";
    let expected =
        "CREATE TABLE t (a int, p int NOT NULL REFERENCES p); CREATE TABLE p (id int PRIMARY KEY)";
    let refused = decided(plan(actual, expected, &FixOptions::new()), "1");
    assert!(refused.is_empty(), "{}", refused.sql());
    let reasons: Vec<&str> = refused
        .not_fixed
        .iter()
        .map(|n| n.reason.as_str())
        .collect();
    assert!(
        reasons.iter().any(|reason| reason.contains("is not made")),
        "{reasons:?}"
    );
}

#[test]
fn what_could_be_a_rename_stops_the_plan() {
    let (actual, expected) = (
        "CREATE TABLE t (a int, name text)",
        "CREATE TABLE t (a int, full_name text)",
    );
    let stopped = plan(actual, expected, &FixOptions::new());
    assert_eq!(stopped.undecided[0].candidates, ["name"]);
    let told = stopped.undecided[0].to_string();
    assert!(told.contains("renamed_from = \"name\""), "{told}");
    assert!(matches!(stopped.run_list(), Err(NotRunnable::Undecided(_))));

    let renamed = plan(
        actual,
        expected,
        &FixOptions::new().renamed("t.full_name", "name"),
    );
    assert_eq!(
        statements(&renamed),
        ["ALTER TABLE \"t\" RENAME COLUMN \"name\" TO \"full_name\""]
    );
    assert!(renamed.undecided.is_empty() && renamed.not_fixed.is_empty());

    let added = plan(
        actual,
        expected,
        &FixOptions::new().allow("add:t.full_name".parse().unwrap()),
    );
    assert_eq!(
        statements(&added),
        ["ALTER TABLE \"t\" ADD COLUMN \"full_name\" text"]
    );
}

#[test]
fn questions_look_at_the_names_that_there_are() {
    let actual = "CREATE TABLE old (a int, b int)";
    let expected = "CREATE TABLE t (a int, c int NOT NULL)";
    let options = FixOptions::new().renamed("t", "old").renamed("t.c", "b");
    let found = plan(actual, expected, &options);
    let nulls = found
        .questions()
        .find(|fact| fact.kind == FactKind::Nulls)
        .unwrap();
    assert!(
        nulls.sql.contains("\"b\" AS \"c\" FROM \"old\""),
        "{}",
        nulls.sql
    );
    let found = statements(&decided(found, "0"));
    assert_eq!(
        found,
        [
            "ALTER TABLE \"old\" RENAME TO \"t\"",
            "ALTER TABLE \"t\" RENAME COLUMN \"b\" TO \"c\"",
            "ALTER TABLE \"t\" ALTER COLUMN \"c\" SET NOT NULL",
        ]
    );
}

#[test]
fn a_value_of_an_enum_that_is_used_is_committed_first() {
    let actual = "CREATE TYPE m AS ENUM ('a', 'c'); CREATE TABLE t (m m)";
    let unused = "CREATE TYPE m AS ENUM ('a', 'b', 'c'); CREATE TABLE t (m m, x int)";
    let found = plan(actual, unused, &FixOptions::new());
    assert_eq!(found.phases.len(), 1);
    assert_eq!(
        statements(&found)[0],
        "ALTER TYPE \"m\" ADD VALUE IF NOT EXISTS 'b' AFTER 'a'"
    );
    let used = "CREATE TYPE m AS ENUM ('a', 'b', 'c'); CREATE TABLE t (m m DEFAULT 'b')";
    let found = plan(actual, used, &FixOptions::new());
    assert_eq!(found.phases.len(), 2);
    assert!(found.phases[0].ends_because.is_some());
    assert!(
        found.phases[0].steps[0]
            .hazards
            .contains(&Hazard::NeedsCommit)
    );
}

#[test]
fn no_text_of_a_schema_becomes_another_statement() {
    let mut expected = schema("CREATE TABLE t (a int)", SqlDialect::Postgres);
    let actual = expected.clone();
    let table = expected.tables.get_mut("t").unwrap();
    let mut column = crate::ColumnSchema::new("b", "text); DROP TABLE t; --", crate::SqlType::Text);
    column.default = Some("1".into());
    table.columns.push(column);
    let mut column = crate::ColumnSchema::new("c", "text", crate::SqlType::Text);
    column.default = Some("1; DROP TABLE t".into());
    table.columns.push(column);
    table.columns[0].default = Some("1); --".into());
    let plan = generate_fix_plan(&actual, &expected, &FixOptions::new());
    assert!(plan.is_empty(), "{}", plan.sql());
    assert_eq!(plan.not_fixed.len(), 3);
}

#[cfg(feature = "serde")]
#[test]
fn a_plan_is_kept_in_json() {
    let plan = plan(
        "CREATE TABLE t (a int)",
        "CREATE TABLE t (a bigint, b text)",
        &FixOptions::new(),
    );
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<FixPlan>(&json).unwrap(), plan);
}

#[test]
fn a_step_needs_every_column_and_type_that_its_statement_names() {
    let actual = "CREATE TABLE t (a int, e text)";
    for named in [
        "CREATE INDEX i ON t (a, (lower(p)))",
        "CREATE INDEX i ON t (a) WHERE p = 'x'",
        "CREATE INDEX i ON t (a) INCLUDE (p)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (length(p) > a)",
    ] {
        let expected = format!("CREATE TABLE t (a int, e text, p text NOT NULL); {named}");
        let refused = decided(plan(actual, &expected, &FixOptions::new()), "1");
        assert!(refused.is_empty(), "{named}: {}", refused.sql());
        let mut reasons = refused.not_fixed.iter().map(|entry| &entry.reason);
        let why = "the column `t.p` is not made";
        assert!(reasons.any(|reason| reason == why), "{named}");
        let made = decided(plan(actual, &expected, &FixOptions::new()), "0");
        assert_eq!(made.steps().count(), 2, "{named}: {}", made.sql());
    }
}

#[test]
fn what_no_step_brings_keeps_out_what_needs_it() {
    let actual = schema("CREATE TABLE t (a int)", SqlDialect::Postgres);
    let wanted =
        "CREATE TABLE t (a int, b text, c text); CREATE INDEX i ON t (b); CREATE INDEX k ON t (c)";
    let mut expected = schema(wanted, SqlDialect::Postgres);
    let table = expected.tables.get_mut("t").unwrap();
    table.columns[1].data_type = "text); DROP TABLE t; --".into();
    let plan = decided(
        generate_fix_plan(&actual, &expected, &FixOptions::new()),
        "0",
    );
    let done: Vec<&str> = plan.steps().map(|step| step.summary.as_str()).collect();
    assert_eq!(done, ["add column `t.c`", "create index `k` of `t`"]);
    let left = plan.not_fixed.iter().map(|entry| entry.reason.as_str());
    assert_eq!(
        left.collect::<Vec<_>>(),
        ["its type is not a type", "the column `t.b` is not made"]
    );
}

#[test]
fn a_plan_is_unfinished_where_anything_else_became_different() {
    let before = schema("CREATE TABLE t (a int, b int)", SqlDialect::Postgres);
    let wanted = schema("CREATE TABLE t (a int, b int, c int)", SqlDialect::Postgres);
    let plan = generate_fix_plan(&before, &wanted, &FixOptions::new());
    assert!(plan.unfinished(&wanted, []).is_empty());
    let wrong = "CREATE TABLE t (a int DEFAULT 1, b int, c int)";
    let unfinished = plan.unfinished(&schema(wrong, SqlDialect::Postgres), []);
    assert_eq!(unfinished, ["drop the default of `t.a`"]);
    let gone = schema("CREATE TABLE t (b int, c int)", SqlDialect::Postgres);
    assert_eq!(plan.unfinished(&gone, []), ["add column `t.a`"]);
}

#[test]
fn keys_are_about_the_rows_of_the_table_alone() {
    let actual = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (id int) PARTITION BY RANGE (id); \
        CREATE TABLE t (a int, b int); CREATE TABLE c () INHERITS (t)";
    let expected = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (id int UNIQUE) PARTITION BY RANGE (id); \
        CREATE TABLE t (a int UNIQUE, b int REFERENCES p, CHECK (a > 0)); CREATE TABLE c () INHERITS (t)";
    let found = plan(actual, expected, &FixOptions::new());
    let asked: Vec<&str> = found.questions().map(|fact| fact.sql.as_str()).collect();
    let is_asked = |part: &str| asked.iter().any(|sql| sql.contains(part));
    assert!(
        is_asked("SELECT 1 FROM ONLY \"t\" WHERE \"a\" IS NOT NULL"),
        "{asked:#?}"
    );
    assert!(
        is_asked("(SELECT * FROM ONLY \"t\") AS c WHERE"),
        "{asked:#?}"
    );
    assert!(is_asked("SELECT 1 FROM \"q\" WHERE \"id\""), "{asked:#?}");
    assert!(is_asked("FROM \"t\" WHERE NOT (a > 0)"), "{asked:#?}");
}

#[test]
fn another_type_does_not_take_the_collation() {
    let changed = |from: &str, to: &str| {
        let (from, to) = (
            format!("CREATE TABLE t (a {from})"),
            format!("CREATE TABLE t (a {to})"),
        );
        let (before, wanted) = (
            schema(&from, SqlDialect::Postgres),
            schema(&to, SqlDialect::Postgres),
        );
        let plan = generate_fix_plan(&before, &wanted, &FixOptions::new());
        (statements(&plan).join("; "), plan)
    };
    let (sql, plan) = changed("varchar(9) COLLATE \"C\"", "text COLLATE \"C\"");
    assert_eq!(
        sql,
        "ALTER TABLE \"t\" ALTER COLUMN \"a\" TYPE text COLLATE \"C\""
    );
    // without it the plan is not reached
    let lost = schema("CREATE TABLE t (a text)", SqlDialect::Postgres);
    assert_eq!(plan.unfinished(&lost, []).len(), 1);
    let (sql, _) = changed("int", "text COLLATE \"C\"");
    assert!(sql.contains("TYPE text COLLATE \"C\""), "{sql}");
    let (sql, _) = changed("varchar(9)", "text COLLATE \"C\"");
    assert!(sql.ends_with("TYPE text"), "{sql}");
    let (sql, _) = changed("text COLLATE \"C\"", "int");
    assert!(!sql.contains("COLLATE"), "{sql}");
}

#[test]
fn a_reference_goes_with_the_key_that_nobody_makes() {
    // online a key of a table of parts is left to the other mode
    let actual = "CREATE TABLE p (a int NOT NULL, b int NOT NULL) PARTITION BY LIST (a); CREATE TABLE c (a int)";
    let wanted = "CREATE TABLE p (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a)) PARTITION BY LIST (a); \
        CREATE TABLE c (a int REFERENCES p (a))";
    let online = plan(actual, wanted, &FixOptions::new().mode(FixMode::Online));
    assert!(online.is_empty(), "{}", online.sql());
    let reasons: Vec<&str> = online
        .not_fixed
        .iter()
        .map(|own| own.reason.as_str())
        .collect();
    assert!(
        reasons.contains(&"the primary key `p.p_pkey` is not made"),
        "{reasons:?}"
    );
    let made = decided(plan(actual, wanted, &FixOptions::new()), "0");
    assert_eq!(made.steps().count(), 2, "{}", made.sql());
    // another key of the table will do, whatever becomes of a wider one
    let actual = "CREATE TABLE p (a int PRIMARY KEY, b int); CREATE TABLE c (a int)";
    let wanted = "CREATE TABLE p (a int PRIMARY KEY, b int, UNIQUE (a, b)); CREATE TABLE c (a int REFERENCES p (a))";
    let found = plan(actual, wanted, &FixOptions::new());
    let reference = found
        .steps()
        .find(|step| step.summary.contains("foreign key"));
    assert!(
        reference
            .unwrap()
            .needs
            .iter()
            .all(|own| own.kind != ObjectKind::Unique)
    );
}

#[test]
fn a_new_part_comes_behind_the_columns_of_the_whole() {
    let actual = "CREATE TABLE t (a int) PARTITION BY LIST (a)";
    let wanted = "CREATE TABLE t (a int, b int) PARTITION BY LIST (a); \
        CREATE TABLE one PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (b); \
        CREATE TABLE two PARTITION OF one FOR VALUES IN (2)";
    let found = plan(actual, wanted, &FixOptions::new());
    let done: Vec<&str> = found.steps().map(|step| step.summary.as_str()).collect();
    assert_eq!(
        done,
        [
            "add column `t.b`",
            "create table `one`",
            "create table `two`"
        ]
    );
}

#[test]
fn a_change_is_made_in_the_schema_that_it_was_found_in() {
    let actual =
        "CREATE SCHEMA s2; CREATE TABLE public.z (i int, c int); CREATE TABLE s2.z (i int, c int)";
    let path = ["s2".to_owned(), "public".to_owned()];
    let options = || FixOptions::new().search_path(path.clone());
    for (expected, sql) in [
        (
            "CREATE SCHEMA s2; CREATE TABLE public.z (i int DEFAULT 5, c int); CREATE TABLE s2.z (i int, c int)",
            "ALTER TABLE \"public\".\"z\" ALTER COLUMN \"i\" SET DEFAULT 5",
        ),
        (
            "CREATE SCHEMA s2; CREATE TABLE public.z (i int, c int); CREATE TABLE s2.z (i int, c int NOT NULL)",
            "ALTER TABLE \"s2\".\"z\" ALTER COLUMN \"c\" SET NOT NULL",
        ),
    ] {
        let found = plan(actual, expected, &options());
        assert_eq!(statements(&found), [sql]);
    }
    // what is more than expected as well
    let expected =
        "CREATE SCHEMA s2; CREATE TABLE public.z (i int); CREATE TABLE s2.z (i int, c int)";
    let found = plan(actual, expected, &options());
    let allow = found.not_fixed[0].allow.as_ref().map(ToString::to_string);
    assert_eq!(allow.as_deref(), Some("column:z.c"));
    let allowed = options().allow("column:z.c".parse().unwrap());
    let found = statements(&plan(actual, expected, &allowed));
    assert_eq!(found, ["ALTER TABLE \"public\".\"z\" DROP COLUMN \"c\""]);
}
