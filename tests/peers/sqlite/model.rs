//! The rows as typed by hand, and the statements of the peers that take SQL.

pub const SELECT: &str =
    "SELECT id, owner_id, name, price, at, ok, score, code FROM item WHERE id = ?1";
pub const INSERT: &str = "INSERT INTO item (owner_id, name, price, at, ok, score, code) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     RETURNING id, owner_id, name, price, at, ok, score, code";
pub const UPDATE: &str = "UPDATE item SET name = ?1, score = ?2 WHERE id = ?3
     RETURNING id, owner_id, name, price, at, ok, score, code";
pub const UPDATE_COUNT: &str = "UPDATE item SET name = ?1, score = ?2 WHERE id = ?3";
pub const SELECT_MIX: &str = "SELECT id, u, name, price, at, d, ok, doc, f, n FROM mix";
pub const INSERT_BULK: &str = "INSERT INTO bulk (owner_id, name, price, at, ok, score, code) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// A row of the tables `item` and `bulk`; times and decimals are text, as they are stored.
#[allow(dead_code, reason = "decoded, not read")]
pub struct Item {
    pub id: i64,
    pub owner_id: i64,
    pub name: String,
    pub price: String,
    pub at: String,
    pub ok: bool,
    pub score: f64,
    pub code: String,
}

/// The columns that a new row is given.
pub struct NewItem {
    pub owner_id: i64,
    pub name: String,
    pub price: String,
    pub at: &'static str,
    pub ok: bool,
    pub score: f64,
    pub code: String,
}

impl NewItem {
    pub fn of(number: i64) -> Self {
        NewItem {
            owner_id: number % 100 + 1,
            name: name(number),
            price: format!("{number}.{:02}", number % 100),
            at: "2026-11-23T01:25:35.896668+00:00",
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

/// A row of the table `mix`.
#[allow(dead_code, reason = "decoded, not read")]
pub struct Mix {
    pub id: i64,
    pub u: String,
    pub name: String,
    pub price: Option<String>,
    pub at: Option<String>,
    pub d: String,
    pub ok: bool,
    pub doc: String,
    pub f: f64,
    pub n: i64,
}
