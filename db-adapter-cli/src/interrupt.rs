//! What ends a run early. The first signal drops what is under way, so that it is cancelled in the
//! databases, and waits for what they say became of it; the second one does not wait. Signals come
//! in on a thread of their own: a run that writes to somebody who does not read hears nothing.

use std::io;
use std::time::Duration;

use db_adapter::Settled;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use crate::database::{Database, Databases};
use crate::exit::Exit;
use crate::printer;
use crate::report::Report;
use crate::settings::Output;
use crate::signals::Signals;

/// What comes so soon after the first signal is the same event: a terminal that is closed sends
/// SIGHUP, and so does its shell.
const SAME_EVENT: Duration = Duration::from_millis(200);
/// How long the databases may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long they may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// When the run is ended that has not heard the first signal.
const AT_LATEST: Duration = Duration::from_secs(7);

/// What became of the work of an interrupted run. The later one of two is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Nothing that writes was under way.
    Unchanged,
    /// The database says that it is undone.
    RolledBack,
    /// The database says that it is done.
    Committed,
    /// A part of it is permanent, and the rest is not done.
    Partly,
    /// Nobody said.
    Unknown,
    /// A second signal came before the answer.
    NotAwaited,
}

/// The first signal.
pub(crate) struct Interrupt(oneshot::Receiver<()>);

impl Interrupt {
    /// Listens from now on. The process ends when a second signal comes, or long after the first.
    pub(crate) fn listen(databases: &Databases, output: Output) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut signals = {
            let _within = runtime.enter();
            Signals::listen()?
        };
        let (tell, first) = oneshot::channel();
        let databases = databases.clone();
        let listening = async move {
            signals.next().await;
            // a run that has just ended needs no telling
            let _ = tell.send(());
            let same = Instant::now() + SAME_EVENT;
            while timeout_at(same, signals.next()).await.is_ok() {}
            let second = timeout_at(same + AT_LATEST, signals.next()).await;
            end(&databases, second.is_ok(), output);
        };
        let thread = std::thread::Builder::new().name("signals".to_owned());
        thread.spawn(move || runtime.block_on(listening))?;
        Ok(Interrupt(first))
    }

    /// What the work gives, or what became of it when it is interrupted.
    pub(crate) async fn or<F>(self, databases: &Databases, work: F) -> Result<Exit, Report>
    where
        F: Future<Output = Result<Exit, Report>>,
    {
        let mut work = Box::pin(work);
        let interrupted = async {
            // a thread that is gone tells nothing
            if self.0.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            // what is done is done
            biased;
            result = &mut work => return result,
            () = interrupted => {}
        }
        if databases.has_written() {
            // too late: it only remains to be said
            return work.await;
        }
        drop(work);
        let open = databases.all();
        let (outcome, removed) =
            tokio::join!(settle(&open), timeout(PATIENCE, databases.remove_scratch()));
        let mut report = Report::interrupted(outcome);
        match removed {
            Ok(Ok(())) => {}
            Ok(Err(failed)) => report.findings.extend(failed.findings),
            Err(_) => report.findings.extend(databases.scratch_left()),
        }
        Err(report)
    }
}

/// Waits for what the databases say of work that was dropped, and takes leave of them.
async fn settle(databases: &[Database]) -> Outcome {
    let until = Instant::now() + PATIENCE;
    let mut outcome = Outcome::Unchanged;
    for database in databases {
        let settled = timeout_at(until, database.client.settle()).await;
        if database.has_begun_to_write() {
            let of_this = settled.ok().and_then(Result::ok).map(of);
            outcome = outcome.max(of_this.unwrap_or(Outcome::Unknown));
            if database.was_partly_done() {
                outcome = outcome.max(Outcome::Partly);
            }
        }
    }
    let until = Instant::now() + GOODBYE;
    for database in databases {
        // they notice it in any case
        let _ = timeout_at(until, database.client.close()).await;
    }
    outcome
}

fn of(settled: Settled) -> Outcome {
    match settled {
        settled if settled.unknown > 0 => Outcome::Unknown,
        settled if settled.completed > 0 => Outcome::Committed,
        settled if settled.rolled_back > 0 => Outcome::RolledBack,
        _ => Outcome::Unchanged,
    }
}

/// The end at once, in the middle of whatever the run does.
fn end(databases: &Databases, asked_again: bool, output: Output) {
    let outcome = match (databases.may_write(), asked_again) {
        (false, _) => Outcome::Unchanged,
        (true, true) => Outcome::NotAwaited,
        (true, false) => Outcome::Unknown,
    };
    let mut report = Report::interrupted(outcome);
    report.findings.extend(databases.scratch_left());
    printer::last_words(&report, output);
    std::process::exit(Exit::Interrupted.code().into())
}
