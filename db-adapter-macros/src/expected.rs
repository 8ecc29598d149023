//! `expected_schema!`: tables and columns as a constant, written out or of declared types.

use crate::cursor::{Cursor, PathTokens};
use crate::errors::{Errors, hint};
use crate::krate;
use crate::sql;
use proc_macro2::{Delimiter, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

const FORMS: &str = "write `expected_schema!({ users: { id, name } })`, the types of tables, or the path of a SQL file";

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let body = match cursor.peek() {
        Some(proc_macro2::TokenTree::Literal(_)) => file(&mut cursor, &mut errors),
        Some(proc_macro2::TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            inline(&mut cursor, &mut errors)
        }
        Some(_) => types(cursor, &mut errors),
        None => {
            errors.add(
                Span::call_site(),
                format_args!("nothing is expected here; hint: {FORMS}"),
            );
            empty()
        }
    };
    let errors = errors.into_tokens();
    quote!({ #errors #body })
}

fn empty() -> TokenStream {
    let krate = krate::default();
    quote!(#krate::ExpectedSchema::from_static(&[]))
}

/// What stands behind the schema.
struct Options {
    krate: TokenStream,
    dialect: sql::Dialect,
}

impl Options {
    fn none() -> Options {
        Options {
            krate: krate::default(),
            dialect: sql::Dialect::default(),
        }
    }

    /// The rest of the tokens: `, crate = path`, and for files `, dialect = sqlite`.
    fn read(cursor: &mut Cursor, keys: &[&str], errors: &mut Errors) -> Options {
        let mut options = Options::none();
        if !cursor.is_done() && !cursor.take(",") {
            let at = cursor.span();
            errors.add(
                at,
                format_args!(
                    "unexpected text; hint: put a comma before `{} = ..`",
                    keys.join(" = ..` and `")
                ),
            );
            return options;
        }
        let items = cursor
            .clone()
            .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
        for item in items {
            options.read_item(item, keys, errors);
        }
        options
    }

    fn read_item(&mut self, mut item: Cursor, keys: &[&str], errors: &mut Errors) {
        let at = item.span();
        let word = item
            .ident()
            .map(|word| word.to_string())
            .unwrap_or_default();
        let has_value = item.take("=");
        match word.as_str() {
            "crate" if has_value => match item.path() {
                Some(path) if item.is_done() => self.krate = path.tokens,
                _ => errors.add(
                    item.span(),
                    "expected a path; hint: write `crate = path::to::db_adapter`",
                ),
            },
            "dialect" if has_value && keys.contains(&"dialect") => {
                self.dialect = sql::Dialect::read(&mut item, errors);
            }
            _ if keys.contains(&word.as_str()) => {
                errors.add(
                    at,
                    format_args!("`{word}` has no value; hint: write `{word} = ..`"),
                );
            }
            _ => {
                let hint = hint(&word, keys.iter().copied());
                errors.add(
                    at,
                    format_args!("unknown option `{word}` of an expected schema{hint}"),
                );
            }
        }
    }
}

/// `"schema.sql"`, and `dialect = sqlite` behind it.
fn file(cursor: &mut Cursor, errors: &mut Errors) -> TokenStream {
    let at = cursor.span();
    let Some((path, at)) = cursor.string() else {
        errors.add(
            at,
            format_args!("expected the path of a SQL file; hint: {FORMS}"),
        );
        return empty();
    };
    let options = Options::read(cursor, &["dialect", "crate"], errors);
    let schema = sql::expected(&path, at, options.dialect, &options.krate, errors);
    schema.unwrap_or_else(empty)
}

/// `{ users: { id, name }, "audit.log": { id } }`
fn inline(cursor: &mut Cursor, errors: &mut Errors) -> TokenStream {
    let Some(group) = cursor.group(Delimiter::Brace) else {
        return empty();
    };
    let krate = Options::read(cursor, &["crate"], errors).krate;
    let mut tables: Vec<(String, TokenStream)> = Vec::new();
    let items = Cursor::inside(&group)
        .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
    for mut item in items {
        let at = item.span();
        let Some((name, span)) = name(&mut item) else {
            errors.add(
                at,
                "expected the name of a table; hint: write `users: { id, name }`",
            );
            continue;
        };
        let parsed = match db_adapter_core::TableName::parse(&name) {
            Ok(parsed) => parsed,
            Err(error) => {
                errors.add(span, error);
                continue;
            }
        };
        if tables.iter().any(|(known, _)| *known == name) {
            errors.add(
                span,
                format_args!("table `{name}` is given twice; hint: put its columns together"),
            );
            continue;
        }
        if !item.take(":") {
            errors.add(
                item.span(),
                format_args!("expected `:` after `{name}`; hint: write `{name}: {{ id }}`"),
            );
            continue;
        }
        let at = item.span();
        let Some(list) = item.group(Delimiter::Brace) else {
            errors.add(
                at,
                format_args!(
                    "expected the columns of `{name}` in braces; hint: write `{name}: {{ id }}`"
                ),
            );
            continue;
        };
        if !item.is_done() {
            errors.add(
                item.span(),
                "unexpected text; hint: put a comma between the tables",
            );
        }
        let columns = columns(&name, &list, errors);
        let schema = match parsed.schema {
            Some(schema) => quote!(::core::option::Option::Some(#schema)),
            None => quote!(::core::option::Option::None),
        };
        let table = parsed.name;
        let code = quote! {
            #krate::declare::expected::ExpectedTable::from_static(#schema, #table, {
                const COLUMNS: &[#krate::declare::expected::ExpectedColumn] = &[#(
                    #krate::declare::expected::ExpectedColumn::from_static(
                        #columns,
                        ::core::option::Option::None,
                        ::core::option::Option::None,
                        ::core::option::Option::None,
                    )
                ),*];
                COLUMNS
            })
        };
        tables.push((name, code));
    }
    let tables = tables.into_iter().map(|(_, code)| code);
    quote! {
        const TABLES: &[#krate::declare::expected::ExpectedTable] = &[#(#tables),*];
        #krate::ExpectedSchema::from_static(TABLES)
    }
}

fn name(item: &mut Cursor) -> Option<(String, Span)> {
    match item.ident() {
        Some(ident) => Some((ident.unraw().to_string(), ident.span())),
        None => item.string(),
    }
}

fn columns(table: &str, list: &proc_macro2::Group, errors: &mut Errors) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let items = Cursor::inside(list)
        .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
    for mut item in items {
        let at = item.span();
        let Some((column, span)) = name(&mut item) else {
            errors.add(at, format_args!("expected the name of a column of `{table}`; hint: write `{table}: {{ id, name }}`"));
            continue;
        };
        if !item.is_done() {
            errors.add(item.span(), format_args!("unexpected text after `{column}`; hint: only names stand here, with commas between; types come from structs or a SQL file"));
        }
        if columns.contains(&column) {
            errors.add(
                span,
                format_args!("column `{column}` of `{table}` is given twice; hint: remove one"),
            );
            continue;
        }
        columns.push(column);
    }
    columns
}

/// `Author, Book`
fn types(cursor: Cursor, errors: &mut Errors) -> TokenStream {
    let mut options = Options::none();
    let mut types: Vec<PathTokens> = Vec::new();
    let items = cursor.split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
    for mut item in items {
        let at = item.span();
        let mut ahead = item.clone();
        if ahead.ident().is_some() && ahead.is_punct('=') {
            options.read_item(item, &["crate"], errors);
            continue;
        }
        match item.path() {
            Some(path) if item.is_done() => match types.iter().any(|t| t.text == path.text) {
                true => errors.add(
                    path.span,
                    format_args!("`{}` is listed twice; hint: remove one", path.text),
                ),
                false => types.push(path),
            },
            Some(_) => errors.add(item.span(), format_args!("unexpected text; hint: {FORMS}")),
            None => errors.add(
                at,
                format_args!("expected the type of a table; hint: {FORMS}"),
            ),
        }
    }
    let krate = options.krate;
    let tables = types.iter().map(|path| {
        let ty = &path.tokens;
        quote_spanned!(path.span=> <#ty as #krate::declare::BackupTable>::EXPECTED)
    });
    quote! {
        const TABLES: &[#krate::declare::expected::ExpectedTable] = &[#(#tables),*];
        #krate::ExpectedSchema::from_static(TABLES)
    }
}
