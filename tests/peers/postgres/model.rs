//! The rows as typed by hand, and the statements of the peers that take SQL.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

pub const SELECT: &str =
    "SELECT id, owner_id, name, price, at, ok, score, code FROM item WHERE id = $1";
pub const INSERT: &str =
    "INSERT INTO item (owner_id, name, price, at, ok, score, code) VALUES ($1, $2, $3, $4, $5, $6, $7)
     RETURNING id, owner_id, name, price, at, ok, score, code";
pub const UPDATE: &str = "UPDATE item SET name = $1, score = $2 WHERE id = $3
     RETURNING id, owner_id, name, price, at, ok, score, code";
pub const UPDATE_COUNT: &str = "UPDATE item SET name = $1, score = $2 WHERE id = $3";
pub const SELECT_MIX: &str = "SELECT id, u, name, price, at, d, ok, doc, f, tags FROM mix";
pub const UNNEST: &str = "INSERT INTO bulk (owner_id, name, price, at, ok, score, code)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::numeric[], $4::timestamptz[], $5::bool[], $6::float8[], $7::text[])";
pub const COPY: &str =
    "COPY bulk (owner_id, name, price, at, ok, score, code) FROM STDIN (FORMAT binary)";

/// A row of the tables `item` and `bulk`.
#[allow(dead_code, reason = "decoded, not read")]
#[derive(sqlx::FromRow)]
pub struct Item {
    pub id: i64,
    pub owner_id: i64,
    pub name: String,
    pub price: Decimal,
    pub at: DateTime<Utc>,
    pub ok: bool,
    pub score: f64,
    pub code: String,
}

/// The columns that a new row is given.
pub struct NewItem {
    pub owner_id: i64,
    pub name: String,
    pub price: Decimal,
    pub at: DateTime<Utc>,
    pub ok: bool,
    pub score: f64,
    pub code: String,
}

impl NewItem {
    pub fn of(number: i64) -> Self {
        NewItem {
            owner_id: number % 100 + 1,
            name: name(number),
            price: Decimal::new(number * 100 + number % 100, 2),
            at: at(),
            ok: number % 2 == 0,
            score: score(number),
            code: format!("c-{number}"),
        }
    }
}

pub fn name(number: i64) -> String {
    format!("name of row {number}")
}

pub fn score(number: i64) -> f64 {
    number as f64 * 0.5
}

pub fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_795_397_135_896_668).expect("a time")
}

/// A row of the table `mix`.
#[allow(dead_code, reason = "decoded, not read")]
#[derive(sqlx::FromRow, Deserialize)]
pub struct Mix {
    pub id: i64,
    pub u: Uuid,
    pub name: String,
    pub price: Option<Decimal>,
    pub at: Option<DateTime<Utc>>,
    pub d: NaiveDate,
    pub ok: bool,
    pub doc: serde_json::Value,
    pub f: f64,
    pub tags: Vec<String>,
}
