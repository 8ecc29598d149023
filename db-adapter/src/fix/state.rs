//! What is there now: the schema, and the statements that SQLite keeps of it.

use db_adapter_core::fix::{FixPlan, Reading, StoredSql};
use db_adapter_core::{DatabaseSchema, Notice};

use crate::client::{DatabaseClient, DatabaseClientExt as _};
use crate::schema::{IntrospectOptions, fingerprint};
use crate::{Error, Result, Transaction};

const STORED: &str = "SELECT type AS kind, name, tbl_name AS \"table\", sql FROM main.sqlite_schema \
    WHERE sql IS NOT NULL ORDER BY rowid";

/// What is there.
pub(super) struct State {
    pub(super) schema: DatabaseSchema,
    pub(super) stored: Vec<StoredSql>,
}

impl State {
    /// Reads it as it is in the transaction.
    pub(super) async fn read(tx: &Transaction, reading: &Reading) -> Result<State> {
        let options = IntrospectOptions {
            schemas: reading.schemas.clone(),
            also_schemas: reading.also_schemas.clone(),
            excluded_tables: reading.excluded_tables.clone(),
        };
        let schema = tx.introspect(options).await?;
        let mut stored = Vec::new();
        if tx.capabilities()?.stored_sql {
            for row in tx.query(STORED).await? {
                stored.push(StoredSql {
                    kind: row.get("kind")?,
                    name: row.get("name")?,
                    table: row.get("table")?,
                    sql: row.get("sql")?,
                });
            }
        }
        Ok(State { schema, stored })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&self.schema)
    }

    /// Refuses a plan for another schema.
    pub(super) fn check(&self, plan: &FixPlan) -> Result<()> {
        let message = match self.fingerprint() == plan.made_for {
            false => "the schema is not the one that the plan was made for",
            true if self.stored != plan.stored_sql() => {
                "the tables are not defined as they were when the plan was made"
            }
            true if plan.is_for(&self.schema, &self.stored) => return Ok(()),
            true => {
                "the plan is not what this program plans: another version made it, or it was changed"
            }
        };
        Err(refused([Notice::new(message).hint("plan again")]))
    }

    /// What of the plan is not as it was meant.
    pub(super) fn unfinished(self, plan: &FixPlan) -> Vec<String> {
        plan.unfinished(&self.schema, self.stored)
    }
}

pub(super) fn refused(problems: impl IntoIterator<Item = Notice>) -> Error {
    Error::FixRefused {
        problems: problems.into_iter().collect(),
    }
}
