//! A server is protected, restartable, and never outlives the process that started it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use support::{Oracle, PG_BIN_VARIABLE, PostgresServer, Stop, TestDatabase, find_binaries};

fn test_cluster() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_test-cluster"));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn url_of(cluster: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(cluster.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    line.trim_end().to_owned()
}

async fn folder_of(url: &str) -> String {
    Oracle::postgres(url)
        .await
        .scalar_text("SHOW unix_socket_directories")
        .await
        .unwrap()
}

async fn gone(url: &str, folder: &str) -> bool {
    let address = url.split(['@', '/']).nth(3).unwrap().to_owned();
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        if !Path::new(folder).exists() && TcpStream::connect(&address).is_err() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[test]
fn missing_binaries_say_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let message = find_binaries(Some(folder.path())).unwrap_err();
    assert!(message.contains("apt-get install postgresql"), "{message}");
    assert!(
        message.contains(folder.path().to_str().unwrap()),
        "{message}"
    );
}

#[test]
fn missing_server_fails_loudly() {
    let folder = tempfile::tempdir().unwrap();
    let output = test_cluster()
        .env(PG_BIN_VARIABLE, folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("apt-get install postgresql"), "{message}");
}

#[tokio::test]
async fn cluster_ends_with_its_input() {
    let mut cluster = test_cluster().spawn().unwrap();
    let url = url_of(&mut cluster);
    let folder = folder_of(&url).await;
    drop(cluster.stdin.take());
    assert!(cluster.wait().unwrap().success());
    assert!(!Path::new(&folder).exists());
    assert!(gone(&url, &folder).await);
}

#[tokio::test]
async fn killed_process_leaves_no_server() {
    let mut cluster = test_cluster().spawn().unwrap();
    let url = url_of(&mut cluster);
    let folder = folder_of(&url).await;
    cluster.kill().unwrap();
    cluster.wait().unwrap();
    assert!(gone(&url, &folder).await);
}

#[tokio::test]
async fn own_server_restarts_on_its_port_and_needs_its_password() {
    let server = PostgresServer::start();
    let database = TestDatabase::postgres_on(&server).await;
    database
        .sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7); CHECKPOINT")
        .await;

    for how in [Stop::Fast, Stop::Immediate] {
        server.stop(how);
        assert!(PgConnection::connect(database.url()).await.is_err());
        server.start_again();
        assert_eq!(
            database.scalar_text("SELECT n FROM kept").await.as_deref(),
            Some("7")
        );
    }

    let wrong = format!(
        "postgresql://tests:wrong@127.0.0.1:{}/postgres",
        server.port()
    );
    let error = PgConnection::connect(&wrong).await.unwrap_err().to_string();
    assert!(error.contains("password authentication failed"), "{error}");
    assert!(server.log().contains("password authentication failed"));

    drop(database);
    let (url, folder) = (server.admin_url(), server.folder().display().to_string());
    drop(server);
    assert!(gone(&url, &folder).await);
}
