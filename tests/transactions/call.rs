//! An operation as a call of the library, and its answer in the words of the model.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{BoxFuture, BoxStream, Error, Result};
use futures_util::{StreamExt, TryStreamExt};

use crate::effect::{Answer, Record, big};
use crate::model::Seen;
use crate::op::{Data, Fails, Form, Op, RANGE, Set, Source, Which, Wrong};
use crate::text::{condition, failing_text, script, series_text, slow_read, slow_write};

/// Where an operation is called.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) client: &'a dyn DatabaseClient,
    pub(crate) sqlite: bool,
    pub(crate) limit: Option<Duration>,
}

const COLUMNS: &str = "id, v, code, owner, late";

/// Awaits a builder, with the caller's time limit where there is one.
macro_rules! call {
    ($caller:expr, $builder:expr) => {{
        let builder = $builder;
        match $caller.limit {
            Some(limit) => builder.timeout(limit).await,
            None => builder.await,
        }
    }};
}

/// What was seen of an answer.
pub(crate) fn seen(result: Result<Answer>) -> Seen {
    match result {
        Ok(answer) => Seen::Ok(answer),
        Err(Error::NoRowsMatched { .. }) => Seen::Ok(Answer::NoRowsMatched),
        Err(Error::TooManyRows { .. }) => Seen::Ok(Answer::TooManyRows),
        Err(error) => Seen::Err(error.kind(), error.to_string()),
    }
}

/// The call; nothing happens before its future is polled.
pub(crate) fn call<'a>(caller: Caller<'a>, op: &'a Op) -> BoxFuture<'a, Result<Answer>> {
    Box::pin(async move {
        match op {
            Op::Select(_)
            | Op::One(_)
            | Op::Count(_)
            | Op::Exists(_)
            | Op::Query(_)
            | Op::SlowRead(_) => read(caller, op).await,
            Op::Stream(source, which, first) => stream(caller, *source, *which, *first).await,
            Op::LongStream(first) => long_stream(caller, *first).await,
            Op::Wrong(wrong, low) => mistake(caller, *wrong, *low).await,
            Op::Fails(fails) => failing(caller, *fails).await,
            _ => write(caller, op).await,
        }
    })
}

async fn read(caller: Caller<'_>, op: &Op) -> Result<Answer> {
    let db = caller.client;
    Ok(match op {
        Op::Select(which) => {
            let select = db.select("t", COLUMNS).filter(filter(*which));
            records(call!(caller, select.order_by("id"))?)?
        }
        Op::One(which) => {
            let select = db.select("t", "*").filter(filter(*which));
            let row = match caller.limit {
                Some(limit) => select.timeout(limit).one().await?,
                None => select.one().await?,
            };
            records(vec![row])?
        }
        Op::Count(which) => Answer::Count(call!(caller, db.count("t", filter(*which)))?),
        Op::Exists(which) => Answer::Is(call!(caller, db.exists("t", filter(*which)))?),
        Op::Query(which) => {
            let (text, low, high) = condition(*which);
            let query = db.query(format!("SELECT * FROM t WHERE {text} ORDER BY id"));
            records(call!(caller, query.bind("low", low).bind("high", high))?)?
        }
        Op::SlowRead(ms) => {
            let rows = call!(caller, db.query(slow_read(*ms, caller.sqlite)))?;
            one_row(rows.len())?
        }
        _ => Answer::Done,
    })
}

