//! Ways to connect: sockets, IPv6, settings of the session.

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, PostgresAdapter};
use support::{Oracle, PostgresServer, Stop, TestDatabase};

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
async fn a_setting_that_the_server_refuses_is_named() {
    let database = TestDatabase::postgres().await;
    for (options, name) in [("-c%20nope=1", "nope"), ("-c%20work_mem=much", "work_mem")] {
        let url = format!("{}?options={options}", database.url());
        let error = PostgresAdapter::connect(&url).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        let named = format!("the server refuses the setting `{name}` of the connection");
        assert!(error.to_string().contains(&named), "{error}");
    }
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
            "target_session_attrs=primary-or-so",
            ErrorKind::Config,
            "target_session_attrs",
        ),
        ("host=a,b&port=1,2,3", ErrorKind::Config, "`port`"),
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
        "postgresql://u:p#q@h/db",
        "postgresql://u:[YOUR-PASSWORD]@h/db",
    ] {
        let error = PostgresAdapter::connect(url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
}

/// The server takes any search path; what is missing would be found with the first table.
#[tokio::test]
async fn a_schema_that_is_not_there_is_refused() {
    let database = TestDatabase::postgres().await;
    database.sql("CREATE SCHEMA tenant").await;
    let long = "x".repeat(70);
    for (schema, says) in [
        ("tennant", "did you mean `tenant`?"),
        ("nope nope", "create it"),
        (long.as_str(), "create it"),
        ("id\0", "NUL"),
        ("", "empty"),
    ] {
        let options = ConnectOptions::new(database.url()).schema(schema);
        let error = PostgresAdapter::connect_with(options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{schema:?}: {error}");
        assert!(error.to_string().contains(says), "{schema:?}: {error}");
    }
    // PostgreSQL would cut the name and find this one
    database
        .sql(&format!("CREATE SCHEMA {}", &long[..63]))
        .await;
    let options = ConnectOptions::new(database.url()).schema(&long);
    let error = PostgresAdapter::connect_with(options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}
