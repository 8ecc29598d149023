//! A comparison of three: what both sides were like after the last sync, what they are now, and what becomes of it.
//! Reads both sides whole, deletes what is to go, and gives what the next base has. The rest, a transfer does.

use std::sync::Arc;

use db_adapter_core::backup::BackupSchema;
use db_adapter_core::sync::Rules;
use sha2::{Digest as _, Sha256};

use super::deleting::Deleting;
use super::digest::Salt;
use super::digests::{Digests, How, Of, counts, digests};
use super::fingerprint::Fingerprints;
use super::options::Options;
use super::run::{Planned, planned};
use super::source::RowSource;
use super::weigh::{BaseRow, BaseRows, Counts, Untouched, Weighed, asks, can_say, weigh};
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Statement};
use crate::transaction::Transaction;
use crate::{Error, Notice, Result, Row, Value};

/// The two sides and their tables, as they were found.
pub(crate) struct Sides {
    planned: Planned,
    fingerprints: Fingerprints,
}

/// A hash of names and types.
pub(crate) type Shape = [u8; 32];

/// How to compare.
pub(crate) struct Asked<'a> {
    pub(crate) rules: Rules,
    /// The column that says which of two rows is newer.
    pub(crate) newer: Option<&'a str>,
    pub(crate) salt: Salt,
    pub(crate) base: BaseRows,
}

/// What is to be done.
pub(crate) struct ThreeWay {
    weighed: Weighed,
    dest: Digests,
    salt: Salt,
    deleting: Option<Deleting>,
    untouched: Arc<Untouched>,
    /// Rows of the source that do not fit: nothing can be committed.
    pub(crate) unfit: u64,
}

impl Sides {
    /// Looks at both, behind the locks of whoever moves rows.
    ///
    /// # Errors
    /// As a transfer.
    pub(crate) async fn find<S: RowSource>(
        tx: &Transaction,
        schema: &BackupSchema,
        source: &mut S,
        user: &Value,
        options: &Options,
    ) -> Result<Sides> {
        Ok(Sides {
            planned: planned(tx, schema, source, user, options).await?,
            fingerprints: Fingerprints::default(),
        })
    }

    /// Nobody writes to the tables until the end of the transaction: what is decided about is what is written.
    pub(crate) async fn lock(&self, tx: &Transaction) -> Result<()> {
        if !self.planned.plan.locks_rows {
            return Ok(());
        }
        let mut tables: Vec<String> = self.planned.plan.tables().map(|t| t.quoted()).collect();
        tables.sort();
        tables.dedup();
        let sql = format!("LOCK TABLE {} IN EXCLUSIVE MODE", tables.join(", "));
        tx.run(Operation::Execute(Statement::new(sql))).await?;
        Ok(())
    }

    /// The user as the destination's columns hold it.
    pub(crate) fn user(&self) -> &Value {
        &self.planned.user
    }

    /// The tables and columns of the source, and of the destination.
    pub(crate) fn shapes(&self) -> (Shape, Shape) {
        let (mut source, mut dest) = (Sha256::new(), Sha256::new());
        for table in &self.planned.about.tables {
            source.update(format!("{:?}\n", table.table));
            for (name, sql_type) in table.columns.iter().flatten() {
                source.update(format!(" {name:?} {sql_type}\n"));
            }
        }
        for table in &self.planned.plan.tables {
            dest.update(format!("{:?}\n", table.table.to_string()));
            for column in &table.columns {
                dest.update(format!(" {:?} {}\n", column.name, column.sql_type));
            }
            dest.update(format!(" {:?} {:?}\n", table.natural, table.computed));
        }
        (source.finalize().into(), dest.finalize().into())
    }

    /// Compares all rows of both sides.
    ///
    /// # Errors
    /// [`Error::RestoreRefused`] for what cannot be compared so, and those of the sources.
    pub(crate) async fn compare<S: RowSource, D: RowSource>(
        &self,
        source: &mut S,
        dest: &mut D,
        asked: Asked<'_>,
    ) -> Result<ThreeWay> {
        self.check(&asked)?;
        let how = |of| How {
            of,
            salt: asked.salt,
            fingerprints: &self.fingerprints,
            newer: asked.newer,
        };
        let plan = &self.planned.plan;
        dest.about().await?;
        let theirs = digests(dest, plan, &how(Of::Dest)).await?;
        if theirs.unfit > 0 {
            return Err(refused(vec![Notice::new(format!(
                "{} rows of the destination have values that are not of their columns' types, and cannot be compared",
                theirs.unfit
            ))]));
        }
        let ours = digests(source, plan, &how(Of::Source)).await?;
        let mut weighed = weigh(
            plan,
            &asked.base,
            (&ours, &theirs),
            asked.rules,
            asked.newer,
            self.fingerprints.clone(),
        );
        Ok(ThreeWay {
            untouched: Arc::new(std::mem::take(&mut weighed.untouched)),
            unfit: ours.unfit,
            weighed,
            dest: theirs,
            salt: asked.salt,
            deleting: None,
        })
    }

