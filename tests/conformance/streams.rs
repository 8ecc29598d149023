//! Rows as they come: in order, droppable at any moment, with the same errors.

use std::sync::Arc;

use db_adapter::prelude::*;
use db_adapter::{BoxStream, ErrorKind};
use futures_util::{StreamExt, TryStreamExt};

use crate::case::{Case, kind};

cases! {
    outside: [
        stream_gives_the_rows_of_the_select, stream_of_a_query, stream_of_nothing,
        stream_reports_mistakes_once, stream_inside_a_transaction,
        a_dropped_stream_that_writes_fails_its_transaction, error_in_the_middle_of_a_stream,
        large_result_in_order, dropped_streams_give_their_connections_back,
        a_stream_that_owns_its_client_outlives_it, a_stream_that_owns_a_transaction_ends_it,
    ]
}

async fn table(t: &Case, rows: i64) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text, at {timestamptz})")
        .await;
    let data = (0..rows)
        .map(|id| row! { "id": id, "s": format!("row {id}"), "at": "2026-11-23T01:25:25+00:00" });
    t.db.insert_many("t", data).await.unwrap();
}

async fn stream_gives_the_rows_of_the_select(t: &Case) {
    table(t, 100).await;
    let select = || {
        t.db.select("t", "id, s, at")
            .filter(row! { "id": op::gte(10) })
            .order_by("id DESC")
            .limit(50)
    };
    let streamed: Vec<Row> = select().stream().try_collect().await.unwrap();
    assert_eq!(streamed.len(), 50);
    assert_eq!(streamed, select().await.unwrap());
}

async fn stream_of_a_query(t: &Case) {
    table(t, 100).await;
    let query = || {
        t.db.query("SELECT id, at FROM t WHERE id < :n ORDER BY id")
            .bind("n", 30)
    };
    let streamed: Vec<Row> = query().stream().try_collect().await.unwrap();
    assert_eq!(streamed.len(), 30);
    assert_eq!(streamed, query().await.unwrap());
}

async fn stream_of_nothing(t: &Case) {
    table(t, 0).await;
    assert!(t.db.select("t", "*").stream().next().await.is_none());
    assert!(
        t.db.query("SELECT * FROM t")
            .stream()
            .next()
            .await
            .is_none()
    );
}

async fn stream_reports_mistakes_once(t: &Case) {
    table(t, 3).await;
    for (stream, expected) in [
        (
            t.db.select("t", "absent").stream(),
            ErrorKind::UndefinedColumn,
        ),
        (
            t.db.select("nowhere", "*").stream(),
            ErrorKind::UndefinedTable,
        ),
        (
            t.db.select("t", "lower(s)").stream(),
            ErrorKind::InvalidQuery,
        ),
        (
            t.db.select("t", "*").filter(row! { "id": "x" }).stream(),
            ErrorKind::InvalidValue,
        ),
        (
            t.db.query("SELECT id, id FROM t").stream(),
            ErrorKind::InvalidQuery,
        ),
        (t.db.query("SELEC").stream(), ErrorKind::InvalidQuery),
    ] {
        let items: Vec<_> = stream.collect().await;
        assert_eq!(items.len(), 1, "{expected:?}");
        assert_eq!(kind(items.into_iter().next().unwrap()), expected);
    }
    t.db.ping().await.unwrap();
}

async fn stream_inside_a_transaction(t: &Case) {
    table(t, 200).await;
    let tx = t.db.begin().await.unwrap();
    tx.insert("t", row! { "id": 1000, "s": "mine" })
        .await
        .unwrap();
    let mut stream = tx.select("t", "id").order_by("id DESC").stream();
    assert_eq!(stream.next().await.unwrap().unwrap()["id"], 1000);
    drop(stream);
    let rows: Vec<Row> = tx.select("t", "id").stream().try_collect().await.unwrap();
    assert_eq!(rows.len(), 201);
    tx.commit().await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "201");
}

