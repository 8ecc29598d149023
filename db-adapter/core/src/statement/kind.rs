//! What a statement is, by its first words.

use super::Statement;
use crate::lexer::Token;

/// The kinds of statements that something here has to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatementKind {
    /// There is no word.
    Empty,
    /// `SELECT`, `VALUES`, `TABLE`, or one of these in parentheses.
    Select,
    /// PostgreSQL's `SELECT .. INTO t`, which makes a table.
    SelectInto,
    /// `INSERT`, and SQLite's `REPLACE`.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `MERGE`.
    Merge,
    /// `COPY`.
    Copy,
    /// `SHOW`.
    Show,
    /// `EXPLAIN`, whether it runs the statement or not.
    Explain,
    /// `PRAGMA`.
    Pragma,
    /// `SET`, `RESET`.
    Set,
    /// `PREPARE`, `EXECUTE`, `DEALLOCATE`, `LISTEN`, `UNLISTEN`, `DISCARD`, `LOAD`.
    Session,
    /// `BEGIN`, `COMMIT`, `SAVEPOINT` and their like.
    Transaction,
    /// `CALL`, `DO`: code that is not seen.
    Call,
    /// `DECLARE`, `FETCH`, `MOVE`, `CLOSE`.
    Cursor,
    /// `NOTIFY`, `LOCK`, `CHECKPOINT`: nothing that a table or a row shows.
    Signal,
    /// `CREATE`, `ALTER`, `DROP` and all others.
    Schema,
}

const KINDS: &[(&str, StatementKind)] = &[
    ("SELECT", StatementKind::Select),
    ("VALUES", StatementKind::Select),
    ("TABLE", StatementKind::Select),
    ("INSERT", StatementKind::Insert),
    ("REPLACE", StatementKind::Insert),
    ("UPDATE", StatementKind::Update),
    ("DELETE", StatementKind::Delete),
    ("MERGE", StatementKind::Merge),
    ("COPY", StatementKind::Copy),
    ("SHOW", StatementKind::Show),
    ("EXPLAIN", StatementKind::Explain),
    ("PRAGMA", StatementKind::Pragma),
    ("SET", StatementKind::Set),
    ("RESET", StatementKind::Set),
    ("EXECUTE", StatementKind::Session),
    ("DEALLOCATE", StatementKind::Session),
    ("LISTEN", StatementKind::Session),
    ("UNLISTEN", StatementKind::Session),
    ("DISCARD", StatementKind::Session),
    ("LOAD", StatementKind::Session),
    ("CALL", StatementKind::Call),
    ("DO", StatementKind::Call),
    ("DECLARE", StatementKind::Cursor),
    ("FETCH", StatementKind::Cursor),
    ("MOVE", StatementKind::Cursor),
    ("CLOSE", StatementKind::Cursor),
    ("NOTIFY", StatementKind::Signal),
    ("LOCK", StatementKind::Signal),
    ("CHECKPOINT", StatementKind::Signal),
];

impl Statement<'_> {
    /// What it is. A statement behind `WITH` is the one that the `WITH` is for.
    pub fn kind(self) -> StatementKind {
        let mut tokens = self.tokens();
        // a text that begins with a parenthesis is a select
        let Some(first) = tokens.find(|token| !token.is_symbol("(") && !token.is_symbol(";"))
        else {
            return StatementKind::Empty;
        };
        if self.transaction_control().is_some() {
            return StatementKind::Transaction;
        }
        let verb = match first.is("with") {
            true => self.main_verb(),
            false => Some(first),
        };
        let known = verb.and_then(|verb| {
            let mut kinds = KINDS.iter();
            kinds.find(|(word, _)| verb.is(word)).map(|(_, kind)| *kind)
        });
        match known {
            Some(StatementKind::Select) if self.into_table().is_some() => StatementKind::SelectInto,
            Some(kind) => kind,
            None if first.is("prepare") => StatementKind::Session,
            None => StatementKind::Schema,
        }
    }

    /// The statement that is run when this one is: what `EXPLAIN ANALYZE` explains, else itself.
    pub(super) fn executed(self) -> Self {
        let mut statement = self;
        while let Some(explained) = statement.analyzed() {
            statement = explained;
        }
        statement
    }

    /// `EXPLAIN ANALYZE` and `EXPLAIN (ANALYZE)` run what they explain; SQLite's runs nothing.
    fn analyzed(self) -> Option<Self> {
        let mut tokens = self.tokens().peekable();
        tokens.next_if(|token| token.is("explain") && self.is_postgres())?;
        let mut analyzes = false;
        if tokens.next_if(|token| token.is_symbol("(")).is_some() {
            while let Some(token) = tokens.next().filter(|token| !token.is_symbol(")")) {
                if token.is_any(&["analyze", "analyse"]) {
                    analyzes = tokens.next_if(is_off).is_none();
                }
            }
        }
        while let Some(token) = tokens.next_if(|t| t.is_any(&["analyze", "analyse", "verbose"])) {
            analyzes |= !token.is("verbose");
        }
        let explained = tokens.next().filter(|_| analyzes)?;
        Some(self.starting_at(&explained))
    }

    /// The part from `INTO` on, of PostgreSQL's `SELECT .. INTO t`.
    pub(super) fn into_table(self) -> Option<Self> {
        let is_into = |placed: &super::Placed<'_>| {
            placed.is("into") && !placed.follows("insert") && !placed.follows("merge")
        };
        let into = self.placed().find(is_into).filter(|_| self.is_postgres())?;
        Some(self.starting_at(&into.token))
    }

    /// Whether the rows that it changes are counted by the database; others count what they read,
    /// or what they put into a new table.
    pub fn counts_rows(self) -> bool {
        self.kind() == StatementKind::Copy || self.changes_rows()
    }

    /// Whether it certainly changes rows and gives none.
    pub fn only_changes_rows(self) -> bool {
        let returns = |placed: super::Placed<'_>| placed.depth == 0 && placed.is("returning");
        self.changes_rows() && !self.placed().any(returns)
    }

    fn changes_rows(self) -> bool {
        use StatementKind::{Delete, Insert, Merge, Update};
        matches!(self.kind(), Insert | Update | Delete | Merge)
    }
}

/// What an option of `EXPLAIN` is turned off by.
fn is_off(value: &Token<'_>) -> bool {
    value.is_any(&["false", "off"]) || matches!(value.text, "0" | "'false'" | "'off'" | "'0'")
}
