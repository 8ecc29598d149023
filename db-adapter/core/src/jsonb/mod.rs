//! The canonical text of a `jsonb` document, as PostgreSQL normalises it, and its refusals.
//! Never recurses, so that no document is too deep for a stack, and never goes through a float.

mod read;
#[cfg(test)]
mod tests;
mod write;

/// Arrays and objects in each other. PostgreSQL's limit depends on the size of its stack, and is
/// above this one with its default settings.
pub const MOST_DEPTH: usize = 5000;

/// Why PostgreSQL refuses a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is not a JSON document.
    Syntax,
    /// A string holds `\u0000`.
    Nul,
    /// A string holds half of a surrogate pair.
    Surrogate,
    /// A number is outside of the limits of `numeric`.
    Number,
    /// It is deeper than [`MOST_DEPTH`].
    Depth,
}

impl Fault {
    /// What is wrong, for a message.
    pub fn reason(self) -> &'static str {
        match self {
            Fault::Syntax => "the document is not valid JSON",
            Fault::Nul => "a string of the document holds `\\u0000`",
            Fault::Surrogate => "a string of the document holds half of a surrogate pair",
            Fault::Number => "a number of the document is out of range",
            Fault::Depth => "the document is nested more than 5000 levels deep",
        }
    }
}

/// The text that PostgreSQL prints for a `jsonb` column: of a key that is there twice the last
/// value, keys by their length and then by their bytes, numbers with the digits that `numeric`
/// prints, one blank behind each comma and colon.
///
/// # Errors
/// What PostgreSQL would refuse.
///
/// ```
/// use db_adapter_core::jsonb;
///
/// assert_eq!(
///     jsonb::canonical(r#"{"bb":1E5, "a":[ ], "a":"\u00e9"}"#).as_deref(),
///     Ok(r#"{"a": "é", "bb": 100000}"#),
/// );
/// assert_eq!(jsonb::canonical(r#""\u0000""#), Err(jsonb::Fault::Nul));
/// ```
pub fn canonical(text: &str) -> Result<String, Fault> {
    read::document(text).map(|document| write::document(&document))
}

/// Whether an object of the document has a key twice, so that `jsonb` would lose a value. Not where it is not JSON.
///
/// ```
/// use db_adapter_core::jsonb::repeats_a_key;
///
/// assert!(repeats_a_key(r#"[{"a": 1, "\u0061": 1}]"#));
/// assert!(!repeats_a_key(r#"{"a": {"a": 1}, "b": ["a", "a"]}"#));
/// ```
pub fn repeats_a_key(text: &str) -> bool {
    read::document(text).is_ok_and(|document| {
        document.nodes.iter().any(|node| match node {
            read::Node::Object(members) => write::in_order(members).len() < members.len(),
            _ => false,
        })
    })
}

/// Whether a text that is known to be JSON is nested too deeply for PostgreSQL.
pub fn is_too_deep(json: &str) -> bool {
    if json.len() <= MOST_DEPTH {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_DEPTH {
            return true;
        }
    }
    false
}
