//! The column list of a select: `*`, names, `name AS alias`, `count(*)`. Anything else is SQL
//! and belongs into `query`.

use db_adapter_core::parse_identifier;

use crate::{Error, Result};

/// What to select.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Columns {
    /// Every column, in table order.
    All,
    /// These, in this order.
    List(Vec<SelectItem>),
}

/// One item of a column list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectItem {
    /// A column, under its own name or another.
    Column {
        /// The column.
        name: String,
        /// Its name in the result.
        alias: Option<String>,
    },
    /// `count(*)`, called `count` unless it has another name.
    CountAll {
        /// Its name in the result.
        alias: Option<String>,
    },
}

impl SelectItem {
    /// Its name in the result.
    pub fn output_name(&self) -> &str {
        match self {
            SelectItem::Column { name, alias } => alias.as_deref().unwrap_or(name),
            SelectItem::CountAll { alias } => alias.as_deref().unwrap_or("count"),
        }
    }
}

/// What can be a column list: a text such as `"id, name AS title"`, or a list of exact names.
pub trait IntoColumns {
    /// The list, parsed.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when it is more than names.
    fn into_columns(self) -> Result<Columns>;
}

impl IntoColumns for Columns {
    fn into_columns(self) -> Result<Columns> {
        Ok(self)
    }
}

impl IntoColumns for &str {
    fn into_columns(self) -> Result<Columns> {
        parse(self)
    }
}

impl IntoColumns for String {
    fn into_columns(self) -> Result<Columns> {
        parse(&self)
    }
}

impl IntoColumns for &String {
    fn into_columns(self) -> Result<Columns> {
        parse(self)
    }
}

impl<S: AsRef<str>> IntoColumns for &[S] {
    fn into_columns(self) -> Result<Columns> {
        list(self.iter().map(AsRef::as_ref))
    }
}

impl<S: AsRef<str>> IntoColumns for Vec<S> {
    fn into_columns(self) -> Result<Columns> {
        self[..].into_columns()
    }
}

impl<S: AsRef<str>> IntoColumns for &Vec<S> {
    fn into_columns(self) -> Result<Columns> {
        self[..].into_columns()
    }
}

impl<S: AsRef<str>, const N: usize> IntoColumns for [S; N] {
    fn into_columns(self) -> Result<Columns> {
        self[..].into_columns()
    }
}

impl<S: AsRef<str>, const N: usize> IntoColumns for &[S; N] {
    fn into_columns(self) -> Result<Columns> {
        self[..].into_columns()
    }
}

const HINT: &str = "a column list is `*`, or names, `name AS alias` and `count(*)` with commas between; for any other SQL use `.query(..)`";

/// Names as they are, without a grammar; `*` alone is every column.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> Result<Columns> {
    let items: Vec<SelectItem> = names
        .map(|name| SelectItem::Column {
            name: name.to_owned(),
            alias: None,
        })
        .collect();
    match items.as_slice() {
        [] => Err(Error::invalid_query("the column list is empty", HINT)),
        [SelectItem::Column { name, .. }] if name == "*" => Ok(Columns::All),
        _ => Ok(Columns::List(items)),
    }
}

fn parse(text: &str) -> Result<Columns> {
    let mut rest = text.trim();
    if rest == "*" {
        return Ok(Columns::All);
    }
    if rest.is_empty() {
        return Err(Error::invalid_query("the column list is empty", HINT));
    }
    let mut items = Vec::new();
    loop {
        let (item, after) = parse_item(rest).ok_or_else(|| {
            Error::invalid_query(format!("cannot read the column list `{text}`"), HINT)
        })?;
        items.push(item);
        let after = after.trim_start();
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix(',').ok_or_else(|| {
            Error::invalid_query(format!("cannot read the column list `{text}`"), HINT)
        })?;
    }
    let counts = items
        .iter()
        .filter(|item| matches!(item, SelectItem::CountAll { .. }))
        .count();
    if counts > 0 && items.len() > 1 {
        return Err(Error::invalid_query(
            "`count(*)` stands alone in a column list",
            "use `.query(..)` for groups, or `.count(..)` for the number of rows",
        ));
    }
    Ok(Columns::List(items))
}

fn parse_item(text: &str) -> Option<(SelectItem, &str)> {
    let (name, rest) = parse_identifier(text.trim_start())?;
    let after_count = rest
        .trim_start()
        .strip_prefix('(')
        .filter(|_| name.eq_ignore_ascii_case("count"));
    if let Some(arguments) = after_count {
        let rest = arguments
            .trim_start()
            .strip_prefix('*')?
            .trim_start()
            .strip_prefix(')')?;
        let (alias, rest) = parse_alias(rest)?;
        return Some((SelectItem::CountAll { alias }, rest));
    }
    let (alias, rest) = parse_alias(rest)?;
    Some((SelectItem::Column { name, alias }, rest))
}

/// ` AS alias`, if it is there; `None` when something else is.
fn parse_alias(text: &str) -> Option<(Option<String>, &str)> {
    let trimmed = text.trim_start();
    if trimmed.is_empty() || trimmed.starts_with(',') {
        return Some((None, trimmed));
    }
    let (keyword, rest) = parse_identifier(trimmed)?;
    if trimmed.starts_with('"') || !keyword.eq_ignore_ascii_case("as") {
        return None;
    }
    let (alias, rest) = parse_identifier(rest.trim_start())?;
    Some((Some(alias), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, alias: Option<&str>) -> SelectItem {
        SelectItem::Column {
            name: name.into(),
            alias: alias.map(Into::into),
        }
    }

    #[test]
    fn a_list_is_names_and_aliases() {
        assert_eq!(" * ".into_columns(), Ok(Columns::All));
        assert_eq!(
            r#"id, Name as title , "we,ird" AS "a b",größe"#.into_columns(),
            Ok(Columns::List(vec![
                column("id", None),
                column("Name", Some("title")),
                column("we,ird", Some("a b")),
                column("größe", None),
            ]))
        );
        assert_eq!(
            "Count( * )".into_columns(),
            Ok(Columns::List(vec![SelectItem::CountAll { alias: None }]))
        );
        assert_eq!(
            ["a b", "count(*)"].into_columns(),
            Ok(Columns::List(vec![
                column("a b", None),
                column("count(*)", None)
            ]))
        );
    }

    #[test]
    fn anything_else_points_to_query() {
        for text in [
            "",
            ",",
            "a,",
            "a,,b",
            "a b",
            "a; drop table t",
            "max(a)",
            "a as",
            "1",
            "a.b",
            "count(*), a",
            "a -- x",
            "a\"b",
            "\"a",
            "*, a",
            "\0",
        ] {
            let error = text.into_columns().unwrap_err();
            assert!(error.to_string().contains(".query(..)"), "{text}: {error}");
        }
    }
}
