//! What constants, casts and columns are worth, to both databases.

use super::node::{Class, Node};
use super::{Read, Scope};
use crate::schema::SqlDialect;
use crate::sql_type::SqlType;

/// A number that is written with digits.
pub(super) fn number(text: &str) -> Read<Node> {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    match plain {
        true => Ok(Node::Number(text.to_owned())),
        false => Err("it has a number that is written in another way".to_owned()),
    }
}

/// A cast that changes no value: of a constant to its own kind, of a text to a text.
pub(super) fn cast(node: Node, data_type: &str) -> Read<Node> {
    let to = SqlType::parse_postgres(data_type);
    let element = to.element().unwrap_or(&to);
    let is_text =
        element.is_text() && !matches!(element, SqlType::Char(_) | SqlType::Citext | SqlType::Name);
    let known = element.is_number() || is_text || *element == SqlType::Bool;
    let refused = || Err("it casts, which may change the value".to_owned());
    match node {
        Node::List(items) => {
            let items = items
                .into_iter()
                .map(|item| cast(item, &element.to_string()));
            Ok(Node::List(items.collect::<Read<_>>()?))
        }
        Node::Null => Ok(Node::Null),
        // of a type of the schema's own, such as an enum
        Node::Text(text) if is_text || !known && matches!(element, SqlType::Other(_)) => {
            Ok(Node::Text(text))
        }
        Node::Text(text) if element.is_number() => match number(text.trim())? {
            Node::Number(text) if is_number(&text, element) => Ok(Node::Number(text)),
            _ => refused(),
        },
        Node::Number(text) if element.is_number() && is_number(&text, element) => {
            Ok(Node::Number(text))
        }
        Node::Bool(value) if *element == SqlType::Bool => Ok(Node::Bool(value)),
        node if node.class() == Class::Text && is_text => Ok(node),
        _ => refused(),
    }
}

/// Whether the text is a number that this type holds as it is.
fn is_number(text: &str, of: &SqlType) -> bool {
    let whole = text.parse::<i64>().is_ok();
    match of {
        SqlType::Float4
        | SqlType::Float8
        | SqlType::Numeric {
            precision: None, ..
        } => text.parse::<f64>().is_ok(),
        SqlType::Numeric { .. } => false,
        _ => whole,
    }
}

/// What a column's values are, to both databases.
pub(super) fn class_of(column: &crate::schema::ColumnSchema, scope: &Scope<'_>) -> Class {
    let compared_otherwise = match (scope.from, column.collation.as_deref()) {
        (_, None) => false,
        (SqlDialect::Postgres, Some(name)) => !matches!(name, "C" | "POSIX" | "ucs_basic"),
        (SqlDialect::Sqlite, Some(name)) => !name.eq_ignore_ascii_case("binary"),
    };
    match &column.sql_type {
        SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Oid => Class::Integer,
        // of `real` a constant has more digits than the column
        SqlType::Float8 => Class::Float,
        SqlType::Bool => Class::Bool,
        SqlType::Text | SqlType::Varchar(_) | SqlType::Enum(_) if !compared_otherwise => {
            Class::Text
        }
        _ => Class::Other,
    }
}
