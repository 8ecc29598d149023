//! Nothing that may have written is sent twice, and what may have been done is not called undone:
//! a proxy loses the server's answer, and functions raise the errors by which the adapter knows its
//! own troubles.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, ErrorKind, Filter, PostgresAdapter};
use futures_util::TryStreamExt;
use support::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SCHEMA: &str = "
    CREATE SEQUENCE calls;
    CREATE TABLE marks (id bigint DEFAULT nextval('calls'));
    CREATE FUNCTION mark() RETURNS bigint LANGUAGE sql AS
        'INSERT INTO marks DEFAULT VALUES RETURNING id';
    CREATE VIEW marking AS SELECT mark() AS id;
    CREATE TABLE t (id int PRIMARY KEY, n int);
    CREATE VIEW plain AS SELECT id, n FROM t;
    CREATE FUNCTION fails(code text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
        PERFORM nextval('calls'); RAISE EXCEPTION 'no' USING ERRCODE = code; END $$;
    CREATE VIEW failing AS SELECT fails('08006') AS id;";
const CALLS: &str = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM calls";

/// Passes everything on until it is armed: then it hangs up instead of passing on an answer.
struct Proxy {
    port: u16,
    armed: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(host: String) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let cuts = Arc::clone(&armed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&host).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&cuts)));
            }
        });
        Proxy { port, armed }
    }
}

async fn pass(client: TcpStream, server: TcpStream, armed: Arc<AtomicBool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from_server.read(&mut piece).await {
        if armed.swap(false, Ordering::SeqCst)
            || to_client.write_all(&piece[..length]).await.is_err()
        {
            break;
        }
    }
    up.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_leads_to_no_second_call() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    let url = database.url();
    let (login, rest) = url.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::before(host.to_owned()).await;
    let url = format!("{login}@127.0.0.1:{}/{name}", proxy.port);
    let options = ConnectOptions::new(url).max_connections(1);
    let db = PostgresAdapter::connect_with(options).await.unwrap();
    let mut calls = 0;
    for way in 0..5 {
        let call = async || match way {
            0 => db.query("SELECT mark() AS id").await.map(drop),
            1 => db.select("marking", "*").await.map(drop),
            2 => db.count("marking", row! {}).await.map(drop),
            3 => db.insert("marks", row! {}).await.map(drop),
            _ => db.execute("SELECT mark()").await.map(drop),
        };
        call().await.unwrap();
        proxy.armed.store(true, Ordering::SeqCst);
        let error = call().await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::OutcomeUnknown,
            "way {way}: {error}"
        );
        calls += 2;
        let rows = database.scalar_text("SELECT count(*) FROM marks").await;
        assert_eq!(rows.unwrap(), calls.to_string(), "way {way}");
        db.ping().await.unwrap();
    }
    // what only reads is read again
    for table in ["t", "plain"] {
        db.select(table, "*").await.unwrap();
        proxy.armed.store(true, Ordering::SeqCst);
        assert!(db.select(table, "*").await.unwrap().is_empty());
    }
}

