//! What is to be said, and what to do about it, as two things. Never takes a text apart.

use std::fmt;

/// A message and its hint.
///
/// Both are data: names in a message may contain any text, so that a hint cannot be found in it
/// afterwards. [`Display`](fmt::Display) shows both, `message; hint: what to do`.
///
/// ```
/// use db_adapter_core::Notice;
///
/// let notice = Notice::new("`orders` has no primary key").hint("add one");
/// assert_eq!(notice.hint.as_deref(), Some("add one"));
/// assert_eq!(notice.to_string(), "`orders` has no primary key; hint: add one");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Notice {
    /// What is wrong, or worth knowing.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Notice {
    /// A message without a hint.
    pub fn new(message: impl Into<String>) -> Notice {
        Notice {
            message: message.into(),
            hint: None,
        }
    }

    /// The same with what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Notice {
        Notice {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl From<String> for Notice {
    fn from(message: String) -> Notice {
        Notice::new(message)
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; hint: {hint}"),
            None => Ok(()),
        }
    }
}
