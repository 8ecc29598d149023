//! The locks of whoever moves rows: work on one user's rows of a table excludes work on the same
//! user's, and work on the whole table excludes all. Whose rows and which table are told apart no
//! finer than any database does, so that no spelling gets past a lock. Where a database has types of its
//! own, it is asked what it calls the user.

use std::collections::BTreeMap;

use db_adapter_core::TableName;
use db_adapter_core::backup::{BackupSchema, TableDef};

use super::resolve::Place;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::Operation;
use crate::transaction::Transaction;
use crate::{Error, ExactJson as _, Result, Value};

/// What is held of one table to the end of the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Whole,
    /// The rows of a user: by the text of the id, and by what the database calls the same user.
    Of(String, Option<String>),
}

/// Waits for whoever works on the same rows; `user` is `None` for whole tables.
pub(super) async fn lock(
    tx: &Transaction,
    schema: &BackupSchema,
    place: &Place,
    user: Option<&Value>,
) -> Result<()> {
    let asks = tx.capabilities()?.own_types;
    let mut tables: BTreeMap<String, Held> = BTreeMap::new();
    for table in schema.tables.iter() {
        // one table has one name here, however it is declared
        let found = place.tables.get(&table.name);
        let name = found.map_or_else(|| table.name.to_string(), ToString::to_string);
        let mut held = held(table, user);
        let column = table.user_field.as_deref().filter(|_| asks);
        if let (Some(user), Some(found), Some(column)) = (user, found, column) {
            held = held.told(called(tx, found, column, user).await?);
        }
        tables.insert(name, held);
    }
    // in one order for everybody, so that nobody waits in a circle
    for (table, held) in tables {
        let table = format!("db-adapter rows of {table}");
        let Held::Of(user, told) = held else {
            tx.run(Operation::Lock(table)).await?;
            continue;
        };
        let by_text = format!("{table} for {user}");
        let by_value = told.map(|told| format!("{table} of {told}"));
        tx.run(Operation::LockShared(table)).await?;
        for lock in std::iter::once(by_text).chain(by_value) {
            tx.run(Operation::Lock(lock)).await?;
        }
    }
    Ok(())
}

/// What a database says of a user in a column.
enum Told {
    /// The same for all ids that it calls equal.
    Hash(String),
    /// It cannot compare such ids by a hash: any two may be the same.
    Unknown,
    /// The id is not one of the column: the work itself will be refused.
    Unfit,
}

impl Held {
    fn told(self, told: Told) -> Held {
        match (self, told) {
            (Held::Of(user, _), Told::Hash(hash)) => Held::Of(user, Some(hash)),
            (Held::Of(..), Told::Unknown) => Held::Whole,
            (held, _) => held,
        }
    }
}

/// Asks the server for its own hash of the user as a value of the column, by its type and collation.
async fn called(tx: &Transaction, table: &TableName, column: &str, user: &Value) -> Result<Told> {
    let sql = format!(
        "SELECT CAST(pg_catalog.hash_array_extended(ARRAY[v.value], 0) AS text) AS hash \
         FROM (SELECT (pg_catalog.jsonb_populate_record(CAST(NULL AS {}), \
         pg_catalog.jsonb_build_object(CAST(:name AS text), CAST(CAST(:id AS text) AS jsonb)))).\"{}\" AS value) AS v",
        table.quoted(),
        column.replace('"', "\"\"")
    );
    // an error must not end the transaction
    let savepoint = tx.begin().await?;
    let query = savepoint.query(sql).bind("name", column);
    let answer = query.bind("id", user.to_json()).one().await;
    savepoint.rollback().await?;
    match answer {
        Ok(row) => Ok(Told::Hash(row.get("hash")?)),
        Err(Error::InvalidQuery { .. }) => Ok(Told::Unknown),
        Err(Error::InvalidValue(_) | Error::UndefinedColumn { .. }) => Ok(Told::Unfit),
        Err(Error::Database { code, .. }) if code.starts_with("22") => Ok(Told::Unfit),
        Err(error) if error.is_constraint_violation() => Ok(Told::Unfit),
        Err(error) => Err(error),
    }
}

/// Rows of a table without a user and without parents are everybody's.
fn held(table: &TableDef, user: Option<&Value>) -> Held {
    let shared = table.user_field.is_none() && table.parents.is_empty();
    match user {
        Some(user) if !shared => Held::Of(coarse(user), None),
        _ => Held::Whole,
    }
}

/// The same for all that some column may call the same user: `7`, `07` and `7.0`, every spelling of a
/// uuid, `Ann` and `ann `. Two users of one such text wait for each other, which harms nobody.
fn coarse(user: &Value) -> String {
    let text = match user {
        Value::Text(text) => text.to_string(),
        other => other.to_json(),
    };
    let text = text.trim().to_lowercase();
    if let Some(number) = number(&text) {
        return number;
    }
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// A plain number without its needless zeros.
fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !plain(whole) || !plain(part) {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    Some(format!("{sign}{whole}.{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_has_one_lock_and_others_have_others() {
        let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        let same: [&[Value]; 4] = [
            &[
                7.into(),
                "7".into(),
                "07".into(),
                "+7.00".into(),
                " 7 ".into(),
            ],
            &[
                uuid.into(),
                uuid.to_uppercase().into(),
                format!("{{{uuid}}}").into(),
                uuid.replace('-', "").into(),
            ],
            &["ann".into(), "Ann".into(), "ann  ".into()],
            &[0.into(), "0".into(), "000".into()],
        ];
        let mut found: Vec<String> = Vec::new();
        for users in same {
            let first = coarse(&users[0]);
            for user in users {
                assert_eq!(coarse(user), first, "{user:?}");
            }
            found.push(first);
        }
        found.extend(["bob", "70", "-7", "0.7"].map(|user| coarse(&user.into())));
        let count = found.len();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), count, "{found:?}");
    }
}
