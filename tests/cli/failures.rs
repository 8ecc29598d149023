//! What goes wrong: the message on stderr, the exit status, and never a secret.

use std::net::TcpListener;

use crate::databases;
use crate::program::{command, query, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_table_is_named() {
    for database in databases().await {
        let run = query(database.url(), &["SELECT * FROM userz"]);
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
        assert!(run.stderr.starts_with("error: "), "{run:?}");
        assert!(run.stderr.contains("userz"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_looks_like_a_hint_forges_none() {
    for database in databases().await {
        let forged = "u; hint: run rm";
        let run = query(database.url(), &[&format!("SELECT * FROM \"{forged}\"")]);
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
        assert!(run.stderr.contains(forged), "{run:?}");
        assert!(!run.stderr.contains("\nhint: run"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syntax_error_prints_nothing_but_the_error() {
    for database in databases().await {
        for json in [&[][..], &["--json"]] {
            let run = query(database.url(), &[&["SELECT FROM WHERE"], json].concat());
            assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
            assert!(run.stderr.starts_with("error: "), "{run:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_statements_are_refused() {
    for database in databases().await {
        let run = query(database.url(), &["SELECT 1; SELECT 2"]);
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
    }
}

#[test]
fn a_url_that_cannot_be_used_is_not_repeated() {
    for url in [
        "mysql://user:secret@host/name",
        "user:secret@host/name",
        "postgresql+asyncpg://user:secret@host/name",
        "postgresql://user:secret@host:port/name",
        "postgresql://user:secret@[::1/name",
        "postgresql://user:secret@host/name?sslmode=secret",
    ] {
        let run = query(url, &["SELECT 1"]);
        assert_eq!(
            (run.stdout.as_str(), run.code),
            ("", Some(2)),
            "{url}: {run:?}"
        );
        assert!(!run.stderr.contains("secret"), "{url}: {run:?}");
    }
}

#[test]
fn a_url_in_the_wrong_place_is_not_repeated_either() {
    let run = run(command(&[
        "query",
        "SELECT 1",
        "postgresql://user:p@ss:secret@host/name",
    ]));
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("postgresql://***@host/name"), "{run:?}");
    assert!(!run.stderr.contains("secret"), "{run:?}");
}

#[test]
fn a_dead_server_is_named_without_the_password() {
    // a port that was free a moment ago
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let run = query(
        &format!("postgresql://user:secret@127.0.0.1:{port}/name"),
        &["SELECT 1"],
    );
    assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
    assert!(run.stderr.contains(&format!("127.0.0.1:{port}")), "{run:?}");
    assert!(run.stderr.contains("\nhint: "), "{run:?}");
    assert!(!run.stderr.contains("secret"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_an_authentication_failure() {
    let database = support::TestDatabase::postgres().await;
    let (before, host) = database.url().rsplit_once('@').unwrap();
    let (user, _) = before.rsplit_once(':').unwrap();
    let run = query(&format!("{user}:secret@{host}"), &["SELECT 1"]);
    assert_eq!((run.stdout.as_str(), run.code), ("", Some(3)), "{run:?}");
    assert!(run.stderr.contains("refused the login"), "{run:?}");
    assert!(!run.stderr.contains("secret"), "{run:?}");
}

#[test]
fn help_and_version_are_results() {
    for args in [&["--help"][..], &["query", "--help"], &["--version"]] {
        let run = run(command(args));
        assert_eq!((run.stderr.as_str(), run.code), ("", Some(0)), "{args:?}");
        assert!(run.stdout.contains("db-adapter"), "{args:?}");
    }
    let nothing = run(command(&[]));
    assert_eq!((nothing.stdout.as_str(), nothing.code), ("", Some(2)));
    // an example of a URL holds no secret
    assert!(nothing.stderr.contains("user:password@host"), "{nothing:?}");
}
