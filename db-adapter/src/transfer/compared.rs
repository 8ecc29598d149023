//! Finds the columns of a plan whose values PostgreSQL alone can compare: citext, a collation that ignores
//! case, intervals, types of extensions. Compares nothing itself.

use db_adapter_core::SqlType;

use super::plan::{RestorePlan, Sample};
use crate::transaction::Transaction;
use crate::{DatabaseClientExt as _, Result, Row, Value};

/// Marks the columns of the plan whose values the database has to compare.
pub(super) async fn ask_where_needed(tx: &Transaction, plan: &mut RestorePlan) -> Result<()> {
    let folding = folding_columns(tx, plan).await?;
    let mut kinds: Vec<(SqlType, Option<String>)> = Vec::new();
    for (place, table) in plan.tables.iter_mut().enumerate() {
        for column in &mut table.columns {
            let collation = folding
                .iter()
                .find(|one| one.0 == place && one.1 == column.name);
            let collation = collation.map(|(_, _, collation)| collation.clone());
            if collation.is_none() && !is_of_the_server(&column.sql_type) {
                continue;
            }
            let kind = (column.sql_type.clone(), collation);
            let class = kinds.iter().position(|known| *known == kind);
            let class = class.unwrap_or_else(|| {
                kinds.push(kind);
                plan.samples.push(Sample {
                    table: table.table.clone(),
                    column: column.name.clone(),
                });
                kinds.len() - 1
            });
            column.meaning.ask(class);
        }
    }
    Ok(())
}

/// Whether two values of the type can be equal that are written differently, or whether nobody but the
/// server knows.
fn is_of_the_server(sql_type: &SqlType) -> bool {
    match sql_type.element().unwrap_or(sql_type) {
        SqlType::Citext | SqlType::Jsonb => true,
        SqlType::Other(name) => !name.is_empty(),
        _ => false,
    }
}

/// The columns whose collation calls different texts equal: the table's place, name, collation.
async fn folding_columns(
    tx: &Transaction,
    plan: &RestorePlan,
) -> Result<Vec<(usize, String, String)>> {
    let tables: Vec<Value> = plan.tables().map(|table| table.quoted().into()).collect();
    let rows = tx
        .query(
            "SELECT t.place - 1 AS place, a.attname::text AS name, a.attcollation::text AS collation \
             FROM unnest(CAST(:tables AS text[])) WITH ORDINALITY AS t (name, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = CAST(t.name AS regclass) AND a.attnum > 0 \
             JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation \
             WHERE NOT a.attisdropped AND NOT l.collisdeterministic",
        )
        .bind("tables", tables)
        .await?;
    let column = |row: &Row| Ok((row.get("place")?, row.get("name")?, row.get("collation")?));
    rows.iter().map(column).collect()
}
