//! A standby follows its primary, can be read meanwhile, and takes its place.

use support::{Oracle, PgBouncer, PoolMode, PostgresServer, Stop, psql};

#[tokio::test]
async fn a_standby_follows_and_takes_over_and_has_standbys_of_its_own() {
    let primary = PostgresServer::start();
    let standby = primary.standby();
    let mut writer = Oracle::postgres(&primary.admin_url()).await;
    writer
        .sql("CREATE TABLE t (n int); INSERT INTO t VALUES (7)")
        .await;
    standby.caught_up_with(&primary).await;
    let url = standby.admin_url();
    let mut reader = Oracle::postgres(&url).await;
    assert_eq!(
        reader.scalar_text("SELECT n FROM t").await.as_deref(),
        Some("7")
    );
    let refused = psql(&url, "INSERT INTO t VALUES (8)").unwrap_err();
    assert!(refused.contains("read-only transaction"), "{refused}");

    primary.stop(Stop::Immediate);
    standby.promote();
    psql(&url, "INSERT INTO t VALUES (8)").unwrap();
    let third = standby.standby();
    third.caught_up_with(&standby).await;
    assert_eq!(
        psql(&third.admin_url(), "SELECT sum(n) FROM t"),
        Ok("15".into())
    );
}

/// Statement mode refuses transactions.
#[test]
fn a_pooler_runs_in_every_mode() {
    let server = PostgresServer::start();
    for (mode, word) in [
        (PoolMode::Session, "session"),
        (PoolMode::Transaction, "transaction"),
        (PoolMode::Statement, "statement"),
    ] {
        let bouncer = PgBouncer::start_in(mode, &server.admin_url(), 2);
        let begun = psql(&bouncer.url("postgres"), "BEGIN");
        assert_eq!(
            begun.is_ok(),
            mode != PoolMode::Statement,
            "{word}: {begun:?}"
        );
        let kept = psql(&bouncer.url("postgres"), "SELECT 1");
        assert_eq!(kept, Ok("1".into()), "{word}: {}", bouncer.log());
    }
}
