//! A transaction as its client sees it: commands to the thread that holds it open. Dropping it lets
//! the thread roll back. What the commands do is `transaction_thread`'s.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;

use db_adapter_core::DatabaseSchema;

use super::adapter::{CAPABILITIES, Shared};
use super::answer::{Answer, Reply, lost};
use super::call::{Call, Kind};
use super::caller::is_read;
use super::introspect;
use super::rows::{RowSender, Rows, channel};
use super::stream::Pieces;
use crate::client::{BoxFuture, BoxStream, Capabilities, DatabaseClient};
use crate::deadline::Deadline;
use crate::observe::{Observing, observed_control};
use crate::query::{Operation, Outcome};
use crate::schema::IntrospectOptions;
use crate::stream::generate;
use crate::transaction::session::TxConnection;
use crate::transaction::{Savepoint, Step};
use crate::{Result, Row};

/// What the thread is told, in order; its end is the end of the transaction.
pub(super) type Commands = mpsc::Receiver<Command>;

pub(super) enum Command {
    Run {
        operation: Operation,
        call: Arc<Call>,
        reply: Reply<Outcome>,
    },
    Stream {
        operation: Operation,
        call: Arc<Call>,
        rows: RowSender,
    },
    Savepoint {
        savepoint: Savepoint,
        step: Step,
        reply: Reply<()>,
    },
    Commit(Reply<()>),
    RollBack(Reply<()>),
}

/// The client's end of an open transaction.
pub(super) struct SqliteTransaction {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    /// The transaction as a whole.
    whole: Arc<Call>,
    /// Whether the answer of a statement was not taken, so that nobody knows what it did.
    pub(super) untaken: Arc<AtomicBool>,
    ended: bool,
}

impl SqliteTransaction {
    pub(super) fn new(
        shared: Arc<Shared>,
        whole: Arc<Call>,
        untaken: Arc<AtomicBool>,
        commands: mpsc::Sender<Command>,
    ) -> Self {
        SqliteTransaction {
            commands,
            shared,
            whole,
            untaken,
            ended: false,
        }
    }

    /// Sends a command that ends the transaction, and waits for what the thread says.
    async fn end(mut self, command: impl FnOnce(Reply<()>) -> Command, name: &str) -> Result<()> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let sent = self.commands.send(command(reply));
        let result = match sent {
            Ok(()) => answer
                .await
                .unwrap_or_else(|_| Err(lost(self.whole.kind, name))),
            Err(_) => Err(lost(Kind::Part, name)),
        };
        self.ended = true;
        result
    }
}

impl Drop for SqliteTransaction {
    fn drop(&mut self) {
        if !self.ended {
            self.whole.abandon();
        }
    }
}

impl TxConnection for SqliteTransaction {
    const CAPABILITIES: Capabilities = CAPABILITIES;

    fn run(&mut self, operation: Operation, deadline: Deadline) -> BoxFuture<'_, Result<Outcome>> {
        Box::pin(async move {
            let observing = Observing::start(&self.shared.source, &operation);
            let name = operation.describe().0;
            let call = Call::new(Kind::Part, &self.shared.database.abandoned);
            let (reply, answer) = Answer::new(Arc::clone(&call), None);
            let answer = answer.or_tell(&self.untaken);
            let command = Command::Run {
                operation,
                call,
                reply,
            };
            // a thread that is gone has dropped the reply
            let _ = self.commands.send(command);
            observing.run(pin!(answer.until(deadline, name))).await
        })
    }

    fn stream(&mut self, operation: Operation, deadline: Deadline) -> BoxStream<'_, Result<Row>> {
        let observing = Observing::start_stream(&self.shared.source, &operation);
        let name = operation.describe().0;
        let reads = is_read(&operation);
        let call = Call::new(Kind::Part, &self.shared.database.abandoned);
        let (rows, receiver) = channel(deadline);
        let command = Command::Stream {
            operation,
            call: Arc::clone(&call),
            rows,
        };
        let pieces = generate(move |mut sink| async move {
            // only now: a stream that nobody has polled does nothing
            let _ = self.commands.send(command);
            let mut pieces = Pieces::new(receiver, call, name, deadline);
            if !reads {
                pieces = pieces.or_tell(Arc::clone(&self.untaken));
            }
            pieces.hand_on(&mut sink).await;
        });
        observing.stream(Rows::of(pieces))
    }

    fn savepoint(&mut self, savepoint: Savepoint, step: Step) -> BoxFuture<'_, Result<()>> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        // a thread that is gone has dropped the reply
        let _ = self.commands.send(Command::Savepoint {
            savepoint,
            step,
            reply,
        });
        Box::pin(async move {
            answer
                .await
                .unwrap_or_else(|_| Err(lost(Kind::Part, "savepoint")))
        })
    }

    fn introspect(
        client: &dyn DatabaseClient,
        options: IntrospectOptions,
    ) -> BoxFuture<'_, Result<DatabaseSchema>> {
        Box::pin(introspect::introspect(client, options))
    }

    fn commit(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(async move {
            let commit = pin!(self.end(Command::Commit, "commit"));
            observed_control(&source, "commit", commit).await
        })
    }

    fn rollback(self) -> BoxFuture<'static, Result<()>> {
        let source = self.shared.source.clone();
        Box::pin(async move {
            let rollback = pin!(self.end(Command::RollBack, "rollback"));
            observed_control(&source, "rollback", rollback).await
        })
    }
}
