//! The writer, for const evaluation. The payload is
//! `{"id":"app::SCHEMA","tables":[..],"other_tables":[..]}`, the tables as in a backup schema's
//! JSON; the others are expected but not backed up.

use super::{HEADER, INVERTED, JSON, VERSION, checksum};
use crate::backup::TableDef;
use crate::declared::FieldDef;

const ID: &str = "{\"id\":\"";
const TABLES: &str = "\",\"tables\":[";
const OTHERS: &str = "],\"other_tables\":[";
const END: &str = "]}";

const COLUMN: &str = "{\"name\":\"";

/// The number of bytes of a table's JSON: what the macro knows in pieces, then the columns.
pub const fn table_len(head: &[&str], fields: &[FieldDef]) -> usize {
    let (mut len, mut i) = (END.len(), 0);
    while i < head.len() {
        len += head[i].len();
        i += 1;
    }
    i = 0;
    while i < fields.len() {
        let pieces = column(&fields[i]);
        let mut j = 0;
        while j < pieces.len() {
            len += pieces[j].len();
            j += 1;
        }
        len += (i > 0) as usize;
        i += 1;
    }
    len
}

/// A table's JSON; `N` is what [`table_len`] gives. Made for each table by itself: writing to long
/// arrays is slow in const evaluation.
pub const fn table<const N: usize>(head: &[&str], fields: &[FieldDef]) -> [u8; N] {
    let mut out = [0; N];
    let mut rest: &mut [u8] = &mut out;
    let mut i = 0;
    while i < head.len() {
        rest = put(rest, head[i].as_bytes());
        i += 1;
    }
    i = 0;
    while i < fields.len() {
        if i > 0 {
            rest = put(rest, b",");
        }
        let pieces = column(&fields[i]);
        let mut j = 0;
        while j < pieces.len() {
            rest = put(rest, pieces[j].as_bytes());
            j += 1;
        }
        i += 1;
    }
    put(rest, END.as_bytes());
    out
}

const fn column(field: &FieldDef) -> [&str; 6] {
    let (sql_begin, sql, sql_end) = match (field.column_type, field.info.sql) {
        (Some((_, own)), _) => ("\",\"type\":\"", own, "\",\"exact\":true"),
        (None, Some(sql)) => ("\",\"type\":\"", sql, "\""),
        (None, None) => ("\"", "", ""),
    };
    let rest = match (field.info.nullable, field.filled) {
        (true, Some(true)) => ",\"nullable\":true,\"default\":true}",
        (false, Some(true)) => ",\"nullable\":false,\"default\":true}",
        (true, Some(false)) => ",\"nullable\":true,\"default\":false}",
        (false, Some(false)) => ",\"nullable\":false,\"default\":false}",
        (true, None) => ",\"nullable\":true}",
        (false, None) => ",\"nullable\":false}",
    };
    [COLUMN, field.json_name, sql_begin, sql, sql_end, rest]
}

const fn put<'a>(to: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let (place, rest) = to.split_at_mut(bytes.len());
    place.copy_from_slice(bytes);
    rest
}

/// The number of bytes that the schema takes in the program's file; `others` are not backed up.
///
/// # Panics
/// In const evaluation, as the compile error: a table that no macro prepared.
#[track_caller]
pub const fn len(id: &str, tables: &[&TableDef], others: &[&TableDef]) -> usize {
    let fixed = HEADER + ID.len() + id.len() + TABLES.len() + OTHERS.len() + END.len();
    fixed + list_len(tables) + list_len(others)
}

#[track_caller]
const fn list_len(tables: &[&TableDef]) -> usize {
    let (mut len, mut i) = (0, 0);
    while i < tables.len() {
        assert!(
            !tables[i].prepared.0.is_empty(),
            "a schema written by hand cannot be embedded; hint: add `embed = false`, or list its types"
        );
        len += tables[i].prepared.0.len() + (i > 0) as usize;
        i += 1;
    }
    len
}

const fn put_list<'a>(mut to: &'a mut [u8], tables: &[&TableDef]) -> &'a mut [u8] {
    let mut i = 0;
    while i < tables.len() {
        if i > 0 {
            to = put(to, b",");
        }
        to = put(to, tables[i].prepared.0);
        i += 1;
    }
    to
}

/// The schema as it stands in the program's file; `N` is what [`len`] gives.
pub const fn bytes<const N: usize>(
    id: &str,
    tables: &[&TableDef],
    others: &[&TableDef],
) -> [u8; N] {
    let mut out = [0; N];
    let (head, mut rest) = out.split_at_mut(HEADER);
    rest = put(rest, ID.as_bytes());
    rest = put(rest, id.as_bytes());
    rest = put(rest, TABLES.as_bytes());
    rest = put_list(rest, tables);
    rest = put(rest, OTHERS.as_bytes());
    rest = put_list(rest, others);
    put(rest, END.as_bytes());
    let (mut magic, mut i) = (INVERTED, 0);
    while i < magic.len() {
        magic[i] = !magic[i];
        i += 1;
    }
    let head = put(head, &magic);
    let head = put(head, &VERSION.to_le_bytes());
    let head = put(head, &[JSON, 0]);
    put(head, &((N - HEADER) as u32).to_le_bytes());
    let (head, payload) = out.split_at_mut(HEADER);
    let (_, place) = head.split_at_mut(HEADER - 8);
    place.copy_from_slice(&checksum(payload).to_le_bytes());
    out
}
