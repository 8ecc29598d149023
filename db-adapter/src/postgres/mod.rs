//! The PostgreSQL backend. It never hands out a type of the driver, and never sends a value
//! inside of a statement's text.
//!
//! | file | duty |
//! |---|---|
//! | `adapter` | the client: operations on connections of the pool, repeated where that is right |
//! | `pool`, `manager`, `loans`, `lease`, `home` | the connections: who gets one, which are good, how one comes back; whether a connection's runtime still runs |
//! | `cancel`, `cancel_on_drop`, `deferred`, `token` | ending a statement on the server; ending one that is dropped; whether a commit may take long; what tells one transaction from another |
//! | `connect`, `session_settings` | how a connection is made; the settings it begins with |
//! | `mark`, `shared_sessions` | whether a pooler shares sessions that should be ours |
//! | `url` | the parameters of a URL; pure but for looking whether files are there |
//! | `reach`, `wanted`, `silence`, `attempts` | one connection to the first server that is the wanted one; which that is; which servers were silent; what is said when none gives a connection |
//! | `sslmode` | one connection to one server, with TLS or without |
//! | `connection`, `sending` | one connection: its session, and whether a transaction is open on it; whether its operation may still send |
//! | `statement` | one statement on a connection, and what it gives |
//! | `run`, `read`, `write`, `stream` | one operation on one connection: its dispatch, the verbs, rows as they come |
//! | `snapshot` | whether a table is the one of a transaction's snapshot |
//! | `staleness` | whether the schema was changed under it, and whether it may be sent again |
//! | `load`, `sequence` | many rows by COPY, rows as they are; keys in advance, numbers that go on |
//! | `transaction`, `verdict` | the same inside of a transaction; what a failure means for it |
//! | `caller`, `template`, `describe`, `chosen`, `given`, `wrapper` | SQL text of callers: running it, its parameters, what the server says of it, types that we choose, what it gives, the text around it |
//! | `alone` | a statement outside of any transaction |
//! | `prepared` | one text that is prepared and not run |
//! | `statement_text`, `copy_rows`, `copy_text`, `planned_insert`, `dialect`, `guard`, `same_types`, `batch` | our own SQL text; pure |
//! | `catalog`, `describe_table`, `types` | what the server's catalog says, and what it means |
//! | `effects` | what else happens when a table is read or written |
//! | `encode`, `encode_binary`, `decode`, `decode_array`, `decode_numeric` | values and the wire; pure |
//! | `failure` | what stopped an operation; pure |
//! | `error`, `error_connect`, `error_words`, `error_place` | SQLSTATE codes in our own words, before and after a connection stands, and what they are about |
//! | `sent` | a caller's text as it was sent, and the way back from a place in it; pure |
//! | `guarded`, `pace` | the driver's work without its panics; turns for others meanwhile |
//! | `blame` | which column an error is about, where the server does not say |

mod adapter;
mod alone;
mod attempts;
mod batch;
mod blame;
mod caller;
mod cancel;
mod cancel_on_drop;
mod catalog;
mod chosen;
mod connect;
mod connection;
mod copy_rows;
mod copy_text;
mod decode;
mod decode_array;
mod decode_numeric;
mod deferred;
mod describe;
mod describe_table;
mod dialect;
mod effects;
mod encode;
mod encode_binary;
mod error;
mod error_connect;
mod error_place;
mod error_words;
mod failure;
mod given;
mod guard;
mod guarded;
mod home;
mod introspect;
mod lease;
mod load;
mod loans;
mod manager;
mod mark;
mod pace;
mod planned_insert;
mod pool;
mod prepared;
mod reach;
mod read;
mod run;
mod same_types;
#[cfg(feature = "sql")]
mod scratch;
mod sending;
mod sent;
mod sequence;
mod session_settings;
mod shared_sessions;
mod silence;
mod snapshot;
mod sslmode;
mod staleness;
mod statement;
mod statement_text;
mod stream;
mod template;
mod token;
mod transaction;
mod types;
mod url;
mod verdict;
mod wanted;
mod wrapper;
mod write;

pub use adapter::PostgresAdapter;
#[cfg(feature = "sql")]
pub(crate) use scratch::PostgresScratch;
