//! A run: what is checked before it, its phases in their order, and what is said when it stops. What is done was
//! decided by the plan.

use db_adapter_core::Notice;
use db_adapter_core::fix::{FixPlan, NotRunnable, Phase, PhaseKind};

use super::event::FixEvent;
use super::failure::{FixFailure, Stop};
use super::options::{ApplyOptions, FixResult};
use super::state::{State, refused};
use super::{blocked, settings};
use crate::client::{Capabilities, DatabaseClient, DatabaseClientExt as _};
use crate::transaction::{Isolation, TxOptions};
use crate::{Error, Result, Transaction};

/// Runs a plan, or by itself only says what it would do: see [`ApplyOptions`].
///
/// In the atomic mode all of it is one transaction, unless a step must be committed before another one can use what it
/// makes. First it takes the lock of whoever repairs the database, and the locks of the steps; then the schema must be
/// the one that the plan was made for. A lock is waited for 3 seconds, since everybody else who wants the table waits
/// behind us; then all is undone and tried again, four times. Before steps that lose rows or change values those rows
/// are backed up. Before the commit the schema is read again, and must be as it was meant.
///
/// In the online mode each phase is a transaction of its own, or a statement that cannot be part of one, and each can be
/// done again: a run that was interrupted goes on when it is planned again. The schema is looked at before the first
/// phase, before each that loses something, and at the end. It takes two connections of the pool.
///
/// Dropped half-way, the phase that is under way is undone. On SQLite foreign keys are enforced again however it ends.
///
/// ```
/// use db_adapter::fix::{Allow, AllowKind, ApplyOptions, FixOptions, apply_fixes, plan_fixes};
/// use db_adapter::{ErrorKind, ExpectedSchema, prelude::*};
/// # #[cfg(all(feature = "sqlite", feature = "sql"))]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let db = db_adapter::connect("sqlite::memory:").await?;
/// db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, shoe_size INTEGER)").await?;
/// let expected = ExpectedSchema::from_sql("CREATE TABLE users (id bigint PRIMARY KEY);").map_err(|e| format!("{e:?}"))?;
/// let allowed = FixOptions::new().allow(Allow::new(AllowKind::Column, "users.shoe_size"));
/// let plan = plan_fixes(&db, &expected, allowed).await?;
///
/// let dry = apply_fixes(&db, &plan, ApplyOptions::new()).await?;
/// assert!(dry.dry_run && dry.backed_up == ["users"]);
/// // no backup, no such step
/// let wanted = ApplyOptions::new().dry_run(false).confirm(true);
/// let error = apply_fixes(&db, &plan, wanted.clone()).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::FixRefused);
/// apply_fixes(&db, &plan, wanted.without_backup()).await?;
/// # Ok(()) }
/// # #[cfg(all(feature = "sqlite", feature = "sql"))]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// [`Error::FixRefused`] before anything is changed: the plan is not for this schema, or is not decided, or is not
/// confirmed, or would lose rows that nobody backs up. [`Error::Unsupported`] where the client cannot do what the plan
/// needs. [`Error::FixFailed`] when it stopped, with what is applied and stays. [`Error::OutcomeUnknown`] when the
/// database did not say whether a commit was done.
pub async fn apply_fixes(
    client: &dyn DatabaseClient,
    plan: &FixPlan,
    options: ApplyOptions,
) -> Result<FixResult> {
    let phases = plan.run_list().map_err(not_runnable)?;
    let can = client.capabilities()?;
    check(plan, phases, &options, can)?;
    let mut result = FixResult {
        dry_run: options.dry_run,
        not_fixed: plan.not_fixed.clone(),
        ..FixResult::default()
    };
    if options.dry_run || phases.is_empty() {
        look(client, can, plan).await?.check(plan)?;
        let tables = plan.tables_to_back_up().into_iter();
        result.steps = plan.steps().map(|step| step.summary.clone()).collect();
        result.backed_up = tables.map(str::to_owned).collect();
        return Ok(result);
    }
    let mut run = Run {
        client,
        plan,
        phases,
        options: &options,
        can,
        keeper: None,
        result,
    };
    run.all().await?;
    Ok(run.result)
}

fn not_runnable(why: NotRunnable) -> Error {
    match why {
        NotRunnable::Undecided(problems) => refused(problems),
        why => refused([Notice::new(why.to_string()).hint("plan it by `plan_fixes`")]),
    }
}

/// What can be known before anything is sent.
fn check(
    plan: &FixPlan,
    phases: &[Phase],
    options: &ApplyOptions,
    can: Capabilities,
) -> Result<()> {
    if options.dry_run {
        return Ok(());
    }
    if !options.confirm {
        let notice = Notice::new("the plan is not confirmed");
        return Err(refused([notice.hint("look at it, then confirm it")]));
    }
    let losing = plan.tables_to_back_up();
    if !losing.is_empty() && options.backup.is_none() && !options.without_backup {
        let message = format!(
            "the plan may lose rows or values of `{}`",
            losing.join("`, `")
        );
        let hint = "give a backup, or say that none is wanted";
        return Err(refused([Notice::new(message).hint(hint)]));
    }
    if !can.transactions || !can.transactional_ddl {
        return Err(Error::unsupported(
            "repairing a schema",
            "this client",
            "use a client of the database itself, outside of a transaction",
        ));
    }
    let wants_alone = |phase: &Phase| phase.kind == PhaseKind::Alone;
    if phases.iter().any(wants_alone) && !can.alone {
        return Err(Error::unsupported(
            "repairing a schema online",
            "a client behind a transaction pooler",
            "use a direct connection to the server, or the atomic mode",
        ));
    }
    Ok(())
}

