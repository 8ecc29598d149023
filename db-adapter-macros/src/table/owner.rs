//! The rules about the owner of one declaration's rows, as far as one struct shows them.

use super::model::Model;
use super::values::ReferenceTokens;
use crate::errors::Errors;

pub(super) fn of_several_fields(tokens: &ReferenceTokens, errors: &mut Errors) {
    errors.add(
        tokens.span,
        "`owner` names several fields, and a user's id is one value; hint: name the one field that holds it, and make other references of it a `parent`",
    );
}

pub(super) fn of_itself(model: &Model, tokens: &ReferenceTokens, errors: &mut Errors) {
    let key = model.options.pk.as_deref();
    let key = match key {
        Some([only]) => only.text.as_str(),
        _ => "id",
    };
    errors.add(
        tokens.span,
        format_args!(
            "`{}` is its own owner; hint: write `user = {key}, match_by = pk`, so that its key is the user's id",
            model.struct_name()
        ),
    );
}

pub(super) fn and_user_exclude_each_other(model: &Model, errors: &mut Errors) {
    let options = &model.options;
    if let (Some(_), Some(at)) = (options.given_at("owner"), options.given_at("user")) {
        errors.add(
            at,
            "`owner` and `user` are both given, and a row has one owner; hint: remove `user`: the field of `owner` names the user already",
        );
    }
}
