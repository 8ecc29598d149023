//! The rows of all tables as text: as a database or a file has them.

use std::path::Path;

use crate::side::{Backend, Side};

use super::shape::{Shape, Table, Type};

pub(super) type Cell = Option<String>;
pub(super) type Record = Vec<Cell>;

/// The rows of each table, in the columns of its shape.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Content {
    pub(super) tables: Vec<Vec<Record>>,
}

/// Some columns of a row.
pub(super) fn cells(row: &[Cell], columns: &[usize]) -> Vec<Cell> {
    columns.iter().map(|column| row[*column].clone()).collect()
}

impl Content {
    /// What the database itself says.
    pub(super) async fn read(shape: &Shape, side: &mut Side) -> Content {
        let mut content = Content::default();
        for table in &shape.tables {
            let all: Vec<usize> = (0..table.columns.len()).collect();
            let sql = format!(
                "SELECT {} FROM \"{}\" ORDER BY {}",
                table.list(&all),
                table.name,
                table.list(&table.pk)
            );
            content.tables.push(side.oracle.rows_text(&sql).await);
        }
        content
    }

    /// What a backup file says, read by nothing of db-adapter.
    pub(super) fn of_file(shape: &Shape, path: &Path) -> Content {
        let text = std::fs::read_to_string(path).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let table = |table: &Table| {
            let rows = file[&table.name].as_array().expect("an array of rows");
            rows.iter().map(|row| record(table, row)).collect()
        };
        Content {
            tables: shape.tables.iter().map(table).collect(),
        }
    }

    /// Puts the rows into tables that are empty, whatever order their keys need.
    pub(super) async fn write(&self, shape: &Shape, side: &mut Side) {
        let backend = side.backend;
        let before = backend.either(
            "SET session_replication_role = replica",
            "PRAGMA foreign_keys = OFF",
        );
        side.oracle.sql(before).await;
        let mut sql = String::new();
        for (table, rows) in shape.tables.iter().zip(&self.tables) {
            if !rows.is_empty() {
                sql += &insert(table, rows, backend);
            }
            if backend == Backend::Postgres && table.is_numbered() {
                sql += &format!(
                    "SELECT setval(pg_get_serial_sequence('{0}', 'id'), coalesce(max(id), 0) + 1, false) FROM {0};\n",
                    table.name
                );
            }
        }
        side.oracle.sql(&sql).await;
        let after = backend.either(
            "SET session_replication_role = origin",
            "PRAGMA foreign_keys = ON",
        );
        side.oracle.sql(after).await;
    }
}

fn insert(table: &Table, rows: &[Record], backend: Backend) -> String {
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let values: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().map(|cell| match cell {
                Some(text) => format!("'{}'", text.replace('\'', "''")),
                None => "NULL".to_owned(),
            });
            format!("({})", cells.collect::<Vec<_>>().join(", "))
        })
        .collect();
    format!(
        "INSERT INTO \"{}\" ({}) {} VALUES\n  {};\n",
        table.name,
        table.list(&all),
        backend.either("OVERRIDING SYSTEM VALUE", ""),
        values.join(",\n  ")
    )
}

fn record(table: &Table, row: &serde_json::Value) -> Record {
    let object = row.as_object().expect("a row is an object");
    assert_eq!(
        object.len(),
        table.columns.len(),
        "columns of {}",
        table.name
    );
    let cell = |name: &String| match &object[name] {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    table
        .columns
        .iter()
        .map(|column| cell(&column.name))
        .collect()
}

/// The users of a shape; the last owns rows that are never backed up or restored.
pub(super) fn users(user_type: Type) -> [String; 3] {
    let users = match user_type {
        Type::Int => ["7", "8", "9"],
        Type::Uuid => [
            "00000000-0000-4000-8000-00000000000a",
            "00000000-0000-4000-8000-00000000000b",
            "00000000-0000-4000-8000-00000000000c",
        ],
        _ => ["ann", "bea", "O'Hara"],
    };
    users.map(str::to_owned)
}
