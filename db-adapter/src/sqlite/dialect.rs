//! How SQLite writes the parts of a statement: comparisons that mean what PostgreSQL's mean.

use std::cmp::Ordering;

use db_adapter_core::{Affinity, SqlType, float, numeric};

use super::catalog::{Column, ColumnExtra, TableExtra};
use super::encode::{self, Param};
use super::{affinity, collation, pattern};
use crate::error::InvalidValue;
use crate::sql::{self, Comparison, Dialect};
use crate::{Error, ExactJson, Result, Value};

pub(super) type Sql = sql::Sql<Param>;

/// Up to here a list is written out; longer ones are one JSON parameter where that is exact.
const SHORT_LIST: usize = 500;
/// The longest list that is written out because JSON cannot hold its values.
const LONGEST_LIST: usize = 30_000;

pub(super) struct SqliteDialect;

impl Dialect for SqliteDialect {
    type TableExtra = TableExtra;
    type ColumnExtra = ColumnExtra;
    type Param = Param;

    const BACKEND: &'static str = "SQLite";

    /// In back-ticks: SQLite takes an unknown name in double quotes for a string.
    fn push_name(text: &mut String, name: &str) {
        text.push('`');
        for (i, part) in name.split('`').enumerate() {
            text.push_str(if i > 0 { "``" } else { "" });
            text.push_str(part);
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

    fn push_comparison(
        sql: &mut Sql,
        column: &Column,
        comparison: Comparison,
        value: &Value,
    ) -> Result<()> {
        if column.sql_type == SqlType::Uuid && matches!(comparison, Comparison::Eq | Comparison::Ne)
        {
            // the spellings that people write, so that an index on the column is used
            let params = uuid_spellings(value);
            push_in(sql, column, params, comparison == Comparison::Ne);
            return Ok(());
        }
        let (comparison, param) = match compared(column, comparison, value) {
            Compared::With(comparison, param) => (comparison, param),
            Compared::Never => {
                sql.push("1 = 0");
                return Ok(());
            }
            Compared::NotNull => {
                push_column(&mut sql.text, column);
                sql.push(" IS NOT NULL");
                return Ok(());
            }
        };
        push_operand(&mut sql.text, column, &param);
        sql.push(" ");
        sql.push(comparison.symbol());
        sql.push(" ");
        push_param(sql, param);
        Ok(())
    }

    fn push_membership(
        sql: &mut Sql,
        column: &Column,
        values: &[Value],
        negated: bool,
    ) -> Result<()> {
        let params: Vec<Param> = match &column.sql_type {
            SqlType::Uuid => values.iter().flat_map(uuid_spellings).collect(),
            _ => values
                .iter()
                .filter_map(|value| match compared(column, Comparison::Eq, value) {
                    Compared::With(_, param) => Some(param),
                    _ => None,
                })
                .collect(),
        };
        if params.is_empty() && negated {
            push_column(&mut sql.text, column);
            sql.push(" IS NOT NULL");
        } else if params.is_empty() {
            sql.push("1 = 0");
        } else if params.len() <= SHORT_LIST {
            push_in(sql, column, params, negated);
        } else if let Some(json) = json_list(&params) {
            push_list_operand(&mut sql.text, column, &params);
            sql.push(if negated { " NOT IN (" } else { " IN (" });
            sql.push("SELECT value FROM json_each(");
            push_param(sql, Param::Text(json));
            sql.push("))");
        } else if params.len() <= LONGEST_LIST {
            push_in(sql, column, params, negated);
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
            push_column(&mut sql.text, column);
            sql.push(", ' ')");
        } else {
            push_column(&mut sql.text, column);
        }
        sql.push(" GLOB ");
        push_param(sql, Param::Text(glob));
        Ok(())
    }

    fn push_order_key(text: &mut String, column: &Column) {
        push_column(text, column);
        push_collation(text, column);
    }

    fn push_limit(sql: &mut Sql, limit: Option<u64>, offset: Option<u64>) {
        let number = |n: u64| Param::Int(i64::try_from(n).unwrap_or(i64::MAX));
        if limit.is_none() && offset.is_none() {
            return;
        }
        sql.push(" LIMIT ");
        push_param(sql, limit.map_or(Param::Int(-1), number));
        if let Some(offset) = offset {
            sql.push(" OFFSET ");
            push_param(sql, number(offset));
        }
    }
}

/// Numbered, since a statement of ours may follow another one in the same text.
pub(super) fn push_param(sql: &mut Sql, param: Param) {
    let number = sql.param(param);
    sql.push("?");
    sql.push(&number.to_string());
}

fn push_column(text: &mut String, column: &Column) {
    text.push_str("t.");
    SqliteDialect::push_name(text, &column.name);
}

fn push_collation(text: &mut String, column: &Column) {
    if let Some(collation) = collation::of(column) {
        text.push_str(" COLLATE ");
        text.push_str(collation);
    }
}

/// The column as the left side of a comparison with a value.
fn push_operand(text: &mut String, column: &Column, param: &Param) {
    // a column that keeps numbers would turn the other side into a number as well: `'007'` is 7
    if column.sql_type.is_text() && looks_numeric(column, param) {
        text.push('+');
    }
    push_column(text, column);
    push_collation(text, column);
}

fn push_list_operand(text: &mut String, column: &Column, params: &[Param]) {
    let numeric = Param::Text("0".to_owned());
    let plain = Param::Null;
    let any = params.iter().any(|param| looks_numeric(column, param));
    push_operand(text, column, if any { &numeric } else { &plain });
}

fn looks_numeric(column: &Column, param: &Param) -> bool {
    !matches!(column.extra.affinity, Affinity::Text | Affinity::Blob)
        && matches!(param, Param::Text(text) if affinity::number(text).is_some())
}

fn push_in(sql: &mut Sql, column: &Column, params: Vec<Param>, negated: bool) {
    if column.sql_type == SqlType::Uuid {
        // equal as texts, so that an index is used
        push_column(&mut sql.text, column);
    } else {
        push_list_operand(&mut sql.text, column, &params);
    }
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
    let values: Option<Vec<Value>> = params
        .iter()
        .map(|param| match param {
            Param::Int(int) => Some(Value::Int(*int)),
            Param::Text(text) => Some(Value::Text(text.as_str().into())),
            _ => None,
        })
        .collect();
    values.map(|values| values.to_json())
}

fn uuid_spellings(value: &Value) -> Vec<Param> {
    let Some(lower) = value.as_str() else {
        return vec![encode::bare(value)];
    };
    let simple = lower.replace('-', "");
    [
        lower.to_owned(),
        lower.to_ascii_uppercase(),
        simple.to_ascii_uppercase(),
        simple,
    ]
    .map(Param::Text)
    .into()
}

/// What a comparison comes down to.
#[derive(Debug, PartialEq)]
enum Compared {
    With(Comparison, Param),
    Never,
    /// True for every value.
    NotNull,
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

/// A decimal against a column of integers and floats, each of which stands for its shortest
/// decimal: exact, where the decimal itself is no float.
fn against_numbers(comparison: Comparison, decimal: &str) -> Compared {
    if let Some(int) = numeric::to_i64(decimal) {
        return Compared::With(comparison, Param::Int(int));
    }
    if decimal == "NaN" {
        return Compared::With(comparison, encode::real(f64::NAN));
    }
    let whole = decimal.split('.').next().unwrap_or(decimal);
    let below = match numeric::to_i64(whole).filter(|int| int.unsigned_abs() >= 1 << 53) {
        // only integers are stored here: the one below decides
        Some(int) if decimal.starts_with('-') => {
            (Param::Int(int.saturating_sub(1)), Ordering::Less)
        }
        Some(int) => (Param::Int(int), Ordering::Less),
        None => {
            // the nearest; beyond the largest it is an infinity
            let float: f64 = match decimal {
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                digits => digits.parse().unwrap_or(f64::NAN),
            };
            let side = numeric::compare(&float::format_f64(float), decimal);
            (Param::Real(float), side)
        }
    };
    let (param, side) = below;
    let comparison = match (side, comparison) {
        (Ordering::Equal, comparison) => comparison,
        (_, Comparison::Eq) => return Compared::Never,
        (_, Comparison::Ne) => return Compared::NotNull,
        (Ordering::Less, Comparison::Gt | Comparison::Gte) => Comparison::Gt,
        (Ordering::Less, Comparison::Lt | Comparison::Lte) => Comparison::Lte,
        (Ordering::Greater, Comparison::Gt | Comparison::Gte) => Comparison::Gte,
        (Ordering::Greater, Comparison::Lt | Comparison::Lte) => Comparison::Lt,
    };
    Compared::With(comparison, param)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_that_is_no_float_compares_exactly() {
        use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
        for (comparison, decimal, expected) in [
            (Eq, "1.5", Compared::With(Eq, Param::Real(1.5))),
            (Eq, "0.10", Compared::With(Eq, Param::Real(0.1))),
            (Gte, "7.00", Compared::With(Gte, Param::Int(7))),
            (Eq, "0.1000000000000000000001", Compared::Never),
            (Ne, "0.1000000000000000000001", Compared::NotNull),
            (
                Gt,
                "0.1000000000000000000001",
                Compared::With(Gt, Param::Real(0.1)),
            ),
            (
                Lt,
                "0.1000000000000000000001",
                Compared::With(Lte, Param::Real(0.1)),
            ),
            (
                Gte,
                "0.0999999999999999999999",
                Compared::With(Gte, Param::Real(0.1)),
            ),
            (
                Lte,
                "0.0999999999999999999999",
                Compared::With(Lt, Param::Real(0.1)),
            ),
            (
                Gt,
                "9223372036854775806.5",
                Compared::With(Gt, Param::Int(9223372036854775806)),
            ),
            (
                Lt,
                "-9007199254740993.5",
                Compared::With(Lte, Param::Int(-9007199254740994)),
            ),
            (
                Eq,
                "Infinity",
                Compared::With(Eq, Param::Real(f64::INFINITY)),
            ),
            (Eq, "NaN", Compared::With(Eq, Param::Text("NaN".into()))),
        ] {
            assert_eq!(
                against_numbers(comparison, decimal),
                expected,
                "{comparison:?} {decimal}"
            );
        }
        let huge = "9".repeat(400);
        assert_eq!(
            against_numbers(Gt, &huge),
            Compared::With(Gte, Param::Real(f64::INFINITY))
        );
    }

    #[test]
    fn names_are_never_read_as_strings() {
        let mut text = String::new();
        SqliteDialect::push_name(&mut text, "a`b\"c");
        assert_eq!(text, "`a``b\"c`");
    }
}
