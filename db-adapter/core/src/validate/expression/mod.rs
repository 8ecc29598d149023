//! Whether two SQL expressions mean the same: a default, a check, an index's key, as a person
//! wrote it and as a database gives it back. Never says that two differ unless both are
//! understood, and compares no casts, because the server adds its own.

mod parse;
#[cfg(test)]
mod tests;
mod words;

use crate::sql_type::SqlType;
use parse::Node;

/// What a comparison gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Different,
    /// One of the two is not understood, or the server may write it in another way.
    Unknown,
}

/// Longer ones are compared as text.
const LONGEST: usize = 1 << 16;

/// Compares two expressions.
pub(super) fn compare(one: &str, other: &str) -> Verdict {
    verdict(one, other, None)
}

/// Compares two defaults of a column of this type.
pub(super) fn compare_defaults(one: &str, other: &str, sql_type: &SqlType) -> Verdict {
    verdict(one, other, Some(sql_type))
}

/// A default of NULL is none.
pub(super) fn is_null(default: &str) -> bool {
    tree(default).is_some_and(|node| node == Node::Name("null".to_owned()))
}

/// The expression in a form that does not depend on who wrote it, for the fingerprint.
pub(super) fn normal(expression: &str, sql_type: Option<&SqlType>) -> String {
    match tree(expression) {
        Some(node) => format!("{:?}", fitted(node, sql_type)),
        None => expression.trim().to_owned(),
    }
}

fn verdict(one: &str, other: &str, sql_type: Option<&SqlType>) -> Verdict {
    if one.trim() == other.trim() {
        return Verdict::Same;
    }
    let (Some(one), Some(other)) = (tree(one), tree(other)) else {
        return Verdict::Unknown;
    };
    let (one, other) = (fitted(one, sql_type), fitted(other, sql_type));
    match (same(&one, &other, false), same(&one, &other, true)) {
        (true, _) => Verdict::Same,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Different,
    }
}

fn tree(expression: &str) -> Option<Node> {
    if expression.len() > LONGEST {
        return None;
    }
    parse::parse(&words::words(expression)?)
}

/// A default is a value of its column: `'0'` is 0 in a column of numbers.
fn fitted(node: Node, sql_type: Option<&SqlType>) -> Node {
    match (node, sql_type) {
        (Node::Text(text), Some(t)) if t.is_number() => parse::number(text),
        (Node::Text(text), Some(SqlType::Bool)) => parse::boolean(text),
        (Node::Number(text), Some(SqlType::Bool)) => parse::boolean(text),
        (Node::Text(text), Some(SqlType::Other(name))) if name.starts_with("bit") => {
            parse::bits(text)
        }
        (node, _) => node,
    }
}

/// Equality; `lenient` takes all texts of dates and times for equal.
fn same(one: &Node, other: &Node, lenient: bool) -> bool {
    use Node::{Call, Moment, Name, Number, Text};
    match (one, other) {
        (Moment(a), Moment(b) | Text(b)) | (Text(a), Moment(b)) => lenient || a == b,
        (Text(a), Text(b)) | (Name(a), Name(b)) => a == b,
        (Number(a), Number(b)) => crate::numeric::compare(a, b).is_eq(),
        (Text(a), Number(b)) | (Number(a), Text(b)) => a == b,
        (Call(a, x), Call(b, y)) => {
            a == b && x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y, lenient))
        }
        _ => false,
    }
}
