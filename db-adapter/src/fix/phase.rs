//! One phase in a transaction: everything is looked at under the locks, and nothing is committed that is not as it was
//! meant.

use db_adapter_core::fix::{FixStep, Phase, Statement, table_of_key};

use super::apply::Run;
use super::event::FixEvent;
use super::failure::Stop;
use super::plan::answer;
use super::settings;
use super::state::State;
use crate::client::DatabaseClientExt as _;
use crate::transaction::TxOptions;
use crate::{Result, Transaction};

impl Run<'_> {
    /// Runs it, again where somebody else was in the way.
    pub(super) async fn transaction(&mut self, at: usize, phase: &Phase) -> Result<(), Stop> {
        let mut attempt = 1;
        loop {
            match self.attempt(at, phase).await {
                Err(stop) if stop.is_in_the_way() => {
                    self.wait(at, Some(phase), stop, &mut attempt).await?;
                }
                ended => return ended,
            }
        }
    }

    async fn attempt(&mut self, at: usize, phase: &Phase) -> Result<(), Stop> {
        let phases = self.phases.len();
        self.tell(FixEvent::Phase {
            phase: at + 1,
            phases,
        })?;
        let options = TxOptions {
            foreign_keys_off: phase.needs_foreign_keys_off(),
            ..TxOptions::default()
        };
        let tx = self.client.begin_with(options).await?;
        match self.inside(&tx, at, phase).await {
            Ok(()) => {
                self.tell(FixEvent::Commits { phase: at + 1 })?;
                tx.commit().await?;
                self.backed_up(phase);
                Ok(())
            }
            Err(stop) => {
                // why it stopped matters more than how that is undone: without an answer the connection is closed
                let _ = tx.rollback().await;
                Err(stop)
            }
        }
    }

    /// All of it but the commit.
    async fn inside(&self, tx: &Transaction, at: usize, phase: &Phase) -> Result<(), Stop> {
        settings::begin(tx, self.can, self.plan, self.options.lock_timeout).await?;
        if self.keeper.is_none() {
            settings::lock(tx).await?;
        }
        settings::lock_tables(tx, self.can, phase).await?;
        if at == 0 {
            let now = State::read(tx, self.plan.reading()).await?;
            now.check(self.plan)?;
        } else if !tables(phase).is_empty() {
            let now = State::read(tx, self.plan.reading()).await?;
            if !self.plan.is_still_wanted(phase, &now.schema) {
                let why = "somebody else has changed the schema meanwhile";
                return Err(Stop::because(why));
            }
        }
        for step in &phase.steps {
            self.ask_again(tx, step).await?;
        }
        self.back_up(tx, phase).await?;
        for statement in &phase.first {
            run(tx, statement).await?;
        }
        for (i, step) in phase.steps.iter().enumerate() {
            self.tell_step(at, i, &step.summary)?;
            let done = statements(tx, step).await;
            done.map_err(|stop| stop.at(&step.summary))?;
        }
        for statement in &phase.last {
            run(tx, statement).await?;
        }
        if self.is_last(at) {
            self.tell(FixEvent::Checks { phase: at + 1 })?;
            let after = State::read(tx, self.plan.reading()).await?;
            self.reached(after)?;
            self.verified(tx).await?;
        }
        Ok(())
    }

    /// The questions that decided about the step, under its locks: rows came since it was planned, by a transaction
    /// that was under way, or after a plan was saved.
    async fn ask_again(&self, tx: &Transaction, step: &FixStep) -> Result<(), Stop> {
        if let Some(lock) = step.asked_under().filter(|_| self.can.row_locks) {
            // it is held already, unless the role may not lock it or the plan renames it: then not without it
            tx.execute(lock.sql()).await?;
        }
        let mut answers = Vec::new();
        for fact in step.questions_again() {
            answers.push(answer(tx, fact).await?);
        }
        match step.is_refused_by(answers, self.plan) {
            None => Ok(()),
            Some(why) => {
                let why = format!("{why}; plan it again");
                Err(Stop::because(why).at(&step.summary))
            }
        }
    }

    /// Backs up what the phase may lose.
    async fn back_up(&self, tx: &Transaction, phase: &Phase) -> Result<(), Stop> {
        let tables = tables(phase);
        let Some(backup) = self.options.backup.as_ref().filter(|_| !tables.is_empty()) else {
            return Ok(());
        };
        if self.options.without_backup {
            return Ok(());
        }
        self.tell(FixEvent::BacksUp {
            tables: tables.clone(),
        })?;
        let names = tables.iter().map(|key| table_of_key(key)).collect();
        let done = backup(tx.handle(), names).await;
        done.map_err(|error| Stop {
            reason: Some(format!("the backup failed: {}", error.message())),
            ..Stop::from(error)
        })
    }

    fn backed_up(&mut self, phase: &Phase) {
        if self.options.backup.is_some() && !self.options.without_backup {
            self.result.backed_up.extend(tables(phase));
        }
    }

    /// Whether the schema is as the plan meant it.
    pub(super) fn reached(&self, state: State) -> Result<(), Stop> {
        let unfinished = state.unfinished(self.plan);
        match unfinished.is_empty() {
            true => Ok(()),
            false => Err(Stop::because(format!(
                "the schema is not what was meant: still to do is {}",
                unfinished.join(", ")
            ))),
        }
    }

    /// Whether the caller takes it.
    pub(super) async fn verified(&self, tx: &Transaction) -> Result<(), Stop> {
        let Some(verify) = &self.options.verify else {
            return Ok(());
        };
        match verify(tx.handle()).await? {
            true => Ok(()),
            false => Err(Stop::because("the verification refused what was made")),
        }
    }
}

/// The keys of the tables that the steps may take rows or values from.
fn tables(phase: &Phase) -> Vec<String> {
    let mut tables: Vec<String> = phase
        .steps
        .iter()
        .flat_map(|step| step.back_up.clone())
        .collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

pub(super) async fn statements(tx: &Transaction, step: &FixStep) -> Result<(), Stop> {
    for statement in &step.statements {
        run(tx, statement).await?;
    }
    Ok(())
}

async fn run(tx: &Transaction, statement: &Statement) -> Result<(), Stop> {
    match statement {
        Statement::Run(sql) => {
            tx.execute(sql.as_str()).await?;
            Ok(())
        }
        Statement::Check { sql, why } => match tx.query(sql.as_str()).await?.is_empty() {
            true => Ok(()),
            false => Err(Stop::because(why.as_str())),
        },
        _ => Err(crate::Error::internal("a plan has a statement of an unknown kind").into()),
    }
}
