//! Brings the rows of a backup back: with new keys, every reference remapped, all or nothing.
//! `plan`, `row`, `remap`, `waiting`, `circles`, `keys`, `spelling`, `constraints`, `roots`, `fingerprint`, `classes` and
//! `ledger` decide and are pure; `source`, `reading`, `existing`, `externals`, `compared`, `referenced`, `acting`, `ambiguous`, `equality`, `apply`,
//! `making`, `ahead`, `colliding`, `sending`, `triggered`, `lasting`, `exchange` and `run` read and write.

mod acting;
mod afterwards;
mod ahead;
mod ambiguous;
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
mod lasting;
mod ledger;
mod making;
mod options;
mod owner;
mod owners;
mod plan;
mod reading;
mod referenced;
mod remap;
mod rewritten;
mod roots;
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
