//! What a backup schema must fulfil, each rule as one function of plain data. They run in const
//! evaluation, where a message becomes a compile error, and at run time. No rule panics, and each
//! is linear in what it looks at, because the compiler refuses long evaluations.

use super::{ForeignKey, MatchBy, Message, TableDef};
use crate::expected::{Names, Text};
use std::borrow::Cow;

/// The text of a name, in a const too.
pub const fn text(name: &Text) -> &str {
    match name {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.as_str(),
    }
}

/// The names as a slice, in a const too.
pub const fn names(names: &Names) -> &[Text] {
    match names {
        Cow::Borrowed(names) => names,
        Cow::Owned(names) => names.as_slice(),
    }
}

/// The references as a slice, in a const too.
#[allow(clippy::ptr_arg, reason = "`Deref` is not a const function")]
pub const fn references<'a>(keys: &'a Cow<'static, [ForeignKey]>) -> &'a [ForeignKey] {
    match keys {
        Cow::Borrowed(keys) => keys,
        Cow::Owned(keys) => keys.as_slice(),
    }
}

/// Whether two names are the same, in a const too.
pub const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A number for a name; numbers are cheaper to compare than names in const evaluation.
pub const fn hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (mut hash, mut i) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Writes the number of each table's name.
pub const fn hashes(tables: &[&TableDef], out: &mut [u64]) {
    let mut i = 0;
    while i < tables.len() {
        out[i] = hash(text(&tables[i].name));
        i += 1;
    }
}

pub(super) const fn position(tables: &[&TableDef], hashes: &[u64], name: &str) -> Option<usize> {
    let wanted = hash(name);
    let mut i = 0;
    while i < tables.len() {
        if hashes[i] == wanted && same(text(&tables[i].name), name) {
            return Some(i);
        }
        i += 1;
    }
    None
}

/// One definition for each table.
pub const fn duplicate(tables: &[&TableDef], hashes: &[u64]) -> Option<Message> {
    let mut i = 0;
    while i < tables.len() {
        let mut j = i + 1;
        while j < tables.len() {
            if hashes[i] == hashes[j] && same(text(&tables[i].name), text(&tables[j].name)) {
                let mut message = Message::new("two definitions of table ");
                message.push_name(text(&tables[i].name));
                message.push_hint("remove one, or give it another name");
                return Some(message);
            }
            j += 1;
        }
        i += 1;
    }
    None
}

/// No two tables were renamed from the same name.
pub const fn renamed_once(tables: &[&TableDef]) -> Option<Message> {
    let mut i = 0;
    while i < tables.len() {
        let mut j = i + 1;
        while j < tables.len() {
            if let (Some(one), Some(other)) = (&tables[i].renamed_from, &tables[j].renamed_from)
                && same(text(one), text(other))
            {
                let mut message = Message::new("the tables ");
                message.push_name(text(&tables[i].name));
                message.push(" and ");
                message.push_name(text(&tables[j].name));
                message.push(" are both renamed from ");
                message.push_name(text(one));
                message.push_hint("keep it at the table that has the rows of that name");
                return Some(message);
            }
            j += 1;
        }
        if let Some(old) = &tables[i].renamed_from
            && is_named(tables, text(old))
        {
            let mut message = Message::new("the table ");
            message.push_name(text(&tables[i].name));
            message.push(" is renamed from ");
            message.push_name(text(old));
            message.push(", which is a table of the schema itself");
            message.push_hint("remove `renamed_from`, or the table of the old name");
            return Some(message);
        }
        i += 1;
    }
    None
}

