//! The statements of SQL text: where one ends, what it begins with, and which are refused because
//! they end or begin transactions.

use super::lexer::{Kind, Lexer, Token};
use crate::{Error, Result};
use db_adapter_core::schema::SqlDialect;

/// The first word of a statement in upper case, behind comments.
pub(crate) fn first_keyword(sql: &str, flavor: SqlDialect) -> String {
    match Lexer::new(sql, flavor).find(|t| t.kind != Kind::Semicolon) {
        Some(Token {
            kind: Kind::Word,
            range,
        }) => sql.get(range).unwrap_or_default().to_ascii_uppercase(),
        _ => String::new(),
    }
}

/// The statements of a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Script<'a> {
    pub(crate) statements: Vec<&'a str>,
}

/// Cuts a script into its statements. Bodies of triggers and of SQL functions, which have
/// semicolons of their own, stay whole.
pub(crate) fn split_script(sql: &str, flavor: SqlDialect) -> Script<'_> {
    let mut statements = Vec::new();
    let mut start = None;
    let mut body = Body::default();
    for token in Lexer::new(sql, flavor) {
        match token.kind {
            Kind::Semicolon if body.depth == 0 => {
                if let Some(start) = start.take() {
                    statements.push(sql.get(start..token.range.start).unwrap_or_default().trim());
                }
                body = Body::default();
            }
            kind => {
                if start.is_none() && kind != Kind::Semicolon {
                    // a parameter's range is that of its name
                    let colon = usize::from(kind == Kind::Parameter);
                    start = Some(token.range.start.saturating_sub(colon));
                }
                if kind == Kind::Word {
                    body.word(
                        &sql.get(token.range)
                            .unwrap_or_default()
                            .to_ascii_uppercase(),
                    );
                }
            }
        }
    }
    if let Some(start) = start {
        statements.push(sql.get(start..).unwrap_or_default().trim());
    }
    Script { statements }
}

/// How deep we are in the body of a `CREATE TRIGGER` or of a function in the SQL standard's form.
#[derive(Default)]
struct Body {
    words: usize,
    creates: bool,
    has_body: bool,
    depth: usize,
}

impl Body {
    fn word(&mut self, word: &str) {
        self.words += 1;
        match word {
            "CREATE" if self.words == 1 => self.creates = true,
            "TRIGGER" | "FUNCTION" | "PROCEDURE" if self.creates && self.words <= 5 => {
                self.has_body = true;
            }
            "BEGIN" | "CASE" if self.has_body => self.depth += 1,
            "END" if self.has_body => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// The one statement of a text.
///
/// # Errors
/// [`Error::InvalidQuery`] for none or several.
pub(crate) fn single_statement(sql: &str, flavor: SqlDialect) -> Result<&str> {
    match split_script(sql, flavor).statements.as_slice() {
        [] => Err(Error::invalid_query(
            "the SQL text is empty",
            "write one statement",
        )),
        [one] => Ok(one),
        many => Err(Error::invalid_query(
            format!("the SQL text has {} statements", many.len()),
            "use `.execute_script(..)` for many, in one transaction",
        )),
    }
}

/// Refuses statements that begin or end transactions: on a pooled connection they would leak into
/// the work of others, and inside of a transaction end it behind our back.
pub(crate) fn refuse_transaction_control(statement: &str, flavor: SqlDialect) -> Result<()> {
    let keyword = first_keyword(statement, flavor);
    let controls = matches!(
        keyword.as_str(),
        "BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "ABORT" | "START" | "SAVEPOINT" | "RELEASE"
    );
    let prepared = keyword == "PREPARE"
        && statement
            .split_whitespace()
            .nth(1)
            .is_some_and(|w| w.eq_ignore_ascii_case("transaction"));
    if controls || prepared {
        return Err(Error::invalid_query(
            format!(
                "`{keyword}` in SQL text would end or begin a transaction behind the client's back"
            ),
            "use `.begin()`, `.commit()`, `.rollback()`, or `.transaction(..)`; `.execute_script(..)` is one transaction by itself",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use SqlDialect::{Postgres, Sqlite};

    #[test]
    fn a_script_is_cut_at_its_semicolons_only() {
        let sql = "CREATE TABLE a (x text DEFAULT ';'); -- one; two\n INSERT INTO a VALUES ('b;c');;
            CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
            CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 1";
        let script = split_script(sql, Postgres);
        assert_eq!(script.statements.len(), 5, "{script:#?}");
        let sql = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN 1 THEN 2 END; DELETE FROM b; END; SELECT 1;";
        assert_eq!(split_script(sql, Sqlite).statements.len(), 2);
        assert_eq!(split_script(" ; -- nothing\n;", Sqlite).statements.len(), 0);
    }

    #[test]
    fn transaction_control_is_refused_wherever_it_hides() {
        for sql in [
            "BEGIN",
            " /* x */ commit",
            "-- c\nRollback to x",
            "START TRANSACTION",
            "PREPARE TRANSACTION 'x'",
            "end",
            "savepoint a",
        ] {
            assert!(refuse_transaction_control(sql, Postgres).is_err(), "{sql}");
        }
        for sql in [
            "SELECT 1",
            "PREPARE x AS SELECT 1",
            "CREATE TABLE commit (a int)",
            "\"begin\"",
        ] {
            assert!(refuse_transaction_control(sql, Postgres).is_ok(), "{sql}");
        }
    }

    #[test]
    fn any_text_is_cut_without_panic() {
        use proptest::prelude::*;
        proptest!(|(sql in "[ -~\\n'\"$:;/*\\-äß€\\[\\]`?@]{0,80}")| {
            for flavor in [Postgres, Sqlite] {
                split_script(&sql, flavor);
                first_keyword(&sql, flavor);
            }
        });
    }
}
