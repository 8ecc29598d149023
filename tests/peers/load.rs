//! Small operations, one after another or from many tasks at once: what each peer has to offer,
//! and how it is driven.

use std::future::Future;
use std::time::Instant;

use crate::measure::{Clock, Sample};

/// Rows of the table `item` before the first insert: what is selected and updated.
pub const ITEMS: i64 = 10_000;

/// A small operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// One row by its key, all columns.
    Select,
    /// One row, giving all its columns back.
    Insert,
    /// Two columns of the row with this key, giving the row back.
    Update,
    /// The same, giving only the number of rows back.
    UpdateCount,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 4] = [Verb::Select, Verb::Insert, Verb::Update, Verb::UpdateCount];

    /// In the names of works.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Select => "select",
            Verb::Insert => "insert",
            Verb::Update => "update",
            Verb::UpdateCount => "update_count",
        }
    }
}

/// A library as an application would hold it: a pool or a handle that tasks share.
pub trait Peer: Clone + Send + Sync + 'static {
    /// Opens the database, whose place is a URL or a file.
    fn open(place: &str) -> impl Future<Output = Self> + Send;

    /// Does the operation and decodes its answer into the library's natural typed row.
    fn run(&self, verb: Verb, key: i64) -> impl Future<Output = ()> + Send;

    /// Closes every connection.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// Keys in no order, so that neighbours in time are no neighbours in the table, and no two tasks
/// wait for each other's row.
pub fn key(number: usize) -> i64 {
    number as i64 * 7919 % ITEMS + 1
}

/// So many operations, divided among so many tasks.
pub async fn load<P: Peer>(peer: &P, verb: Verb, tasks: usize, operations: usize) -> Sample {
    let clock = Clock::start();
    let spawned: Vec<_> = (0..tasks)
        .map(|task| {
            let peer = peer.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(operations / tasks + 1);
                for number in (task..operations).step_by(tasks) {
                    let begun = Instant::now();
                    peer.run(verb, key(number)).await;
                    latencies.push(begun.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(operations);
    for task in spawned {
        latencies.extend(task.await.expect("the task's end"));
    }
    clock.sample(operations as u64).with_latencies(latencies)
}

/// Opens the database anew and selects one row, so many times.
pub async fn cold<P: Peer>(place: &str, times: u32) -> Sample {
    let mut samples = Vec::new();
    for _ in 0..times {
        let clock = Clock::start();
        let peer = P::open(place).await;
        peer.run(Verb::Select, 1).await;
        samples.push(clock.sample(1));
        peer.close().await;
    }
    let total = samples.into_iter().reduce(Sample::and);
    total.expect("at least one time")
}
