//! The `:name` parameters of SQL text: where they stand, and which are bound.

use std::collections::HashMap;
use std::ops::Range;

use crate::{Error, Result};
use db_adapter_core::lexer::{Kind, Lexer};
use db_adapter_core::schema::SqlDialect;

/// SQL text cut at its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// The text between the parameters: one part more than there are parameters.
    pub(crate) parts: Vec<String>,
    /// For each parameter its position in `names`.
    pub(crate) uses: Vec<usize>,
    /// The distinct names, in the order of their first use: the positions of the binds.
    pub(crate) binds: Vec<usize>,
}

/// A bind, and the parameter that it became.
struct Place {
    bind: usize,
    used: Option<usize>,
}

/// Finds the parameters of a text, given the names that are bound.
///
/// `:name` is a parameter where it is bound. With `strict`, one that is not bound is an error
/// (for a query, and always where the database would take it for NULL); otherwise it is text.
///
/// # Errors
/// [`Error::InvalidQuery`] for a bind that the text does not use, one that it lacks, a name bound
/// twice, and parameters of the driver's own, which would collide with ours.
pub(crate) fn parameters(
    sql: &str,
    bound: &[&str],
    flavor: SqlDialect,
    strict: bool,
) -> Result<Parameters> {
    // by name, since a long list in a filter has thousands of them
    let mut places = HashMap::with_capacity(bound.len());
    for (bind, name) in bound.iter().enumerate() {
        let place = Place { bind, used: None };
        if places.insert(*name, place).is_some() {
            return Err(Error::invalid_query(
                format!("the parameter `:{name}` is bound twice"),
                "bind each name once",
            ));
        }
    }
    let mut found = Parameters {
        parts: Vec::new(),
        uses: Vec::new(),
        binds: Vec::new(),
    };
    let mut from = 0;
    for token in Lexer::new(sql, flavor) {
        if token.kind == Kind::Native {
            return Err(Error::invalid_query(
                native_parameter(token.text),
                "write `:name` and give it a value with `.bind(\"name\", value)`",
            ));
        }
        let Some(name) = token.parameter() else {
            continue;
        };
        let Some(place) = places.get_mut(name) else {
            if strict {
                return Err(Error::invalid_query(
                    format!("the parameter `:{name}` has no value"),
                    format!("add `.bind(\"{name}\", value)`"),
                ));
            }
            continue;
        };
        let used = *place.used.get_or_insert_with(|| {
            found.binds.push(place.bind);
            found.binds.len() - 1
        });
        found.uses.push(used);
        found.parts.push(part(sql, from..token.start)?.to_owned());
        from = token.end();
    }
    found.parts.push(part(sql, from..sql.len())?.to_owned());
    let is_unused = |name: &&&str| places.get(**name).is_some_and(|place| place.used.is_none());
    if let Some(name) = bound.iter().find(is_unused) {
        return Err(Error::invalid_query(
            format!("the value of `:{name}` is not used"),
            format!(
                "write `:{name}` in the statement, outside of strings and comments, or remove the bind"
            ),
        ));
    }
    Ok(found)
}

/// A part of a text between tokens; what was left out would change what the text does.
pub(super) fn part(sql: &str, range: Range<usize>) -> Result<&str> {
    sql.get(range)
        .ok_or_else(|| Error::internal("a token of an SQL text has no place in it"))
}

/// A database's own parameter. What is not the short word of one may be text of a user's, as `$$..` is on SQLite, and
/// is not repeated.
fn native_parameter(text: &str) -> String {
    let word = text.trim_start_matches(['$', '?', '@', '#']);
    let is_word = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match is_word && text.len() - word.len() == 1 && word.len() < 64 {
        true => format!("`{text}` is not a parameter here"),
        false => "a parameter of the database's own is not one here".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SqlDialect::{Postgres, Sqlite};

    fn names(sql: &str, bound: &[&str], flavor: SqlDialect) -> Result<Vec<String>> {
        let found = parameters(sql, bound, flavor, true)?;
        Ok(found
            .uses
            .iter()
            .map(|place| bound[found.binds[*place]].to_owned())
            .collect())
    }

    #[test]
    fn what_may_be_text_of_a_user_is_not_repeated() {
        for sql in ["SELECT $$secret77", "SELECT $x::secret(1)", "SELECT ?1"] {
            let error = names(sql, &[], Sqlite).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let error = names("SELECT $1", &[], Postgres).unwrap_err();
        assert!(error.to_string().contains("`$1`"), "{error}");
    }

    #[test]
    fn parameters_stand_outside_of_strings_comments_names_and_casts() {
        let sql = r#"SELECT ':a', ":a", E'\':a', $$ :a $$, $x$ :a $$ $x$, a::text -- :a
            /* :a /* :a */ :a */ WHERE x = :a AND y[1:a] = :b_2 AND z := :a"#;
        assert_eq!(
            names(sql, &["a", "b_2"], Postgres),
            Ok(vec!["a".into(), "b_2".into(), "a".into()])
        );
        let sql = "SELECT ':a', \":a\", `:a`, [:a] /* :a /* */ FROM t WHERE x = :a";
        assert_eq!(names(sql, &["a"], Sqlite), Ok(vec!["a".into()]));
    }

    #[test]
    fn the_text_around_parameters_is_kept() {
        let found = parameters("a = :x AND b = :y OR c = :x", &["y", "x"], Postgres, true).unwrap();
        assert_eq!(found.parts, ["a = ", " AND b = ", " OR c = ", ""]);
        assert_eq!((found.uses, found.binds), (vec![0, 1, 0], vec![1, 0]));
    }

    #[test]
    fn missing_unused_doubled_and_foreign_parameters_are_errors() {
        assert!(
            names("x = :a", &[], Postgres)
                .unwrap_err()
                .to_string()
                .contains(".bind(\"a\"")
        );
        assert!(
            names("x = 1", &["a"], Postgres)
                .unwrap_err()
                .to_string()
                .contains("not used")
        );
        assert!(
            names("x = :a", &["a", "a"], Postgres)
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(names("x = $1 AND y = :a", &["a"], Postgres).is_err());
        for foreign in ["x = ?", "x = ?1", "x = @a", "x = $a", "x = :1"] {
            assert!(names(foreign, &[], Sqlite).is_err(), "{foreign}");
        }
        // in DDL a colon is a colon
        assert!(parameters("SELECT '{}'::jsonb, :a", &[], Postgres, false).is_ok());
        assert!(names("SELECT doc ? 'k', $tag$ $1 $tag$", &[], Postgres).is_ok());
    }

    #[test]
    fn any_text_is_cut_without_panic() {
        use proptest::prelude::*;
        proptest!(|(sql in "[ -~\\n'\"$:;/*\\-äß€\\[\\]`?@]{0,80}")| {
            for flavor in [Postgres, Sqlite] {
                let _ = parameters(&sql, &["a"], flavor, true);
                let _ = parameters(&sql, &[], flavor, false);
            }
        });
    }
}
