//! What an item of a module is, by its first tokens.

use crate::cursor::Cursor;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// What an item is, by its first tokens.
#[derive(Default)]
pub(super) struct Head {
    pub(super) keyword: Option<String>,
    pub(super) name: Option<Ident>,
    /// Where the attribute `backup_table`, without a path, stands.
    pub(super) table: Option<usize>,
    /// Whether it is declared by a derive, or by the attribute with a path.
    pub(super) derived: bool,
    /// Its `#[cfg(..)]`.
    pub(super) conditions: TokenStream,
    /// Where a `cfg_attr` declares it, under a condition.
    pub(super) hidden: Option<Span>,
    /// The macro that is called instead of an item.
    pub(super) call: Option<Ident>,
    /// Whether the name has generics.
    pub(super) generic: bool,
    /// Where the item begins behind its attributes.
    pub(super) start: usize,
}

impl Head {
    pub(super) fn read(item: &[TokenTree]) -> Head {
        let mut head = Head::default();
        let mut tokens = item.iter().enumerate().peekable();
        while let Some((at, token)) = tokens.next() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    head.attribute(at, group);
                    head.start = at + 1;
                }
                TokenTree::Ident(word) if word == "struct" || word == "mod" => {
                    head.keyword = Some(word.to_string());
                    if let Some((_, TokenTree::Ident(name))) = tokens.next() {
                        head.name = Some(name.clone());
                    }
                    head.generic = matches!(tokens.next(), Some((_, TokenTree::Punct(p))) if p.as_char() == '<');
                    return head;
                }
                TokenTree::Ident(word) if ["pub", "crate", "unsafe"].iter().any(|w| word == w) => {}
                TokenTree::Ident(_) => {
                    head.call = called(item.get(at..).unwrap_or_default());
                    return head;
                }
                // an item begins with an attribute, a word or a path; all else is the rest of one
                TokenTree::Punct(punct) if !matches!(punct.as_char(), '#' | '!' | ':') => {
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
        } else if path.text == "cfg_attr" {
            let list = inside.group(Delimiter::Parenthesis);
            let declares = list.is_some_and(|list| declares(&list, 0));
            self.hidden = self.hidden.or(declares.then(|| group.span()));
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

/// Whether attributes under a condition declare a table.
fn declares(list: &Group, depth: usize) -> bool {
    list.stream().into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "backup_table" || word == "BackupTable",
        TokenTree::Group(inner) => depth < 32 && declares(&inner, depth + 1),
        _ => false,
    })
}

/// The macro of `name! { .. }` or `path::name!(..)`, but of the definition of one.
fn called(tokens: &[TokenTree]) -> Option<Ident> {
    let mut last = None;
    for token in tokens {
        match token {
            TokenTree::Ident(word) => last = Some(word.clone()),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            TokenTree::Punct(punct) if punct.as_char() == '!' => {
                return last.filter(|name| name != "macro_rules");
            }
            _ => return None,
        }
    }
    None
}
