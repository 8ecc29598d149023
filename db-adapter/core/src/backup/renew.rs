//! Columns that the database fills anew for every new row, such as a public number that must not be that of
//! the row it was copied from. Rules that run in const evaluation and at run time. Never looks at a
//! database.

use super::rules::{names, position, references, same, text};
use super::{ForeignKey, Message, TableDef};
use crate::expected::{Names, Text};

/// A column that is renewed says nothing of which row it is, whose, or what it refers to.
pub const fn own(table: &TableDef) -> Option<Message> {
    let renew = names(&table.renew);
    let mut i = 0;
    while i < renew.len() {
        let column = &renew[i];
        if let Some(why) = why_not(table, column) {
            let mut message = Message::new("table ");
            message.push_name(text(&table.name));
            message.push(" has ");
            message.push_name(text(column));
            message.push(" in `renew`, and ");
            message.push(why);
            message.push_hint("take it out of `renew`");
            return Some(message);
        }
        i += 1;
    }
    None
}

const fn why_not(table: &TableDef, column: &Text) -> Option<&'static str> {
    if text(column).is_empty() {
        return Some("a column has a name");
    }
    if has(&table.pk, column) {
        return Some(
            "it is in the primary key, which is new already where the database numbers rows",
        );
    }
    if has(&table.key, column) || is(&table.slug_field, column) {
        return Some("it is in the natural key, by which a row is found again");
    }
    if is(&table.user_field, column) {
        return Some("it says whose row it is");
    }
    let refers = refers_by(references(&table.parents), column)
        || refers_by(references(&table.optional_refs), column)
        || refers_by(references(&table.external), column);
    if refers {
        return Some("it refers to another row");
    }
    None
}

const fn has(list: &Names, column: &Text) -> bool {
    let list = names(list);
    let mut i = 0;
    while i < list.len() {
        if same(text(&list[i]), text(column)) {
            return true;
        }
        i += 1;
    }
    false
}

const fn is(name: &Option<Text>, column: &Text) -> bool {
    match name {
        Some(name) => same(text(name), text(column)),
        None => false,
    }
}

const fn refers_by(references: &[ForeignKey], column: &Text) -> bool {
    let mut i = 0;
    while i < references.len() {
        if has(&references[i].fields, column) {
            return true;
        }
        i += 1;
    }
    false
}

/// No reference of the schema leads to a column that is renewed: what refers to it would have the old value.
pub const fn referenced(table: &TableDef, tables: &[&TableDef], hashes: &[u64]) -> Option<Message> {
    let lists = [references(&table.parents), references(&table.optional_refs)];
    let mut i = 0;
    while i < lists.len() {
        let mut j = 0;
        while j < lists[i].len() {
            let reference = &lists[i][j];
            if let Some(at) = position(tables, hashes, text(&reference.table))
                && let Some(column) = renewed(tables[at], names(&reference.references))
            {
                let mut message = Message::new("table ");
                message.push_name(text(&table.name));
                message.push(" refers to ");
                message.push_name(text(&reference.table));
                message.push(" by its ");
                message.push_name(text(column));
                message.push(", which is in `renew` there");
                message.push_hint("refer to its primary key, or take the column out of `renew`");
                return Some(message);
            }
            j += 1;
        }
        i += 1;
    }
    None
}

const fn renewed<'t>(target: &TableDef, columns: &'t [Text]) -> Option<&'t Text> {
    let mut i = 0;
    while i < columns.len() {
        if has(&target.renew, &columns[i]) {
            return Some(&columns[i]);
        }
        i += 1;
    }
    None
}
