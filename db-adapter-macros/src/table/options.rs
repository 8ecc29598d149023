//! What stands in `#[db_adapter(..)]` of a struct: parsed, not yet compared with the fields.

use super::values::{self, Choice, Name, ReferenceTokens};
use crate::cursor::Cursor;
use crate::errors::{Errors, hint};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;

/// The options, each where it was given.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) krate: Option<TokenStream>,
    pub(crate) name: Option<(String, Span)>,
    pub(crate) schema: Option<(String, Span)>,
    pub(crate) pk: Option<Vec<Name>>,
    pub(crate) slug: Option<Choice>,
    pub(crate) user: Option<Choice>,
    pub(crate) key: Option<Vec<Name>>,
    pub(crate) null_key: bool,
    pub(crate) renew: Option<Vec<Name>>,
    pub(crate) match_by_pk: bool,
    pub(crate) references: Vec<ReferenceTokens>,
    pub(crate) renamed_from: Option<(String, Span)>,
    pub(crate) not_backed_up: bool,
    pub(crate) no_consts: bool,
    /// The types of the columns in the SQL file of the module.
    pub(crate) sql_types: Vec<(String, String)>,
    /// Every key in the order given.
    pub(crate) given: Vec<(&'static str, Span)>,
}

/// Each key with what it looks like.
const KEYS: &[(&str, &str)] = &[
    ("name", "name = \"books\""),
    ("slug", "slug = field` or `slug = none"),
    ("user", "user = field` or `user = none"),
    ("owner", "owner = Type(field)"),
    ("pk", "pk = field` or `pk = [field, field]"),
    ("parent", "parent = Type(field)"),
    ("optional_ref", "optional_ref = Type(field)"),
    ("external", "external = Type(field)"),
    ("key", "key = [field, field]"),
    ("null_key", "null_key = true"),
    ("match_by", "match_by = pk"),
    ("renew", "renew = field` or `renew = [field, field]"),
    ("backup", "backup = false"),
    ("renamed_from", "renamed_from = \"old_name\""),
    ("schema", "schema = \"public\""),
    ("crate", "crate = path::to::db_adapter"),
    ("consts", "consts = false"),
];

/// These may stand more than once.
const REPEATED: &[&str] = &["parent", "optional_ref", "external"];

/// What `#[schema(sql = ..)]` adds to a struct; nobody writes it.
pub(crate) const SQL_TYPES: &str = "sql_types";

impl Options {
    /// `end` is where the attribute is.
    pub(crate) fn read(tokens: TokenStream, end: Span, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        options.add(tokens, end, errors);
        options
    }

    /// Adds the options of one more attribute.
    pub(crate) fn add(&mut self, tokens: TokenStream, end: Span, errors: &mut Errors) {
        let items = Cursor::new(tokens, end)
            .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
        for item in items {
            self.read_item(item, errors);
        }
    }

    fn read_item(&mut self, mut item: Cursor, errors: &mut Errors) {
        let start = item.span();
        let Some(word) = item.ident() else {
            errors.add(
                start,
                "expected an option; hint: options look like `name = \"books\"` or `parent = Author(author_id)`",
            );
            return;
        };
        let word = word.unraw().to_string();
        if word == SQL_TYPES {
            self.read_sql_types(&mut item);
            return;
        }
        let Some((key, form)) = KEYS.iter().find(|(key, _)| *key == word) else {
            let hint = hint(&word, KEYS.iter().map(|(key, _)| *key));
            errors.add(start, format_args!("unknown option `{word}`{hint}"));
            return;
        };
        if self.given.iter().any(|(given, _)| given == key) && !REPEATED.contains(key) {
            errors.add(
                start,
                format_args!("`{key}` is given twice; hint: remove one"),
            );
            return;
        }
        self.given.push((key, start));
        if !item.take("=") || item.is_punct('=') {
            let at = match item.is_done() {
                true => start,
                false => item.span(),
            };
            errors.add(
                at,
                format_args!("`{key}` wants a value; hint: write `{form}`"),
            );
            return;
        }
        if item.is_done() {
            errors.add(
                start,
                format_args!("`{key}` has no value; hint: write `{form}`"),
            );
            return;
        }
        let read = self.read_value(key, &mut item, start, errors);
        let Err(what) = read.and_then(|()| values::end(&item)) else {
            return;
        };
        errors.add(
            what.span,
            format_args!("{}; hint: write `{form}`", what.message),
        );
    }

    fn read_sql_types(&mut self, item: &mut Cursor) {
        let Some(list) = item.group(proc_macro2::Delimiter::Parenthesis) else {
            return;
        };
        for mut pair in Cursor::inside(&list).split_commas(|_| {}) {
            let column = pair.string();
            let sql_type = pair.take("=").then(|| pair.string()).flatten();
            if let (Some((column, _)), Some((sql_type, _))) = (column, sql_type) {
                self.sql_types.push((column, sql_type));
            }
        }
    }

    fn read_value(
        &mut self,
        key: &'static str,
        item: &mut Cursor,
        start: Span,
        errors: &mut Errors,
    ) -> Result<(), values::Wrong> {
        match key {
            "name" => self.name = Some(values::text(item)?),
            "schema" => self.schema = Some(values::text(item)?),
            "renamed_from" => self.renamed_from = Some(values::text(item)?),
            "pk" => self.pk = Some(values::names(item)?),
            "key" => self.key = Some(values::names(item)?),
            "renew" => self.renew = Some(values::names(item)?),
            "slug" => self.slug = Some(values::choice(item)?),
            "user" => self.user = Some(values::choice(item)?),
            "null_key" => self.null_key = values::flag(item)?,
            "match_by" => self.match_by_pk = values::word(item, "pk")?,
            "backup" => self.not_backed_up = !values::flag(item)?,
            "consts" => self.no_consts = !values::flag(item)?,
            "crate" => self.krate = Some(values::path(item)?.tokens),
            _ => {
                let reference = values::reference(item, key, start, errors)?;
                self.references.push(reference);
            }
        }
        Ok(())
    }

    pub(crate) fn given_at(&self, key: &str) -> Option<Span> {
        let found = self.given.iter().find(|(given, _)| *given == key);
        found.map(|(_, span)| *span)
    }
}
