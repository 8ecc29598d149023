//! Which statements reach outside of the database that they run in: databases, roles and settings of
//! the server, files. Knows words alone: what a function does when it is called is not seen.

use super::SqlDialect;
use crate::Notice;
use crate::lexer::{Lexer, Token};

/// Objects of the whole server.
const SHARED: [&str; 6] = [
    "database",
    "group",
    "role",
    "subscription",
    "tablespace",
    "user",
];

/// How many strings inside of one another are looked into.
const DEPTH: usize = 3;

/// Why the statement cannot run in a database that is to leave nothing behind.
pub(super) fn of(tokens: &[Token<'_>], dialect: SqlDialect) -> Option<Notice> {
    let what = match dialect {
        SqlDialect::Postgres => postgres(tokens),
        SqlDialect::Sqlite => sqlite(tokens),
    }?;
    Some(Notice {
        message: format!("this statement {what}"),
        hint: Some("keep it in a file of its own, which is not part of the schema".to_owned()),
    })
}

/// Whether rows follow.
pub(super) fn copies_in(tokens: &[Token<'_>]) -> bool {
    let from_stdin =
        |pair: &[Token<'_>]| matches!(pair, [from, stdin] if from.is("from") && stdin.is("stdin"));
    tokens.first().is_some_and(|token| token.is("copy")) && tokens.windows(2).any(from_stdin)
}

fn postgres(tokens: &[Token<'_>]) -> Option<&'static str> {
    let is = |place: usize, words: &[&str]| tokens.get(place).is_some_and(|t| t.is_any(words));
    let server = "changes something of the whole server";
    if is(0, &["create", "alter", "drop"]) && is(1, &SHARED) && !is(2, &["mapping"]) {
        return Some(server);
    }
    if is(0, &["alter"]) && is(1, &["system"]) {
        return Some(server);
    }
    if is(0, &["drop", "reassign"]) && is(1, &["owned"]) {
        return Some(server);
    }
    if is(0, &["comment"]) && is(2, &SHARED) {
        return Some(server);
    }
    if is(0, &["security"]) && tokens.windows(2).any(|pair| shared_object(pair, &SHARED)) {
        return Some(server);
    }
    if is(0, &["grant", "revoke"]) {
        let on_shared =
            |pair: &[Token<'_>]| shared_object(pair, &["database", "tablespace", "parameter"]);
        let membership = !tokens.iter().any(|token| token.is("on"));
        return (membership || tokens.windows(2).any(on_shared)).then_some(server);
    }
    if is(0, &["copy"]) && !copies_in(tokens) {
        return Some("copies from or to a file");
    }
    if is(0, &["prepare", "commit", "rollback"]) && is(1, &["transaction", "prepared"]) {
        let prepares = is(0, &["prepare"]) || is(1, &["prepared"]);
        return prepares.then_some("leaves a transaction open when the session ends");
    }
    if is(0, &["do"]) && names_shared(tokens, DEPTH) {
        return Some(server);
    }
    None
}

/// `ON DATABASE`, `ON ROLE`.
fn shared_object(pair: &[Token<'_>], kinds: &[&str]) -> bool {
    matches!(pair, [on, kind] if on.is("on") && kind.is_any(kinds))
}

/// Whether the strings of a block have the words of such a statement, in what they execute too.
fn names_shared(tokens: &[Token<'_>], depth: usize) -> bool {
    let mut bodies = tokens.iter().filter_map(Token::string);
    depth > 0
        && bodies.any(|body| {
            let inner = Lexer::new(&body, SqlDialect::Postgres).significant();
            let inner: Vec<Token<'_>> = inner.collect();
            let is_shared = |words: &[Token<'_>]| match words {
                [verb, object, after] => {
                    verb.is_any(&["create", "alter", "drop"])
                        && object.is_any(&SHARED)
                        && !after.is("mapping")
                }
                _ => false,
            };
            inner.windows(3).any(is_shared) || names_shared(&inner, depth - 1)
        })
}

fn sqlite(tokens: &[Token<'_>]) -> Option<&'static str> {
    let first = tokens.first()?;
    let writes_file = first.is("vacuum") && tokens.iter().any(|token| token.is("into"));
    let is_outside = first.is_any(&["attach", "detach"]) || writes_file;
    is_outside.then_some("opens another file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::Lexer;

    fn is_outside(text: &str, dialect: SqlDialect) -> bool {
        let tokens: Vec<Token<'_>> = Lexer::new(text, dialect).significant().collect();
        of(&tokens, dialect).is_some()
    }

    #[test]
    fn what_belongs_to_the_server_is_outside() {
        for text in [
            "CREATE DATABASE x",
            "drop role if exists x",
            "ALTER USER x SET search_path = a",
            "ALTER SYSTEM SET work_mem = 1",
            "COMMENT ON DATABASE x IS 'y'",
            "GRANT a TO b",
            "GRANT CONNECT ON DATABASE x TO y",
            "REVOKE ALL ON TABLESPACE x FROM y",
            "COPY t TO '/tmp/x'",
            "COPY t FROM PROGRAM 'x'",
            "COPY (SELECT 1) TO stdout",
            "PREPARE TRANSACTION 'x'",
            "COMMIT PREPARED 'x'",
            "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
            "DO $$ BEGIN EXECUTE 'create  role x'; END $$",
            "SECURITY LABEL FOR x ON ROLE y IS 'z'",
            "REASSIGN OWNED BY a TO b",
        ] {
            assert!(is_outside(text, SqlDialect::Postgres), "{text}");
        }
        for text in ["ATTACH 'x' AS y", "VACUUM INTO 'x'", "detach y"] {
            assert!(is_outside(text, SqlDialect::Sqlite), "{text}");
        }
    }

    #[test]
    fn what_belongs_to_the_database_is_not() {
        for text in [
            "CREATE TABLE database (role int)",
            "CREATE USER MAPPING FOR x SERVER y",
            "GRANT SELECT ON t TO x",
            "COMMENT ON TABLE role IS 'x'",
            "COPY t FROM stdin",
            "COMMIT",
            "ROLLBACK TO SAVEPOINT prepared",
            "PREPARE x AS SELECT 1",
            "DO $$ BEGIN CREATE TABLE x (); END $$",
            "ALTER TABLE x OWNER TO y",
        ] {
            assert!(!is_outside(text, SqlDialect::Postgres), "{text}");
        }
        assert!(!is_outside("VACUUM", SqlDialect::Sqlite));
    }
}
