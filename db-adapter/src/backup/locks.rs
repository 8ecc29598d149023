//! The locks of whoever moves rows: work on one user's rows of a table excludes work on the same
//! user's, and work on the whole table excludes all. Whose rows and which table are told apart no
//! finer than any database does, so that no spelling gets past a lock.

use std::collections::BTreeMap;

use db_adapter_core::backup::{BackupSchema, TableDef};

use super::resolve::Place;
use crate::client::DatabaseClient as _;
use crate::query::Operation;
use crate::transaction::Transaction;
use crate::{ExactJson as _, Result, Value};

/// What is held of one table to the end of the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Whole,
    Of(String),
}

/// Waits for whoever works on the same rows; `user` is `None` for whole tables.
pub(super) async fn lock(
    tx: &Transaction,
    schema: &BackupSchema,
    place: &Place,
    user: Option<&Value>,
) -> Result<()> {
    let mut tables: BTreeMap<String, Held> = BTreeMap::new();
    for table in schema.tables.iter() {
        // one table has one name here, however it is declared
        let found = place.tables.get(&table.name).map(ToString::to_string);
        let name = found.unwrap_or_else(|| table.name.to_string());
        tables.insert(name, held(table, user));
    }
    // in one order for everybody, so that nobody waits in a circle
    for (table, held) in tables {
        let table = format!("db-adapter rows of {table}");
        let of = match held {
            Held::Whole => {
                tx.run(Operation::Lock(table)).await?;
                continue;
            }
            Held::Of(user) => format!("{table} for {user}"),
        };
        tx.run(Operation::LockShared(table)).await?;
        tx.run(Operation::Lock(of)).await?;
    }
    Ok(())
}

/// Rows of a table without a user and without parents are everybody's.
fn held(table: &TableDef, user: Option<&Value>) -> Held {
    let shared = table.user_field.is_none() && table.parents.is_empty();
    match user {
        Some(user) if !shared => Held::Of(coarse(user)),
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
