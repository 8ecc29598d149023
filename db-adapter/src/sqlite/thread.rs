//! A thread of the pool: it opens its connection when it gets its first job, works on one job after
//! another, and gives the connection up when it is old, idle or not clean.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::connection::Connection;
use super::job::Job;
use super::pool::{Next, Queue, Role, Seat};

/// Starts a thread for the queue, which counts it already.
pub(super) fn start(queue: Arc<Queue>, id: u64) -> std::io::Result<()> {
    let name = match queue.role {
        Role::Writer => "db-adapter-write",
        Role::Reader => "db-adapter-read",
    };
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(move || Worker::new(queue, id).work())?;
    Ok(())
}

struct Worker {
    /// Before the place, so that it is closed when the place is given back.
    connection: Option<Connection>,
    place: Place,
    seat: Seat,
}

/// Gives the place back, whatever happens.
pub(super) struct Place {
    queue: Arc<Queue>,
    id: u64,
    /// Whether the queue was told that this thread comes back.
    returns: bool,
}

impl Place {
    /// The job is done but for its answer, whose receiver may send the next job at once.
    pub(super) fn will_return(&mut self) {
        if !self.returns {
            self.returns = true;
            self.queue.will_return();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.leave(self.id, self.returns);
    }
}

impl Worker {
    fn new(queue: Arc<Queue>, id: u64) -> Self {
        Worker {
            connection: None,
            place: Place {
                queue,
                id,
                returns: false,
            },
            seat: Seat {
                id,
                thread: std::thread::current(),
            },
        }
    }

    fn work(mut self) {
        let queue = Arc::clone(&self.place.queue);
        loop {
            let returns = std::mem::take(&mut self.place.returns);
            match queue.next(&self.seat, || self.rests_until(), returns) {
                Next::Job(job) => self.serve(job),
                Next::Closed => return,
                Next::Nothing => {
                    let is_idle = !self.is_too_old();
                    self.connection = None;
                    if is_idle || queue.has_more_than_least() {
                        return;
                    }
                }
            }
            if self.is_too_old() {
                self.connection = None;
            }
        }
    }

    /// Until when it waits for a job; without an end for what must stay open.
    fn rests_until(&self) -> Option<Instant> {
        let limits = &self.place.queue.limits;
        let now = Instant::now();
        let idle = limits.idle_timeout.and_then(|idle| now.checked_add(idle));
        let idle = idle.filter(|_| self.place.queue.has_more_than_least());
        let old = limits.max_lifetime.and_then(|lifetime| {
            let connection = self.connection.as_ref()?;
            connection.opened.checked_add(lifetime)
        });
        match (idle, old) {
            (Some(idle), Some(old)) => Some(idle.min(old)),
            (idle, old) => idle.or(old),
        }
    }

    fn is_too_old(&self) -> bool {
        let lifetime = self.place.queue.limits.max_lifetime;
        let connection = self.connection.as_ref();
        connection
            .zip(lifetime)
            .is_some_and(|(connection, lifetime)| connection.opened.elapsed() >= lifetime)
    }

    fn serve(&mut self, job: Job) {
        let (place, connection) = (&mut self.place, &mut self.connection);
        let queue = Arc::clone(&place.queue);
        // a panic drops the job, which whoever waits for it sees; the connection is not used again
        let served = catch_unwind(AssertUnwindSafe(|| job.work(connection, &queue, place)));
        let is_clean = self.connection.as_ref().is_none_or(Connection::is_clean);
        if served.is_err() || !is_clean {
            self.connection = None;
        }
    }
}