async fn write(caller: Caller<'_>, op: &Op) -> Result<Answer> {
    let db = caller.client;
    Ok(match op {
        Op::Insert(data) => records(vec![call!(caller, db.insert("t", row(data)))?])?,
        Op::InsertMany(many) => {
            Answer::Count(call!(caller, db.insert_many("t", many.iter().map(row)))?)
        }
        Op::InsertBig(from, n) => Answer::Count(call!(
            caller,
            db.insert_many("t", big(*from, *n).iter().map(row))
        )?),
        Op::InsertReturning(many) => {
            let insert = db.insert_many("t", many.iter().map(row)).returning("id");
            let rows = call!(caller, insert)?;
            Answer::Ids(
                rows.iter()
                    .map(|row| row.get("id"))
                    .collect::<Result<_>>()?,
            )
        }
        Op::Upsert(data) => records(vec![call!(caller, db.upsert("t", row(data), ["id"]))?])?,
        Op::UpsertMany(many) => Answer::Count(call!(
            caller,
            db.upsert_many("t", many.iter().map(row), ["id"])
        )?),
        Op::Update(set, which, form) => update(caller, *set, *which, *form).await?,
        Op::UpdateMany(many) => {
            let rows = many.iter().map(|(id, set)| {
                let mut row = setting(*set);
                row.set("id", *id);
                row
            });
            Answer::Count(call!(caller, db.update_many("t", rows, ["id"]))?)
        }
        Op::Delete(which) => Answer::Count(call!(caller, db.delete("t", filter(*which)))?),
        Op::Add(n, which) => {
            let (text, low, high) = condition(*which);
            let execute = db
                .execute(format!("UPDATE t SET v = v + :n WHERE {text}"))
                .bind("n", *n);
            Answer::Count(call!(caller, execute.bind("low", low).bind("high", high))?)
        }
        Op::Pour(n, which, first) => {
            let (text, low, high) = condition(*which);
            let query = db
                .query(format!("UPDATE t SET v = v + :n WHERE {text} RETURNING id"))
                .bind("n", *n);
            let query = query.bind("low", low).bind("high", high);
            let rows = limited(
                query,
                caller.limit,
                |query| query.stream(),
                |query, limit| query.timeout(limit).stream(),
            );
            let rows: Vec<Row> = match first {
                None => rows.try_collect().await?,
                Some(first) => rows.take(*first).try_collect().await?,
            };
            Answer::Count(rows.len() as u64)
        }
        Op::SlowWrite(ms, which) => {
            let sql = slow_write(*ms, which.low(), caller.sqlite);
            Answer::Count(call!(caller, db.execute(sql))?)
        }
        Op::Script(data, n, which) => {
            call!(caller, db.execute_script(script(data, *n, which.low())))?;
            Answer::Done
        }
        _ => Answer::Done,
    })
}

async fn update(caller: Caller<'_>, set: Set, which: Which, form: Form) -> Result<Answer> {
    let update = caller.client.update("t", setting(set), filter(which));
    Ok(match form {
        Form::First => records(vec![call!(caller, update)?])?,
        Form::All => {
            // in no order that is promised
            let mut rows = record_list(call!(caller, update.all())?)?;
            rows.sort_by_key(|row| row.id);
            Answer::Rows(rows)
        }
        Form::Count => match caller.limit {
            Some(limit) => Answer::Count(update.timeout(limit).count().await?),
            None => Answer::Count(update.count().await?),
        },
    })
}

async fn stream(
    caller: Caller<'_>,
    source: Source,
    which: Which,
    first: Option<usize>,
) -> Result<Answer> {
    let db = caller.client;
    let rows = match source {
        Source::Select => {
            let select = db.select("t", "*").filter(filter(which)).order_by("id");
            limited(
                select,
                caller.limit,
                |select| select.stream(),
                |select, limit| select.timeout(limit).stream(),
            )
        }
        Source::Query => {
            let (text, low, high) = condition(which);
            let query = db.query(format!("SELECT * FROM t WHERE {text} ORDER BY id"));
            let query = query.bind("low", low).bind("high", high);
            limited(
                query,
                caller.limit,
                |query| query.stream(),
                |query, limit| query.timeout(limit).stream(),
            )
        }
    };
    let rows: Vec<Row> = match first {
        None => rows.try_collect().await?,
        Some(first) => rows.take(first).try_collect().await?,
    };
    records(rows)
}

/// A stream of a builder, with the time limit if there is one.
fn limited<'a, B>(
    builder: B,
    limit: Option<Duration>,
    plain: impl FnOnce(B) -> BoxStream<'a, Result<Row>>,
    within: impl FnOnce(B, Duration) -> BoxStream<'a, Result<Row>>,
) -> BoxStream<'a, Result<Row>> {
    match limit {
        Some(limit) => within(builder, limit),
        None => plain(builder),
    }
}