/// What runs functions when it is read, beside the functions that a view names. None of it is written
/// in the text that is sent.
const CALLING: &str = "
    CREATE FUNCTION look(id bigint) RETURNS bool LANGUAGE sql SECURITY DEFINER AS
        'INSERT INTO marks VALUES ($1) RETURNING true';
    CREATE TABLE rows (id bigint PRIMARY KEY, child bool DEFAULT false);
    INSERT INTO rows VALUES (1);
    CREATE DOMAIN looked AS bigint CHECK (look(VALUE));
    CREATE VIEW of_domain AS SELECT id, id::looked AS n FROM rows;
    CREATE VIEW of_view AS SELECT id, n FROM of_domain;
    CREATE VIEW of_text AS SELECT nextval('ca' || 'lls') AS id FROM rows;
    CREATE VIEW of_xml AS SELECT query_to_xml('SELECT look(1)', true, false, '')::text AS id FROM rows;
    CREATE TABLE secret (id bigint PRIMARY KEY);
    INSERT INTO secret VALUES (1);
    CREATE POLICY p ON secret USING (look(id));
    ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
    ALTER TABLE secret FORCE ROW LEVEL SECURITY;
    CREATE VIEW of_secret AS SELECT id FROM secret;
    CREATE TABLE plain_policy (id bigint PRIMARY KEY);
    INSERT INTO plain_policy VALUES (1);
    CREATE POLICY p ON plain_policy USING (id = current_setting('app.id', true)::bigint OR id > 0);
    ALTER TABLE plain_policy ENABLE ROW LEVEL SECURITY;
    ALTER TABLE plain_policy FORCE ROW LEVEL SECURITY;
    CREATE TABLE parent (id bigint);
    CREATE TABLE child () INHERITS (parent);
    INSERT INTO child VALUES (1);
    CREATE VIEW plain_view AS SELECT v.id, lower(v.name) AS name FROM
        (SELECT r.id, 'A' || count(*) AS name FROM rows r JOIN parent p ON p.id = r.id GROUP BY r.id) v;
    CREATE VIEW of_plain_view AS SELECT id FROM plain_view;";

/// Operators and casts of the database's own.
const OPERATORS: &str = "
    CREATE TYPE pair AS (a bigint);
    CREATE FUNCTION same(pair, pair) RETURNS bool LANGUAGE sql SECURITY DEFINER AS
        'SELECT look(($1).a) AND ($1).a = ($2).a';
    CREATE OPERATOR = (LEFTARG = pair, RIGHTARG = pair, FUNCTION = same);
    CREATE TABLE of_operator (id bigint PRIMARY KEY, n pair);
    INSERT INTO of_operator VALUES (1, '(1)');
    CREATE TYPE word AS ENUM ('x');
    CREATE FUNCTION said(word) RETURNS text LANGUAGE sql SECURITY DEFINER AS
        'SELECT look(1)::text';
    CREATE CAST (word AS text) WITH FUNCTION said(word);
    CREATE FUNCTION first_look(rows) RETURNS bool LANGUAGE sql SECURITY DEFINER AS 'SELECT look($1.id)';
    CREATE TABLE of_cast (id bigint PRIMARY KEY, n word);
    INSERT INTO of_cast VALUES (1, 'x');
    CREATE TABLE unconcerned (id bigint PRIMARY KEY, n text);
    INSERT INTO unconcerned VALUES (1, 'x');
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO once_reader;";

