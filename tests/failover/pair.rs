//! A primary with a standby that acknowledges every commit: none is lost when the primary is.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use support::{Oracle, PostgresServer, psql};

pub(crate) struct Pair {
    pub(crate) primary: PostgresServer,
    pub(crate) standby: PostgresServer,
}

impl Pair {
    pub(crate) async fn start() -> Self {
        let primary = PostgresServer::start();
        let standby = primary.standby();
        follow_synchronously(&primary).await;
        Pair { primary, standby }
    }

    /// A URL with these hosts and parameters; the login is that of both.
    pub(crate) fn url(&self, hosts: &str, database: &str, parameters: &str) -> String {
        let url = self.primary.url(database);
        let (login, _) = url.rsplit_once('@').unwrap();
        format!("{login}@{hosts}/{database}?{parameters}")
    }

    /// The primary first, then the standby.
    pub(crate) fn hosts(&self) -> String {
        format!("{},{}", host(&self.primary), host(&self.standby))
    }
}

pub(crate) fn host(server: &PostgresServer) -> String {
    format!("127.0.0.1:{}", server.port())
}

/// From here on a commit is answered when the standby has it.
pub(crate) async fn follow_synchronously(primary: &PostgresServer) {
    let mut oracle = Oracle::postgres(&primary.admin_url()).await;
    for sql in [
        "ALTER SYSTEM SET synchronous_commit = 'remote_apply'",
        "ALTER SYSTEM SET synchronous_standby_names = '*'",
        "SELECT pg_reload_conf()",
    ] {
        oracle.sql(sql).await;
    }
    let started = Instant::now();
    let state = "SELECT string_agg(sync_state, ',') FROM pg_stat_replication";
    while psql(&primary.admin_url(), state) != Ok("sync".into()) {
        assert!(started.elapsed() < Duration::from_secs(60), "no standby");
    }
}

/// A host where nothing listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("127.0.0.1:{}", listener.local_addr().unwrap().port())
}
