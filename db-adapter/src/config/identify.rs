//! Asks a database who it is. What it says and what makes it another one, `identity` knows.

use std::fs;

use super::DatabaseIdentity;
use crate::client::DatabaseClientExt;
use crate::{DatabaseClient, Result, SecretUrl};

impl DatabaseIdentity {
    /// Where a URL leads to, with what only the connected database knows: its name, and on
    /// PostgreSQL the system identifier, where the role may read it. `None` for a database in
    /// memory.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn of_client(client: &dyn DatabaseClient, url: &SecretUrl) -> Result<Option<Self>> {
        let Some(mut identity) = DatabaseIdentity::of_url(url) else {
            return Ok(None);
        };
        match &mut identity {
            DatabaseIdentity::Server {
                database,
                system_identifier,
                ..
            } => {
                let row = client
                    .query("SELECT current_database()::text AS x")
                    .one()
                    .await?;
                *database = row.get("x")?;
                // not every role may read it
                let sql = "SELECT system_identifier::text AS x FROM pg_catalog.pg_control_system()";
                let row = client.query(sql).one().await;
                *system_identifier = row.ok().and_then(|row| row.get("x").ok());
            }
            DatabaseIdentity::File { path } => {
                // links resolved, so that one file has one name
                if let Ok(real) = fs::canonicalize(&*path) {
                    *path = real;
                }
            }
        }
        Ok(Some(identity))
    }
}
