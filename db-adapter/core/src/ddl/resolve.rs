//! What only the whole file tells: keys that imply NOT NULL, the columns that a foreign key
//! leaves out, and which types are enums or domains.

use super::SqlDialect;
use super::naming::object_name;
use super::path::is_same;
use crate::schema::{
    ColumnSchema, ConstraintKind, DatabaseSchema, DomainSchema, EnumSchema, TableSchema, table_key,
};
use crate::sql_type::SqlType;
use std::collections::BTreeMap;

pub(super) fn resolve(schema: &mut DatabaseSchema, dialect: SqlDialect) {
    let keys = primary_keys(schema);
    let enums = std::mem::take(&mut schema.enums);
    let domains = std::mem::take(&mut schema.domains);
    for table in schema.tables.values_mut() {
        match dialect {
            SqlDialect::Postgres => not_null(table),
            SqlDialect::Sqlite => sqlite_key(table),
        }
        references(table, &keys, dialect);
        let of = table.name.clone();
        for column in &mut table.columns {
            let usual = object_name(&of, &column.name, "seq");
            column.identity_sequence = column.identity_sequence.take().filter(|own| *own != usual);
            let usual = object_name(&of, &column.name, "not_null");
            column.not_null_name = column.not_null_name.take().filter(|own| *own != usual);
        }
        for column in &mut table.columns {
            if dialect == SqlDialect::Postgres {
                let usual = collation_of(&column.data_type, &domains);
                column.collation = column.collation.take().filter(|own| *own != usual);
            }
            let of_domain = dialect == SqlDialect::Postgres
                && named(&column.data_type, &domains, |d| &d.name).is_some();
            column.default = column.default.take().filter(|d| of_domain || !is_null(d));
            column.sql_type = beneath(&column.sql_type, &domains);
            column.sql_type = with_enum(&column.sql_type, &enums);
        }
    }
    schema.enums = enums;
    schema.domains = domains.clone();
    for domain in schema.domains.values_mut() {
        let over_domain = named(&domain.data_type, &domains, |d| &d.name).is_some();
        domain.default = domain.default.take().filter(|d| over_domain || !is_null(d));
        let usual = collation_of(&domain.data_type, &domains);
        domain.collation = domain.collation.take().filter(|own| *own != usual);
    }
}

fn is_null(default: &str) -> bool {
    default.eq_ignore_ascii_case("null")
}

fn primary_keys(schema: &DatabaseSchema) -> BTreeMap<String, Vec<String>> {
    let key =
        |(name, t): (&String, &TableSchema)| Some((name.clone(), t.primary_key()?.columns.clone()));
    schema.tables.iter().filter_map(key).collect()
}

fn key_columns(table: &mut TableSchema, change: impl Fn(&mut ColumnSchema)) {
    let key = table.primary_key().map(|k| k.columns.clone());
    for name in key.unwrap_or_default() {
        if let Some(column) = table.column_mut(&name) {
            change(column);
        }
    }
}

/// The columns of PostgreSQL's primary keys are NOT NULL.
pub(super) fn not_null(table: &mut TableSchema) {
    key_columns(table, |column| {
        (column.nullable, column.not_null_not_valid) = (false, false);
    });
}

/// In SQLite a key may hold NULL, unless it is the row's number, or the table is a stricter one.
fn sqlite_key(table: &mut TableSchema) {
    let strict = table.strict || table.without_rowid;
    key_columns(table, |column| {
        if strict || column.identity.is_some() {
            column.nullable = false;
        }
    });
}

/// `REFERENCES t` means t's primary key.
fn references(table: &mut TableSchema, keys: &BTreeMap<String, Vec<String>>, dialect: SqlDialect) {
    let key_of = |wanted: &str| {
        let same = |(table, _): &(&String, _)| is_same(table, wanted, dialect);
        let alike = || keys.iter().find(same).map(|(_, columns)| columns);
        keys.get(wanted).or_else(alike)
    };
    let own_schema = table.schema.clone();
    for constraint in table.constraints.values_mut() {
        let Some(target) = &constraint.references_table else {
            continue;
        };
        if constraint.kind != ConstraintKind::ForeignKey || constraint.references_columns.is_some()
        {
            continue;
        }
        let schema = constraint.references_schema.as_deref();
        let exact = key_of(&table_key(schema, target));
        let beside = || key_of(&table_key(own_schema.as_deref(), target));
        let key = exact.or_else(|| beside().filter(|_| schema.is_none()));
        constraint.references_columns = key.cloned();
    }
}

/// What a domain over a domain may be at most.
const DEEPEST: usize = 32;

/// The type that a domain stands for, which decides the values.
fn beneath(sql_type: &SqlType, domains: &BTreeMap<String, DomainSchema>) -> SqlType {
    let mut found = sql_type.clone();
    for _ in 0..DEEPEST {
        let name = match found.element().unwrap_or(&found) {
            SqlType::Other(name) => name,
            _ => return found,
        };
        let Some(domain) = named(name, domains, |d| &d.name) else {
            return found;
        };
        let base = SqlType::parse_postgres(&domain.data_type);
        found = match found {
            SqlType::Array(_) => SqlType::Array(Box::new(base)),
            _ => base,
        };
    }
    found
}

/// The collation that a type has by itself: that of a domain, or the database's own.
pub(super) fn collation_of(data_type: &str, domains: &BTreeMap<String, DomainSchema>) -> String {
    let mut name = data_type;
    for _ in 0..DEEPEST {
        let Some(domain) = named(name, domains, |d| &d.name) else {
            break;
        };
        if let Some(collation) = &domain.collation {
            return collation.clone();
        }
        name = &domain.data_type;
    }
    "default".to_owned()
}

/// The object of this name; without a schema the only one that is called so.
fn named<'a, T>(
    name: &str,
    all: &'a BTreeMap<String, T>,
    bare: impl Fn(&T) -> &String,
) -> Option<&'a T> {
    let name = crate::TableName::parse(name).ok()?;
    let exact = all.get(&table_key(name.schema.as_deref(), &name.name));
    exact.or_else(|| {
        let mut same = all.values().filter(|found| *bare(found) == name.name);
        let first = same.next().filter(|_| name.schema.is_none())?;
        same.next().is_none().then_some(first)
    })
}

/// The type, an enum if it has the name of one.
fn with_enum(sql_type: &SqlType, enums: &BTreeMap<String, EnumSchema>) -> SqlType {
    match sql_type {
        SqlType::Other(name) if named(name, enums, |e| &e.name).is_some() => {
            SqlType::Enum(name.clone())
        }
        SqlType::Array(element) => match element.as_ref() {
            SqlType::Other(_) => SqlType::Array(Box::new(with_enum(element, enums))),
            _ => sql_type.clone(),
        },
        other => other.clone(),
    }
}
