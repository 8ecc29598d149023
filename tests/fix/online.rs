//! The phases that let others read and write: interrupted behind each of them, and planned again from what is there.

use db_adapter_core::fix::{FixMode, FixOptions};
use support::TestDatabase;

use db_adapter::Error;
use db_adapter::fix::FixEvent;

use crate::run::{expected, fix, plan, run, try_run_with, wanted as confirmed};

const BEFORE: &str = "
    CREATE TABLE p (id int);
    CREATE TABLE t (a int, b int, c text);
    INSERT INTO p SELECT generate_series(1, 100);
    INSERT INTO t SELECT n, n, 'c' || n FROM generate_series(1, 12000) n, LATERAL (SELECT 1) x WHERE n <= 100;
    INSERT INTO t SELECT 1 + n % 100, 1000 + n, 'more' FROM generate_series(1, 12000) n;";
const AFTER: &str = "
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (a int NOT NULL, b int, c text, u uuid NOT NULL DEFAULT gen_random_uuid(), n bigserial, d int DEFAULT 3,
        CONSTRAINT t_b UNIQUE (b), CONSTRAINT t_c CHECK (b > 0), CONSTRAINT t_p FOREIGN KEY (a) REFERENCES p);
    CREATE INDEX t_i ON t (c);";
const ROWS: &str =
    "SELECT count(*), sum(a), sum(b), count(DISTINCT u), count(DISTINCT n), sum(d) FROM t";

fn online() -> FixOptions {
    FixOptions::new().mode(FixMode::Online)
}

/// Stops behind every sixth phase, so that no test takes long; all tests together behind every second.
async fn goes_on(part: usize) {
    let database = TestDatabase::postgres().await;
    database.sql(BEFORE).await;
    let wanted = expected(&database, AFTER).await;
    let whole = plan(&database, &wanted, online()).await;
    assert!(whole.not_fixed.is_empty(), "{:#?}", whole.not_fixed);
    let phases = whole.phases.len();
    assert!(phases > 12, "{phases}");
    for stop in (0..=phases).filter(|stop| stop % 6 == 2 * part) {
        let copy = database.copy().await;
        let first = plan(&copy, &wanted, online()).await;
        let stops = confirmed().on_event(move |event| match event {
            FixEvent::Phase { phase, .. } if *phase > stop => Err(Error::Closed),
            _ => Ok(()),
        });
        let ended = try_run_with(&copy, &first, stops).await;
        assert_eq!(ended.is_err(), stop < phases, "{ended:?}");
        let rest = plan(&copy, &wanted, online()).await;
        run(&copy, &rest).await;
        let again = plan(&copy, &wanted, online()).await;
        assert!(
            again.is_empty() && again.not_fixed.is_empty(),
            "stopped behind {stop}\n{}\n{:#?}\nrest\n{}",
            again.sql(),
            again.not_fixed,
            rest.sql()
        );
        let rows = copy.rows_text(ROWS).await;
        let texts: Vec<&str> = rows[0]
            .iter()
            .map(|text| text.as_deref().unwrap())
            .collect();
        assert_eq!(texts[0], "12100");
        assert_eq!(
            (texts[3], texts[4], texts[5]),
            ("12100", "12100", "36300"),
            "stopped behind {stop}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_behind_a_phase_goes_on_1() {
    goes_on(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_behind_a_phase_goes_on_2() {
    goes_on(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_behind_a_phase_goes_on_3() {
    goes_on(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_whose_build_failed_is_built_again() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
        .await;
    let mut oracle = database.oracle().await;
    oracle
        .try_sql("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
        .await
        .unwrap_err();
    oracle
        .sql("DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)")
        .await;
    drop(oracle);
    for sql in [
        "CREATE TABLE t (a int); CREATE UNIQUE INDEX t_a ON t (a)",
        "CREATE TABLE t (a int, CONSTRAINT t_a UNIQUE (a))",
    ] {
        let copy = database.copy().await;
        let plan = fix(&copy, sql, online()).await;
        assert!(plan.sql().contains("DROP INDEX"), "{}", plan.sql());
        let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 't_a'::regclass";
        assert_eq!(copy.scalar_text(valid).await.as_deref(), Some("true"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_writes_every_row_is_left_to_the_atomic_mode() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        .await;
    let wanted = expected(
        &database,
        "CREATE TABLE t (a bigint, i int GENERATED ALWAYS AS IDENTITY)",
    )
    .await;
    let refused = plan(&database, &wanted, online()).await;
    assert!(refused.is_empty(), "{}", refused.sql());
    assert_eq!(refused.not_fixed.len(), 2);
    let done = plan(&database, &wanted, FixOptions::new()).await;
    run(&database, &done).await;
}

/// A value for each row by UPDATE would run them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_for_each_row_keeps_a_column_from_being_filled() {
    for by_hand in [
        "CREATE TRIGGER f BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE RULE f AS ON UPDATE TO t DO INSTEAD NOTHING",
    ] {
        let database = TestDatabase::postgres().await;
        database
            .sql(&format!(
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a = NEW.a + 1; RETURN NEW; END'; \
                 CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); {by_hand}"
            ))
            .await;
        let wanted = expected(
            &database,
            "CREATE TABLE t (a int, u uuid NOT NULL DEFAULT gen_random_uuid())",
        )
        .await;
        let planned = plan(&database, &wanted, FixOptions::new().mode(FixMode::Online)).await;
        assert!(planned.is_empty(), "{}", planned.sql());
        let told: Vec<String> = planned.not_fixed.iter().map(ToString::to_string).collect();
        assert!(
            told.iter()
                .any(|entry| entry.contains(" f would run for each row")),
            "{told:?}"
        );
        let planned = plan(&database, &wanted, FixOptions::new()).await;
        run(&database, &planned).await;
        let rows = "SELECT string_agg(a::text, ',' ORDER BY a) || count(DISTINCT u) FROM t";
        assert_eq!(database.scalar_text(rows).await.as_deref(), Some("1,22"));
    }
}
