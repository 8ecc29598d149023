//! Whether the words of a statement prove that it leaves nothing in its session, and whether they show
//! that it talks to the client beside the protocol of rows. What is not known to be harmless is not.

use super::{Statement, StatementKind};
use crate::lexer::{Kind, Token};

/// What begins the statements that make, change or remove what all sessions see.
const PERMANENT: &[&str] = &[
    "create", "alter", "drop", "truncate", "comment", "grant", "revoke", "refresh", "reindex",
    "vacuum", "analyze", "analyse", "cluster", "security", "reassign", "import",
];

/// How the names of functions begin that run a text as SQL, or open a connection or a slot that may
/// last as long as the session.
const UNSEEN: &[&str] = &[
    "query_to_xml",
    "cursor_to_xml",
    "ts_stat",
    "ts_rewrite",
    "crosstab",
    "connectby",
    "xpath_table",
    "dblink",
    "pg_create_logical_replication_slot",
    "pg_create_physical_replication_slot",
    "pg_copy_logical_replication_slot",
    "pg_copy_physical_replication_slot",
];

impl<'a> Statement<'a> {
    /// Whether its words prove that it leaves the session of PostgreSQL as it was: nobody who gets
    /// the connection next can tell. `DO` and `CALL` are never proven. Functions, triggers and rules
    /// of the application are not looked into.
    ///
    /// ```
    /// use db_adapter_core::schema::SqlDialect;
    /// use db_adapter_core::statement::Statement;
    ///
    /// let proven = |sql| Statement::new(sql, SqlDialect::Postgres).leaves_session_alone();
    /// assert!(proven("UPDATE t SET a = 1"));
    /// assert!(!proven("CREATE TEMP TABLE t (a int)"));
    /// ```
    pub fn leaves_session_alone(self) -> bool {
        if !self.is_postgres() {
            return true;
        }
        let statement = self.executed();
        let known = match statement.kind() {
            StatementKind::Session | StatementKind::Call | StatementKind::Pragma => false,
            StatementKind::Schema => statement.changes_permanent(),
            _ => true,
        };
        known && !statement.has_unseen() && statement.session_change().is_none()
    }

    /// `COPY .. FROM STDIN`, `COPY .. TO STDOUT`: the data of it travels outside of rows and
    /// parameters.
    pub fn copies_with_client(self) -> bool {
        if self.kind() != StatementKind::Copy || !self.is_postgres() {
            return false;
        }
        // the options behind it and the query inside of it may have such words as well
        let ends = |placed: &super::Placed<'_>| {
            placed.depth == 0 && (placed.follows("from") || placed.follows("to"))
        };
        let end = self.placed().find(ends);
        end.is_some_and(|end| end.token.is_any(&["stdin", "stdout"]))
    }

    fn changes_permanent(self) -> bool {
        let mut head = self.tokens().filter(|token| !token.is_symbol(";"));
        let known = head.next().is_some_and(|word| word.is_any(PERMANENT));
        // an extension loads its library
        known && !head.next().is_some_and(|word| word.is("extension"))
    }

    /// Whether it calls what runs a text, may mean the schema of temporary tables, or has a name
    /// that can be read only by its escapes.
    fn has_unseen(self) -> bool {
        let mut tokens = self.tokens();
        self.call_of_text().is_some()
            || tokens.any(|token| mentions(&token, "pg_temp") || is_escaped_name(&token))
    }

    /// The name of a function that it calls and that may run a text as SQL.
    pub(super) fn call_of_text(self) -> Option<&'a str> {
        self.placed().find_map(|placed| {
            let called = placed.before[0].filter(|_| placed.token.is_symbol("("));
            let called = called.filter(|name| begins_with_any(name, UNSEEN));
            called.map(|name| name.text)
        })
    }
}

/// Whether it is a name that begins with one of these.
pub(super) fn begins_with_any(token: &Token<'_>, beginnings: &[&str]) -> bool {
    let name = match token.kind {
        Kind::Word => token.text,
        Kind::Name => token.text.trim_matches('"'),
        _ => return false,
    };
    let begins = |beginning: &&str| {
        let head = name.get(..beginning.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(beginning))
    };
    beginnings.iter().any(begins)
}

/// Whether a name or a string contains a word, in any case.
pub(super) fn mentions(token: &Token<'_>, word: &str) -> bool {
    let is_text = matches!(token.kind, Kind::Word | Kind::Name | Kind::String(_));
    let mut windows = token.text.as_bytes().windows(word.len());
    is_text && windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// `U&"..."`.
pub(super) fn is_escaped_name(token: &Token<'_>) -> bool {
    token.kind == Kind::Name && token.text.starts_with(['u', 'U'])
}
