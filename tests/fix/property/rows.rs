//! Random rows, as far as the database takes them, and all rows as text.

use db_adapter::schema::{ColumnSchema, DatabaseSchema, SqlDialect, TableSchema};
use db_adapter_core::quote_ident;
use support::{Random, TestDatabase};

use super::names::literal;

/// A table and its rows, in their order as text.
pub(super) type Dump = Vec<(String, Vec<Vec<Option<String>>>)>;

fn name(table: &TableSchema) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", quote_ident(schema), quote_ident(&table.name)),
        None => quote_ident(&table.name),
    }
}

/// Tries some rows in each table, twice: references need the other row first. The schema is the database's own.
pub(super) async fn fill(database: &TestDatabase, schema: &DatabaseSchema, random: &mut Random) {
    let mut oracle = database.oracle().await;
    for _ in 0..2 {
        for table in schema.tables.values() {
            for _ in 0..random.below(5) {
                let mut names = Vec::new();
                let mut values = Vec::new();
                for column in &table.columns {
                    let is_made = column.generated.is_some() || column.identity.is_some();
                    if !is_made && (random.chance(85) || !column.nullable) {
                        names.push(quote_ident(&column.name));
                        values.push(value(column, schema, random));
                    }
                }
                let name = name(table);
                let sql = match names.is_empty() {
                    true => format!("INSERT INTO {name} DEFAULT VALUES"),
                    false => format!(
                        "INSERT INTO {name} ({}) VALUES ({})",
                        names.join(", "),
                        values.join(", ")
                    ),
                };
                // whatever refuses it
                let _ = oracle.try_sql(&sql).await;
            }
        }
    }
}

fn value(column: &ColumnSchema, schema: &DatabaseSchema, random: &mut Random) -> String {
    if column.nullable && random.chance(25) {
        return "NULL".to_owned();
    }
    let small = 1 + random.below(4);
    if schema.dialect == SqlDialect::Sqlite && random.chance(25) {
        // SQLite keeps anything in any column
        let any = [
            "'007'",
            "1.50",
            "X'00ff'",
            "'a b'",
            "12345678901234567890",
            "-3",
            "''",
            "'1.10'",
        ];
        return (*random.pick(&any)).to_owned();
    }
    let data_type = column.data_type.as_str();
    let mut types = schema.enums.values();
    if let Some(own) = types.find(|own| data_type.contains(&own.name)) {
        return own
            .values
            .first()
            .map_or("NULL".to_owned(), |value| literal(value));
    }
    let domain = schema
        .domains
        .values()
        .find(|own| data_type.contains(&own.name));
    let data_type = domain.map_or(data_type, |own| own.data_type.as_str());
    let pool: &[&str] = match data_type.to_lowercase().as_str() {
        t if t.ends_with("[]") => return format!("'{{{small},{small}}}'"),
        t if t.contains("int") && !t.contains("range") && !t.contains("interval") => {
            return small.to_string();
        }
        t if t.contains("char") || t.contains("text") => &["'a'", "'b'", "'x y'", "'z'", "'7'"],
        t if t.contains("numeric") || t.contains("double") || t == "real" => {
            &["1.5", "2", "0.25", "-7"]
        }
        t if t.contains("bool") => &["true", "false"],
        "uuid" => &[
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        ],
        "date" => &["'2026-01-15'", "'1999-12-31'"],
        t if t.contains("timestamp") || t == "datetime" => {
            &["'2026-01-15 10:00:00.5'", "'1999-12-31 00:00:00'"]
        }
        t if t.starts_with("time") => &["'10:00:00.5'", "'23:59:59'"],
        t if t.contains("json") => &["'{\"a\": 1}'", "'[1, 2.50]'"],
        "bytea" => &["'\\x00ff'"],
        "blob" => &["X'00ff'", "X''"],
        "interval" => &["'1 day'", "'2 hours'"],
        "inet" => &["'10.0.0.1'", "'10.0.0.0/8'"],
        "int4range" => &["'[1,5)'", "'empty'"],
        _ => &["'a'", "1", "2.5"],
    };
    (*random.pick(pool)).to_owned()
}

/// The rows of each table; of SQLite with their storage classes.
pub(super) async fn dump(database: &TestDatabase, schema: &DatabaseSchema) -> Dump {
    let mut oracle = database.oracle().await;
    let mut dump = Vec::new();
    for (key, table) in &schema.tables {
        let columns = table.columns.iter().map(|column| {
            let own = quote_ident(&column.name);
            match schema.dialect {
                SqlDialect::Sqlite => format!("typeof({own}) || quote({own})"),
                _ => format!("{own}::text"),
            }
        });
        let columns: Vec<String> = columns.collect();
        let only = match schema.dialect {
            // rows of tables below are dumped with them
            SqlDialect::Postgres if table.partition_by.is_none() => "ONLY ",
            _ => "",
        };
        let sql = format!("SELECT {} FROM {only}{}", columns.join(", "), name(table));
        let mut rows = match columns.is_empty() {
            true => Vec::new(),
            false => oracle.rows_text(&sql).await,
        };
        rows.sort();
        dump.push((key.clone(), rows));
    }
    dump
}
