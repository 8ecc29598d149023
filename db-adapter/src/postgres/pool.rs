//! The pool of connections: deadpool, with a manager of ours.
//! The driver's own pool asks the server at each release, which takes as long as a small query,
//! and it takes a connection back whatever is open on it.

use std::pin::pin;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use deadpool::managed::{self, PoolError, QueueMode, Timeouts};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::attempts::Attempts;
use super::cancel::{Ending, Heard, Target};
use super::connect::{Plan, open_bare};
use super::connection::Connection;
use super::home::Home;
use super::lease::Lease;
use super::loans::{Loan, Loans};
use super::manager::{Limits, Losses, Manager, Place};
use super::statement::fetch_texts;
use crate::abandoned::Abandoned;
use crate::deadline::Deadline;
use crate::{ConnectOptions, Error, ErrorKind, PoolStatus, Result};

/// How long one request to cancel may take. A pooler may have no connection left for it.
const REQUEST: Duration = Duration::from_secs(2);
/// The pauses between attempts to connect while the server is away.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// The pauses between two looks at unused connections.
const SOONEST_LOOK: Duration = Duration::from_millis(20);
const LATEST_LOOK: Duration = Duration::from_secs(30);

/// The connections of an adapter.
pub(super) struct Pool {
    objects: managed::Pool<Manager>,
    plan: Arc<Plan>,
    losses: Arc<Losses>,
    refusals: Arc<Losses>,
    attempts: Arc<Attempts>,
    acquire_timeout: Duration,
    max_connections: u32,
    loans: Arc<Loans>,
    /// What became of dropped operations.
    pub(super) abandoned: Arc<Abandoned>,
    /// Who may open a connection beyond the pool's: one at a time.
    extra: Mutex<()>,
    /// The runtime of the task that looks after unused connections.
    keeper: std::sync::Mutex<Option<Home>>,
}

impl Pool {
    /// A pool with its first connection, which is made now: a server that is away, a wrong
    /// password or a missing database show themselves.
    pub(super) async fn connect(options: &ConnectOptions) -> Result<Arc<Self>> {
        in_runtime()?;
        let plan = Arc::new(Plan::new(options)?);
        let limits = Limits {
            idle: options.idle_timeout,
            lifetime: options.max_lifetime,
            min_connections: options.min_connections.min(options.max_connections),
        };
        let losses = Arc::<Losses>::default();
        let refusals = Arc::<Losses>::default();
        let attempts = plan.attempts(options.acquire_timeout);
        let manager = Manager {
            plan: Arc::clone(&plan),
            limits,
            losses: Arc::clone(&losses),
            refusals: Arc::clone(&refusals),
            attempts: Arc::clone(&attempts),
            in_all: Some(options.acquire_timeout),
        };
        let objects = managed::Pool::builder(manager)
            .max_size(options.max_connections as usize)
            // the one that was used last: its caches are warm, and the others may end
            .queue_mode(QueueMode::Lifo)
            .build()
            .map_err(|_| Error::internal("the pool could not be made"))?;
        let pool = Arc::new(Pool {
            objects,
            plan,
            losses,
            refusals,
            attempts,
            acquire_timeout: options.acquire_timeout,
            max_connections: options.max_connections,
            loans: Arc::default(),
            abandoned: Arc::default(),
            extra: Mutex::new(()),
            keeper: std::sync::Mutex::default(),
        });
        pool.try_first().await?;
        pool.keep();
        Ok(pool)
    }

    /// Makes the first connection. What a pooler in the wrong mode does with transactions shows itself.
    async fn try_first(&self) -> Result<()> {
        let mut first = self.objects.get().await.map_err(refused)?;
        if !self.plan.is_pooled() {
            return Ok(());
        }
        let tried = Box::pin(self.plan.try_transaction(&mut first)).await;
        if tried.is_err() {
            Place::take(first).close().await;
        }
        tried
    }

