//! SQLite: one thread whose connection writes and several that read, values by declared types,
//! comparisons that mean what PostgreSQL's mean.
//!
//! An operation is one job for one thread, which runs all of its statements and decodes its rows.
//!
//! | file | what it is for |
//! |---|---|
//! | `adapter` | the client: which pool an operation needs |
//! | `pool`, `thread`, `job` | places for connections, first come first served; the threads; what one does for a job |
//! | `call`, `answer` | one call: its cancellation on the thread's side, its answer on the waiting side |
//! | `rows`, `stream` | rows in pieces: the thread's side, the reader's side |
//! | `connect`, `connection`, `busy` | how a connection is opened; its statements and its version of the schema; the wait for locks |
//! | `transaction`, `transaction_thread` | an open transaction: the client's side, the thread's side |
//! | `run`, `statement`, `read`, `write`, `clock`, `load`, `sequence`, `caller` | one operation: its dispatch, its statements, each verb, SQL text of a caller |
//! | `database`, `catalog`, `temporary`, `location`, `file` | what the threads share; what is known of the tables, and of temporary ones; where the file is, and whether it is still there |
//! | `dialect`, `statement_text`, `encode`, `decode`, `affinity`, `decimal`, `collation`, `uuids`, `sum`, `pattern`, `plan`, `error` | pure: statements, texts of writes, values, comparisons, how rows are read, errors |
//! | `introspect`, `scratch` | the schema of a database; a database for a moment |

mod adapter;
mod affinity;
mod answer;
mod busy;
mod call;
mod caller;
mod catalog;
mod clock;
mod collation;
mod connect;
mod connection;
mod database;
mod decimal;
mod decode;
mod dialect;
mod encode;
mod error;
mod file;
mod introspect;
mod job;
mod load;
mod location;
mod pattern;
mod plan;
mod pool;
mod read;
mod rows;
mod run;
#[cfg(feature = "sql")]
mod scratch;
mod sequence;
mod statement;
mod statement_text;
mod stream;
mod sum;
mod temporary;
mod thread;
mod transaction;
mod transaction_thread;
mod uuids;
mod write;

pub use adapter::SqliteAdapter;
#[cfg(feature = "sql")]
pub(crate) use scratch::SqliteScratch;
