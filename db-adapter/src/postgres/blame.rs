//! Which column or parameter an error of the server is about. The server names none when it reads a
//! text as an enum, a range or a type of an extension, nor for the rules of a domain: of the values
//! that were sent, those are tried alone that only the server can judge. Never guesses: what is not
//! certain stays without a name.

use db_adapter_core::{SqlType, TableName};
use sqlx::postgres::PgDatabaseError;

use super::catalog::{PgColumn, PgTable};
use super::connection::Connection;
use super::encode::Param;
use super::error_place::is_name_in_value;
use super::error_words::invalid_value;
use super::failure::Failure;
use super::statement::fetch_plain;
use crate::error::InvalidValue;
use crate::expr::Expression;
use crate::filter::Test;
use crate::query::Operation;
use crate::sql::Generated;
use crate::value::text_of;
use crate::{Error, Filter, Row, Value};

/// Codes of what reads a text as a value, and does nothing else.
const READING: [&str; 5] = ["22P02", "22P03", "22P05", "22007", "22021"];
/// Codes of texts that the encoding of the database does not have.
const ENCODING: [&str; 2] = ["22P05", "22021"];
/// The code of what the role may not use.
const DENIED: &str = "42501";
const OUT_OF_RANGE: &str = "22003";
const TOO_LONG: &str = "22001";
/// Codes of texts that are not written as their type or language wants it: the readers of some types
/// use those of wrong SQL.
const SYNTAX: [&str; 3] = ["42601", "42602", "2200N"];
/// Classes of errors that no reader of a value gives: constraints, transactions, privileges of
/// connections, resources, cancellation, the system.
const NEVER_OF_A_READER: [&str; 11] = [
    "08", "23", "25", "26", "28", "40", "53", "54", "55", "57", "58",
];

/// A column or parameter, with what was sent for it.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) name: String,
    /// What a text goes through before it is cast.
    pub(super) through: &'static str,
    /// Its type as the server writes it.
    pub(super) cast: String,
    pub(super) values: Vec<Option<String>>,
    /// The characters that it takes.
    pub(super) longest: Option<u32>,
}

/// Whether only the server knows which texts are values of the type.
pub(super) fn is_judged_by_server(sql_type: &SqlType) -> bool {
    matches!(
        sql_type,
        SqlType::Enum(_)
            | SqlType::Other(_)
            | SqlType::Json
            | SqlType::Jsonb
            | SqlType::Array(_)
            | SqlType::Citext
    )
}

/// The columns that an error can be about, when the server does not say which it is.
pub(super) fn suspects(
    failure: &Failure,
    operation: &Operation,
    table: Option<&PgTable>,
) -> Vec<Suspect> {
    let (Some(error), Some(table)) = (failure.server(), table) else {
        return Vec::new();
    };
    if error.column().is_some() || !is_of_the_statement(error) {
        return Vec::new();
    }
    let sent = sent(operation);
    let by_domain = error.data_type().is_some();
    let in_question = |column: &&PgColumn| match by_domain {
        true => is_of_type(column, error),
        false => is_text_in_question(column, error.code()),
    };
    let by_value = by_domain || invalid_value(error.code()).is_some() || is_name_in_value(error);
    if !by_value && !may_be_of_a_reader(error.code()) {
        return Vec::new();
    }
    // types of extensions and languages of their own refuse texts by any code
    let in_question = |column: &&PgColumn| {
        in_question(column) && (by_value || matches!(column.sql_type, SqlType::Other(_)))
    };
    let columns = table.columns.iter().filter(in_question);
    columns
        .map(|column| Suspect {
            name: column.name.clone(),
            through: column.extra.ty.through,
            // a cast to a type with its length would cut
            cast: column.extra.own.clone(),
            values: sent
                .iter()
                .filter(|(name, _)| *name == column.name)
                .map(|(_, value)| text_of(value))
                .collect(),
            longest: longest(column),
        })
        // a domain without a value may have a default that it refuses
        .filter(|suspect| by_domain || suspect.values.iter().any(Option::is_some))
        .collect()
}

/// Whether a type may have refused its text by this code.
pub(super) fn may_be_of_a_reader(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    code != DENIED && !NEVER_OF_A_READER.contains(&class)
}