async fn a_dropped_stream_that_writes_fails_its_transaction(t: &Case) {
    table(t, 10).await;
    let insert = "INSERT INTO t (id, s) SELECT id + :n, 'new' FROM t WHERE id < 5 RETURNING id";
    for polled in [0, 1, 3, 5, 6] {
        let tx = t.db.begin().await.unwrap();
        tx.insert("t", row! { "id": 1000 + polled }).await.unwrap();
        let inner = tx.begin().await.unwrap();
        let mut stream = inner.query(insert).bind("n", 100 * polled).stream();
        for _ in 0..polled {
            stream.next().await;
        }
        drop(stream);
        let next = inner.count("t", row! { "id": 1 }).await;
        let is_whole = matches!(polled, 0 | 6);
        match is_whole {
            true => assert_eq!(next.unwrap(), 1, "polled {polled} times"),
            false => assert_eq!(
                kind(next),
                ErrorKind::TransactionAborted,
                "polled {polled} times"
            ),
        }
        // what is around it can be saved where the database can do so; never half of it is there
        let ended = match is_whole {
            true => inner.commit().await,
            false => inner.rollback().await,
        };
        let committed = match ended {
            Ok(()) => tx.commit().await.is_ok(),
            Err(_) => false,
        };
        assert!(committed || !is_whole, "polled {polled} times");
        let sql = format!(
            "SELECT (SELECT count(*) FROM t WHERE id = {}) || ',' || (SELECT count(*) FROM t WHERE s = 'new')",
            1000 + polled
        );
        let (outer, written) = (i64::from(committed), if polled == 6 { 5 } else { 0 });
        assert_eq!(
            t.scalar(&sql).await,
            format!("{outer},{written}"),
            "polled {polled} times"
        );
    }
    let tx = t.db.begin().await.unwrap();
    let mut stream = tx.query(insert).bind("n", 700).stream();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(kind(tx.commit().await), ErrorKind::TransactionAborted);
    assert_eq!(
        t.scalar("SELECT count(*) FROM t WHERE id > 700 AND id < 800")
            .await,
        "0"
    );
}

/// Rows that came before the error were given out; the client goes on working.
async fn error_in_the_middle_of_a_stream(t: &Case) {
    table(t, 100).await;
    let sql = t.either(
        "SELECT id, 1 / (50 - id) AS n FROM t ORDER BY id",
        "SELECT id, CASE WHEN id = 50 THEN abs(-9223372036854775807 - 1) ELSE 1 END AS n FROM t ORDER BY id",
    );
    let items: Vec<_> = t.db.query(sql).stream().collect().await;
    assert!(items.last().unwrap().is_err());
    assert!(items[..items.len() - 1].iter().all(Result::is_ok));
    assert_eq!(items.iter().filter(|item| item.is_err()).count(), 1);
    assert_eq!(t.db.count("t", row! {}).await.unwrap(), 100);
}

async fn large_result_in_order(t: &Case) {
    table(t, 50_000).await;
    let mut stream = t.db.select("t", "*").order_by("id").stream();
    let mut expected = 0;
    while let Some(row) = stream.next().await {
        let row = row.unwrap();
        assert_eq!(row["id"], expected);
        assert_eq!(row["s"], format!("row {expected}"));
        expected += 1;
    }
    assert_eq!(expected, 50_000);
}

async fn dropped_streams_give_their_connections_back(t: &Case) {
    table(t, 5_000).await;
    let db = t.connect(|options| options.max_connections(2)).await;
    for round in 0..20 {
        let mut stream = db.select("t", "*").order_by("id").stream();
        for id in 0..round * 50 {
            assert_eq!(stream.next().await.unwrap().unwrap()["id"], id);
        }
        drop(stream);
        assert_eq!(
            db.count("t", row! { "id": round }).await.unwrap(),
            1,
            "round {round}"
        );
        drop(db.query("SELECT * FROM t").stream());
    }
    db.insert("t", row! { "id": -1 }).await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "5001");
    db.close().await.unwrap();
}

/// As a handler of a web service gives it away.
fn numbers(db: &Arc<dyn DatabaseClient>) -> BoxStream<'static, db_adapter::Result<Row>> {
    db.clone()
        .into_stream(|db| db.select("t", "id").order_by("id").stream())
}

async fn a_stream_that_owns_its_client_outlives_it(t: &Case) {
    table(t, 1000).await;
    let db = t.connect(|options| options.max_connections(1)).await;
    let rows = numbers(&db);
    let query = db
        .clone()
        .into_stream(|db| db.query_as::<Row>("SELECT id FROM t ORDER BY id").stream());
    drop(db);
    let count = tokio::spawn(async move { rows.try_collect::<Vec<_>>().await });
    let rows = count.await.unwrap().unwrap();
    assert_eq!(rows.len(), 1000);
    assert_eq!(query.try_collect::<Vec<_>>().await.unwrap(), rows);
}

async fn a_stream_that_owns_a_transaction_ends_it(t: &Case) {
    table(t, 10).await;
    let tx = t.db.begin().await.unwrap();
    tx.delete("t", row! { "id": 0 }).await.unwrap();
    let mut rows = tx.into_stream(|tx| tx.select("t", "id").order_by("id").stream());
    assert_eq!(rows.try_next().await.unwrap(), Some(row! { "id": 1 }));
    drop(rows);
    t.db.settle().await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "10");
}
