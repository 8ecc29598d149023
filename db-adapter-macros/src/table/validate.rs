//! The rules that one declaration must fulfil by itself, one function each, and what is left when
//! they do: columns instead of names. What needs other structs is checked in const evaluation.

use super::columns::Column;
use super::model::Model;
use super::values::{Choice, Name, ReferenceTokens, Target};
use super::{keys, owner};
use crate::errors::{Errors, hint};
use db_adapter_core::TableName;

/// The declaration with every name resolved.
pub(crate) struct Resolved<'a> {
    /// `name` or `schema.name`.
    pub(crate) name: String,
    pub(crate) pk: Vec<&'a Column>,
    pub(crate) slug: Option<&'a Column>,
    pub(crate) user: Option<&'a Column>,
    pub(crate) key: Vec<&'a Column>,
    /// Whether the natural key may be NULL, or it was told already that it may not.
    pub(crate) null_key: bool,
    pub(crate) renew: Vec<&'a Column>,
    pub(crate) references: Vec<Reference<'a>>,
}

impl<'a> Resolved<'a> {
    pub(crate) fn owner(&self) -> Option<&Reference<'a>> {
        let mut references = self.references.iter();
        references.find(|reference| reference.tokens.key == "owner")
    }
}

/// A reference with its fields.
pub(crate) struct Reference<'a> {
    pub(crate) tokens: &'a ReferenceTokens,
    pub(crate) fields: Vec<(&'a Column, Option<&'a Name>)>,
}

pub(crate) fn resolve<'a>(model: &'a Model, errors: &mut Errors) -> Resolved<'a> {
    let options = &model.options;
    let mut resolved = Resolved {
        name: table_name(model, errors),
        pk: primary_key(model, errors),
        slug: chosen(model, options.slug.as_ref(), "slug", errors),
        user: match options.given_at("owner") {
            None => chosen(model, options.user.as_ref(), "user_id", errors),
            Some(_) => None,
        },
        key: named(model, options.key.as_deref().unwrap_or_default(), errors),
        null_key: options.null_key,
        renew: named(model, options.renew.as_deref().unwrap_or_default(), errors),
        references: references(model, errors),
    };
    if let Some(owner) = resolved.owner() {
        resolved.user = owner.fields.first().map(|(column, _)| *column);
    }
    owner::and_user_exclude_each_other(model, errors);
    columns_are_distinct(model, errors);
    keys::key_and_match_by_exclude_each_other(model, errors);
    keys::has_a_natural_key(model, &resolved, errors);
    resolved.null_key |= keys::the_key_may_be_null(model, &resolved, errors);
    keys::a_key_has_each_field_once(model, errors);
    references_differ(&resolved, errors);
    resolved
}

/// The table's name, of the struct's when none is given.
fn table_name(model: &Model, errors: &mut Errors) -> String {
    let options = &model.options;
    let (name, span) = match &options.name {
        Some((name, span)) => (name.clone(), *span),
        None => (snake_case(&model.struct_name()), model.span()),
    };
    let mut parsed = match TableName::parse(&name) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.add(span, error);
            return name;
        }
    };
    if let Some((schema, at)) = &options.schema {
        if let Some(first) = &parsed.schema {
            errors.add(
                *at,
                format_args!("the name says schema `{first}` already; hint: remove one of them"),
            );
        }
        parsed.schema = Some(schema.clone());
    }
    parsed.to_string()
}

fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let starts = before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
            || before.is_some_and(|b| b.is_uppercase())
                && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && starts {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The column that a name means, by the field's name or the column's.
fn find<'a>(model: &'a Model, name: &str) -> Option<&'a Column> {
    let mut columns = model.columns();
    columns
        .find(|column| column.field == name)
        .or_else(|| model.columns().find(|column| column.column == name))
}

fn named<'a>(model: &'a Model, names: &[Name], errors: &mut Errors) -> Vec<&'a Column> {
    let mut found = Vec::new();
    for name in names {
        match find(model, &name.text) {
            Some(column) => found.push(column),
            None if model.is_hollow() => {}
            None => unknown(model, name, errors),
        }
    }
    found
}

fn unknown(model: &Model, name: &Name, errors: &mut Errors) {
    let (text, of) = (&name.text, model.struct_name());
    if model.fields.iter().any(|field| field.field == *text) {
        errors.add(
            name.span,
            format_args!("`{text}` of `{of}` is skipped and so no column; hint: remove its `#[db_adapter(skip)]`"),
        );
        return;
    }
    let hint = hint(text, model.columns().map(|column| column.field.as_str()));
    errors.add(
        name.span,
        format_args!("`{of}` has no field `{text}`{hint}"),
    );
}

fn primary_key<'a>(model: &'a Model, errors: &mut Errors) -> Vec<&'a Column> {
    if let Some(names) = &model.options.pk {
        return named(model, names, errors);
    }
    if model.options.given_at("pk").is_some() {
        return Vec::new(); // a value that could not be read
    }
    let found: Vec<&Column> = find(model, "id").into_iter().collect();
    if found.is_empty() && !model.is_hollow() && !model.options.not_backed_up {
        errors.add(
            model.span(),
            format_args!("`{}` has no field `id`; hint: say which is the primary key, `pk = field` or `pk = [field, field]`", model.struct_name()),
        );
    }
    found
}

