//! Asks PostgreSQL which values a column would store as another text than the source has: those of types
//! that nobody but the server can read, such as `interval day` or `money`, where the source has another
//! type. A value that would be rounded, cut or written differently is not the one that was backed up.

use super::plan::TablePlan;
use super::row::Item;
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Error, Result, Row, Value};

/// The places of the items with such a value, each with the column's position.
pub(super) async fn rewritten(
    tx: &Transaction,
    table: &TablePlan,
    items: &[Item],
) -> Result<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        if !column.is_rewritten {
            continue;
        }
        let texts = items.iter().enumerate();
        let texts = texts.flat_map(|(place, item)| {
            let value = item.values.get(at);
            texts_of(value).into_iter().map(move |text| (place, text))
        });
        let texts: Vec<(usize, Value)> = texts.collect();
        let is_array = column.sql_type.element().is_some();
        let sql = statement(table, &column.name, is_array);
        let mut parts = vec![texts.as_slice()];
        while let Some(part) = parts.pop() {
            match ask(tx, &sql, &column.name, part).await {
                Ok(places) => found.extend(places.into_iter().map(|place| (place, at))),
                Err(error)
                    if !is_of_a_value(&error)
                        && !is_of_the_type(tx, &sql, &column.name, &error).await =>
                {
                    return Err(error);
                }
                // it is not a value of the type at all
                Err(_) if part.len() <= 1 => {
                    found.extend(part.iter().map(|(place, _)| (*place, at)));
                }
                Err(_) => {
                    let (one, other) = part.split_at(part.len() / 2);
                    parts.extend([other, one]);
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(place, _)| *place);
    Ok(found)
}

/// The texts of a value, or of the items of an array.
fn texts_of(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts_of(Some(item))).collect(),
        Some(text @ Value::Text(_)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// By the column's own type, with its limits, whatever it is called and wherever it is.
fn statement(table: &TablePlan, column: &str, is_array: bool) -> String {
    let name = table.table.quoted();
    let column = column.replace('"', "\"\"");
    let (given, stored) = match is_array {
        true => ("jsonb_build_array(u.x)", "[1]"),
        false => ("to_jsonb(u.x)", ""),
    };
    format!(
        "SELECT u.place FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS u (x, place) WHERE CAST((jsonb_populate_record(CAST(NULL AS {name}), jsonb_build_object(CAST(:name AS text), {given}))).\"{column}\"{stored} AS text) IS DISTINCT FROM u.x"
    )
}

/// The places of those that would be stored otherwise.
async fn ask(
    tx: &Transaction,
    sql: &str,
    column: &str,
    part: &[(usize, Value)],
) -> Result<Vec<usize>> {
    if part.is_empty() {
        return Ok(Vec::new());
    }
    let texts = part.iter().map(|(_, text)| text.clone()).collect();
    let answer = answer(tx, sql, column, texts).await;
    let place = |row: &Row| {
        let ordinal: usize = row.get("place")?;
        let known = ordinal.checked_sub(1).and_then(|at| part.get(at));
        let (place, _) = known.ok_or_else(|| {
            Error::internal("the server tells of a value that it was not asked about")
        })?;
        Ok(*place)
    };
    answer?.iter().map(place).collect()
}

async fn answer(tx: &Transaction, sql: &str, column: &str, texts: Vec<Value>) -> Result<Vec<Row>> {
    // an error must not end the restore's own transaction
    let savepoint = tx.begin().await?;
    let query = savepoint
        .query(sql)
        .bind("texts", texts)
        .bind("name", column);
    let answer = query.await;
    savepoint.rollback().await?;
    answer
}

/// Whether the type's own reader refused a value, by whatever code: hstore calls it an internal error, ltree and
/// tsvector a mistake in the SQL. The question is right, if it can be asked about nothing.
async fn is_of_the_type(tx: &Transaction, sql: &str, column: &str, error: &Error) -> bool {
    let may_be = match error {
        Error::Database { code, .. } => ["42", "XX", "0A", "54"]
            .iter()
            .any(|class| code.starts_with(class)),
        Error::InvalidQuery { .. } | Error::Raised(_) | Error::Unsupported { .. } => true,
        _ => false,
    };
    may_be && answer(tx, sql, column, Vec::new()).await.is_ok()
}

/// Whether the server refused a value, so that others may fare better.
pub(super) fn is_of_a_value(error: &Error) -> bool {
    matches!(error, Error::InvalidValue(_)) || error.is_constraint_violation() || is_data(error)
}

fn is_data(error: &Error) -> bool {
    matches!(error, Error::Database { code, .. } if code.starts_with("22"))
}
