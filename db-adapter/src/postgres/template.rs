//! A caller's text with its parameters found, and that text as it is sent: a number and a type for
//! each of them. Pure: what the types are, the server says.

use super::chosen::is_whole;
use super::sent::Sent;
use crate::query::{SqlFilter, Statement};
use crate::sql::{Expanded, Parameters, parameters, refuse_transaction_control, single_statement};
use crate::{Error, Result, Value};
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::{self, StatementKind};

/// A caller's text with its parameters found.
pub(super) struct Template<'a> {
    pub(super) statement: statement::Statement<'a>,
    /// The text as the caller wrote it, and where its parts begin: in the statement, and in there.
    original: &'a str,
    places: &'a [(usize, usize)],
    filters: &'a [SqlFilter],
    /// The parameters that the caller gives, without those of the filters.
    given: &'a [(String, Value)],
    found: Parameters,
    /// What the parameters are called, in the order of their numbers.
    names: Vec<&'a str>,
    /// The values in the order of the parameters' numbers.
    pub(super) values: Vec<&'a Value>,
}

impl<'a> Template<'a> {
    pub(super) fn of(
        expanded: &'a Expanded<'_>,
        original: &'a Statement,
        strict: bool,
    ) -> Result<Self> {
        let statement = &*expanded.statement;
        let sql = single_statement(&statement.sql, SqlDialect::Postgres)?;
        refuse_transaction_control(sql)?;
        refuse_copy(sql)?;
        let bound: Vec<&str> = statement.binds.iter().map(|(name, _)| &**name).collect();
        let found = parameters(sql.text(), &bound, SqlDialect::Postgres, strict)?;
        let mut names = Vec::with_capacity(found.binds.len());
        let mut values = Vec::with_capacity(found.binds.len());
        for bind in &found.binds {
            let (name, value) = statement.binds.get(*bind).ok_or_else(unbound)?;
            names.push(&**name);
            values.push(value);
        }
        Ok(Template {
            statement: sql,
            original: single_statement(&original.sql, SqlDialect::Postgres)?.text(),
            places: &expanded.parts,
            filters: &original.filters,
            given: &original.binds,
            found,
            names,
            values,
        })
    }

    /// The text as the caller wrote it.
    pub(super) fn without_filters(&self) -> statement::Statement<'a> {
        statement::Statement::new(self.original, SqlDialect::Postgres)
    }

    /// The same text with a parameter for each use: `:p IS NULL OR id = :p` needs two types. `None`
    /// where no name is used twice.
    pub(super) fn split(&self) -> Result<Option<Template<'a>>> {
        if self.found.uses.len() == self.found.binds.len() {
            return Ok(None);
        }
        let mut split = Template {
            statement: self.statement,
            original: self.original,
            places: self.places,
            filters: self.filters,
            given: self.given,
            found: Parameters {
                parts: self.found.parts.clone(),
                uses: (0..self.found.uses.len()).collect(),
                binds: Vec::with_capacity(self.found.uses.len()),
            },
            names: Vec::with_capacity(self.found.uses.len()),
            values: Vec::with_capacity(self.found.uses.len()),
        };
        for used in &self.found.uses {
            split
                .found
                .binds
                .push(*self.found.binds.get(*used).ok_or_else(unbound)?);
            split.names.push(self.names.get(*used).ok_or_else(unbound)?);
            split
                .values
                .push(self.values.get(*used).ok_or_else(unbound)?);
        }
        Ok(Some(split))
    }

    /// The text with a number and what follows it, for each parameter.
    pub(super) fn render(&self, parameter: impl Fn(usize) -> String) -> Sent {
        let alias = |filter: &SqlFilter| (filter.name.clone(), filter.alias().to_owned());
        let mut sent = Sent {
            original: self.original.to_owned(),
            filters: self.filters.iter().map(alias).collect(),
            named: self.given.iter().map(|(name, _)| name.clone()).collect(),
            ..Sent::default()
        };
        // in the statement
        let mut at = 0;
        for (i, part) in self.found.parts.iter().enumerate() {
            let end = at + part.len();
            sent.parts.push((sent.text.len(), self.original_of(at)));
            let inside = self
                .places
                .iter()
                .filter(|(place, _)| (at + 1..end).contains(place));
            let inside = inside.map(|(place, original)| (sent.text.len() + place - at, *original));
            sent.parts.extend(inside);
            sent.text.push_str(part);
            at = end;
            if let Some(used) = self.found.uses.get(i) {
                if ends_in_word(&sent.text) {
                    // `like:x`: a `$` there would be a part of the word
                    sent.text.push(' ');
                }
                let name = self.names.get(*used).copied().unwrap_or_default();
                sent.params.push((sent.text.len(), name.to_owned()));
                sent.text.push_str(&parameter(*used));
                at += 1 + name.len();
            }
        }
        sent
    }

    /// Where in the caller's text is what is here in the statement; for what is in a filter it may
    /// be somewhere behind its name.
    fn original_of(&self, at: usize) -> usize {
        let part = self.places.iter().rev().find(|(place, _)| *place <= at);
        part.map_or(at, |(place, original)| original + at - place)
    }

    /// The name and the value of a parameter.
    pub(super) fn bind(&self, number: usize) -> Result<(&'a str, &'a Value)> {
        let bind = self.names.get(number).zip(self.values.get(number));
        bind.map(|(name, value)| (*name, *value))
            .ok_or_else(unbound)
    }

    /// Whether it may put what it computes into a table.
    pub(super) fn stores(&self) -> bool {
        let only_deletes = self.statement.kind() == StatementKind::Delete
            && !self.statement.changes_rows_in_with();
        !only_deletes && !self.statement.only_reads()
    }

    /// Whether a parameter is one side of a comparison wherever it is used, and all of that side.
    pub(super) fn is_compared(&self, number: usize) -> bool {
        let mut uses = self.found.uses.iter().enumerate();
        uses.all(|(i, used)| *used != number || self.is_compared_at(i))
    }

    fn is_compared_at(&self, used: usize) -> bool {
        let part = |i: usize| {
            let part = self.found.parts.get(i).map_or("", |part| &**part);
            statement::Statement::new(part, SqlDialect::Postgres).tokens()
        };
        let compares = part(used).last().is_some_and(|token| {
            let mut operators = ["=", "<>", "!=", "<", "<=", ">", ">="].iter();
            operators.any(|operator| token.is_symbol(operator))
        });
        let ends = part(used + 1).next().is_none_or(|token| {
            let words = [
                "and",
                "or",
                "order",
                "group",
                "limit",
                "offset",
                "returning",
                "then",
            ];
            token.is_symbol(")") || token.is_any(&words)
        });
        // what follows another parameter at once is no operator
        let is_last = used + 1 >= self.found.uses.len();
        let is_apart = is_last || part(used + 1).next().is_some();
        compares && ends && is_apart
    }

    /// The text, and for each parameter the type that its value has by itself: where PostgreSQL
    /// knows nothing better than text, it is that. A number's depends on whether it is whole.
    pub(super) fn key(&self) -> String {
        let mut key = self.render(|n| format!("${}", n + 1)).text;
        key.push('\0');
        for value in &self.values {
            key.push_str(own_type(value).unwrap_or("-"));
            key.push_str(if is_whole(value) == Some(true) {
                "."
            } else {
                ""
            });
        }
        key
    }
}

