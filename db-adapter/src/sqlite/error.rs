//! SQLite's result codes as our errors. Of its messages only names are kept: they may quote
//! values of rows and literals of statements.

use db_adapter_core::TableName;
use db_adapter_core::lexer::{Kind, Lexer};
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::Statement;

use crate::error::{InvalidValue, Raised, ServerText, Violation};
use crate::query::SqlFilter;
use crate::sql::misnamed;
use crate::{Error, Result};

/// What the operation was about, for what SQLite does not tell.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) table: Option<&'a TableName>,
    /// The keys of an upsert.
    pub(super) keys: &'a [String],
    /// The filters that are written out in the caller's text.
    pub(super) filters: &'a [SqlFilter],
    /// The database, for messages.
    pub(super) target: &'a str,
}

impl Context<'_> {
    fn table(&self) -> Option<String> {
        self.table.map(ToString::to_string)
    }
}

/// An error of SQLite as ours.
pub(super) fn translate(error: &rusqlite::Error, context: &Context<'_>) -> Error {
    let Some(code) = code(error) else {
        return match error {
            rusqlite::Error::MultipleStatement => Error::invalid_query(
                "the SQL text has several statements",
                "use `.execute_script(..)` for many, in one transaction",
            ),
            rusqlite::Error::Utf8Error(..) => {
                Error::conversion("a name in the schema is no valid UTF-8")
            }
            _ => Error::internal("SQLite was called in a way that it does not take"),
        };
    };
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => from_code(code, message, context),
        rusqlite::Error::SqlInputError {
            msg, sql, offset, ..
        } if is_syntax_error(code, msg) => syntax_error(msg, sql, usize::try_from(*offset).ok()),
        rusqlite::Error::SqlInputError { msg, .. } => from_code(code, msg, context),
        _ => from_code(code, "", context),
    }
}

/// Without the name of a column that the caller's text does not have: the words of a full-text query are taken for
/// columns, and are a value.
pub(super) fn of_text(error: Error, text: &str) -> Error {
    let Error::UndefinedColumn { column, .. } = &error else {
        return error;
    };
    let mut tokens = Statement::new(text, SqlDialect::Sqlite).tokens();
    let is_there = tokens.any(|token| {
        let name = token.text.trim_matches(['"', '`', '[', ']']);
        matches!(token.kind, Kind::Word | Kind::Name) && name.eq_ignore_ascii_case(column)
    });
    match is_there {
        true => error,
        false => Error::invalid_query(
            "a column that the statement needs does not exist",
            "look at the views and triggers that it uses; the words of a full-text query belong in quotes: `\"a-b\"`",
        ),
    }
}

fn is_syntax_error(code: i32, message: &str) -> bool {
    let of_text = message.contains("syntax error") || message.starts_with("incomplete input");
    code == 1 && of_text
}

/// The word at which the text cannot be read, where it can be no part of a value: a keyword, or what stands
/// before everything that is quoted. Behind a quote any word may be the rest of a value that was put into the
/// text by hand and has a quote in it.
fn syntax_error(message: &str, sql: &str, offset: Option<usize>) -> Error {
    let near = after(message, "near \"").and_then(|rest| rest.split_once('"'));
    let word = near.map(|(word, _)| word).filter(|word| is_name(word));
    let word = word.filter(|word| {
        let is_keyword = KEYWORDS
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known));
        is_keyword || offset.is_some_and(|offset| !is_quoted_before(sql, offset))
    });
    let place = word.map_or_else(String::new, |word| format!(" near `{word}`"));
    Error::invalid_query(
        format!("the SQL text has a syntax error{place}"),
        "check the statement",
    )
}

/// Whether anything in quotes begins before this place.
fn is_quoted_before(sql: &str, offset: usize) -> bool {
    let mut before = Lexer::new(sql, SqlDialect::Sqlite).take_while(|token| token.start < offset);
    before.any(|token| matches!(token.kind, Kind::String(_) | Kind::Name))
}

/// Words that tell where a statement went wrong.
const KEYWORDS: &[&str] = &[
    "alter",
    "and",
    "as",
    "asc",
    "begin",
    "between",
    "by",
    "check",
    "commit",
    "conflict",
    "create",
    "default",
    "delete",
    "desc",
    "drop",
    "end",
    "except",
    "exists",
    "from",
    "group",
    "having",
    "in",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "references",
    "returning",
    "select",
    "set",
    "table",
    "then",
    "union",
    "update",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// SQLite's extended result code.
pub(super) fn code(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(error, _) | rusqlite::Error::SqlInputError { error, .. } => {
            Some(error.extended_code)
        }
        _ => None,
    }
}

