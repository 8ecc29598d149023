//! The settings that make the text of values the same everywhere, and those that were asked for.
//! They are made after connecting, never as parameters of the start-up, which poolers refuse, and
//! the server's answer is compared with what was asked. Pure.

use sqlx::postgres::PgRow;
use sqlx::{Row as _, ValueRef as _};

use super::dialect::push_literal;
use crate::{ConnectOptions, Error, Result};
use db_adapter_core::push_quoted;

/// What every session has, whatever its role or database sets: how values are written and read,
/// and that notices, whose text may hold values, stay on the server.
const ALWAYS: [(&str, &str); 11] = [
    ("DateStyle", "ISO, MDY"),
    ("TimeZone", "UTC"),
    ("IntervalStyle", "postgres"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "3"),
    ("standard_conforming_strings", "on"),
    ("array_nulls", "on"),
    ("transform_null_equals", "off"),
    ("quote_all_identifiers", "off"),
    ("xmloption", "content"),
    ("client_min_messages", "error"),
];

/// What other clients of a pooler may have left in a session, and would change which table a name
/// means, which rows are found, or what a text is read as: back to what the role and the database have.
/// All that every role may set.
const LEFT_BY_OTHERS: [&str; 12] = [
    // before the role, which is one of those that it may take
    "session_authorization",
    "role",
    "search_path",
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "row_security",
    "synchronous_commit",
    "lc_monetary",
    "gin_fuzzy_search_limit",
    "default_text_search_config",
    "timezone_abbreviations",
];

/// After that: a temporary table that somebody has left hides no other, and triggers and foreign keys work
/// as the role and the database have it. Only a role that may set it has changed that. Where there is no
/// schema to make tables in, they must not be made as temporary ones.
const WITHOUT_OTHERS: &str = ", CASE WHEN pg_catalog.current_schema() IS NOT NULL THEN \
    pg_catalog.set_config('search_path', \
    pg_catalog.concat(pg_catalog.current_setting('search_path'), ', pg_temp'), true) END, \
    CASE WHEN pg_catalog.current_setting('session_replication_role') <> 'origin' \
    THEN pg_catalog.set_config('session_replication_role', (SELECT s.reset_val \
    FROM pg_catalog.pg_settings AS s WHERE s.name = 'session_replication_role'), true) END";

/// What others listen for in a session that is not theirs would come between our answers, which the driver
/// does not expect. It holds from the transaction's end on; within one, the server sends no notifications.
pub(super) const LISTEN_TO_NOBODY: &str = "UNLISTEN *";

/// The server's process, when it began, and which snapshots transactions have.
const BACKEND: &str =
    "SELECT b.pid, b.backend_start::text, pg_catalog.current_setting('transaction_isolation')";
/// Lets the server notice within a second that a client has gone, and end what it runs for it: where
/// nobody could ask it to, since the program was killed, or since a pooler had no connection for
/// the request. Servers before 14 do not have it, and on other systems it cannot be set.
const GONE_CLIENTS: &str = "pg_catalog.current_setting('server_version_num')::int >= 140000 \
    AND pg_catalog.version() LIKE '%linux%' \
    THEN pg_catalog.set_config('client_connection_check_interval', '1000', ";
const BACKEND_FROM: &str =
    " FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS b";
const BACKEND_COLUMNS: usize = 3;

/// The server's process that works for a connection. Numbers are used again, so that the time is
/// needed to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Backend {
    pub(super) number: u32,
    /// As the server writes it: digits and signs. A role that was changed by `SET ROLE` is not
    /// told.
    pub(super) started: Option<String>,
}

/// What is known of a session once its settings are made.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) backend: Backend,
    /// Whether a transaction has one snapshot for all its statements: the open one, or else those that do not
    /// say it.
    pub(super) repeats_reads: bool,
}

/// The settings of a session.
#[derive(Debug, Clone)]
pub(super) struct SessionSettings {
    settings: Vec<Setting>,
    read_only: bool,
}

#[derive(Debug, Clone)]
struct Setting {
    name: &'static str,
    value: String,
    /// What the server answers; `None` where it writes the value in units of its own.
    answer: Option<String>,
}

impl SessionSettings {
    pub(super) fn new(options: &ConnectOptions) -> Self {
        let exactly = |name, value: String| Setting {
            name,
            answer: Some(value.clone()),
            value,
        };
        let always = ALWAYS.iter();
        let mut settings: Vec<Setting> = always
            .map(|(name, value)| exactly(name, (*value).to_owned()))
            .collect();
        for (name, limit) in [
            ("statement_timeout", options.statement_timeout),
            ("lock_timeout", options.lock_timeout),
        ] {
            if let Some(limit) = limit {
                // 0 would mean none
                let ms = limit.as_millis().clamp(1, 2_147_483_647);
                settings.push(Setting {
                    name,
                    value: ms.to_string(),
                    answer: None,
                });
            }
        }
        if !options.synchronous_commit {
            settings.push(exactly("synchronous_commit", "off".to_owned()));
        }
        if let Some(schema) = &options.schema {
            let mut path = String::new();
            push_quoted(&mut path, schema);
            settings.push(exactly("search_path", path));
        }
        SessionSettings {
            settings,
            read_only: options.read_only,
        }
    }