/// What was chosen, or the default where such a field exists.
fn chosen<'a>(
    model: &'a Model,
    choice: Option<&Choice>,
    default: &str,
    errors: &mut Errors,
) -> Option<&'a Column> {
    match choice {
        Some(Choice::Name(name)) => named(model, std::slice::from_ref(name), errors).pop(),
        Some(Choice::None) => None,
        None => find(model, default),
    }
}

fn references<'a>(model: &'a Model, errors: &mut Errors) -> Vec<Reference<'a>> {
    let mut found = Vec::new();
    for tokens in &model.options.references {
        let mut fields = Vec::new();
        for (name, to) in &tokens.fields {
            if let Some(column) = named(model, std::slice::from_ref(name), errors).pop() {
                fields.push((column, to.as_ref()));
            }
        }
        let all = fields.len() == tokens.fields.len();
        let named_targets = fields.iter().filter(|(_, to)| to.is_some()).count();
        if named_targets > 0 && named_targets < fields.len() {
            errors.add(
                tokens.span,
                "some fields say which column they refer to and some do not; hint: write `field -> column` for each",
            );
        } else if let Target::Type(path) = &tokens.target
            && (path.is_self || path.text == model.struct_name())
            && matches!(tokens.key, "parent" | "owner")
        {
            match tokens.key {
                "owner" => owner::of_itself(model, tokens, errors),
                _ => own_parent(model, tokens, errors),
            }
        } else if tokens.key == "owner" && tokens.fields.len() > 1 {
            owner::of_several_fields(tokens, errors);
        } else if all {
            optional_where_it_must_be(tokens, &fields, errors);
            found.push(Reference { tokens, fields });
        }
    }
    found
}

fn own_parent(model: &Model, tokens: &ReferenceTokens, errors: &mut Errors) {
    let fields: Vec<&str> = tokens.fields.iter().map(|(n, _)| n.text.as_str()).collect();
    errors.add(
        tokens.span,
        format_args!(
            "`{}` is its own parent, so that no row could be the first; hint: write `optional_ref = Self({})`, on a field that is an `Option`",
            model.struct_name(),
            fields.join(", "),
        ),
    );
}

/// What can be seen of `Option` in the tokens; aliases are left to the compiler.
fn optional_where_it_must_be(
    tokens: &ReferenceTokens,
    fields: &[(&Column, Option<&Name>)],
    errors: &mut Errors,
) {
    for (column, _) in fields {
        if tokens.key == "parent" && column.looks_optional() {
            errors.add(
                column.type_span(),
                format_args!("`{}` may be NULL, but a row needs its parent; hint: write `optional_ref` instead of `parent`, or take the `Option` away", column.shown()),
            );
        }
    }
    let is_null = |(column, _): &(&Column, Option<&Name>)| column.looks_optional();
    let is_plain = |(column, _): &(&Column, Option<&Name>)| column.is_plain();
    if tokens.key == "optional_ref"
        && !fields.iter().any(is_null)
        && fields.iter().all(is_plain)
        && let Some((column, _)) = fields.first()
    {
        let ty = super::columns::type_text(&column.ty);
        errors.add(
            column.type_span(),
            format_args!("`{}` cannot be NULL, so that the reference is not optional; hint: write `Option<{ty}>`, or `parent` instead of `optional_ref`", column.shown()),
        );
    }
}

fn columns_are_distinct(model: &Model, errors: &mut Errors) {
    let columns: Vec<&Column> = model.columns().collect();
    for (i, column) in columns.iter().enumerate() {
        if column.column.trim().is_empty() || column.column.contains('\0') {
            errors.add(
                column.span(),
                format_args!(
                    "`{}` has no usable column name; hint: write `#[db_adapter(name = \"..\")]`",
                    column.field
                ),
            );
        }
        let before = columns.iter().take(i).find(|c| c.column == column.column);
        if let Some(before) = before {
            errors.add(
                column.span(),
                format_args!("`{}` and `{}` are the same column `{}`; hint: give one of them another name, or `#[db_adapter(skip)]`", before.field, column.field, column.column),
            );
        }
    }
}

fn references_differ(resolved: &Resolved<'_>, errors: &mut Errors) {
    let columns = |r: &Reference<'_>| -> Vec<String> {
        r.fields.iter().map(|(c, _)| c.column.clone()).collect()
    };
    let sorted = |r: &Reference<'_>| {
        let mut columns = columns(r);
        columns.sort();
        columns
    };
    for (i, reference) in resolved.references.iter().enumerate() {
        let before = resolved.references.iter().take(i);
        let mut same = before.filter(|before| sorted(before) == sorted(reference));
        if same.next().is_some() {
            errors.add(
                reference.tokens.span,
                format_args!("`{}` stands in two references; hint: name another field, or remove one of them", columns(reference).join("`, `")),
            );
        }
    }
}
