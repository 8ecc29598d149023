//! What the server says that it would do for an insert, before rows go past the insert by COPY. Writes
//! the question and reads the answer; it never asks, and nothing is written by it. Pure.

use db_adapter_core::TableName;
use serde::Deserialize;

use super::catalog::PgTable;
use super::guard::Guard;
use super::statement_text::{Numbers, insert_into};
use crate::Result;

/// Lets the server look at an insert into these columns without one: it is refused where the insert
/// would be, and the table stays as it is until the end of the transaction.
pub(super) fn explain_insert(
    table: &PgTable,
    columns: &[usize],
    numbers: Numbers,
) -> Result<String> {
    let mut text = String::from("EXPLAIN (COSTS off, VERBOSE, FORMAT json) ");
    text.push_str(&insert_into(table, columns)?.text);
    if numbers == Numbers::Given {
        text.push_str(" OVERRIDING SYSTEM VALUE");
    }
    text.push_str(" SELECT ");
    for (i, position) in columns.iter().enumerate() {
        text.push_str(if i > 0 { ", NULL::" } else { "NULL::" });
        text.push_str(&table.at(*position)?.extra.ty.cast);
    }
    let guard = Guard::default().written(table, columns)?;
    if let Some(guard) = guard.text() {
        text.push_str(" WHERE ");
        text.push_str(&guard);
    }
    Ok(text)
}

/// What the look at an insert leaves out, since that does not run: `None` where that is nothing.
pub(super) fn ask_types(table: &PgTable, columns: &[usize]) -> Result<Option<String>> {
    let guard = Guard::default().written(table, columns)?;
    Ok(guard
        .when_run()
        .map(|guard| format!("SELECT 1 WHERE {guard}")))
}

#[derive(Deserialize)]
struct Planned {
    #[serde(rename = "Plan")]
    plan: Node,
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "Operation")]
    operation: Option<String>,
    #[serde(rename = "Schema")]
    schema: Option<String>,
    #[serde(rename = "Relation Name")]
    relation: Option<String>,
}

/// Whether the server would insert into this table and do nothing else: a rule does another thing, or
/// one thing more. An answer that cannot be read is not a yes.
pub(super) fn is_only_insert(answer: &str, table: &TableName) -> bool {
    let Ok(plans) = serde_json::from_str::<Vec<Planned>>(answer) else {
        return false;
    };
    let [Planned { plan }] = plans.as_slice() else {
        return false;
    };
    plan.operation.as_deref() == Some("Insert")
        && plan.schema == table.schema
        && plan.relation.as_ref() == Some(&table.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 15 answers.
    const INSERT: &str = r#"{"Plan": {"Node Type": "ModifyTable", "Operation": "Insert",
        "Parallel Aware": false, "Async Capable": false, "Relation Name": "t", "Schema": "public",
        "Alias": "t", "Plans": [{"Node Type": "Result", "Parent Relationship": "Outer",
            "Parallel Aware": false, "Async Capable": false, "Output": ["NULL::bigint"]}]}}"#;

    #[test]
    fn rules_are_seen() {
        let table = |schema: &str, name: &str| TableName {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
        };
        let one = format!("[{INSERT}]");
        assert!(is_only_insert(&one, &table("public", "t")));
        // a rule takes the rows elsewhere, does one thing more, or nothing at all
        assert!(!is_only_insert(&one, &table("public", "other")));
        assert!(!is_only_insert(&one, &table("other", "t")));
        let two = format!("[{INSERT}, {INSERT}]");
        assert!(!is_only_insert(&two, &table("public", "t")));
        assert!(!is_only_insert("[]", &table("public", "t")));
        assert!(!is_only_insert("", &table("public", "t")));
        let update = one.replace("\"Insert\"", "\"Update\"");
        assert!(!is_only_insert(&update, &table("public", "t")));
    }
}
