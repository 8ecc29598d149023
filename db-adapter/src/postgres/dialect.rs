//! How PostgreSQL writes the parts of a statement.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use super::catalog::{ColumnFacts, PgColumn, PgTable, TableFacts};
use super::decode::scalar;
use super::encode::Param;
use super::guard::Guard;
use super::same_types::same_key;
use super::types::Scalar;
use crate::error::InvalidValue;
use crate::query::{Columns, LockStrength, OrderTerm, RowLock};
use crate::sql::{Ability, Comparison, Dialect, Sql};
use crate::value::text_of;
use crate::{Error, Filter, Result, Value};
use db_adapter_core::{SqlType, TableName, push_quoted};

pub(super) struct Postgres;

impl Dialect for Postgres {
    type TableExtra = TableFacts;
    type ColumnExtra = ColumnFacts;
    type Param = Param;

    const BACKEND: &'static str = "PostgreSQL";

    fn to_value(param: Param) -> Result<Value> {
        let text = |text: Option<String>| text.map_or(Value::Null, |text| Value::Text(text.into()));
        let bytes =
            |bytes: Option<Vec<u8>>| bytes.map_or(Value::Null, |bytes| Value::Bytes(bytes.into()));
        Ok(match param {
            Param::Text(one) => text(one),
            Param::Binary(_, None) => Value::Null,
            Param::Binary(kind, Some(bytes)) => {
                scalar(kind, &bytes).map(Value::from).ok_or_else(|| {
                    Error::internal("a parameter cannot be read as the value that it was made of")
                })?
            }
            Param::Bytes(one) => bytes(one),
            Param::Int(int) => Value::Int(int),
            Param::Texts(list) => Value::Array(list.into_iter().map(text).collect()),
            Param::ByteStrings(list) => Value::Array(list.into_iter().map(bytes).collect()),
        })
    }

    fn push_name(text: &mut String, name: &str) {
        push_quoted(text, name);
    }

    /// As it was found, not as the caller wrote it: the search path of another connection may
    /// differ.
    fn push_table(text: &mut String, table: &PgTable) {
        table.extra.found.push_quoted(text);
    }

    fn push_output(text: &mut String, column: &PgColumn, qualified: bool) {
        if qualified {
            text.push_str("t.");
        }
        push_quoted(text, &column.name);
        text.push_str(&column.extra.ty.output);
    }

    fn push_data(
        sql: &mut Sql<Param>,
        column: &PgColumn,
        value: &Value,
    ) -> Result<(), InvalidValue> {
        push_value(sql, column, value);
        Ok(())
    }

    fn push_sum(
        sql: &mut Sql<Param>,
        column: &PgColumn,
        push_summand: impl FnOnce(&mut Sql<Param>) -> Result<()>,
    ) -> Result<()> {
        sql.push_column::<Self>(column);
        sql.push(" OPERATOR(pg_catalog.+) ");
        push_summand(sql)
    }

    fn push_comparison(
        sql: &mut Sql<Param>,
        column: &PgColumn,
        comparison: Comparison,
        value: &Value,
    ) -> Result<()> {
        push_operand(sql, column);
        sql.push(" ");
        sql.push(comparison.symbol());
        sql.push(" ");
        push_value(sql, column, value);
        Ok(())
    }

    fn push_membership(
        sql: &mut Sql<Param>,
        column: &PgColumn,
        values: &[Value],
        negated: bool,
    ) -> Result<()> {
        push_operand(sql, column);
        let list = list(column, values.iter());
        let wire = list.wire();
        let native = matches!(list, Param::ByteStrings(_));
        let n = sql.param(list);
        let (cast, through) = (&column.extra.ty.cast, column.extra.ty.through);
        if column.extra.ty.is_array || !through.is_empty() {
            // an array of arrays would be one array of more dimensions
            let word = if negated { " NOT IN" } else { " IN" };
            sql.push(&format!(
                "{word} (SELECT x{through}::{cast} FROM unnest(${n}{wire}) AS x)"
            ));
            return Ok(());
        }
        sql.push(if negated { " <> ALL (" } else { " = ANY (" });
        sql.push(&format!("${n}{wire}"));
        if !native {
            sql.push(&format!("::{cast}[]"));
        }
        sql.push(")");
        Ok(())
    }

    fn push_like(
        sql: &mut Sql<Param>,
        column: &PgColumn,
        pattern: &str,
        fold_case: bool,
    ) -> Result<()> {
        sql.push_column::<Self>(column);
        if !matches!(column.sql_type, SqlType::Text | SqlType::Varchar(_)) {
            // citext would ignore the case, an enum has no patterns; text keeps its indexes
            sql.push("::text");
        }
        sql.push(if fold_case { " ILIKE " } else { " LIKE " });
        let n = sql.param(Param::Text(Some(pattern.to_owned())));
        sql.push(&format!("${n}::text"));
        Ok(())
    }

    fn never_null(table: &PgTable, column: &PgColumn) -> bool {
        let mut key = table.primary_key.iter();
        key.any(|i| table.columns.get(*i).is_some_and(|c| c.name == column.name))
    }

    /// What its type is called does not tell, where the elements travel as text.
    fn is_array(column: &PgColumn) -> bool {
        column.extra.ty.is_array
    }

    fn has(column: &PgColumn, ability: Ability) -> bool {
        !column.extra.ty.lacks.contains(&ability)
    }

