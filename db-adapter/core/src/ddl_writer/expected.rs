//! What a program declares, as a schema of PostgreSQL: with what the declaration says, and told what it does
//! not say.

use super::NotExpressed;
use crate::backup::{BackupSchema, MatchBy, TableDef};
use crate::expected::{ExpectedColumn, ExpectedForeignKey, ExpectedSchema, ExpectedTable, Text};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, Identity, ReferentialAction,
    SqlDialect, TableSchema, table_key,
};
use crate::sql_type::SqlType;

/// The schema that a declaration describes, to be written by [`write`](super::write), and what the
/// declaration leaves open.
///
/// A key of one whole number that the database fills becomes an identity. Names of constraints are left to the
/// database, and references do nothing when their row changes.
///
/// ```
/// use db_adapter_core::ddl_writer::{schema_of_expected, write};
/// use db_adapter_core::schema::SqlDialect;
/// use db_adapter_core::{ExpectedColumn, ExpectedSchema, ExpectedTable};
///
/// const COLUMNS: &[ExpectedColumn] = &[
///     ExpectedColumn::from_static("id", Some("bigint"), Some(false), Some(true)),
///     ExpectedColumn::from_static("name", Some("text"), Some(true), None),
/// ];
/// const TABLES: &[ExpectedTable] = &[ExpectedTable::from_static(None, "users", COLUMNS)];
/// let (schema, open) = schema_of_expected(&ExpectedSchema::from_static(TABLES));
/// // nothing says that `id` is the key, so nothing says how the database fills it
/// assert_eq!(open[0].name.as_deref(), Some("users.id"));
/// assert!(write(&schema, SqlDialect::Postgres).statements[0].sql.contains("\"name\" text"));
/// ```
pub fn schema_of_expected(expected: &ExpectedSchema) -> (DatabaseSchema, Vec<NotExpressed>) {
    let mut schema = DatabaseSchema {
        dialect: SqlDialect::Postgres,
        ..DatabaseSchema::default()
    };
    let mut open = Vec::new();
    for table in expected.tables.iter() {
        schema
            .tables
            .insert(table.key(), table_of(table, &mut open));
    }
    (schema, open)
}

/// The same for the tables of a backup schema, whose natural keys nothing keeps unique by itself.
///
/// ```
/// use db_adapter_core::backup::{BackupSchema, TableDef};
/// use db_adapter_core::ddl_writer::schema_of_backup;
///
/// // a declaration that does not say which columns there are
/// let backup = BackupSchema::new([TableDef::new("authors")])?;
/// let (schema, open) = schema_of_backup(&backup);
/// assert!(schema.tables.is_empty() && open[0].name.as_deref() == Some("authors"));
/// # Ok::<(), db_adapter_core::backup::InvalidSchema>(())
/// ```
pub fn schema_of_backup(backup: &BackupSchema) -> (DatabaseSchema, Vec<NotExpressed>) {
    let (schema, mut open) = schema_of_expected(&backup.expected());
    for table in backup.tables.iter().chain(backup.other_tables.iter()) {
        if table.columns.is_empty() {
            let why = "the declaration does not say which columns it has";
            open.push(NotExpressed::new("table", table.name.to_string(), why));
        }
    }
    open.extend(backup.tables.iter().filter_map(natural_key));
    (schema, open)
}

/// The natural key, where it is not the primary key.
fn natural_key(table: &TableDef) -> Option<NotExpressed> {
    let key = table.natural_key();
    let primary: Vec<&str> = table.pk.iter().map(|name| &**name).collect();
    if table.match_by == MatchBy::Pk || key.is_empty() || key == primary || table.columns.is_empty()
    {
        return None;
    }
    let name = format!("{}.{}", table.name, key.join(", "));
    let why = "it names one row, and the declaration does not say what keeps it unique";
    let hint = "add a UNIQUE constraint or index on its columns";
    Some(NotExpressed::new("natural key", name, why).hint(hint))
}