    /// Keys must have the same bytes wherever they are compared.
    fn check(&self, asked: &Asked<'_>) -> Result<()> {
        let mut problems = Vec::new();
        for table in self.planned.plan.tables.iter().filter(|t| counts(t)) {
            let natural = table.natural.iter().filter_map(|c| table.columns.get(*c));
            for column in natural.filter(|column| column.meaning.asks().is_some()) {
                problems.push(
                    Notice::new(format!(
                        "rows of `{}` are known by `{}`, whose values only the database can compare",
                        table.name, column.name
                    ))
                    .hint("a base and deletes are for keys that are equal only when they are written alike"),
                );
            }
            let Some(newer) = asked.newer.filter(|_| asks(asked.rules)) else {
                continue;
            };
            let column = table.position(newer).and_then(|at| table.columns.get(at));
            match column {
                Some(column) if can_say(&column.sql_type) => {}
                Some(column) => problems.push(Notice::new(format!(
                    "`{}.{newer}` is {}: only numbers, dates and times say which row is newer",
                    table.name, column.sql_type
                ))),
                None => problems.push(Notice::new(format!(
                    "table `{}` has no column `{newer}` on both sides, which is to say which row is newer",
                    table.name
                ))),
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(refused(problems)),
        }
    }
}

impl ThreeWay {
    /// What the rows of each table came to, by its declared name.
    pub(crate) fn counts(&self, sides: &Sides) -> Vec<(String, Counts)> {
        let tables = sides.planned.plan.tables.iter().zip(&self.weighed.tables);
        let tables = tables.filter(|(table, _)| counts(table));
        tables
            .map(|(table, weighed)| (table.name.to_string(), weighed.counts))
            .collect()
    }

    /// Whether nothing stands in the way.
    pub(crate) fn has_conflicts(&self) -> bool {
        let mut tables = self.weighed.tables.iter();
        tables.any(|table| table.counts.conflicts + table.counts.need_gone > 0)
    }

    /// The rows that a transfer does not touch.
    pub(crate) fn untouched(&self) -> Arc<Untouched> {
        Arc::clone(&self.untouched)
    }

    /// Looks at the rows that are to be deleted; gives some of them by their natural keys, for each table, and what the
    /// caller should know.
    pub(crate) async fn look_at_deletes(
        &mut self,
        tx: &Transaction,
        sides: &Sides,
    ) -> Result<(Vec<(String, Vec<Row>)>, Vec<Notice>)> {
        let tables = sides.planned.plan.tables.iter();
        let both = self.weighed.tables.iter_mut().zip(&self.dest.tables);
        let mut ids = Vec::new();
        for (table, (weighed, dest)) in tables.clone().zip(both) {
            let width = table.key.len();
            let id = |at: u32| (0..width).map(|column| dest.ids.get(column, at)).collect();
            ids.push(
                std::mem::take(&mut weighed.deletes)
                    .into_iter()
                    .map(id)
                    .collect(),
            );
        }
        let mut deleting = Deleting::of(tx, &sides.planned, ids).await?;
        let named = std::mem::take(&mut deleting.named);
        let warnings = std::mem::take(&mut deleting.warnings);
        self.deleting = Some(deleting);
        let names = tables.map(|table| table.name.to_string());
        Ok((names.zip(named).collect(), warnings))
    }

    /// Deletes what nothing refers to. `last`: what cannot be deleted now, cannot be at all.
    ///
    /// # Errors
    /// As [`Deleting::check`].
    pub(crate) async fn delete(
        &mut self,
        tx: &Transaction,
        sides: &Sides,
        last: bool,
    ) -> Result<()> {
        let deleting = self.deleting.as_mut();
        let deleting =
            deleting.ok_or_else(|| Error::internal("rows go that were not looked at"))?;
        deleting.pass(tx, &sides.planned).await?;
        if last {
            deleting.check(tx, &sides.planned).await?;
        }
        Ok(())
    }

    /// The rows of the next base, once all is done.
    ///
    /// # Errors
    /// Those of the destination.
    pub(crate) async fn next_base<D: RowSource>(
        &self,
        sides: &Sides,
        dest: &mut D,
    ) -> Result<Vec<(String, Vec<BaseRow>)>> {
        let how = How {
            of: Of::Dest,
            salt: self.salt,
            fingerprints: &sides.fingerprints,
            newer: None,
        };
        dest.about().await?;
        let after = digests(dest, &sides.planned.plan, &how).await?;
        let tables = sides.planned.plan.tables.iter();
        let both = self.weighed.tables.iter().zip(&after.tables);
        let tables = tables.zip(both).filter(|(table, _)| counts(table));
        Ok(tables
            .map(|(table, (weighed, after))| (table.name.to_string(), weighed.next(&after.rows)))
            .collect())
    }
}

fn refused(problems: Vec<Notice>) -> Error {
    Error::RestoreRefused { problems }
}
