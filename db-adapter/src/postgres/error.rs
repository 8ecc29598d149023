//! From SQLSTATE codes to errors in our own words. The server's message and detail hold values
//! of rows, so neither is ever passed on: only codes, and names of tables, columns, constraints.

use db_adapter_core::{TableName, parse_identifier};
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use super::catalog::PgTable;
use super::error_connect::{authentication, setting, start_up};
use super::error_place::{is_of_value, parameter_at};
use super::error_words::{invalid_query, invalid_value, io_words, tls_words, words_of_class};
use super::failure::{Failure, is_notification};
use super::sent::{Sent, offset, place};
use crate::Error;
use crate::error::{InvalidValue, Raised, ServerText, Violation};
use crate::sql::misnamed;

/// What is known about where a failure happened.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) operation: &'static str,
    pub(super) table: Option<&'a PgTable>,
    pub(super) sent: Option<&'a Sent>,
    /// Host and port.
    pub(super) target: &'a str,
    /// Whether a write may have been done although the connection is lost.
    pub(super) may_have_written: bool,
}

/// Puts a failure into words.
pub(super) fn explain(failure: &Failure, context: Context<'_>) -> Error {
    match failure {
        Failure::Ours(error) => error.clone(),
        // the statement was done, and what it gave cannot be read
        Failure::Stale | Failure::Replaced if context.may_have_written => unknown(context),
        Failure::Stale | Failure::Replaced => schema_changed(context),
        // what was sent before may have been done
        Failure::Late if context.may_have_written => unknown(context),
        Failure::Late => Error::Timeout {
            what: format!("the {} was not sent to its end", context.operation),
        },
        failure if failure.is_changed_plan() || failure.is_changed_type() => {
            schema_changed(context)
        }
        failure if failure.is_forbidden_write() => Error::ReadOnly {
            what: "the transaction, which has written and was rolled back,".to_owned(),
        },
        failure if failure.is_lost() && context.may_have_written => unknown(context),
        Failure::Driver(error) => match failure.server() {
            Some(error) => of_server(error, context),
            None => of_driver(error, context.target),
        },
    }
}

fn unknown(context: Context<'_>) -> Error {
    Error::OutcomeUnknown {
        operation: context.operation.to_owned(),
    }
}

pub(super) fn schema_changed(context: Context<'_>) -> Error {
    Error::SchemaChanged {
        table: context.table.map(|table| table.name.to_string()),
    }
}

pub(super) fn of_driver(error: &sqlx::Error, target: &str) -> Error {
    match error {
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            let (message, hint) = tls_words(&error.to_string());
            Error::connection(target, message, hint)
        }
        // the system's resolver has no code of its own
        sqlx::Error::Io(error)
            if error.raw_os_error().is_none() && error.to_string().contains("lookup address") =>
        {
            Error::connection(
                target,
                "the name of the host is not known",
                "check the host in the URL and the name server",
            )
        }
        sqlx::Error::Io(error) => {
            let (message, hint) = io_words(error.kind());
            Error::connection(target, message, hint)
        }
        sqlx::Error::Tls(error) => {
            let (message, hint) = tls_words(&error.to_string());
            Error::connection(target, message, hint)
        }
        sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_) => Error::config(
            "the connection's settings cannot be used",
            "check the URL's parameters",
        ),
        error if is_notification(error) => Error::connection(
            target,
            "a notification came in place of the server's answer, since somebody listens in this session",
            "use `LISTEN` on a direct connection of its own, not in a function or through a pooler",
        ),
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => Error::connection(
            target,
            "the server's answer was not understood",
            "check that a PostgreSQL server listens there",
        ),
        // others come from decoding and from sqlx's own pool, and we use neither
        _ => Error::internal("the driver failed in a way that it has no reason to"),
    }
}

