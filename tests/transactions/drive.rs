//! Drives a future as far as a step says, and drops it there.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::step::How;

/// What a future gave, or that it was dropped.
#[derive(Debug)]
pub(crate) enum Driven<T> {
    Done(T),
    /// With whether it was polled at all.
    Dropped(bool),
}

/// Drives it; it is gone when this is done.
pub(crate) async fn drive<T>(future: impl Future<Output = T>, how: How) -> Driven<T> {
    // a spent budget of tokio's would make the first poll one that does nothing
    tokio::task::yield_now().await;
    match how {
        How::Await | How::Within(_) => Driven::Done(future.await),
        How::Elapse(us) => {
            let limit = Duration::from_micros(us.into());
            match tokio::time::timeout(limit, future).await {
                Ok(value) => Driven::Done(value),
                Err(_) => Driven::Dropped(true),
            }
        }
        How::Polls { count, woken } => polled(future, count, woken).await,
    }
}

async fn polled<T>(future: impl Future<Output = T>, count: u32, woken: bool) -> Driven<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        if polls == count {
            return Poll::Ready(Driven::Dropped(count > 0));
        }
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Driven::Done(value)),
            Poll::Pending if polls == count && !woken => Poll::Ready(Driven::Dropped(true)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Polls it so often without waiting in between, and drops it: what it waits for does not come.
pub(crate) async fn poll_in_vain<T>(future: impl Future<Output = T>, count: u32) -> Driven<T> {
    tokio::task::yield_now().await;
    let mut future = pin!(future);
    poll_fn(|context| {
        for _ in 0..count {
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Driven::Done(value));
            }
        }
        Poll::Ready(Driven::Dropped(count > 0))
    })
    .await
}
