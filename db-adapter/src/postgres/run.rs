//! One operation on one connection: inside of a transaction or on a connection of the pool.

use std::sync::Arc;

use db_adapter_core::TableName;

use super::adapter::Shared;
use super::batch::batches;
use super::blame::{self, Suspect};
use super::catalog::{Catalog, PgTable};
use super::connection::{Connection, execute, fetch, fetch_plain};
use super::dialect::Postgres;
use super::error::{Context, Sent};
use super::error_words::invalid_value;
use super::failure::Failure;
use super::load::may_copy;
use super::statement_text::{self as text, EachRow, Numbers, Sql};
use crate::query::{
    Backend, Columns, Delete, Insert, Matching, OnConflict, Operation, Outcome, Returning, Select,
    Update, UpdateMany,
};
use crate::row::Header;
use crate::sql::{self, Assignment, Group, Output, UpdateRows};
use crate::transaction::TxOptions;
use crate::{Error, Filter, Result, Row, Value};

/// An operation under way.
pub(super) struct Work<'a> {
    pub(super) conn: &'a mut Connection,
    pub(super) shared: &'a Shared,
    pub(super) catalog: &'a Catalog,
    /// Whether the transaction is the caller's.
    pub(super) in_transaction: bool,
    /// Whether it was sent once before, over a connection that was then lost.
    pub(super) again: bool,
    /// Statements that may write and were sent.
    pub(super) writes: u32,
    /// Whether the end of a transaction of our own was sent.
    committing: bool,
    /// The tables whose descriptions were known already.
    pub(super) known: Vec<TableName>,
    /// Whose the text is that runs now.
    pub(super) text: Text,
    pub(super) table: Option<Arc<PgTable>>,
    pub(super) sent: Option<Sent>,
    /// Parameters of a caller's text whose values only the server can judge.
    pub(super) judged: Vec<Suspect>,
}

