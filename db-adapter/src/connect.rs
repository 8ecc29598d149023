//! From a URL to a client: the one place that knows every backend.

use std::sync::Arc;

use crate::{ConnectOptions, DatabaseClient, Error, Result};

/// Connects to the database of a URL: `postgresql://user:password@host:5432/name`,
/// `sqlite://file.db` or `sqlite::memory:`.
///
/// # Errors
/// [`Error::Config`] for a URL that cannot be used, [`Error::Connection`] when the server cannot
/// be reached, [`Error::Authentication`] when it refuses the login.
///
/// ```no_run
/// # async fn f() -> db_adapter::Result<()> {
/// let db = db_adapter::connect("sqlite://app.db").await?;
/// # Ok(()) }
/// ```
pub async fn connect(url: impl AsRef<str>) -> Result<Arc<dyn DatabaseClient>> {
    connect_with(ConnectOptions::new(url.as_ref())).await
}

/// [`connect`] with settings.
///
/// # Errors
/// As [`connect`].
pub async fn connect_with(options: ConnectOptions) -> Result<Arc<dyn DatabaseClient>> {
    match options.url.scheme().as_str() {
        "postgres" | "postgresql" => postgres(options).await,
        "sqlite" => sqlite(options).await,
        "http" | "https" => Err(Error::unsupported(
            "connecting to Supabase over HTTP",
            "this version",
            "use the project's PostgreSQL connection string",
        )),
        scheme if scheme.starts_with("postgres") && scheme.contains('+') => Err(Error::config(
            format!("a URL of SQLAlchemy: `{scheme}://`"),
            "write `postgresql://` without the driver",
        )),
        "" => Err(Error::config(
            "the database URL has no scheme",
            "start it with `postgresql://` or `sqlite://`",
        )),
        scheme => Err(Error::config(
            format!("unknown database scheme `{scheme}`"),
            "start the URL with `postgresql://` or `sqlite://`",
        )),
    }
}

#[cfg(feature = "postgres-no-tls")]
async fn postgres(options: ConnectOptions) -> Result<Arc<dyn DatabaseClient>> {
    Ok(Arc::new(
        crate::PostgresAdapter::connect_with(options).await?,
    ))
}

#[cfg(not(feature = "postgres-no-tls"))]
async fn postgres(_options: ConnectOptions) -> Result<Arc<dyn DatabaseClient>> {
    Err(not_compiled_in("PostgreSQL", "postgres"))
}

#[cfg(feature = "sqlite")]
async fn sqlite(options: ConnectOptions) -> Result<Arc<dyn DatabaseClient>> {
    Ok(Arc::new(crate::SqliteAdapter::connect_with(options).await?))
}

#[cfg(not(feature = "sqlite"))]
async fn sqlite(_options: ConnectOptions) -> Result<Arc<dyn DatabaseClient>> {
    Err(not_compiled_in("SQLite", "sqlite"))
}

#[cfg(not(all(feature = "postgres-no-tls", feature = "sqlite")))]
fn not_compiled_in(backend: &'static str, feature: &str) -> Error {
    Error::unsupported(
        "connecting",
        backend,
        format!("this program was built without it: add the feature `{feature}` of `db-adapter`"),
    )
}
