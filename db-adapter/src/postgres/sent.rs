//! Text of the caller as the server has it, and the way back from a place in it to where the caller wrote
//! it. Pure.

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

/// Text of the caller as it was sent, with the way back to where the caller wrote it.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) text: String,
    pub(super) original: String,
    /// Where parts begin: in the sent text, in the original, in bytes.
    pub(super) parts: Vec<(usize, usize)>,
    /// The places of the parameters in the sent text, with their names.
    pub(super) params: Vec<(usize, String)>,
    /// The names of the parameters that the caller has given.
    pub(super) named: Vec<String>,
    /// The filters that are written out in it, and what their tables are called there.
    pub(super) filters: Vec<(String, String)>,
}

impl Sent {
    /// Whether a parameter is one that the caller has named, and not one of a filter.
    pub(super) fn is_callers(&self, name: &str) -> bool {
        self.named.iter().any(|named| named == name)
    }

    /// Text that was sent as it is.
    pub(super) fn verbatim(text: &str) -> Sent {
        Sent {
            text: text.to_owned(),
            original: text.to_owned(),
            parts: vec![(0, 0)],
            ..Sent::default()
        }
    }

    fn original_offset(&self, at: usize) -> usize {
        let part = self.parts.iter().rev().find(|(sent, _)| *sent <= at);
        let (sent, original) = part.copied().unwrap_or_default();
        let mut offset = (original + at - sent).min(self.original.len());
        while !self.original.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// The position of the error in the sent text, in bytes.
pub(super) fn offset(error: &PgDatabaseError, sent: &Sent) -> Option<usize> {
    match error.position()? {
        PgErrorPosition::Original(position) => sent
            .text
            .char_indices()
            .map(|(at, _)| at)
            .chain([sent.text.len()])
            .nth(position.checked_sub(1)?),
        PgErrorPosition::Internal { .. } => None,
    }
}

/// ` at line 2, column 5`, in the caller's text.
pub(super) fn place(error: &PgDatabaseError, sent: Option<&Sent>) -> String {
    let Some(sent) = sent else {
        return String::new();
    };
    let Some(before) =
        offset(error, sent).and_then(|at| sent.original.get(..sent.original_offset(at)))
    else {
        return String::new();
    };
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    format!(" at line {line}, column {}", last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_to_the_callers_text() {
        let sent = Sent {
            text: "SELECT $1 +* ä".into(),
            original: "SELECT :name +* ä".into(),
            parts: vec![(0, 0), (9, 12)],
            ..Sent::default()
        };
        assert_eq!(sent.original_offset(11), 14);
        assert_eq!(sent.original_offset(3), 3);
        assert_eq!(sent.original_offset(1000), sent.original.len());
    }
}