/// A stream of more rows than fit into any buffer.
pub(crate) fn series(caller: Caller<'_>) -> BoxStream<'_, Result<Row>> {
    let sql = series_text(caller.sqlite);
    limited(
        caller.client.query(sql),
        caller.limit,
        |query| query.stream(),
        |query, limit| query.timeout(limit).stream(),
    )
}

async fn long_stream(caller: Caller<'_>, first: usize) -> Result<Answer> {
    let rows: Vec<Row> = series(caller).take(first).try_collect().await?;
    Ok(Answer::Count(rows.len() as u64))
}

async fn mistake(caller: Caller<'_>, wrong: Wrong, low: i64) -> Result<Answer> {
    let db = caller.client;
    let here = row! { "id": low };
    match wrong {
        Wrong::Value => drop(call!(caller, db.insert("t", row! { "id": "user input" }))?),
        Wrong::Column => {
            let data = row! { "id": low, "v": 1, "nope": 1 };
            drop(call!(caller, db.insert("t", data))?);
        }
        Wrong::Table => drop(call!(caller, db.select("nope", "*"))?),
        Wrong::NoData => drop(call!(caller, db.update("t", row! {}, here))?),
        Wrong::NoFilter => drop(call!(caller, db.delete("t", row! {}))?),
        Wrong::Columns => drop(call!(caller, db.select("t", "count("))?),
        Wrong::TableName => drop(call!(caller, db.count("t; DROP TABLE t", row! {}))?),
        Wrong::ValueInMany => {
            let rows = [
                row! { "id": low + 50, "v": 1 },
                row! { "id": low + 51, "v": 1, "code": "user input" },
            ];
            call!(caller, db.insert_many("t", rows))?;
        }
        Wrong::ColumnInMany => {
            let rows = [
                row! { "id": low + 50, "v": 1 },
                row! { "id": low + 51, "v": 1, "nope": 1 },
            ];
            call!(caller, db.insert_many("t", rows))?;
        }
        Wrong::UnusedBind => drop(call!(caller, db.query("SELECT 1 AS one").bind("x", 1))?),
    }
    Ok(Answer::Done)
}

async fn failing(caller: Caller<'_>, fails: Fails) -> Result<Answer> {
    let db = caller.client;
    let sql = failing_text(fails, caller.sqlite);
    let query = db.query(sql);
    if fails == Fails::Stream {
        let rows = limited(
            query,
            caller.limit,
            |query| query.stream(),
            |query, limit| query.timeout(limit).stream(),
        );
        let rows: Vec<Row> = rows.try_collect().await?;
        return Ok(Answer::Count(rows.len() as u64));
    }
    let rows = call!(caller, query)?;
    Ok(Answer::Count(rows.len() as u64))
}

fn row(data: &Data) -> Row {
    let mut row = row! { "id": data.id, "v": data.v };
    for (name, value) in [
        ("code", data.code),
        ("owner", data.owner),
        ("late", data.late),
    ] {
        if let Some(value) = value {
            row.set(name, value);
        }
    }
    row
}

fn setting(set: Set) -> Row {
    match set {
        Set::V(v) => row! { "v": v },
        Set::Code(code) => row! { "code": code },
        Set::Owner(owner) => row! { "owner": owner },
        Set::Late(late) => row! { "late": late },
    }
}

fn filter(which: Which) -> Filter {
    match which {
        Which::All(low) => row! { "id": op::gte(low), "id": op::lt(low + RANGE) },
        Which::Id(id) => row! { "id": id }.into(),
        Which::V(low, v) => row! { "id": op::gte(low), "id": op::lt(low + RANGE), "v": v },
    }
}

fn one_row(rows: usize) -> Result<Answer> {
    match rows {
        1 => Ok(Answer::Done),
        n => Ok(Answer::Count(n as u64)),
    }
}

fn records(rows: Vec<Row>) -> Result<Answer> {
    record_list(rows).map(Answer::Rows)
}

fn record_list(rows: Vec<Row>) -> Result<Vec<Record>> {
    let record = |row: &Row| {
        Ok(Record {
            id: row.get("id")?,
            v: row.get("v")?,
            code: row.get("code")?,
            owner: row.get("owner")?,
            late: row.get("late")?,
        })
    };
    rows.iter().map(record).collect()
}
