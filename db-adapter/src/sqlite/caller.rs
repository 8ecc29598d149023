//! SQL text of the caller: which connection it needs, its parameters, the types of its results.

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::{self, StatementKind, statements};
use rusqlite::Row as RawRow;

use super::catalog;
use super::catalog::Catalog;
use super::connection::{Connection, Keep};
use super::dialect::{Sql, SqliteDialect};
use super::encode::bare;
use super::error::{Context, of_text};
use super::location::Mode;
use super::plan::Plan;
use super::read::{gathered, poured};
use super::rows::{Gone, RowSender};
use super::run::Work;
use crate::error::InvalidValue;
use crate::query::{Operation, Outcome, SqlFilter, Statement};
use crate::row::Header;
use crate::sql::{
    Expanded, Parameters, check_filters, condition, expand, parameters, refuse_transaction_control,
    single_statement,
};
use crate::{Error, Result, Row};

/// A caller's text, which may turn out to be none or several statements.
fn of(statement: &Statement) -> statement::Statement<'_> {
    statement::Statement::new(&statement.sql, SqlDialect::Sqlite)
}

/// Whether an operation can run on a connection that only reads.
pub(super) fn is_read(operation: &Operation) -> bool {
    match operation {
        Operation::Query(statement) | Operation::Execute(statement) => of(statement).only_reads(),
        Operation::ExecuteScript(script) => {
            statements(script, SqlDialect::Sqlite).all(statement::Statement::only_reads)
        }
        operation => operation.is_read(),
    }
}

/// Whether an operation may change the schema or settings.
pub(super) fn may_change_schema(operation: &Operation) -> bool {
    match operation {
        Operation::ExecuteScript(_) => true,
        Operation::Query(statement) | Operation::Execute(statement) => {
            of(statement).may_change_schema()
        }
        _ => false,
    }
}

/// Whether a statement changes rows, so that what it has done is to be undone when it fails.
pub(super) fn changes_rows(statement: &Statement) -> bool {
    of(statement).counts_rows()
}

/// Whether a statement writes, and may give what its caller does not take. No function of SQLite writes.
pub(super) fn is_judged(statement: &Statement) -> bool {
    statement.may_give_in_vain() && !of(statement).only_reads()
}