/// A role that policies hold for: the one of the tests may do everything.
const ROLE: &str = "DO $$ BEGIN CREATE ROLE once_reader LOGIN PASSWORD 'once'; \
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; \
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO once_reader; \
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO once_reader; \
    ALTER VIEW of_secret OWNER TO once_reader;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_by_way_of_functions_is_read_once() {
    let database = TestDatabase::postgres().await;
    database.sql(SCHEMA).await;
    database.sql(CALLING).await;
    database.sql(ROLE).await;
    let (_, rest) = database.url().split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::before(host.to_owned()).await;
    let url = format!(
        "postgresql://once_reader:once@127.0.0.1:{}/{name}",
        proxy.port
    );
    let connect = async || {
        let options = ConnectOptions::new(&*url).max_connections(1);
        PostgresAdapter::connect_with(options).await.unwrap()
    };
    let db = connect().await;
    let done = "SELECT (SELECT count(*) FROM marks) + (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM calls)";
    let done = async || -> i64 { database.scalar_text(done).await.unwrap().parse().unwrap() };
    for table in [
        "of_domain",
        "of_view",
        "of_text",
        "of_xml",
        "secret",
        "of_secret",
    ] {
        for way in 0..3 {
            let read = async || match way {
                0 => db.select(table, "*").await.map(drop),
                1 => {
                    // the way by another table's rows
                    let found = Filter::refers_to("id", "secret", "id", row! { "id": 1 });
                    db.count("rows", found.unwrap()).await.map(drop)
                }
                _ => db
                    .select(table, "*")
                    .stream()
                    .try_collect::<Vec<_>>()
                    .await
                    .map(drop),
            };
            let before = done().await;
            read().await.unwrap();
            let each = done().await - before;
            assert!(each > 0 || table == "of_xml", "{table}, way {way}");
            proxy.armed.store(true, Ordering::SeqCst);
            let error = read().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{table}: {error}");
            assert_eq!(done().await, before + 2 * each, "{table}, way {way}");
        }
    }
    database.sql(OPERATORS).await;
    for way in 0..3 {
        let read = async || match way {
            0 => {
                let by_pair = db.select("of_operator", "id").filter(row! { "n": "(1)" });
                by_pair.await.map(drop)
            }
            1 => {
                let found = db.count("of_operator", row! { "n": "(1)" });
                found.await.map(drop)
            }
            _ => db.select("of_cast", "*").await.map(drop),
        };
        let before = done().await;
        read().await.unwrap();
        assert_eq!(done().await, before + 1, "way {way}");
        proxy.armed.store(true, Ordering::SeqCst);
        let error = read().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{way}: {error}");
        assert_eq!(done().await, before + 2, "way {way}");
    }
    // a caller's own text is never read again; which error it gives depends on what it may have done
    for text in [
        "SELECT * FROM of_view",
        "TABLE of_text",
        "SELECT id FROM secret",
        "SELECT r.first_look FROM rows r",
        "SELECT n = n AS same FROM of_operator",
        "SELECT 1 AS id, '1'::looked AS n",
    ] {
        let before = done().await;
        db.query(text).await.unwrap();
        let each = done().await - before;
        assert!(each > 0, "{text}");
        proxy.armed.store(true, Ordering::SeqCst);
        let error = db.query(text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{text}: {error}");
        assert_eq!(done().await, before + 2 * each, "{text}");
    }
    database
        .sql("DROP OPERATOR = (pair, pair); DROP CAST (word AS text)")
        .await;
    let db = connect().await;
    for text in [
        "SELECT * FROM rows WHERE id = 1",
        "SELECT v.* FROM plain_view v, unconcerned u WHERE u.id = v.id",
    ] {
        db.query(text).await.unwrap();
        proxy.armed.store(true, Ordering::SeqCst);
        let error = db.query(text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{text}: {error}");
    }
    // what is proven to be harmless is read again
    for table in [
        "unconcerned",
        "rows",
        "plain_policy",
        "parent",
        "plain_view",
        "of_plain_view",
    ] {
        db.select(table, "*").await.unwrap();
        proxy.armed.store(true, Ordering::SeqCst);
        assert_eq!(db.select(table, "*").await.unwrap().len(), 1, "{table}");
    }
    // what is known of a view may be old by then
    database
        .sql("CREATE OR REPLACE VIEW of_plain_view AS SELECT id FROM rows WHERE look(id)")
        .await;
    let before = done().await;
    proxy.armed.store(true, Ordering::SeqCst);
    let error = db.select("of_plain_view", "*").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    assert_eq!(done().await, before + 1);
}

#[tokio::test]
async fn errors_of_functions_are_not_taken_for_our_own() {
    let (database, db) = crate::database(SCHEMA).await;
    let mut expected = 0;
    for code in [
        "0A000", "26000", "08000", "08006", "08P01", "42703", "42P01", "42804", "40003", "57P01",
    ] {
        let error = db
            .query("SELECT fails(:code)")
            .bind("code", code)
            .await
            .unwrap_err();
        expected += 1;
        let calls = database.scalar_text(CALLS).await;
        assert_eq!(calls.unwrap(), expected.to_string(), "{code}: {error}");
        if code.starts_with("08") {
            assert_eq!(error.kind(), ErrorKind::Raised, "{code}: {error}");
        }
    }
    db.select("failing", "*").await.unwrap_err();
    assert_eq!(
        database.scalar_text(CALLS).await.unwrap(),
        (expected + 1).to_string()
    );
    assert_eq!(db.pool_status().open, 1, "no connection was given up");
}
