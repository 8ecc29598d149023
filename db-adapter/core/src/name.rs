//! Names of tables and columns: parsed once, always quoted.
//! Never folds the case of a name and never asks a database whether it exists.

use std::fmt;

/// The name of a table, with the schema when one was given.
///
/// ```
/// use db_adapter_core::TableName;
///
/// let table = TableName::parse(r#"auth."user""#)?;
/// assert_eq!(table.schema.as_deref(), Some("auth"));
/// assert_eq!(table.quoted(), r#""auth"."user""#);
/// # Ok::<(), db_adapter_core::NameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema, or `None` to leave it to the connection's default.
    pub schema: Option<String>,
    /// The table's own name, exactly as the database spells it.
    pub name: String,
}

impl TableName {
    /// Parses `name` or `schema.name`, each part bare or double-quoted (`""` is a quote inside).
    ///
    /// The case is kept exactly: `Users` is the table `"Users"`, not `users`.
    pub fn parse(text: &str) -> Result<TableName, NameError> {
        if text.trim().is_empty() {
            return Err(NameError::new(
                "the name of a table is empty",
                "write `table` or `schema.table`",
            ));
        }
        if text.contains('\0') {
            return Err(NameError::new(
                format!("{} contains a NUL byte", shown(text)),
                "names cannot hold NUL bytes; remove it",
            ));
        }
        let (first, rest) = identifier_of(text, text)?;
        if rest.is_empty() {
            return Ok(TableName {
                schema: None,
                name: first,
            });
        }
        let (second, rest) = identifier_of(after_dot(rest, text)?, text)?;
        if rest.is_empty() {
            return Ok(TableName {
                schema: Some(first),
                name: second,
            });
        }
        after_dot(rest, text)?;
        Err(NameError::new(
            format!("{} has more than two parts", shown(text)),
            "write `table` or `schema.table`, without the database; quote a part that contains a dot",
        ))
    }

    /// The name as SQL, always quoted: `"schema"."name"`.
    pub fn quoted(&self) -> String {
        let mut sql = String::with_capacity(self.name.len() + 8);
        self.push_quoted(&mut sql);
        sql
    }

    /// Appends the name as SQL, always quoted.
    pub fn push_quoted(&self, sql: &mut String) {
        if let Some(schema) = &self.schema {
            push_quoted(sql, schema);
            sql.push('.');
        }
        push_quoted(sql, &self.name);
    }
}

/// Writes a form that [`TableName::parse`] reads back: parts are quoted only where they must be.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write_part(f, schema)?;
            f.write_str(".")?;
        }
        write_part(f, &self.name)
    }
}

impl std::str::FromStr for TableName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        TableName::parse(text)
    }
}

/// Why a text is not a name, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    message: String,
    hint: &'static str,
}

impl NameError {
    fn new(message: impl Into<String>, hint: &'static str) -> NameError {
        NameError {
            message: message.into(),
            hint,
        }
    }

    /// What is wrong, in lower case and without a full stop.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    pub fn hint(&self) -> &str {
        self.hint
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; hint: {}", self.message, self.hint)
    }
}

impl std::error::Error for NameError {}

/// The identifier in double quotes, as PostgreSQL and SQLite both read it.
pub fn quote_ident(name: &str) -> String {
    let mut sql = String::with_capacity(name.len() + 2);
    push_quoted(&mut sql, name);
    sql
}

/// Appends the identifier in double quotes; a quote inside is doubled.
pub fn push_quoted(sql: &mut String, name: &str) {
    sql.push('"');
    if name.as_bytes().contains(&b'"') {
        sql.push_str(&name.replace('"', "\"\""));
    } else {
        sql.push_str(name);
    }
    sql.push('"');
}

/// Reads the identifier, bare or double-quoted, at the very start of `input`.
///
/// Returns it unquoted with what follows it, or `None` when there is none: no leading blanks are
/// skipped, and an empty or unterminated quoted identifier or one with a NUL byte is none.
pub fn parse_identifier(input: &str) -> Option<(String, &str)> {
    match input.strip_prefix('"') {
        Some(inside) => parse_quoted(inside),
        None => {
            let (bare, rest) = input.split_at(bare_len(input));
            (!bare.is_empty()).then(|| (bare.to_owned(), rest))
        }
    }
}

fn parse_quoted(mut inside: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    loop {
        let (part, rest) = inside.split_once('"')?;
        name.push_str(part);
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                inside = more;
            }
            None if name.is_empty() || name.contains('\0') => return None,
            None => return Some((name, rest)),
        }
    }
}

