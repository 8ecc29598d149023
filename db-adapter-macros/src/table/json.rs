//! The table's JSON for the program's file, up to its columns, in pieces: what the macro knows is one
//! literal after the other, and names of other tables are left to the compiler. The columns are
//! written by core.

use super::expand::target_type;
use super::model::Model;
use super::validate::{Reference, Resolved};
use super::values::Target;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

#[derive(Default)]
struct Pieces {
    list: Vec<TokenStream>,
    literal: String,
}

impl Pieces {
    fn text(&mut self, text: &str) {
        self.literal.push_str(text);
    }

    /// A JSON string.
    fn string(&mut self, text: &str) {
        self.text(&format!("\"{}\"", escaped(text)));
    }

    fn strings<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        self.text("[");
        for (i, text) in texts.enumerate() {
            self.text(if i > 0 { "," } else { "" });
            self.string(text);
        }
        self.text("]");
    }

    fn option(&mut self, key: &str, text: Option<&str>) {
        self.text(&format!(",\"{key}\":"));
        match text {
            Some(text) => self.string(text),
            None => self.text("null"),
        }
    }

    /// A piece that the compiler knows.
    fn known_later(&mut self, tokens: TokenStream) {
        self.close();
        self.list.push(tokens);
    }

    fn close(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.list.push(literal.to_token_stream());
        }
    }
}

/// The text as it stands in a JSON string.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

pub(super) fn expand(model: &Model, resolved: &Resolved<'_>) -> TokenStream {
    let mut pieces = Pieces::default();
    pieces.text("{\"name\":");
    pieces.string(&resolved.name);
    pieces.text(",\"pk\":");
    pieces.strings(resolved.pk.iter().map(|c| c.column.as_str()));
    pieces.option("slug_field", resolved.slug.map(|c| c.column.as_str()));
    match resolved.owner() {
        // its field names the user
        Some(owner) => {
            pieces.text(",\"owner\":");
            reference_json(model, owner, &mut pieces);
        }
        None => pieces.option("user_field", resolved.user.map(|c| c.column.as_str())),
    }
    if !resolved.key.is_empty() {
        pieces.text(",\"key\":");
        pieces.strings(resolved.key.iter().map(|c| c.column.as_str()));
    }
    if resolved.null_key {
        pieces.text(",\"null_key\":true");
    }
    if !resolved.renew.is_empty() {
        pieces.text(",\"renew\":");
        pieces.strings(resolved.renew.iter().map(|c| c.column.as_str()));
    }
    if model.options.match_by_pk {
        pieces.text(",\"match_by\":\"pk\"");
    }
    for (json, key) in [
        ("parents", "parent"),
        ("optional_refs", "optional_ref"),
        ("external", "external"),
    ] {
        let references: Vec<&Reference<'_>> = resolved
            .references
            .iter()
            .filter(|r| r.tokens.key == key)
            .collect();
        pieces.text(&format!(",\"{json}\":["));
        for (i, reference) in references.into_iter().enumerate() {
            pieces.text(if i > 0 { "," } else { "" });
            reference_json(model, reference, &mut pieces);
        }
        pieces.text("]");
    }
    if let Some((name, _)) = &model.options.renamed_from {
        pieces.option("renamed_from", Some(name));
    }
    pieces.text(",\"columns\":[");
    pieces.close();
    let (krate, ident, list) = (&model.krate, &model.ident, pieces.list);
    quote! {
        #krate::declare::backup::Prepared({
            const HEAD: &[&str] = &[#(#list),*];
            const FIELDS: &[#krate::declare::FieldDef] =
                <#ident as #krate::declare::BackupTable>::FIELDS;
            const BYTES: [u8; #krate::declare::embed::table_len(HEAD, FIELDS)] =
                #krate::declare::embed::table(HEAD, FIELDS);
            &BYTES
        })
    }
}

fn reference_json(model: &Model, reference: &Reference<'_>, pieces: &mut Pieces) {
    let target = &reference.tokens.target;
    pieces.text("{\"table\":\"");
    match (target, target_type(model, target)) {
        (Target::Table(name), _) => pieces.text(&escaped(name)),
        (_, ty) => {
            let krate = &model.krate;
            pieces.known_later(quote!(<#ty as #krate::declare::BackupTable>::JSON_NAME));
        }
    }
    pieces.text("\",\"field\":");
    pieces.strings(reference.fields.iter().map(|(c, _)| c.column.as_str()));
    let to: Vec<_> = reference.fields.iter().filter_map(|(_, to)| *to).collect();
    if !to.is_empty() {
        pieces.text(",\"references\":[");
        for (i, to) in to.into_iter().enumerate() {
            pieces.text(if i > 0 { ",\"" } else { "\"" });
            match target_type(model, target) {
                Some(ty) => {
                    let (krate, name) = (&model.krate, &to.text);
                    pieces.known_later(quote!(#krate::declare::declared::field_of(<#ty as #krate::declare::BackupTable>::FIELDS, #name).json_name));
                }
                None => pieces.text(&escaped(&to.text)),
            }
            pieces.text("\"");
        }
        pieces.text("]");
    }
    pieces.text("}");
}
