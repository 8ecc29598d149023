//! A reference and the key that it leads to are of one kind. SQLite takes a text that refers to a number, and
//! compares them by the columns' affinities; PostgreSQL compares a date with an instant; a restore compares values.

use super::Resolved;
use super::misfit::Misfit;
use crate::backup::{BackupSchema, TableDef};
use crate::{DatabaseSchema, Notice, SqlType, TableSchema};

/// The references within the backup whose values a restore would not find as the values of the key.
pub(super) fn check(
    schema: &BackupSchema,
    def: &TableDef,
    table: &TableSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    for reference in def.parents.iter().chain(def.optional_refs.iter()) {
        // a table that is not there is told by itself
        let target = schema.table(&reference.table);
        let found = tables.table(&reference.table, database);
        let (Some(target), Some(found)) = (target, found) else {
            continue;
        };
        let keys = match reference.references.is_empty() {
            true => &target.pk,
            false => &reference.references,
        };
        for (field, key) in reference.fields.iter().zip(keys.iter()) {
            let of = |table: &TableSchema, name: &str| {
                table.column(name).map(|column| column.sql_type.clone())
            };
            if let (Some(one), Some(other)) = (of(table, field), of(found, key))
                && are_apart(&one, &other)
            {
                misfits.push(Misfit::OtherKind {
                    table: def.name.to_string(),
                    column: field.to_string(),
                    references: target.name.to_string(),
                    key: key.to_string(),
                });
            }
        }
    }
    misfits
}

/// Whether values of the one are never, or not always, found as values of the other.
fn are_apart(field: &SqlType, key: &SqlType) -> bool {
    use SqlType::{Float4, Float8, Numeric, Other};
    let is_untyped = |t: &SqlType| matches!(t, Other(name) if name.is_empty());
    match (field, key) {
        // a column without a type has numbers as numbers, and one of texts the texts of them
        (field, key) if is_untyped(field) && !is_untyped(key) => {
            key.is_text() || key.is_json() || matches!(key, Numeric { .. })
        }
        (field, key) if is_untyped(key) && !is_untyped(field) => {
            field.is_json() || matches!(field, Numeric { .. })
        }
        // a number of the one precision is another one of the other
        (Float4, Float8) | (Float8, Float4) => true,
        // the server does not know which of its operators is meant
        (Other(one), Other(other)) => one != other && one.starts_with("macaddr"),
        // what the one is in the other, the time zone of the session decides
        _ if has_zone(field) != has_zone(key) => field.is_temporal() && key.is_temporal(),
        _ => match (kind_of(field), kind_of(key)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        },
    }
}

fn has_zone(of: &SqlType) -> bool {
    matches!(of, SqlType::Timestamptz | SqlType::Timetz)
}

/// What values of a type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Bool,
    Bytes,
    Json,
}

fn kind_of(of: &SqlType) -> Option<Kind> {
    Some(match of {
        SqlType::Bool => Kind::Bool,
        SqlType::Bytea => Kind::Bytes,
        number if number.is_number() => Kind::Number,
        json if json.is_json() => Kind::Json,
        text if text.is_text() => Kind::Text,
        _ => return None,
    })
}

/// The same by the standard names of types.
const NAMES: [(Kind, &[&str]); 5] = [
    (
        Kind::Number,
        &[
            "smallint",
            "integer",
            "bigint",
            "oid",
            "real",
            "double precision",
            "numeric",
        ],
    ),
    (
        Kind::Text,
        &[
            "text",
            "character varying",
            "character",
            "bpchar",
            "name",
            "citext",
        ],
    ),
    (Kind::Bool, &["boolean"]),
    (Kind::Bytes, &["bytea"]),
    (Kind::Json, &["json", "jsonb"]),
];

/// Whether two types are of different kinds, for the compiler: it knows no more of them than their standard names.
pub(crate) const fn are_apart_by_name(one: &str, other: &str) -> bool {
    match (kind_of_name(one), kind_of_name(other)) {
        (Some(one), Some(other)) => one as u8 != other as u8,
        _ => false,
    }
}

const fn kind_of_name(name: &str) -> Option<Kind> {
    let mut i = 0;
    while i < NAMES.len() {
        if is_any(name, NAMES[i].1) {
            return Some(NAMES[i].0);
        }
        i += 1;
    }
    None
}

/// Whether it is one of them, with or without a length.
const fn is_any(name: &str, names: &[&str]) -> bool {
    let mut i = 0;
    while i < names.len() {
        if is_it(name.as_bytes(), names[i].as_bytes()) {
            return true;
        }
        i += 1;
    }
    false
}

const fn is_it(name: &[u8], known: &[u8]) -> bool {
    let mut i = 0;
    while i < known.len() {
        if i >= name.len() || name[i] != known[i] {
            return false;
        }
        i += 1;
    }
    name.len() == known.len() || name[known.len()] == b'('
}

pub(super) fn notice(table: &str, column: &str, references: &str, key: &str) -> Notice {
    Notice::new(format!(
        "`{column}` of `{table}` refers to `{key}` of `{references}`, whose type has other values, so that a restore could not find the rows"
    ))
    .hint("give both columns one type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_and_the_catalog_agree() {
        let names = [
            "smallint",
            "integer",
            "bigint",
            "oid",
            "real",
            "double precision",
            "numeric",
            "numeric(8,2)",
            "text",
            "character varying",
            "character varying(20)",
            "character(3)",
            "bpchar",
            "name",
            "citext",
            "uuid",
            "date",
            "boolean",
            "bytea",
            "text[]",
            "interval",
        ];
        for one in names {
            for other in names {
                let kind = |name: &str| kind_of(&SqlType::parse_postgres(name));
                let both = kind(one).zip(kind(other));
                let by_type = both.is_some_and(|(one, other)| one != other);
                assert_eq!(are_apart_by_name(one, other), by_type, "{one} {other}");
            }
        }
    }
}
