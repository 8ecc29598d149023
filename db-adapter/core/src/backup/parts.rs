//! How `backup_schema!` puts a schema together during const evaluation. Only for what macros
//! expand to; at run time [`BackupSchema::new`](super::BackupSchema::new) does the same.

use super::rules::{self, text};
use super::{BackupSchema, ForeignKey, Message, Prepared, TableDef, null_key, owner, reach, renew};
use crate::expected::{ExpectedColumn, Names, Text};
use std::borrow::Cow;

/// One item in the list of a schema.
#[derive(Clone, Copy)]
pub enum Part {
    /// A table.
    Table(&'static TableDef),
    /// All the tables of another schema.
    Schema(&'static BackupSchema),
    /// A table that is expected but not backed up.
    ExpectedOnly(&'static TableDef),
}

/// The number of tables that the parts back up.
pub const fn count(parts: &[Part]) -> usize {
    take(parts, &mut [], false)
}

/// The number of tables that the parts only expect.
pub const fn count_other(parts: &[Part]) -> usize {
    take(parts, &mut [], true)
}

#[allow(clippy::ptr_arg, reason = "`Deref` is not a const function")]
const fn slice<'a>(tables: &'a Cow<'static, [TableDef]>) -> &'a [TableDef] {
    match tables {
        Cow::Borrowed(tables) => tables,
        Cow::Owned(tables) => tables.as_slice(),
    }
}

const NOTHING: &TableDef = &TableDef {
    name: Cow::Borrowed(""),
    pk: Cow::Borrowed(&[]),
    slug_field: None,
    user_field: None,
    owner: None,
    key: Cow::Borrowed(&[]),
    null_key: false,
    match_by: super::MatchBy::Natural,
    parents: Cow::Borrowed(&[]),
    optional_refs: Cow::Borrowed(&[]),
    external: Cow::Borrowed(&[]),
    renew: Cow::Borrowed(&[]),
    renamed_from: None,
    columns: Cow::Borrowed(&[]),
    prepared: Prepared(b""),
};

/// The tables that the parts back up, `N` of them, in the order given.
pub const fn collect<const N: usize>(parts: &[Part]) -> [&'static TableDef; N] {
    let mut out = [NOTHING; N];
    take(parts, &mut out, false);
    out
}

/// The tables that the parts only expect, `M` of them, in the order given.
pub const fn collect_other<const M: usize>(parts: &[Part]) -> [&'static TableDef; M] {
    let mut out = [NOTHING; M];
    take(parts, &mut out, true);
    out
}

/// Writes the tables of one sort as far as there is room, and gives how many there are.
const fn take(parts: &[Part], out: &mut [&'static TableDef], other: bool) -> usize {
    let (mut at, mut i) = (0, 0);
    while i < parts.len() {
        let mut k = 0;
        while let Some(table) = nth(&parts[i], k, other) {
            if !is_known(parts, i, table, other) {
                if at < out.len() {
                    out[at] = table;
                }
                at += 1;
            }
            k += 1;
        }
        i += 1;
    }
    at
}

const fn nth(part: &Part, k: usize, other: bool) -> Option<&'static TableDef> {
    match *part {
        Part::Table(table) if k == 0 && !other => Some(table),
        Part::ExpectedOnly(table) if k == 0 && other => Some(table),
        Part::Schema(schema) => {
            let tables = match other {
                true => slice(&schema.other_tables),
                false => slice(&schema.tables),
            };
            match k < tables.len() {
                true => Some(&tables[k]),
                false => None,
            }
        }
        _ => None,
    }
}

/// Whether the same definition came before, and one of the two through another schema: two schemas
/// may share a third.
const fn is_known(parts: &[Part], of: usize, table: &TableDef, other: bool) -> bool {
    let through = matches!(parts[of], Part::Schema(_));
    let mut i = 0;
    while i < of {
        if through || matches!(parts[i], Part::Schema(_)) {
            let mut k = 0;
            while let Some(there) = nth(&parts[i], k, other) {
                if is_identical(there, table) {
                    return true;
                }
                k += 1;
            }
        }
        i += 1;
    }
    false
}

/// Whether two definitions say the same; those of no macro never do.
const fn is_identical(one: &TableDef, other: &TableDef) -> bool {
    let (a, b) = (one.prepared.0, other.prepared.0);
    if a.is_empty() || a.len() != b.len() || !rules::same(text(&one.name), text(&other.name)) {
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

/// The tables, parents first; in the order given when there is none, which [`check_order`] says.
pub const fn ordered<const N: usize>(tables: [&'static TableDef; N]) -> [&'static TableDef; N] {
    let hashes = numbers(&tables);
    let (mut order, mut state, mut stack) = ([0; N], [0; N], [(0, 0); N]);
    let circle = rules::order(&tables, &hashes, &mut order, &mut state, &mut stack);
    if circle.is_some() {
        return tables;
    }
    let mut out = [NOTHING; N];
    let mut i = 0;
    while i < N {
        out[i] = tables[order[i]];
        i += 1;
    }
    out
}

/// Checks that no table is there twice; `K` is the number of both.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
pub const fn check_names<const K: usize>(
    tables: &[&'static TableDef],
    others: &[&'static TableDef],
) {
    let (mut all, mut i) = ([NOTHING; K], 0);
    while i < K {
        all[i] = match i < tables.len() {
            true => tables[i],
            false => others[i - tables.len()],
        };
        i += 1;
    }
    refuse(rules::duplicate(&all, &numbers(&all)));
    refuse(rules::renamed_once(&all));
}

/// Checks that each table that a SQL file makes is there.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
pub const fn check_declared(file: &str, names: &[&str], schema: &BackupSchema) {
    let mut i = 0;
    while i < names.len() {
        let (backed_up, others) = (slice(&schema.tables), slice(&schema.other_tables));
        if !is_among(backed_up, names[i]) && !is_among(others, names[i]) {
            let mut message = Message::new("");
            message.push_name(file);
            message.push(" makes the table ");
            message.push_name(names[i]);
            message.push(", which no struct declares");
            message.push_hint("declare it, with `backup = false` if it is not to be backed up, or name it in `undeclared = [..]`");
            refuse(Some(message));
        }
        i += 1;
    }
}

const fn is_among(tables: &[TableDef], name: &str) -> bool {
    let mut i = 0;
    while i < tables.len() {
        if rules::same(text(&tables[i].name), name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Checks that the tables have an order, and that those of all users refer to no rows of one.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
pub const fn check_order<const N: usize>(tables: [&'static TableDef; N]) {
    let hashes = numbers(&tables);
    let (mut order, mut state, mut stack) = ([0; N], [0; N], [(0, 0); N]);
    refuse(rules::order(
        &tables, &hashes, &mut order, &mut state, &mut stack,
    ));
    let (mut owned, mut at) = ([false; N], 0);
    reach::owned(&tables, &hashes, &order, &mut owned);
    while at < N {
        refuse(reach::shared(&tables, &hashes, &owned, at));
        at += 1;
    }
}

/// The numbers of the tables' names, made once for all the checks.
pub const fn numbers<const N: usize>(tables: &[&'static TableDef; N]) -> [u64; N] {
    let mut hashes = [0; N];
    rules::hashes(tables, &mut hashes);
    hashes
}

/// Checks the references of one part of a schema.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
pub const fn check_references(
    part: Part,
    all: &[&'static TableDef],
    hashes: &[u64],
    others: &[&'static TableDef],
) {
    match part {
        Part::Table(table) => check_table(table, all, hashes, others),
        Part::Schema(schema) => {
            let (tables, mut i) = (slice(&schema.tables), 0);
            while i < tables.len() {
                check_table(&tables[i], all, hashes, others);
                i += 1;
            }
        }
        Part::ExpectedOnly(_) => {}
    }
}

/// A table may have been written by hand, so that no macro has looked at it.
#[track_caller]
const fn check_table(
    table: &'static TableDef,
    all: &[&'static TableDef],
    hashes: &[u64],
    others: &[&'static TableDef],
) {
    refuse(rules::shape(table));
    refuse(rules::natural_key(table));
    refuse(rules::own_parent(table));
    refuse(rules::missing(table, all, hashes, others));
    refuse(rules::arities(table, all, hashes));
    refuse(rules::columns_once(table));
    refuse(rules::references_differ(table));
    refuse(null_key::refused(table));
    refuse(owner::declared(table));
    refuse(owner::table(table, all, hashes));
    refuse(reach::external(table, all, hashes));
    refuse(renew::own(table));
    refuse(renew::referenced(table, all, hashes));
}

/// Copies the tables to where a static can hold them.
pub const fn copied<const N: usize>(tables: &[&'static TableDef; N]) -> [TableDef; N] {
    let mut out = [const { copy(NOTHING) }; N];
    let mut i = 0;
    while i < N {
        // a plain assignment would drop, which const evaluation cannot
        std::mem::forget(std::mem::replace(&mut out[i], copy(tables[i])));
        i += 1;
    }
    out
}

const fn copy(table: &'static TableDef) -> TableDef {
    TableDef {
        name: copy_text(&table.name),
        pk: copy_names(&table.pk),
        slug_field: copy_option(&table.slug_field),
        user_field: copy_option(&table.user_field),
        owner: copy_owner(&table.owner),
        key: copy_names(&table.key),
        null_key: table.null_key,
        match_by: table.match_by,
        parents: copy_keys(&table.parents),
        optional_refs: copy_keys(&table.optional_refs),
        external: copy_keys(&table.external),
        renew: copy_names(&table.renew),
        renamed_from: copy_option(&table.renamed_from),
        columns: copy_columns(&table.columns),
        prepared: table.prepared,
    }
}

const fn copy_text(name: &'static Text) -> Text {
    Cow::Borrowed(text(name))
}

const fn copy_option(name: &'static Option<Text>) -> Option<Text> {
    match name {
        Some(name) => Some(copy_text(name)),
        None => None,
    }
}

const fn copy_owner(owner: &'static Option<ForeignKey>) -> Option<ForeignKey> {
    match owner {
        Some(key) => Some(ForeignKey {
            table: copy_text(&key.table),
            fields: copy_names(&key.fields),
            references: copy_names(&key.references),
        }),
        None => None,
    }
}

const fn copy_names(names: &'static Names) -> Names {
    Cow::Borrowed(rules::names(names))
}

#[allow(clippy::ptr_arg, reason = "`Deref` is not a const function")]
const fn copy_keys(keys: &'static Cow<'static, [ForeignKey]>) -> Cow<'static, [ForeignKey]> {
    Cow::Borrowed(rules::references(keys))
}

#[allow(clippy::ptr_arg, reason = "`Deref` is not a const function")]
const fn copy_columns(
    columns: &'static Cow<'static, [ExpectedColumn]>,
) -> Cow<'static, [ExpectedColumn]> {
    match columns {
        Cow::Borrowed(columns) => Cow::Borrowed(columns),
        Cow::Owned(columns) => Cow::Borrowed(columns.as_slice()),
    }
}

/// A rule's message as a compile error.
///
/// # Panics
/// When there is a message.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn refuse(message: Option<Message>) {
    if let Some(message) = message {
        panic!("{}", message.as_str());
    }
}
