//! The time of a statement, as a canonical value of a column: SQLite's own is text of another form.

use std::time::{SystemTime, UNIX_EPOCH};

use db_adapter_core::{SqlType, temporal};

use super::catalog::{Column, Table};
use crate::value::{Limits, canonicalize};
use crate::{Error, Result, Rounding, Value};

/// From 1970 to 2000, where PostgreSQL's times begin, in microseconds.
const TO_2000: i64 = 946_684_800_000_000;
const DAY: i64 = 86_400_000_000;

/// Now, with as many digits as the column keeps.
pub(super) fn now(table: &Table, column: &Column) -> Result<Value> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let micros = since_1970.and_then(|time| i64::try_from(time.as_micros()).ok());
    let text = micros.and_then(|micros| text(&column.sql_type, micros - TO_2000));
    let Some(text) = text else {
        return Err(Error::internal(format!(
            "the clock of this machine shows no time for the column `{}` of `{}`",
            column.name, table.name
        )));
    };
    let limits = Limits {
        digits: column.digits,
        rounding: Rounding::Database,
    };
    match canonicalize(&Value::Text(text.into()), &column.sql_type, limits) {
        Ok(value) => Ok(value.into_owned()),
        Err(details) => Err(table.not_fitting(&column.name, details)),
    }
}

fn text(sql_type: &SqlType, micros: i64) -> Option<String> {
    match sql_type {
        SqlType::Timestamptz => Some(temporal::format_timestamptz(micros)),
        SqlType::Timestamp => Some(temporal::format_timestamp(micros)),
        SqlType::Date => {
            let days = i32::try_from(micros.div_euclid(DAY)).ok()?;
            Some(temporal::format_date(days))
        }
        _ => None,
    }
}
