//! Whether the two databases hold the same rows: each is asked itself, in SQL that knows nothing of
//! the library, and writes its values in one common text.

use support::Oracle;

use crate::kind::{KINDS, Kind};
use crate::op::TABLE;

/// `Err` names the row and the column that differ.
pub(crate) async fn states_differ(
    postgres: &mut Oracle,
    sqlite: &mut Oracle,
) -> Result<(), String> {
    let theirs = postgres.rows_text(&all(of_postgres)).await;
    let ours = sqlite.rows_text(&all(of_sqlite)).await;
    if theirs.len() != ours.len() {
        return Err(format!(
            "PostgreSQL holds {} rows, SQLite {}",
            theirs.len(),
            ours.len()
        ));
    }
    for (their_row, our_row) in theirs.iter().zip(&ours) {
        if their_row.first() != our_row.first() {
            return Err(format!(
                "other keys: {:?}, {:?}",
                their_row.first(),
                our_row.first()
            ));
        }
        for (kind, (theirs, ours)) in KINDS.iter().zip(their_row[1..].iter().zip(&our_row[1..])) {
            if !alike(kind, theirs.as_deref(), ours.as_deref()) {
                return Err(format!(
                    "row {:?}, column {}: PostgreSQL holds {theirs:?}, SQLite {ours:?}",
                    their_row.first(),
                    kind.name
                ));
            }
        }
    }
    Ok(())
}

fn all(of: impl Fn(&Kind) -> String) -> String {
    let columns: Vec<String> = KINDS.iter().map(of).collect();
    format!("SELECT k, {} FROM {TABLE} ORDER BY k", columns.join(", "))
}

/// The value as a text that SQLite's file should hold as well.
fn of_postgres(kind: &Kind) -> String {
    let name = kind.name;
    let moment = |format: &str, source: &str| {
        format!(
            "CASE WHEN NOT isfinite({name}) THEN {name}::text
             ELSE to_char({source}, '{format}') || CASE WHEN {source} < '0001-01-01' THEN ' BC' ELSE '' END END"
        )
    };
    match kind.of() {
        "bool" => format!("{name}::int::text"),
        "bytea" => format!("upper(encode({name}, 'hex'))"),
        "time" | "time(0)" => format!(
            "CASE WHEN {name} = '24:00' THEN '24:00:00.000000' ELSE to_char({name}, 'HH24:MI:SS.US') END"
        ),
        "timetz" => "NULL".to_owned(),
        other if other.starts_with("timestamptz") && !kind.is_array() => moment(
            "YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00",
            &format!("({name} AT TIME ZONE 'UTC')"),
        ),
        other if other.starts_with("timestamp") && !kind.is_array() => {
            moment("YYYY-MM-DD\"T\"HH24:MI:SS.US", name)
        }
        "timestamptz[]" => "NULL".to_owned(),
        // what is numbered otherwise is its own text on both
        _ if kind.is_array() => format!(
            "CASE WHEN array_lower({name}, 1) = 1 OR {name} = '{{}}' THEN array_to_json({name})::text END"
        ),
        _ => format!("{name}::text"),
    }
}

fn of_sqlite(kind: &Kind) -> String {
    let name = kind.name;
    match kind.of() {
        "bytea" => format!("CASE WHEN {name} IS NOT NULL THEN hex({name}) END"),
        "timetz" | "timestamptz[]" => "NULL".to_owned(),
        "float4" | "float8" => format!("CASE WHEN {name} IS NOT NULL THEN quote({name}) END"),
        _ if kind.is_array() => {
            format!("CASE WHEN json_valid({name}) THEN CAST({name} AS TEXT) END")
        }
        _ => format!("CAST({name} AS TEXT)"),
    }
}

fn alike(kind: &Kind, theirs: Option<&str>, ours: Option<&str>) -> bool {
    let (Some(theirs), Some(ours)) = (theirs, ours) else {
        // an array with other bounds, or with the document null, is told by the library's answer
        return theirs.is_none() == ours.is_none() || kind.is_array();
    };
    match kind.of() {
        // of two shortest texts that are as near, each side may print another
        "float4" => single(theirs) == single(ours),
        "float8" => is_near(float(theirs), float(ours)),
        _ if kind.is_array() => array(theirs) == array(ours),
        _ => theirs == ours,
    }
}

/// `quote` writes infinities as numbers that are too large, and a NaN is a text.
fn float(text: &str) -> f64 {
    match text.trim_matches('\'') {
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        text => text
            .parse()
            .unwrap_or_else(|_| panic!("`{text}` is a number")),
    }
}

/// SQLite's own text of a number is not exact in the last digits.
fn is_near(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= a.abs() * 1e-14
}

fn single(text: &str) -> String {
    format!("{:e}", float(text) as f32)
}

/// PostgreSQL and the library do not write the same blanks, and SQLite has 1 and 0.
fn array(text: &str) -> serde_json::Value {
    let value: serde_json::Value = match serde_json::from_str(text) {
        Ok(value) => value,
        // numbers that are too large for a parser are compared as they stand
        Err(_) => return text.replace(' ', "").into(),
    };
    plain(value)
}

fn plain(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(items) => items.into_iter().map(plain).collect(),
        serde_json::Value::Number(number) => number
            .as_f64()
            .map_or(number.to_string(), |f| format!("{f:.12e}"))
            .into(),
        other => other,
    }
}
