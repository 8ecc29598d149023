//! `backup_schema!`: tables and other schemas as one static, parents first.

mod input;

use crate::errors::Errors;
use crate::krate;
use input::{Input, Item};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input = Input::read(tokens, &mut errors);
    let sound = errors.is_empty();
    let errors = errors.into_tokens();
    match input {
        Some(input) => {
            let schema = schema(&input, sound);
            quote!(#errors #schema)
        }
        None => errors,
    }
}

fn schema(input: &Input, sound: bool) -> TokenStream {
    let (attributes, vis, name, krate) = (&input.attributes, &input.vis, &input.name, &input.krate);
    let parts = quote!(#krate::declare::parts);
    let part = |item: &Item| match item {
        Item::Table(path) => {
            let ty = &path.tokens;
            quote_spanned!(path.span=> <#ty as #krate::declare::BackupTable>::PART)
        }
        Item::Schema(path) => {
            let other = &path.tokens;
            quote_spanned!(path.span=> #parts::Part::Schema(&#other))
        }
    };
    let items = input.items.iter().map(|listed| {
        let (conditions, part) = (&listed.conditions, part(&listed.item));
        quote!(#conditions #part)
    });
    // one item for each, so that every table with a mistake is reported, at its name
    let checks = input.items.iter().map(|listed| {
        let span = listed.item.path().span;
        let (conditions, part) = (&listed.conditions, part(&listed.item));
        let krate = krate::at(krate, span);
        quote_spanned!(span=> #conditions const _: () = #krate::declare::parts::check_references(#part, &SORTED, &NUMBERS, &OTHERS);)
    });
    let of_all = krate::at(krate, name.span());
    let of_all = quote_spanned! {name.span()=>
        #[allow(long_running_const_eval)]
        const _: () = {
            #of_all::declare::parts::check_names::<{ N + M }>(&GIVEN, &OTHERS);
            #of_all::declare::parts::check_order(GIVEN)
        };
    };
    let checks = sound.then(|| quote!(#of_all #(#checks)*));
    let embed = (sound && input.embed).then(|| {
        let id = name.to_string();
        quote! {
            const ID: &str = ::core::concat!(::core::module_path!(), "::", #id);
            const LEN: usize = #krate::declare::embed::len(ID, &SORTED, &OTHERS);
            #[allow(long_running_const_eval)]
            #[used]
            static EMBEDDED: [u8; LEN] = #krate::declare::embed::bytes(ID, &SORTED, &OTHERS);
        }
    });
    quote! {
        #attributes
        #[allow(long_running_const_eval)]
        #vis static #name: #krate::BackupSchema = {
            const PARTS: &[#parts::Part] = &[#(#items),*];
            const N: usize = #parts::count(PARTS);
            const GIVEN: [&'static #krate::TableDef; N] = #parts::collect(PARTS);
            #[allow(long_running_const_eval)]
            const SORTED: [&'static #krate::TableDef; N] = #parts::ordered(GIVEN);
            #[allow(long_running_const_eval)]
            const NUMBERS: [u64; N] = #parts::numbers(&SORTED);
            const M: usize = #parts::count_other(PARTS);
            const OTHERS: [&'static #krate::TableDef; M] = #parts::collect_other(PARTS);
            const OTHER_TABLES: [#krate::TableDef; M] = #parts::copied(&OTHERS);
            const TABLES: [#krate::TableDef; N] = #parts::copied(&SORTED);
            #checks
            #embed
            #krate::BackupSchema {
                tables: ::std::borrow::Cow::Borrowed(&TABLES),
                other_tables: ::std::borrow::Cow::Borrowed(&OTHER_TABLES),
            }
        };
    }
}
