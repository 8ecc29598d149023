//! Whether the operands of an expression are of kinds that both databases treat alike.

use super::Read;
use super::node::{Class, Function, Node};

/// Checks what the operands are, and makes truth values of numbers where SQLite compares them.
pub(super) fn fitted(node: Node) -> Read<Node> {
    Ok(match node {
        Node::Chain(word, operands) => {
            let operands: Vec<Node> = operands.into_iter().map(fitted).collect::<Read<_>>()?;
            operands.iter().try_for_each(is_condition)?;
            Node::Chain(word, operands)
        }
        Node::Not(operand) => {
            let operand = fitted(*operand)?;
            is_condition(&operand)?;
            Node::Not(Box::new(operand))
        }
        Node::IsNull(operand, not) => Node::IsNull(Box::new(fitted(*operand)?), not),
        Node::Compare(operator, left, right) => {
            let (left, right) = pair(fitted(*left)?, fitted(*right)?);
            let equality = matches!(operator, "=" | "<>");
            same(&left, &right, equality)?;
            Node::Compare(operator, Box::new(left), Box::new(right))
        }
        Node::In(left, items, not) => {
            let left = fitted(*left)?;
            let items = items.into_iter().map(fitted).collect::<Read<Vec<Node>>>()?;
            let items: Vec<Node> = items
                .into_iter()
                .map(|item| pair(left.clone(), item).1)
                .collect();
            items.iter().try_for_each(|item| same(&left, item, true))?;
            Node::In(Box::new(left), items, not)
        }
        Node::Between(left, low, high, not) => {
            let (left, low, high) = (fitted(*left)?, fitted(*low)?, fitted(*high)?);
            same(&left, &low, false)?;
            same(&left, &high, false)?;
            Node::Between(Box::new(left), Box::new(low), Box::new(high), not)
        }
        Node::Call(function, operands) => {
            let operands: Vec<Node> = operands.into_iter().map(fitted).collect::<Read<_>>()?;
            let fine = match function {
                Function::Coalesce => {
                    let class = Node::Call(function, operands.clone()).class();
                    let known = |node: &Node| [class, Class::Null].contains(&node.class());
                    operands.len() > 1 && operands.iter().all(known)
                }
                _ => matches!(operands.as_slice(), [text] if text.class() == Class::Text),
            };
            match fine {
                true => Node::Call(function, operands),
                false => return Err("it calls a function with other arguments".to_owned()),
            }
        }
        other => other,
    })
}

fn is_condition(node: &Node) -> Read<()> {
    match node.class() {
        Class::Bool | Class::Null => Ok(()),
        _ => Err("it takes something else for a truth value".to_owned()),
    }
}

/// `active = 1`, as SQLite has it, is `active = TRUE`.
fn pair(left: Node, right: Node) -> (Node, Node) {
    let truth = |node: &Node| match node {
        Node::Number(text) if text == "0" => Some(Node::Bool(false)),
        Node::Number(text) if text == "1" => Some(Node::Bool(true)),
        _ => None,
    };
    match (left.class(), right.class()) {
        (Class::Bool, Class::Integer) => {
            let right = truth(&right).unwrap_or(right);
            (left, right)
        }
        (Class::Integer, Class::Bool) => {
            let left = truth(&left).unwrap_or(left);
            (left, right)
        }
        _ => (left, right),
    }
}

/// Whether two operands are compared alike in both databases.
fn same(left: &Node, right: &Node, equality: bool) -> Read<()> {
    let fine = match (left.class(), right.class()) {
        (Class::Null, _) | (_, Class::Null) => false,
        (Class::Text, Class::Text) | (Class::Bool, Class::Bool) => equality,
        _ => left.is_number() && right.is_number(),
    };
    match (fine, left.class(), right.class()) {
        (true, ..) => Ok(()),
        (_, Class::Text, Class::Text) => {
            Err("the order of texts is not the same in both databases".to_owned())
        }
        _ => Err("it compares values that the two databases keep differently".to_owned()),
    }
}
