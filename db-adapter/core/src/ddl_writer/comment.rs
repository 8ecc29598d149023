//! Comments, of PostgreSQL: SQLite has none.

use super::{function, quote};
use crate::name::quote_ident;
use crate::schema::{DatabaseSchema, SqlDialect, TableSchema, ViewSchema};
use crate::validate::{ObjectKind, SchemaObject};

const POSTGRES: SqlDialect = SqlDialect::Postgres;

/// A comment: what it is on, that as SQL, and the text.
struct Comment<'a> {
    object: SchemaObject,
    on: String,
    text: &'a str,
}

/// The statements for all the comments on what `is_there`.
pub(super) fn statements(
    schema: &DatabaseSchema,
    is_there: impl Fn(&SchemaObject) -> bool,
) -> Vec<(SchemaObject, String)> {
    let mut comments = Vec::new();
    of_types(schema, &mut comments);
    for (key, table) in &schema.tables {
        of_table(key, table, &mut comments);
    }
    for (key, view) in &schema.views {
        of_view(key, view, &mut comments);
    }
    for (key, function) in &schema.functions {
        let on = format!("ROUTINE {}", function::signature(function));
        add(
            &mut comments,
            (ObjectKind::Function, None, key),
            on,
            &function.comment,
        );
    }
    let written = comments
        .into_iter()
        .filter(|comment| is_there(&comment.object));
    written
        .map(|comment| {
            let text = quote::literal(comment.text, POSTGRES);
            (
                comment.object,
                format!("COMMENT ON {} IS {text}", comment.on),
            )
        })
        .collect()
}

fn add<'a>(
    comments: &mut Vec<Comment<'a>>,
    (kind, table, name): (ObjectKind, Option<&str>, &str),
    on: String,
    text: &'a Option<String>,
) {
    if let Some(text) = text {
        comments.push(Comment {
            object: super::object(kind, table, name),
            on,
            text,
        });
    }
}

fn of_types<'a>(schema: &'a DatabaseSchema, comments: &mut Vec<Comment<'a>>) {
    for (key, found) in &schema.enums {
        let name = quote::qualified(found.schema.as_deref(), &found.name, POSTGRES);
        let object = (ObjectKind::Enum, None, key.as_str());
        add(comments, object, format!("TYPE {name}"), &found.comment);
    }
    for (key, found) in &schema.domains {
        let name = quote::qualified(found.schema.as_deref(), &found.name, POSTGRES);
        let object = (ObjectKind::Domain, None, key.as_str());
        add(comments, object, format!("DOMAIN {name}"), &found.comment);
    }
    for (key, found) in &schema.sequences {
        let name = quote::qualified(found.schema.as_deref(), &found.name, POSTGRES);
        let object = (ObjectKind::Sequence, None, key.as_str());
        add(comments, object, format!("SEQUENCE {name}"), &found.comment);
    }
}

fn of_table<'a>(key: &str, table: &'a TableSchema, comments: &mut Vec<Comment<'a>>) {
    let name = quote::qualified(table.schema.as_deref(), &table.name, POSTGRES);
    let whole = (ObjectKind::Table, None, key);
    add(comments, whole, format!("TABLE {name}"), &table.comment);
    for column in &table.columns {
        let on = format!("COLUMN {name}.{}", quote_ident(&column.name));
        let object = (ObjectKind::Column, Some(key), column.name.as_str());
        add(comments, object, on, &column.comment);
    }
    for (own, constraint) in &table.constraints {
        let on = format!("CONSTRAINT {} ON {name}", quote_ident(own));
        let object = (
            super::postgres::object_kind(constraint.kind),
            Some(key),
            own.as_str(),
        );
        add(comments, object, on, &constraint.comment);
    }
    let indexes = table.indexes.iter();
    for (own, index) in indexes {
        let on = quote::qualified(table.schema.as_deref(), own, POSTGRES);
        let object = (ObjectKind::Index, Some(key), own.as_str());
        add(comments, object, format!("INDEX {on}"), &index.comment);
    }
    for (own, trigger) in &table.triggers {
        let on = format!("TRIGGER {} ON {name}", quote_ident(own));
        let object = (ObjectKind::Trigger, Some(key), own.as_str());
        add(comments, object, on, &trigger.comment);
    }
}

fn of_view<'a>(key: &str, view: &'a ViewSchema, comments: &mut Vec<Comment<'a>>) {
    let name = quote::qualified(view.schema.as_deref(), &view.name, POSTGRES);
    let kind = if view.materialized {
        "MATERIALIZED VIEW"
    } else {
        "VIEW"
    };
    let whole = (ObjectKind::View, None, key);
    add(comments, whole, format!("{kind} {name}"), &view.comment);
    for column in &view.columns {
        let on = format!("COLUMN {name}.{}", quote_ident(&column.name));
        let object = (ObjectKind::Column, Some(key), column.name.as_str());
        add(comments, object, on, &column.comment);
    }
    for (own, index) in &view.indexes {
        let on = quote::qualified(view.schema.as_deref(), own, POSTGRES);
        let object = (ObjectKind::Index, Some(key), own.as_str());
        add(comments, object, format!("INDEX {on}"), &index.comment);
    }
    for (own, trigger) in &view.triggers {
        let on = format!("TRIGGER {} ON {name}", quote_ident(own));
        let object = (ObjectKind::Trigger, Some(key), own.as_str());
        add(comments, object, on, &trigger.comment);
    }
}
