//! The places for connections: a queue of jobs, first come first served, and up to so many threads
//! that take them. A thread is the place: what it does keeps it, so the number of connections
//! cannot be exceeded. It runs no SQL.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::call::Call;
use super::database::Database;
use super::job::Job;
use super::thread;
use crate::{Error, PoolStatus};

/// How many threads there are, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) most: u32,
    pub(super) least: u32,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
}

/// What the connections of a pool are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The one connection that writes; in memory the only one.
    Writer,
    Reader,
}

/// A pool; dropping it ends its threads, each behind what it is doing.
pub(super) struct Pool {
    pub(super) queue: Arc<Queue>,
}

impl Pool {
    pub(super) fn new(database: Arc<Database>, role: Role, limits: Limits) -> Self {
        let queue = Queue {
            database,
            role,
            limits,
            state: Mutex::default(),
            left: Notify::new(),
        };
        Pool {
            queue: Arc::new(queue),
        }
    }

    /// Takes no more jobs, and refuses those that wait; its threads stay.
    pub(super) fn refuse(&self) {
        let mut state = self.queue.state();
        state.refusing = true;
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        refuse(jobs);
    }

    /// Takes no more jobs, and waits until every thread has ended.
    pub(super) async fn close(&self) {
        self.queue.close();
        loop {
            let left = self.queue.left.notified();
            if self.queue.state().open == 0 {
                return;
            }
            left.await;
        }
    }

    pub(super) fn status(&self) -> PoolStatus {
        self.queue.status()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// What the threads of a pool share.
pub(super) struct Queue {
    pub(super) database: Arc<Database>,
    pub(super) role: Role,
    pub(super) limits: Limits,
    state: Mutex<State>,
    /// A thread has ended.
    left: Notify,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// The threads that wait; the one that worked last is the first to be woken, so that those
    /// that are not needed end.
    idle: Vec<Seat>,
    /// The thread that was woken or started and has not come for its job yet. Only one at a time:
    /// those that work may take the job before it.
    coming: Option<u64>,
    /// Threads that have done a job and come for the next one by themselves: a program that asks
    /// one thing after another keeps one connection busy, and wakes nobody.
    returning: usize,
    /// Threads that there are.
    open: u32,
    next_id: u64,
    /// No job is taken any more.
    refusing: bool,
    /// The threads end.
    closed: bool,
}

/// A thread that waits for jobs.
#[derive(Clone)]
pub(super) struct Seat {
    pub(super) id: u64,
    pub(super) thread: Thread,
}

/// What a thread gets when it comes for a job.
#[allow(
    clippy::large_enum_variant,
    reason = "it is moved once, from the queue to its thread"
)]
pub(super) enum Next {
    Job(Job),
    /// The time was over.
    Nothing,
    Closed,
}

/// Whom to call, once the lock is released.
enum Helper {
    Wake(Thread),
    Start(u64),
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job, or refuses it by its answer. Gives whether that comes at once, so that the wait
    /// for a thread need not be watched.
    pub(super) fn submit(self: &Arc<Self>, job: Job) -> bool {
        let mut state = self.state();
        if state.closed || state.refusing {
            drop(state);
            job.refuse(Error::Closed);
            return true;
        }
        state.jobs.push_back(job);
        let waiting = state.jobs.len();
        let helper = state.helper(self.limits.most);
        let at_once = waiting <= state.returning + usize::from(helper.is_some());
        drop(state);
        self.call(helper);
        at_once
    }

    /// Starts threads until so many are there.
    pub(super) fn start_least(self: &Arc<Self>) {
        loop {
            let mut state = self.state();
            if state.closed || state.open >= self.limits.least {
                return;
            }
            let id = state.start();
            drop(state);
            self.call(Some(Helper::Start(id)));
        }
    }

    /// Takes back a job that no thread has taken. `false` when it is not there.
    pub(super) fn withdraw(&self, call: &Arc<Call>) -> bool {
        let mut state = self.state();
        let mut jobs = state.jobs.iter();
        let place = jobs.position(|job| Arc::ptr_eq(&job.call, call));
        let job = place.and_then(|place| state.jobs.remove(place));
        drop(state);
        job.is_some()
    }

    /// A thread has done its job: it answers, and then comes for the next one.
    pub(super) fn will_return(&self) {
        self.state().returning += 1;
    }

