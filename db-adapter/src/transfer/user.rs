//! Whose rows a backup or a restore is about, as far as it can be said without a database. Pure.

use crate::{Error, Result, Value};

/// Refuses a user id that is empty or blank: it would be that of nobody, and the rows of a whole
/// restore would be nobody's.
pub(crate) fn check(user_id: &Value) -> Result<()> {
    let is_blank = match user_id {
        Value::Text(text) => text.trim().is_empty(),
        Value::Json(json) => json.as_str().trim_matches('"').trim().is_empty(),
        _ => false,
    };
    match is_blank {
        true => Err(Error::invalid_query(
            "the user id is empty or blank",
            "pass the id of the user whose rows are meant",
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_something_in_it() {
        for id in ["", " ", "\t\n", "\u{a0}"] {
            assert!(check(&Value::from(id)).is_err(), "{id:?}");
        }
        for id in [
            Value::from("ann"),
            Value::from(" ann"),
            Value::from(0),
            Value::Null,
        ] {
            assert!(check(&id).is_ok(), "{id:?}");
        }
    }
}
