//! How SQLite writes the parts of a statement: comparisons that mean what PostgreSQL's mean.

use std::borrow::Cow;

use db_adapter_core::{Affinity, SqlType};

use super::catalog::{Column, ColumnExtra, Table, TableExtra};
use super::decimal::{Compared, against_numbers};
use super::encode::{self, Param};
use super::{affinity, collation, pattern, sum, uuids};
use crate::error::InvalidValue;
use crate::query::RowLock;
use crate::sql::{self, Ability, Comparison, Dialect};
use crate::{Error, ExactJson, Result, Value};

pub(super) type Sql = sql::Sql<Param>;

/// Up to here a list is written out; longer ones are one JSON parameter where that is exact.
const SHORT_LIST: usize = 500;
/// Up to here uuids are looked for in all their spellings, by an index.
const LONGEST_SPELLED: usize = 10_000;
/// The longest list that is written out because JSON cannot hold its values.
const LONGEST_LIST: usize = 30_000;

pub(super) struct SqliteDialect;

impl Dialect for SqliteDialect {
    type TableExtra = TableExtra;
    type ColumnExtra = ColumnExtra;
    type Param = Param;

    const BACKEND: &'static str = "SQLite";

    fn to_value(param: Param) -> Result<Value> {
        Ok(match param {
            Param::Null => Value::Null,
            Param::Int(int) => Value::Int(int),
            Param::Real(real) => Value::Float(real),
            Param::Text(text) => Value::Text(text.into()),
            Param::Blob(bytes) => Value::Bytes(bytes.into()),
        })
    }

    /// In back-ticks: SQLite takes an unknown name in double quotes for a string.
    fn push_name(text: &mut String, name: &str) {
        text.push('`');
        if name.as_bytes().contains(&b'`') {
            text.push_str(&name.replace('`', "``"));
        } else {
            text.push_str(name);
        }
        text.push('`');
    }

    fn push_output(text: &mut String, column: &Column, qualified: bool) {
        text.push_str(if qualified { "t." } else { "" });
        Self::push_name(text, &column.name);
    }

    fn push_data(sql: &mut Sql, column: &Column, value: &Value) -> Result<(), InvalidValue> {
        let param = encode::data(column, value)?;
        push_param(sql, param);
        Ok(())
    }

    fn push_sum(
        sql: &mut Sql,
        column: &Column,
        push_summand: impl FnOnce(&mut Sql) -> Result<()>,
    ) -> Result<()> {
        sum::push(sql, column, push_summand)
    }

    /// Rows may have a uuid in a spelling that only the caller knows.
    fn sought<'v>(column: &Column, given: &'v Value, canonical: Cow<'v, Value>) -> Cow<'v, Value> {
        match column.sql_type {
            SqlType::Uuid => Cow::Borrowed(given),
            _ => canonical,
        }
    }

    fn push_comparison(
        sql: &mut Sql,
        column: &Column,
        comparison: Comparison,
        value: &Value,
    ) -> Result<()> {
        if column.sql_type == SqlType::Uuid && matches!(comparison, Comparison::Eq | Comparison::Ne)
        {
            // the spellings that people write, so that an index on the column is used
            let params = uuids::usual(value);
            push_in(sql, column, params, true, comparison == Comparison::Ne);
            return Ok(());
        }
        let (comparison, param) = match compared(column, comparison, value) {
            Compared::With(comparison, param) => (comparison, param),
            Compared::Never => {
                sql.push("1 = 0");
                return Ok(());
            }
            Compared::NotNull => {
                sql.push_column::<Self>(column);
                sql.push(" IS NOT NULL");
                return Ok(());
            }
        };
        push_operand(sql, column, &param);
        sql.push(" ");
        sql.push(comparison.symbol());
        sql.push(" ");
        push_param(sql, param);
        Ok(())
    }

    /// SQLite compares each constant of a statement with all before it, and cannot be interrupted while it
    /// does: a second at this number, and four times as much at twice.
    const MOST_CONDITIONS: usize = 10_000;

    const LISTS_ROWS: bool = true;

    fn listed(sql: &Sql, column: &Column, value: &Value) -> Option<(String, Param)> {
        if column.sql_type == SqlType::Uuid {
            return None; // looked for in several spellings
        }
        match compared(column, Comparison::Eq, value) {
            Compared::With(Comparison::Eq, param) => {
                let mut operand = Sql::new("");
                operand.alias.clone_from(&sql.alias);
                push_operand(&mut operand, column, &param);
                Some((operand.text, param))
            }
            _ => None,
        }
    }

