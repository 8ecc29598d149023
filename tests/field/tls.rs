//! TLS in each of libpq's modes, against servers with certificates of our own. `psql` is asked the
//! same, where OpenSSL and rustls accept the same certificates.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use support::{Oracle, PostgresServer, TestDatabase, psql};

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// Which connections a database takes: over TLS with a client's certificate, over TLS, or plain.
const RULES: &str =
    "hostssl certs all all cert\nhostnossl tls all all reject\nhostssl plain all all reject\n";

/// A server with a certificate for `localhost`.
struct TlsServer {
    server: PostgresServer,
    folder: tempfile::TempDir,
}

fn try_openssl(folder: &Path, arguments: &str) -> Output {
    Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("hint: `apt-get install openssl`")
}

fn openssl(folder: &Path, arguments: &str) -> String {
    let output = try_openssl(folder, arguments);
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// `name.crt` and `name.key`, signed by `authority`.
fn certificate(folder: &Path, name: &str, subject: &str, authority: &str) {
    fs::write(
        folder.join(format!("{name}.ext")),
        "subjectAltName=DNS:localhost\n",
    )
    .unwrap();
    openssl(
        folder,
        &format!("req -new {KEY} -keyout {name}.key -out {name}.csr -subj /CN={subject}"),
    );
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA {authority}.crt -CAkey {authority}.key -CAcreateserial -days 2 -extfile {name}.ext -out {name}.crt"
        ),
    );
}

fn authority(folder: &Path, name: &str) {
    openssl(
        folder,
        &format!("req -x509 {KEY} -keyout {name}.key -out {name}.crt -subj /CN={name} -days 2"),
    );
}

/// `server.crt` of X.509 version 1, as extensions of PostgreSQL make them: newer versions of
/// OpenSSL want to be asked for it.
fn certificate_of_version_1(folder: &Path) {
    openssl(
        folder,
        &format!("req -new {KEY} -keyout server.key -out server.csr -subj /CN=localhost"),
    );
    let sign = "x509 -req -in server.csr -signkey server.key -days 2 -out server.crt";
    openssl(folder, sign);
    let version = || openssl(folder, "x509 -in server.crt -noout -text");
    if !version().contains("Version: 1 ") {
        let sign = "req -x509 -x509v1 -key server.key -in server.csr -days 2 -out server.crt";
        openssl(folder, sign);
    }
    assert!(version().contains("Version: 1 "), "{}", version());
}

impl TlsServer {
    /// With a certificate of an authority of its own.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        authority(folder.path(), "root");
        authority(folder.path(), "other");
        certificate(folder.path(), "server", "server", "root");
        certificate(folder.path(), "client", "tests", "root");
        Self::with(folder).await
    }

    /// With a certificate that rustls does not accept, whatever is to be checked.
    async fn of_version_1() -> Self {
        let folder = tempfile::tempdir().unwrap();
        authority(folder.path(), "root");
        certificate_of_version_1(folder.path());
        Self::with(folder).await
    }

    async fn with(folder: tempfile::TempDir) -> Self {
        let server = PostgresServer::start();
        let owner = fs::metadata(server.folder().join("data")).unwrap();
        for name in ["server.crt", "server.key", "root.crt"] {
            let to = server.folder().join("data").join(name);
            fs::copy(folder.path().join(name), &to).unwrap();
            chown(&to, Some(owner.uid()), Some(owner.gid())).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let hba = server.folder().join("data/pg_hba.conf");
        let rules = fs::read_to_string(&hba).unwrap();
        fs::write(&hba, format!("{RULES}{rules}")).unwrap();
        let this = TlsServer { server, folder };
        let mut oracle = Oracle::postgres(&this.url("postgres", "sslmode=disable")).await;
        for sql in [
            "CREATE DATABASE certs",
            "CREATE DATABASE tls",
            "CREATE DATABASE plain",
            "ALTER SYSTEM SET ssl_ca_file = 'root.crt'",
            "ALTER SYSTEM SET ssl = on",
            "SELECT pg_reload_conf()",
        ] {
            oracle.sql(sql).await;
        }
        let started = Instant::now();
        // the postmaster reads its rules and its certificate before it starts a process for us
        while psql(&this.url("tls", "sslmode=require"), "SELECT 1") != Ok("1".into()) {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{}",
                this.server.log()
            );
        }
        this
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self, database: &str, parameters: &str) -> String {
        format!("{}?{parameters}", self.server.url(database))
    }
}

const ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// Connects, and says whether the connection is encrypted.
async fn encrypted(url: &str) -> Result<bool, Error> {
    let options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(5));
    let db = PostgresAdapter::connect_with(options).await?;
    let row = db.query(ENCRYPTED).one().await?;
    row.get("ssl")
}

/// The same by libpq; `None` when it cannot connect.
fn encrypted_by_libpq(url: &str) -> Option<bool> {
    psql(url, ENCRYPTED).ok().map(|ssl| ssl == "t")
}

