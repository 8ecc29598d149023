//! How many rows the tables of a database have, as far as that can be told in a few seconds.

use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{Result, Row, row};
use tokio::time::{Instant, timeout_at};

use crate::database::Database;
use crate::json::Object;
use crate::printer::Printer;

/// A big table must not keep anybody from knowing where he is.
const LONGEST: Duration = Duration::from_secs(5);

/// The tables that a name without a schema finds; partitions belong to their table.
const POSTGRES: &str = "\
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname = ANY (current_schemas(false))
ORDER BY 1, 2";

const SQLITE: &str = "\
SELECT NULL AS schema, name FROM sqlite_schema
WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

/// A table and its rows; `None` when they may not be read, or not in time.
pub(crate) struct TableRows {
    name: String,
    rows: Option<i64>,
}

/// The tables of the database.
pub(crate) async fn row_counts(database: &Database) -> Result<Vec<TableRows>> {
    let deadline = Instant::now() + LONGEST;
    let client = &*database.client;
    let sql = match database.url.scheme().as_str() {
        "sqlite" => SQLITE,
        _ => POSTGRES,
    };
    let mut tables = Vec::new();
    for row in client.query(sql).await? {
        let (schema, name) = (
            row.get::<Option<String>>("schema")?,
            row.get::<String>("name")?,
        );
        let count = count(client, schema.as_deref(), &name);
        let rows = match timeout_at(deadline, count).await {
            Ok(Ok(rows)) => Some(rows),
            Ok(Err(_)) | Err(_) => None,
        };
        let name = match schema.filter(|schema| schema != "public") {
            Some(schema) => format!("{schema}.{name}"),
            None => name,
        };
        tables.push(TableRows { name, rows });
    }
    Ok(tables)
}

/// Says what `?` means, where it stands.
pub(crate) fn uncounted(tables: &[TableRows], printer: &Printer) {
    let unknown = tables.iter().filter(|table| table.rows.is_none()).count();
    if unknown > 0 {
        printer.note(&format!(
            "rows of {unknown} of {} tables were not counted: this role may not read them, or it took too long",
            tables.len()
        ));
    }
}

async fn count(client: &dyn DatabaseClient, schema: Option<&str>, table: &str) -> Result<i64> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let schema = schema.map(|schema| format!("{}.", quoted(schema)));
    let sql = format!(
        "SELECT count(*) AS n FROM {}{}",
        schema.unwrap_or_default(),
        quoted(table)
    );
    client.query(sql).one().await?.get("n")
}

impl TableRows {
    pub(crate) fn row(&self) -> Row {
        match self.rows {
            Some(rows) => row! { "table": &self.name, "rows": rows },
            None => row! { "table": &self.name, "rows": "?" },
        }
    }

    pub(crate) fn json(&self) -> Object {
        Object::new()
            .value("table", &self.name)
            .value("rows", self.rows)
    }
}
