//! What only the compiler knows, checked in const evaluation: whether the types of a reference fit,
//! and whether an alias is an `Option`.

use super::columns::{Column, type_text};
use super::expand::{info, own_type, target_span, target_type};
use super::model::Model;
use super::validate::{Reference, Resolved};
use super::values::Target;
use crate::krate;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

fn shown_target(model: &Model, target: &Target) -> String {
    match target {
        Target::Type(path) if path.is_self => model.struct_name(),
        Target::Type(path) => path.text.clone(),
        Target::Table(name) => name.clone(),
    }
}

/// What the tokens do not show: an `Option` behind an alias.
fn nullability(model: &Model, reference: &Reference<'_>, out: &mut TokenStream) {
    let columns = || reference.fields.iter().map(|(column, _)| *column);
    match reference.tokens.key {
        "parent" => {
            for column in columns().filter(|column| !column.is_plain()) {
                let (shown, info, span) = (column.shown(), info(model, column), column.type_span());
                let krate = krate::at(&model.krate, span);
                out.extend(quote_spanned! {span=>
                    const _: () = #krate::declare::declared::check_required(#shown, #info);
                });
            }
        }
        "optional_ref" if !columns().any(Column::looks_optional) => {
            let Some(first) = columns().next() else {
                return;
            };
            let (shown, span) = (first.shown(), first.type_span());
            let ty = type_text(&first.ty);
            let krate = krate::at(&model.krate, span);
            let infos = columns().map(|column| info(model, column));
            out.extend(quote_spanned! {span=>
                const _: () = #krate::declare::declared::check_optional(#shown, #ty, &[#(#infos),*]);
            });
        }
        _ => {}
    }
}

/// Each check is an item of its own, so that all of them are reported, each at its field.
pub(super) fn expand(model: &Model, resolved: &Resolved<'_>) -> TokenStream {
    let mut out = TokenStream::new();
    for reference in &resolved.references {
        let Some(ty) = target_type(model, &reference.tokens.target) else {
            continue;
        };
        let krate = &model.krate;
        let named = reference.fields.iter().any(|(_, to)| to.is_some());
        if !named {
            let given = reference.fields.len();
            let span = target_span(&reference.tokens.target);
            let krate = krate::at(krate, span);
            out.extend(quote_spanned! {span=>
                const _: () = #krate::declare::declared::check_arity(
                    #given, <#ty as #krate::declare::BackupTable>::DEF);
            });
        }
        nullability(model, reference, &mut out);
        for (position, (column, to)) in reference.fields.iter().enumerate() {
            let (shown, info) = (column.shown(), info(model, column));
            let to = match to {
                Some(to) => {
                    let name = &to.text;
                    let parent = shown_target(model, &reference.tokens.target);
                    let krate = krate::at(krate, to.span);
                    out.extend(quote_spanned! {to.span=>
                        const _: () = #krate::declare::declared::check_field(
                            #parent, <#ty as #krate::declare::BackupTable>::FIELDS, #name);
                    });
                    quote!(::core::option::Option::Some(#name))
                }
                None => quote!(::core::option::Option::None),
            };
            let declared = own_type(model, column).is_some();
            let krate = krate::at(krate, column.type_span());
            out.extend(quote_spanned! {column.type_span()=>
                const _: () = #krate::declare::declared::check_type(
                    #krate::declare::Reference {
                        shown: #shown, info: #info, declared: #declared, position: #position, to: #to,
                    },
                    <#ty as #krate::declare::BackupTable>::DEF,
                    <#ty as #krate::declare::BackupTable>::FIELDS,
                );
            });
        }
    }
    out
}