/// What is there, in a transaction of its own.
pub(super) async fn look(
    client: &dyn DatabaseClient,
    can: Capabilities,
    plan: &FixPlan,
) -> Result<State> {
    let snapshot = TxOptions {
        read_only: true,
        isolation: can.snapshots.then_some(Isolation::RepeatableRead),
        ..TxOptions::default()
    };
    let tx = client.begin_with(snapshot).await?;
    settings::look_up(&tx, can, &plan.search_path).await?;
    let state = State::read(&tx, plan.reading()).await;
    // it only read
    let _ = tx.rollback().await;
    state
}

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) client: &'a dyn DatabaseClient,
    pub(super) plan: &'a FixPlan,
    pub(super) phases: &'a [Phase],
    pub(super) options: &'a ApplyOptions,
    pub(super) can: Capabilities,
    /// Has the lock of repairs from the first to the last of several phases.
    pub(super) keeper: Option<Transaction>,
    pub(super) result: FixResult,
}

impl Run<'_> {
    async fn all(&mut self) -> Result<()> {
        if self.phases.len() > 1 {
            let kept = self.keep_lock().await;
            self.keeper = Some(kept.map_err(|stop| self.failed(0, stop))?);
        }
        let phases = self.phases;
        for (at, phase) in phases.iter().enumerate() {
            let ended = self.phase(at, phase).await;
            ended.map_err(|stop| self.failed(at, stop))?;
            let steps = phase.steps.iter().map(|step| step.summary.clone());
            self.result.steps.extend(steps);
            // it is permanent: an error of who listens would not be one of the run
            let _ = self.tell(FixEvent::Applied { phase: at + 1 });
        }
        if let Some(keeper) = self.keeper.take() {
            // it holds a lock and nothing else
            let _ = keeper.rollback().await;
        }
        Ok(())
    }

    async fn phase(&mut self, at: usize, phase: &Phase) -> Result<(), Stop> {
        if let Some(keeper) = &self.keeper {
            // without it somebody else may repair, too
            keeper.query("SELECT 1").await?;
        }
        match phase.kind {
            PhaseKind::Transaction => self.transaction(at, phase).await,
            PhaseKind::Alone => self.alone(at, phase).await,
            PhaseKind::Batches => self.batches(at, phase).await,
            _ => Err(Error::internal("a plan has a phase of an unknown kind").into()),
        }
    }

    /// Holds the lock of repairs in a transaction that does nothing else.
    async fn keep_lock(&self) -> Result<Transaction, Stop> {
        let mut attempt = 1;
        loop {
            let ended = self.try_to_keep_lock().await.map_err(Stop::from);
            match ended {
                Err(stop) if stop.is_in_the_way() => self.wait(0, None, stop, &mut attempt).await?,
                ended => return ended,
            }
        }
    }

    async fn try_to_keep_lock(&self) -> Result<Transaction> {
        let keeper = self.client.begin().await?;
        settings::begin(&keeper, self.can, self.plan, self.options.lock_timeout).await?;
        settings::lock(&keeper).await?;
        Ok(keeper)
    }

    /// Before a phase is tried again; an error when that was often enough.
    pub(super) async fn wait(
        &self,
        at: usize,
        phase: Option<&Phase>,
        mut stop: Stop,
        attempt: &mut u32,
    ) -> Result<(), Stop> {
        let waits_for_repairs = self.keeper.is_none();
        let sessions =
            blocked::sessions(self.client, self.can, self.plan, phase, waits_for_repairs);
        let blocked_by = sessions.await;
        if *attempt > self.options.lock_retries {
            stop.blocked_by = blocked_by;
            return Err(stop);
        }
        self.tell(FixEvent::Waits {
            phase: at + 1,
            attempt: *attempt,
            blocked_by,
        })?;
        let pause = self.options.lock_timeout / 4;
        tokio::time::sleep(pause.saturating_mul(*attempt)).await;
        *attempt += 1;
        Ok(())
    }

    pub(super) fn tell(&self, event: FixEvent) -> Result<()> {
        match &self.options.on_event {
            Some(on_event) => on_event(&event),
            None => Ok(()),
        }
    }

    /// That the steps of a phase begin, each with its number in the plan.
    pub(super) fn tell_step(&self, at: usize, step: usize, summary: &str) -> Result<()> {
        let before = self.phases.iter().take(at).map(|phase| phase.steps.len());
        self.tell(FixEvent::Step {
            phase: at + 1,
            step: before.sum::<usize>() + step + 1,
            steps: self.plan.steps().count(),
            summary: summary.to_owned(),
        })
    }

    pub(super) fn is_last(&self, at: usize) -> bool {
        at + 1 == self.phases.len()
    }

    fn failed(&self, at: usize, stop: Stop) -> Error {
        let is_first = self.result.steps.is_empty();
        match stop.error.as_deref() {
            Some(error @ Error::FixRefused { .. }) if is_first => return error.clone(),
            Some(Error::OutcomeUnknown { .. }) => {
                return Error::OutcomeUnknown {
                    operation: format!("phase {} of {} of the repair", at + 1, self.phases.len()),
                };
            }
            _ => {}
        }
        let reason = match (stop.reason, &stop.error) {
            (Some(reason), _) => reason,
            (None, Some(error)) => error.message(),
            (None, None) => String::new(),
        };
        Error::FixFailed(Box::new(FixFailure {
            phase: at + 1,
            phases: self.phases.len(),
            step: stop.step,
            reason,
            cause: stop.error,
            applied: self.result.steps.clone(),
            blocked_by: stop.blocked_by,
        }))
    }
}
