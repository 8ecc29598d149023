//! What stands in `backup_schema!(..)`.

use crate::cursor::{Cursor, PathTokens};
use crate::errors::{Errors, hint};
use crate::krate;
use proc_macro2::{Delimiter, Span, TokenStream};
use quote::quote;
use syn::Ident;

/// A schema to be put together.
pub(super) struct Input {
    pub(super) attributes: TokenStream,
    pub(super) vis: TokenStream,
    pub(super) name: Ident,
    pub(super) items: Vec<Listed>,
    pub(super) krate: TokenStream,
    pub(super) embed: bool,
}

/// One item of the list, and the `#[cfg(..)]` before it.
pub(super) struct Listed {
    pub(super) conditions: TokenStream,
    pub(super) item: Item,
}

/// What is listed.
pub(super) enum Item {
    Table(PathTokens),
    Schema(PathTokens),
}

impl Item {
    pub(super) fn path(&self) -> &PathTokens {
        match self {
            Item::Table(path) | Item::Schema(path) => path,
        }
    }
}

const FORM: &str = "write `backup_schema!(pub SCHEMA = [Author, Book, ..other::SCHEMA])`";

impl Input {
    pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Option<Input> {
        let mut cursor = Cursor::new(tokens, Span::call_site());
        let attributes = attributes(&mut cursor);
        let vis = visibility(&mut cursor);
        let at = cursor.span();
        let Some(name) = cursor.ident() else {
            errors.add(
                at,
                format_args!("expected a name for the schema; hint: {FORM}"),
            );
            return None;
        };
        let mut input = Input {
            attributes,
            vis,
            name,
            items: Vec::new(),
            krate: krate::default(),
            embed: true,
        };
        if !cursor.take("=") {
            errors.add(
                cursor.span(),
                format_args!("expected `=` after the name; hint: {FORM}"),
            );
            return None;
        }
        let at = cursor.span();
        let Some(list) = cursor.group(Delimiter::Bracket) else {
            errors.add(
                at,
                format_args!("expected the tables in brackets; hint: {FORM}"),
            );
            return Some(input);
        };
        let items = Cursor::inside(&list)
            .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
        for item in items {
            input.read_item(item, errors);
        }
        if !cursor.is_done() && !cursor.take(",") && !cursor.is_punct(';') {
            errors.add(
                cursor.span(),
                format_args!("unexpected text after the list; hint: {FORM}"),
            );
            return Some(input);
        }
        let _ = cursor.take(";");
        for option in cursor.split_commas(|_| {}) {
            input.read_option(option, errors);
        }
        Some(input)
    }

    fn read_item(&mut self, mut item: Cursor, errors: &mut Errors) {
        let conditions = conditions(&mut item, errors);
        let is_schema = item.take("..");
        let at = item.span();
        let Some(path) = item.path() else {
            errors.add(
                at,
                format_args!("expected a type, or `..` and another schema; hint: {FORM}"),
            );
            return;
        };
        if item.is_punct('<') {
            errors.add(
                item.span(),
                "a table has no generics; hint: name the type alone",
            );
            return;
        }
        if !item.is_done() {
            errors.add(
                item.span(),
                format_args!(
                    "unexpected text after `{}`; hint: put a comma between the tables",
                    path.text
                ),
            );
        }
        // two under conditions may exclude each other
        let mut before = self.items.iter();
        if conditions.is_empty() && before.any(|i| i.item.path().text == path.text) {
            errors.add(
                path.span,
                format_args!("`{}` is listed twice; hint: remove one", path.text),
            );
            return;
        }
        let item = match is_schema {
            true => Item::Schema(path),
            false => Item::Table(path),
        };
        self.items.push(Listed { conditions, item });
    }

    fn read_option(&mut self, mut option: Cursor, errors: &mut Errors) {
        let at = option.span();
        let name = option
            .ident()
            .map(|name| name.to_string())
            .unwrap_or_default();
        let has_value = option.take("=");
        match name.as_str() {
            "crate" if has_value => match option.path() {
                Some(path) if option.is_done() => self.krate = path.tokens,
                _ => errors.add(
                    option.span(),
                    "expected a path; hint: write `crate = path::to::db_adapter`",
                ),
            },
            "embed" if has_value && (option.is_ident("true") || option.is_ident("false")) => {
                self.embed = option.is_ident("true");
            }
            "crate" => errors.add(
                at,
                "`crate` has no value; hint: write `crate = path::to::db_adapter`",
            ),
            "embed" => errors.add(at, "`embed` is true or false; hint: write `embed = false`"),
            _ => {
                let hint = hint(&name, ["crate", "embed"]);
                errors.add(
                    at,
                    format_args!("unknown option `{name}` of a schema{hint}"),
                );
            }
        }
    }
}

/// What stands before an item of the list: `#[cfg(..)]` and nothing else.
fn conditions(item: &mut Cursor, errors: &mut Errors) -> TokenStream {
    let mut out = TokenStream::new();
    while item.is_punct('#') {
        let at = item.span();
        let _ = item.take("#");
        let Some(group) = item.group(Delimiter::Bracket) else {
            errors.add(at, "expected a condition; hint: write `#[cfg(..)]`");
            continue;
        };
        match Cursor::inside(&group).is_ident("cfg") {
            true => out.extend(quote!(# #group)),
            false => errors.add(
                group.span(),
                "only `#[cfg(..)]` stands before a table; hint: remove it",
            ),
        }
    }
    out
}

/// Documentation and other attributes of the static.
pub(crate) fn attributes(cursor: &mut Cursor) -> TokenStream {
    let mut out = TokenStream::new();
    while cursor.take("#") {
        if let Some(group) = cursor.group(Delimiter::Bracket) {
            out.extend(quote!(# #group));
        }
    }
    out
}

fn visibility(cursor: &mut Cursor) -> TokenStream {
    if !cursor.is_ident("pub") {
        return TokenStream::new();
    }
    let word = cursor.next();
    let scope = cursor.group(Delimiter::Parenthesis);
    quote!(#word #scope)
}