    fn push_order_key(text: &mut String, column: &PgColumn) {
        text.push_str("t.");
        push_quoted(text, &column.name);
    }

    fn guard<'t>(
        table: &'t PgTable,
        others: &'t [(TableName, Arc<PgTable>)],
        columns: Option<&Columns>,
        filter: &Filter,
        after: &[OrderTerm],
    ) -> Result<Option<Cow<'t, str>>> {
        let is_whole = matches!(filter, Filter::All) && after.is_empty();
        if let (Some(Columns::All), true) = (columns, is_whole) {
            return Ok(table.extra.texts.guard.as_deref().map(Cow::Borrowed));
        }
        let mut guard = Guard::default()
            .given(table, columns)?
            .filtered(table, others, filter)?;
        for term in after {
            guard.push([table.column(&term.column)?]);
        }
        Ok(guard.text().map(Cow::Owned))
    }

    fn key_guard(table: &PgTable) -> Option<String> {
        let columns = table.primary_key.iter();
        let columns = columns.filter_map(|at| table.columns.get(*at));
        let names: Vec<&str> = columns.map(|column| &*column.name).collect();
        (!names.is_empty()).then(|| same_key(&table.extra.found, &names))
    }

    fn push_lock(text: &mut String, lock: RowLock) {
        text.push_str(match lock.strength {
            LockStrength::Update => " FOR UPDATE OF t",
            LockStrength::Share => " FOR SHARE OF t",
            LockStrength::KeyShare => " FOR KEY SHARE OF t",
        });
        text.push_str(if lock.skip_locked { " SKIP LOCKED" } else { "" });
    }

    fn push_limit(sql: &mut Sql<Param>, limit: Option<u64>, offset: Option<u64>) {
        // no table has more rows than an int8 counts
        let clamped = |n: u64| Param::Int(i64::try_from(n).unwrap_or(i64::MAX));
        for (word, number) in [(" LIMIT ", limit), (" OFFSET ", offset)] {
            if let Some(number) = number {
                sql.push(word);
                let n = sql.param(clamped(number));
                push_number(&mut sql.text, n);
                sql.push("::int8");
            }
        }
    }
}

/// A column that is compared. A domain over an enum has no operators of its own, other than every
/// other domain: PostgreSQL's are those of any enum, and do not look below the domain.
fn push_operand(sql: &mut Sql<Param>, column: &PgColumn) {
    sql.push_column::<Postgres>(column);
    if column.extra.is_domain && matches!(column.sql_type, SqlType::Enum(_)) {
        sql.push("::");
        sql.push(&column.extra.ty.cast);
    }
}

/// The time of the statement, as a value of the column's type, whatever the session's zone is.
pub(super) fn push_now(sql: &mut Sql<Param>, column: &PgColumn) {
    sql.push("(pg_catalog.statement_timestamp()");
    if column.sql_type != SqlType::Timestamptz {
        sql.push(" AT TIME ZONE 'UTC'");
    }
    sql.push(")::");
    sql.push(&column.extra.ty.cast);
}

/// `$1::T` for a value in the binary format of its type, else `$1::text::T`: the first cast states
/// the wire type, the last one the type that is meant.
fn push_value(sql: &mut Sql<Param>, column: &PgColumn, value: &Value) {
    let ty = &column.extra.ty;
    let param = match (ty.binary, value) {
        (Some(Scalar::Bytea), Value::Bytes(bytes)) => Param::Bytes(Some(bytes.to_vec())),
        (Some(Scalar::Bytea), Value::Null) => Param::Bytes(None),
        (Some(scalar), value) => {
            Param::binary(scalar, value).unwrap_or_else(|| Param::Text(text_of(value)))
        }
        (None, value) => Param::Text(text_of(value)),
    };
    let wire = param.wire();
    let is_all = matches!(param, Param::Bytes(_));
    let n = sql.param(param);
    push_number(&mut sql.text, n);
    sql.push(wire);
    if !is_all {
        sql.push(ty.through);
        sql.push("::");
        sql.push(&ty.cast);
    }
}

/// `$1`.
fn push_number(text: &mut String, number: usize) {
    text.push('$');
    // writing into memory does not fail
    let _ = write!(text, "{number}");
}

/// A list of values of a column as one parameter.
pub(super) fn list<'a>(column: &PgColumn, values: impl Iterator<Item = &'a Value>) -> Param {
    if is_bytes(column) {
        return Param::ByteStrings(
            values
                .map(|value| match value {
                    Value::Bytes(bytes) => Some(bytes.to_vec()),
                    _ => None,
                })
                .collect(),
        );
    }
    Param::Texts(values.map(text_of).collect())
}

fn is_bytes(column: &PgColumn) -> bool {
    column.sql_type == SqlType::Bytea
}

/// Text as a string constant, whatever `standard_conforming_strings` is.
pub(super) fn push_literal(sql: &mut String, text: &str) {
    sql.push_str("E'");
    sql.push_str(&text.replace('\\', "\\\\").replace('\'', "''"));
    sql.push('\'');
}

/// Refuses what the lexer of callers' text cannot see: text with a NUL ends the protocol's string.
pub(super) fn no_nul(sql: &str) -> Result<()> {
    if sql.contains('\0') {
        return Err(Error::invalid_query(
            "the SQL text holds a NUL character",
            "remove it",
        ));
    }
    Ok(())
}
