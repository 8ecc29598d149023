//! Calls of functions that are known to change the session, by their names.

use super::block::content;
use super::footprint::{begins_with_any, is_escaped_name, mentions};
use super::{Statement, StatementKind};
use crate::lexer::{Kind, Token};

/// What changes what a session holds until it ends or is told otherwise; unlocking takes what is
/// another's, and a slot may be one of the session.
const LASTING: &[&str] = &[
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "pg_advisory_unlock",
    "pg_advisory_unlock_shared",
    "pg_advisory_unlock_all",
    "pg_create_logical_replication_slot",
    "pg_create_physical_replication_slot",
    "pg_copy_logical_replication_slot",
    "pg_copy_physical_replication_slot",
    "pg_replication_origin_session_setup",
    "pg_replication_origin_session_reset",
    "dblink_connect",
    "dblink_connect_u",
    "setseed",
    "set_limit",
];

/// How the names of functions begin that run a text as SQL, here and not elsewhere.
const RUNNING: &[&str] = &[
    "query_to_xml",
    "ts_stat",
    "ts_rewrite",
    "crosstab",
    "connectby",
    "xpath_table",
];

/// Texts in texts that are looked into.
const DEEPEST_TEXT: usize = 4;

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
    /// third argument is the word `true`, the advisory locks of sessions and a few others.
    pub(super) fn session_call(self, depth: usize) -> Option<&'a str> {
        match self.runs_expressions() {
            true => self
                .known_call()
                .or_else(|| self.unseen_text(depth))
                .or_else(|| self.temporary_path()),
            false => None,
        }
    }

    /// The name of a function that runs a text, unless the text is all there to be read and leaves the session
    /// alone: no pieces that are put together, no escapes, no parameter, no other call.
    fn unseen_text(self, depth: usize) -> Option<&'a str> {
        let mut calls = self.placed().filter_map(|placed| {
            let name = placed.before[0].filter(|_| placed.token.is_symbol("("))?;
            begins_with_any(&name, RUNNING).then_some((name, placed))
        });
        calls.find_map(|(name, open)| {
            let inside = self.starting_at(&open.token).tokens().skip(1);
            let mut inside = inside.take_while(|token| !token.is_symbol(")"));
            let mut behind_text = false;
            let is_read = inside.all(|token| match token.kind {
                // one that goes on with the one before
                Kind::String(_) if std::mem::replace(&mut behind_text, true) => false,
                Kind::String(_) => content(&token).is_some_and(|text| {
                    let text = Statement { text, ..self };
                    depth < DEEPEST_TEXT && text.change_at(depth + 1).is_none()
                }),
                Kind::Number => true,
                // a column has any text in it
                Kind::Word => token.is_any(&["true", "false", "null", "text", "tsquery"]),
                _ => {
                    behind_text = false;
                    token.is_symbol(",") || token.is_symbol("::")
                }
            });
            (!is_read).then_some(name.text)
        })
    }

    /// A name that can be read only by its escapes: it may be the name of anything.
    pub(super) fn escaped_name(self) -> Option<&'a str> {
        let mut tokens = self.tokens();
        let found = tokens.find(is_escaped_name);
        found.map(|token| token.text)
    }

    /// A local `set_config` by which what is made next would be temporary.
    pub(super) fn temporary_path(self) -> Option<&'a str> {
        let sets = self.tokens().find(|token| token.names("set_config"))?;
        let names = |token: Token<'_>| {
            matches!(token.kind, Kind::String(_))
                && (mentions(&token, "pg_temp") || content(&token).is_none())
        };
        self.tokens().any(names).then_some(sets.text)
    }

    /// The same as [`Statement::session_call`], whatever it is that calls.
    pub(super) fn known_call(self) -> Option<&'a str> {
        let mut levels = [Level::default(); DEEPEST];
        let mut depth = 0_usize;
        let mut before: Option<Token<'a>> = None;
        for token in self.tokens() {
            if token.is_symbol("(") {
                if let Some(level) = levels.get_mut(depth) {
                    level.value = Value::Other;
                }
                let called = before.filter(|name| matches!(name.kind, Kind::Word | Kind::Name));
                if let Some(name) = called.filter(|name| is_lasting(name)) {
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

/// A name that is written with escapes may be any.
fn is_lasting(name: &Token<'_>) -> bool {
    is_escaped_name(name) || LASTING.iter().any(|known| name.names(known))
}
