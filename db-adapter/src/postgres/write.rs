//! Inserts, updates and deletes on one connection.

use std::sync::Arc;

use super::batch::batches;
use super::catalog::PgTable;
use super::failure::Failure;
use super::load::may_copy;
use super::read::{affected, to_count};
use super::run::Work;
use super::statement::{execute, fetch, fetch_plain};
use super::statement_text::{self as text, EachRow, Numbers, Sql};
use crate::query::{
    Columns, Delete, Differences, Insert, OnConflict, Outcome, Returning, Update, UpdateMany,
};
use crate::row::Header;
use crate::sql::{self, Assignment, Group, UpdateRows};
use crate::{Error, Result, Row, Value};

impl Work<'_> {
    pub(super) async fn insert(&mut self, insert: &Insert) -> Result<Outcome, Failure> {
        let table = self.table_of(&insert.table, insert.rows.iter()).await?;
        if may_copy(&table, insert)
            && let Some(count) = Box::pin(self.insert_by_copy(&table, insert)).await?
        {
            return Ok(affected(count));
        }
        let mut rows = sql::all_assignments(&*table, &insert.rows, &[], false, || Ok(()))?;
        sql::add_to_insert(&*table, &mut rows, insert)?;
        let conflict = insert.on_conflict();
        if let Some(OnConflict::Update(keys)) = conflict {
            let keys = sql::key_positions(&*table, keys, "upsert")?;
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
        let Some(header) = header else {
            self.writing();
            let count = execute(self.conn, sql.text, sql.params).await?;
            return Ok(affected(count));
        };
        self.check_outputs(&sql.text, &sql.params).await?;
        self.writing();
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

    pub(super) async fn update(&mut self, update: &Update) -> Result<Outcome, Failure> {
        let data = std::iter::once(&update.data);
        let table = self.table_of(&update.table, data).await?;
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
        self.check_outputs(&sql.text, &sql.params).await?;
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

    pub(super) async fn update_many(&mut self, update: &UpdateMany) -> Result<Outcome, Failure> {
        let table = self.table_of(&update.table, update.rows.iter()).await?;
        refuse_settings(&table)?;
        let UpdateRows {
            keys,
            rows,
            expected,
        } = sql::update_many_rows(&*table, update)?;
        let groups = sql::group_rows(rows);
        let batches = batches(&groups);
        self.begin_if(batches.len() > 1 || update.checked).await?;
        let mut outcome = Outcome::default();
        for batch in batches {
            let each = EachRow {
                columns: batch.columns,
                keys: &keys,
                expected,
                only_changed: update.only_changed,
                returning: update.checked,
            };
            if !update.checked {
                let sql = text::update_many(&table, &each, &batch.rows)?;
                outcome.affected += self.write(sql, None).await?.affected;
                continue;
            }
            let changed = self.update_checked(&table, &each, &batch.rows).await?;
            outcome.affected += changed.len() as u64;
            let places = changed.iter().filter_map(|at| batch.places.get(*at));
            outcome.rows.extend(sql::places(places.copied())?);
        }
        self.commit_if_begun().await?;
        Ok(outcome)
    }

    /// Changes rows, of which each must be changed, or be as it is to be already. Gives which of
    /// them were changed.
    async fn update_checked(
        &mut self,
        table: &PgTable,
        each: &EachRow<'_>,
        rows: &[&[Assignment<'_>]],
    ) -> Result<Vec<usize>, Failure> {
        let sql = text::update_many(table, each, rows)?;
        self.writing();
        let answer = fetch_plain(self.conn, sql.text, sql.params).await?;
        let mut changed = Vec::with_capacity(answer.len());
        let mut is_changed = vec![false; rows.len()];
        for row in &answer {
            changed.push(ordinal(row.first(), &mut is_changed)?);
        }
        self.are_same(table, each, rows, &is_changed).await?;
        Ok(changed)
    }

    /// Whether the rows that do not differ are there, and as they are to be.
    async fn are_same(
        &mut self,
        table: &PgTable,
        each: &EachRow<'_>,
        rows: &[&[Assignment<'_>]],
        differs: &[bool],
    ) -> Result<(), Failure> {
        let rest = rows.iter().zip(differs).filter(|(_, is)| !**is);
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
        Ok(())
    }

    /// Which rows would be changed in which columns; each of them must be there.
    pub(super) async fn differences(&mut self, asked: &Differences) -> Result<Outcome, Failure> {
        let update = &asked.update;
        let table = self.table_of(&update.table, update.rows.iter()).await?;
        let UpdateRows {
            keys,
            rows,
            expected,
        } = sql::update_many_rows(&*table, update)?;
        let groups = sql::group_rows(rows);
        let batches = batches(&groups);
        self.begin_if(batches.len() > 1).await?;
        let mut outcome = Outcome::default();
        for batch in batches {
            let each = EachRow {
                columns: batch.columns,
                keys: &keys,
                expected,
                only_changed: true,
                returning: false,
            };
            let names = each.written(&table)?;
            let sql = text::differences(&table, &each, &batch.rows, asked.lock)?;
            if asked.lock {
                self.writing();
            }
            let answer = fetch_plain(self.conn, sql.text, sql.params).await?;
            let mut differs = vec![false; batch.rows.len()];
            let mut found = Vec::with_capacity(answer.len());
            for row in &answer {
                let at = ordinal(row.first(), &mut differs)?;
                let flags = row.iter().skip(1);
                let columns = names.iter().zip(flags);
                let columns = columns.filter(|(_, flag)| **flag == Value::Bool(true));
                let place = batch.places.get(at).copied();
                let place = place.ok_or_else(|| Error::internal("a row that was not sent"))?;
                found.push((place, columns.map(|(name, _)| *name).collect()));
            }
            self.are_same(&table, &each, &batch.rows, &differs).await?;
            outcome.rows.extend(sql::differing(found)?);
        }
        self.commit_if_begun().await?;
        Ok(outcome)
    }

    pub(super) async fn delete(&mut self, delete: &Delete) -> Result<Outcome, Failure> {
        let table = self.table(&delete.table).await?;
        sql::check_restricted("delete", &table, &delete.filter)?;
        let (sql, header) = text::delete(&table, delete)?;
        let outcome = self.write(sql, header).await?;
        Ok(match delete.returning {
            Returning::First => first_only(outcome),
            _ => outcome,
        })
    }
}

/// The place of a row by its number, counted from 1, which is noted.
fn ordinal(number: Option<&Value>, noted: &mut [bool]) -> Result<usize> {
    let number = number.and_then(Value::as_i64);
    let place = number.and_then(|n| usize::try_from(n.checked_sub(1)?).ok());
    let known = place.and_then(|place| Some((place, noted.get_mut(place)?)));
    let Some((place, noted)) = known else {
        return Err(Error::internal(
            "a statement gives back a row that was not sent",
        ));
    };
    *noted = true;
    Ok(place)
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
