//! Filters in SQL text of a caller: where `{name}` stands, and the text with each filter written
//! out. What is written has names of the table's description and, for each value, a parameter that
//! the text does not have; nothing of a value comes into the text.

use std::borrow::Cow;
use std::fmt::Write as _;

use db_adapter_core::lexer::{Kind, Lexer};
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement;

use super::dialect::{Dialect, Sql};
use super::filter::{Others, push_filter};
use super::parameters::part;
use super::table::Table;
use crate::query::{SqlFilter, Statement};
use crate::{Error, Result};

/// A statement whose filters are written out.
#[derive(Debug)]
pub(crate) struct Expanded<'s> {
    pub(crate) statement: Cow<'s, Statement>,
    /// Where parts begin, in bytes: in its text, and in the caller's. Of a filter it is where its
    /// name stands.
    #[allow(dead_code, reason = "SQLite tells no place of an error")]
    pub(crate) parts: Vec<(usize, usize)>,
}

impl<'s> Expanded<'s> {
    /// A statement that has no filters.
    pub(crate) fn unchanged(statement: &'s Statement) -> Self {
        Expanded {
            statement: Cow::Borrowed(statement),
            parts: Vec::new(),
        }
    }
}

/// `{name}` outside of strings, comments and quoted names.
struct Placeholder<'a> {
    name: &'a str,
    start: usize,
    end: usize,
}

fn placeholders(sql: &str, flavor: SqlDialect) -> Vec<Placeholder<'_>> {
    let mut found = Vec::new();
    if !sql.contains('{') {
        return found;
    }
    let mut before = [None, None];
    for token in Lexer::new(sql, flavor) {
        if let ([Some(open), Some(word)], true) = (before, token.is_symbol("}"))
            && is_open(&open)
            && word.kind == Kind::Word
        {
            found.push(Placeholder {
                name: word.text,
                start: open.start,
                end: token.end(),
            });
        }
        before = [before[1], Some(token)];
    }
    found
}

fn is_open(token: &db_adapter_core::lexer::Token<'_>) -> bool {
    token.is_symbol("{")
}

/// Refuses what is wrong with the filters of a statement, whatever their tables are.
///
/// # Errors
/// [`Error::InvalidQuery`] for a name in braces without a filter, a filter that the text does not
/// use or that is given twice, and for a statement that changes the schema;
/// [`Error::EmptyFilter`] for one without a condition where rows are written.
pub(crate) fn check_filters(statement: &Statement, only: statement::Statement<'_>) -> Result<()> {
    let filters = &statement.filters;
    let used = placeholders(only.text(), only.dialect());
    let is_given = |name: &str| filters.iter().any(|filter| filter.name == name);
    if let Some(unknown) = used.iter().find(|used| !is_given(used.name)) {
        let name = unknown.name;
        return Err(Error::invalid_query(
            format!("`{{{name}}}` in SQL text has no filter"),
            format!("add `.filter(\"{name}\", \"table\", filter)`"),
        ));
    }
    for (i, filter) in filters.iter().enumerate() {
        let name = filter.name.as_str();
        if filters.iter().take(i).any(|other| other.name == name) {
            return Err(Error::invalid_query(
                format!("the filter `{{{}}}` is given twice", name.escape_debug()),
                "give each name one filter; join conditions by `.and(..)`",
            ));
        }
        if !used.iter().any(|used| used.name == name) {
            return Err(Error::invalid_query(
                format!("the filter `{{{}}}` is not used", name.escape_debug()),
                "write its name in braces as a condition of the statement, outside of strings and comments, or remove the filter",
            ));
        }
    }
    if filters.is_empty() {
        return Ok(());
    }
    if only.may_change_schema() {
        return Err(Error::invalid_query(
            "a filter in SQL text that may change the schema",
            "filters are for statements on rows: SELECT, INSERT, UPDATE, DELETE",
        ));
    }
    filters
        .iter()
        .try_for_each(|filter| filter.filter.check_depth())?;
    match filters
        .iter()
        .find(|filter| filter.filter.is_unrestricted())
    {
        Some(filter) if !only.only_reads() => Err(Error::EmptyFilter {
            operation: "execute",
            table: filter.table.to_string(),
        }),
        _ => Ok(()),
    }
}

