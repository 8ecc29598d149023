//! The parts as SQL of the other dialect.

use super::node::{Function, Node};
use crate::ddl_writer::quote;
use crate::ddl_writer::translate::other;
use crate::name::quote_ident;
use crate::schema::SqlDialect;

/// The expression in the dialect that it does not come from.
pub(super) fn write(node: &Node, from: SqlDialect) -> String {
    let list = |nodes: &[Node]| -> String {
        let nodes: Vec<String> = nodes.iter().map(|node| write(node, from)).collect();
        nodes.join(", ")
    };
    let not = |not: &bool| if *not { "NOT " } else { "" };
    match node {
        Node::Column(name, _) => quote_ident(name),
        Node::Number(text) => text.clone(),
        Node::Text(text) => quote::literal(text, other(from)),
        Node::Bool(true) => "TRUE".to_owned(),
        Node::Bool(false) => "FALSE".to_owned(),
        Node::Null => "NULL".to_owned(),
        Node::Chain(word, operands) => {
            let operands: Vec<String> = operands.iter().map(|node| inside(node, from)).collect();
            operands.join(&format!(" {word} "))
        }
        Node::Not(operand) => format!("NOT {}", inside(operand, from)),
        Node::IsNull(operand, is_not) => {
            format!("{} IS {}NULL", inside(operand, from), not(is_not))
        }
        Node::Compare(operator, left, right) => {
            format!("{} {operator} {}", inside(left, from), inside(right, from))
        }
        Node::In(left, items, is_not) => {
            format!("{} {}IN ({})", inside(left, from), not(is_not), list(items))
        }
        Node::Between(left, low, high, is_not) => format!(
            "{} {}BETWEEN {} AND {}",
            inside(left, from),
            not(is_not),
            inside(low, from),
            inside(high, from)
        ),
        Node::Call(function, operands) => {
            let name = match (function, from) {
                (Function::Length, _) => "length",
                (Function::Trim, SqlDialect::Postgres) => "trim",
                (Function::Trim, SqlDialect::Sqlite) => "btrim",
                (Function::TrimStart, _) => "ltrim",
                (Function::TrimEnd, _) => "rtrim",
                (Function::Coalesce, _) => "coalesce",
            };
            format!("{name}({})", list(operands))
        }
        Node::List(items) => format!("({})", list(items)),
    }
}

/// In parentheses, unless it is one value.
fn inside(node: &Node, from: SqlDialect) -> String {
    let text = write(node, from);
    match node {
        Node::Column(..)
        | Node::Number(_)
        | Node::Text(_)
        | Node::Bool(_)
        | Node::Null
        | Node::Call(..)
        | Node::List(_) => text,
        _ => format!("({text})"),
    }
}
