//! The way through a module's tokens: which structs are tables, and what could hide one.

use super::head::Head;
use crate::cursor::Cursor;
use crate::errors::Errors;
use crate::sql;
use crate::table::Declared;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

/// A struct with `#[backup_table]` or `#[derive(BackupTable)]`.
pub(super) struct Found {
    /// Every `#[cfg(..)]` that it, or a module around it, stands under.
    pub(super) conditions: TokenStream,
    pub(super) modules: Vec<Ident>,
    pub(super) ident: Ident,
    /// The name of the table, where the declaration can be read.
    pub(super) table: Option<String>,
}

/// The modules around an item, from the outermost, and their conditions.
#[derive(Clone, Default)]
pub(super) struct Around {
    conditions: TokenStream,
    modules: Vec<Ident>,
}

pub(super) struct Walk {
    pub(super) krate: TokenStream,
    /// Whether `crate = ..` says where db-adapter is.
    pub(super) named: bool,
    pub(super) tables: Vec<Found>,
    /// The SQL file to compare with.
    pub(super) file: Option<sql::File>,
    pub(super) errors: Errors,
}

impl Walk {
    /// The module's tokens, with the full path at each `#[backup_table]`.
    pub(super) fn walk(&mut self, tokens: TokenStream, around: &Around) -> TokenStream {
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
        if let Some(name) = &head.call {
            self.call(name);
        }
        if let Some(at) = head.hidden {
            self.errors.add(at, "a table that `cfg_attr` declares would be missing in the schema where its condition does not hold, and nobody would notice; hint: declare it without a condition, put `#[cfg(..)]` on the struct, or keep it out of this module");
            return item;
        }
        match head.keyword.as_deref() {
            Some("mod") => self.module(item, head, around),
            Some("struct") if head.table.is_some() || head.derived => {
                self.table(item, head, around)
            }
            Some("struct") => self.not_a_table(item, &head),
            _ => item,
        }
    }

    /// What a macro makes is not seen here.
    fn call(&mut self, name: &Ident) {
        const HARMLESS: [&str; 6] = [
            "thread_local",
            "compile_error",
            "backup_schema",
            "expected_schema",
            "assert",
            "const_assert",
        ];
        if HARMLESS.iter().any(|known| name == known) {
            return;
        }
        self.errors.add(
            name.span(),
            format_args!("a table that `{name}!` makes would not be in the schema: `#[schema]` sees only what is written in the module; hint: write the structs here, or call `{name}!` outside of this module and collect the tables with `backup_schema!`"),
        );
    }

    /// A struct without an attribute that makes it a table. An attribute under another name may still do so;
    /// the compiler is asked.
    fn not_a_table(&self, mut item: Vec<TokenTree>, head: &Head) -> Vec<TokenTree> {
        let Some(name) = head.name.as_ref().filter(|_| !head.generic) else {
            return item; // tables have no generics
        };
        let (krate, conditions) = (&self.krate, &head.conditions);
        let message = format!(
            "`{name}` is a table and would not be in the schema: `#[schema]` does not see what declares it; hint: write `#[backup_table(..)]` or `#[derive(BackupTable)]` on it, under that name"
        );
        item.extend(quote_spanned! {name.span()=>
            #conditions
            const _: () = {
                #[allow(unused_imports)]
                use #krate::declare::NotATable as _;
                ::core::assert!(!<#krate::declare::IsTable<#name>>::YES, #message);
            };
        });
        item
    }

    fn module(&mut self, mut item: Vec<TokenTree>, head: Head, around: &Around) -> Vec<TokenTree> {
        const DEEPEST: usize = 32;
        if let (Some(name), Some(TokenTree::Group(body))) = (head.name, item.last()) {
            if around.modules.len() >= DEEPEST {
                let message = "modules in modules are read 32 deep; hint: give this one a `#[schema]` of its own, and `include` it";
                self.errors.add(name.span(), message);
                return item;
            }
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
        let mut declared = Declared::read(item.iter().cloned().collect());
        if let Some(ident) = head.name.clone() {
            let mut conditions = around.conditions.clone();
            conditions.extend(head.conditions.clone());
            self.tables.push(Found {
                conditions,
                modules: around.modules.clone(),
                ident,
                table: declared.as_ref().map(|declared| declared.table.clone()),
            });
        }
        if let Some(declared) = &mut declared
            && declared.model.options.krate.is_none()
        {
            declared.model.krate = self.krate.clone();
        }
        let mut item = self.with_options(item, &head, declared.as_ref());
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

    /// `#[backup_table(..)]` as `#[::db_adapter::backup_table(..)]`, and what the module knows of the
    /// table: where db-adapter is, and the types of its columns in the file.
    fn with_options(
        &self,
        mut item: Vec<TokenTree>,
        head: &Head,
        declared: Option<&Declared>,
    ) -> Vec<TokenTree> {
        let krate = &self.krate;
        let types = self.file.as_ref().zip(declared);
        let types = types.and_then(|(file, declared)| file.types(&declared.table));
        let asked = self.named && declared.is_some_and(|d| d.model.options.krate.is_none());
        let mut own: Vec<TokenStream> = types.into_iter().collect();
        if let Some(TokenTree::Group(group)) = head.table.and_then(|at| item.get(at)) {
            let mut inside = Cursor::inside(group);
            let path = inside.path().map(|path| path.tokens);
            let full = match (asked, inside.group(Delimiter::Parenthesis)) {
                (false, _) => {
                    let inner = group.stream();
                    quote!(#krate::#inner)
                }
                (true, Some(list)) => {
                    let given = list.stream();
                    quote!(#krate::#path(crate = #krate, #given))
                }
                (true, None) => quote!(#krate::#path(crate = #krate)),
            };
            let mut full = Group::new(Delimiter::Bracket, full);
            full.set_span(group.span());
            if let Some(place) = head.table.and_then(|at| item.get_mut(at)) {
                *place = full.into();
            }
        } else if asked {
            own.push(quote!(crate = #krate));
        }
        if !own.is_empty() {
            // behind the derive, whose helper it is
            let attribute = quote!(#[db_adapter(#(#own),*)]);
            item.splice(head.start..head.start, attribute);
        }
        item
    }
}