/// The error of a column that the database does not know, where it is one of a filter: then the text
/// calls the filter's table otherwise. `column` has what stands before it.
pub(crate) fn misnamed<'f>(
    column: &str,
    mut filters: impl Iterator<Item = (&'f str, &'f str)>,
) -> Option<Error> {
    let (name, alias) = filters.find(|(_, alias)| {
        column
            .strip_prefix(alias)
            .is_some_and(|rest| rest.starts_with('.'))
    })?;
    Some(Error::invalid_query(
        format!(
            "the SQL text has no table called `{alias}`, which the filter `{{{name}}}` is about"
        ),
        "name the filter's table as the text does: `tasks`, or `tasks AS t` where that has an alias",
    ))
}

/// A filter as a condition in parentheses, with parameters of its own.
pub(crate) fn condition<D: Dialect>(
    table: &Table<D::TableExtra, D::ColumnExtra>,
    others: &Others<D>,
    filter: &SqlFilter,
) -> Result<Sql<D::Param>> {
    let mut sql = Sql::new("(");
    sql.alias = Some(filter.alias().to_owned());
    // before the filter, so that it is the first that the database refuses
    if let Some(guard) = D::guard(table, others, None, &filter.filter, &[])? {
        sql.push(&guard);
        sql.push(" AND ");
    }
    push_filter::<D>(&mut sql, table, others, &filter.filter)?;
    sql.push(")");
    Ok(sql)
}

/// The statement with a condition in the place of each filter, in the order of the filters. Their
/// parameters are binds like those of the caller.
pub(crate) fn expand<D: Dialect>(
    statement: &Statement,
    only: statement::Statement<'_>,
    conditions: Vec<Sql<D::Param>>,
) -> Result<Expanded<'static>> {
    let prefix = unused_prefix(statement);
    let mut binds = statement.binds.clone();
    let mut texts = Vec::with_capacity(conditions.len());
    for condition in conditions {
        let first = binds.len();
        texts.push(named(&condition.text, only.dialect(), &prefix, first));
        for (i, param) in condition.params.into_iter().enumerate() {
            binds.push((format!("{prefix}{}", first + i), D::to_value(param)?));
        }
    }
    let mut sql = String::with_capacity(only.text().len());
    let mut parts = Vec::new();
    let mut from = 0;
    for used in placeholders(only.text(), only.dialect()) {
        let filters = statement.filters.iter().zip(&texts);
        let text = filters.filter(|(filter, _)| filter.name == used.name);
        parts.push((sql.len(), from));
        sql.push_str(part(only.text(), from..used.start)?);
        parts.push((sql.len(), used.start));
        sql.extend(text.map(|(_, text)| text.as_str()));
        from = used.end;
    }
    parts.push((sql.len(), from));
    sql.push_str(part(only.text(), from..only.text().len())?);
    Ok(Expanded {
        statement: Cow::Owned(Statement {
            sql,
            binds,
            filters: Vec::new(),
            label: None,
            sink: None,
            wanted: crate::query::Wanted::Any,
            taker: None,
        }),
        parts,
    })
}

/// What no name in the statement begins with.
fn unused_prefix(statement: &Statement) -> String {
    let mut prefix = String::from("filter");
    let is_bound = |prefix: &str| {
        statement
            .binds
            .iter()
            .any(|(name, _)| name.contains(prefix))
    };
    while statement.sql.contains(&prefix) || is_bound(&prefix) {
        prefix.push('_');
    }
    prefix
}

