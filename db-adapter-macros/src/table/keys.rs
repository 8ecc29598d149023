//! The rules about the keys of one declaration: what tells whether two rows are the same one.

use super::columns::Column;
use super::model::Model;
use super::validate::Resolved;
use super::values::Choice;
use crate::errors::Errors;

pub(super) fn key_and_match_by_exclude_each_other(model: &Model, errors: &mut Errors) {
    let options = &model.options;
    if let (Some(_), Some(at), true) = (
        options.given_at("key"),
        options.given_at("match_by"),
        options.match_by_pk,
    ) {
        errors.add(
            at,
            "`match_by = pk` and `key` are both given, and rows are found by one of them; hint: remove one",
        );
    }
}

pub(super) fn has_a_natural_key(model: &Model, resolved: &Resolved<'_>, errors: &mut Errors) {
    let options = &model.options;
    let tried = ["key", "match_by"]
        .iter()
        .any(|key| options.given_at(key).is_some());
    let slug = resolved.slug.is_some() || matches!(options.slug, Some(Choice::Name(_)));
    if slug || tried || options.not_backed_up || model.is_hollow() {
        return;
    }
    errors.add(
        model.span(),
        format_args!(
            "`{}` has no natural key, so that a restore cannot tell which rows are there already; hint: add `slug = field`, `key = [field, ..]`, or `match_by = pk` when the primary key means the same everywhere; `backup = false` leaves the table out of backups",
            model.struct_name(),
        ),
    );
}

/// What can be seen of `Option` in the tokens; aliases are left to the schema. A parent's fields have
/// a rule of their own, and the user is set by a restore.
pub(super) fn the_key_may_be_null(
    model: &Model,
    resolved: &Resolved<'_>,
    errors: &mut Errors,
) -> bool {
    let options = &model.options;
    if resolved.null_key || options.match_by_pk || options.not_backed_up {
        return false;
    }
    let key = match resolved.key.as_slice() {
        [] => resolved.slug.as_slice(),
        key => key,
    };
    let is_user = |column: &Column| {
        resolved
            .user
            .is_some_and(|user| user.column == column.column)
    };
    let mut told = false;
    for column in key.iter().filter(|c| c.looks_optional() && !is_user(c)) {
        told = true;
        errors.add(
            column.type_span(),
            format_args!("`{}` is in the natural key and may be NULL: a restore takes two rows with NULL in it for the same one; hint: take the `Option` away, name other fields as the `key`, or write `null_key = true` if no two rows have NULL in it", column.shown()),
        );
    }
    told
}

pub(super) fn a_key_has_each_field_once(model: &Model, errors: &mut Errors) {
    for names in [&model.options.pk, &model.options.key]
        .into_iter()
        .flatten()
    {
        for (i, name) in names.iter().enumerate() {
            if names.iter().take(i).any(|before| before.text == name.text) {
                errors.add(
                    name.span,
                    format_args!("`{}` stands twice in the key; hint: remove one", name.text),
                );
            }
        }
    }
}
