//! `#[derive(BackupTable)]`: a struct as a table.

mod checks;
mod columns;
mod convert;
mod expand;
mod json;
mod keys;
mod model;
pub(crate) mod options;
mod owner;
mod validate;
mod values;

pub(crate) use columns::Column;
#[cfg(feature = "sql")]
pub(crate) use columns::type_text;
#[cfg(feature = "sql")]
pub(crate) use expand::info;
pub(crate) use model::Model;

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

/// A declaration as other macros look at it. Its own mistakes are the derive's to report.
#[cfg_attr(
    not(feature = "sql"),
    allow(dead_code, reason = "only SQL files are compared")
)]
pub(crate) struct Declared {
    pub(crate) model: Model,
    pub(crate) table: String,
    pub(crate) name_span: Span,
    pub(crate) pk: Vec<String>,
    pub(crate) pk_span: Span,
    /// The user's column.
    pub(crate) user: Option<String>,
    /// The columns of each reference.
    pub(crate) references: Vec<Vec<String>>,
    /// Whether there are fields that `#[cfg]` may take away: attributes see them all.
    pub(crate) has_conditional_fields: bool,
}

impl Declared {
    pub(crate) fn read(item: TokenStream) -> Option<Declared> {
        let mut ignored = Errors::default();
        let mut input: DeriveInput = syn::parse2(item).ok()?;
        let has_conditional_fields = remove_conditional_fields(&mut input);
        let mut model = Model::read(&input, &mut ignored)?;
        for attribute in &input.attrs {
            let last = attribute.path().segments.last();
            if last.is_some_and(|segment| segment.ident == "backup_table")
                && let syn::Meta::List(list) = &attribute.meta
            {
                model
                    .options
                    .add(list.tokens.clone(), Span::call_site(), &mut ignored);
            }
        }
        if let Some(krate) = &model.options.krate {
            model.krate = krate.clone();
        }
        let resolved = validate::resolve(&model, &mut ignored);
        let columns =
            |r: &validate::Reference<'_>| r.fields.iter().map(|(c, _)| c.column.clone()).collect();
        let (table, pk) = (
            resolved.name.clone(),
            resolved.pk.iter().map(|c| c.column.clone()).collect(),
        );
        let references = resolved.references.iter().map(columns).collect();
        let user = resolved.user.map(|column| column.column.clone());
        let name_span = model
            .options
            .name
            .as_ref()
            .map_or(model.span(), |(_, span)| *span);
        let pk_span = model.options.given_at("pk").unwrap_or(model.span());
        Some(Declared {
            table,
            name_span,
            pk,
            pk_span,
            user,
            references,
            has_conditional_fields,
            model,
        })
    }

    #[cfg(feature = "sql")]
    pub(crate) fn not_backed_up(&self) -> bool {
        self.model.options.not_backed_up
    }
}

fn remove_conditional_fields(input: &mut DeriveInput) -> bool {
    let syn::Data::Struct(data) = &mut input.data else {
        return false;
    };
    let syn::Fields::Named(fields) = &mut data.fields else {
        return false;
    };
    let named = std::mem::take(&mut fields.named);
    let before = named.len();
    fields.named = named
        .into_iter()
        .filter(|field| !field.attrs.iter().any(|a| a.path().is_ident("cfg")))
        .collect();
    fields.named.len() < before
}
