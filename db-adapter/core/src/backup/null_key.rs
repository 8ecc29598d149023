//! Whether a natural key can be NULL, as a rule that runs in const evaluation and at run time. Only
//! what is declared of the columns counts; never looks at a database.

use super::rules::{names, references, same, text};
use super::{MatchBy, Message, TableDef};
use crate::expected::{ExpectedColumn, Text};
use std::borrow::Cow;

/// No column of the natural key may be NULL, unless that is said: a plain unique constraint lets any
/// number of rows have NULL, and a restore takes them for the same one.
pub const fn refused(table: &TableDef) -> Option<Message> {
    if table.null_key {
        return None;
    }
    let mut at = 0;
    while let Some(column) = key_column(table, at) {
        if is_nullable(&table.columns, column) && !is_user(table, column) {
            let mut message = Message::new("table ");
            message.push_name(text(&table.name));
            message.push(" has ");
            message.push_name(text(column));
            message.push(" in its natural key, and it may be NULL: a restore takes two rows with NULL in it for the same one");
            message.push_hint("declare it as NOT NULL, name other columns as the `key`, or say `null_key` if no two rows have NULL in it");
            return Some(message);
        }
        at += 1;
    }
    None
}

/// The columns of the natural key by their number, without the user.
const fn key_column(table: &TableDef, at: usize) -> Option<&Text> {
    let key = names(&table.key);
    if matches!(table.match_by, MatchBy::Pk) {
        return None;
    }
    if !key.is_empty() {
        return if at < key.len() { Some(&key[at]) } else { None };
    }
    let Some(slug) = &table.slug_field else {
        return None;
    };
    let (parents, mut left, mut i) = (references(&table.parents), at, 0);
    while i < parents.len() {
        let fields = names(&parents[i].fields);
        if left < fields.len() {
            return Some(&fields[left]);
        }
        left -= fields.len();
        i += 1;
    }
    if left == 0 { Some(slug) } else { None }
}

/// A restore sets it, so that it is never NULL.
const fn is_user(table: &TableDef, column: &Text) -> bool {
    match &table.user_field {
        Some(user) => same(text(user), text(column)),
        None => false,
    }
}

#[allow(clippy::ptr_arg, reason = "`Deref` is not a const function")]
const fn is_nullable(columns: &Cow<'static, [ExpectedColumn]>, name: &Text) -> bool {
    let columns = match columns {
        Cow::Borrowed(columns) => columns,
        Cow::Owned(columns) => columns.as_slice(),
    };
    let mut i = 0;
    while i < columns.len() {
        if same(text(&columns[i].name), text(name)) {
            return matches!(columns[i].nullable, Some(true));
        }
        i += 1;
    }
    false
}
