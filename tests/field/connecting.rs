//! Ways to connect: TLS in each of libpq's modes against a server with certificates of our own,
//! sockets, IPv6, settings of the session.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use support::{Oracle, PostgresServer, Stop, TestDatabase};

/// A server with a certificate for `localhost`, of an authority of its own.
struct TlsServer {
    server: PostgresServer,
    folder: tempfile::TempDir,
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("hint: `apt-get install openssl`");
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
}

/// `name.crt` and `name.key`, signed by `authority`.
fn certificate(folder: &Path, name: &str, subject: &str, authority: &str) {
    const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
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
        &format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {name}.key -out {name}.crt -subj /CN={name} -days 2"
        ),
    );
}

impl TlsServer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        authority(folder.path(), "root");
        authority(folder.path(), "other");
        certificate(folder.path(), "server", "server", "root");
        certificate(folder.path(), "client", "tests", "root");
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
        fs::write(&hba, format!("hostssl certs all all cert\n{rules}")).unwrap();
        let mut oracle = Oracle::postgres(&server.admin_url()).await;
        for sql in [
            "CREATE DATABASE certs",
            "ALTER SYSTEM SET ssl_ca_file = 'root.crt'",
            "ALTER SYSTEM SET ssl = on",
            "SELECT pg_reload_conf()",
        ] {
            oracle.sql(sql).await;
        }
        let this = TlsServer { server, folder };
        let started = Instant::now();
        while encrypted(&this.url("postgres", "sslmode=require")).await != Ok(true) {
            assert!(
                started.elapsed() < Duration::from_secs(10),
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

/// Connects, and says whether the connection is encrypted.
async fn encrypted(url: &str) -> Result<bool, Error> {
    let options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(5));
    let db = PostgresAdapter::connect_with(options).await?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let row = db.query(sql).one().await?;
    row.get("ssl")
}

async fn refused(url: &str) -> String {
    let error = encrypted(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    error.to_string()
}

#[tokio::test]
async fn every_sslmode_means_what_libpq_means() {
    let server = TlsServer::start().await;
    let root = server.file("root.crt").display().to_string();
    let other = server.file("other.crt").display().to_string();
    let url = |parameters: &str| server.url("postgres", parameters);
    let by_name = |parameters: &str| url(parameters).replace("127.0.0.1", "localhost");
    for (parameters, expected) in [
        ("sslmode=disable", false),
        ("sslmode=allow", true),
        ("sslmode=prefer", true),
        ("", true),
        ("sslmode=require", true),
    ] {
        assert_eq!(
            encrypted(&url(parameters)).await,
            Ok(expected),
            "{parameters}"
        );
    }
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

#[tokio::test]
async fn sockets_and_ipv6() {
    let server = PostgresServer::start();
    let url = server.admin_url();
    let (login, place) = url.rsplit_once('@').unwrap();
    let folder = server.folder().display().to_string();
    // on a socket there is no TLS, whatever is asked for
    for url in [
        format!("{login}@/postgres?host={folder}&port={}", server.port()),
        format!(
            "{login}@{}:{}/postgres",
            folder.replace('/', "%2F"),
            server.port()
        ),
        format!(
            "{login}@/postgres?host={folder}&port={}&sslmode=require",
            server.port()
        ),
    ] {
        let db = PostgresAdapter::connect(&url).await.unwrap();
        let row = db
            .query("SELECT inet_client_addr()::text AS address")
            .one()
            .await
            .unwrap();
        assert_eq!(row["address"], Value::Null);
        assert!(format!("{db:?}").contains(&folder), "{db:?}");
    }
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        println!("no IPv6 on this machine");
        return;
    }
    Oracle::postgres(&url)
        .await
        .sql("ALTER SYSTEM SET listen_addresses = '127.0.0.1,::1'")
        .await;
    server.stop(Stop::Fast);
    server.start_again();
    let url = format!("{login}@{}", place.replace("127.0.0.1", "[::1]"));
    let db = PostgresAdapter::connect(&url).await.unwrap();
    let row = db
        .query("SELECT host(inet_client_addr()) AS address")
        .one()
        .await
        .unwrap();
    assert_eq!(row["address"], "::1");
}

#[tokio::test]
async fn sessions_are_as_the_url_and_the_options_say() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE SCHEMA \"it's \"\"mine\"; CREATE TABLE \"it's \"\"mine\".t (id int); CREATE TABLE p (id int)")
        .await;
    let url = format!(
        "{}?application_name=shop&options=-c%20work_mem%3D5MB&options[geqo]=off&target_session_attrs=any&connect_timeout=7",
        database.url()
    );
    let options = ConnectOptions::new(url)
        .schema("it's \"mine")
        .profile("prod");
    let db = PostgresAdapter::connect_with(options.clone())
        .await
        .unwrap();
    for (setting, value) in [
        ("application_name", "shop"),
        ("work_mem", "5MB"),
        ("geqo", "off"),
    ] {
        let row = db.query(format!("SHOW {setting}")).one().await.unwrap();
        assert_eq!(row.get_index(0), Some(&value.into()));
    }
    db.insert("t", row! { "id": 1 }).await.unwrap();
    assert_eq!(db.count("public.p", row! {}).await.unwrap(), 0);
    assert_eq!(
        db.count("p", row! {}).await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    let reader = PostgresAdapter::connect_with(options.read_only(true))
        .await
        .unwrap();
    assert_eq!(reader.select("t", "*").await.unwrap().len(), 1);
    let read_only = |result: std::result::Result<(), Error>| {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::ReadOnly)
    };
    read_only(reader.insert("t", row! { "id": 2 }).await.map(|_| ()));
    read_only(
        reader
            .update("t", row! { "id": 2 }, row! { "id": 1 })
            .await
            .map(|_| ()),
    );
    read_only(reader.delete("t", row! { "id": 1 }).await.map(|_| ()));
    read_only(reader.execute("CREATE TABLE x ()").await.map(|_| ()));
    read_only(
        reader
            .execute_script("CREATE TABLE x (); CREATE TABLE y ()")
            .await,
    );
    let tx = reader.begin().await.unwrap();
    read_only(tx.insert("t", row! { "id": 2 }).await.map(|_| ()));
}

