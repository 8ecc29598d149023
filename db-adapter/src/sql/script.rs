//! What a caller's text must be: one statement where one is run, and nothing that ends or begins
//! transactions.

use crate::{Error, Result};
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::{Statement, statements};

/// The one statement of a text.
///
/// # Errors
/// [`Error::InvalidQuery`] for none or several.
pub(crate) fn single_statement(sql: &str, flavor: SqlDialect) -> Result<Statement<'_>> {
    let mut found = statements(sql, flavor);
    let Some(one) = found.next() else {
        return Err(Error::invalid_query(
            "the SQL text is empty",
            "write one statement",
        ));
    };
    match found.count() {
        0 => Ok(one),
        more => Err(Error::invalid_query(
            format!("the SQL text has {} statements", more + 1),
            "use `.execute_script(..)` for many, in one transaction",
        )),
    }
}

/// Refuses statements that begin or end transactions: on a pooled connection they would leak into
/// the work of others, and inside of a transaction end it behind our back.
pub(crate) fn refuse_transaction_control(statement: Statement<'_>) -> Result<()> {
    match statement.transaction_control() {
        Some(word) => Err(Error::invalid_query(
            format!(
                "`{}` in SQL text would end or begin a transaction behind the client's back",
                word.to_ascii_uppercase()
            ),
            "use `.begin()`, `.commit()`, `.rollback()`, or `.transaction(..)`; `.execute_script(..)` is one transaction by itself",
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SqlDialect::{Postgres, Sqlite};

    #[test]
    fn one_statement_is_one_whatever_is_around_it() {
        let one = |sql| single_statement(sql, Sqlite).map(Statement::text);
        assert_eq!(one("; -- a\n SELECT ';' ; /* b */ ;"), Ok("SELECT ';'"));
        assert!(one(";;").unwrap_err().to_string().contains("empty"));
        let error = one("SELECT 1; SELECT 2; SELECT 3").unwrap_err();
        assert!(error.to_string().contains("3 statements"), "{error}");
    }

    #[test]
    fn transaction_control_is_refused_with_its_word() {
        let refused = |sql| refuse_transaction_control(Statement::new(sql, Postgres));
        let error = refused("/* a */ commit").unwrap_err().to_string();
        assert!(error.contains("`COMMIT`"), "{error}");
        let error = refused("PREPARE /* a */ TRANSACTION 'x'").unwrap_err();
        assert!(error.to_string().contains("`PREPARE`"), "{error}");
        assert_eq!(refused("PREPARE x AS SELECT 1"), Ok(()));
    }
}