/// Whether a statement changes the schema, and can be undone: an interrupt that comes when it is done already
/// is too late, and must not count as its end.
pub(super) fn changes_tables(statement: &Statement) -> bool {
    const WORDS: [&str; 5] = ["CREATE", "ALTER", "DROP", "REINDEX", "ANALYZE"];
    let word = of(statement).keyword();
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// SQLite ends a text at its first NUL: what comes behind it would be left out.
fn no_nul(sql: &str) -> Result<()> {
    if sql.contains('\0') {
        return Err(Error::invalid_query(
            "the SQL text holds a NUL character",
            "remove it",
        ));
    }
    Ok(())
}

/// What would hold for every later statement of the connection, whoever sends it.
fn refuse_setting(statement: statement::Statement<'_>) -> Result<()> {
    match statement.connection_setting() {
        Some(name) => Err(Error::unsupported(
            format!("`PRAGMA {name}`, which would hold for all that use the connection later,"),
            "SQLite",
            "foreign keys and the journal are set by the adapter; use the `sqlite3` program for work on the file itself",
        )),
        None => Ok(()),
    }
}

/// The statement with `:name` as `?n`, and its values.
fn prepare(statement: &Statement) -> Result<Sql> {
    no_nul(&statement.sql)?;
    let only = single_statement(&statement.sql, SqlDialect::Sqlite)?;
    refuse_transaction_control(only)?;
    refuse_setting(only)?;
    let names: Vec<&str> = statement.binds.iter().map(|(name, _)| &**name).collect();
    let found = parameters(only.text(), &names, SqlDialect::Sqlite, true)?;
    let mut sql = Sql::new("");
    for bind in &found.binds {
        let Some((name, value)) = statement.binds.get(*bind) else {
            return Err(Error::internal(
                "a parameter of an SQL text leads to no value",
            ));
        };
        if value.as_str().is_some_and(|text| text.contains('\0')) {
            // no backend takes one, so that what one stores another can
            let details = InvalidValue::new("text cannot hold a NUL character");
            return Err(Error::from(details).in_column(name));
        }
        sql.params.push(bare(value));
    }
    push_text(&mut sql, &found);
    Ok(sql)
}

/// The text with a parameter of SQLite's for each use.
fn push_text(sql: &mut Sql, found: &Parameters) {
    // each is used once: numbers are searched one after another
    let plain = found.uses.iter().enumerate().all(|(i, place)| i == *place);
    for (i, part) in found.parts.iter().enumerate() {
        sql.push(part);
        match found.uses.get(i) {
            Some(_) if plain => sql.push("?"),
            Some(place) => sql.push(&format!("?{}", place + 1)),
            None => {}
        }
    }
}

/// How the rows of a query are read, by the first of them: SQLite then has the schema that they are
/// of.
fn plan_of(row: &RawRow<'_>, catalog: &Catalog, connection: &Connection) -> Result<Plan> {
    let origins = catalog.origins(connection)?;
    let names = row.as_ref().column_names();
    Ok(Plan {
        types: catalog::output_types(row.as_ref(), &origins).into(),
        header: Header::new(names)?,
    })
}

/// `VACUUM INTO` makes a file also over a connection that may only read.
fn writes_another_file(text: &str) -> bool {
    let statement = statement::Statement::new(text, SqlDialect::Sqlite);
    statement.keyword().eq_ignore_ascii_case("VACUUM")
}

impl Work<'_> {
    /// Runs a caller's statement. A transaction that is open before it is open after it: the words
    /// that end one are refused, and SQLite has the last word on whether there were any.
    fn send_callers(
        &mut self,
        sql: Sql,
        keep: Keep,
        filters: &[SqlFilter],
        row: impl FnMut(&RawRow<'_>) -> Result<()>,
    ) -> Result<u64> {
        let read_only = self.database.location.mode == Mode::ReadOnly;
        if read_only && writes_another_file(&sql.text) {
            return Err(Error::ReadOnly {
                what: "the database".to_owned(),
            });
        }
        let context = Context {
            filters,
            ..self.context(None)
        };
        let text = sql.text.clone();
        match self.send(sql, keep, &context, row) {
            Ok(_) if self.in_transaction && !self.connection.is_in_transaction() => {
                Err(Error::OutcomeUnknown {
                    operation: "SQL text that ended its transaction".to_owned(),
                })
            }
            Ok(changed) => Ok(changed),
            Err(error) => Err(self.suggesting(of_text(error, &text))),
        }
    }

    /// A text with its filters written out.
    fn expanded<'s>(&mut self, statement: &'s Statement) -> Result<Expanded<'s>> {
        no_nul(&statement.sql)?;
        let only = single_statement(&statement.sql, SqlDialect::Sqlite)?;
        check_filters(statement, only)?;
        if statement.filters.is_empty() {
            return Ok(Expanded::unchanged(statement));
        }
        let mut conditions = Vec::with_capacity(statement.filters.len());
        for filter in &statement.filters {
            let others = self.others(&filter.filter)?;
            let table = self.table(&filter.table)?;
            conditions.push(condition::<SqliteDialect>(&table, &others, filter)?);
        }
        expand::<SqliteDialect>(statement, only, conditions)
    }

    pub(super) fn query(&mut self, statement: &Statement) -> Result<Outcome> {
        gathered(statement.sink.as_ref(), |take| {
            self.each_queried(statement, take)
        })
    }

    /// The rows of a query, as they come.
    pub(super) fn stream_query(
        &mut self,
        statement: &Statement,
        rows: &mut RowSender,
    ) -> Result<(), Gone> {
        poured(rows, |take| self.each_queried(statement, take))
    }

    fn each_queried(
        &mut self,
        statement: &Statement,
        mut take: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let sql = prepare(&self.expanded(statement)?.statement)?;
        let (catalog, connection) = (self.catalog, self.connection);
        if is_judged(statement)
            // what cannot be prepared is told by its run
            && let Ok(prepared) = connection.prepare(&sql.text, kept(statement))
        {
            statement.check_gives_rows(prepared.column_count() > 0)?;
        }
        let mut plan: Option<Plan> = None;
        self.send_callers(sql, kept(statement), &statement.filters, |row| {
            let plan = match &plan {
                Some(plan) => plan,
                None => plan.insert(plan_of(row, catalog, connection)?),
            };
            take(plan.row(row)?)
        })?;
        Ok(())
    }

    pub(super) fn execute(&mut self, statement: &Statement) -> Result<Outcome> {
        let sql = prepare(&self.expanded(statement)?.statement)?;
        // SQLite tells of a statement that changes no rows what an earlier one changed
        let counts = of(statement).counts_rows();
        let changed = self.send_callers(sql, kept(statement), &statement.filters, |_| Ok(()))?;
        Ok(Outcome {
            rows: Vec::new(),
            affected: if counts { changed } else { 0 },
        })
    }

    pub(super) fn execute_script(&mut self, script: &str) -> Result<Outcome> {
        no_nul(script)?;
        let mut texts = Vec::new();
        for statement in statements(script, SqlDialect::Sqlite) {
            refuse_transaction_control(statement)?;
            refuse_setting(statement)?;
            parameters(statement.text(), &[], SqlDialect::Sqlite, true)?;
            texts.push(statement.text());
        }
        for text in texts {
            self.send_callers(Sql::new(text), Keep::Not, &[], |_| Ok(()))?;
        }
        Ok(Outcome::default())
    }

    /// Adds the nearest name to the error of an unknown table.
    fn suggesting(&mut self, error: Error) -> Error {
        match &error {
            Error::UndefinedTable {
                table,
                suggestion: None,
            } => catalog::undefined(self.connection, table).unwrap_or(error),
            _ => error,
        }
    }
}

/// Statements on rows come again, others hardly.
fn kept(statement: &Statement) -> Keep {
    match of(statement).kind() {
        StatementKind::Select
        | StatementKind::Insert
        | StatementKind::Update
        | StatementKind::Delete => Keep::Prepared,
        _ => Keep::Not,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::sqlite::encode::Param;

    fn statement(sql: &str, binds: &[(&str, i64)]) -> Statement {
        Statement {
            sql: sql.into(),
            binds: binds
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::Int(*value)))
                .collect(),
            ..Statement::new("")
        }
    }

    #[test]
    fn parameters_are_numbered() {
        let sql = prepare(&statement("SELECT :b, ':a', :a, :b", &[("a", 1), ("b", 2)])).unwrap();
        assert_eq!(sql.text, "SELECT ?1, ':a', ?2, ?1");
        assert_eq!(sql.params, [Param::Int(2), Param::Int(1)]);
    }
}
