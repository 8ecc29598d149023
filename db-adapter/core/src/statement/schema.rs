//! Whether a statement may change what names mean.

use super::{Statement, StatementKind};
use crate::lexer::{Kind, Token};

impl Statement<'_> {
    /// Whether it may change the schema, or which schema names are looked up in.
    ///
    /// What is not known to leave it alone may change it.
    pub fn may_change_schema(self) -> bool {
        let statement = self.executed();
        match statement.kind() {
            StatementKind::Select
            | StatementKind::Insert
            | StatementKind::Update
            | StatementKind::Delete
            | StatementKind::Merge
            | StatementKind::Explain => self.is_postgres() && statement.sets_path(),
            StatementKind::Empty
            | StatementKind::Copy
            | StatementKind::Show
            | StatementKind::Cursor
            | StatementKind::Signal => !self.is_postgres() || statement.sets_path(),
            StatementKind::Pragma => !statement.is_telling_pragma(),
            _ => true,
        }
    }

    /// Whether something in it, a string too, may be the setting that names are looked up by: an
    /// argument of `set_config`, a row of `pg_settings`.
    fn sets_path(self) -> bool {
        let is_setting =
            |token: &Token<'_>| token.names("set_config") || token.names("pg_settings");
        self.tokens().any(|token| {
            is_setting(&token) || (is_text(&token) && contains(token.text, "search_path"))
        })
    }
}

fn is_text(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Word | Kind::Name | Kind::String(_))
}

/// Whether a text contains a word in any case.
fn contains(text: &str, word: &str) -> bool {
    let mut windows = text.as_bytes().windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
