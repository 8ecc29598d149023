//! A database for a moment, in which SQL is run to see what schema it makes. What it is on each backend,
//! the backends know; `connect` chooses.

use db_adapter_core::DatabaseSchema;
use db_adapter_core::ddl::Step;

use crate::client::BoxFuture;
use crate::{DatabaseClient, Error, Result};

/// A database for a moment: made, filled by the steps of a script, read, removed.
///
/// Whoever has one keeps it until [`remove`](ScratchDatabase::remove) is done, whatever goes wrong: dropping
/// it leaves the database behind.
///
/// ```
/// use db_adapter::schema::scratch;
/// use db_adapter_core::ddl::{SqlDialect, steps};
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let options = db_adapter::ConnectOptions::new("sqlite::memory:");
/// let scratch = scratch(options, &std::env::temp_dir()).await?;
/// let text = "BEGIN; CREATE TABLE users (id INTEGER PRIMARY KEY); COMMIT;";
/// let steps = steps(text, SqlDialect::Sqlite).map_err(|problems| format!("{problems:?}"))?;
/// let schema = async {
///     scratch.create().await?;
///     scratch.run(steps).await.map_err(|failure| failure.error)?;
///     scratch.introspect().await
/// };
/// let schema = schema.await;
/// scratch.remove().await?;
/// assert!(schema?.table("users").is_some());
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub trait ScratchDatabase: Send + Sync {
    /// Its name, which no other database has; of SQLite the path of its folder.
    fn name(&self) -> &str;

    /// The connection to the database beside which it is made; `None` on SQLite.
    fn beside(&self) -> Option<&dyn DatabaseClient>;

    /// Makes it, empty.
    fn create(&self) -> BoxFuture<'_, Result<()>>;

    /// Takes the steps in their order, in one session, each by itself as psql does. Files must be in their
    /// places already.
    ///
    /// # Errors
    /// The first step that fails.
    fn run(&self, steps: Vec<Step>) -> BoxFuture<'_, Result<(), ScriptFailure>>;

    /// All the schemas in it, with the tables of tools.
    fn introspect(&self) -> BoxFuture<'_, Result<DatabaseSchema>>;

    /// Removes it, whoever is connected to it; nothing when it is not there.
    fn remove(&self) -> BoxFuture<'_, Result<()>>;
}

/// A step that failed.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptFailure {
    /// Which one, from 0; as many as there are when it is what all of them leave.
    pub step: usize,
    /// Why.
    pub error: Error,
}

impl ScriptFailure {
    pub(crate) fn new(step: usize, error: Error) -> Self {
        ScriptFailure { step, error }
    }
}

/// Steps that would keep nothing of a schema.
pub(crate) fn left_open(steps: usize) -> ScriptFailure {
    let error = Error::invalid_query(
        "a transaction is open at the end, so nothing of it would be kept",
        "end it with `COMMIT`",
    );
    ScriptFailure::new(steps, error)
}

/// A file that was not put in its place.
pub(crate) fn not_included(step: usize) -> ScriptFailure {
    let error = Error::invalid_query(
        "the steps of another file are not here",
        "put them in the place of the step that names it",
    );
    ScriptFailure::new(step, error)
}
