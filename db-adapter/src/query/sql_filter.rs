//! A filter in SQL text of a caller, as data: what it is called there, and of which
//! table of the text its columns are.

use std::fmt;

use db_adapter_core::{TableName, parse_identifier};

use crate::{Error, Filter, Result};

/// The filter that replaces `{name}` in SQL text; made by [`Statement::filter`](super::Statement::filter).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SqlFilter {
    /// Its name, which the text has in braces.
    pub name: String,
    /// The table whose rows it is about.
    pub table: TableName,
    /// What the text calls this table, where that is another name.
    pub alias: Option<String>,
    /// Which rows.
    pub filter: Filter,
}

impl SqlFilter {
    /// A filter of a table as the text names it: `tasks`, `app.tasks`, `tasks AS t`, `tasks t`.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the table is more than that.
    pub fn new(
        name: impl Into<String>,
        table: impl AsRef<str>,
        filter: impl Into<Filter>,
    ) -> Result<Self> {
        let (table, alias) = parse(table.as_ref())?;
        Ok(SqlFilter {
            name: name.into(),
            table,
            alias,
            filter: filter.into(),
        })
    }

    /// What the text calls the table.
    pub(crate) fn alias(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.table.name)
    }
}

/// Columns and operators; never the values.
impl fmt::Debug for SqlFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlFilter")
            .field("name", &self.name)
            .field("table", &self.table)
            .field("alias", &self.alias)
            .field("filter", &self.filter)
            .finish()
    }
}

fn parse(text: &str) -> Result<(TableName, Option<String>)> {
    read(text.trim()).ok_or_else(|| {
        Error::invalid_query(
            format!(
                "cannot read the table `{}` of a filter in SQL text",
                text.escape_debug()
            ),
            "write it as in the text: `table`, `schema.table`, `table AS alias`; put any other name in double quotes",
        )
    })
}

fn read(text: &str) -> Option<(TableName, Option<String>)> {
    let (mut name, mut rest) = parse_identifier(text)?;
    let mut schema = None;
    if let Some(after) = rest.strip_prefix('.') {
        schema = Some(name);
        (name, rest) = parse_identifier(after)?;
    }
    let table = TableName { schema, name };
    if rest.is_empty() {
        return Some((table, None));
    }
    // an alias is a word of its own
    let rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let (word, after) = parse_identifier(rest)?;
    if rest.starts_with('"') || !word.eq_ignore_ascii_case("as") {
        return after.is_empty().then_some((table, Some(word)));
    }
    let (alias, after) = parse_identifier(after.trim_start())?;
    after.is_empty().then_some((table, Some(alias)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(schema: Option<&str>, name: &str) -> TableName {
        TableName {
            schema: schema.map(Into::into),
            name: name.into(),
        }
    }

    #[test]
    fn a_table_is_written_as_in_the_text() {
        let alias = |alias: &str| Some(alias.to_owned());
        for (text, expected) in [
            ("tasks", (table(None, "tasks"), None)),
            (" app.tasks ", (table(Some("app"), "tasks"), None)),
            ("tasks t", (table(None, "tasks"), alias("t"))),
            ("tasks as t", (table(None, "tasks"), alias("t"))),
            (
                "\"a b\".\"as\" AS \"c d\"",
                (table(Some("a b"), "as"), alias("c d")),
            ),
            ("tasks \"as\"", (table(None, "tasks"), alias("as"))),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "tasks as",
            "tasks as t u",
            "tasks, labels",
            "a.b.c",
            "tasks t;",
            "(tasks)",
            "tasks -- t",
            "\"tasks",
            "tasks\"t\"",
            "tasks AS t WHERE 1",
            "\0",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