/// Whose text it is: if it is refused, either the caller or the schema is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// Made by us from descriptions of tables.
    Ours,
    /// The caller's, and nobody knows yet whether it can be run.
    Callers,
    /// The caller's, with the types that the server has told.
    Described,
    /// The same, as it was told once before.
    Known,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        conn: &'a mut Connection,
        shared: &'a Shared,
        catalog: &'a Catalog,
        in_transaction: bool,
    ) -> Self {
        Work {
            conn,
            shared,
            catalog,
            in_transaction,
            again: false,
            writes: 0,
            committing: false,
            known: Vec::new(),
            text: Text::Ours,
            table: None,
            sent: None,
            judged: Vec::new(),
        }
    }

    /// The error with the column or parameter that it is about, where the server has named none.
    pub(super) async fn blame(
        &mut self,
        error: Error,
        failure: &Failure,
        operation: &Operation,
    ) -> Error {
        let error = blame::named_sum(error, failure, operation, self.table.as_deref());
        let found = blame::suspects(failure, operation, self.table.as_deref());
        let judged = match invalid_value(failure.code()) {
            Some(_) => std::mem::take(&mut self.judged),
            None => Vec::new(),
        };
        let suspects = if self.sent.is_some() { judged } else { found };
        // behind a transaction pooler a statement alone may not find what was prepared for it
        let guilty = match self.shared.is_pooled() {
            true => None,
            false => blame::guilty(self.conn, failure, &suspects).await,
        };
        match guilty.or_else(|| blame::only(failure, &suspects).filter(|_| self.sent.is_none())) {
            Some(suspect) => blame::named(error, suspect),
            None => error,
        }
    }

    /// Whether what is done here can still be undone.
    pub(super) fn is_open(&self) -> bool {
        self.in_transaction || (self.begun() && !self.committing)
    }

    /// Whether a transaction of our own is open, for an operation of many statements.
    fn begun(&self) -> bool {
        !self.in_transaction && self.conn.is_open()
    }

    /// A statement that may write is about to be sent.
    pub(super) fn writing(&mut self) {
        self.writes += 1;
    }

    /// It has changed no row after all.
    pub(super) fn only_read(&mut self) {
        self.writes = self.writes.saturating_sub(1);
    }

    /// Whether one was sent: after that it may have been done.
    pub(super) fn wrote(&self) -> bool {
        self.writes > 0
    }

    /// The operation on a connection of the pool, in a transaction of its own where one is
    /// needed: behind a transaction pooler, since a statement has to be run where it was
    /// prepared, and where nothing may be written, since the session's own setting is lost when
    /// somebody shares sessions without telling.
    pub(super) async fn run_pooled(&mut self, operation: &Operation) -> Result<Outcome, Failure> {
        let alone = self.shared.is_pooled() || (self.shared.is_read_only() && !operation.is_read());
        self.begin_if(alone).await?;
        let outcome = self.run(operation).await?;
        self.commit_if_begun().await?;
        Ok(outcome)
    }

    pub(super) fn context(&self, operation: &'static str) -> Context<'_> {
        Context {
            operation,
            table: self.table.as_deref(),
            sent: self.sent.as_ref(),
            target: self.shared.target(),
            may_have_written: self.wrote() && !self.is_open(),
        }
    }

    pub(super) async fn run(&mut self, operation: &Operation) -> Result<Outcome, Failure> {
        match operation {
            Operation::Select(select) => self.select(select).await,
            Operation::Count(matching) => self.count(matching).await,
            Operation::Exists(matching) => self.exists(matching).await,
            Operation::Insert(insert) => self.insert(insert).await,
            Operation::Update(update) => self.update(update).await,
            Operation::UpdateMany(update) => self.update_many(update).await,
            Operation::Delete(delete) => self.delete(delete).await,
            Operation::Load(load) => self.load(load).await,
            Operation::AllocateKeys(allocate) => self.allocate_keys(allocate).await,
            Operation::AdvanceSequence(advance) => self.advance_sequence(advance).await,
            Operation::Lock(name) => self.lock(name).await,
            Operation::Query(statement) => self.query(statement).await,
            Operation::Execute(statement) => self.execute(statement).await,
            Operation::ExecuteScript(script) => self.script(script).await,
            Operation::Ping => {
                fetch_plain(self.conn, "SELECT 1".to_owned(), Vec::new()).await?;
                Ok(Outcome::default())
            }
            Operation::ServerVersion => self.server_version().await,
            Operation::Backend => Ok(Backend::Postgres.outcome()),
        }
    }

    pub(super) async fn table(&mut self, name: &TableName) -> Result<Arc<PgTable>, Failure> {
        let (table, known) = match self.again {
            // what was read by the lost connection may not be what the cache tells of
            true => (self.catalog.fresh(self.conn, name).await?, false),
            false => self.catalog.table(self.conn, name).await?,
        };
        if known {
            self.known.push(name.clone());
        }
        if table.extra.effects.of_reading {
            if self.again {
                return Err(Error::OutcomeUnknown {
                    operation: "read".to_owned(),
                }
                .into());
            }
            self.writing();
        }
        self.table = Some(Arc::clone(&table));
        Ok(table)
    }

    /// The tables that a filter refers to.
    pub(super) async fn others(
        &mut self,
        filter: &Filter,
    ) -> Result<Vec<(TableName, Arc<PgTable>)>, Failure> {
        let mut others = Vec::new();
        for name in filter.tables() {
            others.push((name.clone(), self.table(name).await?));
        }
        Ok(others)
    }

    pub(super) async fn rows(&mut self, sql: Sql, outputs: &[Output]) -> Result<Vec<Row>, Failure> {
        let header = Header::new(outputs.iter().map(|output| output.name.as_str()))?;
        fetch(self.conn, sql.text, sql.params, &header).await
    }

    async fn select(&mut self, select: &Select) -> Result<Outcome, Failure> {
        sql::check_lock(select, self.in_transaction)?;
        let others = self.others(&select.filter).await?;
        let table = self.table(&select.table).await?;
        let (sql, header) = text::select(&table, &others, select)?;
        let rows = fetch(self.conn, sql.text, sql.params, &header).await?;
        Ok(Outcome { rows, affected: 0 })
    }

    async fn count(&mut self, matching: &Matching) -> Result<Outcome, Failure> {
        let others = self.others(&matching.filter).await?;
        let table = self.table(&matching.table).await?;
        let sql = sql::count::<Postgres>(&table, &others, matching)?;
        let rows = fetch_plain(self.conn, sql.text, sql.params).await?;
        let count = rows.first().and_then(|row| row.first());
        Ok(affected(to_count(count)?))
    }

    async fn exists(&mut self, matching: &Matching) -> Result<Outcome, Failure> {
        let others = self.others(&matching.filter).await?;
        let table = self.table(&matching.table).await?;
        let sql = sql::exists::<Postgres>(&table, &others, matching)?;
        let rows = fetch_plain(self.conn, sql.text, sql.params).await?;
        Ok(affected(rows.len() as u64))
    }

    async fn server_version(&mut self) -> Result<Outcome, Failure> {
        let rows = fetch_plain(self.conn, "SHOW server_version".to_owned(), Vec::new()).await?;
        let full = rows.first().and_then(|row| row.first());
        let number = full.and_then(Value::as_str).unwrap_or_default();
        // Debian adds words of its own
        let number = number.split(' ').next().unwrap_or_default();
        let row: Row = [("version", number)].into();
        Ok(Outcome {
            rows: vec![row],
            affected: 0,
        })
    }

    async fn insert(&mut self, insert: &Insert) -> Result<Outcome, Failure> {
        let table = self.table(&insert.table).await?;
        if may_copy(&table, insert)
            && let Some(count) = Box::pin(self.insert_by_copy(&table, insert)).await?
        {
            return Ok(affected(count));
        }
        let mut rows = sql::all_assignments(&*table, &insert.rows, &[], || Ok(()))?;
        sql::add_to_insert(&*table, &mut rows, insert)?;
        let conflict = insert.on_conflict();
        if let Some(OnConflict::Update(keys)) = conflict {
            let keys = key_positions(&table, keys)?;
            sql::refuse_duplicate_keys(&*table, &keys, &rows, "upsert")?;
        }
        let returning = insert.returning.columns();
        let outcome = match rows.as_slice() {
            [] => Outcome::default(),
            [row] => self.insert_one(&table, row, conflict, returning).await?,
            _ => {
                let groups = sql::group_rows(rows);
                self.insert_groups(&table, &groups, conflict, returning, Numbers::Ours)
                    .await?
            }
        };
        Ok(match insert.returning {
            Returning::First => first_only(outcome),
            _ => outcome,
        })
    }

    async fn insert_one(
        &mut self,
        table: &PgTable,
        row: &[Assignment<'_>],
        conflict: Option<OnConflict<'_>>,
        returning: Option<&Columns>,
    ) -> Result<Outcome, Failure> {
        let (sql, header) = text::insert_one(table, row, conflict, returning)?;
        self.write(sql, header).await
    }

    /// Sends one write; with a header its rows are given back.
    async fn write(&mut self, sql: Sql, header: Option<Arc<Header>>) -> Result<Outcome, Failure> {
        self.writing();
        let Some(header) = header else {
            let count = execute(self.conn, sql.text, sql.params).await?;
            return Ok(affected(count));
        };
        let rows = fetch(self.conn, sql.text, sql.params, &header).await?;
        Ok(Outcome {
            affected: rows.len() as u64,
            rows,
        })
    }

    pub(super) async fn insert_groups(
        &mut self,
        table: &PgTable,
        groups: &[Group<'_>],
        conflict: Option<OnConflict<'_>>,
        returning: Option<&Columns>,
        numbers: Numbers,
    ) -> Result<Outcome, Failure> {
        let batches = batches(groups);
        self.begin_if(batches.len() > 1).await?;
        let mut total = 0;
        let mut placed: Vec<(usize, Row)> = Vec::new();
        for batch in batches {
            let (sql, header) = text::insert_many(
                table,
                batch.columns,
                &batch.rows,
                conflict,
                returning,
                numbers,
            )?;
            let outcome = self.write(sql, header).await?;
            total += outcome.affected;
            placed.extend(batch.places.into_iter().zip(outcome.rows));
        }
        self.commit_if_begun().await?;
        placed.sort_by_key(|(place, _)| *place);
        Ok(Outcome {
            rows: placed.into_iter().map(|(_, row)| row).collect(),
            affected: total,
        })
    }

    async fn update(&mut self, update: &Update) -> Result<Outcome, Failure> {
        let table = self.table(&update.table).await?;
        refuse_settings(&table)?;
        sql::check_restricted("update", &table, &update.filter)?;
        let mut row = sql::assignments(&*table, &update.data)?;
        sql::add_expressions(&*table, &mut row, &update.expressions)?;
        if row.is_empty() {
            return Err(Error::EmptyData {
                operation: "update",
                table: table.name.to_string(),
            }
            .into());
        }
        // several rows only where tables inherit, and then with the same key
        let one = sql::pins_key(&table, &update.filter);
        if matches!(update.returning, Returning::First) && !one {
            return self.update_first(&table, &row, update).await;
        }
        let returning = update.returning.columns();
        let (sql, header) = text::update(&table, &row, &update.filter, returning)?;
        let outcome = self.write(sql, header).await?;
        Ok(match update.returning {
            Returning::First => first_only(outcome),
            _ => outcome,
        })
    }

    async fn update_first(
        &mut self,
        table: &PgTable,
        row: &[Assignment<'_>],
        update: &Update,
    ) -> Result<Outcome, Failure> {
        let (sql, header) = text::update_first(table, row, &update.filter)?;
        self.writing();
        let found = fetch_plain(self.conn, sql.text, sql.params).await?;
        // no row was changed
        let Some(mut values) = found.into_iter().next() else {
            return Ok(Outcome::default());
        };
        let count = to_count(values.pop().as_ref())?;
        Ok(Outcome {
            rows: vec![Row::from_parts(header, values)],
            affected: count,
        })
    }

    async fn update_many(&mut self, update: &UpdateMany) -> Result<Outcome, Failure> {
        let table = self.table(&update.table).await?;
        refuse_settings(&table)?;
        let UpdateRows {
            keys,
            rows,
            expected,
        } = sql::update_many_rows(&*table, update)?;
        let groups = sql::group_rows(rows);
        let batches = batches(&groups);
        self.begin_if(batches.len() > 1 || update.checked).await?;
        let mut total = 0;
        for batch in batches {
            let each = EachRow {
                columns: batch.columns,
                keys: &keys,
                expected,
                only_changed: update.only_changed,
                returning: update.checked,
            };
            total += match update.checked {
                true => self.update_checked(&table, &each, &batch.rows).await?,
                false => {
                    let sql = text::update_many(&table, &each, &batch.rows)?;
                    self.write(sql, None).await?.affected
                }
            };
        }
        self.commit_if_begun().await?;
        Ok(affected(total))
    }

    /// Changes rows, of which each must be changed, or be as it is to be already.
    async fn update_checked(
        &mut self,
        table: &PgTable,
        each: &EachRow<'_>,
        rows: &[&[Assignment<'_>]],
    ) -> Result<u64, Failure> {
        let sql = text::update_many(table, each, rows)?;
        self.writing();
        let changed = fetch_plain(self.conn, sql.text, sql.params).await?;
        let mut is_changed = vec![false; rows.len()];
        for place in changed.iter().filter_map(|row| row.first()?.as_i64()) {
            let place = usize::try_from(place).unwrap_or_default();
            if let Some(is) = is_changed.get_mut(place.saturating_sub(1)) {
                *is = true;
            }
        }
        let rest = rows.iter().zip(&is_changed).filter(|(_, is)| !**is);
        let rest: Vec<&[Assignment<'_>]> = rest.map(|(row, _)| *row).collect();
        if !rest.is_empty() {
            let sql = text::count_same(table, each, &rest)?;
            let found = fetch_plain(self.conn, sql.text, sql.params).await?;
            let same = to_count(found.first().and_then(|row| row.first()))?;
            if same != rest.len() as u64 {
                let table = table.name.to_string();
                let what = "the row";
                return Err(Error::NotKept { table, what }.into());
            }
        }
        Ok(changed.len() as u64)
    }

    async fn delete(&mut self, delete: &Delete) -> Result<Outcome, Failure> {
        let table = self.table(&delete.table).await?;
        sql::check_restricted("delete", &table, &delete.filter)?;
        let (sql, header) = text::delete(&table, delete)?;
        let outcome = self.write(sql, header).await?;
        Ok(match delete.returning {
            Returning::First => first_only(outcome),
            _ => outcome,
        })
    }

    /// Many statements are one transaction.
    pub(super) async fn begin_if(&mut self, many: bool) -> Result<(), Failure> {
        if many && !self.is_open() {
            let begin = self.shared.begin_sql(TxOptions::default());
            self.conn.begin(&begin, self.shared.local()).await?;
        }
        Ok(())
    }

    pub(super) async fn commit_if_begun(&mut self) -> Result<(), Failure> {
        if self.begun() {
            self.committing = true;
            self.conn.commit().await?;
        }
        Ok(())
    }

    /// Ends what [`Work::begin_if`] began, after a failure; whether the connection is still good.
    pub(super) async fn roll_back_if_begun(&mut self) -> bool {
        !self.begun() || self.conn.roll_back().await.is_ok()
    }
}

pub(super) fn affected(affected: u64) -> Outcome {
    Outcome {
        rows: Vec::new(),
        affected,
    }
}

/// A count of the server; without one nobody knows how many rows there are, least of all none.
fn to_count(value: Option<&Value>) -> Result<u64> {
    let count = value.and_then(Value::as_i64);
    let count = count.and_then(|n| u64::try_from(n).ok());
    count.ok_or_else(|| Error::internal("the server's answer to a count has no number in it"))
}

fn first_only(mut outcome: Outcome) -> Outcome {
    outcome.rows.truncate(1);
    outcome
}

/// An update of `pg_settings` would be a `SET` that outlasts the operation, and reach whoever has the
/// connection next.
fn refuse_settings(table: &PgTable) -> Result<()> {
    if !table.extra.effects.sets_session {
        return Ok(());
    }
    Err(Error::unsupported(
        format!("an update of `{}`, which changes the session,", table.name),
        "a connection that others use next",
        "use `SET LOCAL` in a transaction",
    ))
}

fn key_positions(table: &PgTable, keys: &[String]) -> Result<Vec<usize>> {
    if keys.is_empty() {
        return Err(Error::invalid_query(
            format!("upsert of `{}` without keys", table.name),
            "name the columns of a unique key, for example `[\"id\"]`",
        ));
    }
    keys.iter()
        .map(|key| table.position(key).ok_or_else(|| table.undefined(key)))
        .collect()
}
