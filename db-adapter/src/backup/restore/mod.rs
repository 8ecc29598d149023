//! Brings the rows of a backup back: with new keys, every reference remapped, all or nothing.
//! `plan`, `row`, `remap`, `waiting`, `circles`, `keys`, `spelling`, `constraints`, `fingerprint`, `classes` and
//! `ledger` decide and are pure; `source`, `reading`, `existing`, `externals`, `compared`, `equality`, `apply`,
//! `colliding`, `sending`, `triggered`, `exchange` and `run` read and write.

mod afterwards;
mod apply;
mod circles;
mod classes;
mod colliding;
mod compared;
mod constraints;
mod destination;
mod equality;
mod exchange;
mod existing;
mod externals;
mod fingerprint;
mod keys;
mod ledger;
mod options;
mod owner;
mod owners;
mod plan;
mod reading;
mod remap;
mod rewritten;
mod row;
mod run;
mod sending;
mod source;
mod spelling;
mod summary;
mod table;
mod triggered;
mod types;
mod waiting;

pub use options::{
    Keys, MissingRef, OnError, RestoreMode, RestoreOptions, RestoreProgress, RestoreSource,
};
pub use run::restore_database;
pub use summary::{RestoreFailure, RestoreSummary, TableSummary};
