//! Each SQL type has one canonical value, the same from every backend, and every canonical value
//! is accepted back for its column, in data and in filters.

mod arrays;
mod documents;
mod others;
mod random;
mod scalars;
mod texts;
mod times;

use db_adapter::prelude::*;

use crate::case::Case;
use crate::values::ints;

pub(super) fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The value as a literal of the oracle; none for arrays, which have no one spelling.
pub(super) fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(v) => v.to_string(),
        Value::Int(v) => sql_text(&v.to_string()),
        Value::Float(v) => sql_text(&v.to_string()),
        Value::Numeric(v) => sql_text(v.as_str()),
        Value::Text(v) => sql_text(v),
        Value::Bytes(v) => {
            let hex: String = v.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{hex}'")
        }
        Value::Json(v) => sql_text(v.as_str()),
        _ => return None,
    })
}

pub(super) fn table_of(sql_type: &str) -> String {
    let letters = sql_type
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    format!("of_{}", letters.collect::<String>())
}

/// Each value as given, then as it came back: stored, read by select and by query, filtered by.
pub(super) async fn round_trip(
    t: &Case,
    sql_type: &str,
    values: impl IntoIterator<Item = (Value, Value)>,
) {
    let table = &table_of(sql_type);
    t.ddl(&format!(
        "CREATE TABLE {table} (id {{id}}, v {{{sql_type}}})"
    ))
    .await;
    let is_json = sql_type.starts_with("json");
    for (given, canonical) in values {
        let what = format!("{sql_type} {given:?}");
        let row = match t.db.insert(table, row! { "v": &given }).await {
            Ok(row) => row,
            Err(error) => panic!("{what}: {error}"),
        };
        assert_eq!(row["v"], canonical, "{what}, inserted");
        let copy = t.db.insert(table, row! { "v": &row["v"] }).await.unwrap();
        assert_eq!(copy["v"], canonical, "{what}, given back");
        let row =
            t.db.update(table, row! { "v": &copy["v"] }, row! { "id": &row["id"] })
                .await;
        assert_eq!(row.as_ref().unwrap()["v"], canonical, "{what}, updated");
        let row = row.unwrap();

        let by_id = row! { "id": &row["id"] };
        let selected = t.db.select(table, "v").filter(&by_id).one().await.unwrap();
        assert_eq!(selected["v"], canonical, "{what}, selected");
        let sql = format!("SELECT v FROM {table} WHERE id = :id");
        let queried = t.db.query(sql).bind("id", &row["id"]).one().await.unwrap();
        assert_eq!(queried["v"], canonical, "{what}, queried");

        if !is_json {
            let ids = [row["id"].as_i64().unwrap(), copy["id"].as_i64().unwrap()];
            let mut filters = vec![
                row! { "v": op::eq(&canonical) },
                row! { "v": op::is_in([&canonical]) },
            ];
            // data is cut and rounded to a column's limits, a filter is not
            if !sql_type.contains('(') {
                filters.push(row! { "v": op::eq(&given) });
            }
            for filter in filters {
                let found = t.db.select(table, "id").filter(&filter).await.unwrap();
                let found = ints(&found, "id");
                assert!(
                    ids.iter().all(|id| found.contains(id)),
                    "{what}, filtered by {filter:?}"
                );
            }
        }
        if t.is_postgres() {
            let id = &row["id"].as_i64().unwrap();
            for value in [&given, &canonical] {
                let Some(literal) = literal(value) else {
                    continue;
                };
                if is_json && !matches!(value, Value::Json(_)) {
                    continue;
                }
                let sql = format!(
                    "SELECT v::text || ' is not ' || ({literal}::{sql_type})::text FROM {table}
                     WHERE id = {id} AND v::text <> ({literal}::{sql_type})::text"
                );
                assert_eq!(t.scalar(&sql).await, "", "{what}, as the server has it");
            }
        }
    }
}

/// Values that are canonical already.
pub(super) fn same<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Vec<(Value, Value)> {
    let pair = |value: V| {
        let value = value.into();
        (value.clone(), value)
    };
    values.into_iter().map(pair).collect()
}

pub(super) fn pairs<A: Into<Value>, B: Into<Value>>(
    values: impl IntoIterator<Item = (A, B)>,
) -> Vec<(Value, Value)> {
    values
        .into_iter()
        .map(|(a, b)| (a.into(), b.into()))
        .collect()
}

/// More values for a type whose table exists.
pub(super) async fn round_trip_more(t: &Case, sql_type: &str, values: Vec<(Value, Value)>) {
    t.ddl(&format!("DROP TABLE {}", table_of(sql_type))).await;
    round_trip(t, sql_type, values).await;
}
