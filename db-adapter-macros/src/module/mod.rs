//! `#[schema] mod models { .. }`: the tables of a module as its `SCHEMA`. Only reads: the structs
//! are declared by their own `#[backup_table]`, which needs no import here.

use crate::cursor::{Cursor, PathTokens};
use crate::errors::{Errors, hint};
use crate::krate;
use crate::sql;
use crate::table::Declared;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

#[derive(Default)]
struct Options {
    krate: Option<TokenStream>,
    sql: Option<(String, Span)>,
    dialect: sql::Dialect,
    include: Vec<PathTokens>,
    partial: bool,
    not_embedded: bool,
}

const KEYS: &[&str] = &["sql", "dialect", "include", "partial", "embed", "crate"];

impl Options {
    fn read(tokens: TokenStream, errors: &mut Errors) -> Options {
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
        "include" => "include = [other::SCHEMA]",
        "embed" => "embed = false",
        _ => "crate = path::to::db_adapter",
    }
}

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::read(options, &mut errors);
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let Some(body) = module_body(&tokens, &mut errors) else {
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    let krate = options.krate.clone().unwrap_or_else(krate::default);
    let sql = options.sql.as_ref();
    let file = sql.and_then(|(path, at)| sql::File::load(path, *at, options.dialect, &mut errors));
    let track = file.as_ref().map(sql::File::track);
    let mut found = Walk {
        krate: krate.clone(),
        tables: Vec::new(),
        file,
        errors,
    };
    let inner = found.walk(body.stream(), &Around::default());
    let mut errors = found.errors;
    if found.tables.is_empty() && options.include.is_empty() {
        errors.add(
            body.span_open(),
            "no table in this module; hint: put `#[backup_table(..)]` on its structs",
        );
    }
    let schema = match errors.is_empty() && !options.partial {
        true => schema(&options, &found.tables, &krate),
        false => TokenStream::new(),
    };
    let errors = errors.into_tokens();
    let mut content = Group::new(Delimiter::Brace, quote!(#inner #track #schema #errors));
    content.set_span(body.span());
    let head = tokens.iter().take(tokens.len().saturating_sub(1)).cloned();
    let head: TokenStream = head.collect();
    quote!(#head #content)
}

/// The braces of `mod models { .. }`.
fn module_body<'a>(tokens: &'a [TokenTree], errors: &mut Errors) -> Option<&'a Group> {
    let word = tokens
        .iter()
        .position(|t| matches!(t, TokenTree::Ident(i) if i == "mod"));
    match (word, tokens.last()) {
        (Some(at), Some(TokenTree::Group(body))) if at + 3 == tokens.len() => Some(body),
        (Some(at), _) => {
            let span = tokens
                .get(at + 1)
                .map_or_else(Span::call_site, TokenTree::span);
            errors.add(span, "`#[schema]` needs the module's content here, and a file is not given to macros; hint: write `mod models { .. }`, or collect the tables with `backup_schema!(pub SCHEMA = [..])`");
            None
        }
        (None, _) => {
            let span = tokens.first().map_or_else(Span::call_site, TokenTree::span);
            errors.add(span, "`#[schema]` goes on a module; hint: write `#[schema] mod models { .. }`, or `#[backup_table(..)]` on one struct");
            None
        }
    }
}

fn schema(options: &Options, tables: &[Found], krate: &TokenStream) -> TokenStream {
    let paths = tables.iter().map(|table| {
        let (conditions, modules, ident) = (&table.conditions, &table.modules, &table.ident);
        let path = quote_spanned!(ident.span()=> self::#(#modules::)*#ident);
        quote!(#conditions #path)
    });
    let include = options.include.iter().map(|path| {
        let path = &path.tokens;
        quote!(..#path)
    });
    let items: Vec<TokenStream> = paths.chain(include).collect();
    let embed = !options.not_embedded;
    quote! {
        #krate::backup_schema!(
            /// The tables of this module, parents first.
            pub SCHEMA = [#(#items),*], crate = #krate, embed = #embed
        );
    }
}

/// A struct with `#[backup_table]` or `#[derive(BackupTable)]`.
struct Found {
    /// Every `#[cfg(..)]` that it, or a module around it, stands under.
    conditions: TokenStream,
    modules: Vec<Ident>,
    ident: Ident,
}

/// The modules around an item, from the outermost, and their conditions.
#[derive(Clone, Default)]
struct Around {
    conditions: TokenStream,
    modules: Vec<Ident>,
}

struct Walk {
    krate: TokenStream,
    tables: Vec<Found>,
    /// The SQL file to compare with.
    file: Option<sql::File>,
    errors: Errors,
}

impl Walk {
    /// The module's tokens, with the full path at each `#[backup_table]`.
    fn walk(&mut self, tokens: TokenStream, around: &Around) -> TokenStream {
        let mut out: Vec<TokenTree> = Vec::new();
        let mut item: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let ends = match &token {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            item.push(token);
            if ends {
                out.extend(self.item(std::mem::take(&mut item), around));
            }
        }
        out.extend(item);
        out.into_iter().collect()
    }

    fn item(&mut self, item: Vec<TokenTree>, around: &Around) -> Vec<TokenTree> {
        let head = Head::read(&item);
        match head.keyword.as_deref() {
            Some("mod") if around.modules.len() < 32 => self.module(item, head, around),
            Some("struct") if head.table.is_some() || head.derived => {
                self.table(item, head, around)
            }
            _ => item,
        }
    }

    fn module(&mut self, mut item: Vec<TokenTree>, head: Head, around: &Around) -> Vec<TokenTree> {
        if let (Some(name), Some(TokenTree::Group(body))) = (head.name, item.last()) {
            let mut inside = around.clone();
            inside.modules.push(name);
            inside.conditions.extend(head.conditions);
            let mut group = Group::new(Delimiter::Brace, self.walk(body.stream(), &inside));
            group.set_span(body.span());
            item.pop();
            item.push(group.into());
        }
        item
    }

    fn table(&mut self, item: Vec<TokenTree>, head: Head, around: &Around) -> Vec<TokenTree> {
        let declared = Declared::read(item.iter().cloned().collect());
        if let Some(ident) = head.name {
            let mut conditions = around.conditions.clone();
            conditions.extend(head.conditions.clone());
            self.tables.push(Found {
                conditions,
                modules: around.modules.clone(),
                ident,
            });
        }
        let mut item = match head.table {
            Some(at) => self.with_full_path(item, at),
            None => item,
        };
        // beside the struct, where the names of its types are known
        if let (Some(file), Some(declared)) = (&self.file, declared) {
            let conditional = !head.conditions.is_empty() || !around.conditions.is_empty();
            let mut own = Errors::default();
            let errors = if conditional {
                &mut own
            } else {
                &mut self.errors
            };
            let checks = file.check(&declared, errors);
            match conditional {
                false => item.extend(checks),
                true => {
                    // what is not compiled has no mistakes
                    let (conditions, errors) = (&head.conditions, own.into_tokens());
                    item.extend(quote!(#conditions const _: () = { #checks #errors };));
                }
            }
        }
        item
    }

    /// `#[backup_table(..)]` as `#[::db_adapter::backup_table(..)]`.
    fn with_full_path(&self, mut item: Vec<TokenTree>, at: usize) -> Vec<TokenTree> {
        if let Some(TokenTree::Group(group)) = item.get(at) {
            let krate = &self.krate;
            let inner: TokenStream = group.stream();
            let mut full = Group::new(Delimiter::Bracket, quote!(#krate::#inner));
            full.set_span(group.span());
            if let Some(place) = item.get_mut(at) {
                *place = full.into();
            }
        }
        item
    }
}

/// What an item is, by its first tokens.
#[derive(Default)]
struct Head {
    keyword: Option<String>,
    name: Option<Ident>,
    /// Where the attribute `backup_table`, without a path, stands.
    table: Option<usize>,
    /// Whether it is declared by a derive, or by the attribute with a path.
    derived: bool,
    /// Its `#[cfg(..)]`.
    conditions: TokenStream,
}

impl Head {
    fn read(item: &[TokenTree]) -> Head {
        let mut head = Head::default();
        let mut tokens = item.iter().enumerate().peekable();
        while let Some((at, token)) = tokens.next() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    head.attribute(at, group);
                }
                TokenTree::Ident(word) if word == "struct" || word == "mod" => {
                    head.keyword = Some(word.to_string());
                    if let Some((_, TokenTree::Ident(name))) = tokens.peek() {
                        head.name = Some(name.clone());
                    }
                    return head;
                }
                TokenTree::Ident(word) if !["pub", "crate", "unsafe"].iter().any(|w| word == w) => {
                    return head;
                }
                _ => {}
            }
        }
        head
    }

    fn attribute(&mut self, at: usize, group: &Group) {
        let mut inside = Cursor::inside(group);
        let Some(path) = inside.path() else {
            return;
        };
        if path.text == "cfg" {
            self.conditions.extend(quote!(# #group));
        } else if path.last == "backup_table" {
            match path.text == "backup_table" {
                true => self.table = Some(at),
                false => self.derived = true,
            }
        } else if path.last == "derive"
            && let Some(list) = inside.group(Delimiter::Parenthesis)
        {
            let mut derives = Cursor::inside(&list).split_commas(|_| {}).into_iter();
            self.derived |=
                derives.any(|mut path| path.path().is_some_and(|path| path.last == "BackupTable"));
        }
    }
}
