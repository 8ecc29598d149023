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
use tokio::time::timeout;

use super::lease::Flight;
use super::pool::Pool;
use super::session_settings::Backend;
use super::token::Token;
use crate::deadline::Deadline;

/// After so long without an end the request is repeated: it may have come between two statements.
const AGAIN: Duration = Duration::from_millis(200);

/// How long the answer to a cancelled write is awaited: it tells whether the write was done.
const FOR_WRITES: Duration = Duration::from_secs(5);
/// The same for what only reads: its answer tells nothing, and only keeps the connection.
const FOR_READS: Duration = Duration::from_millis(500);

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

/// One operation under way on one connection, as something that can be cancelled.
#[derive(Clone)]
pub(super) struct Cancellable {
    /// Where the operation runs, as long as it does. Locked while a request is under way.
    target: Arc<Mutex<Option<Target>>>,
    /// Whether a request may have ended a commit's wait for a standby.
    cut_short: Arc<AtomicBool>,
    /// Whether rows of a statement that writes are handed out.
    pours_written: Arc<AtomicBool>,
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

impl Cancellable {
    pub(super) fn new() -> Self {
        Cancellable {
            target: Arc::default(),
            cut_short: Arc::default(),
            pours_written: Arc::default(),
        }
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