/// Whether what follows it at once would be read as a part of its last word.
fn ends_in_word(text: &str) -> bool {
    let last = text.chars().next_back();
    last.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii())
}

/// The type of a value that is certainly not text.
pub(super) fn own_type(value: &Value) -> Option<&'static str> {
    match value {
        Value::Array(items) => Some(array_type(items)),
        Value::Bool(_) => Some("bool"),
        Value::Int(_) => Some("int8"),
        Value::Float(_) => Some("float8"),
        Value::Numeric(_) => Some("numeric"),
        Value::Bytes(_) => Some("bytea"),
        Value::Json(_) => Some("jsonb"),
        _ => None,
    }
}

/// The type of a list, by its first element that is not null.
fn array_type(items: &[Value]) -> &'static str {
    match items.iter().find(|item| !item.is_null()) {
        Some(Value::Array(inner)) => array_type(inner),
        Some(item) => match own_type(item) {
            Some("bool") => "bool[]",
            Some("int8") => "int8[]",
            Some("float8") => "float8[]",
            Some("numeric") => "numeric[]",
            Some("bytea") => "bytea[]",
            Some("jsonb") => "jsonb[]",
            _ => "text[]",
        },
        None => "text[]",
    }
}

/// Refuses the one statement whose rows do not come as rows: the driver would take them for an
/// answer that it does not understand, and give the connection up.
pub(super) fn refuse_copy(statement: statement::Statement<'_>) -> Result<()> {
    match statement.copies_with_client() {
        true => Err(Error::unsupported(
            "`COPY` from STDIN or to STDOUT in SQL text",
            "PostgreSQL",
            "use `.insert_many(..)`, or `.query(..)` and its stream; in psql there is `\\copy`",
        )),
        false => Ok(()),
    }
}

fn unbound() -> Error {
    Error::internal("a parameter of an SQL text leads to no value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sql: &str, binds: &[(&str, Value)]) -> Statement {
        Statement {
            sql: sql.into(),
            binds: binds
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            ..Statement::new("")
        }
    }

    #[test]
    fn parameters_are_numbered_and_lead_back() {
        let statement = statement(
            "SELECT :b, :a, :b +*",
            &[("a", Value::Int(1)), ("b", Value::Null)],
        );
        let expanded = Expanded::unchanged(&statement);
        let template = Template::of(&expanded, &statement, true).unwrap();
        assert_eq!(template.values, [&Value::Null, &Value::Int(1)]);
        let sent = template.render(|n| format!("(${}::text)", n + 1));
        assert_eq!(sent.text, "SELECT ($1::text), ($2::text), ($1::text) +*");
        assert_eq!(template.key(), "SELECT $1, $2, $1 +*\0-int8");
        let glued = Statement {
            sql: "SELECT:b IN(:a)OR:b".into(),
            ..statement
        };
        let expanded = Expanded::unchanged(&glued);
        let template = Template::of(&expanded, &glued, true).unwrap();
        let sent = template.render(|n| format!("${}", n + 1));
        assert_eq!(sent.text, "SELECT $1 IN($2)OR $1");
    }

    #[test]
    fn each_use_can_have_a_parameter_of_its_own() {
        let statement = statement(
            "SELECT :b, :a, :b",
            &[("a", Value::Int(1)), ("b", Value::Null)],
        );
        let expanded = Expanded::unchanged(&statement);
        let template = Template::of(&expanded, &statement, true).unwrap();
        let split = template.split().unwrap().unwrap();
        assert_eq!(split.names, ["b", "a", "b"]);
        let sent = split.render(|n| format!("${}", n + 1));
        assert_eq!(sent.text, "SELECT $1, $2, $3");
        assert!(split.split().unwrap().is_none());
    }
}
