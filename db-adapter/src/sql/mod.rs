//! From an [`Operation`](crate::Operation) and what is known of its table to statement text and
//! parameters. Pure: nothing here runs anything.
//!
//! No caller's string is ever spliced into SQL: names are looked up in the table and quoted,
//! values become parameters. How a dialect writes a value, a comparison or a limit is the
//! business of its [`Dialect`].

mod bulk;
mod dialect;
mod expressed;
mod filter;
mod filter_in_text;
mod keyset;
mod parameters;
mod reference;
mod row_list;
mod row_plan;
mod savepoint;
mod script;
mod select;
mod sequence;
mod shared;
mod table;
mod write;

pub(crate) use bulk::{Group, group_rows, key_positions, refuse_duplicate_keys};
pub(crate) use dialect::{Ability, Comparison, Dialect, Output, Sql};
pub(crate) use expressed::{add_expressions, add_to_insert};
pub(crate) use filter::push_where;
pub(crate) use filter_in_text::{Expanded, check_filters, condition, expand, misnamed};
pub(crate) use parameters::{Parameters, parameters};
pub(crate) use row_plan::{RowPlan, all_assignments, assignments};
pub(crate) use savepoint::savepoint;
pub(crate) use script::{refuse_transaction_control, single_statement};
pub(crate) use select::{check_lock, count, exists, push_outputs, push_selected};
pub(crate) use sequence::{makes_no_keys, only_in_transaction};
pub(crate) use table::{Column, Generated, Table};
pub(crate) use write::{
    Assignment, How, UpdateRows, check_restricted, differing, pins_key, places, push_conflict,
    update_many_rows, written,
};