/// The column whose sum is out of range, where nothing else in the statement is computed.
fn sum<'o>(
    failure: &Failure,
    operation: &'o Operation,
    table: Option<&PgTable>,
) -> Option<&'o str> {
    let error = failure.server()?;
    let is_sure = error.code() == OUT_OF_RANGE && is_of_the_statement(error);
    let computed = |column: &PgColumn| column.generated == Generated::Computed;
    if !is_sure || table?.columns.iter().any(computed) {
        return None;
    }
    let expressions = match operation {
        Operation::Update(update) => &update.expressions,
        Operation::Insert(insert) => &insert.expressions,
        _ => return None,
    };
    let mut sums = expressions
        .iter()
        .filter(|(_, expression)| !matches!(expression, Expression::Now));
    match (sums.next(), sums.next()) {
        (Some((name, _)), None) => Some(name),
        _ => None,
    }
}

/// Triggers and functions that fail leave a context; so do COPY and the reader of JSON.
fn is_of_the_statement(error: &PgDatabaseError) -> bool {
    let of_data = |place: &str| place.starts_with("JSON data") || place.starts_with("COPY ");
    is_of_bind(error) || error.r#where().is_none_or(of_data)
}

/// Whether the text of a parameter could not be converted: then only its number is told, in every language.
fn is_of_bind(error: &PgDatabaseError) -> bool {
    let numbered = |place: &str| {
        let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        !place.contains('\n') && place.rsplit_once('$').is_some_and(|(_, rest)| digit(rest))
    };
    ENCODING.contains(&error.code()) && error.r#where().is_some_and(numbered)
}

fn is_text_in_question(column: &PgColumn, code: &str) -> bool {
    let is_text = matches!(
        column.sql_type,
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) | SqlType::Name
    );
    match code {
        TOO_LONG => longest(column).is_some(),
        code => is_judged_by_server(&column.sql_type) || (is_text && ENCODING.contains(&code)),
    }
}

/// The characters that a column takes, as the server counts them: bytes, where it knows no encoding.
fn longest(column: &PgColumn) -> Option<u32> {
    match column.sql_type {
        SqlType::Varchar(longest) | SqlType::Char(longest) => longest,
        _ => None,
    }
}

/// Whether the error names the column's own type.
fn is_of_type(column: &PgColumn, error: &PgDatabaseError) -> bool {
    TableName::parse(&column.extra.own).is_ok_and(|found| {
        Some(found.name.as_str()) == error.data_type() && found.schema.as_deref() == error.schema()
    })
}

/// The values of an operation, by column.
fn sent(operation: &Operation) -> Vec<(&str, &Value)> {
    let mut sent = Vec::new();
    let rows: &[Row] = match operation {
        Operation::Insert(insert) => &insert.rows,
        Operation::UpdateMany(update) => &update.rows,
        Operation::Differences(differences) => &differences.update.rows,
        Operation::Load(load) => &load.rows,
        Operation::Update(update) => std::slice::from_ref(&update.data),
        _ => &[],
    };
    sent.extend(rows.iter().flat_map(Row::iter));
    match operation {
        Operation::Update(update) => push_filter(&mut sent, &update.filter),
        Operation::Select(select) => push_filter(&mut sent, &select.filter),
        Operation::Count(matching) | Operation::Exists(matching) => {
            push_filter(&mut sent, &matching.filter);
        }
        Operation::Delete(delete) => push_filter(&mut sent, &delete.filter),
        _ => {}
    }
    sent
}

/// The values of conditions on the table itself.
fn push_filter<'o>(sent: &mut Vec<(&'o str, &'o Value)>, filter: &'o Filter) {
    match filter {
        Filter::And(all) | Filter::AnyOf(all) => {
            all.iter().for_each(|part| push_filter(sent, part))
        }
        Filter::Test(condition) => {
            let values: &[Value] = match &condition.test {
                Test::Dict(Value::Array(values)) => values,
                Test::Dict(value)
                | Test::Eq(value)
                | Test::Ne(value)
                | Test::Gt(value)
                | Test::Gte(value)
                | Test::Lt(value)
                | Test::Lte(value) => std::slice::from_ref(value),
                Test::In(values) | Test::NotIn(values) | Test::InAnySpelling(values) => values,
                // patterns are text, whatever the column is
                _ => &[],
            };
            sent.extend(
                values
                    .iter()
                    .map(|value| (condition.column.as_str(), value)),
            );
        }
        // what refers to another table has other columns
        _ => {}
    }
}

