//! What is traced: each operation has a span, and its end is in it, also when nobody waits for it.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use db_adapter::prelude::*;
use futures_util::StreamExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::case::Case;

cases! {
    outside: [
        an_operation_dropped_half_way_is_traced, a_stream_dropped_half_way_is_traced,
        a_dropped_begin_and_commit_are_traced, an_end_is_traced_once,
        a_label_stands_for_the_text_of_sql,
    ]
}

/// What was said in which operation of db-adapter on this thread, such as `insert: dropped`, and
/// every field of a span or an event.
#[derive(Clone, Default)]
struct Said(Arc<State>);

#[derive(Default)]
struct State {
    next: AtomicU64,
    operations: Mutex<HashMap<u64, String>>,
    entered: Mutex<Vec<u64>>,
    events: Mutex<Vec<String>>,
    fields: Mutex<String>,
}

/// The fields of one span or event.
#[derive(Default)]
struct Fields(HashMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Said {
    fn read(&self, visit: impl FnOnce(&mut Fields)) -> HashMap<&'static str, String> {
        let mut fields = Fields::default();
        visit(&mut fields);
        let mut all = self.0.fields.lock().unwrap();
        all.push_str(&format!("{:?}", fields.0));
        fields.0
    }

    /// Everything since the last time.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.events.lock().unwrap())
    }
}

impl Subscriber for Said {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("db_adapter")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed) + 1;
        let fields = self.read(|fields| span.record(fields));
        let operation = fields.get("operation").cloned().unwrap_or_default();
        let operation = operation.trim_matches('"').to_owned();
        self.0.operations.lock().unwrap().insert(id, operation);
        Id::from_u64(id)
    }

    fn event(&self, event: &Event<'_>) {
        let fields = self.read(|fields| event.record(fields));
        let message = fields.get("message").cloned().unwrap_or_default();
        let entered = self.0.entered.lock().unwrap();
        // what is said elsewhere is no end of an operation
        if let Some(operation) = entered.last() {
            let operation = self.0.operations.lock().unwrap()[operation].clone();
            let timed = fields.contains_key("ms");
            if ["done", "failed", "dropped"].contains(&message.as_str()) {
                assert!(
                    timed,
                    "{operation}: {message} does not say how long it took"
                );
                let mut events = self.0.events.lock().unwrap();
                events.push(format!("{operation}: {message}"));
            }
        }
    }

    fn enter(&self, span: &Id) {
        self.0.entered.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.entered.lock().unwrap().pop();
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
}

/// Lets a future begin; whether it waits then.
fn begun<F: Future>(future: Pin<&mut F>) -> bool {
    // a task that has done much is asked to wait by each lock: nothing has begun then
    let future = pin!(tokio::task::unconstrained(future));
    let mut context = Context::from_waker(Waker::noop());
    future.poll(&mut context).is_pending()
}

async fn table(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text)")
        .await;
}

async fn an_operation_dropped_half_way_is_traced(t: &Case) {
    table(t).await;
    // every write waits
    let mut other = t.database.oracle().await;
    let lock = t.either("BEGIN; LOCK TABLE t", "BEGIN IMMEDIATE");
    other.sql(lock).await;
    let said = Said::default();
    let guard = tracing::subscriber::set_default(said.clone());
    {
        let insert = t.db.insert("t", row! { "id": 1, "s": "secret" });
        let mut insert = pin!(insert.into_future());
        assert!(begun(insert.as_mut()));
        assert_eq!(said.take(), [""; 0]);
    }
    assert_eq!(said.take(), ["insert: dropped"]);
    drop(guard);
    other.sql("ROLLBACK").await;
    assert!(!said.0.fields.lock().unwrap().contains("secret"));
}

async fn a_stream_dropped_half_way_is_traced(t: &Case) {
    table(t).await;
    let rows = (0..10).map(|id| row! { "id": id });
    t.db.insert_many("t", rows).await.unwrap();
    let said = Said::default();
    let _guard = tracing::subscriber::set_default(said.clone());
    let mut rows = t.db.select("t", "*").stream();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    assert_eq!(said.take(), ["select: dropped"]);
    // its reader has seen the error, and does not ask for the end
    let mut rows = t.db.query("SELECT nothing FROM t").stream();
    rows.next().await.unwrap().unwrap_err();
    drop(rows);
    assert_eq!(said.take(), ["query: failed"]);
}

async fn a_dropped_begin_and_commit_are_traced(t: &Case) {
    let said = Said::default();
    let _guard = tracing::subscriber::set_default(said.clone());
    // a database that answers within one step is asked again
    while !begun(pin!(t.db.begin().into_future())) {
        assert_eq!(said.take(), ["begin: done"]);
    }
    assert_eq!(said.take(), ["begin: dropped"]);
    for (commit, dropped) in [(true, "commit: dropped"), (false, "rollback: dropped")] {
        let mut events = Vec::new();
        while events.last().is_none_or(|last| last != dropped) {
            let tx = t.db.begin().await.unwrap();
            tx.ping().await.unwrap();
            said.take();
            match commit {
                true => begun(pin!(tx.commit())),
                false => begun(pin!(tx.rollback())),
            };
            events = said.take();
            assert_eq!(events.len(), 1, "{events:?}");
        }
    }
}

async fn an_end_is_traced_once(t: &Case) {
    table(t).await;
    let said = Said::default();
    let _guard = tracing::subscriber::set_default(said.clone());
    t.db.insert("t", row! { "id": 1 }).await.unwrap();
    t.db.insert("t", row! { "id": 1 }).await.unwrap_err();
    let rows = t.db.select("t", "*").stream();
    assert_eq!(rows.count().await, 1);
    let tx = t.db.begin().await.unwrap();
    tx.commit().await.unwrap();
    let ends = [
        "insert: done",
        "insert: failed",
        "select: done",
        "begin: done",
        "commit: done",
    ];
    assert_eq!(said.take(), ends);
}

async fn a_label_stands_for_the_text_of_sql(t: &Case) {
    table(t).await;
    let said = Said::default();
    let _guard = tracing::subscriber::set_default(said.clone());
    let labels = || {
        let fields = std::mem::take(&mut *said.0.fields.lock().unwrap());
        assert!(!fields.contains("FROM t"), "{fields}");
        fields.matches("\"label\": \"\\\"report\\\"\"").count()
    };
    let query = || t.db.query("SELECT count(*) AS n FROM t");
    query().label("report").await.unwrap();
    assert_eq!(labels(), 1);
    assert_eq!(query().label("report").stream().count().await, 1);
    assert_eq!(labels(), 1);
    let delete = t.db.execute("DELETE FROM t WHERE id = :id");
    delete.label("report").bind("id", 1).await.unwrap();
    assert_eq!(labels(), 1);
    let tx = t.db.begin().await.unwrap();
    tx.query_as::<Row>("SELECT count(*) AS n FROM t")
        .label("report")
        .one()
        .await
        .unwrap();
    assert_eq!(labels(), 1);
    tx.rollback().await.unwrap();
    query().await.unwrap();
    assert_eq!(labels(), 0);
}