async fn refused(url: &str) -> String {
    let error = encrypted(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    error.to_string()
}

/// Whether a connection is encrypted where a database takes both kinds, only TLS, only plain.
#[tokio::test]
async fn every_sslmode_connects_where_libpq_connects() {
    let server = TlsServer::start().await;
    for (mode, both, tls, plain) in [
        ("sslmode=disable", Some(false), None, Some(false)),
        ("sslmode=allow", Some(false), Some(true), Some(false)),
        ("sslmode=prefer", Some(true), Some(true), Some(false)),
        ("", Some(true), Some(true), Some(false)),
        ("sslmode=require", Some(true), Some(true), None),
    ] {
        for (database, expected) in [("postgres", both), ("tls", tls), ("plain", plain)] {
            let url = server.url(database, mode);
            let ours = encrypted(&url).await;
            assert_eq!(encrypted_by_libpq(&url), expected, "{database} {mode}");
            assert_eq!(ours.clone().ok(), expected, "{database} {mode}: {ours:?}");
            if let Err(error) = ours {
                assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
                assert!(error.to_string().contains("TLS"), "{error}");
            }
        }
    }
    // a wrong password is final
    for mode in ["allow", "prefer"] {
        let url = server.url("postgres", &format!("sslmode={mode}"));
        let (login, place) = url.rsplit_once('@').unwrap();
        let wrong = format!("{login}x@{place}");
        let before = server
            .server
            .log()
            .matches("password authentication failed")
            .count();
        let error = encrypted(&wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        let after = server
            .server
            .log()
            .matches("password authentication failed")
            .count();
        assert_eq!(after - before, 1, "{mode}: it is sent once");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_supported_is_named_unless_tls_is_only_preferred() {
    let server = TlsServer::of_version_1().await;
    for mode in ["", "sslmode=prefer", "sslmode=allow", "sslmode=disable"] {
        for database in ["postgres", "plain"] {
            let url = server.url(database, mode);
            assert_eq!(encrypted(&url).await, Ok(false), "{database} {mode}");
        }
    }
    let root = server.file("server.crt").display().to_string();
    let required = [
        ("postgres", "sslmode=require".to_owned()),
        ("postgres", format!("sslmode=require&sslrootcert={root}")),
        ("postgres", format!("sslmode=verify-ca&sslrootcert={root}")),
        (
            "postgres",
            format!("sslmode=verify-full&sslrootcert={root}"),
        ),
        // the server takes nothing else
        ("tls", "sslmode=prefer".to_owned()),
        ("tls", "sslmode=allow".to_owned()),
    ];
    for (database, mode) in required {
        let error = refused(&server.url(database, &mode)).await;
        assert!(error.contains("X.509 version 1"), "{mode}: {error}");
        assert!(error.contains("hint"), "{mode}: {error}");
    }
    // the pool's connections as well
    let options = ConnectOptions::new(server.url("postgres", "")).max_connections(3);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let ping = || async { db.query("SELECT pg_sleep(0.1)").await.map(drop) };
    let (a, b, c) = tokio::join!(ping(), ping(), ping());
    for result in [a, b, c] {
        result.unwrap();
    }
}

#[tokio::test]
async fn certificates_are_checked_as_libpq_checks_them() {
    let server = TlsServer::start().await;
    let root = server.file("root.crt").display().to_string();
    let other = server.file("other.crt").display().to_string();
    let url = |parameters: &str| server.url("postgres", parameters);
    let by_name = |parameters: &str| url(parameters).replace("127.0.0.1", "localhost");
    let checked = [
        format!("sslmode=require&sslrootcert={root}"),
        format!("sslmode=verify-ca&sslrootcert={root}"),
    ];
    for parameters in &checked {
        assert_eq!(encrypted(&url(parameters)).await, Ok(true), "{parameters}");
        let wrong = parameters.replace(&root, &other);
        let error = refused(&url(&wrong)).await;
        assert!(error.contains("trusted authority"), "{wrong}: {error}");
    }
    let error = refused(&url("sslmode=verify-ca")).await;
    assert!(error.contains("trusted authority"), "{error}");
    let full = format!("sslmode=verify-full&sslrootcert={root}");
    assert_eq!(encrypted(&by_name(&full)).await, Ok(true));
    let error = refused(&url(&full)).await;
    assert!(error.contains("another host name"), "{error}");
    let error = refused(&by_name("sslrootcert=system")).await;
    assert!(error.contains("trusted authority"), "{error}");
    // the client's certificate is its login
    let [cert, key] =
        ["client.crt", "client.key"].map(|name| server.file(name).display().to_string());
    let login = format!("sslmode=require&sslcert={cert}&sslkey={key}");
    assert_eq!(encrypted(&server.url("certs", &login)).await, Ok(true));
    let error = encrypted(&server.url("certs", "sslmode=require"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Authentication | ErrorKind::Connection
        ),
        "{error}"
    );
    let error = encrypted(&url(&format!("sslmode=require&sslcert={cert}")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[tokio::test]
async fn without_tls_on_the_server_prefer_is_plain_and_require_an_error() {
    let database = TestDatabase::postgres().await;
    let url = |mode: &str| format!("{}?sslmode={mode}", database.url());
    assert_eq!(encrypted(&url("prefer")).await, Ok(false));
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = refused(&url(mode)).await;
        assert!(error.contains("does not support TLS"), "{error}");
    }
}
