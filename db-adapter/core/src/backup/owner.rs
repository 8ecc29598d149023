//! The owner: the user's column as a reference to the table of owners. What must hold of it, as rules
//! that run in const evaluation and at run time. Never looks at a database.

use super::rules::{names, position, push_fields, same, text};
use super::{ForeignKey, MatchBy, Message, TableDef};
use crate::expected::Text;

/// An owner is one column, that of the user, and leads to another table.
pub const fn declared(table: &TableDef) -> Option<Message> {
    let Some(owner) = &table.owner else {
        return None;
    };
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    let ([field], [] | [_]) = (names(&owner.fields), names(&owner.references)) else {
        message.push(" names its owner by (");
        push_fields(&mut message, names(&owner.fields));
        message.push("), and a user's id is one value");
        message.push_hint("name the one column that holds it; other references are parents");
        return Some(message);
    };
    if text(field).is_empty() || text(&owner.table).is_empty() {
        message.push(" has an owner without a name");
        message.push_hint("name the table of owners, and the column that refers to it");
        return Some(message);
    }
    if same(text(&owner.table), text(&table.name)) {
        message.push(" is its own owner");
        message.push_hint("say that its key is the user's id: `user` and the column");
        return Some(message);
    }
    match &table.user_field {
        Some(user) if same(text(user), text(field)) => None,
        Some(user) => {
            message.push(" has the owner ");
            message.push_name(text(field));
            message.push(" and the user column ");
            message.push_name(text(user));
            message.push(", and a row has one owner");
            message.push_hint("keep one of them");
            Some(message)
        }
        None => {
            message.push(" has the owner ");
            message.push_name(text(field));
            message.push(" and is said to have no user column");
            message.push_hint("keep one of them");
            Some(message)
        }
    }
}

/// The table of owners, where it is backed up, is known by the user's id: then its row is the
/// owner's, and is restored as the one of the user that is given.
pub const fn table(table: &TableDef, tables: &[&TableDef], hashes: &[u64]) -> Option<Message> {
    let Some(owner) = &table.owner else {
        return None;
    };
    let Some(at) = position(tables, hashes, text(&owner.table)) else {
        return None;
    };
    let owners = tables[at];
    // the number of columns, and a table that is its own owner, are for other rules
    let ([key], false) = (
        key(owner, owners),
        same(text(&owners.name), text(&table.name)),
    ) else {
        return super::rules::arity(table, owner, owners);
    };
    if is_user(owners, key) && is_matched_by(owners, key) {
        return None;
    }
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    message.push(" is owned by rows of ");
    message.push_name(text(&owners.name));
    message.push(", which is backed up by something else than the user's id in ");
    message.push_name(text(key));
    message.push_hint("declare ");
    message.push_name(text(&owners.name));
    message.push(" with `user = ");
    message.push(text(key));
    message.push(match is_only(names(&owners.pk), key) {
        true => "` and `match_by = pk",
        false => "` and `key = ",
    });
    if !is_only(names(&owners.pk), key) {
        message.push(text(key));
    }
    message.push("`, or leave it out of the backup");
    Some(message)
}

/// Whether a reference is by the column of the user alone.
pub const fn is_by_user(table: &TableDef, reference: &ForeignKey) -> bool {
    match (&table.user_field, names(&reference.fields)) {
        (Some(user), [field]) => same(text(user), text(field)),
        _ => false,
    }
}

/// The columns that the owner is known by.
const fn key<'a>(owner: &'a ForeignKey, owners: &'a TableDef) -> &'a [Text] {
    match names(&owner.references) {
        [] => names(&owners.pk),
        columns => columns,
    }
}

const fn is_user(owners: &TableDef, key: &Text) -> bool {
    match &owners.user_field {
        Some(user) => same(text(user), text(key)),
        None => false,
    }
}

/// With more columns in its key, a row of the same id would be another one.
const fn is_matched_by(owners: &TableDef, key: &Text) -> bool {
    match owners.match_by {
        MatchBy::Pk => is_only(names(&owners.pk), key),
        MatchBy::Natural => is_only(names(&owners.key), key),
    }
}

const fn is_only(columns: &[Text], key: &Text) -> bool {
    match columns {
        [only] => same(text(only), text(key)),
        _ => false,
    }
}
