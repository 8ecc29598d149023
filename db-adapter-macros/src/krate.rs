//! The path under which the expansion finds db-adapter.

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// `::db_adapter`, unless `crate = ..` says another path.
pub(crate) fn default() -> TokenStream {
    quote!(::db_adapter)
}

/// The path as if it stood there: the compiler points to a call's first token.
pub(crate) fn at(krate: &TokenStream, span: Span) -> TokenStream {
    let tokens = krate.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    tokens.collect()
}