/// The only one that it can be, where nothing may be asked any more: the transaction has failed.
pub(super) fn only<'s>(failure: &Failure, suspects: &'s [Suspect]) -> Option<&'s Suspect> {
    let certain = failure.server().is_some_and(|error| {
        error.data_type().is_some()
            || READING.contains(&error.code())
            || SYNTAX.contains(&error.code())
            || is_name_in_value(error)
    });
    match suspects {
        [one] if certain => Some(one),
        _ => None,
    }
}

/// The one whose values alone give the same error.
pub(super) async fn guilty<'s>(
    conn: &mut Connection,
    failure: &Failure,
    suspects: &'s [Suspect],
) -> Option<&'s Suspect> {
    for suspect in suspects {
        if let (TOO_LONG, Some(longest)) = (failure.code(), suspect.longest) {
            match is_longer(conn, suspect, longest).await {
                Ok(true) => return Some(suspect),
                Ok(false) => continue,
                Err(_) => return None,
            }
        }
        let sql = format!(
            "SELECT pg_catalog.count(v{}::{}) FROM pg_catalog.unnest($1::text[]) AS v",
            suspect.through, suspect.cast
        );
        let values = Param::Texts(suspect.values.clone());
        match fetch_plain(conn, sql, vec![values]).await {
            Ok(_) => {}
            Err(found) if found.code() == failure.code() => return Some(suspect),
            // with its length, as COPY reads it, another rule may come first
            Err(found) if is_of_value(found.code()) && is_of_value(failure.code()) => {
                return Some(suspect);
            }
            // what else is wrong says nothing about the values; a lost connection ends the search
            Err(found) if found.is_lost() => return None,
            Err(_) => {}
        }
    }
    None
}

/// Whether a value is longer than its column, without the blanks that do not count. Cast to the type with
/// its length it would be cut.
async fn is_longer(
    conn: &mut Connection,
    suspect: &Suspect,
    longest: u32,
) -> Result<bool, Failure> {
    let sql = format!(
        "SELECT pg_catalog.bool_or(pg_catalog.length(pg_catalog.rtrim(v, ' ')) OPERATOR(pg_catalog.>) {longest}) \
         FROM pg_catalog.unnest($1::text[]) AS v"
    );
    let rows = fetch_plain(conn, sql, vec![Param::Texts(suspect.values.clone())]).await?;
    let found = rows.first().and_then(|row| row.first());
    Ok(found == Some(&Value::Bool(true)))
}

fn is_of_value(code: &str) -> bool {
    invalid_value(code).is_some()
}

/// The error with the column that a sum was for.
pub(super) fn named_sum(
    mut error: Error,
    failure: &Failure,
    operation: &Operation,
    table: Option<&PgTable>,
) -> Error {
    if let Error::InvalidValue(details) = &mut error
        && details.column.is_none()
    {
        details.column = sum(failure, operation, table).map(str::to_owned);
    }
    error
}

/// The error with the name.
pub(super) fn named(mut error: Error, suspect: &Suspect) -> Error {
    match &mut error {
        Error::NotNullViolation(violation) | Error::CheckViolation(violation)
            if violation.columns.is_empty() =>
        {
            violation.columns.push(suspect.name.clone());
        }
        Error::InvalidValue(details) if details.column.is_none() => {
            details.column = Some(suspect.name.clone());
            details.expected.get_or_insert_with(|| suspect.cast.clone());
        }
        Error::InvalidQuery { .. } | Error::Database { .. } => {
            let mut details = InvalidValue::new("the text is not a value of the type");
            details.column = Some(suspect.name.clone());
            details.expected = Some(suspect.cast.clone());
            error = details.into();
        }
        _ => {}
    }
    error
}
