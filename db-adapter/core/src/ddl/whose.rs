//! For which database a file is written, by what only one of them can say. Never guesses: a file that both can read
//! is nobody's.

use super::SqlDialect;
use super::cursor::Cursor;
use super::split::split;

/// How statements begin that SQLite does not have.
const OF_POSTGRES: [&str; 34] = [
    "alter default privileges",
    "alter domain",
    "alter extension",
    "alter function",
    "alter index",
    "alter materialized view",
    "alter schema",
    "alter sequence",
    "alter table only",
    "alter type",
    "alter view",
    "comment on",
    "copy",
    "create aggregate",
    "create collation",
    "create constraint trigger",
    "create domain",
    "create extension",
    "create foreign",
    "create function",
    "create materialized view",
    "create or replace",
    "create policy",
    "create procedure",
    "create publication",
    "create role",
    "create schema",
    "create sequence",
    "create type",
    "create unlogged table",
    "do",
    "grant",
    "revoke",
    "set",
];

/// How statements begin that PostgreSQL does not have.
const OF_SQLITE: [&str; 2] = ["create virtual table", "pragma"];

/// The only dialect that a file can be of; `None` for one that may be either's.
///
/// ```
/// use db_adapter_core::ddl::{SqlDialect, dialect_of};
///
/// assert_eq!(dialect_of("CREATE TABLE t (id serial)"), Some(SqlDialect::Postgres));
/// assert_eq!(dialect_of("PRAGMA foreign_keys = ON"), Some(SqlDialect::Sqlite));
/// assert_eq!(dialect_of("CREATE TABLE t (id integer)"), None);
/// ```
pub fn dialect_of(sql: &str) -> Option<SqlDialect> {
    let (mut postgres, mut sqlite) = (false, false);
    for tokens in &split(sql, SqlDialect::Postgres).statements {
        let statement = Cursor::new(sql, tokens, SqlDialect::Postgres);
        let begins = |words: &&str| {
            let mut start = statement;
            start.eat(words)
        };
        postgres |= OF_POSTGRES.iter().any(&begins);
        sqlite |= OF_SQLITE.iter().any(begins);
        let is_table = statement.is("create") || statement.is("alter");
        for at in (0..tokens.len()).filter(|_| is_table) {
            let here = statement.moved_to(at);
            postgres |= here.symbol_at(0) == Some("::") || in_table_of_postgres(&here);
            sqlite |= here.is("autoincrement") || here.is("without") && here.is_at(1, "rowid");
        }
    }
    match (postgres, sqlite) {
        (true, false) => Some(SqlDialect::Postgres),
        (false, true) => Some(SqlDialect::Sqlite),
        _ => None,
    }
}

/// A type, or a part of ALTER TABLE, that SQLite does not have; a name may be such a word, but is not followed by
/// what follows a type.
fn in_table_of_postgres(here: &Cursor<'_>) -> bool {
    let serial = ["serial", "bigserial", "smallserial"];
    let ends_type = |ahead: usize| {
        let words = [
            "primary",
            "not",
            "unique",
            "references",
            "check",
            "constraint",
        ];
        matches!(here.symbol_at(ahead), Some("," | ")"))
            || words.iter().any(|w| here.is_at(ahead, w))
    };
    let is_type = here.at > 0 && here.is_any(&serial) && ends_type(1);
    let previous = here.at.checked_sub(1).map(|at| here.moved_to(at));
    let behind_name =
        previous.is_some_and(|before| !matches!(before.symbol_at(0), Some("," | "(")));
    let identity = here.is("as") && here.is_at(1, "identity");
    is_type && behind_name || identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_whom_only_it_can_be() {
        for (sql, of) in [
            (
                "CREATE TABLE t (id int, a text DEFAULT 'x'::text)",
                Some(SqlDialect::Postgres),
            ),
            (
                "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)",
                Some(SqlDialect::Postgres),
            ),
            (
                "SET search_path = a; CREATE TABLE t (id int)",
                Some(SqlDialect::Postgres),
            ),
            (
                "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)",
                Some(SqlDialect::Sqlite),
            ),
            (
                "CREATE TABLE t (id int PRIMARY KEY) WITHOUT ROWID",
                Some(SqlDialect::Sqlite),
            ),
            (
                "CREATE TABLE t (serial int, a text DEFAULT 'x::text')",
                None,
            ),
            ("CREATE TABLE t (id int, serial, b int)", None),
            (
                "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = 1; END",
                None,
            ),
            ("PRAGMA x; CREATE TYPE t AS ENUM ()", None),
            ("", None),
        ] {
            assert_eq!(dialect_of(sql), of, "{sql}");
        }
    }
}
