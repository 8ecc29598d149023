//! Brings the rows of a source into a database: with new keys, every reference remapped, all or nothing.
//! `source` says what a source of rows is, `options` and `outcome` what is asked for and what was done.
//! `plan`, `row`, `remap`, `reference`, `present`, `waiting`, `circles`, `keys`, `spelling`, `constraints`, `roots`, `fingerprint`, `classes`, `types` and
//! `ledger`, `digest` and `weigh` decide and are pure; `reading`, `existing`, `externals`, `compared`, `referenced`, `acting`, `ambiguous`, `equality`, `apply`,
//! `making`, `numbers`, `standing_in`, `ahead`, `differing`, `only_there`, `digests`, `deleting`, `three_way`, `untouched`, `respelled`, `colliding`, `sending`, `triggered`, `following`, `holding`, `lasting`, `exchange` and `run` read and write. `resolve`, `locks`, `policies`,
//! `untyped` and `user` say which tables, whose rows and who else may change them; a backup asks them too.

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
mod deleting;
mod destination;
mod differing;
pub(crate) mod digest;
mod digests;
mod equality;
mod exchange;
mod existing;
mod externals;
pub(crate) mod fingerprint;
mod following;
mod holding;
mod keys;
mod lasting;
mod ledger;
mod locks;
mod making;
mod numbers;
mod only_there;
pub(crate) mod options;
pub(crate) mod outcome;
mod owner;
mod owners;
mod part;
mod plan;
pub(crate) mod policies;
mod present;
mod reading;
mod reference;
mod referenced;
mod remap;
pub(crate) mod resolve;
mod respelled;
mod rewritten;
mod roots;
mod row;
pub(crate) mod run;
mod sending;
pub(crate) mod source;
mod spelling;
mod standing_in;
mod table;
#[cfg(test)]
#[cfg(feature = "_runtime")]
mod tests;
pub(crate) mod three_way;
mod triggered;
pub(crate) mod types;
mod untouched;
pub(crate) mod untyped;
pub(crate) mod user;
mod waiting;
pub(crate) mod weigh;