    /// Has unused connections looked after, by a task of a runtime that still runs.
    fn keep(self: &Arc<Self>) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if keeper.as_ref().is_none_or(Home::has_ended) {
            *keeper = Some(Home::here());
            let limits = self.objects.manager().limits;
            tokio::spawn(look_after(Arc::downgrade(self), limits));
        }
    }

    /// Where the work is done that a drop leaves behind.
    pub(super) fn for_what_is_left(&self) -> Option<Handle> {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.as_ref().and_then(Home::for_what_is_left)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A connection, in the order of the requests.
    pub(super) async fn lease(self: &Arc<Self>, deadline: Deadline) -> Result<Lease> {
        in_runtime()?;
        self.keep();
        self.loans.soon_back(|| self.objects.status().size).await;
        let until = deadline.at_most(self.acquire_timeout);
        let since = Instant::now();
        let mut away = None;
        let place = until.limit(pin!(self.place(&mut away))).await;
        match place {
            Some(place) => Ok(Lease::new(place?, Arc::clone(self))),
            // the reason why none could be made matters more than that time is over
            None => Err(away.unwrap_or_else(|| self.too_late(deadline, since))),
        }
    }

    /// A place with its connection. While the server is away it is tried again, and `away` keeps
    /// the reason.
    async fn place(&self, away: &mut Option<Error>) -> Result<Place> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.objects.get().await.map_err(refused) {
                Err(error) if error.kind() == ErrorKind::Connection => {
                    *away = Some(error);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                result => return result,
            }
        }
    }

    /// Why nothing came of a wait for a connection. Where not all are on loan, one could be made, if the server
    /// answered.
    fn too_late(&self, deadline: Deadline, since: Instant) -> Error {
        let in_use = self.loans.count();
        let has_room = in_use < self.max_connections;
        let silence = has_room.then(|| self.attempts.silence(since)).flatten();
        match (silence, deadline.has_passed()) {
            (None, true) => Error::Timeout {
                what: "the wait for a connection of the pool".to_owned(),
            },
            (Some(_), true) => Error::Timeout {
                what: format!("the wait for a new connection to {}", self.plan.target()),
            },
            (Some(silence), false) => silence,
            (None, false) => Error::PoolTimeout {
                in_use,
                max_connections: self.max_connections,
            },
        }
    }

    /// Asks the server to cancel what this process of it runs. A free place of the pool is used
    /// where there is one, else one connection more for a moment.
    pub(super) async fn cancel(&self, target: &Target) -> Heard {
        let Some(rows) = self.ask(target, target.sql()).await else {
            return Heard::No;
        };
        // no row: the process is not there any more
        let standbys = rows.first().and_then(|row| row.get(1));
        match standbys.is_some_and(|standbys| standbys.as_deref() != Some("")) {
            true => Heard::AndCommitsWait,
            false => Heard::Yes,
        }
    }

    /// Ends a process of the server that was asked to cancel in vain, since its client does not read.
    pub(super) async fn end(&self, target: &Target, alone: bool) -> Ending {
        let Some(rows) = self.ask(target, target.sql_by_force(alone)).await else {
            return Ending::Works;
        };
        match rows.first().map(|row| row.first()) {
            None => Ending::Nothing,
            Some(Some(Some(ended))) if ended == "t" => Ending::Ended,
            Some(_) => Ending::Works,
        }
    }

    async fn ask(&self, target: &Target, sql: String) -> Option<Texts> {
        let asked = match self.objects.timeout_get(&Timeouts::wait_millis(0)).await {
            Ok(mut place) if place.server() == &*target.server => {
                let asked = asked(&mut place, sql).await;
                if asked.is_none() {
                    Place::take(place).close().await;
                }
                asked
            }
            _ => self.ask_beyond(target, sql).await,
        };
        if asked.is_none() {
            tracing::debug!(
                backend = target.backend.number,
                "the request to cancel a statement failed"
            );
        }
        asked
    }

    async fn ask_beyond(&self, target: &Target, sql: String) -> Option<Texts> {
        let _alone = self.extra.lock().await;
        let opened = Box::pin(open_bare(&target.settings, REQUEST)).await;
        let mut connection = opened.ok()?;
        let asked = asked(&mut connection, sql).await;
        connection.close().await;
        asked
    }

    /// A connection was found to be gone.
    pub(super) fn lost_one(&self) {
        self.losses.now();
    }

    /// A write was refused, as on a standby. Those who wanted a server for writing ask whether
    /// theirs still is one before a connection is used again.
    pub(super) fn refused_write(&self) {
        self.refusals.now();
    }

    pub(super) fn loan(&self) -> Loan {
        self.loans.lend()
    }

    pub(super) fn status(&self) -> PoolStatus {
        let open = u32::try_from(self.objects.status().size).unwrap_or(u32::MAX);
        PoolStatus {
            open,
            idle: open.saturating_sub(self.loans.count()),
            max_connections: self.max_connections,
        }
    }

    /// Lets nobody in any more, and waits until every connection is back.
    pub(super) async fn close(&self) {
        self.objects.close();
        self.loans.all_back().await;
    }
}

/// Rows of texts.
type Texts = Vec<Vec<Option<String>>>;

async fn asked(connection: &mut Connection, sql: String) -> Option<Texts> {
    // as the one who has logged in: a role that is set for the login may neither see nor cancel its sessions
    let sql = format!("SET LOCAL ROLE NONE; {sql}");
    let asked = tokio::time::timeout(REQUEST, fetch_texts(connection, sql)).await;
    asked.ok()?.ok()
}

/// The driver panics outside of a runtime.
fn in_runtime() -> Result<()> {
    Handle::try_current().map(drop).map_err(|_| {
        Error::config(
            "PostgreSQL is used outside of a tokio runtime",
            "await it in a task of a runtime with I/O and time enabled, such as `#[tokio::main]`",
        )
    })
}

fn refused(error: PoolError<Error>) -> Error {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Closed => Error::Closed,
        PoolError::Timeout(_) | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Error::internal("the pool gave no connection")
        }
    }
}

/// Closes connections that nobody has used for long, or that are old, and keeps some open; until
/// the adapter is gone.
async fn look_after(pool: Weak<Pool>, limits: Limits) {
    let shortest = [limits.idle, limits.lifetime].into_iter().flatten().min();
    let Some(pause) = shortest.map(|shortest| shortest / 2).or({
        // nothing to close, but some to keep open
        (limits.min_connections > 0).then_some(LATEST_LOOK)
    }) else {
        return;
    };
    loop {
        if let Some(pool) = pool.upgrade() {
            pool.look(limits).await;
        }
        tokio::time::sleep(pause.clamp(SOONEST_LOOK, LATEST_LOOK)).await;
        if pool.strong_count() == 0 {
            return;
        }
    }
}

impl Pool {
    async fn look(&self, limits: Limits) {
        let ended = self.objects.retain(|connection, metrics| {
            limits.allow(connection, &metrics) && !connection.is_orphaned()
        });
        for connection in ended.removed {
            connection.close().await;
        }
        let mut kept = Vec::new();
        while self.objects.status().size < limits.min_connections as usize {
            match self.objects.timeout_get(&Timeouts::wait_millis(0)).await {
                Ok(place) => kept.push(place),
                Err(_) => return,
            }
        }
    }
}
