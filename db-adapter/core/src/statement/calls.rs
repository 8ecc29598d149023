//! Calls of functions that are known to change the session, by their names.

use super::{Statement, StatementKind};
use crate::lexer::{Kind, Token};

/// What a session holds until it ends or is told otherwise; unlocking takes what is another's.
const LOCKS: &[&str] = &[
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "pg_advisory_unlock",
    "pg_advisory_unlock_shared",
    "pg_advisory_unlock_all",
];

/// Nobody nests calls deeper by hand; a call that is deeper is not proven to be local.
const DEEPEST: usize = 64;

/// The parentheses that are open, and what is known of the arguments in them.
#[derive(Clone, Copy, Default)]
struct Level<'a> {
    /// The name of the function, where it is `set_config`.
    call: Option<&'a str>,
    argument: usize,
    value: Value,
}

/// An argument, as far as it has been read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Value {
    #[default]
    Empty,
    True,
    Other,
}

impl<'a> Statement<'a> {
    /// The name of a function that it calls and that changes the session: `set_config`, unless its
    /// third argument is the word `true`, and the advisory locks of sessions.
    pub(super) fn session_call(self) -> Option<&'a str> {
        if !self.runs_expressions() {
            return None;
        }
        let mut levels = [Level::default(); DEEPEST];
        let mut depth = 0_usize;
        let mut before: Option<Token<'a>> = None;
        for token in self.tokens() {
            if token.is_symbol("(") {
                if let Some(level) = levels.get_mut(depth) {
                    level.value = Value::Other;
                }
                let called = before.filter(|name| matches!(name.kind, Kind::Word | Kind::Name));
                if let Some(name) = called.filter(|name| is_lock(name)) {
                    return Some(name.text);
                }
                let call = called
                    .filter(|name| name.names("set_config"))
                    .map(|name| name.text);
                depth += 1;
                match levels.get_mut(depth) {
                    Some(level) => {
                        *level = Level {
                            call,
                            ..Level::default()
                        }
                    }
                    None if call.is_some() => return call,
                    None => {}
                }
            } else if token.is_symbol(")") {
                let level = levels.get(depth).copied().unwrap_or_default();
                if level.call.is_some() && !(level.argument == 2 && level.value == Value::True) {
                    return level.call;
                }
                depth = depth.saturating_sub(1);
            } else if let Some(level) = levels.get_mut(depth) {
                level.take(&token);
            }
            before = Some(token);
        }
        None
    }

    /// Whether what is called in it is called now, and not only named.
    fn runs_expressions(self) -> bool {
        match self.kind() {
            StatementKind::Select
            | StatementKind::SelectInto
            | StatementKind::Insert
            | StatementKind::Update
            | StatementKind::Delete
            | StatementKind::Merge
            | StatementKind::Copy
            | StatementKind::Call
            | StatementKind::Cursor => true,
            // `CREATE TABLE .. AS`, a default that fills a new column
            StatementKind::Schema => {
                let mut head = self.tokens().take(4);
                head.any(|token| token.is_any(&["table", "materialized"]))
            }
            _ => false,
        }
    }
}

impl Level<'_> {
    fn take(&mut self, token: &Token<'_>) {
        if token.is_symbol(",") {
            self.argument += 1;
            self.value = Value::Empty;
        } else if self.value == Value::Empty && is_true(token) {
            self.value = Value::True;
        } else {
            self.value = Value::Other;
        }
    }
}

fn is_true(token: &Token<'_>) -> bool {
    token.is("true") || matches!(token.text, "'true'" | "'t'" | "'on'" | "'yes'" | "'1'")
}

fn is_lock(name: &Token<'_>) -> bool {
    LOCKS.iter().any(|lock| name.names(lock))
}
