//! rusqlite with a connection for each thread and nothing between it and its caller: the bound of
//! everything else, which no async interface can reach.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Row, Rows, params};
use tokio::task::{block_in_place, spawn_blocking};

use super::model::{
    INSERT, INSERT_BULK, Item, Mix, NewItem, SELECT, SELECT_MIX, UPDATE, UPDATE_COUNT, name, score,
};
use crate::load::{Verb, key};
use crate::measure::{Clock, Sample};

/// The most threads of a load.
const THREADS: usize = 16;

/// An operation with its parameters.
pub enum Request {
    Select(i64),
    Insert(NewItem),
    Update { key: i64, name: String, score: f64 },
    UpdateCount { key: i64, name: String, score: f64 },
}

/// What it gives.
pub enum Answer {
    Row(Item),
    Count(usize),
}

impl Request {
    pub fn of(verb: Verb, key: i64) -> Self {
        let (name, score) = (name(key), score(key));
        match verb {
            Verb::Select => Request::Select(key),
            Verb::Insert => Request::Insert(NewItem::of(key)),
            Verb::Update => Request::Update { key, name, score },
            Verb::UpdateCount => Request::UpdateCount { key, name, score },
        }
    }
}

/// A connection with the settings of db-adapter's.
pub fn connect(file: &str) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON",
        )
        .unwrap();
    connection
}

/// Does it with a statement that stays prepared.
pub fn answer(connection: &Connection, request: Request) -> rusqlite::Result<Answer> {
    match request {
        Request::Select(key) => {
            let mut statement = connection.prepare_cached(SELECT)?;
            only(statement.query([key])?)
        }
        Request::Insert(n) => {
            let mut statement = connection.prepare_cached(INSERT)?;
            let given = params![n.owner_id, n.name, n.price, n.at, n.ok, n.score, n.code];
            only(statement.query(given)?)
        }
        Request::Update { key, name, score } => {
            let mut statement = connection.prepare_cached(UPDATE)?;
            let given = params![name, score, key];
            only(statement.query(given)?)
        }
        Request::UpdateCount { key, name, score } => {
            let mut statement = connection.prepare_cached(UPDATE_COUNT)?;
            let given = params![name, score, key];
            statement.execute(given).map(Answer::Count)
        }
    }
}

/// The one row, read to the end: SQLite puts its journal into the file only then, and a statement
/// that is left before saves that work.
fn only(mut rows: Rows<'_>) -> rusqlite::Result<Answer> {
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let item = item(row)?;
    match rows.next()? {
        None => Ok(Answer::Row(item)),
        Some(_) => Err(rusqlite::Error::QueryReturnedMoreThanOneRow),
    }
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: row.get(0)?,
        owner_id: row.get(1)?,
        name: row.get(2)?,
        price: row.get(3)?,
        at: row.get(4)?,
        ok: row.get(5)?,
        score: row.get(6)?,
        code: row.get(7)?,
    })
}

fn mix(row: &Row<'_>) -> rusqlite::Result<Mix> {
    Ok(Mix {
        id: row.get(0)?,
        u: row.get(1)?,
        name: row.get(2)?,
        price: row.get(3)?,
        at: row.get(4)?,
        d: row.get(5)?,
        ok: row.get(6)?,
        doc: row.get(7)?,
        f: row.get(8)?,
        n: row.get(9)?,
    })
}

/// Connections that stay open from round to round, one a thread.
pub struct Threads {
    connections: Arc<Vec<Mutex<Connection>>>,
}

impl Threads {
    pub fn open(file: &str) -> Self {
        let connections = (0..THREADS).map(|_| Mutex::new(connect(file))).collect();
        Threads {
            connections: Arc::new(connections),
        }
    }

    /// So many operations, divided among so many threads.
    pub async fn load(&self, verb: Verb, threads: usize, operations: usize) -> Sample {
        let connections = Arc::clone(&self.connections);
        spawn_blocking(move || {
            let clock = Clock::start();
            let mut latencies = Vec::with_capacity(operations);
            std::thread::scope(|scope| {
                let spawned: Vec<_> = connections[..threads]
                    .iter()
                    .enumerate()
                    .map(|(thread, connection)| {
                        let numbers = (thread..operations).step_by(threads);
                        scope.spawn(move || on_a_thread(connection, verb, numbers))
                    })
                    .collect();
                for thread in spawned {
                    latencies.extend(thread.join().expect("the thread's end"));
                }
            });
            clock.sample(operations as u64).with_latencies(latencies)
        })
        .await
        .expect("the load's end")
    }

    pub fn rows(&self) -> Vec<Mix> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(SELECT_MIX)?;
            statement.query_map([], mix)?.collect()
        })
    }

    pub fn insert_many(&self, items: &[NewItem]) -> u64 {
        self.with(|connection| {
            let tx = connection.transaction()?;
            let mut statement = tx.prepare_cached(INSERT_BULK)?;
            for n in items {
                let given = params![n.owner_id, n.name, n.price, n.at, n.ok, n.score, n.code];
                statement.execute(given)?;
            }
            drop(statement);
            tx.commit()?;
            Ok(items.len() as u64)
        })
    }

    pub fn truncate(&self) {
        self.with(|connection| connection.execute_batch("DELETE FROM bulk"));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> T {
        let mut connection = self.connections[0].lock().unwrap();
        block_in_place(|| work(&mut connection)).unwrap()
    }
}

fn on_a_thread(
    connection: &Mutex<Connection>,
    verb: Verb,
    numbers: impl Iterator<Item = usize>,
) -> Vec<Duration> {
    let connection = connection.lock().unwrap();
    let mut latencies = Vec::new();
    for number in numbers {
        let begun = Instant::now();
        let done = answer(&connection, Request::of(verb, key(number)));
        black_box(done.unwrap());
        latencies.push(begun.elapsed());
    }
    latencies
}
