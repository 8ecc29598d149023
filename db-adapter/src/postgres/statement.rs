//! SQL text of callers: what its parameters and columns are, asked once for each text; then the
//! same text with typed parameters, and with a wrapper around it where its columns have types
//! that are read as text.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::connection::{execute, execute_raw, fetch};
use super::describe::{Shape, describe};
use super::dialect::no_nul;
use super::encode::{Param, wire_text};
use super::error::Sent;
use super::failure::Failure;
use super::run::{Text, Work};
use crate::query::{Outcome, Statement};
use crate::row::Header;
use crate::sql::{
    Parameters, first_keyword, parameters, refuse_transaction_control, single_statement,
    split_script,
};
use crate::value::canonicalize;
use crate::{Error, Result, Value};
use db_adapter_core::SqlType;
use db_adapter_core::schema::SqlDialect;

/// Texts kept for each adapter.
const MOST: usize = 500;

/// What is known of callers' texts.
#[derive(Debug, Default)]
pub(super) struct Statements {
    known: Mutex<HashMap<String, Arc<Described>>>,
}

/// A text that was asked about.
#[derive(Debug)]
pub(super) struct Described {
    /// As it is run.
    pub(super) sql: String,
    /// The types of the parameters.
    pub(super) params: Vec<SqlType>,
    /// `None` when it gives no rows.
    pub(super) header: Option<Arc<Header>>,
}

impl Statements {
    fn get(&self, key: &str) -> Option<Arc<Described>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).cloned()
    }

    fn put(&self, key: String, described: Arc<Described>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            // texts that are made at run time would fill it for ever
            known.clear();
        }
        known.insert(key, described);
    }

    pub(super) fn clear(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
    }
}

/// A caller's text with its parameters found.
pub(super) struct Template<'a> {
    sql: &'a str,
    found: Parameters,
    names: Vec<&'a str>,
    /// The values in the order of the parameters' numbers.
    pub(super) values: Vec<&'a Value>,
}

impl<'a> Template<'a> {
    fn of(statement: &'a Statement, strict: bool) -> Result<Self> {
        no_nul(&statement.sql)?;
        let sql = single_statement(&statement.sql, SqlDialect::Postgres)?;
        refuse_transaction_control(sql, SqlDialect::Postgres)?;
        let bound: Vec<&str> = statement.binds.iter().map(|(name, _)| &**name).collect();
        let found = parameters(sql, &bound, SqlDialect::Postgres, strict)?;
        let binds = found.binds.iter().filter_map(|i| statement.binds.get(*i));
        let (names, values) = binds.map(|(name, value)| (&**name, value)).unzip();
        Ok(Template {
            sql,
            found,
            names,
            values,
        })
    }

    /// The text with a number and what follows it, for each parameter.
    pub(super) fn render(&self, parameter: impl Fn(usize) -> String) -> Sent {
        let mut sent = Sent {
            original: self.sql.to_owned(),
            ..Sent::default()
        };
        let mut original = 0;
        for (i, part) in self.found.parts.iter().enumerate() {
            sent.parts.push((sent.text.len(), original));
            sent.text.push_str(part);
            original += part.len();
            if let Some(used) = self.found.uses.get(i) {
                sent.text.push_str(&parameter(*used));
                original += 1 + self.names.get(*used).map_or(0, |name| name.len());
            }
        }
        sent
    }

    pub(super) fn keyword(&self) -> String {
        first_keyword(self.sql, SqlDialect::Postgres)
    }

    /// The text, and for each parameter the type that its value has by itself: where PostgreSQL
    /// knows nothing better than text, it is that.
    fn key(&self) -> String {
        let mut key = self.render(|n| format!("${}", n + 1)).text;
        key.push('\0');
        for value in &self.values {
            key.push_str(own_type(value).unwrap_or("-"));
        }
        key
    }
}

/// The type of a value that is certainly no text.
pub(super) fn own_type(value: &Value) -> Option<&'static str> {
    match value {
        Value::Bool(_) => Some("bool"),
        Value::Int(_) => Some("int8"),
        Value::Float(_) => Some("float8"),
        Value::Numeric(_) => Some("numeric"),
        Value::Bytes(_) => Some("bytea"),
        Value::Json(_) => Some("jsonb"),
        _ => None,
    }
}

