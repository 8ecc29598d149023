//! A list of tasks as a web service: pages, partial changes, optimistic locking, errors as statuses.
//!
//!     cargo run --example web_service
//!     cargo run --example web_service -- 127.0.0.1:3000 postgresql://user:password@localhost/database
//!
//! The first asks itself some questions on a database in memory, prints the answers, and ends. The
//! second serves until Ctrl-C, and makes the table `tasks` where there is none.

#![allow(clippy::print_stdout, reason = "it is an example")]

mod ask;
mod reply;
mod tasks;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use db_adapter::ConnectOptions;
use db_adapter::prelude::*;
use tokio::net::TcpListener;

/// What the handlers share. A pool has its own limits, so it needs no lock around it.
type Db = Arc<dyn DatabaseClient>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next();
    let url = args.next();
    let options = ConnectOptions::new(url.as_deref().unwrap_or("sqlite::memory:"))
        // no request waits longer for a connection than a client waits for an answer
        .acquire_timeout(Duration::from_secs(2));
    let db: Db = db_adapter::connect_with(options).await?;
    tasks::make_table(&db).await?;
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    match address {
        Some(_) => serve(listener, &db, stopped()).await?,
        None => {
            let place = listener.local_addr()?;
            let (done, finished) = tokio::sync::oneshot::channel::<()>();
            let serving = serve(listener, &db, async { drop(finished.await) });
            let asking = async {
                let result = ask::ask(place).await;
                drop(done);
                result
            };
            let (served, asked) = tokio::join!(serving, asking);
            served?;
            asked?;
        }
    }
    // a client that went away left its operation behind: the database's answer to it is awaited
    let settled = db.settle().await?;
    if settled.unknown > 0 {
        println!("{} writes may have been done or not", settled.unknown);
    }
    db.close().await?;
    Ok(())
}

async fn serve(
    listener: TcpListener,
    db: &Db,
    until: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = Router::new()
        .route("/tasks", get(tasks::list).post(tasks::create))
        .route(
            "/tasks/{id}",
            get(tasks::read).patch(tasks::change).delete(tasks::remove),
        )
        .with_state(Arc::clone(db));
    axum::serve(listener, service)
        .with_graceful_shutdown(until)
        .await
}

async fn stopped() {
    // without a signal handler it serves until it is killed
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
