//! Cancelling a statement on the server: by `pg_cancel_backend` over another connection, since the
//! driver keeps the key of the protocol's own request to itself. Never hits a later statement: a
//! connection does not go on while a cancellation of it is under way.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::connection::Connection;
use super::lease::Flight;
use super::pool::Pool;
use super::session_settings::Backend;
use super::token::Token;
use crate::Error;
use crate::deadline::Deadline;

/// After so long without an end the request is repeated: it may have come between two statements.
const AGAIN: Duration = Duration::from_millis(200);

/// How long the answer to a cancelled write is awaited: it tells whether the write was done.
const FOR_WRITES: Duration = Duration::from_secs(5);
/// The same for what only reads: its answer tells nothing, and only keeps the connection.
const FOR_READS: Duration = Duration::from_millis(500);

/// How long after its deadline a stream is left to its reader, who ends it by himself where he reads.
const FOR_READERS: Duration = Duration::from_millis(100);
/// How long a cancelled stream may take to end before its process is ended.
const BY_ITSELF: Duration = Duration::from_secs(1);

const STANDBYS: &str = "pg_catalog.current_setting('synchronous_standby_names')";

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nobody took it.
    No,
    Yes,
    /// The server took it, and its commits wait for standbys. A request ends that wait, and the server
    /// then says that the commit succeeded, which a standby may never learn.
    AndCommitsWait,
}

/// What a process does whose statement was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It still works, or nobody took the question.
    Works,
    /// Nothing that would have to be ended.
    Nothing,
    /// It waited for its client, and was ended.
    Ended,
}

/// One operation under way on one connection, as something that can be cancelled.
#[derive(Clone)]
pub(super) struct Cancellable {
    /// After that nothing of it is sent any more.
    deadline: Deadline,
    /// Where the operation runs, as long as it does. Locked while a request is under way.
    target: Arc<Mutex<Option<Target>>>,
    /// Whether a request may have ended a commit's wait for a standby.
    cut_short: Arc<AtomicBool>,
    /// Whether rows of a statement that writes are handed out.
    pours_written: Arc<AtomicBool>,
    /// Whether the process was ended, and the connection with it.
    by_force: Arc<AtomicBool>,
}

/// The server's process that runs an operation.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) backend: Backend,
    /// The server that has the process, and no other one of those that a URL names.
    pub(super) settings: Arc<PgConnectOptions>,
    /// Its host and port.
    pub(super) server: Arc<str>,
    /// Only while it runs this: when that has ended, the process may be another client's.
    pub(super) only_while: Option<Token>,
}

impl Target {
    /// The request. A process of the same number that began later is another's. Beside it stands
    /// which standbys a commit waits for.
    pub(super) fn sql(&self) -> String {
        let Backend {
            number, started, ..
        } = &self.backend;
        let started = started.as_ref();
        let conditions = [
            started.map(|started| format!("b.backend_start = '{started}'")),
            self.only_while.as_ref().map(Token::is_run),
        ];
        let conditions: Vec<String> = conditions.into_iter().flatten().collect();
        if conditions.is_empty() {
            return format!("SELECT pg_catalog.pg_cancel_backend({number}), {STANDBYS}");
        }
        format!(
            "SELECT pg_catalog.pg_cancel_backend(b.pid), {STANDBYS} \
             FROM pg_catalog.pg_stat_get_activity({number}) AS b WHERE {}",
            conditions.join(" AND ")
        )
    }
}

impl Target {
    /// Ends the process where it waits for a client that does not read: it looks at no request to cancel then.
    /// `alone`: also where it waits in a transaction that is only this operation's. Else what it runs is
    /// cancelled once more. No row where it does nothing.
    pub(super) fn sql_by_force(&self, alone: bool) -> String {
        let Backend {
            number, started, ..
        } = &self.backend;
        let idle = match alone {
            true => " OR b.state LIKE 'idle in transaction%'",
            false => "",
        };
        let mut sql = format!(
            "SELECT CASE WHEN m.waits THEN pg_catalog.pg_terminate_backend(b.pid) \
             ELSE pg_catalog.pg_cancel_backend(b.pid) AND false END \
             FROM pg_catalog.pg_stat_get_activity({number}) AS b CROSS JOIN LATERAL \
             (SELECT coalesce(b.wait_event = 'ClientWrite'{idle}, false) AS waits OFFSET 0) AS m \
             WHERE (m.waits OR b.wait_event IS DISTINCT FROM 'ClientRead')"
        );
        let started = started.as_ref();
        let conditions = [
            // without it nobody knows whose process it is
            Some(started.map_or_else(
                || "false".to_owned(),
                |started| format!("b.backend_start = '{started}'"),
            )),
            self.only_while.as_ref().map(Token::is_run),
        ];
        for condition in conditions.into_iter().flatten() {
            sql.push_str(" AND ");
            sql.push_str(&condition);
        }
        sql
    }
}

impl Cancellable {
    pub(super) fn new(deadline: Deadline) -> Self {
        Cancellable {
            deadline,
            target: Arc::default(),
            cut_short: Arc::default(),
            pours_written: Arc::default(),
            by_force: Arc::default(),
        }
    }

    pub(super) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Rows of a statement that writes begin to be handed out.
    pub(super) fn set_pours_written(&self) {
        self.pours_written.store(true, Ordering::Release);
    }