/// Statements that leave the schema as it is, and read or write rows.
fn is_dml(keyword: &str) -> bool {
    is_read(keyword) || matches!(keyword, "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH")
}

fn is_read(keyword: &str) -> bool {
    // a text that begins with a parenthesis is a select
    matches!(
        keyword,
        "SELECT" | "VALUES" | "TABLE" | "SHOW" | "EXPLAIN" | ""
    )
}

/// Whether a text may change what names mean.
pub(super) fn changes_schema(text: &str) -> bool {
    let statements = split_script(text, SqlDialect::Postgres).statements;
    statements
        .iter()
        .any(|statement| !is_dml(&first_keyword(statement, SqlDialect::Postgres)))
        || text.to_ascii_lowercase().contains("search_path")
}

/// Whether a statement changes what lasts as long as a session.
fn changes_session(statement: &str) -> bool {
    let text = statement.to_ascii_uppercase();
    let keyword = first_keyword(&text, SqlDialect::Postgres);
    let after = text.find(&keyword).map_or(0, |at| at + keyword.len());
    let rest = text.get(after..).unwrap_or_default().trim_start();
    match keyword.as_str() {
        "SET" => !["LOCAL", "TRANSACTION", "CONSTRAINTS"]
            .iter()
            .any(|word| rest.starts_with(word)),
        "RESET" | "LISTEN" | "UNLISTEN" | "PREPARE" | "DISCARD" | "LOAD" => true,
        _ => false,
    }
}

