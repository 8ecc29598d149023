//! From an [`Operation`](crate::Operation) and what is known of its table to statement text and
//! parameters. Pure: nothing here runs anything.
//!
//! No caller's string is ever spliced into SQL: names are looked up in the table and quoted,
//! values become parameters. How a dialect writes a value, a comparison or a limit is the
//! business of its [`Dialect`].

mod bulk;
mod dialect;
mod filter;
mod filter_in_text;
mod keyset;
mod load;
mod parameters;
mod script;
mod select;
mod table;
mod write;

// each of these is named by one backend only
#[cfg(feature = "sqlite")]
pub(crate) use bulk::key_positions;
#[cfg(feature = "postgres-no-tls")]
pub(crate) use parameters::Parameters;

pub(crate) use bulk::{Group, group_rows, refuse_duplicate_keys};
pub(crate) use dialect::{Comparison, Dialect, Output, Sql};
pub(crate) use filter::push_where;
pub(crate) use filter_in_text::{Expanded, check_filters, condition, expand, misnamed};
pub(crate) use load::LoadPlan;
pub(crate) use parameters::parameters;
#[cfg(feature = "postgres-no-tls")]
pub(crate) use script::refuse_copy;
pub(crate) use script::{refuse_transaction_control, single_statement};
#[cfg(feature = "sqlite")]
pub(crate) use select::push_selected;
#[cfg(feature = "postgres-no-tls")]
pub(crate) use select::select;
pub(crate) use select::{check_lock, count, exists, push_outputs};
pub(crate) use table::{Column, Generated, Table};
pub(crate) use write::{
    Assignment, assignments, check_restricted, push_conflict, update_many_rows,
};
