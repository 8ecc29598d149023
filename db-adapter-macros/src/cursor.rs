//! Reading tokens one by one, with a place for every mistake. Lists are split at their commas
//! first, so that a mistake in one item hides none in the next.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;

/// Tokens to read, and where they are.
#[derive(Clone)]
pub(crate) struct Cursor {
    tokens: Vec<TokenTree>,
    at: usize,
    /// Where a mistake is when there are no more tokens.
    end: Span,
}

impl Cursor {
    /// `end` is what a mistake at the end points to when there is no token at all.
    pub(crate) fn new(tokens: TokenStream, end: Span) -> Cursor {
        let mut flat = Vec::new();
        flatten(tokens, &mut flat, 0);
        let end = flat.last().map_or(end, TokenTree::span);
        Cursor {
            tokens: flat,
            at: 0,
            end,
        }
    }

    pub(crate) fn inside(group: &Group) -> Cursor {
        Cursor::new(group.stream(), group.span_close())
    }

    pub(crate) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where the next token is, or the last one.
    pub(crate) fn span(&self) -> Span {
        self.peek().map_or(self.end, TokenTree::span)
    }

    pub(crate) fn is_punct(&self, punct: char) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(p)) if p.as_char() == punct)
    }

    /// Takes the punctuation, when all its characters come.
    pub(crate) fn take(&mut self, text: &str) -> bool {
        let before = self.at;
        for punct in text.chars() {
            if !self.is_punct(punct) {
                self.at = before;
                return false;
            }
            self.at += 1;
        }
        true
    }

    pub(crate) fn ident(&mut self) -> Option<Ident> {
        match self.peek() {
            Some(TokenTree::Ident(ident)) => {
                let ident = ident.clone();
                self.at += 1;
                Some(ident)
            }
            _ => None,
        }
    }

    pub(crate) fn is_ident(&self, text: &str) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(ident)) if ident == text)
    }

    pub(crate) fn group(&mut self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
                let group = group.clone();
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// A string literal.
    pub(crate) fn string(&mut self) -> Option<(String, Span)> {
        let Some(TokenTree::Literal(literal)) = self.peek() else {
            return None;
        };
        let tokens = TokenStream::from(TokenTree::from(literal.clone()));
        let string: syn::LitStr = syn::parse2(tokens).ok()?;
        self.at += 1;
        Some((string.value(), string.span()))
    }

    /// A path without generics: its tokens, its text, and where it begins.
    pub(crate) fn path(&mut self) -> Option<PathTokens> {
        let before = self.at;
        let span = self.span();
        let _ = self.take("::");
        let mut last = None;
        while let Some(ident) = self.ident() {
            last = Some(ident);
            if !self.take("::") {
                break;
            }
        }
        let tokens = self.tokens.get(before..self.at).unwrap_or_default();
        let ends_open = matches!(tokens.last(), Some(TokenTree::Punct(_)));
        match last {
            Some(last) if !ends_open => Some(PathTokens {
                is_self: tokens.len() == 1 && last == "Self",
                tokens: tokens.iter().cloned().collect(),
                text: tokens.iter().map(plain).collect(),
                span: join(span, last.span()),
                last,
            }),
            _ => {
                self.at = before;
                None
            }
        }
    }

    /// The items between the commas. A comma too many is a mistake.
    pub(crate) fn split_commas(self, mut mistake: impl FnMut(Span)) -> Vec<Cursor> {
        let mut items = Vec::new();
        let mut item: Vec<TokenTree> = Vec::new();
        let mut close = |item: &mut Vec<TokenTree>, comma: Option<Span>| {
            if let Some(last) = item.last() {
                let end = last.span();
                let tokens = std::mem::take(item);
                items.push(Cursor { tokens, at: 0, end });
            } else if let Some(comma) = comma {
                mistake(comma);
            }
        };
        for token in self.tokens.into_iter().skip(self.at) {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    close(&mut item, Some(punct.span()));
                }
                _ => item.push(token),
            }
        }
        close(&mut item, None);
        items
    }

    pub(crate) fn rest(self) -> TokenStream {
        self.tokens.into_iter().skip(self.at).collect()
    }
}

/// A path, as it stands in the source.
#[derive(Clone)]
pub(crate) struct PathTokens {
    pub(crate) tokens: TokenStream,
    pub(crate) text: String,
    pub(crate) span: Span,
    pub(crate) last: Ident,
    pub(crate) is_self: bool,
}

/// From the first to the last token where the compiler can say so, else the first.
fn join(first: Span, last: Span) -> Span {
    first.join(last).unwrap_or(first)
}

fn plain(token: &TokenTree) -> String {
    match token {
        TokenTree::Ident(ident) => ident.unraw().to_string(),
        other => other.to_string(),
    }
}

/// What `macro_rules` passes on comes in invisible groups. They are opened, up to a depth that
/// only hostile tokens have.
fn flatten(tokens: TokenStream, to: &mut Vec<TokenTree>, depth: usize) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None && depth < 64 => {
                flatten(group.stream(), to, depth + 1);
            }
            other => to.push(other),
        }
    }
}
