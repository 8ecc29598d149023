//! The order of a select: `name`, `name DESC NULLS LAST, id`.

use db_adapter_core::parse_identifier;

use crate::{Error, Result};

/// One column of an order. Where nulls go is always decided: last when ascending, first when
/// descending, unless the text says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderTerm {
    /// The column.
    pub column: String,
    /// Descending?
    pub descending: bool,
    /// NULL before the values?
    pub nulls_first: bool,
}

/// Parses an order.
///
/// # Errors
/// [`Error::InvalidQuery`] when it is more than columns with `ASC`, `DESC`, `NULLS FIRST` and
/// `NULLS LAST`.
pub fn parse_order(text: &str) -> Result<Vec<OrderTerm>> {
    let unreadable = || {
        Error::invalid_query(
            format!("cannot read the order `{text}`"),
            "an order is `name`, `name DESC`, `name DESC NULLS LAST` with commas between; for any other SQL use `.query(..)`",
        )
    };
    let mut terms = Vec::new();
    let mut rest = text;
    loop {
        let (term, after) = parse_term(rest).ok_or_else(unreadable)?;
        terms.push(term);
        if after.is_empty() {
            return Ok(terms);
        }
        rest = after.strip_prefix(',').ok_or_else(unreadable)?;
    }
}

fn parse_term(text: &str) -> Option<(OrderTerm, &str)> {
    let (column, rest) = parse_identifier(text.trim_start())?;
    let (descending, rest) = match keyword(rest) {
        Some((word, rest)) if word == "DESC" => (true, rest),
        Some((word, rest)) if word == "ASC" => (false, rest),
        _ => (false, rest.trim_start()),
    };
    let (nulls_first, rest) = match keyword(rest) {
        Some((word, rest)) if word == "NULLS" => match keyword(rest)? {
            (word, rest) if word == "FIRST" => (true, rest),
            (word, rest) if word == "LAST" => (false, rest),
            _ => return None,
        },
        _ => (descending, rest.trim_start()),
    };
    Some((
        OrderTerm {
            column,
            descending,
            nulls_first,
        },
        rest.trim_start(),
    ))
}

/// The next bare word in upper case, and what follows.
fn keyword(text: &str) -> Option<(String, &str)> {
    let trimmed = text.trim_start();
    if trimmed.starts_with('"') {
        return None;
    }
    let (word, rest) = parse_identifier(trimmed)?;
    Some((word.to_ascii_uppercase(), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(column: &str, descending: bool, nulls_first: bool) -> OrderTerm {
        OrderTerm {
            column: column.into(),
            descending,
            nulls_first,
        }
    }

    #[test]
    fn an_order_is_columns_with_directions() {
        assert_eq!(parse_order("name"), Ok(vec![term("name", false, false)]));
        assert_eq!(
            parse_order(" a DESC , b asc nulls first,\"desc\" desc NULLS LAST, \"x, y\"").unwrap(),
            vec![
                term("a", true, true),
                term("b", false, true),
                term("desc", true, false),
                term("x, y", false, false)
            ]
        );
    }

    #[test]
    fn anything_else_points_to_query() {
        for text in [
            "",
            " ",
            "a,",
            ",a",
            "a b",
            "a desc asc",
            "lower(a)",
            "1",
            "a nulls",
            "a; drop",
            "a desc nulls middle",
            "random()",
            "a\0",
        ] {
            let error = parse_order(text).unwrap_err();
            assert!(error.to_string().contains(".query(..)"), "{text}: {error}");
        }
    }
}
