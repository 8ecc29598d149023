//! Whether two SQL expressions mean the same: a default, a check, an index's key, as a person
//! wrote it and as a database gives it back. Never says that two differ unless both are
//! understood, and compares no casts where the server adds its own.

mod literal;
mod parse;
#[cfg(test)]
mod tests;
mod words;

use crate::schema::SqlDialect;
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

/// What a database keeps of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// What it means: PostgreSQL writes it again, with casts of its own.
    Meaning,
    /// Its text: a cast in it is one that somebody wrote.
    Text,
}

impl Kept {
    /// What both of two databases keep.
    pub(super) fn by_both(one: SqlDialect, other: SqlDialect) -> Kept {
        match (one, other) {
            (SqlDialect::Sqlite, SqlDialect::Sqlite) => Kept::Text,
            _ => Kept::Meaning,
        }
    }
}

/// Longer ones are compared as text.
const LONGEST: usize = 1 << 16;

/// Compares two expressions.
pub(super) fn compare(one: &str, other: &str, kept: Kept) -> Verdict {
    verdict(one, other, None, kept)
}

/// Compares two defaults of a column of this type.
pub(super) fn compare_defaults(one: &str, other: &str, sql_type: &SqlType, kept: Kept) -> Verdict {
    verdict(one, other, Some(sql_type), kept)
}

/// A default of NULL is none.
pub(super) fn is_null(default: &str) -> bool {
    tree(default, Kept::Meaning).is_some_and(|node| node == Node::Name("null".to_owned()))
}

/// A condition that always holds.
pub(super) fn is_true(condition: &str) -> bool {
    let node = tree(condition, Kept::Meaning).map(|node| fitted(node, Some(&SqlType::Bool)));
    node.is_some_and(|node| node == Node::Name("true".to_owned()))
}

/// The expression in a form that does not depend on who wrote it, for the fingerprint.
pub(super) fn normal(expression: &str, sql_type: Option<&SqlType>, kept: Kept) -> String {
    match tree(expression, kept) {
        Some(node) => format!("{:?}", bare(fitted(node, sql_type))),
        None => expression.trim().to_owned(),
    }
}

fn verdict(one: &str, other: &str, sql_type: Option<&SqlType>, kept: Kept) -> Verdict {
    if one.trim() == other.trim() {
        return Verdict::Same;
    }
    let (Some(one), Some(other)) = (tree(one, kept), tree(other, kept)) else {
        return Verdict::Unknown;
    };
    let (one, other) = (fitted(one, sql_type), fitted(other, sql_type));
    match (same(&one, &other, false), same(&one, &other, true)) {
        (true, _) => Verdict::Same,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Different,
    }
}

fn tree(expression: &str, kept: Kept) -> Option<Node> {
    if expression.len() > LONGEST {
        return None;
    }
    parse::parse(&words::words(expression)?, kept)
}

/// A default is a value of its column: `'0'` is 0 in a column of numbers.
fn fitted(node: Node, sql_type: Option<&SqlType>) -> Node {
    match (node, sql_type) {
        (node @ Node::Text(_), Some(t)) => parse::typed(node, t.clone()),
        (Node::Number(text), Some(SqlType::Bool)) => parse::boolean(text),
        // the column's own type says more than the cast to what is beneath it
        (Node::Typed(_, text), Some(t)) => parse::typed(Node::Text(text), t.clone()),
        (node, _) => node,
    }
}

/// Equality; `lenient` takes for equal whatever the server may write in another way.
fn same(one: &Node, other: &Node, lenient: bool) -> bool {
    use Node::{Call, Name, Number, Text, Typed};
    match (one, other) {
        (Typed(t, a), Typed(_, b) | Text(b) | Number(b)) | (Text(a) | Number(a), Typed(t, b)) => {
            literal::same(t, a, b).unwrap_or(lenient)
        }
        (Text(a), Text(b)) | (Name(a), Name(b)) => a == b,
        (Number(a), Number(b)) => literal::same_number(a, b).unwrap_or(lenient),
        (Text(a), Number(b)) | (Number(a), Text(b)) => a == b,
        (Call(a, x), Call(b, y)) => {
            (a == b || lenient && are_one_part(a, b))
                && x.len() == y.len()
                && x.iter().zip(y).all(|(x, y)| same(x, y, lenient))
        }
        _ => false,
    }
}

/// Servers before 14 write EXTRACT as the function that it was.
fn are_one_part(one: &str, other: &str) -> bool {
    matches!(
        (one, other),
        ("extract", "date_part") | ("date_part", "extract")
    )
}

/// Without what depends on who wrote it: a cast, where a person writes none.
fn bare(node: Node) -> Node {
    match node {
        Node::Typed(_, text) => Node::Text(text),
        Node::Call(name, operands) => Node::Call(name, operands.into_iter().map(bare).collect()),
        other => other,
    }
}
