//! The options of `#[schema(..)]`.

use crate::cursor::{Cursor, PathTokens};
use crate::errors::{Errors, hint};
use crate::sql;
use proc_macro2::{Delimiter, Span, TokenStream};

/// The options.
#[derive(Default)]
pub(super) struct Options {
    pub(super) krate: Option<TokenStream>,
    pub(super) sql: Option<(String, Span)>,
    pub(super) dialect: sql::Dialect,
    pub(super) include: Vec<PathTokens>,
    pub(super) partial: bool,
    /// The tables of the SQL file that need no struct; all of them, where `None` is inside.
    pub(super) undeclared: Vec<Option<String>>,
    pub(super) not_embedded: bool,
    given: Vec<String>,
}

const KEYS: &[&str] = &[
    "sql",
    "dialect",
    "undeclared",
    "include",
    "partial",
    "embed",
    "crate",
];

impl Options {
    pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Options {
        let mut options = Options::default();
        let items = Cursor::new(tokens, Span::call_site())
            .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
        for item in items {
            options.read_item(item, errors);
        }
        options
    }

    fn read_item(&mut self, mut item: Cursor, errors: &mut Errors) {
        let at = item.span();
        let word = item
            .ident()
            .map(|word| word.to_string())
            .unwrap_or_default();
        if !KEYS.contains(&word.as_str()) {
            let hint = hint(&word, KEYS.iter().copied());
            errors.add(
                at,
                format_args!("unknown option `{word}` of `#[schema]`{hint}"),
            );
            return;
        }
        if self.given.contains(&word) {
            let message = match word.as_str() {
                "sql" => "`sql` is given twice: the structs are compared with one file; hint: keep one, and compare the other database with `db-adapter validate --schema-file`".to_owned(),
                _ => format!("`{word}` is given twice; hint: remove one"),
            };
            errors.add(at, message);
            return;
        }
        self.given.push(word.clone());
        if word == "partial" {
            self.partial = true;
        } else if !item.take("=") {
            errors.add(
                at,
                format_args!("`{word}` has no value; hint: write `{}`", form(&word)),
            );
            return;
        } else {
            let read = match word.as_str() {
                "sql" => item.string().map(|sql| self.sql = Some(sql)),
                "dialect" => {
                    self.dialect = sql::Dialect::read(&mut item, errors);
                    Some(())
                }
                "undeclared" => self.read_undeclared(&mut item),
                "crate" => item.path().map(|path| self.krate = Some(path.tokens)),
                "embed" => {
                    self.not_embedded = item.is_ident("false");
                    item.ident()
                        .filter(|v| v == "true" || v == "false")
                        .map(|_| ())
                }
                _ => self.read_include(&mut item),
            };
            if read.is_none() {
                errors.add(
                    at,
                    format_args!(
                        "`{word}` has another kind of value; hint: write `{}`",
                        form(&word)
                    ),
                );
                return;
            }
        }
        if !item.is_done() {
            errors.add(
                item.span(),
                format_args!(
                    "unexpected text after `{word}`; hint: put a comma between the options"
                ),
            );
        }
    }

    fn read_undeclared(&mut self, item: &mut Cursor) -> Option<()> {
        if item.is_ident("all") {
            item.next();
            self.undeclared.push(None);
            return Some(());
        }
        let list = item.group(Delimiter::Bracket)?;
        for mut name in Cursor::inside(&list).split_commas(|_| {}) {
            self.undeclared.push(Some(name.string()?.0));
        }
        Some(())
    }

    fn read_include(&mut self, item: &mut Cursor) -> Option<()> {
        let list = item.group(Delimiter::Bracket)?;
        for mut path in Cursor::inside(&list).split_commas(|_| {}) {
            let _ = path.take("..");
            self.include.push(path.path()?);
        }
        Some(())
    }
}

fn form(key: &str) -> &'static str {
    match key {
        "sql" => "sql = \"schema.sql\"",
        "dialect" => "dialect = sqlite",
        "undeclared" => "undeclared = [\"schema_migrations\"]` or `undeclared = all",
        "include" => "include = [other::SCHEMA]",
        "embed" => "embed = false",
        _ => "crate = path::to::db_adapter",
    }
}