/// A condition whose parameters, which are numbered or in order, have names.
fn named(condition: &str, flavor: SqlDialect, prefix: &str, first: usize) -> String {
    let mut text = String::with_capacity(condition.len());
    let mut next = 0;
    for token in Lexer::new(condition, flavor) {
        if token.kind != Kind::Native {
            text.push_str(token.text);
            continue;
        }
        let number = token.text.get(1..).and_then(|n| n.parse::<usize>().ok());
        let place = number.map_or(next, |n| n.saturating_sub(1));
        next += 1;
        // writing to a text does not fail
        let _ = write!(text, ":{prefix}{}", first + place);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use SqlDialect::{Postgres, Sqlite};

    fn checked(statement: &Statement, flavor: SqlDialect) -> Result<()> {
        check_filters(statement, statement::Statement::new(&statement.sql, flavor))
    }

    fn with(sql: &str, filter: impl Into<Filter>) -> Statement {
        Statement::new(sql).filter("f", "t", filter).unwrap()
    }

    #[test]
    fn a_name_in_braces_is_a_filter_in_code_alone() {
        let names = |sql, flavor| -> Vec<&str> {
            let found = placeholders(sql, flavor).into_iter();
            found.map(|found| found.name).collect()
        };
        let sql = r#"SELECT '{f}', "{f}", E'\'{f}', $$ {f} $$ -- {f}
            /* {f} /* */ {f} */ WHERE {f} AND ({g}) AND { f } AND {} AND {1} AND {"f"}"#;
        assert_eq!(names(sql, Postgres), ["f", "g"]);
        let sql = "SELECT '{f}', \"{f}\", `{f}`, [{f}] /* {f} /* */ WHERE{f}";
        assert_eq!(names(sql, Sqlite), ["f"]);
        assert_eq!(names("{f", Sqlite), [""; 0]);
    }

    #[test]
    fn filters_and_names_must_fit() {
        let text = |statement| checked(&statement, Postgres).unwrap_err().to_string();
        let one = || row! { "a": 1 };
        assert_eq!(
            checked(&with("SELECT 1 WHERE {f} OR {f}", one()), Postgres),
            Ok(())
        );
        assert!(
            text(Statement::new("SELECT 1 WHERE {g}")).contains("`{g}` in SQL text has no filter")
        );
        assert!(text(with("SELECT '{f}'", one())).contains("`{f}` is not used"));
        let twice = with("SELECT {f}", one()).filter("f", "t", one()).unwrap();
        assert!(text(twice).contains("twice"));
        assert!(
            text(with("CREATE TABLE x AS SELECT {f}", one())).contains("may change the schema")
        );
    }

    #[test]
    fn a_filter_without_a_condition_writes_nothing() {
        let kind =
            |sql: &str, filter: Filter| checked(&with(sql, filter), Postgres).map_err(|e| e.kind());
        let empty = || Filter::from(row! {});
        let refused = Err(crate::ErrorKind::EmptyFilter);
        assert_eq!(kind("DELETE FROM t WHERE {f}", empty()), refused);
        assert_eq!(
            kind(
                "WITH d AS (DELETE FROM t WHERE {f} RETURNING 1) SELECT 1",
                empty()
            ),
            refused
        );
        assert_eq!(kind("DELETE FROM t WHERE {f}", Filter::all()), Ok(()));
        assert_eq!(kind("SELECT 1 FROM t WHERE {f}", empty()), Ok(()));
    }

    #[test]
    fn a_table_of_another_name_is_told_by_a_column() {
        let filters = || [("f", "t"), ("g", "o.dd")].into_iter();
        let told = |column: &str| misnamed(column, filters()).map(|error| error.to_string());
        assert!(told("t.owner").is_some_and(|text| text.contains("`t`") && text.contains("`{f}`")));
        assert!(told("o.dd.owner").is_some_and(|text| text.contains("`{g}`")));
        assert_eq!(told("owner"), None);
        assert_eq!(told("tt.owner"), None);
    }

    #[test]
    fn parameters_get_names_that_the_text_does_not_have() {
        let condition = r#"("t"."$1" = $2::text AND x = ANY ($1::text[]))"#;
        assert_eq!(
            named(condition, Postgres, "filter", 3),
            r#"("t"."$1" = :filter4::text AND x = ANY (:filter3::text[]))"#
        );
        assert_eq!(
            named("`?` = ? OR a IN (?, ?)", Sqlite, "f", 0),
            "`?` = :f0 OR a IN (:f1, :f2)"
        );
        let statement = Statement::new("SELECT :filter1, 'filter_'").bind("filter1", 1);
        assert_eq!(unused_prefix(&statement), "filter__");
    }
}
