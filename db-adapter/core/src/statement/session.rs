//! Whether a statement changes what lasts as long as a session of PostgreSQL: behind a transaction
//! pooler the session is another client's next.

use super::footprint::mentions;
use super::{Placed, Statement, StatementKind};
use crate::lexer::Token;

/// The pragmas of SQLite that may be given a value: no later statement of the connection means anything else for
/// them. All others, also those that are not known here, would hold for whoever uses the connection next.
const HARMLESS: &[&str] = &[
    // the file keeps it
    "application_id",
    "auto_vacuum",
    "default_cache_size",
    "encoding",
    "page_size",
    "schema_version",
    "user_version",
    // done once
    "incremental_vacuum",
    "optimize",
    "shrink_memory",
    "wal_checkpoint",
    // the value says what is asked for
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    // how large the file may become: a write beyond it is an error
    "max_page_count",
    // until the end of the transaction
    "defer_foreign_keys",
    // how fast it is, or how much it keeps in memory
    "analysis_limit",
    "automatic_index",
    "cache_size",
    "cache_spill",
    "cell_size_check",
    "checkpoint_fullfsync",
    "fullfsync",
    "journal_size_limit",
    "mmap_size",
    "secure_delete",
    "soft_heap_limit",
    "threads",
    "wal_autocheckpoint",
];

impl<'a> Statement<'a> {
    /// The pragma of SQLite that this statement sets, where it would hold for whoever uses the
    /// connection next. A pragma that only asks is not meant. SQLite sets it while it reads the text, so
    /// that `EXPLAIN` before it changes nothing.
    pub fn connection_setting(self) -> Option<&'a str> {
        let passed = |token: &Token<'_>| token.is_any(&["explain", "query", "plan"]);
        let mut tokens = self
            .tokens()
            .filter(|token| !token.is_symbol(";"))
            .skip_while(passed);
        if self.is_postgres() || !tokens.next()?.is("pragma") {
            return None;
        }
        let mut name = tokens.next()?;
        let mut value = tokens.next()?;
        if value.is_symbol(".") {
            name = tokens.next()?;
            value = tokens.next()?;
        }
        let sets = value.is_symbol("=") || value.is_symbol("(");
        let harmless = HARMLESS.iter().any(|known| name.names(known));
        (sets && !harmless).then_some(name.text)
    }

    /// The word that changes the session, where this statement does so: `SET` (without `LOCAL`),
    /// `LISTEN`, `PREPARE` and their like, `DECLARE .. WITH HOLD`, what makes a temporary table
    /// that outlasts the transaction, calls of `set_config`, of the advisory locks of sessions and of
    /// a few other functions, and a `DO` block with any of these in it, with a text that it runs, or in another
    /// language than PL/pgSQL. A dialect without sessions
    /// that are shared has none.
    ///
    /// What functions and procedures do is not seen.
    pub fn session_change(self) -> Option<&'a str> {
        self.change_at(0)
    }

    /// The same in so many blocks.
    pub(super) fn change_at(self, depth: usize) -> Option<&'a str> {
        if !self.is_postgres() {
            return None;
        }
        let statement = self.executed();
        let changes = match statement.kind() {
            StatementKind::Set => {
                statement.outlasts_transaction() || statement.looks_into_temporary()
            }
            StatementKind::Session => true,
            StatementKind::Cursor => statement.holds_cursor(),
            StatementKind::SelectInto => {
                let into = statement.into_table();
                into.is_some_and(|into| into.makes_temporary())
            }
            StatementKind::Schema => {
                let creates = statement
                    .tokens()
                    .next()
                    .is_some_and(|word| word.is("create"));
                creates && statement.makes_temporary()
            }
            StatementKind::Call => return statement.block_change(depth),
            _ => false,
        };
        let word = changes.then(|| statement.keyword());
        word.or_else(|| statement.setting_written())
            .or_else(|| statement.session_call(depth))
            .or_else(|| statement.escaped_name())
    }

    /// `SET LOCAL search_path = pg_temp`: what is made then, is temporary.
    fn looks_into_temporary(self) -> bool {
        self.placed().any(|placed| {
            let first = placed.follows("to") || placed.follows_symbol("=");
            first && mentions(&placed.token, "pg_temp")
        })
    }

    /// `SET` and `RESET`, but `SET LOCAL`, `SET TRANSACTION` and `SET CONSTRAINTS`. These words are
    /// also allowed as the name of a setting, or as the first part of one: `SET local.x = 1`.
    fn outlasts_transaction(self) -> bool {
        let mut tokens = self.tokens();
        let sets = tokens.next().is_some_and(|token| token.is("set"));
        let local = tokens
            .next()
            .is_some_and(|token| token.is_any(&["local", "transaction", "constraints"]));
        let name = tokens
            .next()
            .is_none_or(|token| token.is("to") || token.is_symbol("=") || token.is_symbol("."));
        !(sets && local) || name
    }

    /// `DECLARE .. WITH HOLD FOR`.
    fn holds_cursor(self) -> bool {
        let head = self.placed().take_while(|placed| !placed.token.is("for"));
        let mut head = head.skip(2); // the cursor's name
        head.any(|placed| placed.token.is("hold") && placed.follows("with"))
    }

    /// Behind `CREATE` or `INTO`: a temporary table or its like, but one that goes with the
    /// transaction.
    fn makes_temporary(self) -> bool {
        let modifiers = ["or", "replace", "local", "global"];
        let mut words = self.tokens().skip(1);
        let first = words.find(|token| !token.is_any(&modifiers));
        let in_its_schema = |placed: Placed<'_>| {
            let schema = placed.before[0].is_some_and(|before| mentions(&before, "pg_temp"));
            schema && placed.token.is_symbol(".")
        };
        let temporary = first.is_some_and(|token| token.is_any(&["temp", "temporary"]))
            || self.placed().any(in_its_schema);
        let drops = |placed: Placed<'_>| {
            let [commit, on] = placed.before;
            let is = |token: Option<Token<'_>>, word| token.is_some_and(|token| token.is(word));
            placed.token.is("drop") && is(commit, "commit") && is(on, "on")
        };
        temporary && !self.placed().any(drops)
    }

    /// `UPDATE pg_settings` is `SET`.
    pub(super) fn setting_written(self) -> Option<&'a str> {
        if self.kind() != StatementKind::Update && !self.changes_rows_in_with() {
            return None;
        }
        let mut tokens = self.placed();
        let written = tokens.find(|placed| {
            let target = placed.follows("update") || placed.follows("only");
            placed.token.names("pg_settings") && (target || placed.follows_symbol("."))
        });
        written.map(|placed| placed.token.text)
    }
}
