//! Values for the cases, short to write.

use db_adapter::prelude::*;
use db_adapter::{Json, Numeric};

pub(crate) fn num(text: &str) -> Value {
    Numeric::parse(text).unwrap().into()
}

pub(crate) fn json(text: &str) -> Value {
    Json::parse(text).unwrap().into()
}

/// One column of all the rows.
pub(crate) fn column(rows: &[Row], name: &str) -> Vec<Value> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// One column of integers.
pub(crate) fn ints(rows: &[Row], name: &str) -> Vec<i64> {
    rows.iter().map(|row| row.get(name).unwrap()).collect()
}

/// One column of texts.
pub(crate) fn texts(rows: &[Row], name: &str) -> Vec<String> {
    rows.iter().map(|row| row.get(name).unwrap()).collect()
}
