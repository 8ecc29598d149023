//! Phases that are not a transaction: statements that cannot be part of one, and those that are run again and again, each
//! time in a transaction of its own. What they have done stays, and is found when it is planned again.

use db_adapter_core::fix::{FixStep, Phase, Statement};

use super::apply::{Run, look};
use super::event::FixEvent;
use super::failure::Stop;
use super::settings;
use crate::client::DatabaseClientExt as _;
use crate::query::{Alone, Operation};
use crate::transaction::TxOptions;
use crate::{Error, Result};

/// Such a statement blocks neither who reads nor who writes while it waits, and one that gives up has to be done from
/// its begin: so it waits longer.
const PATIENCE: u32 = 20;

/// Batches more than a table's rows need: others write meanwhile.
const MORE: u64 = 100;
/// At least so many rows are filled by a batch but the last ones.
const OF_A_BATCH: u64 = 1_000;

impl Run<'_> {
    /// Each statement by itself.
    pub(super) async fn alone(&self, at: usize, phase: &Phase) -> Result<(), Stop> {
        self.begins(at).await?;
        for (i, step) in phase.steps.iter().enumerate() {
            self.tell_step(at, i, &step.summary)?;
            let done = self.alone_step(step).await;
            if let Err(stop) = done {
                let mut stop = stop.at(&step.summary);
                if stop.is_in_the_way() {
                    let (client, can) = (self.client, self.can);
                    let sessions =
                        super::blocked::sessions(client, can, self.plan, Some(phase), false);
                    stop.blocked_by = sessions.await;
                }
                return Err(stop);
            }
        }
        self.ends(at).await
    }

    async fn alone_step(&self, step: &FixStep) -> Result<(), Stop> {
        for statement in &step.statements {
            let Statement::Run(sql) = statement else {
                return Err(Error::internal("a check is not part of a transaction").into());
            };
            let alone = Alone::new(sql.as_str())
                .search_path(self.plan.search_path.iter().cloned())
                .lock_timeout(self.options.lock_timeout.saturating_mul(PATIENCE));
            self.client.run(Operation::Alone(alone)).await?;
        }
        Ok(())
    }

    /// Each statement again and again, until it changes no row.
    pub(super) async fn batches(&mut self, at: usize, phase: &Phase) -> Result<(), Stop> {
        self.begins(at).await?;
        for (i, step) in phase.steps.iter().enumerate() {
            self.tell_step(at, i, &step.summary)?;
            let filled = self.fill(at, phase, step).await;
            self.result.filled += filled.map_err(|stop| stop.at(&step.summary))?;
        }
        self.ends(at).await
    }

    async fn fill(&self, at: usize, phase: &Phase, step: &FixStep) -> Result<u64, Stop> {
        let (mut filled, mut batches) = (0, 0);
        let mut most = None;
        for statement in &step.statements {
            let Statement::Run(sql) = statement else {
                return Err(Error::internal("a check is not run in batches").into());
            };
            let mut attempt = 1;
            loop {
                let rows = match self.batch(sql).await {
                    Ok(rows) => rows,
                    Err(stop) if stop.is_in_the_way() => {
                        self.wait(at, Some(phase), stop, &mut attempt).await?;
                        continue;
                    }
                    Err(stop) => return Err(stop),
                };
                if rows == 0 {
                    break;
                }
                attempt = 1;
                filled += rows;
                batches += 1;
                self.tell(FixEvent::Filled { rows: filled })?;
                // a default that gives NULL, or a trigger that brings it back, would go on for ever
                let most = match most {
                    Some(most) => most,
                    None => *most.insert(self.rows_of(step).await? / OF_A_BATCH + MORE),
                };
                if batches > most {
                    return Err(Stop::because(
                        "rows have no value although they got the default",
                    ));
                }
            }
        }
        Ok(filled)
    }

    async fn batch(&self, sql: &str) -> Result<u64, Stop> {
        let tx = self.client.begin().await?;
        settings::begin(&tx, self.can, self.plan, self.options.lock_timeout).await?;
        let rows = tx.execute(sql).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// How many rows the table of the step has.
    async fn rows_of(&self, step: &FixStep) -> Result<u64, Stop> {
        let Some(lock) = step.locks.first() else {
            return Ok(0);
        };
        let tx = self.client.begin().await?;
        settings::begin(&tx, self.can, self.plan, self.options.lock_timeout).await?;
        let sql = format!("SELECT count(*) AS rows FROM {}", lock.name());
        let rows: i64 = tx.query(sql).one().await?.get("rows")?;
        tx.rollback().await?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// Before the first statement: the schema must be the one that is meant.
    async fn begins(&self, at: usize) -> Result<(), Stop> {
        self.tell(FixEvent::Phase {
            phase: at + 1,
            phases: self.phases.len(),
        })?;
        if at == 0 {
            let now = look(self.client, self.can, self.plan).await?;
            now.check(self.plan)?;
        }
        Ok(())
    }

    /// Behind the last statement. Nothing can be undone any more.
    async fn ends(&self, at: usize) -> Result<(), Stop> {
        if !self.is_last(at) {
            return Ok(());
        }
        self.tell(FixEvent::Checks { phase: at + 1 })?;
        let state = look(self.client, self.can, self.plan).await?;
        self.reached(state)?;
        let options = TxOptions {
            read_only: true,
            ..TxOptions::default()
        };
        let tx = self.client.begin_with(options).await?;
        let verified = self.verified(&tx).await;
        // it only read
        let _ = tx.rollback().await;
        verified
    }
}
