//! SQLite columns that declare no type keep numbers and texts apart: `1` is not `'1'` there. Which of the two a user
//! is who was named by a text, the database is asked, where all of its columns of users are so. Decides nothing else.

use db_adapter_core::backup::BackupSchema;
use db_adapter_core::fit::{Resolved, owner_of};
use db_adapter_core::{DatabaseSchema, SqlType, TableName};

use crate::client::DatabaseClient as _;
use crate::query::{Matching, Operation};
use crate::transaction::Transaction;
use crate::{Filter, Notice, Result, Row, Value};

/// The user as the columns of users hold it; where they hold nobody of that id, a number if the users of the source
/// are. The inner error is that they hold both.
pub(crate) async fn user(
    tx: &Transaction,
    schema: &BackupSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
    user: &Value,
    as_in_source: Option<&str>,
) -> Result<Result<Value, Notice>> {
    let number = user.as_str().and_then(|text| {
        let number: i64 = text.parse().ok()?;
        (number.to_string() == text).then_some(Value::Int(number))
    });
    let Some(number) = number else {
        return Ok(Ok(user.clone()));
    };
    let is_number = as_in_source.is_some_and(|id| id.parse::<i64>().is_ok());
    let (mut as_number, mut as_text, mut any) = (None, None, false);
    for (table, column, sql_type) in columns(schema, database, tables) {
        match sql_type {
            // takes a number from a text, and a text from no number
            sql_type if sql_type.is_text() => return Ok(Ok(user.clone())),
            SqlType::Other(name) if name.is_empty() => any = true,
            _ => continue,
        }
        for (value, place) in [(&number, &mut as_number), (user, &mut as_text)] {
            if place.is_none() && has(tx, &table, &column, value).await? {
                *place = Some(format!("`{table}.{column}`"));
            }
        }
    }
    Ok(match (as_number, as_text) {
        (Some(number), Some(text)) => Err(Notice::new(format!(
            "the user's id is a number in {number} and a text in {text}, which declare no type, so that they are two users"
        ))
        .hint("declare a type for the columns, or write the ids in them in one way")),
        (Some(_), None) => Ok(number),
        (None, None) if any && is_number => Ok(number),
        _ => Ok(user.clone()),
    })
}

/// The columns of users, and those that owners are known by, as they were found.
fn columns(
    schema: &BackupSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
) -> Vec<(TableName, String, SqlType)> {
    let mut columns = Vec::new();
    let mut add = |table: Option<&TableName>, column: &str, sql_type: Option<&SqlType>| {
        if let (Some(table), Some(sql_type)) = (table, sql_type) {
            columns.push((table.clone(), column.to_owned(), sql_type.clone()));
        }
    };
    for def in schema.tables.iter() {
        if let (Some(column), Some(found)) = (&def.user_field, tables.table(&def.name, database)) {
            let sql_type = found.column(column).map(|column| &column.sql_type);
            add(tables.get(&def.name), column, sql_type);
        }
        if let Some(owner) = &def.owner
            && let Some((found, column)) = owner_of(owner, schema, database, tables)
        {
            let sql_type = found.column(column).map(|column| &column.sql_type);
            add(tables.get(&owner.table), column, sql_type);
        }
    }
    columns
}

async fn has(tx: &Transaction, table: &TableName, column: &str, value: &Value) -> Result<bool> {
    let filter = Filter::from(Row::from([(column, value.clone())]));
    let matching = Matching::new(table.clone(), filter);
    Ok(tx.run(Operation::Exists(matching)).await?.affected > 0)
}