/// Without a server: what is refused before anything is sent.
#[tokio::test]
async fn what_cannot_be_honoured_is_refused_by_name() {
    for (parameters, kind, named) in [
        (
            "target_session_attrs=read-write",
            ErrorKind::Unsupported,
            "target_session_attrs",
        ),
        ("host=a,b", ErrorKind::Unsupported, "several hosts"),
        ("gssencmode=require", ErrorKind::Unsupported, "gssencmode"),
        (
            "sslnegotiation=direct",
            ErrorKind::Unsupported,
            "sslnegotiation",
        ),
        ("sslcrl=x", ErrorKind::Config, "`sslcrl`"),
        ("sslmode=maybe", ErrorKind::Config, "sslmode"),
        (
            "sslcert=/nowhere&sslkey=/nowhere",
            ErrorKind::Config,
            "sslcert",
        ),
    ] {
        let url = format!("postgresql://u:hunter2@127.0.0.1:1/db?{parameters}");
        let error = PostgresAdapter::connect(&url).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let text = error.to_string();
        assert!(text.contains(named) && !text.contains("hunter2"), "{text}");
    }
    for url in [
        "postgresql://u:p@a,b/db",
        "postgresql://u:p@a:1,b:2/db?target_session_attrs=any",
    ] {
        let error = PostgresAdapter::connect(url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    for url in [
        "postgresql://u:p#q@h/db",
        "postgresql://u:[YOUR-PASSWORD]@h/db",
    ] {
        let error = PostgresAdapter::connect(url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
}
