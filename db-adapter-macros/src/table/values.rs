//! The values of options: texts, names of fields, references.

use crate::cursor::{Cursor, PathTokens};
use crate::errors::Errors;
use proc_macro2::{Delimiter, Span};
use syn::ext::IdentExt;

/// A value that cannot be read.
pub(crate) struct Wrong {
    pub(crate) span: Span,
    pub(crate) message: String,
}

fn wrong<T>(at: &Cursor, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong {
        span: at.span(),
        message: message.into(),
    })
}

/// The name of a field or a column.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A name, or `none`.
pub(crate) enum Choice {
    Name(Name),
    None,
}

/// `parent = Author(author_id -> slug)`.
pub(crate) struct ReferenceTokens {
    /// `parent`, `optional_ref`, `external` or `owner`.
    pub(crate) key: &'static str,
    pub(crate) target: Target,
    pub(crate) fields: Vec<(Name, Option<Name>)>,
    pub(crate) span: Span,
}

/// What a reference refers to.
pub(crate) enum Target {
    Type(PathTokens),
    /// A table by its name, for references that may lead out of the backup.
    Table(String),
}

/// Nothing may follow a value.
pub(crate) fn end(item: &Cursor) -> Result<(), Wrong> {
    match item.is_done() {
        true => Ok(()),
        false => wrong(
            item,
            "unexpected text after the value, or a comma is missing before it",
        ),
    }
}

pub(crate) fn text(item: &mut Cursor) -> Result<(String, Span), Wrong> {
    match item.string() {
        Some((text, span)) if text.trim().is_empty() => Err(Wrong {
            span,
            message: "the name is empty".to_owned(),
        }),
        Some(text) => Ok(text),
        None => wrong(item, "expected a text in quotes"),
    }
}

pub(crate) fn name(item: &mut Cursor) -> Result<Name, Wrong> {
    if let Some(ident) = item.ident() {
        return Ok(Name {
            text: ident.unraw().to_string(),
            span: ident.span(),
        });
    }
    match item.string() {
        Some((text, span)) => Ok(Name { text, span }),
        None => wrong(item, "expected the name of a field"),
    }
}

pub(crate) fn names(item: &mut Cursor) -> Result<Vec<Name>, Wrong> {
    let Some(list) = item.group(Delimiter::Bracket) else {
        return Ok(vec![name(item)?]);
    };
    let mut comma = None;
    let items = Cursor::inside(&list).split_commas(|span| comma = Some(span));
    if let Some(span) = comma {
        let message = "a comma too many".to_owned();
        return Err(Wrong { span, message });
    }
    if items.is_empty() {
        return Err(Wrong {
            span: list.span(),
            message: "the list is empty".to_owned(),
        });
    }
    let read = |mut item: Cursor| {
        let name = name(&mut item)?;
        end(&item).map(|()| name)
    };
    items.into_iter().map(read).collect()
}

pub(crate) fn choice(item: &mut Cursor) -> Result<Choice, Wrong> {
    if item.is_ident("none") || item.is_ident("None") {
        item.next();
        return Ok(Choice::None);
    }
    name(item).map(Choice::Name)
}

pub(crate) fn word(item: &mut Cursor, wanted: &str) -> Result<bool, Wrong> {
    match item.is_ident(wanted) {
        true => Ok(item.next().is_some()),
        false => wrong(item, format!("expected `{wanted}`")),
    }
}

pub(crate) fn flag(item: &mut Cursor) -> Result<bool, Wrong> {
    for (word, value) in [("true", true), ("false", false)] {
        if item.is_ident(word) {
            item.next();
            return Ok(value);
        }
    }
    wrong(item, "expected `true` or `false`")
}

pub(crate) fn path(item: &mut Cursor) -> Result<PathTokens, Wrong> {
    match item.path() {
        Some(path) => Ok(path),
        None => wrong(item, "expected a path"),
    }
}

pub(crate) fn reference(
    item: &mut Cursor,
    key: &'static str,
    span: Span,
    errors: &mut Errors,
) -> Result<ReferenceTokens, Wrong> {
    let target = match item.string() {
        Some((table, _)) if may_lead_out(key) && !table.trim().is_empty() => Target::Table(table),
        Some((table, span)) => {
            let message = match key {
                key if may_lead_out(key) => "the name is empty".to_owned(),
                _ => format!("expected the struct of table `{table}`, not its name"),
            };
            return Err(Wrong { span, message });
        }
        None => match item.path() {
            Some(path) => Target::Type(path),
            None => return wrong(item, "expected the type of the table referred to"),
        },
    };
    if item.is_punct('<') {
        return wrong(item, "a table has no generics");
    }
    let Some(list) = item.group(Delimiter::Parenthesis) else {
        return wrong(item, "expected the referring field in parentheses");
    };
    let items = Cursor::inside(&list)
        .split_commas(|comma| errors.add(comma, "a comma too many; hint: remove it"));
    if items.is_empty() {
        return Err(Wrong {
            span: list.span(),
            message: "the parentheses are empty".to_owned(),
        });
    }
    let fields = items.into_iter().map(pair).collect::<Result<_, _>>()?;
    Ok(ReferenceTokens {
        key,
        target,
        fields,
        span,
    })
}

/// Whether the table need not be declared.
fn may_lead_out(key: &str) -> bool {
    matches!(key, "external" | "owner")
}

/// `field` or `field -> field of the parent`.
fn pair(mut item: Cursor) -> Result<(Name, Option<Name>), Wrong> {
    let field = name(&mut item)?;
    let to = match item.take("->") {
        true => Some(name(&mut item)?),
        false => None,
    };
    end(&item)?;
    Ok((field, to))
}
