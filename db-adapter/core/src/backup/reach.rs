//! How far the rows of a table reach: what all users share does not refer to rows of one of them, and what is
//! in the backup is not outside of it. Rules that run in const evaluation and at run time. Never looks at a
//! database.

use super::rules::{names, position, push_fields, references, text};
use super::{ForeignKey, Message, TableDef};

/// Writes for each table whether its rows are of users, by a column or through a parent. `order` has the
/// positions of the tables, parents first.
pub const fn owned(tables: &[&TableDef], hashes: &[u64], order: &[usize], out: &mut [bool]) {
    let mut i = 0;
    while i < order.len() {
        let table = tables[order[i]];
        let parents = references(&table.parents);
        let (mut is_owned, mut j) = (table.user_field.is_some(), 0);
        while !is_owned && j < parents.len() {
            if let Some(parent) = position(tables, hashes, text(&parents[j].table)) {
                is_owned = out[parent];
            }
            j += 1;
        }
        out[order[i]] = is_owned;
        i += 1;
    }
}

/// A table that all users share has no optional reference to rows of users: a backup of one user would hold
/// everybody's rows that lead there. `at` is its position.
pub const fn shared(
    tables: &[&TableDef],
    hashes: &[u64],
    owned: &[bool],
    at: usize,
) -> Option<Message> {
    if owned[at] {
        return None;
    }
    let table = tables[at];
    let optional = references(&table.optional_refs);
    let mut i = 0;
    while i < optional.len() {
        let reference = &optional[i];
        if let Some(target) = position(tables, hashes, text(&reference.table))
            && owned[target]
        {
            return Some(leads_to_users(table, reference));
        }
        i += 1;
    }
    None
}

const fn leads_to_users(table: &TableDef, reference: &ForeignKey) -> Message {
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    message.push(" is shared by all users, and its rows refer to rows of one user in ");
    message.push_name(text(&reference.table));
    message.push(" by ");
    push_fields(&mut message, names(&reference.fields));
    message.push_hint("make the reference a `parent`, so that its rows belong to that user, or name the `user` or the `owner` of its rows");
    message
}

/// A reference that is declared to lead out of the backup leads to no table of it: the keys of its rows become
/// others.
pub const fn external(table: &TableDef, tables: &[&TableDef], hashes: &[u64]) -> Option<Message> {
    let external = references(&table.external);
    let mut i = 0;
    while i < external.len() {
        let reference = &external[i];
        if position(tables, hashes, text(&reference.table)).is_some() {
            let mut message = Message::new("table ");
            message.push_name(text(&table.name));
            message.push(" declares ");
            push_fields(&mut message, names(&reference.fields));
            message.push(" as `external` to ");
            message.push_name(text(&reference.table));
            message.push(", which is in the backup: its rows get other keys");
            message.push_hint(
                "declare a `parent` or an `optional_ref`, or take the table out of the backup",
            );
            return Some(message);
        }
        i += 1;
    }
    None
}
