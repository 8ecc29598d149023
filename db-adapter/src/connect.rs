//! From a URL to a client: the one place that knows every backend.

use std::sync::Arc;

use crate::{ConnectOptions, DatabaseClient, Error, Result, SecretUrl};

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
    options.url.check()?;
    match options.url.scheme().as_str() {
        "postgres" | "postgresql" => postgres(options).await,
        "sqlite" => sqlite(options).await,
        "http" | "https" => Err(Error::unsupported(
            "connecting to Supabase over HTTP",
            "this version",
            "use the project's PostgreSQL connection string",
        )),
        _ => Err(unknown_scheme(&options.url)),
    }
}

/// Says what is wrong with the scheme without showing it, unless it can be no secret.
pub(crate) fn unknown_scheme(url: &SecretUrl) -> Error {
    let scheme = url.scheme();
    if let Some(("postgres" | "postgresql", _)) = scheme.split_once('+') {
        return sqlalchemy(url);
    }
    let message = match url.known_scheme() {
        Some(known) => format!("`{known}://` is no database that we know"),
        None if scheme.is_empty() => "the database URL has no scheme".to_owned(),
        None => "the scheme of the database URL is unknown".to_owned(),
    };
    Error::config(message, "start it with `postgresql://` or `sqlite://`")
}

/// `postgresql+asyncpg://`: the corrected URL, as far as it can be shown.
fn sqlalchemy(url: &SecretUrl) -> Error {
    let rest = url.expose().split_once("://").map_or("", |(_, rest)| rest);
    let corrected = SecretUrl::new(format!("postgresql://{rest}"));
    Error::config(
        "the database URL names a driver of SQLAlchemy",
        format!("write it without the driver: `{corrected}`"),
    )
}

/// A scratch database on the server of a URL, beside the database that it names, which is only connected to;
/// for `sqlite::memory:` a file in this folder. Nothing is made yet.
///
/// # Errors
/// As [`connect`].
#[cfg(all(feature = "_runtime", feature = "sql"))]
pub async fn scratch(
    options: ConnectOptions,
    folder: &std::path::Path,
) -> Result<Box<dyn crate::schema::ScratchDatabase>> {
    options.url.check()?;
    match options.url.scheme().as_str() {
        #[cfg(feature = "postgres-no-tls")]
        "postgres" | "postgresql" => {
            let _ = folder;
            Ok(Box::new(
                crate::postgres::PostgresScratch::new(options).await?,
            ))
        }
        #[cfg(not(feature = "postgres-no-tls"))]
        "postgres" | "postgresql" => Err(not_compiled_in("PostgreSQL", "postgres")),
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(Box::new(crate::sqlite::SqliteScratch::new(
            &options, folder,
        )?)),
        #[cfg(not(feature = "sqlite"))]
        "sqlite" => Err(not_compiled_in("SQLite", "sqlite")),
        _ => Err(unknown_scheme(&options.url)),
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
