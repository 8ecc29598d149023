//! `query`: one statement of the caller, its rows printed. Writes only when told to.

use db_adapter::prelude::*;
use db_adapter::{AdapterOptions, BoxStream, Error};
use db_adapter_core::statement::Statement;
use futures_util::StreamExt;

use crate::database::{self, Access, Databases};
use crate::declared;
use crate::exit::Exit;
use crate::guard;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::validated::{self, Validated};

/// Rows that are held at a time; the first batch decides how wide the columns are.
const BATCH: usize = 1000;

/// What to run.
pub(crate) struct Query {
    pub(crate) sql: String,
    pub(crate) write: bool,
    /// The protected database that is meant.
    pub(crate) target: Option<String>,
}

/// Runs the statement and prints its rows.
pub(crate) async fn query(
    query: &Query,
    options: &AdapterOptions,
    databases: &Databases,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let active = database::resolve(options, printer)?;
    let access = if query.write {
        guard::write(&active, query.target.as_deref())?;
        Access::Write
    } else {
        Access::Look
    };
    let database = databases.open(&active, access).await?;
    let result = match query.write {
        true => {
            match validated::check(Validated::Database, &database, &active, options, printer).await
            {
                Ok(()) => {
                    let statement = Statement::new(&query.sql, declared::dialect(&active));
                    database.begins_to_write();
                    write(statement, &*database.client, printer).await
                }
                Err(report) => Err(report),
            }
        }
        false => read(&query.sql, &*database.client, printer).await,
    };
    database.close().await;
    match result {
        // `--write` would not help there
        Err(report) if report.exit == Exit::Refused && active.profile.is_read_only() => {
            guard::write(&active, None).and(Err(report))
        }
        result => result,
    }
}

/// The statement is its own transaction, and done before a row is printed: a reader that goes
/// away must not decide whether it happens.
async fn write(
    statement: Statement<'_>,
    client: &dyn DatabaseClient,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let sql = statement.text();
    // what is not recognised is asked for rows, which is never wrong
    if statement.only_changes_rows() {
        return say_changed(client.execute(sql).await?, printer);
    }
    let for_people = !printer.wants_json();
    let mut out = printer.rows();
    let rows = client.query(sql).await?;
    if rows.is_empty() && for_people {
        printer.note("done, no rows to show");
        return Ok(Exit::Done);
    }
    for batch in rows.chunks(BATCH) {
        out.batch(batch)?;
    }
    out.end()?;
    Ok(Exit::Done)
}

/// What a statement without rows did.
fn say_changed(changed: u64, printer: &mut Printer) -> Result<Exit, Report> {
    if printer.wants_json() {
        let object = Object::versioned().list("rows", std::iter::empty());
        printer.json(object.value("changed", super::backup::count(changed)))?;
    }
    let rows = if changed == 1 { "row" } else { "rows" };
    printer.note(&format!("done, {changed} {rows} changed"));
    Ok(Exit::Done)
}

/// As the rows come, in constant memory.
async fn read(
    sql: &str,
    client: &dyn DatabaseClient,
    printer: &mut Printer,
) -> Result<Exit, Report> {
    let transaction = client.begin().read_only().await?;
    let printed = print_all(transaction.query(sql).stream(), printer).await;
    // there is nothing to undo; the connection closes in any case
    let _ = transaction.rollback().await;
    printed.map(|()| Exit::Done)
}

async fn print_all(
    rows: BoxStream<'_, db_adapter::Result<Row>>,
    printer: &mut Printer,
) -> Result<(), Report> {
    let mut out = printer.rows();
    let mut batches = rows.chunks(BATCH);
    while let Some(batch) = batches.next().await {
        let mut rows = Vec::with_capacity(batch.len());
        let mut failed = None;
        for row in batch {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => failed = Some(error),
            }
        }
        out.batch(&rows)?;
        if let Some(error) = failed {
            return Err(refused_write(error));
        }
        // so that an interrupt is noticed however fast the rows come
        tokio::task::yield_now().await;
    }
    out.end()
}

/// What a read-only transaction refuses, the flag allows.
fn refused_write(error: Error) -> Report {
    match &error {
        Error::ReadOnly { .. } => Report::new(
            Exit::Refused,
            "only a statement that reads is run without `--write`",
        )
        .hint("pass `--write` if it is meant to change the database"),
        _ => error.into(),
    }
}
