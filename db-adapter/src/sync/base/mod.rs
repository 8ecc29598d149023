//! The base: what both sides were like after a sync, in a file that has hashes alone. `format` is its bytes, `binding`
//! what it is for, `store` reads and writes it.

mod binding;
mod format;
mod store;

pub(super) use binding::{Binding, identity};
pub(super) use format::{Base, salt};
pub(super) use store::{Store, read};