    fn push_row_list(sql: &mut Sql, columns: &[String], rows: Vec<Vec<Param>>) -> Result<()> {
        let params = rows.len() * columns.len();
        sql.push("(");
        sql.push(&columns.join(", "));
        sql.push(") IN (");
        if let Some(json) = json_rows(&rows) {
            // one parameter, and one text for a list of any length
            for place in 0..columns.len() {
                sql.push(if place == 0 { "SELECT " } else { ", " });
                sql.push(&format!("json_extract(value, '$[{place}]')"));
            }
            sql.push(" FROM json_each(");
            push_param(sql, Param::Text(json));
            sql.push(")");
        } else if params <= LONGEST_LIST {
            for (i, row) in rows.into_iter().enumerate() {
                sql.push(if i == 0 { "VALUES (" } else { "), (" });
                for (place, param) in row.into_iter().enumerate() {
                    sql.push(if place == 0 { "" } else { ", " });
                    push_param(sql, param);
                }
            }
            sql.push(")");
        } else {
            return Err(Error::invalid_query(
                format!(
                    "the alternatives of a filter name {params} values, SQLite takes {LONGEST_LIST} of these types"
                ),
                "split them into several calls",
            ));
        }
        sql.push(")");
        Ok(())
    }

    fn push_membership(
        sql: &mut Sql,
        column: &Column,
        values: &[Value],
        negated: bool,
    ) -> Result<()> {
        let spelled = column.sql_type == SqlType::Uuid && values.len() <= LONGEST_SPELLED;
        let params: Vec<Param> = match spelled {
            true => values.iter().flat_map(uuids::usual).collect(),
            false => values
                .iter()
                .filter_map(|value| match compared(column, Comparison::Eq, value) {
                    Compared::With(_, param) => Some(param),
                    _ => None,
                })
                .collect(),
        };
        if params.is_empty() && negated {
            sql.push_column::<Self>(column);
            sql.push(" IS NOT NULL");
        } else if params.is_empty() {
            sql.push("1 = 0");
        } else if params.len() <= SHORT_LIST {
            push_in(sql, column, params, spelled, negated);
        } else if let Some(json) = json_list(&params) {
            push_list_operand(sql, column, &params, spelled);
            sql.push(if negated { " NOT IN (" } else { " IN (" });
            sql.push("SELECT value FROM json_each(");
            push_param(sql, Param::Text(json));
            sql.push("))");
        } else if params.len() <= LONGEST_LIST {
            push_in(sql, column, params, spelled, negated);
        } else {
            return Err(Error::invalid_query(
                format!(
                    "the list for column `{}` has {} values, SQLite takes {LONGEST_LIST} of this type",
                    column.name,
                    params.len()
                ),
                "split it into several calls",
            ));
        }
        Ok(())
    }

    fn push_any_spelling(sql: &mut Sql, column: &Column, values: &[Value]) -> Result<()> {
        match column.sql_type {
            SqlType::Uuid if values.len() <= LONGEST_SPELLED => {
                uuids::push_any(sql, column, values);
                Ok(())
            }
            // a collation compares them by what they mean, and so do long lists of uuids
            _ => Self::push_membership(sql, column, values, false),
        }
    }

    fn push_like(sql: &mut Sql, column: &Column, pattern: &str, fold_case: bool) -> Result<()> {
        let fold_case = fold_case || column.sql_type == SqlType::Citext;
        let Some(glob) = pattern::glob(pattern, fold_case) else {
            return Err(Error::invalid_query(
                format!("the pattern for column `{}` is too long", column.name),
                format!("SQLite takes {} bytes", pattern::MOST_BYTES),
            ));
        };
        if matches!(column.sql_type, SqlType::Char(_)) {
            sql.push("rtrim(");
            sql.push_column::<Self>(column);
            sql.push(", ' ')");
        } else {
            sql.push_column::<Self>(column);
        }
        sql.push(" GLOB ");
        push_param(sql, Param::Text(glob));
        Ok(())
    }

    /// Every value can be compared, ordered and grouped.
    fn has(_column: &Column, _ability: Ability) -> bool {
        true
    }

