//! The code of a declared table: one constant block with the trait, the names, the conversions and
//! the checks.

use super::columns::Column;
use super::model::Model;
use super::validate::{Reference, Resolved};
use super::values::Target;
use super::{checks, convert, json};
use db_adapter_core::TableName;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Visibility;
use syn::ext::IdentExt;

/// `sound` is false when mistakes were reported: then what depends on every part is left out.
pub(crate) fn expand(model: &Model, resolved: &Resolved<'_>, sound: bool) -> TokenStream {
    let table = table_impl(model, resolved);
    let consts = consts(model, resolved);
    let (conversions, checks) = match sound {
        true => (convert::expand(model), checks::expand(model, resolved)),
        false => (TokenStream::new(), TokenStream::new()),
    };
    quote! {
        const _: () = {
            #table
            #consts
            #conversions
            #checks
        };
    }
}

/// The struct of the names; called so that a mistyped name's message is plain.
fn names_ident(model: &Model) -> syn::Ident {
    format_ident!("{}Columns", model.ident.unraw(), span = Span::call_site())
}

/// The visibility without its place in the source, so that lints about it point nowhere.
fn visibility(model: &Model) -> TokenStream {
    match &model.vis {
        Visibility::Public(_) => quote!(pub),
        other => other.to_token_stream(),
    }
}

fn table_impl(model: &Model, resolved: &Resolved<'_>) -> TokenStream {
    let (krate, ident, names, vis) = (
        &model.krate,
        &model.ident,
        names_ident(model),
        visibility(model),
    );
    let columns: Vec<&Column> = model.columns().collect();
    let typed_fields = format_ident!("{}Fields", model.ident.unraw(), span = Span::call_site());
    let field_types = columns.iter().map(|column| field_type(model, column));
    let fields = columns.iter().map(|c| &c.ident);
    let (fields, inits) = (fields.clone(), fields);
    let (typed, typed_inits) = (fields.clone(), fields.clone());
    let texts = columns.iter().map(|c| &c.column);
    let field_values = columns.iter().map(|column| field_value(model, column));
    let field_defs = columns
        .iter()
        .map(|column| field_def(model, resolved, column));
    let def = definition(model, resolved);
    let part = match model.options.not_backed_up {
        true => quote!(ExpectedOnly),
        false => quote!(Table),
    };
    let name = &resolved.name;
    let (schema, local) = split_name(name);
    let json_name = json::escaped(name);
    let expected = expected(model, resolved);
    let count = columns.len();
    quote! {
        // statics: the compiler validates what a constant refers to again for each constant
        static __FIELDS: [#krate::declare::FieldDef; #count] = [#(#field_defs),*];
        static __COLUMNS: [#krate::declare::expected::ExpectedColumn; #count] =
            #krate::declare::declared::columns(&__FIELDS);
        static __DEF: #krate::TableDef = #def;

        #[doc(hidden)]
        #vis struct #names { #(pub #fields: &'static str),* }

        // a field may have a type that is less visible than the table
        #[doc(hidden)]
        #[allow(dead_code, private_interfaces)]
        #vis struct #typed_fields { #(pub #typed: #field_types),* }

        #[automatically_derived]
        impl #krate::declare::BackupTable for #ident {
            const NAME: &'static str = #name;
            const DEF: &'static #krate::TableDef = &__DEF;
            const FIELDS: &'static [#krate::declare::FieldDef] = &__FIELDS;
            const JSON_NAME: &'static str = #json_name;
            const SCHEMA: ::core::option::Option<&'static str> = #schema;
            const LOCAL: &'static str = #local;
            const EXPECTED: #krate::declare::expected::ExpectedTable = #expected;
            const PART: #krate::declare::parts::Part =
                #krate::declare::parts::Part::#part(<#ident as #krate::declare::BackupTable>::DEF);
            type Names = #names;
            const NAMES: #names = #names { #(#inits: #texts),* };
            type Typed = #typed_fields;
            const TYPED: #typed_fields = #typed_fields {
                #(#typed_inits: #field_values),*
            };
        }
    }
}

