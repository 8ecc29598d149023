//! `Row::from(book)` and `Book::try_from(&row)`, by the columns' names. No method is
//! called by its name alone and no variable has a name of its own choice: a trait or a constant of the
//! user's could take its place. One bound for each type: the
//! compiler takes its time over bounds.

use super::columns::type_text;
use super::model::Model;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use std::collections::BTreeSet;

pub(super) fn expand(model: &Model) -> TokenStream {
    let (krate, ident) = (&model.krate, &model.ident);
    let mut seen = BTreeSet::new();
    let written = model.columns().filter(|c| seen.insert(type_text(&c.ty)));
    let write_bounds = written.map(|column| {
        let ty = &column.ty;
        quote_spanned!(column.type_span()=> for<'__field> #ty: #krate::declare::WriteField<'__field>)
    });
    let writes = model.columns().map(|column| {
        let (field, name) = (&column.ident, &column.column);
        quote!(#krate::Row::set(&mut __db_adapter_row, #name, #krate::declare::WriteField::write_field(__db_adapter_value.#field));)
    });
    let mut seen = BTreeSet::new();
    let read = model.fields.iter();
    let read = read.filter(|c| seen.insert((c.skip, type_text(&c.ty))));
    let read_bounds = read.map(|column| {
        let ty = &column.ty;
        let bound = match column.skip {
            true => quote!(SkipField),
            false => quote!(ReadField),
        };
        quote_spanned!(column.type_span()=> for<'__field> #ty: #krate::declare::#bound<'__field>)
    });
    let reads = model.fields.iter().map(|column| {
        let (field, name) = (&column.ident, &column.column);
        match column.skip {
            true => quote!(#field: #krate::declare::SkipField::skip_field()),
            false => {
                quote!(#field: #krate::declare::ReadField::read_field(__db_adapter_row, #name)?)
            }
        }
    });
    // at the field: without a default no row would become the struct, and the message about that names
    // no field
    let skipped = model.fields.iter().filter(|column| column.skip);
    let defaults = skipped.map(|column| {
        let ty = &column.ty;
        quote_spanned!(column.type_span()=> const _: fn() -> #ty = <#ty as #krate::declare::SkipField<'static>>::skip_field;)
    });
    quote! {
        #(#defaults)*

        #[automatically_derived]
        impl ::core::convert::From<#ident> for #krate::Row
        where #(#write_bounds),*
        {
            #[inline]
            fn from(__db_adapter_value: #ident) -> Self {
                let mut __db_adapter_row = #krate::Row::new();
                #(#writes)*
                __db_adapter_row
            }
        }

        #[automatically_derived]
        impl<'__row> ::core::convert::TryFrom<&'__row #krate::Row> for #ident
        where #(#read_bounds),*
        {
            type Error = #krate::Error;

            #[inline]
            fn try_from(__db_adapter_row: &'__row #krate::Row) -> #krate::Result<Self> {
                ::core::result::Result::Ok(#ident { #(#reads),* })
            }
        }
    }
}
