//! A text that is prepared on a connection and not run: what the server says of it.

use sqlx::postgres::PgTypeInfo;
use sqlx::{
    AssertSqlSafe, Column, Connection as _, Either, Executor, SqlSafeStr, SqlStr, Statement as _,
};
use std::pin::pin;

use super::connection::Connection;
use super::encode::Param;
use super::failure::Failure;
use super::guarded::guarded;
use super::run::Work;
use super::types::native;

/// The SQLSTATE of a cancelled statement.
const CANCELLED: &str = "57014";

/// The server's answer: the types of the parameters, names and types of the columns.
#[derive(PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) params: Vec<u32>,
    pub(super) columns: Vec<(String, u32)>,
}

pub(super) async fn prepare(conn: &mut Connection, text: String) -> Result<Answer, Failure> {
    let statement = prepared(conn, AssertSqlSafe(text).into_sql_str(), &[]).await?;
    if !conn.keeps_statements() {
        // the driver names what it prepares
        conn.at_any_time().clear_cached_statements().await?;
    }
    let params = match statement.parameters() {
        Some(Either::Left(types)) => types.iter().map(oid).collect(),
        _ => Vec::new(),
    };
    let columns = statement.columns().iter();
    Ok(Answer {
        params,
        columns: columns
            .map(|column| (column.name().to_owned(), oid(column.type_info())))
            .collect(),
    })
}

async fn prepared(
    conn: &mut Connection,
    sql: SqlStr,
    params: &[PgTypeInfo],
) -> Result<sqlx::postgres::PgStatement, Failure> {
    let done = {
        conn.may_send()?;
        let driver = conn.at_any_time();
        guarded(pin!(async { Ok(driver.prepare_with(sql, params).await?) })).await
    };
    let failure = match done {
        Ok(statement) => return Ok(statement),
        Err(failure) => failure,
    };
    if matches!(&failure, Failure::Driver(error) if is_lookup(error)) {
        conn.forget_prepared().await?;
    }
    if failure.server().is_none() || failure.code() == CANCELLED {
        conn.set_torn();
    }
    Err(failure)
}

pub(super) fn oid(info: &PgTypeInfo) -> u32 {
    info.oid().map_or(0, |oid| oid.0)
}

/// The driver's own look-up of a type failed: it does not know multiranges.
pub(super) fn is_lookup(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::TypeNotFound { .. }
            | sqlx::Error::ColumnNotFound(_)
    )
}

impl Work<'_> {
    /// Whether the rows of a statement that writes will be readable, before it is sent: once it has
    /// written it is too late to find that a column has another type. It costs nothing where the
    /// connection has prepared the statement already, and the server refuses to run it should the
    /// types change after this.
    pub(super) async fn check_outputs(
        &mut self,
        sql: &str,
        params: &[Param],
    ) -> Result<(), Failure> {
        if self.is_open() {
            // what is written can be undone
            return Ok(());
        }
        let types: Vec<PgTypeInfo> = params.iter().map(Param::type_info).collect();
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        let statement = match prepared(self.conn, sql, &types).await {
            Ok(statement) => statement,
            Err(Failure::Driver(error)) if is_lookup(&error) => return Err(Failure::Stale),
            Err(failure) => return Err(failure),
        };
        let mut columns = statement.columns().iter();
        match columns.all(|column| native(oid(column.type_info())).is_some()) {
            true => Ok(()),
            false => Err(Failure::Stale),
        }
    }
}
