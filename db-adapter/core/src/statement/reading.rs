//! Whether a statement only reads.

use super::{Statement, StatementKind};

/// The pragmas that tell of the schema, and set nothing when they are given a name.
const TELLING: &[&str] = &[
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "database_list",
    "integrity_check",
    "quick_check",
];

/// The pragmas that tell what is the same on every connection, and set it when they are given a value.
const TELLING_ALONE: &[&str] = &[
    "application_id",
    "auto_vacuum",
    "compile_options",
    "encoding",
    "freelist_count",
    "function_list",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "schema_version",
    "user_version",
];

impl Statement<'_> {
    /// Whether it only reads, as far as its words tell: a function that it calls may write.
    pub fn only_reads(self) -> bool {
        let statement = self.executed();
        match statement.kind() {
            StatementKind::Empty | StatementKind::Show | StatementKind::Explain => true,
            StatementKind::Select => !statement.changes_rows_in_with(),
            StatementKind::Pragma => statement.is_telling_pragma(),
            _ => false,
        }
    }

    /// Whether what it gives depends on the session and not on its words: on the cursor, or on the statement that
    /// was prepared, which have the name now.
    pub fn is_of_session(self) -> bool {
        let keyword = self.keyword();
        ["fetch", "move", "execute"]
            .iter()
            .any(|known| keyword.eq_ignore_ascii_case(known))
    }

    /// Whether PostgreSQL looks up what it names when it is prepared. Of all others it reads the words alone, and
    /// looks up the names when they are run.
    pub fn is_planned(self) -> bool {
        matches!(
            self.kind(),
            StatementKind::Select
                | StatementKind::Insert
                | StatementKind::Update
                | StatementKind::Delete
                | StatementKind::Merge
        )
    }

    /// Whether it may call a function by its name, and so do anything: parentheses tell.
    pub fn may_call(self) -> bool {
        self.tokens().any(|token| token.is_symbol("("))
    }

    /// Whether it is a pragma that tells of the schema and sets nothing.
    pub(super) fn is_telling_pragma(self) -> bool {
        let mut tokens = self.tokens().filter(|token| !token.is_symbol(";"));
        if !tokens.next().is_some_and(|token| token.is("pragma")) {
            return false;
        }
        let (first, second) = (tokens.next(), tokens.next());
        let qualified = second.is_some_and(|token| token.is_symbol("."));
        let (name, value) = match qualified {
            true => (tokens.next(), tokens.next()),
            false => (first, second),
        };
        let is_of =
            |list: &[&str]| name.is_some_and(|name| list.iter().any(|known| name.names(known)));
        match value {
            None => is_of(TELLING) || is_of(TELLING_ALONE),
            Some(value) => is_of(TELLING) && !value.is_symbol("="),
        }
    }
}