    pub(super) fn pours_written(&self) -> bool {
        self.pours_written.load(Ordering::Acquire)
    }

    /// Whether a commit that the server reports may be one that no standby has, although it should.
    pub(super) fn cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Acquire)
    }

    /// Whether the connection was ended since nobody read from it.
    pub(super) fn was_by_force(&self) -> bool {
        self.by_force.load(Ordering::Acquire)
    }

    /// Ends a stream at its deadline although nobody polls it: cancels it, and ends the process that does not
    /// look at that, since it waits for its client to read.
    async fn end_unread(self, deadline: Deadline, pool: Arc<Pool>, alone: bool) {
        deadline.come().await;
        tokio::time::sleep(FOR_READERS).await;
        self.cancel(&pool).await;
        loop {
            tokio::time::sleep(BY_ITSELF).await;
            let force = self.clone().force(Arc::clone(&pool), alone);
            // a task of its own, as for every request
            match tokio::spawn(force).await {
                Ok(Ending::Works) => {}
                Ok(Ending::Nothing | Ending::Ended) | Err(_) => return,
            }
        }
    }

    async fn force(self, pool: Arc<Pool>, alone: bool) -> Ending {
        let target = self.target.lock().await;
        let Some(target) = &*target else {
            return Ending::Nothing;
        };
        let ending = pool.end(target, alone).await;
        if ending == Ending::Ended {
            self.by_force.store(true, Ordering::Release);
        }
        ending
    }

    /// The operation begins there.
    pub(super) async fn runs_on(&self, target: Option<Target>) {
        *self.target.lock().await = target;
    }

    /// The operation has ended: waits for a request that is under way, and lets none follow.
    pub(super) async fn end(&self) {
        *self.target.lock().await = None;
    }

    /// What the operation gives while it is being cancelled; `None` when it does not end in time.
    pub(super) async fn end_by_force<T>(
        &self,
        pool: &Arc<Pool>,
        limit: Duration,
        work: impl Future<Output = T> + Unpin,
    ) -> Option<T> {
        let cancelling = pin!(self.keep_cancelling(pool));
        match timeout(limit, select(work, cancelling)).await {
            Ok(Either::Left((ended, _))) => Some(ended),
            Ok(Either::Right(_)) | Err(_) => None,
        }
    }

    /// Asks the server to cancel, if the operation still runs; again and again for as long as
    /// this is awaited, since a request that comes between two statements has no effect. A
    /// request that has begun goes on when this is dropped, and [`end`](Cancellable::end) waits
    /// for it.
    async fn keep_cancelling(&self, pool: &Arc<Pool>) {
        loop {
            self.cancel(pool).await;
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Asks once, and gives whether the server has heard it; that nothing runs is as good.
    pub(super) async fn cancel(&self, pool: &Arc<Pool>) -> bool {
        let request = self.clone().request(Arc::clone(pool));
        // a task of its own, since it must come to its end; when its runtime ends, so does this
        tokio::spawn(request).await.unwrap_or(false)
    }

    /// Asks once, in the background; nothing without a runtime.
    pub(super) fn cancel_in_background(&self, pool: &Arc<Pool>) {
        if let Some(runtime) = pool.for_what_is_left() {
            runtime.spawn(self.clone().request(Arc::clone(pool)));
        }
    }

    async fn request(self, pool: Arc<Pool>) -> bool {
        let target = self.target.lock().await;
        match &*target {
            Some(target) => match pool.cancel(target).await {
                Heard::No => false,
                Heard::Yes => true,
                Heard::AndCommitsWait => {
                    self.cut_short.store(true, Ordering::Release);
                    true
                }
            },
            None => true,
        }
    }
}

/// Sees to it that a stream ends at its deadline, until it is dropped.
pub(super) struct Unread(Option<AbortHandle>);

impl Unread {
    /// `alone`: whether the transaction, if one is open, is only the stream's. Nothing without a limit.
    pub(super) fn of(
        conn: &Connection,
        cancellable: &Cancellable,
        pool: &Arc<Pool>,
        deadline: Deadline,
        alone: bool,
    ) -> Self {
        let runtime = conn.for_what_is_left().filter(|_| !deadline.is_none());
        Unread(runtime.map(|runtime| {
            let ends = cancellable
                .clone()
                .end_unread(deadline, Arc::clone(pool), alone);
            runtime.spawn(ends).abort_handle()
        }))
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// What is said of a stream whose connection was ended.
pub(super) fn unread() -> Error {
    Error::Timeout {
        what: "nobody read the stream when its time limit came, and its connection was closed"
            .to_owned(),
    }
}

/// How long the answer to a cancelled statement is awaited.
pub(super) fn patience(flight: Flight) -> Duration {
    match flight {
        Flight::None | Flight::Read => FOR_READS,
        Flight::Write | Flight::Parts | Flight::Commit => FOR_WRITES,
    }
}

/// What the work gives. When time is over it is cancelled on the server, and still gives what is
/// true: an error, or its result where it was faster. `None` when the server does not answer to
/// that either; the work is dropped then.
pub(super) async fn until<T>(
    deadline: Deadline,
    patience: Duration,
    cancellable: &Cancellable,
    pool: &Arc<Pool>,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    if let Some(ended) = deadline.limit(work.as_mut()).await {
        return Some(ended);
    }
    cancellable.end_by_force(pool, patience, work).await
}
