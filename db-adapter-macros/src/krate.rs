//! The path under which the expansion finds db-adapter.

use proc_macro2::TokenStream;
use quote::quote;

/// `::db_adapter`, unless `crate = ..` says another path.
pub(crate) fn default() -> TokenStream {
    quote!(::db_adapter)
}