    /// The next job for a thread, which waits for it until then; the clock is asked only where
    /// there is no job. `returns` after it said so.
    pub(super) fn next(
        self: &Arc<Self>,
        seat: &Seat,
        until: impl FnOnce() -> Option<Instant>,
        returns: bool,
    ) -> Next {
        let mut rests_until = None;
        let mut state = self.state();
        if state.jobs.is_empty() && !state.closed {
            // it looks at the queue as well; until then this thread counts as one that comes, or
            // another one would be called for the next job
            drop(state);
            rests_until = until();
            state = self.state();
        }
        state.returning -= usize::from(returns);
        loop {
            if state.coming == Some(seat.id) {
                state.coming = None;
            }
            if let Some(job) = state.jobs.pop_front() {
                let helper = state.helper(self.limits.most);
                drop(state);
                self.call(helper);
                return Next::Job(job);
            }
            if state.closed {
                return Next::Closed;
            }
            let left = rests_until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Next::Nothing;
            }
            state.idle.push(seat.clone());
            drop(state);
            match left {
                Some(left) => std::thread::park_timeout(left),
                None => std::thread::park(),
            }
            state = self.state();
            state.idle.retain(|idle| idle.id != seat.id);
        }
    }

    /// Whether a thread that has nothing to do may end.
    pub(super) fn has_more_than_least(&self) -> bool {
        self.state().open > self.limits.least
    }

    /// A thread has ended.
    pub(super) fn leave(self: &Arc<Self>, id: u64, returns: bool) {
        let mut state = self.state();
        state.returning -= usize::from(returns);
        state.open = state.open.saturating_sub(1);
        if state.coming == Some(id) {
            state.coming = None;
        }
        state.idle.retain(|idle| idle.id != id);
        let helper = match state.closed {
            true => None,
            false => state.helper(self.limits.most),
        };
        drop(state);
        self.call(helper);
        self.left.notify_waiters();
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let jobs = std::mem::take(&mut state.jobs);
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        for seat in idle {
            seat.thread.unpark();
        }
        refuse(jobs);
    }

    fn call(self: &Arc<Self>, helper: Option<Helper>) {
        match helper {
            Some(Helper::Wake(thread)) => thread.unpark(),
            Some(Helper::Start(id)) if thread::start(Arc::clone(self), id).is_err() => {
                self.not_started(id);
            }
            Some(Helper::Start(_)) | None => {}
        }
    }

    /// The operating system gives no thread: those that there are do the work, if there are any.
    fn not_started(self: &Arc<Self>, id: u64) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        if state.coming == Some(id) {
            state.coming = None;
        }
        let jobs = match state.open {
            0 => std::mem::take(&mut state.jobs),
            _ => VecDeque::new(),
        };
        drop(state);
        for job in jobs {
            job.refuse(Error::connection(
                &self.database.target,
                "the operating system gives no thread",
                "look at the limits of the process",
            ));
        }
        self.left.notify_waiters();
    }

    pub(super) fn status(&self) -> PoolStatus {
        let state = self.state();
        PoolStatus {
            open: state.open,
            // those too that have answered, and are on their way to wait
            idle: u32::try_from(state.idle.len() + state.returning)
                .unwrap_or(u32::MAX)
                .min(state.open),
            max_connections: self.limits.most,
        }
    }

    /// Nobody came for a job in time.
    pub(super) fn timed_out(&self) -> Error {
        let status = self.status();
        Error::PoolTimeout {
            in_use: status.open.saturating_sub(status.idle),
            max_connections: status.max_connections,
        }
    }
}

fn refuse(jobs: VecDeque<Job>) {
    for job in jobs {
        job.refuse(Error::Closed);
    }
}

impl State {
    /// Who is to be called for the jobs that wait, unless somebody is coming already.
    fn helper(&mut self, most: u32) -> Option<Helper> {
        if self.jobs.len() <= self.returning || self.coming.is_some() {
            return None;
        }
        if let Some(seat) = self.idle.pop() {
            self.coming = Some(seat.id);
            return Some(Helper::Wake(seat.thread));
        }
        if self.open >= most {
            return None;
        }
        let id = self.start();
        self.coming = Some(id);
        Some(Helper::Start(id))
    }

    fn start(&mut self) -> u64 {
        self.open += 1;
        self.next_id += 1;
        self.next_id
    }
}
