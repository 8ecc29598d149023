//! rusqlite driven by hand over one channel hop: one thread owns the connection, requests come by a
//! channel and each answer goes back by one of its own. The bound of an async interface.

use std::hint::black_box;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::by_rusqlite::{Answer, Request, answer, connect};
use crate::load::{Peer, Verb};

type Reply = oneshot::Sender<rusqlite::Result<Answer>>;

#[derive(Clone)]
pub struct OneHop {
    requests: mpsc::Sender<(Request, Reply)>,
    ended: Arc<JoinHandle<()>>,
}

impl Peer for OneHop {
    async fn open(place: &str) -> Self {
        let place = place.to_owned();
        let (requests, received) = mpsc::channel();
        let thread = std::thread::spawn(move || serve(&place, &received));
        OneHop {
            requests,
            ended: Arc::new(thread),
        }
    }

    async fn run(&self, verb: Verb, key: i64) {
        let (reply, answered) = oneshot::channel();
        let request = (Request::of(verb, key), reply);
        self.requests.send(request).expect("the thread");
        match answered.await.expect("an answer").unwrap() {
            Answer::Row(item) => drop(black_box(item)),
            Answer::Count(changed) => assert_eq!(changed, 1),
        }
    }

    async fn close(self) {
        drop(self.requests);
        if let Ok(thread) = Arc::try_unwrap(self.ended) {
            thread.join().expect("the thread's end");
        }
    }
}

/// Ends when nobody can ask any more.
fn serve(file: &str, requests: &mpsc::Receiver<(Request, Reply)>) {
    let connection = connect(file);
    for (request, reply) in requests {
        // whoever asked may have gone
        let _ = reply.send(answer(&connection, request));
    }
}
