//! The SQL of the operations that take text, in the words of either database.

use crate::op::{Data, Fails, RANGE, Which};

/// Which rows, with `:low` and `:high`.
pub(crate) fn condition(which: Which) -> (String, i64, i64) {
    let range = "id >= :low AND id < :high";
    match which {
        Which::All(low) => (range.to_owned(), low, low + RANGE),
        Which::Id(id) => (range.to_owned(), id, id + 1),
        Which::V(low, v) => (format!("{range} AND v = {v}"), low, low + RANGE),
    }
}

/// What SQLite counts in a millisecond, at least: it has no sleep.
const STEPS_PER_MS: u32 = 300;

fn count_up(ms: u32) -> String {
    format!(
        "(WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {})
         SELECT count(*) FROM c)",
        ms * STEPS_PER_MS + 1
    )
}

fn sleep(ms: u32) -> String {
    format!(
        "(SELECT count(*) FROM pg_sleep({}.{:03}))",
        ms / 1000,
        ms % 1000
    )
}

pub(crate) fn slow_read(ms: u32, sqlite: bool) -> String {
    match sqlite {
        true => format!("SELECT {} AS n", count_up(ms)),
        false => format!("SELECT {} AS n", sleep(ms)),
    }
}

pub(crate) fn slow_write(ms: u32, low: i64, sqlite: bool) -> String {
    let slow = if sqlite { count_up(ms) } else { sleep(ms) };
    let high = low + RANGE;
    format!("UPDATE t SET v = v + 1 WHERE id >= {low} AND id < {high} AND {slow} > 0")
}

pub(crate) fn script(data: &Data, n: i64, low: i64) -> String {
    let text = |value: Option<i64>| value.map_or("NULL".to_owned(), |value| value.to_string());
    format!(
        "INSERT INTO t (id, v, code, owner, late) VALUES ({}, {}, {}, {}, {});
         UPDATE t SET v = v + {n} WHERE id >= {low} AND id < {};",
        data.id,
        text(data.v),
        text(data.code),
        text(data.owner),
        text(data.late),
        low + RANGE
    )
}

pub(crate) fn series_text(sqlite: bool) -> &'static str {
    match sqlite {
        false => "SELECT i, repeat('x', 100) AS x FROM generate_series(1, 20000) AS s (i)",
        true => {
            "WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 20000)
             SELECT i, hex(zeroblob(50)) AS x FROM s"
        }
    }
}

pub(crate) fn failing_text(fails: Fails, sqlite: bool) -> &'static str {
    match (fails, sqlite) {
        (Fails::Syntax, _) => "SELEC 1",
        (Fails::TableInText, _) => "SELECT * FROM nope",
        (Fails::Division, false) => "SELECT 1 / (v - v) FROM (VALUES (1)) AS x (v)",
        // a division by zero is NULL there
        (Fails::Division, true) => "SELECT abs(-9223372036854775807 - v) FROM (SELECT 1 AS v)",
        (Fails::Stream, false) => "SELECT 1 / (3 - i) AS x FROM generate_series(1, 9) AS s (i)",
        (Fails::Stream, true) => {
            "WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 9)
             SELECT abs(CASE i WHEN 3 THEN -9223372036854775807 - 1 ELSE i END) AS x FROM s"
        }
    }
}
