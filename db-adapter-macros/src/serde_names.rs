//! The columns' names for serde, where it derives `Deserialize` for the same struct: so that
//! `row.deserialize()` finds a column by its name. Only adds `#[serde(alias = ..)]` and, for what is
//! no column, `#[serde(default)]`: what serde writes, and what it read before, stays as it was.

use crate::errors::Errors;
use crate::table::Column;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Meta, Token, parse_quote};

/// The item as it was when serde has nothing to do with it, or when it knows the names already.
pub(crate) fn add(item: TokenStream, errors: &mut Errors) -> TokenStream {
    let Ok(mut input) = syn::parse2::<DeriveInput>(item.clone()) else {
        return item;
    };
    let Some(serde) = Serde::of(&input.attrs) else {
        return item;
    };
    let Data::Struct(data) = &mut input.data else {
        return item;
    };
    let Fields::Named(fields) = &mut data.fields else {
        return item;
    };
    // the derive reports what is wrong with a field
    let columns: Vec<Option<Column>> = fields
        .named
        .iter()
        .map(|field| Column::read(field, &mut Errors::default()))
        .collect();
    let mut changed = false;
    for (field, column) in fields.named.iter_mut().zip(&columns) {
        let Some(column) = column else { continue };
        if takes_the_name_of_another(column, &columns) && !mentions(&field.attrs, &["rename"]) {
            errors.add(column.span(), format_args!("`{0}` is the column `{1}`, and another field is called `{1}`, so that serde would take one for the other; hint: write `#[serde(rename = \"{1}\")]` here, and its own column's name on the other field", column.field, column.column));
            continue;
        }
        if let Some(attribute) = serde.attribute(column, &field.attrs) {
            field.attrs.push(attribute);
            changed = true;
        }
    }
    match changed {
        true => input.into_token_stream(),
        false => item,
    }
}

/// How serde derives `Deserialize`.
struct Serde {
    /// The condition of a `#[cfg_attr(.., derive(Deserialize))]`.
    condition: Option<TokenStream>,
    /// Whether the fields have other names than in Rust.
    renames_all: bool,
}

impl Serde {
    fn of(attributes: &[Attribute]) -> Option<Serde> {
        let mut derives = attributes.iter().filter_map(|attribute| {
            let (condition, metas) = metas(attribute)?;
            metas.iter().any(derives_deserialize).then_some(condition)
        });
        Some(Serde {
            condition: derives.next()?,
            renames_all: mentions(attributes, &["rename_all", "rename_all_fields"]),
        })
    }

    /// What serde has to be told of a field, if anything.
    fn attribute(&self, column: &Column, attributes: &[Attribute]) -> Option<Attribute> {
        if mentions(attributes, &["skip", "skip_deserializing", "flatten"]) {
            return None;
        }
        let what = match column.skip {
            true if mentions(attributes, &["default"]) => return None,
            true => quote!(default),
            false => {
                let renamed = self.renames_all || mentions(attributes, &["rename"]);
                if column.column == column.field && !renamed {
                    return None;
                }
                let name = &column.column;
                quote!(alias = #name)
            }
        };
        Some(match &self.condition {
            Some(condition) => parse_quote!(#[cfg_attr(#condition, serde(#what))]),
            None => parse_quote!(#[serde(#what)]),
        })
    }
}

/// What an attribute says: itself, or what stands in a `cfg_attr`, with its condition.
fn metas(attribute: &Attribute) -> Option<(Option<TokenStream>, Vec<Meta>)> {
    if !attribute.path().is_ident("cfg_attr") {
        return Some((None, vec![attribute.meta.clone()]));
    }
    let list = list(&attribute.meta)?;
    let mut items = list.into_iter();
    let condition = items.next()?.into_token_stream();
    Some((Some(condition), items.collect()))
}

fn list(meta: &Meta) -> Option<Punctuated<Meta, Token![,]>> {
    let list = meta.require_list().ok()?;
    list.parse_args_with(Punctuated::parse_terminated).ok()
}

fn derives_deserialize(meta: &Meta) -> bool {
    let paths = meta.path().is_ident("derive").then(|| list(meta)).flatten();
    let mut paths = paths.into_iter().flatten();
    paths.any(|path| {
        let last = path.path().segments.last();
        last.is_some_and(|last| last.ident == "Deserialize")
    })
}

/// Whether `#[serde(..)]` has one of these words.
fn mentions(attributes: &[Attribute], words: &[&str]) -> bool {
    let metas = attributes.iter().filter_map(metas);
    let serde = metas.flat_map(|(_, metas)| metas);
    serde
        .filter(|meta| meta.path().is_ident("serde"))
        .filter_map(|meta| list(&meta))
        .flatten()
        .any(|item| words.iter().any(|word| item.path().is_ident(word)))
}

fn takes_the_name_of_another(column: &Column, all: &[Option<Column>]) -> bool {
    let others = all.iter().flatten();
    let mut others = others.filter(|other| other.field != column.field && !other.skip);
    !column.skip
        && column.column != column.field
        && others.any(|other| other.field == column.column)
}