/// The length in bytes of the bare identifier at the start, 0 without one.
fn bare_len(input: &str) -> usize {
    let mut chars = input.char_indices();
    match chars.next() {
        Some((_, first)) if first == '_' || first.is_alphabetic() => {}
        _ => return 0,
    }
    chars
        .find(|&(_, c)| !(c == '_' || c == '$' || c.is_alphanumeric()))
        .map_or(input.len(), |(at, _)| at)
}

fn identifier_of<'a>(input: &'a str, whole: &str) -> Result<(String, &'a str), NameError> {
    parse_identifier(input).ok_or_else(|| not_a_name(whole))
}

fn after_dot<'a>(rest: &'a str, whole: &str) -> Result<&'a str, NameError> {
    rest.strip_prefix('.').ok_or_else(|| not_a_name(whole))
}

fn not_a_name(text: &str) -> NameError {
    NameError::new(
        format!("{} is not the name of a table", shown(text)),
        "use letters, digits and `_`, or put each part in double quotes",
    )
}

/// The text for a message: in backticks, escaped, and cut when it is long.
fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut chars = text.chars();
    let mut out = String::from("`");
    for c in chars.by_ref().take(MOST) {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out.push('`');
    out
}

fn write_part(f: &mut fmt::Formatter<'_>, part: &str) -> fmt::Result {
    if !part.is_empty() && bare_len(part) == part.len() {
        f.write_str(part)
    } else {
        f.write_str(&quote_ident(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Option<(Option<String>, String)> {
        TableName::parse(text).ok().map(|t| (t.schema, t.name))
    }

    #[test]
    fn names_and_schemas_keep_their_case() {
        assert_eq!(parts("Users"), Some((None, "Users".into())));
        assert_eq!(
            parts("auth.users"),
            Some((Some("auth".into()), "users".into()))
        );
        assert_eq!(parts("größe.$x"), None);
        assert_eq!(
            parts("größe.x$1"),
            Some((Some("größe".into()), "x$1".into()))
        );
    }

    #[test]
    fn quoted_parts_hold_anything() {
        assert_eq!(
            parts(r#""a.b"."c""d""#),
            Some((Some("a.b".into()), "c\"d".into()))
        );
        assert_eq!(parts(r#""select""#), Some((None, "select".into())));
    }

    #[test]
    fn what_is_no_name_is_refused_with_a_hint() {
        for text in [
            "",
            " ",
            "a.",
            ".a",
            "a b",
            "a; drop table b",
            "1a",
            "\"\"",
            "\"a",
            "a\"b\"",
            "a.b.",
            "a\0b",
            "\"a\0\"",
            "a..b",
            "users--",
        ] {
            let error = TableName::parse(text).unwrap_err();
            assert!(
                !error.message().ends_with('.') && !error.hint().is_empty(),
                "{error}"
            );
        }
        let error = TableName::parse("db.public.users").unwrap_err();
        assert!(
            error
                .message()
                .contains("`db.public.users` has more than two parts")
        );
    }

    #[test]
    fn long_names_are_cut_in_messages() {
        let error = TableName::parse(&"ä ".repeat(10_000)).unwrap_err();
        assert!(error.message().chars().count() < 140);
    }

    #[test]
    fn identifiers_are_read_with_what_follows() {
        assert_eq!(parse_identifier("abc, d"), Some(("abc".into(), ", d")));
        assert_eq!(parse_identifier(r#""a"" b"x"#), Some(("a\" b".into(), "x")));
        assert_eq!(parse_identifier(" a"), None);
    }

    #[test]
    fn quoting_doubles_quotes() {
        assert_eq!(quote_ident("a\"b"), "\"a\"\"b\"");
        assert_eq!(TableName::parse("s.t").unwrap().quoted(), "\"s\".\"t\"");
    }

    proptest! {
        #[test]
        fn display_parses_back(schema in proptest::option::of("[^\0]{1,12}"), name in "[^\0]{1,12}") {
            let table = TableName { schema, name };
            prop_assert_eq!(TableName::parse(&table.to_string()), Ok(table.clone()));
            prop_assert_eq!(TableName::parse(&table.quoted()), Ok(table));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC*|[a\".\0 ]*") {
            if let Ok(table) = TableName::parse(&text) {
                prop_assert_eq!(TableName::parse(&table.to_string()), Ok(table));
            }
        }
    }
}
