//! `${NAME}` in the values of `db.toml`: replaced once, by what the environment says, as it is.
//! `$${` stands for `${`. Pure: who looks the names up decides where.

use crate::Result;

/// A piece of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// Why a value is no template, or `None` when it is one.
pub(crate) fn fault(text: &str) -> Option<&'static str> {
    pieces(text).err()
}

/// Whether the value needs the environment.
pub(crate) fn has_variables(text: &str) -> bool {
    pieces(text).is_ok_and(|pieces| {
        pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Variable(_)))
    })
}

/// The value with its variables filled in. `lookup` is told the name, and whether it is in the
/// login of a URL, between `://` and the last `@`.
pub(crate) fn expand(
    text: &str,
    mut lookup: impl FnMut(&str, bool) -> Result<String>,
) -> Result<String> {
    let Ok(pieces) = pieces(text) else {
        return Ok(text.to_owned()); // refused when the file was read
    };
    let last_at = pieces
        .iter()
        .rposition(|piece| matches!(piece, Piece::Text(text) if text.contains('@')));
    let mut expanded = String::with_capacity(text.len());
    let mut in_url = false;
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                in_url |= text.contains("://");
                expanded.push_str(text);
            }
            Piece::Variable(name) => {
                let in_login = in_url && last_at.is_some_and(|at| i < at);
                expanded.push_str(&lookup(name, in_login)?);
            }
        }
    }
    Ok(expanded)
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            pieces.push(Piece::Text(before));
            pieces.push(Piece::Text("${"));
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').ok_or("`${` without a `}`")?;
        if !is_variable_name(name) {
            return Err("`${}` around something that is no name of a variable");
        }
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Variable(name));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// A letter or `_`, then letters, digits and `_`.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> String {
        expand(text, |name, in_login| {
            Ok(format!("<{name}{}>", if in_login { "!" } else { "" }))
        })
        .unwrap()
    }

    #[test]
    fn variables_are_filled_in_once() {
        assert_eq!(expanded("a${B}c${D}"), "a<B>c<D>");
        assert_eq!(expanded("no variable, $5 {x} $"), "no variable, $5 {x} $");
        assert_eq!(expanded("a$${B}"), "a${B}");
        assert_eq!(expand("${A}", |_, _| Ok("${B}".into())).unwrap(), "${B}");
    }

    #[test]
    fn the_login_of_a_url_is_known() {
        assert_eq!(
            expanded("postgresql://${U}:${P}@${H}/${D}"),
            "postgresql://<U!>:<P!>@<H>/<D>"
        );
        assert_eq!(expanded("${URL}"), "<URL>");
        assert_eq!(expanded("postgresql://${HOST}/d"), "postgresql://<HOST>/d");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert_eq!(fault("${"), Some("`${` without a `}`"));
        assert!(fault("${}").is_some() && fault("${1A}").is_some() && fault("${A-B}").is_some());
        assert_eq!(fault("$${ ${A}"), None);
        assert!(has_variables("x${A}") && !has_variables("x$${A}"));
    }
}
