//! SQL text of callers: what its parameters and columns are, asked once for each text; then the
//! same text with typed parameters, and with a wrapper around it where its columns have types
//! that are read as text.

use std::sync::OnceLock;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::blame::{Suspect, is_judged_by_server};
use super::describe::{Shape, describe};
use super::dialect::{Postgres, no_nul};
use super::effects;
use super::encode::Param;
use super::failure::Failure;
use super::run::{Text, Work};
use super::sent::Sent;
use super::statement::{execute, execute_raw, fetch_into};
use super::template::{Template, refuse_copy};
use crate::query::{Outcome, Statement};
use crate::row::Header;
use crate::sql::{
    Expanded, check_filters, condition, expand, refuse_transaction_control, single_statement,
};
use crate::value::{Limits, canonicalize, text_of};
use crate::{Error, Result, Value};
use db_adapter_core::SqlType;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::{self, statements};

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
    /// Whether each use of a parameter is one of its own.
    pub(super) split: bool,
    /// `None` when it gives no rows.
    pub(super) header: Option<Arc<Header>>,
    /// Whether it may write: by its words, or by what it reads or calls. Of a text that calls something it is
    /// asked only when its rows may be refused.
    may_write: OnceLock<bool>,
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

/// Whether a text may change what names mean.
pub(super) fn changes_schema(text: &str) -> bool {
    statements(text, SqlDialect::Postgres).any(statement::Statement::may_change_schema)
}

