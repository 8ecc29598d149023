//! Asks the database once which tables the names of a declaration mean. From then on every
//! statement names the schema, so that none can mean another table.

use db_adapter_core::TableName;
use db_adapter_core::backup::BackupSchema;
use db_adapter_core::fit::Resolved;

use crate::client::DatabaseClient as _;
use crate::query::Backend;
use crate::schema::IntrospectOptions;
use crate::{DatabaseClientExt, DatabaseSchema, Result, Row, Transaction, Value};

/// With the tables that share rows with these: those above and below in partitions and inheritance,
/// whose keys and references count as well.
const POSTGRES: &str = "WITH RECURSIVE \
    named AS (SELECT n.name, pg_catalog.to_regclass(n.name)::oid AS oid \
      FROM pg_catalog.unnest(CAST(:names AS text[])) AS n(name)), \
    below AS (SELECT named.oid FROM named UNION SELECT i.inhrelid FROM below \
      JOIN pg_catalog.pg_inherits i ON i.inhparent = below.oid), \
    above AS (SELECT named.oid FROM named UNION SELECT i.inhparent FROM above \
      JOIN pg_catalog.pg_inherits i ON i.inhrelid = above.oid) \
  SELECT found.name AS name, s.nspname::text AS schema, c.relname::text AS relation \
  FROM (SELECT named.name, named.oid FROM named UNION ALL SELECT NULL, below.oid FROM below \
      UNION ALL SELECT NULL, above.oid FROM above) AS found(name, oid) \
    JOIN pg_catalog.pg_class c ON c.oid = found.oid \
    JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace";

/// In the order in which SQLite looks a name up.
const SQLITE: &str = "SELECT d.name AS schema, l.name AS relation \
  FROM pragma_database_list AS d, pragma_table_list AS l \
  WHERE l.schema = d.name AND l.type IN ('table', 'view', 'virtual') \
  ORDER BY d.name <> 'temp', d.seq";

/// The tables of a declaration in a database.
pub(crate) struct Place {
    pub(crate) tables: Resolved,
    /// The schemas of these tables, and of those that share rows with them.
    schemas: Vec<String>,
}

impl Place {
    /// Looks the names of the declaration up.
    pub(crate) async fn find(tx: &Transaction, schema: &BackupSchema) -> Result<Place> {
        let mut names: Vec<(String, TableName)> = Vec::new();
        for declared in Resolved::names(schema) {
            // what is not a name means no table
            if let Ok(name) = TableName::parse(declared)
                && !names.iter().any(|(known, _)| known == declared)
            {
                names.push((declared.to_owned(), name));
            }
        }
        let mut place = Place {
            tables: Resolved::default(),
            schemas: Vec::new(),
        };
        match tx.backend().await? {
            Backend::Sqlite => place.take_sqlite(&names, &tx.query(SQLITE).await?)?,
            _ => {
                let quoted = names.iter().map(|(_, name)| Value::from(name.quoted()));
                let quoted: Vec<Value> = quoted.collect();
                let query = tx.query(POSTGRES);
                let rows = query.bind("names", Value::Array(quoted.into())).await?;
                place.take_postgres(&names, &rows)?;
            }
        }
        Ok(place)
    }

    /// The schemas of these tables, as they are in the database.
    pub(crate) async fn introspect(&self, tx: &Transaction) -> Result<DatabaseSchema> {
        let options = IntrospectOptions {
            schemas: self.schemas.clone(),
            also_schemas: Vec::new(),
            excluded_tables: Vec::new(),
        };
        tx.introspect(options).await
    }

    fn take_postgres(&mut self, names: &[(String, TableName)], rows: &[Row]) -> Result<()> {
        for row in rows {
            let found = found(row)?;
            self.take_schema(&found);
            // `None` for a table that was not named
            let name: Option<String> = row.get("name")?;
            let of = |(_, known): &&(String, TableName)| Some(known.quoted()) == name;
            for (declared, _) in names.iter().filter(of) {
                self.tables.insert(declared.clone(), found.clone());
            }
        }
        Ok(())
    }

    /// A name in another case means the same table.
    fn take_sqlite(&mut self, names: &[(String, TableName)], rows: &[Row]) -> Result<()> {
        let all: Vec<TableName> = rows.iter().map(found).collect::<Result<_>>()?;
        for (declared, name) in names {
            let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
            let is_meant = |table: &&TableName| {
                let schema = table.schema.as_deref().unwrap_or_default();
                same(&table.name, &name.name)
                    && name
                        .schema
                        .as_deref()
                        .is_none_or(|wanted| same(wanted, schema))
            };
            if let Some(found) = all.iter().find(is_meant) {
                self.tables.insert(declared.clone(), found.clone());
                self.take_schema(found);
            }
        }
        Ok(())
    }

    fn take_schema(&mut self, table: &TableName) {
        if let Some(schema) = &table.schema
            && !self.schemas.contains(schema)
        {
            self.schemas.push(schema.clone());
        }
    }
}

fn found(row: &Row) -> Result<TableName> {
    Ok(TableName {
        schema: Some(row.get("schema")?),
        name: row.get("relation")?,
    })
}
