//! A struct as it was declared, with the tokens at which every rule can point.

use super::columns::{Column, helper};
use super::options::Options;
use crate::errors::Errors;
use crate::krate;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, Visibility};

/// The declaration.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: TokenStream,
    pub(crate) options: Options,
    /// All the fields, skipped ones too.
    pub(crate) fields: Vec<Column>,
}

impl Model {
    /// `None` when nothing can be declared at all.
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Option<Model> {
        let mut options = Options::default();
        for attribute in &input.attrs {
            if let Some((tokens, end)) = helper(attribute, &["db_adapter"], errors) {
                options.add(tokens, end, errors);
            }
        }
        let generics = &input.generics;
        if !generics.params.is_empty() || generics.where_clause.is_some() {
            errors.add(
                match generics.params.is_empty() {
                    true => generics.where_clause.span(),
                    false => generics.params.span(),
                },
                format_args!("`{}` has generics, and a table has one set of columns; hint: declare a struct for each table", input.ident),
            );
            return None;
        }
        let fields = named_fields(input, errors);
        let mut read = Vec::new();
        for field in fields.iter().flat_map(|fields| &fields.named) {
            read.extend(Column::read(field, errors));
        }
        Some(Model {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            krate: options.krate.clone().unwrap_or_else(krate::default),
            options,
            fields: read,
        })
    }

    /// The fields that are columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.fields.iter().filter(|column| !column.skip)
    }

    /// Whether no fields are known, so that a rule about them would be a second mistake.
    pub(crate) fn is_hollow(&self) -> bool {
        self.fields.is_empty()
    }

    pub(crate) fn struct_name(&self) -> String {
        self.ident.unraw().to_string()
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }
}

fn named_fields<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<&'a syn::FieldsNamed> {
    let (span, what) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => return Some(fields),
            Fields::Named(_) => (input.ident.span(), "no fields"),
            Fields::Unnamed(_) => (input.ident.span(), "fields without names"),
            Fields::Unit => (input.ident.span(), "no fields"),
        },
        Data::Enum(data) => (data.enum_token.span, "variants"),
        Data::Union(data) => (data.union_token.span, "overlapping fields"),
    };
    let hint = "declare a struct with a named field for each column";
    errors.add(
        span,
        format_args!(
            "`{}` has {what} and cannot be a table; hint: {hint}",
            input.ident
        ),
    );
    None
}
