//! The waiting side of a call: for its answer, for a place in the queue, until a deadline. Dropping
//! it cancels the call. It never blocks and needs no runtime to be dropped.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use super::call::{Call, Kind};
use super::pool::Queue;
use crate::deadline::Deadline;
use crate::{Error, Result};

/// How long a cancelled call may take to end before its outcome counts as unknown.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// Where the thread puts an answer.
pub(super) type Reply<T> = oneshot::Sender<Result<T>>;

/// An answer that is awaited.
pub(super) struct Answer<T> {
    receiver: oneshot::Receiver<Result<T>>,
    call: Arc<Call>,
    /// Where the call may still wait.
    queue: Option<Arc<Queue>>,
    /// Told when the answer of a transaction's statement is not taken: nobody knows its result.
    untaken: Option<Arc<AtomicBool>>,
    taken: bool,
}

impl<T> Answer<T> {
    pub(super) fn new(call: Arc<Call>, queue: Option<Arc<Queue>>) -> (Reply<T>, Self) {
        let (reply, receiver) = oneshot::channel();
        let answer = Answer {
            receiver,
            call,
            queue,
            untaken: None,
            taken: false,
        };
        (reply, answer)
    }

    pub(super) fn or_tell(mut self, untaken: &Arc<AtomicBool>) -> Self {
        self.untaken = Some(Arc::clone(untaken));
        self
    }

    async fn next(&mut self, operation: &str) -> Result<T> {
        let answer = (&mut self.receiver).await;
        self.taken = true;
        answer.unwrap_or_else(|_| Err(lost(self.call.kind, operation)))
    }

    /// The answer of a call that is being worked on. At the deadline it is cancelled, and what
    /// the thread says then is the answer.
    pub(super) async fn until(mut self, deadline: Deadline, operation: &str) -> Result<T> {
        match deadline.is_none() {
            true => self.next(operation).await,
            // by itself: the future of the usual case stays small
            false => Box::pin(self.until_limit(deadline, operation)).await,
        }
    }

    async fn until_limit(mut self, deadline: Deadline, operation: &str) -> Result<T> {
        let in_time = deadline.limit(pin!(self.next(operation))).await;
        if let Some(answer) = in_time {
            return answer;
        }
        self.call.cancel();
        let late = Deadline::after(GRACE)
            .limit(pin!(self.next(operation)))
            .await;
        match late {
            Some(answer) => answer,
            None if self.call.kind == Kind::Read => Err(timed_out()),
            None => Err(Error::OutcomeUnknown {
                operation: operation.to_owned(),
            }),
        }
    }

    /// The answer of a call that may have to wait for a connection first.
    pub(super) async fn queued(
        mut self,
        wait: Duration,
        deadline: Deadline,
        operation: &str,
    ) -> Result<T> {
        let begun = deadline
            .at_most(wait)
            .limit(pin!(self.next(operation)))
            .await;
        if let Some(answer) = begun {
            return answer;
        }
        if let Some(queue) = &self.queue
            && queue.withdraw(&self.call)
        {
            self.taken = true;
            return Err(match deadline.has_passed() {
                true => Error::Timeout {
                    what: "the wait for a connection of the pool".to_owned(),
                },
                false => queue.timed_out(),
            });
        }
        self.until(deadline, operation).await
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        if self.taken {
            return;
        }
        if let Some(untaken) = &self.untaken {
            untaken.store(true, Ordering::Release);
        }
        match &self.queue {
            Some(queue) if queue.withdraw(&self.call) => self.call.abandon_waiting(),
            _ => self.call.abandon(),
        }
    }
}

/// What a call says that was cancelled at its time limit.
pub(super) fn timed_out() -> Error {
    Error::Timeout {
        what: "the operation reached its time limit and was cancelled; it changed nothing"
            .to_owned(),
    }
}

/// The thread ended without an answer.
pub(super) fn lost(kind: Kind, operation: &str) -> Error {
    match kind {
        Kind::Write => Error::OutcomeUnknown {
            operation: operation.to_owned(),
        },
        Kind::Read | Kind::Part => Error::internal(format!(
            "the thread of the connection ended during the {operation}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::abandoned::Abandoned;

    #[tokio::test]
    async fn a_thread_that_dies_is_an_error_for_whoever_waits() {
        let abandoned = Arc::new(Abandoned::default());
        for (kind, expected) in [
            (Kind::Read, ErrorKind::Internal),
            (Kind::Write, ErrorKind::OutcomeUnknown),
            (Kind::Part, ErrorKind::Internal),
        ] {
            let (reply, answer) = Answer::<()>::new(Call::new(kind, &abandoned), None);
            drop(reply);
            let error = answer.until(Deadline::NONE, "insert").await.unwrap_err();
            assert_eq!(error.kind(), expected, "{kind:?}");
        }
        assert!(abandoned.settle().await.is_empty());
    }

    #[tokio::test]
    async fn an_answer_that_was_not_taken_is_told_to_its_transaction() {
        let abandoned = Arc::new(Abandoned::default());
        let untaken = Arc::new(AtomicBool::new(false));
        let part = || Answer::<()>::new(Call::new(Kind::Part, &abandoned), None);
        let (reply, answer) = part();
        reply.send(Ok(())).unwrap();
        let answer = answer.or_tell(&untaken);
        answer.until(Deadline::NONE, "insert").await.unwrap();
        assert!(!untaken.load(Ordering::Acquire));
        let (_reply, answer) = part();
        drop(answer.or_tell(&untaken));
        assert!(untaken.load(Ordering::Acquire));
    }
}
