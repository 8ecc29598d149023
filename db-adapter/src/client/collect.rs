//! Rows into values of a type of the caller's, each as soon as it is there, and what stopped that.
//! It asks no database: a client that has rows calls it, on any thread.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;

use crate::query::{Fill, Given, RowSink};
use crate::row::{Cells, Header, RowDeserializer};
use crate::{Error, Result};

/// Why the values are not there.
enum Stopped {
    Failed(Error),
    /// The type's own `Deserialize` has panicked. The panic goes on where the values are awaited, so
    /// that it costs neither a connection nor its thread.
    Panicked(Box<dyn Any + Send>),
}

/// What an attempt has collected, of so many rows.
struct Collected<T> {
    values: Result<Vec<T>, Stopped>,
    rows: usize,
}

/// Where an attempt that has come to its end leaves the values.
pub(super) struct Slot<T>(Arc<Mutex<Option<Collected<T>>>>);

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, Option<Collected<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The values, once the operation has succeeded. An error here is about a value alone: the
    /// operation itself is done.
    pub(super) fn take(self) -> Result<Vec<T>> {
        let collected = self.lock().take();
        match collected.map(|collected| collected.values) {
            Some(Ok(values)) => Ok(values),
            Some(Err(Stopped::Failed(error))) => Err(error),
            Some(Err(Stopped::Panicked(panic))) => resume_unwind(panic),
            None => Err(Error::internal("the client has not given its rows")),
        }
    }

    /// Of how many rows they are.
    pub(super) fn rows(&self) -> usize {
        given(&self.0).rows
    }

    /// Whether a value is why the operation has failed.
    pub(super) fn has_failed(&self) -> bool {
        given(&self.0).failed
    }
}

fn given<T>(slot: &Mutex<Option<Collected<T>>>) -> Given {
    let collected = slot.lock().unwrap_or_else(PoisonError::into_inner);
    collected
        .as_ref()
        .map_or_else(Given::default, |collected| Given {
            rows: collected.rows,
            failed: collected.values.is_err(),
        })
}

/// A sink that makes values of rows by serde, and where they are found.
pub(super) fn by_serde<T: DeserializeOwned + Send + 'static>() -> (RowSink, Slot<T>) {
    let slot = Arc::new(Mutex::new(None));
    let (to, of) = (Arc::clone(&slot), Arc::clone(&slot));
    let begin = move || -> Box<dyn Fill> {
        Box::new(Collector {
            collected: Collected {
                values: Ok(Vec::<T>::new()),
                rows: 0,
            },
            to: Slot(Arc::clone(&to)),
        })
    };
    (RowSink::new(begin, move || given(&of)), Slot(slot))
}

struct Collector<T> {
    collected: Collected<T>,
    to: Slot<T>,
}

impl<T: DeserializeOwned + Send> Fill for Collector<T> {
    fn row<'r>(&mut self, header: &'r Header, cells: &mut dyn Cells<'r>) {
        self.collected.rows += 1;
        let Ok(values) = &mut self.collected.values else {
            return;
        };
        let row = RowDeserializer::new(header, cells);
        match catch_unwind(AssertUnwindSafe(|| T::deserialize(row))) {
            Ok(Ok(value)) => values.push(value),
            Ok(Err(error)) => self.collected.values = Err(Stopped::Failed(error)),
            Err(panic) => self.collected.values = Err(Stopped::Panicked(panic)),
        }
    }

    fn finish(self: Box<Self>) {
        let Collector { collected, to } = *self;
        *to.lock() = Some(collected);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::row;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Id {
        id: i64,
    }

    #[test]
    fn another_attempt_begins_anew_and_what_is_not_finished_is_forgotten() {
        let (sink, slot) = by_serde::<Id>();
        sink.give([row! { "id": 1 }]);
        sink.give([row! { "id": 2 }, row! { "id": 3 }]);
        let unfinished = row! { "id": 4 };
        let mut attempt = sink.begin();
        attempt.row(unfinished.header(), &mut unfinished.cells());
        drop(attempt);
        assert_eq!(slot.take().unwrap(), [Id { id: 2 }, Id { id: 3 }]);
        let (_, slot) = by_serde::<Id>();
        assert_eq!(slot.take().unwrap_err().kind(), crate::ErrorKind::Internal);
    }

    #[test]
    fn the_first_error_is_the_one() {
        let (sink, slot) = by_serde::<Id>();
        assert_eq!(
            sink.give([row! { "id": 1 }, row! { "id": "x" }, row! {}]),
            3
        );
        let error = slot.take().unwrap_err();
        assert!(error.to_string().contains("`id`"), "{error}");
    }

    #[test]
    fn a_panic_goes_on_where_the_values_are_awaited() {
        #[derive(Debug)]
        struct Panics;
        impl<'de> Deserialize<'de> for Panics {
            #[allow(clippy::panic, reason = "what is tested")]
            fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                panic!("as the type's author has it")
            }
        }
        let (sink, slot) = by_serde::<Panics>();
        assert_eq!(sink.give([row! { "id": 1 }]), 1);
        let panic = catch_unwind(AssertUnwindSafe(|| slot.take())).unwrap_err();
        let words = panic.downcast_ref::<&str>();
        assert_eq!(words, Some(&"as the type's author has it"));
    }
}
