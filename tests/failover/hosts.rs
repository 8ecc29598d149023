//! Which of several hosts is connected to, and what is said when none would do.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, Pooler, PostgresAdapter};
use support::{Oracle, PgBouncer, PoolMode, PostgresServer, Stop, psql};

use crate::pair::{Pair, host, nobody};

const PORT: &str = "SELECT current_setting('port')";

/// The port of the server that is connected to.
async fn ours(url: &str) -> Result<String, Error> {
    let db = PostgresAdapter::connect(url).await?;
    let row = db.query(format!("{PORT} AS port")).one().await?;
    row.get("port")
}

/// Every kind against every order of hosts, in a database that may be written and in one whose
/// sessions are read only by default: as psql, or none as psql.
#[tokio::test]
async fn every_kind_of_server_is_the_one_that_libpq_takes() {
    let pair = Pair::start().await;
    let mut oracle = Oracle::postgres(&pair.primary.admin_url()).await;
    oracle.sql("CREATE DATABASE quiet").await;
    oracle
        .sql("ALTER DATABASE quiet SET default_transaction_read_only = on")
        .await;
    let (primary, standby) = (host(&pair.primary), host(&pair.standby));
    let away = nobody();
    let socket = pair.standby.folder().display().to_string();
    let encoded = socket.replace('/', "%2F");
    let orders = [
        primary.clone(),
        standby.clone(),
        format!("{primary},{standby}"),
        format!("{standby},{primary}"),
        format!("{away},{standby},{primary}"),
        format!("{primary},{encoded}:{}", pair.standby.port()),
        format!("%2Fnowhere,[::1]:{},{primary}", pair.standby.port()),
    ];
    let kinds = [
        "any",
        "read-write",
        "read-only",
        "primary",
        "standby",
        "prefer-standby",
    ];
    let mut none = 0;
    for database in ["postgres", "quiet"] {
        for hosts in &orders {
            for kind in kinds {
                let parameters = format!("target_session_attrs={kind}");
                let url = pair.url(hosts, database, &parameters);
                let case = format!("{hosts}/{database}?{parameters}");
                match (ours(&url).await, psql(&url, PORT)) {
                    (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{case}"),
                    (Err(error), Err(_)) => {
                        none += 1;
                        assert_eq!(error.kind(), ErrorKind::Connection, "{case}: {error}");
                        let text = error.to_string();
                        let login = url.split(['/', '@']).nth(2).unwrap();
                        assert!(text.contains("target_session_attrs"), "{case}: {text}");
                        assert!(!text.contains(login), "{case}: {text}");
                    }
                    (ours, theirs) => panic!("{case}: {ours:?}, by psql {theirs:?}"),
                }
            }
        }
    }
    assert!(none > 5, "{none}");
    // lists in parameters are the same
    let login = pair.url("", "postgres", "");
    let lists = format!(
        "{login}host=/nowhere,{socket},127.0.0.1&port={},{},{}&target_session_attrs=primary",
        pair.standby.port(),
        pair.standby.port(),
        pair.primary.port()
    );
    assert_eq!(ours(&lists).await.unwrap(), pair.primary.port().to_string());
    assert_eq!(psql(&lists, PORT), Ok(pair.primary.port().to_string()));
    // by chance, each server gets its share
    let both = pair.url(&pair.hosts(), "postgres", "load_balance_hosts=random");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        seen.insert(ours(&both).await.unwrap());
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[tokio::test]
async fn a_refused_login_is_final_and_a_server_that_is_not_ready_is_not() {
    let server = PostgresServer::start();
    let other = PostgresServer::start();
    let url = server.url("postgres");
    let (login, _) = url.rsplit_once('@').unwrap();
    // the other one has another password
    let wrong = format!("{login}@{},{}/postgres", host(&other), host(&server));
    assert!(psql(&wrong, PORT).is_err());
    let error = ours(&wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(error.to_string().contains(&host(&other)), "{error}");
    // one that follows another server and does not answer before it is promoted
    let cold = server.standby();
    psql(&cold.admin_url(), "ALTER SYSTEM SET hot_standby = off").unwrap();
    cold.stop(Stop::Fast);
    cold.start_again();
    let cold_first = format!("{login}@{},{}/postgres", host(&cold), host(&server));
    assert_eq!(psql(&cold_first, PORT), Ok(server.port().to_string()));
    assert_eq!(ours(&cold_first).await, Ok(server.port().to_string()));
    // a database that there is not, at the first one as well
    let lacking = format!("{login}@{},{}/none", host(&server), host(&cold));
    assert!(psql(&lacking, PORT).is_err());
    let error = ours(&lacking).await.unwrap_err().to_string();
    assert!(error.contains("no database of this name"), "{error}");
}

#[tokio::test]
async fn each_host_has_its_own_time_and_the_error_names_each_with_its_reason() {
    let server = PostgresServer::start();
    // the system accepts for it, and nobody answers
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap().to_string();
    let url = server.url("postgres");
    let (login, _) = url.rsplit_once('@').unwrap();
    let options = |hosts: &str| {
        ConnectOptions::new(format!("{login}@{hosts}/postgres"))
            .connect_timeout(Duration::from_millis(700))
    };
    let started = Instant::now();
    let hosts = format!("{silent},{}", host(&server));
    PostgresAdapter::connect_with(options(&hosts))
        .await
        .unwrap();
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(700), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");

    // so does the pool: none of its users waits for the silent one longer than its share
    let url = format!("{login}@{silent},{}/postgres", host(&server));
    let options_of_pool = ConnectOptions::new(url)
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(4));
    let db = PostgresAdapter::connect_with(options_of_pool)
        .await
        .unwrap();
    let started = Instant::now();
    let slow = || async { db.query("SELECT pg_sleep(0.2)").await };
    let all = tokio::join!(slow(), slow(), slow(), slow());
    for result in [all.0, all.1, all.2, all.3] {
        result.unwrap();
    }
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );

    let away = nobody();
    let hosts = format!("{silent},{away},no-such-host.invalid:5433");
    let error = PostgresAdapter::connect_with(options(&hosts))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    let text = error.to_string();
    for reason in [
        format!("`{silent}`: the server did not answer within 700ms"),
        format!("`{away}`: nothing listens there"),
        "`no-such-host.invalid:5433`: the name of the host is not known".to_owned(),
    ] {
        assert!(text.contains(&reason), "{text}");
    }
    let password = login.rsplit_once(':').unwrap().1;
    assert!(!text.contains(password), "{text}");
    drop(listener);
}

/// Each server has a pooler of its own before it, as it comes.
#[tokio::test]
async fn behind_poolers_the_wanted_server_is_found_as_well() {
    let pair = Pair::start().await;
    for (mode, pooler) in [
        (PoolMode::Session, Pooler::None),
        (PoolMode::Transaction, Pooler::Transaction),
    ] {
        let before = |server: &PostgresServer| PgBouncer::start_in(mode, &server.admin_url(), 5);
        let bouncers = [before(&pair.standby), before(&pair.primary)];
        let hosts = bouncers.each_ref().map(|bouncer| {
            let url = bouncer.url("postgres");
            url.split(['@', '/']).nth(3).unwrap().to_owned()
        });
        for (kind, server) in [
            ("read-write", &pair.primary),
            ("primary", &pair.primary),
            ("standby", &pair.standby),
            ("prefer-standby", &pair.standby),
        ] {
            let parameters = format!("target_session_attrs={kind}");
            let url = pair.url(&hosts.join(","), "postgres", &parameters);
            let db = PostgresAdapter::connect_with(ConnectOptions::new(url).pooler(pooler)).await;
            let db = db.unwrap_or_else(|error| panic!("{mode:?} {kind}: {error}"));
            let row = db.query(format!("{PORT} AS port")).one().await.unwrap();
            assert_eq!(row["port"], server.port().to_string(), "{mode:?} {kind}");
        }
    }
}

/// Requests whose limit is shorter than a host's time to answer: each begins with the first host, and
/// would never come to the second.
#[tokio::test]
async fn operations_that_are_given_up_early_still_find_the_second_host() {
    let server = PostgresServer::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    let url = server.url("postgres");
    let (login, _) = url.rsplit_once('@').unwrap();
    let options = ConnectOptions::new(format!("{login}@{silent},{}/postgres", host(&server)))
        .connect_timeout(Duration::from_secs(3))
        // every operation needs a new connection
        .max_lifetime(Duration::from_millis(1));
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let mut answered = 0;
    for _ in 0..5 {
        let limited = tokio::time::timeout(Duration::from_millis(400), db.query("SELECT 1"));
        answered += usize::from(limited.await.is_ok_and(|result| result.is_ok()));
    }
    assert!(answered >= 4, "{answered} of 5");
    drop(listener);
}
