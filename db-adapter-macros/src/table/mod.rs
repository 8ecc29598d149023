//! `#[derive(BackupTable)]`: a struct as a table.

mod columns;
mod convert;
mod expand;
mod json;
mod model;
pub(crate) mod options;
mod validate;
mod values;

use crate::errors::Errors;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::DeriveInput;

/// parse -> model -> validate -> expand. With mistakes the table is still declared as far as it
/// is understood, so that other places do not fail because of them.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => {
            errors.add_syn(&error);
            return errors.into_tokens();
        }
    };
    if let Some(span) = attribute_below(&input) {
        errors.add(span, "`BackupTable` is derived twice; hint: remove it from the `#[derive(..)]` above, `#[backup_table]` derives it; or write `#[db_adapter(..)]` here");
        return errors.into_tokens();
    }
    let model = model::Model::read(&input, &mut errors);
    let Some(model) = model else {
        return errors.into_tokens();
    };
    let resolved = validate::resolve(&model, &mut errors);
    let sound = errors.is_empty();
    let table = expand::expand(&model, &resolved, sound);
    let errors = errors.into_tokens();
    quote!(#table #errors)
}

/// A `#[backup_table]` that stands below the derive: it will derive once more.
fn attribute_below(input: &DeriveInput) -> Option<Span> {
    let path = input.attrs.iter().map(syn::Attribute::path).find(|path| {
        path.segments
            .last()
            .is_some_and(|segment| segment.ident == "backup_table")
    })?;
    path.segments.last().map(|segment| segment.ident.span())
}
