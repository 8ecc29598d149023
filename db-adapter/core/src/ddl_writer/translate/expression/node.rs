//! An expression as both databases know it, and what its parts give.

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Integer,
    Float,
    Text,
    Bool,
    Null,
    /// Something that may only be NULL or not.
    Other,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Column(String, Class),
    Number(String),
    Text(String),
    Bool(bool),
    Null,
    /// AND and OR of two or more.
    Chain(&'static str, Vec<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>, bool),
    Compare(&'static str, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>, bool),
    Between(Box<Node>, Box<Node>, Box<Node>, bool),
    Call(Function, Vec<Node>),
    /// The list of `= ANY (ARRAY[..])`.
    List(Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Trim,
    TrimStart,
    TrimEnd,
    Coalesce,
}

impl Node {
    pub(super) fn class(&self) -> Class {
        match self {
            Node::Column(_, class) => *class,
            Node::Number(text) if text.contains(['.', 'e', 'E']) => Class::Float,
            Node::Number(_) => Class::Integer,
            Node::Text(_) => Class::Text,
            Node::Null => Class::Null,
            Node::Call(Function::Length, _) => Class::Integer,
            Node::Call(Function::Coalesce, operands) => {
                let mut classes = operands.iter().map(Node::class);
                classes
                    .find(|class| *class != Class::Null)
                    .unwrap_or(Class::Null)
            }
            Node::Call(..) => Class::Text,
            Node::List(_) => Class::Other,
            Node::Bool(_)
            | Node::Chain(..)
            | Node::Not(_)
            | Node::IsNull(..)
            | Node::Compare(..)
            | Node::In(..)
            | Node::Between(..) => Class::Bool,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.class(), Class::Integer | Class::Float)
    }
}