fn database(code: &str, message: &str) -> Error {
    Error::Database {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

fn of_server(error: &PgDatabaseError, context: Context<'_>) -> Error {
    let code = error.code();
    match code {
        "23505" => Error::UniqueViolation(violation(error, context)),
        "23503" | "23001" => Error::ForeignKeyViolation(violation(error, context)),
        "23502" => Error::NotNullViolation(violation(error, context)),
        "23514" | "23P01" => Error::CheckViolation(violation(error, context)),
        "25P02" => Error::TransactionAborted,
        "40001" | "40P01" => Error::SerializationFailure {
            code: code.to_owned(),
        },
        "40003" => unknown(context),
        _ if is_of_value(error, context) => {
            of_value(error, context, "the text is not a value of the type")
        }
        "42P01" => undefined_table(error, context),
        "42703" => Error::UndefinedColumn {
            table: context.table.map(|t| t.name.to_string()),
            column: name_at(error, context).unwrap_or_default(),
            suggestion: None,
        },
        "42501" => denied(context.table, raised(error)),
        "2200H" => Error::NoKeys {
            table: context.table.map(|t| t.name.to_string()),
            message: "a sequence has no number left".to_owned(),
            hint: Some("give it a larger type or limit: `ALTER SEQUENCE`".to_owned()),
        },
        "25006" => Error::ReadOnly {
            what: "the transaction or session".to_owned(),
        },
        "57014" => timeout("the statement was cancelled, by its time-out or on request"),
        "55P03" => timeout("the wait for a lock"),
        "28000" | "28P01" => authentication(context.target, code),
        "3D000" => Error::connection(
            context.target,
            "there is no database of this name",
            "check the name behind the last `/` of the URL, or create the database",
        ),
        "53300" => Error::connection(
            context.target,
            "the server has no connection left",
            "lower `max_connections` of the pools, or raise the server's",
        ),
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Error::connection(
            context.target,
            "the server ended the connection, or it is starting up or shutting down",
            "try again when it is up",
        ),
        "08P01" if context.operation == "connect" => start_up(error, context.target),
        "22023" | "42601" | "42602" | "42704" if context.operation == "connect" => {
            setting(error, context.target)
        }
        _ if code.starts_with("08") && is_fatal(error) => {
            Error::connection(context.target, "the connection was lost", "try again")
        }
        _ => of_class(error, context),
    }
}

/// The routines that look for the rows that `ON CONFLICT` means.
const ARBITERS: [&str; 2] = ["infer_arbiter_indexes", "ExecCheckIndexConstraints"];

fn of_class(error: &PgDatabaseError, context: Context<'_>) -> Error {
    let code = error.code();
    // before the codes that a function may have chosen: no value or text of ours is to blame
    if let Some(text) = raised(error) {
        return Error::Raised(Box::new(Raised {
            code: code.to_owned(),
            table: context.table.map(|t| t.name.to_string()),
            text,
        }));
    }
    if let Some(reason) = invalid_value(code) {
        return of_value(error, context, reason);
    }
    if code == "55000"
        && error
            .routine()
            .is_some_and(|routine| ARBITERS.contains(&routine))
    {
        return Error::unsupported(
            "finding a row that is there already by a deferrable constraint",
            "PostgreSQL",
            "make the unique constraints of the table NOT DEFERRABLE, or name the keys of one that is",
        );
    }
    if let ("42883", Some(table)) = (code, context.table)
        && context.sent.is_none()
        && error.r#where().is_none()
    {
        return Error::unsupported(
            format!(
                "comparing or ordering a column of `{}` whose type has no operator for it",
                table.name
            ),
            "PostgreSQL",
            "use other columns, or a cast in `.query(..)`, such as `column::text`",
        );
    }
    if let Some((message, hint)) = invalid_query(code, context.sent.is_none()) {
        let place = place(error, context.sent);
        return match parameter_at(error, context) {
            Some(name) => Error::invalid_query(
                format!("{message}, with the parameter `:{name}`{place} ({code})"),
                format!("give the parameter its type, such as `:{name}::date`"),
            ),
            None => Error::invalid_query(format!("{message}{place} ({code})"), hint),
        };
    }
    database(code, words_of_class(code))
}

fn of_value(error: &PgDatabaseError, context: Context<'_>, reason: &str) -> Error {
    Error::from(InvalidValue {
        table: context.table.map(|t| t.name.to_string()),
        column: error
            .column()
            .filter(|_| is_named_by_server(error))
            .map(str::to_owned),
        expected: error
            .data_type()
            .filter(|_| is_named_by_server(error))
            .map(str::to_owned),
        ..InvalidValue::new(format!("{reason} ({})", error.code()))
    })
}

/// Whether its names are those of the server. A function that raises an error gives it names of its own,
/// which may be values of rows; so may one that does not say which source file it is from.
fn is_named_by_server(error: &PgDatabaseError) -> bool {
    let of_a_language = |file: &str| file.starts_with("pl") && !file.starts_with("plan");
    let of_server = |file: &str| file.ends_with(".c") && !of_a_language(file);
    error.file().is_some_and(of_server)
}

fn is_fatal(error: &PgDatabaseError) -> bool {
    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
}

fn denied(table: Option<&PgTable>, raised: Option<ServerText>) -> Error {
    let place = table.map(|table| format!(" with table `{}`", table.name));
    let schema = table.and_then(schema_of_type).unwrap_or_default();
    Error::PermissionDenied {
        message: format!(
            "the role may not do this{}{schema}, or a row-level policy forbids it",
            place.unwrap_or_default()
        ),
        raised,
    }
}

/// A statement names the types of its columns: the role needs USAGE on their schemas too, where an
/// insert by hand of a text would not.
fn schema_of_type(table: &PgTable) -> Option<String> {
    table.columns.iter().find_map(|column| {
        let own = TableName::parse(&column.extra.ty.cast).ok()?;
        let schema = own.schema.filter(|schema| schema != "pg_catalog")?;
        (table.extra.found.schema.as_ref() != Some(&schema)).then(|| {
            format!(
                " (column `{}` has a type of the schema `{schema}`, on which it needs USAGE)",
                column.name
            )
        })
    })
}

/// What a function says that raises an error. That it is one tells the place in the server's source:
/// a function can raise any code.
fn raised(error: &PgDatabaseError) -> Option<ServerText> {
    let by_function = error.routine() == Some("exec_stmt_raise") || error.code() == "P0001";
    by_function.then(|| ServerText::new(error.message()))
}

fn timeout(what: &str) -> Error {
    Error::Timeout {
        what: what.to_owned(),
    }
}

fn violation(error: &PgDatabaseError, context: Context<'_>) -> Box<Violation> {
    let constraint = error.constraint().map(str::to_owned);
    let known = constraint.as_deref().and_then(|name| {
        let by_server = is_named_by_server(error);
        let table = context
            .table
            .filter(|table| !by_server || is_of(error, table))?;
        let facts = &table.extra.constraints;
        facts
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, c)| c.clone())
    });
    if !is_named_by_server(error) {
        return Box::new(Violation {
            table: context.table.map(|table| table.name.to_string()),
            constraint: constraint.filter(|_| known.is_some()),
            columns: known.unwrap_or_default(),
            raised: raised(error),
        });
    }
    let columns = match error.column() {
        Some(column) => vec![column.to_owned()],
        None => known
            .or_else(|| error.detail().and_then(key_columns))
            .unwrap_or_default(),
    };
    Box::new(Violation {
        table: table_name(error, context),
        columns,
        constraint,
        raised: raised(error),
    })
}

