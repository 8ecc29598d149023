//! One function for each command: plain inputs and a printer in, an exit out.

mod query;

pub(crate) use query::{Query, query};