    /// Of a primary key only the number of the row is never NULL, and all of it where rows have no
    /// number.
    fn never_null(table: &Table, column: &Column) -> bool {
        let mut key = table.primary_key.iter();
        let is_key = key.any(|i| table.columns.get(*i).is_some_and(|c| c.name == column.name));
        let is_rowid =
            table.primary_key.len() == 1 && column.extra.declared.eq_ignore_ascii_case("INTEGER");
        is_key && (is_rowid || table.extra.rowid.is_none())
    }

    fn push_order_key(text: &mut String, column: &Column) {
        text.push_str("t.");
        Self::push_name(text, &column.name);
        push_collation(text, column);
    }

    /// Nobody else writes while this transaction is open, so that no row is locked by another.
    fn push_lock(_text: &mut String, _lock: RowLock) {}

    /// Numbers of ours, written out: SQLite prepares a statement anew for each value of a
    /// parameter there.
    fn push_limit(sql: &mut Sql, limit: Option<u64>, offset: Option<u64>) {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX).to_string();
        if limit.is_none() && offset.is_none() {
            return;
        }
        sql.push(" LIMIT ");
        sql.push(&limit.map_or("-1".to_owned(), number));
        if let Some(offset) = offset {
            sql.push(" OFFSET ");
            sql.push(&number(offset));
        }
    }
}

/// Without its number: SQLite and the driver look for numbered ones one after another, which
/// for thousands of them takes seconds. So parameters are added in the order of the text.
pub(super) fn push_param(sql: &mut Sql, param: Param) {
    sql.param(param);
    sql.push("?");
}

fn push_collation(text: &mut String, column: &Column) {
    if let Some(collation) = collation::of(column) {
        text.push_str(" COLLATE ");
        text.push_str(collation);
    }
}

/// The column as the left side of a comparison with a value.
fn push_operand(sql: &mut Sql, column: &Column, param: &Param) {
    // a column that keeps numbers would turn the other side into a number as well: `'007'` is 7
    if column.sql_type.is_text() && looks_numeric(column, param) {
        sql.push("+");
    }
    sql.push_column::<SqliteDialect>(column);
    push_collation(&mut sql.text, column);
}

fn push_list_operand(sql: &mut Sql, column: &Column, params: &[Param], spelled: bool) {
    if spelled {
        // equal as texts, so that an index is used
        sql.push_column::<SqliteDialect>(column);
        return;
    }
    let numeric = Param::Text("0".to_owned());
    let plain = Param::Null;
    let any = params.iter().any(|param| looks_numeric(column, param));
    push_operand(sql, column, if any { &numeric } else { &plain });
}

fn looks_numeric(column: &Column, param: &Param) -> bool {
    !matches!(column.extra.affinity, Affinity::Text | Affinity::Blob)
        && matches!(param, Param::Text(text) if affinity::number(text).is_some())
}

fn push_in(sql: &mut Sql, column: &Column, params: Vec<Param>, spelled: bool, negated: bool) {
    push_list_operand(sql, column, &params, spelled);
    sql.push(if negated { " NOT IN (" } else { " IN (" });
    for (i, param) in params.into_iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        push_param(sql, param);
    }
    sql.push(")");
}

/// The list as a JSON array, where its values are exact in one: integers or texts, not both,
/// since a text that looks like a number stays one only as a string.
fn json_list(params: &[Param]) -> Option<String> {
    json_values(params).map(|values| values.to_json())
}

/// Rows as a JSON array of arrays, likewise.
fn json_rows(rows: &[Vec<Param>]) -> Option<String> {
    let rows: Option<Vec<Value>> = rows
        .iter()
        .map(|row| json_values(row).map(|values| Value::Array(values.into())))
        .collect();
    rows.map(|rows| rows.to_json())
}

fn json_values(params: &[Param]) -> Option<Vec<Value>> {
    params
        .iter()
        .map(|param| match param {
            Param::Int(int) => Some(Value::Int(*int)),
            Param::Text(text) => Some(Value::Text(text.as_str().into())),
            _ => None,
        })
        .collect()
}

fn compared(column: &Column, comparison: Comparison, value: &Value) -> Compared {
    let affinity = column.extra.affinity;
    let numbers = !matches!(affinity, Affinity::Text | Affinity::Blob);
    match value {
        Value::Numeric(decimal) if numbers => against_numbers(comparison, decimal.as_str()),
        value => Compared::With(
            comparison,
            encode::natural(&column.sql_type, affinity, value),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_read_as_strings() {
        let mut text = String::new();
        SqliteDialect::push_name(&mut text, "a`b\"c");
        assert_eq!(text, "`a``b\"c`");
    }
}