fn from_code(code: i32, message: &str, context: &Context<'_>) -> Error {
    match code {
        1 => from_message(message, context),
        // SQLITE_BUSY_SNAPSHOT: what was read has changed meanwhile
        517 => Error::SerializationFailure {
            code: "SQLITE_BUSY_SNAPSHOT".to_owned(),
        },
        787 => Error::ForeignKeyViolation(Box::new(violation(context))),
        1299 => Error::NotNullViolation(Box::new(named(message, context))),
        1555 | 2067 | 2579 => Error::UniqueViolation(Box::new(named(message, context))),
        275 => Error::CheckViolation(Box::new(Violation {
            constraint: after(message, "CHECK constraint failed: ")
                .filter(|name| is_name(name))
                .map(str::to_owned),
            ..violation(context)
        })),
        // of RAISE alone: the message is the text that the trigger gives it
        1811 => Error::Raised(Box::new(Raised {
            code: code.to_string(),
            table: context.table(),
            text: ServerText::new(message),
        })),
        3091 | 20 => {
            let mut details = InvalidValue::new("it is of another type than the column stores");
            details.table = context.table();
            let column = message
                .rsplit_once(" column ")
                .map(|(_, name)| last_part(name));
            details.column = column.map(str::to_owned);
            details.into()
        }
        _ => from_primary(code, context),
    }
}

fn from_primary(code: i32, context: &Context<'_>) -> Error {
    let database = |message: &str| Error::Database {
        code: code.to_string(),
        message: message.to_owned(),
    };
    match code & 0xff {
        5 | 6 => Error::Timeout {
            what: "waiting for a lock that another connection holds".to_owned(),
        },
        9 => Error::Timeout {
            what: "the statement was interrupted".to_owned(),
        },
        8 => Error::ReadOnly {
            what: "the database or the transaction".to_owned(),
        },
        3 | 23 => Error::PermissionDenied {
            message: "the statement or the file is not accessible".to_owned(),
            raised: None,
        },
        10 => database("reading or writing the file failed"),
        11 => database("the file is damaged"),
        13 => database("the disk or the database is full"),
        17 => Error::SchemaChanged {
            table: context.table(),
        },
        18 => database("the value or the statement is too long"),
        19 => database("a constraint or a trigger refused the row"),
        14 => Error::connection(
            context.target,
            "the file cannot be opened",
            "look at its permissions and those of its folder",
        ),
        26 => Error::connection(
            context.target,
            "the file is no SQLite database",
            "name another one",
        ),
        _ => database("the statement failed"),
    }
}

/// Code 1 stands for everything that is wrong with a statement.
fn from_message(message: &str, context: &Context<'_>) -> Error {
    let column = |name: &str, table: Option<&str>| Error::UndefinedColumn {
        table: table.map(str::to_owned).or_else(|| context.table()),
        column: last_part(name).to_owned(),
        suggestion: None,
    };
    if let Some(table) = after(message, "no such table: ") {
        return Error::UndefinedTable {
            table: table.strip_prefix("main.").unwrap_or(table).to_owned(),
            suggestion: None,
        };
    }
    if let Some(name) = after(message, "no such column: ") {
        // `"x"` is followed by advice about quotes
        let name = name.split(" - ").next().unwrap_or(name);
        let filters = context.filters.iter();
        let filters = filters.map(|filter| (&*filter.name, filter.alias()));
        return misnamed(name, filters)
            .unwrap_or_else(|| column(name.trim_matches(['"', '`']), None));
    }
    if let Some((table, name)) = message.split_once(" has no column named ") {
        return column(name, after(table, "table "));
    }
    if message.starts_with("ON CONFLICT clause does not match") {
        return no_unique_index(context);
    }
    if message.contains("no transaction is active") || message.starts_with("no such savepoint") {
        return Error::TransactionAborted;
    }
    if is_syntax_error(1, message) {
        return syntax_error(message, "", None);
    }
    // the first comes from the text, the second from what is nested in an expression
    if ["parser stack overflow", "Expression tree is too large"]
        .iter()
        .any(|start| message.starts_with(start))
    {
        return Error::invalid_query(
            "the statement is nested more deeply than SQLite takes",
            "put conditions side by side, or ask for the inner rows first",
        );
    }
    let words = [
        ("unrecognized token", "the SQL text cannot be read"),
        ("no such function", "the SQL text calls an unknown function"),
        (
            "ambiguous column name",
            "a column of the SQL text could be of several tables",
        ),
        (
            "wrong number of arguments",
            "the SQL text calls a function with a wrong number of arguments",
        ),
        ("duplicate column name", "two columns have the same name"),
        (
            "too many SQL variables",
            "the statement has too many parameters",
        ),
        ("cannot modify", "a view cannot be written to"),
        ("too many terms", "the SQL text is too long"),
        (
            "misuse of aggregate",
            "an aggregate stands where none can be",
        ),
    ];
    let found = words.iter().find(|(start, _)| message.starts_with(start));
    if let Some((_, meaning)) = found {
        return Error::invalid_query(*meaning, "check the statement");
    }
    let meaning = if message.contains("already exists") {
        "it exists already"
    } else if message.starts_with("no such ") {
        "it does not exist"
    } else {
        "the statement failed"
    };
    Error::Database {
        code: "1".to_owned(),
        message: meaning.to_owned(),
    }
}