impl Work<'_> {
    /// Behind a transaction pooler the session is another client's next; else it is another
    /// operation's, unless it is given up.
    fn watch_session(&mut self, statement: statement::Statement<'_>) -> Result<()> {
        if !self.shared.is_pooled() {
            if !statement.leaves_session_alone() {
                self.conn.set_altered();
            }
            return Ok(());
        }
        match statement.session_change() {
            Some(word) => Err(Error::unsupported(
                format!("`{word}`, whose effect outlasts its transaction,"),
                "PostgreSQL behind a transaction pooler",
                "use `SET LOCAL` in a transaction, or a direct connection",
            )),
            None => Ok(()),
        }
    }

    /// In the caller's transaction: values that verbs write and read afterwards would be others. Elsewhere
    /// the session goes with it, and a script brings its own.
    fn refuse_value_setting(&self, statement: statement::Statement<'_>) -> Result<()> {
        match statement.value_setting().filter(|_| self.in_transaction) {
            Some(name) => Err(Error::unsupported(
                format!(
                    "a change of `{name}`, by which later values would be written and read otherwise,"
                ),
                "a transaction on PostgreSQL",
                "convert values in the statement itself, for example by `to_char` or `to_date`",
            )),
            None => Ok(()),
        }
    }

    /// What is known of a text, and its parameters.
    pub(super) async fn described(
        &mut self,
        template: &Template<'_>,
    ) -> Result<(Arc<Described>, Vec<Param>), Failure> {
        let key = template.key();
        // what only this transaction sees is not for others
        let is_of_session = template.statement.is_of_session();
        if is_of_session {
            self.conn.set_once();
        }
        let shared = std::ptr::eq(self.catalog, &self.shared.catalog) && !is_of_session;
        let known = self.shared.statements.get(&key).filter(|_| shared);
        // of others the server looks at the words alone: what it refuses later is the caller's mistake
        let is_read = template.statement.is_planned();
        let described = match known {
            Some(described) => {
                self.text = if is_read { Text::Known } else { Text::Callers };
                described
            }
            None => {
                self.text = Text::Callers;
                let described = Arc::new(Box::pin(self.describe(template)).await?);
                if is_read {
                    self.text = Text::Described;
                }
                if shared {
                    self.shared.statements.put(key, Arc::clone(&described));
                }
                described
            }
        };
        self.judged.clear();
        let limits = Limits::rounding(self.catalog.rounding);
        let split = match described.split {
            true => template.split()?,
            false => None,
        };
        let template = split.as_ref().unwrap_or(template);
        let mut params = Vec::with_capacity(template.values.len());
        for (i, sql_type) in described.params.iter().enumerate() {
            let (name, value) = template.bind(i)?;
            let canonical = canonicalize(value, sql_type, limits)
                .map_err(|details| Error::from(details).in_column(name))?;
            // the encoding of the database may not have other characters
            let is_rare = |value: &Value| value.as_str().is_some_and(|text| !text.is_ascii());
            if is_judged_by_server(sql_type) || is_rare(&canonical) {
                self.judged.push(Suspect {
                    name: name.to_owned(),
                    through: "",
                    cast: sql_type.to_string(),
                    values: vec![text_of(&canonical)],
                    longest: None,
                });
            }
            params.push(match (&*canonical, sql_type) {
                (Value::Bytes(bytes), SqlType::Bytea) => Param::Bytes(Some(bytes.to_vec())),
                (_, SqlType::Bytea) => Param::Bytes(None),
                (value, _) => Param::Text(text_of(value)),
            });
        }
        Ok((described, params))
    }

    async fn describe(&mut self, template: &Template<'_>) -> Result<Described, Failure> {
        let Shape {
            sql,
            params,
            split,
            columns,
        } = describe(self, template).await?;
        // the position of an error in what is run is not one in the caller's text
        self.sent = Some(Sent::default());
        let text = template.without_filters();
        let may_write = OnceLock::new();
        if !text.only_reads() {
            may_write.get_or_init(|| true);
        } else if !text.may_call() {
            let writes = effects::of_text(self.conn, text).await?;
            may_write.get_or_init(|| writes);
        }
        Ok(Described {
            may_write,
            sql,
            params,
            split,
            header: match columns {
                Some(names) => Some(Header::new(names)?),
                None => None,
            },
        })
    }

    /// A text with its filters written out.
    async fn expanded<'s>(&mut self, statement: &'s Statement) -> Result<Expanded<'s>, Failure> {
        no_nul(&statement.sql)?;
        let only = single_statement(&statement.sql, SqlDialect::Postgres)?;
        check_filters(statement, only)?;
        if statement.filters.is_empty() {
            return Ok(Expanded::unchanged(statement));
        }
        let mut conditions = Vec::with_capacity(statement.filters.len());
        for filter in &statement.filters {
            let others = self.others(&filter.filter).await?;
            let table = self.table(&filter.table).await?;
            conditions.push(condition::<Postgres>(&table, &others, filter)?);
        }
        // the statement is about other tables as well
        self.table = None;
        Ok(expand::<Postgres>(statement, only, conditions)?)
    }

    /// A text that gives rows, ready to be run.
    async fn query_parts(&mut self, statement: &Statement) -> Result<Parts, Failure> {
        let expanded = self.expanded(statement).await?;
        self.sent = Some(Sent::default());
        let template = Template::of(&expanded, statement, true)?;
        self.refuse_value_setting(template.statement)?;
        self.watch_session(template.statement)?;
        let (described, params) = self.described(&template).await?;
        // what it calls may write as well; what our filters call does not
        let own = statement::Statement::new(&statement.sql, SqlDialect::Postgres);
        let may_call = !own.only_reads() || own.may_call();
        if may_call && described.header.is_some() {
            self.check_outputs(&described.sql, &params).await?;
        }
        Ok(Parts {
            counts_as_write: may_call || described.may_write.get() != Some(&false),
            described,
            params,
        })
    }

    /// The same for one whose rows the caller takes as they come.
    pub(super) async fn stream_parts(
        &mut self,
        statement: &Statement,
    ) -> Result<(Arc<Described>, Vec<Param>), Failure> {
        let parts = self.query_parts(statement).await?;
        if parts.counts_as_write {
            self.writing();
        }
        Ok((parts.described, parts.params))
    }

    /// Whether the text may write; asked once.
    async fn may_write(
        &mut self,
        described: &Described,
        statement: &Statement,
    ) -> Result<bool, Failure> {
        if let Some(known) = described.may_write.get() {
            return Ok(*known);
        }
        let text = statement::Statement::new(&statement.sql, SqlDialect::Postgres);
        let writes = effects::of_text(self.conn, text).await?;
        Ok(*described.may_write.get_or_init(|| writes))
    }

    pub(super) async fn query(&mut self, statement: &Statement) -> Result<Outcome, Failure> {
        let Parts {
            described,
            params,
            counts_as_write,
        } = self.query_parts(statement).await?;
        let of_session = statement::Statement::new(&statement.sql, SqlDialect::Postgres);
        // where it names nothing that is there, the server says so
        if !of_session.is_of_session() {
            statement.check_gives_rows(described.header.is_some())?;
        }
        if statement.may_give_in_vain() && self.may_write(&described, statement).await? {
            // it is judged before it is kept
            self.begin_if(true).await?;
            self.judges = true;
        }
        if counts_as_write {
            self.writing();
        }
        let sql = described.sql.clone();
        let result = match &described.header {
            Some(header) => {
                fetch_into(self.conn, sql, params, header, statement.sink.as_ref()).await
            }
            None => execute(self.conn, sql, params).await.map(|affected| {
                statement.sink.iter().for_each(|sink| sink.begin().finish());
                Outcome {
                    rows: Vec::new(),
                    affected,
                }
            }),
        };
        self.forget_if_changed(&statement.sql);
        result
    }

    pub(super) async fn execute(&mut self, statement: &Statement) -> Result<Outcome, Failure> {
        let expanded = self.expanded(statement).await?;
        self.sent = Some(Sent::default());
        let template = Template::of(&expanded, statement, false)?;
        self.refuse_value_setting(template.statement)?;
        self.watch_session(template.statement)?;
        let affected = if template.values.is_empty() {
            self.text = Text::Callers;
            self.sent = Some(Sent::verbatim(template.statement.text()));
            self.writing();
            execute_raw(self.conn, template.statement.text().to_owned()).await
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
            affected: match template.statement.counts_rows() {
                true => affected,
                false => 0,
            },
        })
    }

    pub(super) async fn script(&mut self, script: &str) -> Result<Outcome, Failure> {
        self.sent = Some(Sent::verbatim(script));
        no_nul(script)?;
        for statement in statements(script, SqlDialect::Postgres) {
            refuse_transaction_control(statement)?;
            refuse_copy(statement)?;
            self.watch_session(statement)?;
        }
        if statements(script, SqlDialect::Postgres).next().is_none() {
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

/// What a query needs.
struct Parts {
    described: Arc<Described>,
    params: Vec<Param>,
    /// Whether it is not sent again when nobody knows what became of it.
    counts_as_write: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_of_a_script_is_enough_to_change_the_schema() {
        assert!(!changes_schema("SELECT 1; INSERT INTO t VALUES (1)"));
        assert!(changes_schema("SELECT 1; DROP TABLE t"));
    }
}