/// What a value in `row!` is compared with: the field's type, unless the attribute says what the
/// column is.
fn field_type(model: &Model, column: &Column) -> TokenStream {
    let (krate, ty) = (&model.krate, &column.ty);
    match &column.sql {
        Some(_) => quote!(#krate::declare::fit::AnyField),
        None => quote!(#krate::declare::fit::Field<#ty>),
    }
}

fn field_value(model: &Model, column: &Column) -> TokenStream {
    let (krate, name) = (&model.krate, &column.column);
    match &column.sql {
        Some(_) => quote!(#krate::declare::fit::AnyField::new(#name)),
        None => quote!(#krate::declare::fit::Field::new(#name)),
    }
}

fn field_def(model: &Model, resolved: &Resolved<'_>, column: &Column) -> TokenStream {
    let krate = &model.krate;
    let (field, name) = (&column.field, &column.column);
    let info = info(model, column);
    let json_name = json::escaped(name);
    let filled = match column.default {
        true => quote!(::core::option::Option::Some(true)),
        false if may_be_numbered(resolved, column) => quote!(::core::option::Option::None),
        false => quote!(::core::option::Option::Some(false)),
    };
    let column_type = match own_type(model, column) {
        Some(own) => {
            let json = json::escaped(own);
            quote!(::core::option::Option::Some((#own, #json)))
        }
        None => quote!(::core::option::Option::None),
    };
    quote! {
        #krate::declare::FieldDef {
            field: #field, column: #name, json_name: #json_name, info: #info,
            column_type: #column_type, filled: #filled
        }
    }
}

/// The column's type as the attribute or the SQL file says it.
pub(crate) fn own_type<'m>(model: &'m Model, column: &'m Column) -> Option<&'m String> {
    let of_file = model.options.sql_types.iter();
    let mut of_file = of_file.filter(|(name, _)| *name == column.column);
    let own = of_file.next().map(|(_, sql_type)| sql_type);
    own.or(column.own_type.as_ref())
}

/// What the field's type says, at the field's type.
pub(crate) fn info(model: &Model, column: &Column) -> TokenStream {
    let (krate, ty) = (&model.krate, &column.ty);
    match &column.sql {
        Some(sql) => {
            let nullable = match (column.looks_optional(), column.is_plain()) {
                (true, _) => quote!(true),
                (_, true) => quote!(false),
                _ => nullable(model, column),
            };
            quote!(#krate::declare::Info { sql: ::core::option::Option::Some(#sql), nullable: #nullable })
        }
        None => {
            quote_spanned!(column.type_span()=> <#ty as #krate::declare::ColumnType>::INFO)
        }
    }
}

/// An `Option` behind an alias is one too, and the type itself may be no column type.
fn nullable(model: &Model, column: &Column) -> TokenStream {
    let (krate, ty) = (&model.krate, &column.ty);
    let asked = quote_spanned!(column.type_span()=> <#krate::declare::Nullable<#ty>>::YES);
    quote!({
        #[allow(unused_imports)]
        use #krate::declare::NotNullable as _;
        #asked
    })
}

/// An integer key of one column is usually numbered by the database, and nothing here can tell.
fn may_be_numbered(resolved: &Resolved<'_>, column: &Column) -> bool {
    let is_key = matches!(resolved.pk.as_slice(), [only] if only.column == column.column);
    let refers = resolved
        .references
        .iter()
        .any(|r| r.fields.iter().any(|(c, _)| c.column == column.column));
    let integer = matches!(&column.ty, syn::Type::Path(path)
        if path.path.segments.last().is_some_and(|s| ["i16", "i32", "i64", "u32", "u64"].iter().any(|i| s.ident == i)));
    is_key && integer && !refers
}

fn definition(model: &Model, resolved: &Resolved<'_>) -> TokenStream {
    let krate = &model.krate;
    let name = &resolved.name;
    let pk = names(krate, resolved.pk.iter().map(|c| c.column.as_str()));
    let key = names(krate, resolved.key.iter().map(|c| c.column.as_str()));
    let renew = names(krate, resolved.renew.iter().map(|c| c.column.as_str()));
    let slug = option(krate, resolved.slug.map(|c| c.column.as_str()));
    let user = option(krate, resolved.user.map(|c| c.column.as_str()));
    let renamed = model.options.renamed_from.as_ref();
    let renamed = option(krate, renamed.map(|(name, _)| name.as_str()));
    let null_key = resolved.null_key;
    let match_by = match model.options.match_by_pk {
        true => quote!(Pk),
        false => quote!(Natural),
    };
    let keys = |key: &str| {
        let of_key = resolved.references.iter().filter(|r| r.tokens.key == key);
        let keys = of_key.map(|reference| foreign_key(model, reference));
        quote!(::std::borrow::Cow::Borrowed(&[#(#keys),*]))
    };
    let (parents, optional, external) = (keys("parent"), keys("optional_ref"), keys("external"));
    let owner = match resolved.owner() {
        Some(owner) => {
            let owner = foreign_key(model, owner);
            quote!(::core::option::Option::Some(#owner))
        }
        None => quote!(::core::option::Option::None),
    };
    let json = json::expand(model, resolved);
    quote! {
        #krate::TableDef {
            name: ::std::borrow::Cow::Borrowed(#name),
            pk: #pk,
            slug_field: #slug,
            user_field: #user,
            owner: #owner,
            key: #key,
            null_key: #null_key,
            match_by: #krate::declare::MatchBy::#match_by,
            parents: #parents,
            optional_refs: #optional,
            external: #external,
            renew: #renew,
            renamed_from: #renamed,
            columns: ::std::borrow::Cow::Borrowed(&__COLUMNS),
            prepared: #json,
        }
    }
}

/// The schema as code, and the name without it.
fn split_name(name: &str) -> (TokenStream, String) {
    let parsed = TableName::parse(name).ok();
    let schema = parsed.as_ref().and_then(|parsed| parsed.schema.as_ref());
    let schema = match schema {
        Some(schema) => quote!(::core::option::Option::Some(#schema)),
        None => quote!(::core::option::Option::None),
    };
    (
        schema,
        parsed.map_or_else(|| name.to_owned(), |parsed| parsed.name),
    )
}

/// The table as the database should have it.
fn expected(model: &Model, resolved: &Resolved<'_>) -> TokenStream {
    let krate = &model.krate;
    let expected = quote!(#krate::declare::expected);
    let list = |names: Vec<&str>| quote!(&[#(#krate::declare::declared::borrowed(#names)),*]);
    let pk = match resolved.pk.as_slice() {
        [] => quote!(::core::option::Option::None),
        pk => {
            let pk = list(pk.iter().map(|c| c.column.as_str()).collect());
            quote!(::core::option::Option::Some(#pk))
        }
    };
    let keys = resolved.references.iter().map(|reference| {
        let target = &reference.tokens.target;
        let columns = list(
            reference
                .fields
                .iter()
                .map(|(c, _)| c.column.as_str())
                .collect(),
        );
        let (schema, table) = match (target, target_type(model, target)) {
            (Target::Table(name), _) => {
                let (schema, table) = split_name(name);
                (schema, quote!(#table))
            }
            (_, ty) => (
                quote!(<#ty as #krate::declare::BackupTable>::SCHEMA),
                quote!(<#ty as #krate::declare::BackupTable>::LOCAL),
            ),
        };
        let to = reference.fields.iter().filter_map(|(_, to)| *to);
        let to = to.map(|to| {
            let column = target_column(model, target, to);
            quote!(#krate::declare::declared::borrowed(#column))
        });
        quote!(#expected::ExpectedForeignKey::from_static(
            { const C: &[#expected::Text] = #columns; C },
            #schema,
            #table,
            { const C: &[#expected::Text] = &[#(#to),*]; C },
        ))
    });
    let (schema, local) = split_name(&resolved.name);
    quote!({
        const KEY: ::core::option::Option<&[#expected::Text]> = #pk;
        const KEYS: &[#expected::ExpectedForeignKey] = &[#(#keys),*];
        #expected::ExpectedTable::with_keys(#schema, #local, &__COLUMNS, KEY, &[], KEYS)
    })
}

fn names<'a>(krate: &TokenStream, names: impl Iterator<Item = &'a str>) -> TokenStream {
    quote!(::std::borrow::Cow::Borrowed(&[#(#krate::declare::declared::borrowed(#names)),*]))
}

fn option(krate: &TokenStream, name: Option<&str>) -> TokenStream {
    match name {
        Some(name) => {
            quote!(::core::option::Option::Some(#krate::declare::declared::borrowed(#name)))
        }
        None => quote!(::core::option::Option::None),
    }
}

/// The struct that a reference means, outside of any impl.
pub(super) fn target_type(model: &Model, target: &Target) -> Option<TokenStream> {
    match target {
        Target::Type(path) if path.is_self => Some(model.ident.to_token_stream()),
        Target::Type(path) => Some(path.tokens.clone()),
        Target::Table(_) => None,
    }
}

pub(super) fn target_span(target: &Target) -> Span {
    match target {
        Target::Type(path) => path.span,
        Target::Table(_) => Span::call_site(),
    }
}

/// The name of the table that is referred to.
pub(super) fn target_name(model: &Model, target: &Target) -> TokenStream {
    let krate = &model.krate;
    match (target, target_type(model, target)) {
        (Target::Table(name), _) => name.to_token_stream(),
        (_, ty) => {
            quote_spanned!(target_span(target)=> <#ty as #krate::declare::BackupTable>::NAME)
        }
    }
}

/// The column that is referred to.
pub(super) fn target_column(
    model: &Model,
    target: &Target,
    to: &super::values::Name,
) -> TokenStream {
    let (krate, name) = (&model.krate, &to.text);
    match target_type(model, target) {
        Some(ty) => quote!(#krate::declare::declared::field_of(
            <#ty as #krate::declare::BackupTable>::FIELDS, #name).column),
        None => name.to_token_stream(),
    }
}

fn foreign_key(model: &Model, reference: &Reference<'_>) -> TokenStream {
    let krate = &model.krate;
    let target = &reference.tokens.target;
    let table = target_name(model, target);
    let fields = names(
        krate,
        reference.fields.iter().map(|(c, _)| c.column.as_str()),
    );
    let to = reference.fields.iter().filter_map(|(_, to)| *to);
    let to = to.map(|to| {
        let column = target_column(model, target, to);
        quote!(#krate::declare::declared::borrowed(#column))
    });
    quote! {
        #krate::ForeignKey {
            table: #krate::declare::declared::borrowed(#table),
            fields: #fields,
            references: ::std::borrow::Cow::Borrowed(&[#(#to),*]),
        }
    }
}

fn consts(model: &Model, resolved: &Resolved<'_>) -> TokenStream {
    if model.options.no_consts {
        return TokenStream::new();
    }
    let (krate, ident, names, vis) = (
        &model.krate,
        &model.ident,
        names_ident(model),
        visibility(model),
    );
    let name = &resolved.name;
    let doc = format!("The name of the table, `{name}`.");
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            #[doc = #doc]
            #vis const TABLE: &'static str = #name;
            /// The names of the columns, each in the field of its Rust name.
            #vis const COL: #names = <#ident as #krate::declare::BackupTable>::NAMES;
        }
    }
}
