//! What a thread does: one operation, a stream, or a transaction from its beginning to its end. It
//! ends the call in every case, with what became of it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::answer::Reply;
use super::call::{Call, Turn};
use super::caller::may_change_schema;
use super::connect;
use super::connection::Connection;
use super::database::Database;
use super::pool::{Queue, Role};
use super::rows::{Gone, RowSender};
use super::run::{Work, fate};
use super::thread::Place;
use super::transaction::Commands;
use super::transaction_thread;
use crate::query::{Operation, Outcome};
use crate::{Error, Result};

/// A piece of work and the call that it belongs to.
pub(super) struct Job {
    pub(super) call: Arc<Call>,
    pub(super) task: Task,
}

pub(super) enum Task {
    /// Opens the connection.
    Open(Reply<()>),
    Run {
        operation: Operation,
        reply: Reply<Ran>,
    },
    Stream {
        operation: Operation,
        rows: RowSender,
        /// Told when a connection was there for it.
        begun: Reply<()>,
    },
    Begin(Begin),
}

/// A transaction that is to begin.
pub(super) struct Begin {
    pub(super) read_only: bool,
    /// Whether foreign keys are off in it.
    pub(super) foreign_keys_off: bool,
    /// The call that stands for it as a whole.
    pub(super) whole: Arc<Call>,
    pub(super) commands: Commands,
    /// Set by the client when it does not take the answer of a statement.
    pub(super) untaken: Arc<AtomicBool>,
    pub(super) reply: Reply<()>,
}

/// How a run went.
pub(super) enum Ran {
    Done(Outcome),
    /// A reader could not do it, the writer may: the operation is given back with the error.
    Elsewhere(Box<(Operation, Error)>),
}

impl Job {
    /// It is not done.
    pub(super) fn refuse(self, error: Error) {
        self.call.end(self.call.fate_of_nothing());
        match self.task {
            Task::Open(reply) => drop(reply.send(Err(error))),
            Task::Run { reply, .. } => drop(reply.send(Err(error))),
            Task::Stream { begun, .. } => drop(begun.send(Err(error))),
            Task::Begin(begin) => {
                begin.whole.end(begin.whole.fate_of_nothing());
                let _ = begin.reply.send(Err(error));
            }
        }
    }

    /// Does it on the connection of the thread, which is opened where it is not.
    pub(super) fn work(
        self,
        connection: &mut Option<Connection>,
        queue: &Queue,
        place: &mut Place,
    ) {
        let connection = match connection {
            Some(connection) => connection,
            None => match connect::open(&queue.database, queue.role, &self.call) {
                Ok(opened) => connection.insert(opened),
                Err(error) => return self.refuse(error),
            },
        };
        let database = &queue.database;
        if let Err(error) = connection.check_file(database) {
            return self.refuse(error);
        }
        if !self.call.begin(&connection.bell, false) {
            return self.refuse(super::answer::timed_out());
        }
        let turn = Turn::new(Arc::clone(&self.call));
        match self.task {
            Task::Open(reply) => {
                turn.end(self.call.fate_of_nothing());
                let _ = reply.send(Ok(()));
            }
            Task::Run { operation, reply } => {
                let result = run(connection, database, &self.call, &operation);
                turn.end(fate(&self.call, &result));
                let ran = match result {
                    Ok(outcome) => Ok(Ran::Done(outcome)),
                    Err(error) if is_for_the_writer(queue, &operation, &error) => {
                        Ok(Ran::Elsewhere(Box::new((operation, error))))
                    }
                    Err(error) => Err(error),
                };
                place.will_return();
                // whoever does not take it any more was told of by the call
                let _ = reply.send(ran);
            }
            Task::Stream {
                operation,
                rows,
                begun,
            } => {
                // a reader that is gone is noticed by the first piece
                let _ = begun.send(Ok(()));
                let (result, rows) = stream(connection, database, &self.call, &operation, rows);
                match result {
                    Ok(result) => {
                        turn.end(fate(&self.call, &result));
                        place.will_return();
                        rows.end(result);
                    }
                    // a statement that writes was undone
                    Err(is_late) => {
                        turn.end(self.call.fate_of_nothing());
                        if is_late {
                            rows.end_late();
                        }
                    }
                }
            }
            Task::Begin(begin) => {
                transaction_thread::work(connection, database, turn, &self.call, begin, place);
            }
        }
    }
}

/// Temporary tables and attached databases are the writer's alone; and a statement whose words look
/// like reading may write: by a function or a pragma.
fn is_for_the_writer(queue: &Queue, operation: &Operation, error: &Error) -> bool {
    queue.role == Role::Reader
        && match error {
            Error::UndefinedTable { .. } => true,
            Error::ReadOnly { .. } => !operation.is_read(),
            _ => false,
        }
}

fn run(
    connection: &Connection,
    database: &Database,
    call: &Call,
    operation: &Operation,
) -> Result<Outcome> {
    let mut work = Work::new(connection, database, &database.catalog, call, false);
    let result = work.run_current(operation);
    finish(connection, database, call, operation);
    result.map_err(|error| cancelled(call, error))
}

/// Runs a stream; gives its result, and its sender. Where nobody reads it, whether that is since its time
/// was over.
fn stream(
    connection: &Connection,
    database: &Database,
    call: &Call,
    operation: &Operation,
    mut rows: RowSender,
) -> (Result<Result<()>, bool>, RowSender) {
    let mut work = Work::new(connection, database, &database.catalog, call, false);
    let result = work.stream_current(operation, &mut rows);
    finish(connection, database, call, operation);
    let result = match result {
        Ok(()) => Ok(Ok(())),
        Err(Gone::Reader) => Err(false),
        Err(Gone::Late) => Err(true),
        Err(Gone::Failed(error)) => Ok(Err(cancelled(call, error))),
    };
    (result, rows)
}

/// After an operation outside of transactions: nothing stays open, and what it may have changed is
/// read again.
fn finish(connection: &Connection, database: &Database, call: &Call, operation: &Operation) {
    if connection.is_in_transaction() {
        call.shield();
        // where this fails, the thread closes the connection
        let _ = connection.roll_back();
    }
    if may_change_schema(operation) {
        after_ddl(connection, database);
    }
}

/// What is known of the schema is read again, and what is ours is set again.
pub(super) fn after_ddl(connection: &Connection, database: &Database) {
    database.catalog.clear();
    // an error of these is the next statement's too
    if connection.role == Role::Writer {
        let _ = database.temporary.refresh(connection);
    }
    let _ = connection.restore_waiting(database.lock_timeout);
}

/// A cancelled call failed because of that, or in its own way.
pub(super) fn cancelled(call: &Call, error: Error) -> Error {
    match error {
        Error::Timeout { .. } if call.is_cancelled() => super::answer::timed_out(),
        error => error,
    }
}
