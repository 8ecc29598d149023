//! Whether the runtime in which a connection was made still runs: when it has ended, nobody hears what
//! the server says there. It never keeps a runtime from ending.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// The runtime of a connection.
pub(super) struct Home {
    ended: Arc<AtomicBool>,
    /// A task that does nothing but end with its runtime.
    task: Option<AbortHandle>,
}

impl Home {
    /// The runtime that runs this.
    pub(super) fn here() -> Self {
        let ended = Arc::<AtomicBool>::default();
        let end = End(Arc::clone(&ended));
        let task = Handle::try_current().ok().map(|runtime| {
            let lives = async move {
                let _end = end;
                pending::<()>().await;
            };
            runtime.spawn(lives).abort_handle()
        });
        Home { ended, task }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
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
    use super::*;

    #[test]
    fn a_runtime_that_has_ended_is_known() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let home = runtime.block_on(async { Home::here() });
        assert!(!home.has_ended());
        drop(runtime);
        assert!(home.has_ended());
        assert!(Home::here().has_ended(), "there is none");
    }
}
