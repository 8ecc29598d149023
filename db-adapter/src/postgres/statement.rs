//! Statements on a connection: text and parameters out, decoded rows or counts in. It knows no
//! operation and no transaction.

use std::pin::pin;
use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{AssertSqlSafe, Column, Executor, Postgres, Row as _, SqlSafeStr as _};

use super::connection::Connection;
use super::decode::Plan;
use super::encode::{Param, arguments};
use super::failure::Failure;
use super::guarded::{guarded, guarded_stream};
use super::pace::Pace;
use crate::query::{Outcome, RowSink};
use crate::row::Header;
use crate::{Error, Result, Row, Value};

type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

/// A query with its parameters, whose text states their wire types. The driver prepares a text and runs it
/// in one go, whatever time it is then: what writes within a time limit is prepared first.
async fn ready(conn: &mut Connection, sql: String, params: Vec<Param>) -> Result<Query, Failure> {
    let persistent = conn.keeps_statements();
    if persistent && conn.is_about_to_write() && conn.has_deadline() {
        let types: Vec<_> = params.iter().map(Param::type_info).collect();
        let text = AssertSqlSafe(sql.clone()).into_sql_str();
        conn.may_send()?;
        let driver = conn.at_any_time();
        guarded(pin!(async { Ok(driver.prepare_with(text, &types).await?) })).await?;
    }
    Ok(sqlx::query_with(AssertSqlSafe(sql), arguments(params)?).persistent(persistent))
}

/// The decoded values of a query of our own.
pub(super) async fn fetch_plain(
    conn: &mut Connection,
    sql: String,
    params: Vec<Param>,
) -> Result<Vec<Vec<Value>>, Failure> {
    let mut plan = None;
    let mut out = Vec::new();
    let query = ready(conn, sql, params).await?;
    let mut rows = query.fetch(conn.in_time()?);
    let work = pin!(async {
        while let Some(row) = rows.try_next().await? {
            out.push(decode(&mut plan, &row)?);
        }
        Ok(out)
    });
    guarded(work).await
}

/// The rows of a query.
pub(super) async fn fetch(
    conn: &mut Connection,
    sql: String,
    params: Vec<Param>,
    header: &Arc<Header>,
) -> Result<Vec<Row>, Failure> {
    let mut out = Vec::new();
    let take = |header: &Arc<Header>, plan: &Plan, row: &PgRow| {
        out.push(Row::from_parts(Arc::clone(header), plan.decode(row)?));
        Ok(())
    };
    each(conn, sql, params, header, take).await?;
    Ok(out)
}

/// The rows of a query, into a sink if there is one.
pub(super) async fn fetch_into(
    conn: &mut Connection,
    sql: String,
    params: Vec<Param>,
    header: &Arc<Header>,
    sink: Option<&RowSink>,
) -> Result<Outcome, Failure> {
    let Some(sink) = sink else {
        let rows = fetch(conn, sql, params, header).await?;
        return Ok(Outcome { rows, affected: 0 });
    };
    let mut fill = sink.begin();
    let mut affected = 0;
    let take = |header: &Arc<Header>, plan: &Plan, row: &PgRow| {
        let mut cells = plan.cells(row);
        fill.row(header, &mut cells);
        affected += 1;
        cells.end()
    };
    each(conn, sql, params, header, take).await?;
    fill.finish();
    Ok(Outcome {
        rows: Vec::new(),
        affected,
    })
}

/// Each row of a query. All are read even where one cannot be: what the statement did is known
/// then.
async fn each(
    conn: &mut Connection,
    sql: String,
    params: Vec<Param>,
    header: &Arc<Header>,
    mut take: impl FnMut(&Arc<Header>, &Plan, &PgRow) -> Result<()>,
) -> Result<(), Failure> {
    let mut plan = None;
    let mut header = Arc::clone(header);
    let mut unreadable = None;
    let query = ready(conn, sql, params).await?;
    let mut rows = query.fetch(conn.in_time()?);
    let mut pace = Pace::default();
    let work = pin!(async {
        while let Some(row) = rows.try_next().await? {
            pace.row().await;
            if unreadable.is_some() {
                continue;
            }
            let known = known(&mut plan, &mut header, &row);
            let taken = known.and_then(|plan| Ok(take(&header, plan, &row)?));
            unreadable = taken.err();
        }
        match unreadable {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    });
    guarded(work).await
}

/// How the rows are read, which the first of them tells.
fn known<'p>(
    plan: &'p mut Option<Plan>,
    header: &mut Arc<Header>,
    row: &PgRow,
) -> Result<&'p Plan, Failure> {
    if plan.is_none() {
        *header = named_as(row, Arc::clone(header))?;
        *plan = Plan::of(row);
    }
    plan.as_ref().ok_or(Failure::Stale)
}

