//! One function for each command: plain inputs and a printer in, an exit out.

pub(crate) mod backup;
mod completions;
mod connect;
mod ddl;
mod diagram;
mod draft;
pub(crate) mod fix;
mod fix_plan;
mod init;
mod profiles;
mod query;
mod restore;
mod row_counts;
pub(crate) mod schema;
mod status;
mod sync;
mod validate;

pub(crate) use completions::completions;
pub(crate) use connect::connect;
pub(crate) use ddl::ddl;
pub(crate) use diagram::diagram;
pub(crate) use draft::draft_of as draft;
pub(crate) use init::init;
pub(crate) use profiles::profiles;
pub(crate) use query::{Query, query};
pub(crate) use restore::restore;
pub(crate) use status::status;
pub(crate) use sync::sync;
pub(crate) use validate::validate;
