//! All the mistakes of one declaration, each at its tokens.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use std::fmt::Display;

/// A collector: rules add to it and go on.
#[derive(Default)]
#[must_use = "the mistakes must be reported"]
pub(crate) struct Errors {
    list: Vec<(Span, String)>,
}

impl Errors {
    pub(crate) fn add(&mut self, at: Span, message: impl Display) {
        self.list.push((at, message.to_string()));
    }

    pub(crate) fn add_syn(&mut self, error: &syn::Error) {
        for error in error.clone() {
            self.add(error.span(), error);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The compile errors.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let errors = self
            .list
            .into_iter()
            .map(|(at, message)| quote_spanned!(at=> ::core::compile_error! { #message }));
        errors.collect()
    }
}

/// The hint after an unknown name: the closest one, or all of them when they are few.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    const FEW: usize = 16;
    let known: Vec<&str> = known.into_iter().collect();
    match db_adapter_core::closest(name, known.iter().copied()) {
        Some(closest) => format!("; hint: did you mean `{closest}`?"),
        None if known.is_empty() || known.len() > FEW => String::new(),
        None => format!("; hint: use one of `{}`", known.join("`, `")),
    }
}
