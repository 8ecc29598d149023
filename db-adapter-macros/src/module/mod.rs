//! `#[schema] mod models { .. }`: the tables of a module as its `SCHEMA`. Only reads: the structs
//! are declared by their own `#[backup_table]`, which needs no import here.

mod head;
mod options;
mod walk;

use crate::errors::Errors;
use crate::krate;
use crate::sql;
use options::Options;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use walk::{Around, Found, Walk};

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
        named: options.krate.is_some(),
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
    let left = found.file.as_ref().zip(options.sql.as_ref());
    let left = left.map_or(Vec::new(), |(file, (_, at))| {
        let left = undeclared(&options, &found.tables, file);
        if options.include.is_empty() && !options.partial && !left.is_empty() {
            errors.add(*at, file.undeclared(&left));
        }
        left
    });
    let schema = match errors.is_empty() && !options.partial {
        true => schema(&options, &found.tables, &krate, &left),
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

/// The tables of the file that no struct of the module declares and that are not left out.
fn undeclared(options: &Options, tables: &[Found], file: &sql::File) -> Vec<String> {
    let is_left_out = |name: &String| {
        let mut names = options.undeclared.iter();
        let known = tables
            .iter()
            .any(|table| table.table.as_ref() == Some(name));
        known || names.any(|left| left.as_ref().is_none_or(|left| left == name))
    };
    let mut names = file.tables();
    names.retain(|name| !is_left_out(name));
    names
}

fn schema(
    options: &Options,
    tables: &[Found],
    krate: &TokenStream,
    left: &[String],
) -> TokenStream {
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
    // those of other modules are known when all are put together
    let file = options.sql.as_ref().filter(|_| !left.is_empty());
    let check = file.map(|(shown, at)| {
        let krate = krate::at(krate, *at);
        quote_spanned!(*at=> const _: () = #krate::declare::parts::check_declared(#shown, &[#(#left),*], &SCHEMA);)
    });
    quote! {
        #check
        #krate::backup_schema!(
            /// The tables of this module, parents first.
            pub SCHEMA = [#(#items),*], crate = #krate, embed = #embed
        );
    }
}
