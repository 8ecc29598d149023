//! A stream written as an async block: the block owns what it borrows from (a connection), and
//! hands out items one at a time. Nothing is spawned: dropping the stream drops the block.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::StreamExt;

use crate::client::BoxStream;

/// Where the block puts its items.
pub(crate) struct Sink<T> {
    slot: Arc<Mutex<Option<T>>>,
}

impl<T: Send> Sink<T> {
    /// Hands out one item; ready again when it was taken.
    pub(crate) fn send(&mut self, item: T) -> impl Future<Output = ()> + Send + '_ {
        put(&self.slot, Some(item));
        std::future::poll_fn(|_| {
            // the stream takes the item and then polls the block again: no waker is needed
            if lock(&self.slot).is_none() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    }
}

fn lock<T>(slot: &Mutex<Option<T>>) -> std::sync::MutexGuard<'_, Option<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn put<T>(slot: &Mutex<Option<T>>, item: Option<T>) {
    *lock(slot) = item;
}

/// The stream of the items that the block sends.
pub(crate) fn generate<'a, T, F, Fut>(block: F) -> BoxStream<'a, T>
where
    T: Send + 'a,
    F: FnOnce(Sink<T>) -> Fut,
    Fut: Future<Output = ()> + Send + 'a,
{
    let slot = Arc::new(Mutex::new(None));
    let sink = Sink {
        slot: Arc::clone(&slot),
    };
    Box::pin(Generate {
        slot,
        block: Some(Box::pin(block(sink))),
    })
}

/// A stream together with what it borrows from.
pub(crate) fn owning<C, T, F>(owner: C, items: F) -> BoxStream<'static, T>
where
    C: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'c> FnOnce(&'c C) -> BoxStream<'c, T> + Send + 'static,
{
    generate(move |mut sink| async move {
        let mut items = items(&owner);
        while let Some(item) = items.next().await {
            sink.send(item).await;
        }
    })
}

struct Generate<'a, T> {
    slot: Arc<Mutex<Option<T>>>,
    block: Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
}

impl<T> Stream for Generate<'_, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        if let Some(block) = &mut this.block
            && block.as_mut().poll(cx).is_ready()
        {
            this.block = None;
        }
        match lock(&this.slot).take() {
            Some(item) => Poll::Ready(Some(item)),
            None if this.block.is_none() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn items_come_in_order_and_the_end_is_the_blocks_end() {
        let items: Vec<u32> = generate(|mut sink| async move {
            for i in 0..1000 {
                if i % 7 == 0 {
                    tokio::task::yield_now().await;
                }
                sink.send(i).await;
            }
        })
        .collect()
        .await;
        assert_eq!(items, (0..1000).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_stream_keeps_what_it_borrows_from_and_drops_it_at_its_end() {
        let owner = Arc::new(vec![1, 2, 3]);
        let mut items = owning(Arc::clone(&owner), |owner| {
            Box::pin(futures_util::stream::iter(owner.iter().copied()))
        });
        assert_eq!(items.next().await, Some(1));
        assert_eq!(Arc::strong_count(&owner), 2);
        assert_eq!((&mut items).collect::<Vec<_>>().await, [2, 3]);
        assert_eq!(Arc::strong_count(&owner), 1);
    }

    #[tokio::test]
    async fn dropping_the_stream_drops_what_the_block_owns() {
        let owned = Arc::new(());
        let kept = Arc::clone(&owned);
        let mut stream = generate(|mut sink| async move {
            let _kept = kept;
            sink.send(1).await;
            sink.send(2).await;
        });
        assert_eq!(stream.next().await, Some(1));
        drop(stream);
        assert_eq!(Arc::strong_count(&owned), 1);
    }
}
