//! What stands for the new key of a row where nothing is written, so that no key of the database is taken: its
//! children are told apart by it. No row may have it, which is asked once a table.

use db_adapter_core::SqlType;

use super::plan::TablePlan;
use crate::client::DatabaseClient as _;
use crate::query::{Matching, Operation};
use crate::transaction::Transaction;
use crate::{Error, Filter, Result, Value, op};

/// The lowest number that stands for a key, and how many there are from there on.
fn numbers(sql_type: &SqlType) -> Option<(i64, i64)> {
    Some(match sql_type {
        SqlType::Int2 => (i64::from(i16::MIN), 30_000),
        SqlType::Int4 => (i64::from(i32::MIN), 1_000_000_000),
        SqlType::Int8 => (i64::MIN, 1_000_000_000_000),
        _ => return None,
    })
}

/// What no row may have: a number in that range.
pub(super) async fn check(tx: &Transaction, table: &TablePlan, column: usize) -> Result<()> {
    let Some(plan) = table.columns.get(column) else {
        return Err(lost(table));
    };
    let Some((lowest, count)) = numbers(&plan.sql_type) else {
        return Ok(()); // a text that nobody has by chance
    };
    let filter = Filter::test(&plan.name, op::lt(lowest + count));
    let matching = Matching::new(table.table.clone(), filter);
    match tx.run(Operation::Exists(matching)).await?.affected {
        0 => Ok(()),
        _ => Err(Error::unsupported(
            format!(
                "a comparison of `{}`, where `{}` has the lowest numbers of its type,",
                table.name, plan.name
            ),
            "this database",
            "use a dry run of the sync, which takes keys of the database",
        )),
    }
}

/// The key of the row that is counted so, from 1 on.
pub(super) fn key(table: &TablePlan, column: usize, number: u64) -> Result<Value> {
    let Some(plan) = table.columns.get(column) else {
        return Err(lost(table));
    };
    let refused = || {
        Error::unsupported(
            format!(
                "a comparison with so many new rows of `{}`, or with keys of the type {},",
                table.name, plan.sql_type
            ),
            "this database",
            "use a dry run of the sync, which takes keys of the database",
        )
    };
    match (&plan.sql_type, numbers(&plan.sql_type)) {
        (_, Some((lowest, count))) => {
            let number = i64::try_from(number).ok().filter(|n| *n < count);
            Ok(Value::Int(lowest + number.ok_or_else(refused)?))
        }
        (SqlType::Uuid, None) => {
            let number = Some(number).filter(|n| *n < 1 << 48).ok_or_else(refused)?;
            Ok(Value::Text(
                format!("db0ada97-0000-4000-8000-{number:012x}").into(),
            ))
        }
        (SqlType::Text | SqlType::Varchar(None | Some(40..)) | SqlType::Citext, None) => {
            Ok(Value::Text(format!("db-adapter new row {number}").into()))
        }
        _ => Err(refused()),
    }
}

fn lost(table: &TablePlan) -> Error {
    Error::internal(format!("the plan for `{}` numbers no column", table.name))
}
