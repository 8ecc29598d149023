//! The tables of a SQL file as constants.

use super::{Dialect, File};
use crate::errors::Errors;
use db_adapter_core::ExpectedSchema;
use db_adapter_core::expected::{ExpectedColumn, ExpectedForeignKey, ExpectedTable, Names};
use proc_macro2::{Span, TokenStream};
use quote::quote;

pub(crate) fn expected(
    path: &str,
    at: Span,
    dialect: Dialect,
    krate: &TokenStream,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let file = File::load(path, at, dialect, errors)?;
    let schema = ExpectedSchema::from_ddl(&file.ddl.schema);
    let tables = schema.tables.iter().map(|table| self::table(krate, table));
    let track = file.track();
    Some(quote! {
        #track
        const TABLES: &[#krate::declare::expected::ExpectedTable] = &[#(#tables),*];
        #krate::ExpectedSchema::from_static(TABLES)
    })
}

fn table(krate: &TokenStream, table: &ExpectedTable) -> TokenStream {
    let expected = quote!(#krate::declare::expected);
    let (schema, name) = (option(table.schema.as_deref()), &*table.name);
    let columns = table.columns.iter().map(|c| column(&expected, c));
    let key = match &table.primary_key {
        Some(key) => {
            let key = names(krate, key);
            quote!(::core::option::Option::Some(#key))
        }
        None => quote!(::core::option::Option::None),
    };
    let unique = table.unique.iter().map(|key| {
        let key = names(krate, key);
        quote!(::std::borrow::Cow::Borrowed(#key))
    });
    let keys = table.foreign_keys.iter().map(|key| foreign_key(krate, key));
    quote!({
        const COLUMNS: &[#expected::ExpectedColumn] = &[#(#columns),*];
        const KEY: ::core::option::Option<&[#expected::Text]> = #key;
        const UNIQUE: &[#expected::Names] = &[#(#unique),*];
        const KEYS: &[#expected::ExpectedForeignKey] = &[#(#keys),*];
        #expected::ExpectedTable::with_keys(#schema, #name, COLUMNS, KEY, UNIQUE, KEYS)
    })
}

fn column(expected: &TokenStream, column: &ExpectedColumn) -> TokenStream {
    let (name, data_type) = (&*column.name, option(column.data_type.as_deref()));
    let (nullable, filled) = (flag(column.nullable), flag(column.filled));
    let exact = column.exact.then(|| quote!(.exact()));
    quote!(#expected::ExpectedColumn::from_static(#name, #data_type, #nullable, #filled)#exact)
}

fn foreign_key(krate: &TokenStream, key: &ExpectedForeignKey) -> TokenStream {
    let expected = quote!(#krate::declare::expected);
    let (columns, to) = (
        names(krate, &key.columns),
        names(krate, &key.references_columns),
    );
    let (schema, table) = (
        option(key.references_schema.as_deref()),
        &*key.references_table,
    );
    let over_time = key.over_time.then(|| quote!(.over_time()));
    let not_enforced = key.not_enforced.then(|| quote!(.not_enforced()));
    quote!(#expected::ExpectedForeignKey::from_static(
        { const C: &[#expected::Text] = #columns; C },
        #schema,
        #table,
        { const C: &[#expected::Text] = #to; C },
    )#over_time #not_enforced)
}

fn names(krate: &TokenStream, names: &Names) -> TokenStream {
    let names = names.iter().map(|name| &**name);
    quote!(&[#(#krate::declare::declared::borrowed(#names)),*])
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

fn flag(flag: Option<bool>) -> TokenStream {
    match flag {
        Some(flag) => quote!(::core::option::Option::Some(#flag)),
        None => quote!(::core::option::Option::None),
    }
}
