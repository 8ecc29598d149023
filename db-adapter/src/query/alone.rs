//! A statement that no transaction can have, as data.

use std::fmt;
use std::time::Duration;

/// The payload of [`Operation::Alone`](super::Operation::Alone).
///
/// Its settings are those of a session that nobody uses afterwards. `Debug` does not show its text.
///
/// ```
/// use db_adapter::query::Alone;
///
/// let statement = Alone::new("CREATE INDEX CONCURRENTLY books_slug ON books (slug)").search_path(["public".to_owned()]);
/// assert!(!format!("{statement:?}").contains("slug"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alone {
    /// The statement.
    pub sql: String,
    /// The schemas in which it looks up names; none are those of the connection.
    pub search_path: Vec<String>,
    /// How long it waits for a lock; zero is for ever.
    pub lock_timeout: Duration,
}

impl Alone {
    /// A statement with the settings of the connection, which waits for locks as long as it takes.
    pub fn new(sql: impl Into<String>) -> Self {
        Alone {
            sql: sql.into(),
            search_path: Vec::new(),
            lock_timeout: Duration::ZERO,
        }
    }

    /// Where it looks up names.
    #[must_use]
    pub fn search_path(mut self, schemas: impl IntoIterator<Item = String>) -> Self {
        self.search_path = schemas.into_iter().collect();
        self
    }

    /// How long it waits for a lock.
    #[must_use]
    pub fn lock_timeout(mut self, limit: Duration) -> Self {
        self.lock_timeout = limit;
        self
    }
}

impl fmt::Debug for Alone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alone")
            .field("search_path", &self.search_path)
            .field("lock_timeout", &self.lock_timeout)
            .finish_non_exhaustive()
    }
}
