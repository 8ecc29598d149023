//! What PostgreSQL takes although a value or its meaning becomes another one: the plan does not do it unasked, and
//! does it where it is allowed.

use db_adapter_core::fix::{FixOptions, Hazard};
use support::TestDatabase;

use crate::run::{expected, fix_to, plan, read, run};

/// From a type with a value to another one: the plan leaves it, with this permission or this reason.
const LOSSY: [(&str, &str, &str, &str); 22] = [
    ("varchar(10)", "'abc   '", "varchar(3)", "narrow:t.a"),
    (
        "varchar(10)",
        "'abcd'",
        "varchar(3)",
        "1 rows have a value that the new type refuses",
    ),
    ("numeric(9,4)", "1.2345", "numeric(9,2)", "narrow:t.a"),
    ("numeric(9,4)", "1.2345", "int", "narrow:t.a"),
    ("float8", "0.1234567890123", "float4", "narrow:t.a"),
    ("float8", "1.5", "int", "narrow:t.a"),
    ("bigint", "9007199254740993", "float8", "narrow:t.a"),
    ("bigint", "16777217", "real", "narrow:t.a"),
    (
        "bigint",
        "3000000000",
        "int",
        "1 rows have a value that the new type refuses",
    ),
    (
        "timestamptz",
        "'2026-01-01 12:00+00'",
        "date",
        "in which time zone",
    ),
    (
        "timestamptz(6)",
        "'2026-01-01 12:00:00.5+00'",
        "timestamptz(0)",
        "narrow:t.a",
    ),
    (
        "timestamptz",
        "'2026-01-01 12:00+00'",
        "timestamp",
        "in which time zone",
    ),
    (
        "timestamp",
        "'2026-01-01 12:00'",
        "timestamptz",
        "in which time zone",
    ),
    (
        "timestamp",
        "'2026-01-01 12:00'",
        "time",
        "no conversion is known",
    ),
    ("timestamp", "'2026-01-01 12:00'", "date", "narrow:t.a"),
    ("json", "'{\"a\": 1, \"a\": 2}'", "jsonb", "narrow:t.a"),
    ("int", "7", "bool", "reinterpret:t.a"),
    ("inet", "'10.0.0.1/24'", "cidr", "narrow:t.a"),
    ("interval", "'1.5 seconds'", "interval(0)", "narrow:t.a"),
    ("text", "'007'", "int", "narrow:t.a"),
    ("text", "'abc'", "int", "a value cannot be converted"),
    ("text", "'ab '", "char(3)", "narrow:t.a"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_becomes_another_one_unasked() {
    let (database, other) = (
        TestDatabase::postgres().await,
        TestDatabase::postgres().await,
    );
    for (from, value, to, left) in LOSSY {
        database
            .sql(&format!(
                "DROP TABLE IF EXISTS t; CREATE TABLE t (a {from}); INSERT INTO t VALUES ({value})"
            ))
            .await;
        other
            .sql(&format!("DROP TABLE IF EXISTS t; CREATE TABLE t (a {to})"))
            .await;
        let before = database.scalar_text("SELECT a::text FROM t").await;
        let wanted = read(&other).await;
        let refused = plan(&database, &wanted, FixOptions::new()).await;
        assert!(refused.is_empty(), "{from} to {to}\n{}", refused.sql());
        let entry = &refused.not_fixed[0];
        let allow = entry
            .allow
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            allow == left || entry.reason.contains(left),
            "{from} to {to}: {entry}"
        );
        run(&database, &refused).await;
        assert_eq!(database.scalar_text("SELECT a::text FROM t").await, before);
        if !left.starts_with("narrow") {
            continue;
        }
        let allowed = FixOptions::new().allow(left.parse().unwrap());
        let done = fix_to(&database, &wanted, allowed).await;
        let mut steps = done.steps();
        assert!(
            steps.any(|step| step.hazards.contains(&Hazard::ChangesValues)),
            "{from} to {to}"
        );
        assert_eq!(done.tables_to_back_up(), ["t"], "{from} to {to}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_stand_in_the_way_are_counted_and_nothing_is_done() {
    for (columns, rows, wanted, reason) in [
        ("a int", "(1), (NULL)", "a int NOT NULL", "1 rows have NULL"),
        (
            "a int",
            "(1), (1), (NULL)",
            "a int UNIQUE",
            "1 keys are there twice",
        ),
        (
            "a int",
            "(1), (NULL)",
            "a int PRIMARY KEY",
            "1 rows have NULL",
        ),
        (
            "a int",
            "(1), (-1), (NULL)",
            "a int CHECK (a > 0)",
            "1 rows violate it",
        ),
        (
            "a int",
            "(1), (9), (NULL)",
            "a int REFERENCES p",
            "1 rows refer to what is not in `p`",
        ),
        (
            "a int",
            "(1)",
            "a int, b int NOT NULL",
            "the table has rows",
        ),
    ] {
        let database = TestDatabase::postgres().await;
        let parent = "CREATE TABLE p (id int PRIMARY KEY);";
        database.sql(&format!("{parent} INSERT INTO p VALUES (1); CREATE TABLE t ({columns}); INSERT INTO t VALUES {rows}")).await;
        let wanted = expected(&database, &format!("{parent} CREATE TABLE t ({wanted})")).await;
        let refused = plan(&database, &wanted, FixOptions::new()).await;
        assert!(refused.is_empty(), "{}", refused.sql());
        assert!(
            refused.not_fixed.iter().any(|n| n.reason.contains(reason)),
            "{reason}: {:#?}",
            refused.not_fixed
        );
        database.sql("DELETE FROM t").await;
        let done = plan(&database, &wanted, FixOptions::new()).await;
        run(&database, &done).await;
        assert!(plan(&database, &wanted, FixOptions::new()).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_depends_on_a_column_is_named() {
    for dependant in [
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE MATERIALIZED VIEW v AS SELECT a FROM t",
        "CREATE POLICY v ON t USING (a > 0)",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
         CREATE TRIGGER v BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()",
    ] {
        let database = TestDatabase::postgres().await;
        database
            .sql(&format!(
                "CREATE TABLE t (a int); INSERT INTO t VALUES (1); {dependant}"
            ))
            .await;
        let wanted = expected(
            &database,
            &format!("CREATE TABLE t (a bigint); {dependant}"),
        )
        .await;
        let refused = plan(&database, &wanted, FixOptions::new()).await;
        assert!(refused.is_empty(), "{dependant}\n{}", refused.sql());
        let reasons: Vec<&str> = refused
            .not_fixed
            .iter()
            .map(|n| n.reason.as_str())
            .collect();
        let named = reasons
            .iter()
            .any(|reason| reason.contains("it is used by") && reason.contains(" v"));
        assert!(named, "{dependant}: {reasons:?}");
    }
}
