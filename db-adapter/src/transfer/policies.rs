//! Which tables may hide rows from the role, by row-level security. Asks the server, which knows who it is.

use db_adapter_core::TableName;

use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Error, Result, Value};

/// The tables of which the role may not see every row.
pub(crate) async fn with_policies(
    snapshot: &Transaction,
    tables: impl Iterator<Item = &TableName>,
) -> Result<Vec<String>> {
    let tables: Vec<&TableName> = tables.collect();
    let names: Vec<Value> = tables.iter().map(|table| table.quoted().into()).collect();
    let rows = snapshot
        .query("SELECT row_security_active(t.name) AS active FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS t (name, place) ORDER BY t.place")
        .bind("names", names)
        .await?;
    if rows.len() != tables.len() {
        return Err(Error::internal(
            "the server did not say of each table whether a policy hides its rows",
        ));
    }
    let mut hidden = Vec::new();
    for (table, row) in tables.into_iter().zip(&rows) {
        if row.get("active")? {
            hidden.push(table.to_string());
        }
    }
    Ok(hidden)
}
