//! A run among others: another run, whoever holds a lock or ends its session, a role that may not, a pooler.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db_adapter::fix::{FixEvent, apply_fixes, plan_fixes};
use db_adapter::{ConnectOptions, Error, ErrorKind, Pooler, connect_with};
use db_adapter_core::fix::{FixMode, FixOptions};
use support::{PgBouncer, TestDatabase};

use crate::run::{client, expected, fix_to, plan, try_run_with, wanted as confirmed};

const BEFORE: &str =
    "CREATE TABLE t (a int, b int); INSERT INTO t SELECT n, n FROM generate_series(1, 50) n";
const AFTER: &str = "CREATE TABLE t (a bigint NOT NULL, b int CHECK (b > 0), c int DEFAULT 3); CREATE INDEX t_a ON t (a);";
const SUM: &str = "SELECT count(*) || ' ' || sum(a) || ' ' || sum(b) FROM t";

async fn database() -> TestDatabase {
    let database = TestDatabase::postgres().await;
    database.sql(BEFORE).await;
    database
}

async fn is_whole(database: &TestDatabase) {
    let sum = database.scalar_text(SUM).await;
    assert_eq!(sum.as_deref(), Some("50 1275 1275"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_runs_one_does_it_and_the_other_is_told() {
    for mode in [FixMode::Atomic, FixMode::Online] {
        let database = database().await;
        let after = match mode {
            FixMode::Online => AFTER.replace("bigint", "int"),
            _ => AFTER.to_owned(),
        };
        let wanted = expected(&database, &after).await;
        let planned = plan(&database, &wanted, FixOptions::new().mode(mode)).await;
        let (one, two) = tokio::join!(
            try_run_with(&database, &planned, confirmed()),
            try_run_with(&database, &planned, confirmed())
        );
        let errors: Vec<Error> = [one, two].into_iter().filter_map(Result::err).collect();
        let [error] = errors.as_slice() else {
            panic!("{errors:?}");
        };
        // it waited for the lock, and then the schema was another one; or it waited too long
        let known = [ErrorKind::FixRefused, ErrorKind::FixFailed];
        assert!(known.contains(&error.kind()), "{error}");
        is_whole(&database).await;
        let again = plan(&database, &wanted, FixOptions::new().mode(mode)).await;
        assert!(
            again.is_empty() && again.not_fixed.is_empty(),
            "{}",
            again.sql()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_waits_for_another_one_and_names_it() {
    let database = database().await;
    let wanted = expected(&database, AFTER).await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    let mut holder = database.oracle().await;
    holder
        .sql("SET application_name = 'repairs'; BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('db-adapter fix', 0))")
        .await;
    let pid = holder.scalar_text("SELECT pg_backend_pid()").await.unwrap();
    let hurries = confirmed()
        .lock_timeout(Duration::from_millis(40))
        .lock_retries(1);
    let error = try_run_with(&database, &planned, hurries)
        .await
        .unwrap_err();
    let Error::FixFailed(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.blocked_by.len(), 1, "{error}");
    assert_eq!(failure.blocked_by[0].pid.to_string(), pid);
    assert_eq!(
        failure.blocked_by[0].application.as_deref(),
        Some("repairs")
    );
    assert!(failure.applied.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_others_is_waited_for_and_tried_again() {
    let database = database().await;
    let wanted = expected(&database, AFTER).await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    let mut holder = database.oracle().await;
    holder
        .sql("SET application_name = 'holder'; BEGIN; INSERT INTO t VALUES (0, 0)")
        .await;
    let pid = holder.scalar_text("SELECT pg_backend_pid()").await.unwrap();
    let hurries = || confirmed().lock_timeout(Duration::from_millis(100));
    let error = try_run_with(&database, &planned, hurries().lock_retries(1))
        .await
        .unwrap_err();
    assert!(
        error.message().contains(&format!(
            "held by process {pid} (holder, idle in transaction)"
        )),
        "{error}"
    );
    // what others want meanwhile is not kept waiting for longer than that
    let told = Arc::new(AtomicBool::new(false));
    let waits = Arc::clone(&told);
    let patient = hurries().lock_retries(30).on_event(move |event| {
        if let FixEvent::Waits { blocked_by, .. } = event {
            assert_eq!(blocked_by.len(), 1, "{blocked_by:?}");
            waits.store(true, Ordering::SeqCst);
        }
        Ok(())
    });
    let run = try_run_with(&database, &planned, patient);
    let ends = async {
        support::until("the run waits", async || told.load(Ordering::SeqCst)).await;
        holder.sql("ROLLBACK").await;
    };
    let (ended, ()) = tokio::join!(run, ends);
    ended.unwrap();
    is_whole(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_ended_changes_nothing() {
    let database = database().await;
    let wanted = expected(&database, AFTER).await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    let steps = planned.steps().count();
    for stop in 1..=steps {
        let url = database.url().to_owned();
        let ends = confirmed().on_event(move |event| {
            if matches!(event, FixEvent::Step { step, .. } if *step == stop) {
                let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
                support::psql(&url, sql).unwrap();
            }
            Ok(())
        });
        let error = try_run_with(&database, &planned, ends).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FixFailed, "{error}");
        assert!(error.message().contains("nothing was changed"), "{error}");
        is_whole(&database).await;
        let again = plan(&database, &wanted, FixOptions::new()).await;
        assert_eq!(again.sql(), planned.sql());
    }
    fix_to(&database, &wanted, FixOptions::new()).await;
    is_whole(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_changes_nothing() {
    let database = database().await;
    let wanted = expected(&database, AFTER).await;
    let role = format!("weak_{}", database.name());
    database
        .sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON t TO {role}"))
        .await;
    let (_, rest) = database.url().split_once('@').unwrap();
    let options = ConnectOptions::new(format!("postgresql://{role}:x@{rest}"));
    let db = connect_with(options).await.unwrap();
    let planned = plan_fixes(&db, &wanted, FixOptions::new()).await.unwrap();
    let error = apply_fixes(&db, &planned, confirmed()).await.unwrap_err();
    let Error::FixFailed(failure) = &error else {
        panic!("{error}");
    };
    let cause = failure.cause.as_deref().map(Error::kind);
    assert_eq!(cause, Some(ErrorKind::PermissionDenied), "{error}");
    assert!(failure.step.is_some(), "{error}");
    db.close().await.unwrap();
    is_whole(&database).await;
    fix_to(&database, &wanted, FixOptions::new()).await;
    database
        .sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_only_be_read_is_planned_and_not_repaired() {
    for database in [TestDatabase::sqlite(), TestDatabase::postgres().await] {
        database
            .sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            .await;
        let wanted = expected(&database, "CREATE TABLE t (a int, b int)").await;
        let options = ConnectOptions::new(database.url()).read_only(true);
        let db = connect_with(options).await.unwrap();
        let planned = plan_fixes(&db, &wanted, FixOptions::new()).await.unwrap();
        assert_eq!(planned.steps().count(), 1);
        let error = apply_fixes(&db, &planned, confirmed()).await.unwrap_err();
        assert!(error.message().contains("read only"), "{error}");
        db.close().await.unwrap();
        let again = plan(&database, &wanted, FixOptions::new()).await;
        assert_eq!(again.sql(), planned.sql());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_one_transaction_is_right_and_phases_are_refused() {
    let database = database().await;
    let wanted = expected(&database, AFTER).await;
    let bouncer = PgBouncer::start(database.url(), 2);
    let options = ConnectOptions::new(bouncer.url(database.name())).pooler(Pooler::Transaction);
    let db = connect_with(options).await.unwrap();
    let online = FixOptions::new().mode(FixMode::Online);
    let planned = plan_fixes(&db, &wanted, online).await.unwrap();
    let error = apply_fixes(&db, &planned, confirmed()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.hint().unwrap().contains("direct connection"));
    let planned = plan_fixes(&db, &wanted, FixOptions::new()).await.unwrap();
    apply_fixes(&db, &planned, confirmed()).await.unwrap();
    db.close().await.unwrap();
    let again = plan(&database, &wanted, FixOptions::new()).await;
    assert!(
        again.is_empty() && again.not_fixed.is_empty(),
        "{}",
        again.sql()
    );
    is_whole(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_of_a_transaction_it_is_refused_what_a_savepoint_cannot_do() {
    let database = TestDatabase::sqlite();
    database
        .sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        .await;
    let wanted = expected(&database, "CREATE TABLE t (a int DEFAULT 7)").await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    let db = client(&database).await;
    let tx = db_adapter::DatabaseClientExt::begin(&db).await.unwrap();
    let error = apply_fixes(&tx, &planned, confirmed()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FixFailed, "{error}");
    tx.rollback().await.unwrap();
    db.close().await.unwrap();
}

const NARROW: &str = "CREATE TABLE v (id int PRIMARY KEY, at timestamp, n numeric(10,2), s varchar(9)); \
    INSERT INTO v VALUES (1, '2020-01-01', 1.50, 'ab')";
const NARROWED: &str =
    "CREATE TABLE v (id int PRIMARY KEY, at date, n numeric(10,1), s varchar(3))";
const CUT: &str = "INSERT INTO v VALUES (2, '2020-01-01 12:34', 1.55, 'x     ')";

/// Values that come when the plan is made already: the answer of then is not the one of now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_come_after_the_plan_are_not_cut() {
    let database = TestDatabase::postgres().await;
    database.sql(NARROW).await;
    let wanted = expected(&database, NARROWED).await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    assert!(planned.steps().count() > 0, "{planned:?}");
    database.sql(CUT).await;
    let before = database
        .scalar_text("SELECT string_agg(v::text, ' ' ORDER BY id) FROM v")
        .await;
    let error = try_run_with(&database, &planned, confirmed())
        .await
        .unwrap_err();
    assert!(error.message().contains("would be another one"), "{error}");
    let after = database
        .scalar_text("SELECT string_agg(v::text, ' ' ORDER BY id) FROM v")
        .await;
    assert_eq!(after, before);
}

/// The same of a transaction that is under way while the run waits for its lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_come_while_it_waits_are_not_cut() {
    let database = TestDatabase::postgres().await;
    database.sql(NARROW).await;
    let wanted = expected(&database, NARROWED).await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    let mut writer = database.oracle().await;
    writer.sql(&format!("BEGIN; {CUT}")).await;
    let (run, ()) = tokio::join!(try_run_with(&database, &planned, confirmed()), async {
        let mut judge = database.oracle().await;
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'v'::regclass";
        judge.until(waits, "1").await;
        writer.sql("COMMIT").await;
    });
    let error = run.unwrap_err();
    assert!(error.message().contains("would be another one"), "{error}");
    let second = database
        .scalar_text("SELECT v::text FROM v WHERE id = 2")
        .await;
    assert_eq!(
        second.as_deref(),
        Some("(2,\"2020-01-01 12:34:00\",1.55,\"x     \")")
    );
}

/// A change of type is one of all rows, also of those that a policy hides from the owner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_behind_a_policy_are_not_rounded() {
    let database = TestDatabase::postgres().await;
    let role = format!("owns_{}", database.name());
    database
        .sql(&format!(
            "CREATE ROLE {0} LOGIN PASSWORD 'x'; GRANT CREATE, USAGE ON SCHEMA public TO {0}; CREATE TABLE h (id int PRIMARY KEY, x int); \
             INSERT INTO h VALUES (1, 5), (2, 16777217); CREATE POLICY one ON h USING (id = 1); \
             ALTER TABLE h ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; ALTER TABLE h OWNER TO {0}",
            role
        ))
        .await;
    let wanted = expected(&database, "CREATE TABLE h (id int PRIMARY KEY, x real)").await;
    let (_, rest) = database.url().split_once('@').unwrap();
    let options = ConnectOptions::new(format!("postgresql://{role}:x@{rest}"));
    let client = connect_with(options).await.unwrap();
    let planned = plan_fixes(&client, &wanted, FixOptions::new()).await;
    if let Ok(planned) = planned {
        let is_left_out = |path: &str| {
            planned
                .not_fixed
                .iter()
                .any(|entry| entry.object.path() == path)
        };
        assert!(is_left_out("h.x"), "{planned:?}");
        let _ = apply_fixes(&client, &planned, confirmed()).await;
    }
    client.close().await.unwrap();
    let sum = database
        .scalar_text("SELECT string_agg(x::text, ' ' ORDER BY id) FROM h")
        .await;
    assert_eq!(sum.as_deref(), Some("5 16777217"));
}

/// How the values of a column are kept was set by hand, and another type would forget it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_change_of_type_would_reset_is_told() {
    let database = TestDatabase::postgres().await;
    database
        .sql(
            "CREATE TABLE k (a varchar(10), b varchar(10)); ALTER TABLE k ALTER a SET STORAGE main",
        )
        .await;
    let wanted = expected(&database, "CREATE TABLE k (a text, b text)").await;
    let planned = plan(&database, &wanted, FixOptions::new()).await;
    assert_eq!(planned.steps().count(), 1, "{}", planned.sql());
    let why = planned
        .not_fixed
        .iter()
        .find(|entry| entry.object.path() == "k.a");
    assert!(why.unwrap().reason.contains("STORAGE"), "{planned:?}");
}