fn table_of(expected: &ExpectedTable, open: &mut Vec<NotExpressed>) -> TableSchema {
    let mut table = TableSchema {
        schema: expected.schema.as_ref().map(ToString::to_string),
        name: expected.name.to_string(),
        ..TableSchema::default()
    };
    let key = strings(expected.primary_key.as_deref().unwrap_or_default());
    for column in expected.columns.iter() {
        let column = column_of(column, &expected.key(), &key, open);
        table.columns.push(column);
    }
    let mut constraints = Vec::new();
    if !key.is_empty() {
        constraints.push(constraint(ConstraintKind::PrimaryKey, key.clone()));
    }
    for unique in expected.unique.iter() {
        constraints.push(constraint(ConstraintKind::Unique, strings(unique)));
    }
    constraints.extend(expected.foreign_keys.iter().map(foreign_key));
    for mut constraint in constraints {
        constraint.name = free_name(&table, &constraint);
        table
            .constraints
            .insert(constraint.name.clone(), constraint);
    }
    table
}

fn column_of(
    expected: &ExpectedColumn,
    table: &str,
    key: &[String],
    open: &mut Vec<NotExpressed>,
) -> ColumnSchema {
    let path = format!("{table}.{}", expected.name);
    let text = expected.data_type.as_deref().unwrap_or_default();
    let (data_type, sql_type) = type_of(text);
    let mut column = ColumnSchema::new(expected.name.to_string(), data_type, sql_type);
    let in_key = key.contains(&column.name);
    column.nullable = expected.nullable.unwrap_or(true) && !in_key;
    if expected.nullable.is_none() && !in_key {
        let why = "the declaration does not say whether it may be NULL: it may";
        open.push(NotExpressed::new("column", &path, why));
    }
    if expected.filled == Some(true) {
        let integer = matches!(
            column.sql_type,
            SqlType::Int2 | SqlType::Int4 | SqlType::Int8
        );
        match integer && key == [column.name.clone()] {
            true => {
                column.identity = Some(Identity::ByDefault);
                column.nullable = false;
            }
            false => {
                let why = "the database fills it, and the declaration does not say with what";
                let hint = "give it the default that it should have";
                open.push(NotExpressed::new("default", &path, why).hint(hint));
            }
        }
    }
    column
}

/// The type as PostgreSQL writes it, also where SQLite's word stands.
fn type_of(text: &str) -> (String, SqlType) {
    let known = SqlType::parse_postgres(text);
    if !matches!(known.element().unwrap_or(&known), SqlType::Other(_)) {
        return (text.to_owned(), known);
    }
    match SqlType::parse_sqlite(text) {
        Some(sqlite) if !matches!(sqlite.element().unwrap_or(&sqlite), SqlType::Other(_)) => {
            (sqlite.to_string(), sqlite)
        }
        _ => (text.to_owned(), known),
    }
}

fn constraint(kind: ConstraintKind, columns: Vec<String>) -> ConstraintSchema {
    ConstraintSchema {
        kind,
        columns,
        name_is_generated: true,
        ..ConstraintSchema::default()
    }
}

fn foreign_key(expected: &ExpectedForeignKey) -> ConstraintSchema {
    let to = strings(&expected.references_columns);
    ConstraintSchema {
        references_schema: expected.references_schema.as_ref().map(ToString::to_string),
        references_table: Some(expected.references_table.to_string()),
        references_columns: (!to.is_empty()).then_some(to),
        on_delete: Some(ReferentialAction::NoAction),
        on_update: Some(ReferentialAction::NoAction),
        over_time: expected.over_time,
        not_enforced: expected.not_enforced,
        ..constraint(ConstraintKind::ForeignKey, strings(&expected.columns))
    }
}

fn strings(names: &[Text]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// A name under which the model keeps it; the database chooses its own.
fn free_name(table: &TableSchema, constraint: &ConstraintSchema) -> String {
    let label = match constraint.kind {
        ConstraintKind::PrimaryKey => "pkey",
        ConstraintKind::Unique => "key",
        _ => "fkey",
    };
    let first = match constraint.kind {
        ConstraintKind::PrimaryKey => format!("{}_{label}", table.name),
        _ => format!("{}_{}_{label}", table.name, constraint.columns.join("_")),
    };
    let numbered = (1..).map(|number| format!("{first}{number}"));
    let mut names = std::iter::once(first.clone()).chain(numbered);
    names
        .find(|name| !table.constraints.contains_key(name))
        .unwrap_or_else(|| table_key(None, &first))
}