    /// Whether nothing may be written.
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The statement that makes them for the session. Its one row has the server's process and
    /// each setting as it is now.
    pub(super) fn for_session(&self) -> String {
        self.statement("default_transaction_read_only", "false", None)
    }

    /// The same, which sets nothing unless a condition holds about the row `b` of the server's
    /// activity. Its last column is whether it holds.
    pub(super) fn for_session_if(&self, condition: &str) -> String {
        self.statement("default_transaction_read_only", "false", Some(condition))
    }

    /// The same for the transaction that is open, in a session that others have used.
    pub(super) fn for_transaction(&self) -> String {
        let mut sql = String::new();
        for name in LEFT_BY_OTHERS {
            sql.push_str(&format!("SET LOCAL {name} TO DEFAULT; "));
        }
        sql.push_str(&self.statement("transaction_read_only", "true", None));
        sql.push_str("; ");
        sql.push_str(LISTEN_TO_NOBODY);
        sql
    }

    fn statement(&self, read_only: &str, local: &str, condition: Option<&str>) -> String {
        let mut sql = String::from(BACKEND);
        let (when, end) = match condition {
            Some(_) => ("CASE WHEN m.holds THEN ", " END"),
            None => ("", ""),
        };
        let set = self.settings.iter().map(|s| (s.name, s.value.as_str()));
        let read_only = self.read_only.then_some((read_only, "on"));
        for (name, value) in set.chain(read_only) {
            sql.push_str(&format!(", {when}pg_catalog.set_config('{name}', "));
            push_literal(&mut sql, value);
            sql.push_str(&format!(", {local}){end}"));
        }
        let holds = condition.map_or("", |_| "m.holds AND ");
        sql.push_str(&format!(", CASE WHEN {holds}{GONE_CLIENTS}{local}) END"));
        if local == "true" {
            sql.push_str(WITHOUT_OTHERS);
        }
        match condition {
            Some(condition) => sql.push_str(&format!(
                ", m.holds{BACKEND_FROM} CROSS JOIN LATERAL (SELECT {condition} AS holds OFFSET 0) AS m"
            )),
            None => sql.push_str(BACKEND_FROM),
        }
        sql
    }

    /// Whether the condition of [`SessionSettings::for_session_if`] held.
    pub(super) fn holds(rows: &[PgRow]) -> bool {
        let row = rows.first().filter(|row| !row.is_empty());
        row.is_some_and(|row| text(row, row.len() - 1) == Some("t"))
    }

    /// The session, once every setting is found to be what was asked for.
    pub(super) fn check(&self, rows: &[PgRow]) -> Result<Session> {
        let [row] = rows else {
            return Err(lost("the settings of the session"));
        };
        for (i, setting) in self.settings.iter().enumerate() {
            let now = text(row, i + BACKEND_COLUMNS);
            let holds = match &setting.answer {
                Some(answer) => now == Some(answer),
                None => now.is_some_and(|now| now != "0"),
            };
            if !holds {
                return Err(lost(setting.name));
            }
        }
        if self.read_only && text(row, self.settings.len() + BACKEND_COLUMNS) != Some("on") {
            return Err(lost("read_only"));
        }
        let backend = backend_of(row).ok_or_else(|| lost("the server's process"))?;
        Ok(Session {
            backend,
            // what nobody knows may repeat its reads
            repeats_reads: !matches!(text(row, 2), Some("read committed" | "read uncommitted")),
        })
    }
}

fn backend_of(row: &PgRow) -> Option<Backend> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, ' ' | ':' | '.' | '+' | '-');
    // it becomes a part of a statement
    let started = text(row, 1).filter(|started| started.chars().all(plain));
    Some(Backend {
        number: text(row, 0)?.parse().ok()?,
        started: started.map(str::to_owned),
    })
}

fn text(row: &PgRow, column: usize) -> Option<&str> {
    let value = row.try_get_raw(column).ok()?;
    (!value.is_null()).then(|| value.as_str().ok())?
}

fn lost(what: &str) -> Error {
    Error::config(
        format!("the server or a pooler does not keep the setting `{what}`"),
        "connect to the server itself, or set `pooler = \"transaction\"` where a pooler shares sessions",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_asked_for_is_in_the_statement_and_names_are_quoted() {
        let options = ConnectOptions::new("postgresql://h/db")
            .schema("o'dd\"\\")
            .statement_timeout(Duration::from_micros(3))
            .read_only(true);
        let settings = SessionSettings::new(&options);
        let session = settings.for_session();
        assert!(
            session.contains("set_config('search_path', E'\"o''dd\"\"\\\\\"', false)"),
            "{session}"
        );
        assert!(session.contains("'statement_timeout', E'1', false"));
        assert!(session.contains("'default_transaction_read_only', E'on', false"));
        let local = settings.for_transaction();
        assert!(local.contains("'transaction_read_only', E'on', true"));
        assert!(!local.contains("false)"), "{local}");
        assert!(local.contains("'1000', true) END"), "{local}");
        let marked = settings.for_session_if("b.pid = 1");
        let sets = marked.matches("set_config(").count();
        // but for the one that has a condition of its own
        assert_eq!(marked.matches("CASE WHEN m.holds THEN ").count(), sets - 1);
        assert!(
            marked.contains("CASE WHEN m.holds AND pg_catalog.current_setting"),
            "{marked}"
        );
    }
}
