//! Whether the runtime in which a connection was made still runs: where it does not, nobody hears what
//! the server says there. It never keeps a runtime from ending.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// How long another runtime may take to show that it runs. One that is busy for longer costs a new
/// connection, and nothing else.
const PATIENCE: Duration = Duration::from_millis(50);

/// The runtime of a connection.
pub(super) struct Home {
    ended: Arc<AtomicBool>,
    /// A task that does nothing but answer, and end with its runtime.
    task: Option<Task>,
}

struct Task {
    /// Does not keep the runtime from ending; what is spawned afterwards is dropped.
    runtime: Handle,
    calls: mpsc::UnboundedSender<oneshot::Sender<()>>,
    handle: AbortHandle,
}

impl Home {
    /// The runtime that runs this.
    pub(super) fn here() -> Self {
        let ended = Arc::<AtomicBool>::default();
        let end = End(Arc::clone(&ended));
        let task = Handle::try_current().ok().map(|runtime| {
            let (calls, mut called) = mpsc::unbounded_channel::<oneshot::Sender<()>>();
            let lives = async move {
                let _end = end;
                while let Some(caller) = called.recv().await {
                    // who has given up does not hear it
                    let _ = caller.send(());
                }
            };
            let handle = runtime.spawn(lives).abort_handle();
            Task {
                runtime,
                calls,
                handle,
            }
        });
        Home { ended, task }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Where the work is done that a drop leaves behind: in this runtime, where it has threads of its own,
    /// whichever one the drop happens in: the connection's socket is heard here, and the other one may end with
    /// the call that drops, or be entered and driven by nobody. One without threads does nothing before somebody
    /// drives it again: then in the runtime of who drops.
    pub(super) fn for_what_is_left(&self) -> Option<Handle> {
        let task = self.task.as_ref().filter(|_| !self.has_ended());
        let by_itself =
            task.filter(|task| task.runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        match by_itself {
            Some(task) => Some(task.runtime.clone()),
            None => Handle::try_current().ok(),
        }
    }

    /// Whether it runs. Another runtime than this one may be there, and nobody drives it: a runtime of one
    /// thread does nothing between two calls of `block_on`.
    pub(super) async fn runs(&self) -> bool {
        let Some(task) = self.task.as_ref().filter(|_| !self.has_ended()) else {
            return false;
        };
        if Handle::try_current().is_ok_and(|here| here.id() == task.runtime.id()) {
            return true;
        }
        let (caller, answer) = oneshot::channel();
        task.calls.send(caller).is_ok() && matches!(timeout(PATIENCE, answer).await, Ok(Ok(())))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.handle.abort();
        }
    }
}

/// Sets the mark when it is dropped.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_time().build().unwrap()
    }

    #[test]
    fn a_runtime_that_has_ended_is_known() {
        let there = runtime();
        let home = there.block_on(async { Home::here() });
        assert!(!home.has_ended());
        drop(there);
        assert!(home.has_ended());
        assert!(Home::here().has_ended(), "there is none");
    }

    #[test]
    fn what_is_left_is_done_by_threads_of_the_runtime_alone() {
        let alone = runtime();
        let home = alone.block_on(async { Home::here() });
        assert!(home.for_what_is_left().is_none());
        let with_threads = Builder::new_multi_thread().worker_threads(1).build();
        let with_threads = with_threads.unwrap();
        let home = with_threads.block_on(async { Home::here() });
        assert_eq!(
            home.for_what_is_left().unwrap().id(),
            with_threads.handle().id()
        );
        let here = runtime();
        let left = here.block_on(async { home.for_what_is_left() });
        assert_eq!(left.unwrap().id(), with_threads.handle().id());
        drop(with_threads);
        assert!(home.for_what_is_left().is_none());
        let left = here.block_on(async { home.for_what_is_left() });
        assert_eq!(left.unwrap().id(), here.handle().id());
    }

    #[test]
    fn a_runtime_that_nobody_drives_does_not_run() {
        let (there, here) = (runtime(), runtime());
        let home = there.block_on(async { Home::here() });
        assert!(there.block_on(home.runs()));
        assert!(!here.block_on(home.runs()));
        let (stop, stopped) = oneshot::channel::<()>();
        let driver = std::thread::spawn(move || there.block_on(stopped));
        // it runs from a moment on
        let mut runs = false;
        for _ in 0..100 {
            runs = runs || here.block_on(home.runs());
        }
        assert!(runs);
        drop(stop);
        assert!(driver.join().unwrap().is_err());
        assert!(!here.block_on(home.runs()));
    }
}