fn no_unique_index(context: &Context<'_>) -> Error {
    let table = context.table().unwrap_or_default();
    let columns = context.keys.join("`, `");
    Error::invalid_query(
        format!("there is no unique index or primary key on the columns `{columns}` of `{table}`"),
        "name the columns of a unique key, or create one",
    )
}

fn violation(context: &Context<'_>) -> Violation {
    Violation {
        table: context.table(),
        ..Violation::default()
    }
}

/// The table and the columns of `.. constraint failed: t.a, t.b`, or of an index of its own.
fn named(message: &str, context: &Context<'_>) -> Violation {
    let mut violation = violation(context);
    let Some((_, list)) = message.split_once(" constraint failed: ") else {
        return violation;
    };
    if let Some(index) = after(list, "index '") {
        violation.constraint = Some(index.trim_end_matches('\'').to_owned());
        return violation;
    }
    for name in list.split(", ") {
        if let Some((table, column)) = name.rsplit_once('.') {
            // a trigger may have written to another table
            let same = violation
                .table
                .as_deref()
                .is_some_and(|known| last_part(known).trim_matches('"') == table);
            if !same {
                violation.table = Some(table.to_owned());
            }
            violation.columns.push(column.to_owned());
        }
    }
    violation
}

fn after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start)
}

fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, name)| name)
}

/// A word that can be no value.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether what we knew of the tables may be out of date.
pub(super) fn is_stale(error: &Error) -> bool {
    match error {
        // a value that does not fit may fit the column as it is now
        Error::UndefinedTable { .. }
        | Error::UndefinedColumn { .. }
        | Error::InvalidValue(_)
        | Error::SchemaChanged { .. } => true,
        _ => false,
    }
}

/// Says which table, where an error of a value does not.
pub(super) fn in_table<T>(
    result: Result<T, InvalidValue>,
    table: &TableName,
    column: &str,
) -> Result<T> {
    result.map_err(|mut details| {
        details.table = Some(table.to_string());
        details.column = Some(column.to_owned());
        details.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_behind_a_quote_may_be_of_a_value() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE e (id INTEGER, v TEXT)")
            .unwrap();
        let said = |sql: &str| {
            let error = db.prepare(sql).unwrap_err();
            translate(&error, &Context::default()).to_string()
        };
        for sql in [
            "SELECT * FROM e WHERE v = 'O'Geheim'",
            "SELECT * FROM e WHERE v = 'a'Geheim'b'",
            "SELECT * FROM e WHERE v = 'a' Geheim 'b'",
            "SELECT * FROM e WHERE v = 'it's O''Geheim'",
            "SELECT * FROM e WHERE v = ''Geheim''",
            "SELECT * FROM e WHERE v = \"a\"Geheim\"",
            "UPDATE e SET v = 'don't Geheim me'",
            "INSERT INTO e VALUES (1, 'O'Geheim')",
        ] {
            let said = said(sql);
            assert!(!said.contains("Geheim"), "{sql}: {said}");
        }
        assert!(
            said("SELECT * FORM e").contains("near `FORM`")
                || said("SELECT * FORM e").contains("near `e`")
        );
        assert!(said("SELEC 1").contains("near `SELEC`"));
        assert!(said("INSERT INTO e VALUES (1, 'x') WHERE").contains("near `WHERE`"));
    }

    #[test]
    fn names_are_kept_and_values_are_not() {
        let (table, keys) = (TableName::parse("users").unwrap(), ["a".into(), "b".into()]);
        let context = Context {
            table: Some(&table),
            keys: &keys,
            filters: &[],
            target: "x.db",
        };
        let of = |code, message| from_code(code, message, &context);
        let unique = of(2067, "UNIQUE constraint failed: users.a, users.b");
        assert_eq!(unique.violation().unwrap().columns, ["a", "b"]);
        let other = of(1299, "NOT NULL constraint failed: log.at");
        assert_eq!(other.violation().unwrap().table.as_deref(), Some("log"));
        let raised = of(1811, "closed: secret");
        assert_eq!(raised.raised(), Some("closed: secret"));
        assert!(!format!("{raised} {raised:?} {raised:#?}").contains("secret"));
        let check = of(275, "CHECK constraint failed: secret <> 'x'");
        assert_eq!(check.violation().unwrap().constraint, None);
        for message in [
            "near \"'secret'\": syntax error",
            "unrecognized token: \"'secret\"",
            "some message about secret",
            "no such function: secret",
        ] {
            assert!(!of(1, message).to_string().contains("secret"), "{message}");
        }
        assert!(
            of(1, "near \"FROM\": syntax error")
                .to_string()
                .contains("FROM")
        );
        assert!(matches!(
            of(1, "no such column: \"x\" - should this be a string literal in single-quotes?"),
            Error::UndefinedColumn { column, .. } if column == "x"
        ));
        assert!(
            of(
                1,
                "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint"
            )
            .to_string()
            .contains("no unique index or primary key on the columns `a`, `b` of `users`")
        );
    }
}