/// The header if these are the names of the row's columns, else one with those: a text of a
/// caller with `*` has other columns once its table was changed.
pub(super) fn named_as(row: &PgRow, header: Arc<Header>) -> Result<Arc<Header>, Failure> {
    let columns = row.columns().iter().map(Column::name);
    if header.names().eq(columns.clone()) {
        return Ok(header);
    }
    Ok(Header::new(columns)?)
}

/// The rows of a query as the driver gives them.
pub(super) async fn stream<'a>(
    conn: &'a mut Connection,
    sql: String,
    params: Vec<Param>,
) -> Result<futures_core::stream::BoxStream<'a, sqlx::Result<PgRow>>, Failure> {
    let query = ready(conn, sql, params).await?;
    let rows = query.fetch(conn.in_time()?);
    Ok(guarded_stream(rows))
}

/// Decodes by the plan, which the first row makes.
pub(super) fn decode(plan: &mut Option<Plan>, row: &PgRow) -> Result<Vec<Value>, Failure> {
    if plan.is_none() {
        *plan = Plan::of(row);
    }
    match plan {
        Some(plan) => Ok(plan.decode(row)?),
        None => Err(Failure::Stale),
    }
}

/// Runs a statement and gives the number of rows that it changed.
pub(super) async fn execute(
    conn: &mut Connection,
    sql: String,
    params: Vec<Param>,
) -> Result<u64, Failure> {
    let query = ready(conn, sql, params).await?;
    let driver = conn.in_time()?;
    guarded(pin!(async {
        Ok(query.execute(driver).await?.rows_affected())
    }))
    .await
}

/// Runs text without parameters, by the simple protocol, and gives the number of changed rows.
pub(super) async fn execute_raw(conn: &mut Connection, sql: String) -> Result<u64, Failure> {
    let raw = sqlx::raw_sql(AssertSqlSafe(sql));
    let driver = conn.in_time()?;
    guarded(pin!(async {
        Ok(driver.execute(raw).await?.rows_affected())
    }))
    .await
}

/// The number of the server's process that answers now.
pub(super) async fn backend(conn: &mut Connection) -> Result<u32, Failure> {
    let number = fetch_text(conn, "SELECT pg_catalog.pg_backend_pid()".to_owned()).await?;
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| Error::internal("the server did not tell its process").into())
}

/// The rows of text without parameters, as the server writes their values.
pub(super) async fn fetch_texts(
    conn: &mut Connection,
    sql: String,
) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let rows = fetch_raw(conn, sql).await?;
    let text = |row: &PgRow, place: usize| {
        let raw = row.try_get_raw(place).ok()?;
        raw.as_str().ok().map(str::to_owned)
    };
    let texts = |row: &PgRow| (0..row.len()).map(|place| text(row, place)).collect();
    Ok(rows.iter().map(texts).collect())
}

/// The first value that a text without parameters gives, as text.
pub(super) async fn fetch_text(
    conn: &mut Connection,
    sql: String,
) -> Result<Option<String>, Failure> {
    let rows = fetch_texts(conn, sql).await?;
    Ok(rows
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next().flatten()))
}

/// [`execute_raw`] with the rows that it gives, all of whose values are text.
pub(super) async fn fetch_raw(conn: &mut Connection, sql: String) -> Result<Vec<PgRow>, Failure> {
    let raw = sqlx::raw_sql(AssertSqlSafe(sql));
    let driver = conn.in_time()?;
    guarded(pin!(async { Ok(driver.fetch_all(raw).await?) })).await
}