/// Whether the error is about the operation's own table.
fn is_of(error: &PgDatabaseError, table: &PgTable) -> bool {
    error.table() == Some(table.extra.found.name.as_str())
        && error.schema() == table.extra.found.schema.as_deref()
}

/// The table that refused the row, as the caller calls it. A row that is still referenced is
/// refused by its own table, not by the one that refers to it.
fn table_name(error: &PgDatabaseError, context: Context<'_>) -> Option<String> {
    let Some(table) = context.table else {
        return error.table().map(str::to_owned);
    };
    let own = is_of(error, table) || error.table().is_none();
    let deleting = matches!(error.code(), "23503" | "23001");
    if own || deleting {
        return Some(table.name.to_string());
    }
    error.table().map(str::to_owned)
}

/// The columns in `Key (a, b)=(1, 2) already exists.`; of the values nothing is kept. Works in
/// every language of the server.
fn key_columns(detail: &str) -> Option<Vec<String>> {
    let (_, rest) = detail.split_once('(')?;
    let (names, _) = rest.split_once(")=(")?;
    let mut columns = Vec::new();
    let mut rest = names;
    loop {
        let (name, after) = parse_identifier(rest)?;
        columns.push(name);
        match after.strip_prefix(", ") {
            Some(more) => rest = more,
            None => return after.is_empty().then_some(columns),
        }
    }
}

/// A table that is not there, or that the text calls otherwise than its filter does.
fn undefined_table(error: &PgDatabaseError, context: Context<'_>) -> Error {
    let name = name_at(error, context);
    let filters = context.sent.map_or(&[][..], |sent| &sent.filters);
    let filters = filters.iter().map(|(name, alias)| (&**name, &**alias));
    let misnamed = name.as_deref().and_then(|name| misnamed(name, filters));
    misnamed.unwrap_or_else(|| Error::UndefinedTable {
        table: name
            .or_else(|| context.table.map(|t| t.name.to_string()))
            .unwrap_or_default(),
        suggestion: None,
    })
}

/// The name that stands where the error is.
fn name_at(error: &PgDatabaseError, context: Context<'_>) -> Option<String> {
    let sent = context.sent?;
    let mut rest = sent.text.get(offset(error, sent)?..)?;
    let is_table = error.code() == "42P01";
    let mut name = None;
    while let Some((part, after)) = parse_identifier(rest) {
        name = Some(match name {
            Some(before) if is_table => format!("{before}.{part}"),
            _ => part,
        });
        match after.strip_prefix('.') {
            Some(after) => rest = after,
            None => break,
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_columns_come_without_values() {
        assert_eq!(
            key_columns("Key (a, \"B c\")=(1, x)=(2) already exists."),
            Some(vec!["a".into(), "B c".into()])
        );
        assert_eq!(
            key_columns("Schlüssel »(id)=(1)« ist nicht in Tabelle »x« vorhanden."),
            Some(vec!["id".into()])
        );
        assert_eq!(key_columns("Key (lower(email))=(x) already exists."), None);
        assert_eq!(key_columns("Failing row contains (1, secret)."), None);
    }
}
