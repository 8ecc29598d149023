//! Plain SQL on either backend by sqlx alone: what the server itself says, as text. Never used
//! to test sqlx or db-adapter, only to set up and to judge.

use std::path::Path;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, ValueRef};

use crate::watchdog::watch;

/// One connection that stays open over several calls; it panics with the statement on an error.
#[derive(Debug)]
pub enum Oracle {
    /// Over TCP, with the simple protocol.
    Postgres(PgConnection),
    /// To a file.
    Sqlite(SqliteConnection),
}

impl Oracle {
    /// Connects to a PostgreSQL database.
    ///
    /// # Panics
    /// When the connection fails.
    pub async fn postgres(url: &str) -> Self {
        watch();
        match PgConnection::connect(url).await {
            Ok(connection) => Self::Postgres(connection),
            Err(error) => panic!(
                "the oracle cannot connect to `{}`: {error}",
                without_password(url)
            ),
        }
    }

    /// Opens an SQLite file, made if missing.
    ///
    /// # Panics
    /// When the file cannot be opened.
    pub async fn sqlite(path: &Path) -> Self {
        match SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .connect()
            .await
        {
            Ok(connection) => Self::Sqlite(connection),
            Err(error) => panic!("the oracle cannot open `{}`: {error}", path.display()),
        }
    }

    /// Runs any number of statements.
    ///
    /// # Panics
    /// When one fails.
    pub async fn sql(&mut self, sql: &str) {
        self.try_sql(sql)
            .await
            .unwrap_or_else(|error| panic!("the oracle's SQL failed: {error}\n{sql}"));
    }

    /// Runs any number of statements, which may fail.
    ///
    /// # Errors
    /// What the server said.
    pub async fn try_sql(&mut self, sql: &str) -> Result<(), String> {
        let statements = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let result = match self {
            Self::Postgres(connection) => connection.execute(statements).await.map(drop),
            Self::Sqlite(connection) => connection.execute(statements).await.map(drop),
        };
        result.map_err(|error| error.to_string())
    }

    /// All rows, each value in the server's own text form (PostgreSQL's `::text`, SQLite's
    /// `CAST AS TEXT`).
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn rows_text(&mut self, sql: &str) -> Vec<Vec<Option<String>>> {
        // not prepared: PostgreSQL's simple protocol answers in text for every type
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let result = match self {
            Self::Postgres(connection) => connection
                .fetch_all(query)
                .await
                .map(|rows| rows.iter().map(postgres_texts).collect()),
            Self::Sqlite(connection) => connection
                .fetch_all(query)
                .await
                .map(|rows| rows.iter().map(sqlite_texts).collect()),
        };
        result.unwrap_or_else(|error| panic!("the oracle's SQL failed: {error}\n{sql}"))
    }

    /// The first value of the first row; `None` for NULL and for no row.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn scalar_text(&mut self, sql: &str) -> Option<String> {
        self.rows_text(sql)
            .await
            .into_iter()
            .next()?
            .into_iter()
            .next()?
    }
}

fn postgres_texts(row: &PgRow) -> Vec<Option<String>> {
    let text = |index| {
        let value = row.try_get_raw(index).expect("a column of this row");
        (!value.is_null()).then(|| {
            value
                .as_str()
                .expect("the simple protocol answers in UTF-8")
                .to_owned()
        })
    };
    (0..row.len()).map(text).collect()
}

fn sqlite_texts(row: &SqliteRow) -> Vec<Option<String>> {
    // unchecked: SQLite itself turns numbers into text
    (0..row.len())
        .map(|index| row.try_get_unchecked(index).expect("a value in UTF-8"))
        .collect()
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://...@{place}"),
        _ => url.to_owned(),
    }
}
