//! The base: what both sides were like after a sync, in a file that has hashes alone. `format` is its bytes, `binding`
//! what it is for, `identity` which databases those are, `store` reads and writes it.

mod binding;
mod format;
mod identity;
mod store;

pub(super) use binding::Binding;
pub(super) use format::{Base, salt};
pub(super) use identity::identity;
pub(super) use store::{Store, read};
