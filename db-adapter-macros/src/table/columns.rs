//! The fields of a struct as columns, and what stands in `#[db_adapter(..)]` of a field.

use super::values;
use crate::cursor::Cursor;
use crate::errors::{Errors, hint};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Field, Ident, Meta, Type};

/// One field.
pub(crate) struct Column {
    pub(crate) ident: Ident,
    /// The field's name, without `r#`.
    pub(crate) field: String,
    /// The column's name.
    pub(crate) column: String,
    pub(crate) ty: Type,
    /// The SQL type that the attribute says, as PostgreSQL writes it.
    pub(crate) sql: Option<String>,
    /// The same as it is written, with all that it says.
    pub(crate) own_type: Option<String>,
    /// What is wrong with it.
    mistaken_type: Option<(Span, db_adapter_core::Notice)>,
    /// No column at all.
    pub(crate) skip: bool,
    /// The database fills it.
    pub(crate) default: bool,
}

const KEYS: &[&str] = &["name", "type", "skip", "default"];

impl Column {
    pub(crate) fn read(field: &Field, errors: &mut Errors) -> Option<Column> {
        let ident = field.ident.clone()?;
        let name = ident.unraw().to_string();
        let mut column = Column {
            field: name.clone(),
            column: name,
            ty: field.ty.clone(),
            sql: None,
            own_type: None,
            mistaken_type: None,
            skip: false,
            default: false,
            ident,
        };
        let mut given: Vec<String> = Vec::new();
        for attribute in &field.attrs {
            let Some((tokens, end)) = helper(attribute, &["db_adapter", "column"], errors) else {
                continue;
            };
            let items = Cursor::new(tokens, end)
                .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
            for item in items {
                column.read_item(item, &mut given, errors);
            }
        }
        if column.skip && given.len() > 1 {
            errors.add(
                column.ident.span(),
                format_args!("`{}` is skipped, so that its other options have no effect; hint: remove `skip` or the others", column.field),
            );
        }
        Some(column)
    }

    fn read_item(&mut self, mut item: Cursor, given: &mut Vec<String>, errors: &mut Errors) {
        let start = item.span();
        let word = item.ident().map(|word| word.unraw().to_string());
        let Some(word) = word.filter(|word| KEYS.contains(&word.as_str())) else {
            let word = item.clone().rest().to_string();
            let name = start.source_text().unwrap_or(word);
            let hint = hint(&name, KEYS.iter().copied());
            errors.add(
                start,
                format_args!("unknown option `{name}` of a field{hint}"),
            );
            return;
        };
        if given.contains(&word) {
            errors.add(
                start,
                format_args!("`{word}` is given twice; hint: remove one"),
            );
            return;
        }
        given.push(word.clone());
        let read = self.read_value(&word, &mut item, start);
        if let Some((at, wrong)) = self.mistaken_type.take() {
            self.sql = Some(String::new()); // known to be given: one mistake is one error
            errors.add(at, wrong);
        }
        if let Err(wrong) = read {
            let form = match word.as_str() {
                "name" => "name = \"column\"",
                "type" => "type = \"uuid\"",
                "skip" => "skip",
                _ => "default",
            };
            errors.add(
                wrong.span,
                format_args!("{}; hint: write `{form}`", wrong.message),
            );
        }
    }

    fn read_value(
        &mut self,
        word: &str,
        item: &mut Cursor,
        start: Span,
    ) -> Result<(), values::Wrong> {
        match word {
            "skip" => self.skip = true,
            "default" => self.default = true,
            _ => {
                if !item.take("=") || item.is_done() {
                    return Err(values::Wrong {
                        span: start,
                        message: format!("`{word}` has no value"),
                    });
                }
                let (text, at) = values::text(item)?;
                let wrong = (word == "type").then(|| db_adapter_core::sql_type::mistake(&text));
                if let Some(wrong) = wrong.flatten() {
                    self.mistaken_type = Some((at, wrong));
                    return values::end(item);
                }
                match word {
                    "name" => self.column = text,
                    _ => {
                        self.sql = Some(canonical_type(&text));
                        self.own_type = Some(text.trim().to_owned());
                    }
                }
            }
        }
        values::end(item)
    }

    /// The field as it stands in the source: `author_id: i64`.
    pub(crate) fn shown(&self) -> String {
        format!("{}: {}", self.field, type_text(&self.ty))
    }

    /// Whether the type is an `Option` by its name; aliases are seen by the compiler only.
    pub(crate) fn looks_optional(&self) -> bool {
        matches!(&self.ty, Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
    }

    /// Whether the type is one that is surely no alias of an `Option`.
    pub(crate) fn is_plain(&self) -> bool {
        const PLAIN: [&str; 8] = ["i16", "i32", "i64", "u32", "u64", "String", "Uuid", "Vec"];
        matches!(&self.ty, Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| PLAIN.iter().any(|name| segment.ident == name)))
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }

    pub(crate) fn type_span(&self) -> Span {
        self.ty.span()
    }
}

/// The type as one would write it.
pub(crate) fn type_text(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        ("[ ", "["),
        (" ]", "]"),
        (" ;", ";"),
    ] {
        text = text.replace(from, to);
    }
    text
}

fn canonical_type(text: &str) -> String {
    db_adapter_core::SqlType::parse_postgres(text.trim()).to_string()
}

/// The tokens in the parentheses of a helper attribute, if it is one.
pub(crate) fn helper(
    attribute: &Attribute,
    names: &[&str],
    errors: &mut Errors,
) -> Option<(TokenStream, Span)> {
    let path = attribute.path();
    let name = names.iter().find(|name| path.is_ident(name))?;
    match &attribute.meta {
        Meta::List(list) => Some((list.tokens.clone(), path.span())),
        _ => {
            errors.add(
                path.span(),
                format_args!("`{name}` wants options in parentheses; hint: write `#[{name}(..)]`"),
            );
            None
        }
    }
}
