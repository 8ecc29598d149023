//! An expression of one dialect in the other: only what means the same in both, for every row. Anything
//! else is refused with its reason, and nothing else is written instead.
//!
//! What is known to be the same: comparisons of whole numbers and floats with constants and with each other, of
//! texts and enums for equality, of booleans; AND, OR, NOT, IS NULL, IN, BETWEEN of numbers; the length of a
//! text, blanks taken off it, `coalesce`. Not known to be the same, among others: arithmetic (it overflows
//! otherwise), the order and the case of texts, patterns, exact decimals and times, which SQLite keeps as
//! texts.

mod fit;
mod node;
mod parse;
mod value;
mod write;

use crate::lexer::Lexer;
use crate::schema::{SqlDialect, TableSchema};
use node::{Class, Node};

/// What the names of an expression mean.
pub(super) struct Scope<'a> {
    pub(super) from: SqlDialect,
    /// The table that its columns are of, in the dialect that it comes from.
    pub(super) table: &'a TableSchema,
    /// The column that `VALUE` means, in the check of a domain.
    pub(super) value: Option<&'a str>,
}

type Read<T> = Result<T, String>;

/// A condition in the other dialect, or why it is not one there.
pub(super) fn condition(text: &str, scope: &Scope<'_>) -> Read<String> {
    let node = fit::fitted(read(text, scope)?)?;
    match node.class() {
        Class::Bool => Ok(write::write(&node, scope.from)),
        _ => Err("it is not a condition that both databases know".to_owned()),
    }
}

/// An expression in the other dialect, or why it is not one there.
pub(super) fn expression(text: &str, scope: &Scope<'_>) -> Read<String> {
    let node = fit::fitted(read(text, scope)?)?;
    match node.class() {
        Class::Other | Class::Null => {
            Err("its values are not the same in both databases".to_owned())
        }
        _ => Ok(write::write(&node, scope.from)),
    }
}

/// The parts, unless SQLite takes one of its words for a column: there `true` is only a word where no column has
/// the name.
fn read(text: &str, scope: &Scope<'_>) -> Read<Node> {
    let truths: Vec<&str> = ["true", "false"]
        .into_iter()
        .filter(|truth| {
            let mut columns = scope.table.columns.iter();
            columns.any(|column| column.name.eq_ignore_ascii_case(truth))
        })
        .collect();
    let mut tokens = Lexer::of_definition(text, scope.from).significant();
    match tokens.find(|token| token.is_any(&truths)) {
        Some(token) => Err(format!(
            "in SQLite `{}` is the column of that name",
            token.text
        )),
        None => parse::parsed(text, scope),
    }
}
