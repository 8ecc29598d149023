//! The table of measured operations: each takes the lock that the plan says, writes the rows anew where the plan
//! says so, and leaves every value as it was.

use db_adapter_core::fix::{FixOptions, Hazard, LockMode};
use support::TestDatabase;

use crate::by_hand::fix;

const NODE: &str = "SELECT relfilenode FROM pg_class WHERE relname = 't'";
use LockMode::{AccessExclusive, Share, ShareRowExclusive};

/// Drifts `t (columns)` with two rows to `wanted`, and looks.
async fn measured(
    columns: &str,
    rows: &str,
    wanted: &str,
    lock: LockMode,
    rewrites: bool,
    zone: bool,
) {
    let database = TestDatabase::postgres().await;
    let parent = "CREATE TABLE p (id int PRIMARY KEY); CREATE DOMAIN pos AS int CHECK (VALUE > 0);";
    database.sql(&format!("{parent} INSERT INTO p VALUES (1), (2); CREATE TABLE t ({columns}); INSERT INTO t VALUES {rows};")).await;
    let (node, before) = (database.scalar_text(NODE).await, values(&database).await);
    let mut options = FixOptions::new();
    if zone {
        options = options.zone("t.a", "UTC");
    }
    let sql = match wanted.starts_with("INDEX") {
        true => format!("{parent} CREATE TABLE t ({columns}); CREATE {wanted};"),
        false => format!("{parent} CREATE TABLE t ({wanted});"),
    };
    let (plan, run) = fix(&database, &sql, options).await;
    assert!(plan.not_fixed.is_empty(), "{wanted}: {:#?}", plan.not_fixed);
    let told = plan
        .steps()
        .flat_map(|step| &step.locks)
        .filter(|lock| lock.table == "t");
    let told = told.map(|lock| lock.mode).max();
    let taken = run.locks.iter().filter_map(|locks| locks.get("t")).max();
    assert_eq!(
        (told, taken),
        (Some(lock), Some(&lock)),
        "{wanted}\n{}",
        plan.sql()
    );
    for step in plan.steps() {
        for told in &step.locks {
            let taken = run
                .locks
                .iter()
                .filter_map(|locks| locks.get(&told.table))
                .max();
            assert!(
                taken >= Some(&told.mode),
                "{wanted}: {told:?}, taken is {taken:?}"
            );
        }
    }
    for (table, mode) in run
        .locks
        .iter()
        .flatten()
        .filter(|(_, mode)| **mode > LockMode::RowExclusive)
    {
        let told = plan
            .steps()
            .flat_map(|step| &step.locks)
            .filter(|lock| lock.table == *table);
        assert_eq!(
            told.map(|lock| lock.mode).max(),
            Some(*mode),
            "{wanted}: nobody told of the lock on {table}"
        );
    }
    let told = plan
        .steps()
        .any(|step| step.hazards.contains(&Hazard::Rewrites));
    let written = database.scalar_text(NODE).await != node;
    assert_eq!(
        (told, written),
        (rewrites, rewrites),
        "{wanted}\n{}",
        plan.sql()
    );
    assert_eq!(values(&database).await, before, "{wanted}");
}

async fn values(database: &TestDatabase) -> Vec<Vec<Option<String>>> {
    database.rows_text("SELECT a::text FROM t ORDER BY 1").await
}

macro_rules! rows {
    ($($name:ident: $columns:literal, $rows:literal => $wanted:literal, $lock:ident, $rewrites:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            measured($columns, $rows, $wanted, $lock, $rewrites, false).await;
        }
    )*};
}

rows! {
    a_nullable_column: "a int", "(1), (2)" => "a int, b int", AccessExclusive, false;
    a_column_with_a_constant: "a int", "(1), (2)" => "a int, b int NOT NULL DEFAULT 7", AccessExclusive, false;
    a_column_with_now: "a int", "(1), (2)" => "a int, b timestamptz DEFAULT now()", AccessExclusive, false;
    a_column_with_a_volatile_default: "a int", "(1), (2)" => "a int, b uuid DEFAULT gen_random_uuid()", AccessExclusive, true;
    a_serial_column: "a int", "(1), (2)" => "a int, b serial", AccessExclusive, true;
    an_identity_column: "a int", "(1), (2)" => "a int, b int GENERATED ALWAYS AS IDENTITY", AccessExclusive, true;
    a_generated_column: "a int", "(1), (2)" => "a int, b int GENERATED ALWAYS AS (a + 1) STORED", AccessExclusive, true;
    a_column_of_a_domain_with_rules: "a int", "(1), (2)" => "a int, b pos DEFAULT 3", AccessExclusive, true;
    not_null: "a int", "(1), (2)" => "a int NOT NULL", AccessExclusive, false;
    a_longer_varchar: "a varchar(5)", "('x'), ('y')" => "a varchar(9)", AccessExclusive, false;
    varchar_to_text: "a varchar(5)", "('x'), ('y')" => "a text", AccessExclusive, false;
    text_to_varchar: "a text", "('x'), ('y')" => "a varchar", AccessExclusive, false;
    more_digits: "a numeric(5,2)", "(1.5), (2)" => "a numeric(9,2)", AccessExclusive, false;
    any_digits: "a numeric(5,2)", "(1.5), (2)" => "a numeric", AccessExclusive, false;
    text_to_a_limited_varchar: "a text", "('x'), ('y')" => "a varchar(9)", AccessExclusive, true;
    int_to_bigint: "a int", "(1), (2)" => "a bigint", AccessExclusive, true;
    json_to_jsonb: "a json", "('{\"a\": 1}'), ('[]')" => "a jsonb", AccessExclusive, true;
    a_foreign_key: "a int", "(1), (2)" => "a int, CONSTRAINT f FOREIGN KEY (a) REFERENCES p", ShareRowExclusive, false;
    a_check: "a int", "(1), (2)" => "a int CONSTRAINT c CHECK (a > 0)", AccessExclusive, false;
    a_unique_constraint: "a int", "(1), (2)" => "a int CONSTRAINT u UNIQUE", AccessExclusive, false;
    a_primary_key: "a int", "(1), (2)" => "a int PRIMARY KEY", AccessExclusive, false;
    an_index: "a int", "(1), (2)" => "INDEX i ON t (a)", Share, false;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timestamp_with_its_declared_zone() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE t (a timestamp); INSERT INTO t VALUES ('2026-07-01 12:00')")
        .await;
    let options = FixOptions::new().zone("t.a", "Europe/Vienna");
    let (plan, _) = fix(&database, "CREATE TABLE t (a timestamptz)", options).await;
    let step = plan.steps().next().unwrap();
    assert!(step.hazards.contains(&Hazard::Reinterprets));
    let told = database
        .scalar_text("SELECT (a AT TIME ZONE 'UTC')::text FROM t")
        .await;
    assert_eq!(told.as_deref(), Some("2026-07-01 10:00:00"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_with_a_foreign_key_locks_its_parent() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1)")
        .await;
    let sql = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p)";
    let (plan, run) = fix(&database, sql, FixOptions::new()).await;
    assert_eq!(run.locks[0].get("p"), Some(&ShareRowExclusive));
    let mut told = plan.steps().flat_map(|step| &step.locks);
    assert!(told.any(|lock| lock.table == "p" && lock.mode == ShareRowExclusive));
}