impl Work<'_> {
    /// Behind a transaction pooler the session is not ours.
    fn refuse_session(&self, statement: &str) -> Result<()> {
        if self.shared.is_pooled() && changes_session(statement) {
            return Err(Error::unsupported(
                "a statement whose effect outlasts its transaction",
                "PostgreSQL behind a transaction pooler",
                "use `SET LOCAL` in a transaction, or a direct connection",
            ));
        }
        Ok(())
    }

    /// What is known of a text, and its parameters.
    pub(super) async fn described(
        &mut self,
        template: &Template<'_>,
    ) -> Result<(Arc<Described>, Vec<Param>), Failure> {
        let key = template.key();
        // what only this transaction sees is not for others
        let shared = std::ptr::eq(self.catalog, &self.shared.catalog);
        let known = self.shared.statements.get(&key).filter(|_| shared);
        let described = match known {
            Some(described) => {
                self.text = Text::Known;
                described
            }
            None => {
                self.text = Text::Callers;
                let described = Arc::new(Box::pin(self.describe(template)).await?);
                self.text = Text::Described;
                if shared {
                    self.shared.statements.put(key, Arc::clone(&described));
                }
                described
            }
        };
        let mut params = Vec::with_capacity(template.values.len());
        for (i, sql_type) in described.params.iter().enumerate() {
            let value = template.values.get(i).copied().unwrap_or(&Value::Null);
            let name = template.names.get(i).copied().unwrap_or_default();
            let canonical = canonicalize(value, sql_type)
                .map_err(|details| Error::from(details).in_column(name))?;
            params.push(match (&*canonical, sql_type) {
                (Value::Bytes(bytes), SqlType::Bytea) => Param::Bytes(Some(bytes.to_vec())),
                (_, SqlType::Bytea) => Param::Bytes(None),
                (value, _) => Param::Text(wire_text(value)),
            });
        }
        Ok((described, params))
    }

    async fn describe(&mut self, template: &Template<'_>) -> Result<Described, Failure> {
        let Shape {
            sql,
            params,
            columns,
        } = describe(self, template).await?;
        // position of an error in what is run is no position in the caller's text
        self.sent = Some(Sent::default());
        Ok(Described {
            sql,
            params,
            header: match columns {
                Some(names) => Some(Header::new(names)?),
                None => None,
            },
        })
    }

    /// A text that gives rows, ready to be run.
    pub(super) async fn query_parts(
        &mut self,
        statement: &Statement,
    ) -> Result<(Arc<Described>, Vec<Param>), Failure> {
        self.sent = Some(Sent::default());
        let template = Template::of(statement, true)?;
        let parts = self.described(&template).await?;
        if !is_read(&template.keyword()) {
            self.writing();
        }
        Ok(parts)
    }

    pub(super) async fn query(&mut self, statement: &Statement) -> Result<Outcome, Failure> {
        let (described, params) = self.query_parts(statement).await?;
        let sql = described.sql.clone();
        let result = match &described.header {
            Some(header) => fetch(self.conn, sql, params, header)
                .await
                .map(|rows| Outcome { rows, affected: 0 }),
            None => execute(self.conn, sql, params)
                .await
                .map(|affected| Outcome {
                    rows: Vec::new(),
                    affected,
                }),
        };
        self.forget_if_changed(&statement.sql);
        result
    }

    pub(super) async fn execute(&mut self, statement: &Statement) -> Result<Outcome, Failure> {
        self.sent = Some(Sent::default());
        let template = Template::of(statement, false)?;
        self.refuse_session(template.sql)?;
        let keyword = template.keyword();
        let affected = if template.values.is_empty() {
            self.text = Text::Callers;
            self.sent = Some(Sent::verbatim(template.sql));
            self.writing();
            execute_raw(self.conn, template.sql.to_owned()).await
        } else {
            let (described, params) = self.described(&template).await?;
            self.writing();
            execute(self.conn, described.sql.clone(), params).await
        };
        self.forget_if_changed(&statement.sql);
        let affected = affected?;
        Ok(Outcome {
            rows: Vec::new(),
            // others count what they read, or copied into a new table
            affected: match keyword.as_str() {
                "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH" | "COPY" => affected,
                _ => 0,
            },
        })
    }

    pub(super) async fn script(&mut self, script: &str) -> Result<Outcome, Failure> {
        self.sent = Some(Sent::verbatim(script));
        no_nul(script)?;
        let statements = split_script(script, SqlDialect::Postgres).statements;
        for statement in &statements {
            refuse_transaction_control(statement, SqlDialect::Postgres)?;
            self.refuse_session(statement)?;
        }
        if statements.is_empty() {
            return Ok(Outcome::default());
        }
        self.text = Text::Callers;
        self.begin_if(true).await?;
        self.writing();
        let result = execute_raw(self.conn, script.to_owned()).await;
        let result = match result {
            Ok(_) => self.commit_if_begun().await,
            Err(failure) => Err(failure),
        };
        self.forget_if_changed(script);
        result.map(|()| Outcome::default())
    }

    fn forget_if_changed(&self, text: &str) {
        if changes_schema(text) {
            self.catalog.clear();
            self.shared.statements.clear();
        }
    }
}

/// Types that were chosen by us for parameters, by number.
pub(super) type Chosen = BTreeMap<usize, &'static str>;

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sql: &str, binds: &[(&str, Value)]) -> Statement {
        Statement {
            sql: sql.into(),
            binds: binds
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }

    #[test]
    fn parameters_are_numbered_and_lead_back() {
        let statement = statement(
            "SELECT :b, :a, :b +*",
            &[("a", Value::Int(1)), ("b", Value::Null)],
        );
        let template = Template::of(&statement, true).unwrap();
        assert_eq!(template.values, [&Value::Null, &Value::Int(1)]);
        let sent = template.render(|n| format!("(${}::text)", n + 1));
        assert_eq!(sent.text, "SELECT ($1::text), ($2::text), ($1::text) +*");
        assert_eq!(template.key(), "SELECT $1, $2, $1 +*\0-int8");
    }

    #[test]
    fn only_ddl_changes_the_schema() {
        for sql in [
            "SELECT 1",
            "(SELECT 1)",
            "insert into t values (1)",
            "-- x\nWITH a AS (SELECT 1) SELECT 2",
        ] {
            assert!(!changes_schema(sql), "{sql}");
        }
        for sql in [
            "CREATE TABLE t ()",
            "SELECT 1; DROP TABLE t",
            "DO $$ $$",
            "SET search_path = x",
            "SELECT set_config('search_path', 'x', false)",
        ] {
            assert!(changes_schema(sql), "{sql}");
        }
    }
}