const fn is_named(tables: &[&TableDef], name: &str) -> bool {
    let mut i = 0;
    while i < tables.len() {
        if same(text(&tables[i].name), name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Writes the positions of the tables into `order`, parents first; among tables that do not depend
/// on each other the given order is kept. The answer is the cycle, if there is one.
///
/// All slices are as long as `tables`; `state` is zero.
pub const fn order(
    tables: &[&TableDef],
    hashes: &[u64],
    order: &mut [usize],
    state: &mut [u8],
    stack: &mut [(usize, usize)],
) -> Option<Message> {
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let (mut done, mut first) = (0, 0);
    while first < tables.len() {
        let mut depth = 0;
        if state[first] == 0 {
            state[first] = OPEN;
            stack[0] = (first, 0);
            depth = 1;
        }
        while depth > 0 {
            let (table, next) = stack[depth - 1];
            let Some(reference) = needed(tables[table], next) else {
                state[table] = DONE;
                order[done] = table;
                done += 1;
                depth -= 1;
                continue;
            };
            stack[depth - 1] = (table, next + 1);
            // a missing parent and a table that is its own are for other rules
            if let Some(parent) = position(tables, hashes, text(&reference.table))
                && parent != table
            {
                if state[parent] == OPEN {
                    return Some(cycle(tables, stack.split_at(depth).0, parent));
                }
                if state[parent] == 0 {
                    state[parent] = OPEN;
                    stack[depth] = (parent, 0);
                    depth += 1;
                }
            }
        }
        first += 1;
    }
    None
}

/// The references whose rows come first, by their number: the parents, then the owner.
const fn needed(table: &TableDef, at: usize) -> Option<&ForeignKey> {
    let parents = references(&table.parents);
    if at < parents.len() {
        Some(&parents[at])
    } else if at == parents.len() {
        table.owner.as_ref()
    } else {
        None
    }
}

const fn cycle(tables: &[&TableDef], stack: &[(usize, usize)], back_to: usize) -> Message {
    let mut message = Message::new("the tables need each other in a circle: ");
    let mut i = 0;
    while stack[i].0 != back_to {
        i += 1;
    }
    while i < stack.len() {
        message.push_name(text(&tables[stack[i].0].name));
        message.push(" -> ");
        i += 1;
    }
    message.push_name(text(&tables[back_to].name));
    message.push_hint("make one of these references an `optional_ref`");
    message
}

/// Every parent and optional reference is one of the tables; `others` are not backed up.
pub const fn missing(
    table: &TableDef,
    tables: &[&TableDef],
    hashes: &[u64],
    others: &[&TableDef],
) -> Option<Message> {
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    message.push(" refers to ");
    let (mut found, mut in_others, mut by_user) = (0, 0, 0);
    let (parents, optional) = (references(&table.parents), references(&table.optional_refs));
    let mut i = 0;
    while i < parents.len() + optional.len() {
        let key = if i < parents.len() {
            &parents[i]
        } else {
            &optional[i - parents.len()]
        };
        if position(tables, hashes, text(&key.table)).is_none() {
            message.push(if found > 0 { ", " } else { "" });
            message.push_name(text(&key.table));
            message.push(" (by ");
            push_fields(&mut message, names(&key.fields));
            message.push(")");
            found += 1;
            in_others += is_among(others, text(&key.table)) as usize;
            by_user += super::owner::is_by_user(table, key) as usize;
        }
        i += 1;
    }
    if found == 0 {
        return None;
    }
    let (what, hint) = match (found, in_others == found) {
        (1, true) if by_user == 1 => (
            ", which is not backed up",
            "declare the reference as the `owner`, whose table need not be",
        ),
        (1, false) if by_user == 1 => (
            ", which is not in this schema",
            "declare the reference as the `owner`, whose table need not be",
        ),
        (1, true) => (
            ", which is not backed up",
            "take its `backup = false` away, or declare the reference `external`",
        ),
        (_, true) => (
            ", which are not backed up",
            "take their `backup = false` away, or declare the references `external`",
        ),
        (1, false) => (
            ", which is not in this schema",
            "add it, or declare the reference `external`",
        ),
        (_, false) => (
            ", which are not in this schema",
            "add them, or declare the references `external`",
        ),
    };
    message.push(what);
    message.push_hint(hint);
    Some(message)
}

const fn is_among(tables: &[&TableDef], name: &str) -> bool {
    let mut i = 0;
    while i < tables.len() {
        if same(text(&tables[i].name), name) {
            return true;
        }
        i += 1;
    }
    false
}

pub(super) const fn push_fields(message: &mut Message, fields: &[Text]) {
    let mut i = 0;
    while i < fields.len() {
        if i > 0 {
            message.push(", ");
        }
        message.push_name(text(&fields[i]));
        i += 1;
    }
}

/// No table is its own required parent: no row could be the first.
pub const fn own_parent(table: &TableDef) -> Option<Message> {
    let parents = references(&table.parents);
    let mut i = 0;
    while i < parents.len() {
        if same(text(&parents[i].table), text(&table.name)) {
            let mut message = Message::new("table ");
            message.push_name(text(&table.name));
            message.push(" is its own parent, so that no row could be the first");
            message.push_hint("make ");
            push_fields(&mut message, names(&parents[i].fields));
            message.push(" an `optional_ref`");
            return Some(message);
        }
        i += 1;
    }
    None
}

/// Something tells whether two rows are the same one.
pub const fn natural_key(table: &TableDef) -> Option<Message> {
    let by_pk = matches!(table.match_by, MatchBy::Pk);
    if by_pk || table.slug_field.is_some() || !names(&table.key).is_empty() {
        return None;
    }
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    message.push(" has no natural key, so that a restore cannot tell which rows are there already");
    message.push_hint("name a `slug`, the columns of a `key`, or match by `pk`");
    Some(message)
}

/// Names are not empty, and keys have columns.
pub const fn shape(table: &TableDef) -> Option<Message> {
    if text(&table.name).is_empty() {
        return Some(Message::new("a table has an empty name"));
    }
    let what = if has_empty(names(&table.pk)) || names(&table.pk).is_empty() {
        "primary key"
    } else if has_empty(names(&table.key)) {
        "natural key"
    } else if is_empty(&table.slug_field) {
        "slug"
    } else if is_empty(&table.user_field) {
        "user column"
    } else {
        return None;
    };
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    message.push(" has an empty ");
    message.push(what);
    Some(message)
}

/// A key and a reference have each column once, and no name has a NUL, which no database takes.
pub const fn columns_once(table: &TableDef) -> Option<Message> {
    if let Some(message) = once(table, "its primary key", names(&table.pk)) {
        return Some(message);
    }
    if let Some(message) = once(table, "its natural key", names(&table.key)) {
        return Some(message);
    }
    if has_nul(text(&table.name)) || option_has_nul(&table.slug_field) {
        return Some(with_nul(table));
    }
    if option_has_nul(&table.user_field) || option_has_nul(&table.renamed_from) {
        return Some(with_nul(table));
    }
    let mut i = 0;
    while let Some(key) = reference(table, i) {
        if has_nul(text(&key.table)) {
            return Some(with_nul(table));
        }
        if let Some(message) = once(table, "a reference", names(&key.fields)) {
            return Some(message);
        }
        if let Some(message) = once(table, "the target of a reference", names(&key.references)) {
            return Some(message);
        }
        i += 1;
    }
    None
}

const fn once(table: &TableDef, what: &str, columns: &[Text]) -> Option<Message> {
    let mut i = 0;
    while i < columns.len() {
        if has_nul(text(&columns[i])) {
            return Some(with_nul(table));
        }
        let mut j = i + 1;
        while j < columns.len() {
            if same(text(&columns[i]), text(&columns[j])) {
                let mut message = Message::new("table ");
                message.push_name(text(&table.name));
                message.push(" has ");
                message.push_name(text(&columns[i]));
                message.push(" twice in ");
                message.push(what);
                message.push_hint("remove one");
                return Some(message);
            }
            j += 1;
        }
        i += 1;
    }
    None
}

const fn with_nul(table: &TableDef) -> Message {
    let mut message = Message::new("a name of table ");
    message.push_name(text(&table.name));
    message.push(" has a NUL character in it");
    message
}

const fn option_has_nul(name: &Option<Text>) -> bool {
    match name {
        Some(name) => has_nul(text(name)),
        None => false,
    }
}

const fn has_nul(name: &str) -> bool {
    let (name, mut i) = (name.as_bytes(), 0);
    while i < name.len() {
        if name[i] == 0 {
            return true;
        }
        i += 1;
    }
    false
}

/// The references of a table by their number: parents, optional ones, external ones, the owner.
const fn reference(table: &TableDef, at: usize) -> Option<&ForeignKey> {
    let parents = references(&table.parents);
    let optional = references(&table.optional_refs);
    let external = references(&table.external);
    if at < parents.len() {
        Some(&parents[at])
    } else if at < parents.len() + optional.len() {
        Some(&optional[at - parents.len()])
    } else if at < parents.len() + optional.len() + external.len() {
        Some(&external[at - parents.len() - optional.len()])
    } else if at == parents.len() + optional.len() + external.len() {
        table.owner.as_ref()
    } else {
        None
    }
}

/// No two references are by the same columns: a restore could let them lead to one row only.
pub const fn references_differ(table: &TableDef) -> Option<Message> {
    let mut i = 0;
    while let Some(one) = reference(table, i) {
        let mut j = i + 1;
        while let Some(other) = reference(table, j) {
            if are_same_columns(names(&one.fields), names(&other.fields)) {
                let mut message = Message::new("table ");
                message.push_name(text(&table.name));
                message.push(" refers to ");
                message.push_name(text(&one.table));
                message.push(" and to ");
                message.push_name(text(&other.table));
                message.push(" by ");
                push_fields(&mut message, names(&one.fields));
                message.push_hint("name another column, or remove one of the references");
                return Some(message);
            }
            j += 1;
        }
        i += 1;
    }
    None
}

/// Whether they are the same columns, in any order.
const fn are_same_columns(one: &[Text], other: &[Text]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut i = 0;
    while i < one.len() {
        let (mut found, mut j) = (false, 0);
        while j < other.len() {
            found |= same(text(&one[i]), text(&other[j]));
            j += 1;
        }
        if !found {
            return false;
        }
        i += 1;
    }
    true
}

const fn is_empty(name: &Option<Text>) -> bool {
    match name {
        Some(name) => text(name).is_empty(),
        None => false,
    }
}

const fn has_empty(columns: &[Text]) -> bool {
    let mut i = 0;
    while i < columns.len() {
        if text(&columns[i]).is_empty() {
            return true;
        }
        i += 1;
    }
    false
}

/// The first reference to a table of the schema with another number of columns than its key has.
pub const fn arities(table: &TableDef, tables: &[&TableDef], hashes: &[u64]) -> Option<Message> {
    let (parents, optional) = (references(&table.parents), references(&table.optional_refs));
    let mut i = 0;
    while i < parents.len() + optional.len() {
        let key = if i < parents.len() {
            &parents[i]
        } else {
            &optional[i - parents.len()]
        };
        if let Some(at) = position(tables, hashes, text(&key.table))
            && let Some(message) = arity(table, key, tables[at])
        {
            return Some(message);
        }
        i += 1;
    }
    None
}

/// A reference has as many columns as the key that it refers to.
pub const fn arity(table: &TableDef, key: &ForeignKey, parent: &TableDef) -> Option<Message> {
    let target = match names(&key.references) {
        [] => names(&parent.pk),
        columns => columns,
    };
    let fields = names(&key.fields);
    if !fields.is_empty() && fields.len() == target.len() {
        return None;
    }
    let mut message = Message::new("table ");
    message.push_name(text(&table.name));
    message.push(" refers to ");
    message.push_name(text(&parent.name));
    message.push(" by (");
    push_fields(&mut message, fields);
    message.push("), but its key is (");
    push_fields(&mut message, target);
    message.push(")");
    message.push_hint("name a column for each of them");
    Some(message)
}
