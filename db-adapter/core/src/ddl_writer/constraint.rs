//! Keys, foreign keys, checks and exclusions, as they are written in CREATE TABLE and in ALTER TABLE.

use super::quote;
use crate::name::quote_ident;
use crate::schema::{
    ConstraintKind, ConstraintSchema, DatabaseSchema, ReferentialAction, SqlDialect, TableSchema,
    table_key,
};

/// The whole constraint, with its name where somebody chose it.
pub(crate) fn definition(
    constraint: &ConstraintSchema,
    table: &TableSchema,
    schema: &DatabaseSchema,
) -> String {
    let mut sql = String::new();
    if is_named(constraint) {
        sql.push_str(&format!("CONSTRAINT {} ", quote_ident(&constraint.name)));
    }
    match constraint.kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
            sql.push_str(&key(constraint, table));
        }
        ConstraintKind::ForeignKey => sql.push_str(&foreign_key(constraint, schema)),
        ConstraintKind::Check => {
            let expression = constraint.expression.as_deref().unwrap_or_default();
            sql.push_str(&format!("CHECK ({expression})"));
            if constraint.no_inherit {
                sql.push_str(" NO INHERIT");
            }
        }
        ConstraintKind::Exclude => {
            let rest = constraint.expression.as_deref().unwrap_or_default();
            sql.push_str(&format!("EXCLUDE {rest}"));
        }
    }
    sql.push_str(&attributes(constraint));
    sql
}

/// Whether it is written with its name: a generated one need not be the same, but a comment is put on it.
fn is_named(constraint: &ConstraintSchema) -> bool {
    let chosen = !constraint.name_is_generated || constraint.comment.is_some();
    chosen && !constraint.name.is_empty()
}

fn key(constraint: &ConstraintSchema, table: &TableSchema) -> String {
    let keys = constraint.columns.iter().map(|column| {
        let name = quote_ident(column);
        match constraint.collations.get(column) {
            Some(collation) => format!("{name} COLLATE {}", quote_ident(collation)),
            None => name,
        }
    });
    let mut columns = keys.collect::<Vec<String>>().join(", ");
    if constraint.over_time {
        columns.push_str(" WITHOUT OVERLAPS");
    }
    let is_key = constraint.kind == ConstraintKind::PrimaryKey;
    if is_key && table.autoincrement {
        columns.push_str(" AUTOINCREMENT");
    }
    let nulls = if constraint.nulls_not_distinct {
        " NULLS NOT DISTINCT"
    } else {
        ""
    };
    let mut sql = format!("{}{nulls} ({columns})", constraint.kind);
    sql.push_str(&on_conflict(constraint));
    if !constraint.include.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", quote::list(&constraint.include)));
    }
    sql
}

/// What SQLite does with a row that is there twice, with a blank before it.
pub(crate) fn on_conflict(constraint: &ConstraintSchema) -> String {
    match &constraint.on_conflict {
        Some(action) => format!(" ON CONFLICT {action}"),
        None => String::new(),
    }
}

fn foreign_key(constraint: &ConstraintSchema, schema: &DatabaseSchema) -> String {
    let columns = over_time(&constraint.columns, constraint.over_time);
    let mut sql = format!(
        "FOREIGN KEY ({columns}) REFERENCES {}",
        target(constraint, schema)
    );
    if let Some(to) = &constraint.references_columns {
        sql.push_str(&format!(" ({})", over_time(to, constraint.over_time)));
    }
    if constraint.match_full {
        sql.push_str(" MATCH FULL");
    }
    let actions = [
        ("ON UPDATE", constraint.on_update, &Vec::new()),
        (
            "ON DELETE",
            constraint.on_delete,
            &constraint.on_delete_columns,
        ),
    ];
    for (word, action, columns) in actions {
        let action = action.unwrap_or_default();
        if action == ReferentialAction::NoAction {
            continue;
        }
        sql.push_str(&format!(" {word} {action}"));
        if !columns.is_empty() {
            sql.push_str(&format!(" ({})", quote::list(columns)));
        }
    }
    sql
}

/// The last one is a span of time.
fn over_time(columns: &[String], over_time: bool) -> String {
    match columns.split_last().filter(|_| over_time) {
        Some((last, rest)) => {
            let mut list = quote::list(rest);
            if !rest.is_empty() {
                list.push_str(", ");
            }
            format!("{list}PERIOD {}", quote_ident(last))
        }
        None => quote::list(columns),
    }
}

/// The referenced table as SQL. SQLite looks for it in the table's own file.
fn target(constraint: &ConstraintSchema, schema: &DatabaseSchema) -> String {
    let name = constraint.references_table.as_deref().unwrap_or_default();
    match schema.dialect {
        SqlDialect::Postgres => quote::table(&target_key(constraint), schema),
        SqlDialect::Sqlite => quote_ident(name),
    }
}

/// The key of the referenced table.
pub(crate) fn target_key(constraint: &ConstraintSchema) -> String {
    let name = constraint.references_table.as_deref().unwrap_or_default();
    table_key(constraint.references_schema.as_deref(), name)
}

fn attributes(constraint: &ConstraintSchema) -> String {
    let mut sql = String::new();
    for (on, words) in [
        (constraint.deferrable, " DEFERRABLE"),
        (constraint.initially_deferred, " INITIALLY DEFERRED"),
        (constraint.not_enforced, " NOT ENFORCED"),
        (constraint.not_valid, " NOT VALID"),
    ] {
        if on {
            sql.push_str(words);
        }
    }
    sql
}
