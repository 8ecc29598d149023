//! `#[backup_table(..)]`: the derive and its helper attribute in one, and the columns' names for serde. The derive sees
//! the fields after `#[cfg]`, and the item cannot get lost.

use crate::cursor::Cursor;
use crate::errors::Errors;
use crate::krate;
use crate::serde_names;
use crate::table::options::Options;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item_cursor = Cursor::new(item.clone(), Span::call_site());
    match find_struct(item_cursor, &mut errors) {
        Found::Struct if errors.is_empty() => {}
        Found::Struct => {
            let errors = errors.into_tokens();
            return quote!(#errors #item);
        }
        Found::Other(span, what) => {
            errors.add(
                span,
                format_args!("`#[backup_table]` on {what}; hint: put it on a struct with named fields, one for each table"),
            );
            let errors = errors.into_tokens();
            return quote!(#errors #item);
        }
    }
    let item = serde_names::add(item, &mut errors);
    let errors = errors.into_tokens();
    // only for `crate = ..`: the derive reports what is wrong with the rest
    let read = Options::read(options.clone(), Span::call_site(), &mut Errors::default());
    let krate = read.krate.unwrap_or_else(krate::default);
    quote! {
        #[derive(#krate::BackupTable)]
        #[db_adapter(#options)]
        #item
        #errors
    }
}

enum Found {
    Struct,
    Other(Span, &'static str),
}

/// Goes over the item's head, and looks for a derive that would come twice.
fn find_struct(mut item: Cursor, errors: &mut Errors) -> Found {
    while item.take("#") {
        if let Some(attribute) = item.group(Delimiter::Bracket) {
            let mut inside = Cursor::inside(&attribute);
            if inside.ident().is_some_and(|name| name == "derive")
                && let Some(list) = inside.group(Delimiter::Parenthesis)
                && let Some(span) = derives_it(&list)
            {
                errors.add(span, "`BackupTable` is derived twice; hint: remove it here, `#[backup_table]` derives it; or keep it, and write `#[db_adapter(..)]` instead of `#[backup_table(..)]`");
            }
        }
    }
    let start = item.span();
    while let Some(token) = item.next() {
        let TokenTree::Ident(word) = token else {
            continue;
        };
        let what = match word.to_string().as_str() {
            "struct" => return Found::Struct,
            "enum" => "an enum",
            "union" => "a union",
            "fn" => "a function",
            "mod" => "a module",
            "impl" => "an impl",
            "trait" => "a trait",
            "type" => "a type alias",
            "const" | "static" => "a constant",
            "pub" | "crate" | "in" | "unsafe" => continue,
            _ => break,
        };
        return Found::Other(word.span(), what);
    }
    Found::Other(start, "something else than a struct")
}

fn derives_it(list: &proc_macro2::Group) -> Option<Span> {
    let items = Cursor::inside(list).split_commas(|_| {});
    let paths = items.into_iter().filter_map(|mut item| item.path());
    let mut found = paths.filter(|path| path.last == "BackupTable");
    found.next().map(|path| path.span)
}
