//! Tests of the expansions, on plain tokens.

mod mutations;
mod snapshots;

use crate::{attribute, expected, module, schema, table};
use proc_macro2::TokenStream;

/// The macros as functions.
#[derive(Clone, Copy, Debug)]
enum Macro {
    Derive,
    Attribute,
    Schema,
    Expected,
    Module,
}

impl Macro {
    /// Expands; an attribute's options come first, in parentheses.
    fn expand(self, input: TokenStream) -> TokenStream {
        match self {
            Macro::Derive => table::derive(input),
            Macro::Schema => schema::expand(input),
            Macro::Expected => expected::expand(input),
            Macro::Attribute | Macro::Module => {
                let mut tokens = input.into_iter();
                let options = match tokens.next() {
                    Some(proc_macro2::TokenTree::Group(group)) => group.stream(),
                    other => other.into_iter().collect(),
                };
                match self {
                    Macro::Module => module::expand(options, tokens.collect()),
                    _ => attribute::expand(options, tokens.collect()),
                }
            }
        }
    }
}
