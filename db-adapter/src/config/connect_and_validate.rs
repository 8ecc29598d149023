//! Connects, compares the database with what is expected, and remembers in the lock that it fits.
//! What counts as a difference, `schema` decides; what makes a database another one, `validated`.

use std::path::PathBuf;

use super::adapter::{AdapterOptions, off_the_runtime};
use super::select::{self, ActiveProfile};
use super::validated::{self, LockMismatch};
use super::{DatabaseIdentity, ProfileLock};
use crate::schema::{
    DatabaseSchema, Ignore, IntrospectOptions, SchemaValidationResult, Validation, ValidationLevel,
    fingerprint,
};
use crate::{
    DatabaseClient, DatabaseClientExt, Error, ErrorKind, ExpectedSchema, Result, SecretUrl,
    connect_with,
};

/// How to compare, and whether to remember.
///
/// ```
/// use db_adapter::{ValidateOptions, ValidationLevel};
///
/// let exact = ValidateOptions::new().level(ValidationLevel::Exact).write_lock(false);
/// assert!(exact.ignore.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidateOptions {
    /// How much is compared; default `compatible`.
    pub level: ValidationLevel,
    /// Whether a profile that fits becomes the active one, by the lock beside `db.toml`; default
    /// yes.
    pub write_lock: bool,
    /// Differences that are known and wanted.
    pub ignore: Vec<Ignore>,
}

impl Default for ValidateOptions {
    fn default() -> Self {
        ValidateOptions {
            level: ValidationLevel::Compatible,
            write_lock: true,
            ignore: Vec::new(),
        }
    }
}

impl ValidateOptions {
    /// The defaults.
    pub fn new() -> Self {
        ValidateOptions::default()
    }

    /// How much is compared.
    #[must_use]
    pub fn level(mut self, level: ValidationLevel) -> Self {
        self.level = level;
        self
    }

    /// Whether a profile that fits becomes the active one.
    #[must_use]
    pub fn write_lock(mut self, write_lock: bool) -> Self {
        self.write_lock = write_lock;
        self
    }

    /// Differences that are known and wanted, beside those that were given before.
    #[must_use]
    pub fn ignore(mut self, ignore: impl IntoIterator<Item = Ignore>) -> Self {
        self.ignore.extend(ignore);
        self
    }
}

/// What came of connecting.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ConnectionResult {
    /// Whether the database is what is expected, or nothing is expected of it.
    pub success: bool,
    /// The profile; `None` for a bare URL.
    pub profile_name: Option<String>,
    /// Whether the schemas fit; `None` when nothing is expected.
    pub schema_valid: Option<bool>,
    /// Everything about the comparison.
    pub schema_report: Option<SchemaValidationResult>,
    /// Which database it is.
    pub identity: Option<DatabaseIdentity>,
    /// The fingerprint of its schema; `None` when it could not be read.
    pub fingerprint: Option<String>,
    /// The lock that was written.
    pub lock: Option<PathBuf>,
    /// The profile that was active before, when it was another one.
    pub switched_from: Option<String>,
}

/// Connects to the database that the options mean, compares it with what is expected, and makes
/// its profile the active one if it fits. Nothing in the database is changed, and the connection is
/// closed at the end: [`get_adapter`](crate::get_adapter) opens one to work with.
///
/// That the schemas differ is a result with `success: false`, and leaves the lock as it was; what
/// fails is an error. Without an expected schema nothing is compared.
///
/// ```
/// use db_adapter::{AdapterOptions, ExpectedSchema, ValidateOptions, connect_and_validate, prelude::*};
/// # #[cfg(feature = "sqlite")]
/// # async fn example() -> db_adapter::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let url = format!("sqlite://{}/app.db", folder.path().display());
/// # let db = db_adapter::connect(&url).await?;
/// # db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").await?;
/// # db.close().await?;
/// let expected = ExpectedSchema::columns([("users", ["id", "email"])]);
/// let options = AdapterOptions::new().database_url(url);
/// let result = connect_and_validate(options, Some(&expected), ValidateOptions::default()).await?;
/// assert!(!result.success);
/// let report = result.schema_report.expect("something was expected");
/// assert_eq!(report.missing_columns[0].column, "email");
/// # Ok(()) }
/// # #[cfg(feature = "sqlite")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// Those of [`get_adapter`](crate::get_adapter) and of introspection, and [`Error::Config`] when
/// the lock cannot be written.
pub async fn connect_and_validate(
    options: AdapterOptions,
    expected: Option<&ExpectedSchema>,
    validate: ValidateOptions,
) -> Result<ConnectionResult> {
    let (active, connect) = off_the_runtime(move || {
        let active = options.resolve()?;
        let connect = active.connect_options()?;
        Ok((active, connect))
    })
    .await?;
    let url = connect.url().clone();
    // a mistyped name of a file makes no new database
    let client = connect_with(connect.read_only(true)).await?;
    let validation = expected.map(|expected| {
        let validation = Validation::new(expected).level(validate.level);
        validate
            .ignore
            .iter()
            .cloned()
            .fold(validation, Validation::ignore)
    });
    let result =
        validate_connection(&*client, &url, &active, validation, validate.write_lock).await;
    let closed = client.close().await;
    let result = result?;
    closed.map(|()| result)
}

/// The same over a client that is connected to the URL, with any comparison.
///
/// # Errors
/// As [`connect_and_validate`].
pub async fn validate_connection(
    client: &dyn DatabaseClient,
    url: &SecretUrl,
    active: &ActiveProfile,
    validation: Option<Validation<'_>>,
    write_lock: bool,
) -> Result<ConnectionResult> {
    let identity = DatabaseIdentity::of_client(client, url).await?;
    let validation = match validation {
        Some(validation) => Some(looked_up(validation, client, active, &identity).await?),
        None => None,
    };
    let mut schemas = active.profile.schemas().to_vec();
    schemas.extend(validation.iter().flat_map(Validation::schemas));
    schemas.sort();
    schemas.dedup();
    let options = reading(&schemas, validation.as_ref());
    let schema = schema(client, options, validation.is_some()).await?;
    let report = schema.as_ref().zip(validation);
    let report = report.map(|(schema, validation)| validation.run(schema));
    let valid = report.as_ref().map(|report| report.valid);
    let mut result = ConnectionResult {
        success: valid.unwrap_or(true),
        profile_name: active.name().map(str::to_owned),
        schema_valid: valid,
        schema_report: report,
        identity,
        fingerprint: schema.as_ref().map(fingerprint_of),
        ..ConnectionResult::default()
    };
    if result.success && write_lock {
        remember(active, &mut result, schemas)?;
    }
    Ok(result)
}

/// The comparison, with the schemas in which this connection looks up a name without one.
async fn looked_up<'a>(
    validation: Validation<'a>,
    client: &dyn DatabaseClient,
    active: &ActiveProfile,
    identity: &Option<DatabaseIdentity>,
) -> Result<Validation<'a>> {
    match (&active.profile.schema, identity) {
        (Some(_), _) => {
            let name = active.profile.resolved_schema()?;
            Ok(validation.search_path(name))
        }
        (None, Some(DatabaseIdentity::Server { .. })) => {
            let sql = "SELECT pg_catalog.current_schemas(false)::text[] AS x";
            let path: Vec<String> = client.query(sql).one().await?.get("x")?;
            Ok(validation.search_path(path))
        }
        (None, _) => Ok(validation),
    }
}

/// What to read: the connection's own schemas and these, and of the tables of tools those that are
/// expected.
fn reading(schemas: &[String], validation: Option<&Validation<'_>>) -> IntrospectOptions {
    let mut options = IntrospectOptions {
        also_schemas: schemas.to_vec(),
        ..IntrospectOptions::default()
    };
    if let Some(validation) = validation {
        let excluded = &mut options.excluded_tables;
        excluded.retain(|name| !validation.names_table(name));
    }
    options
}

/// The fingerprint without the tables of tools, which are in a reading only where they are expected.
fn fingerprint_of(schema: &DatabaseSchema) -> String {
    let tools = IntrospectOptions::default().excluded_tables;
    if !schema.tables.values().any(|t| tools.contains(&t.name)) {
        return fingerprint(schema);
    }
    let mut schema = schema.clone();
    schema
        .tables
        .retain(|_, table| !tools.contains(&table.name));
    fingerprint(&schema)
}

/// The schema; where nothing is expected of it, a client or a role that cannot read it is no
/// failure.
async fn schema(
    client: &dyn DatabaseClient,
    options: IntrospectOptions,
    needed: bool,
) -> Result<Option<DatabaseSchema>> {
    match client.introspect(options).await {
        Ok(schema) => Ok(Some(schema)),
        Err(error) if !needed && may_be_unknown(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn may_be_unknown(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::PermissionDenied
    )
}

/// Writes the lock beside the `db.toml` of the profile; a bare URL has none.
///
/// On this thread, although it waits for the disk: a call that is dropped has done it or has not, and nobody
/// is told of an end that comes before it.
fn remember(
    active: &ActiveProfile,
    result: &mut ConnectionResult,
    schemas: Vec<String>,
) -> Result<()> {
    let (Some(name), Some(config)) = (active.name(), &active.config) else {
        return Ok(());
    };
    let mut lock = ProfileLock::new(name);
    lock.identity.clone_from(&result.identity);
    lock.fingerprint.clone_from(&result.fingerprint);
    lock.schemas = schemas;
    let folder = config.folder();
    // one that cannot be read is replaced
    let before = ProfileLock::read(folder).ok().flatten();
    lock.write(folder)?;
    result.lock = Some(ProfileLock::path(folder));
    result.switched_from = before.map(|lock| lock.profile).filter(|old| old != name);
    Ok(())
}

/// Whether the connected database is the one that the lock says was validated; `None` when it is.
/// With `compare_schema` its schema must be the same too.
///
/// The lock is the one beside the `db.toml` that the options find.
///
/// # Errors
/// Those of the connection and of introspection, and [`Error::Config`] for a lock that cannot be
/// read.
pub async fn compare_with_lock(
    client: &dyn DatabaseClient,
    url: &SecretUrl,
    profile: Option<&str>,
    options: &AdapterOptions,
    compare_schema: bool,
) -> Result<Option<LockMismatch>> {
    let found = options.clone();
    let lock = off_the_runtime(move || select::lock(&found)).await?;
    let lock = lock.map(|(_, lock)| lock);
    let has_fingerprint = lock.as_ref().is_some_and(|lock| lock.fingerprint.is_some());
    let identity = DatabaseIdentity::of_client(client, url).await?;
    let schemas = lock.as_ref().map(|lock| lock.schemas.as_slice());
    let options = reading(schemas.unwrap_or_default(), None);
    let fingerprint = match has_fingerprint && compare_schema {
        // one that cannot be read is not the one that was validated
        true => schema(client, options, true)
            .await?
            .as_ref()
            .map(fingerprint_of),
        false => None,
    };
    let (identity, fingerprint) = (identity.as_ref(), fingerprint.as_deref());
    Ok(validated::mismatch(
        lock.as_ref(),
        profile,
        identity,
        fingerprint,
    ))
}

/// Refuses a database that is not the one that was validated.
pub(super) async fn require_validated(
    client: &dyn DatabaseClient,
    url: &SecretUrl,
    profile: Option<&str>,
    options: &AdapterOptions,
) -> Result<()> {
    match compare_with_lock(client, url, profile, options, true).await? {
        None => Ok(()),
        Some(mismatch) if mismatch.is_warning() => {
            tracing::warn!(profile, "{mismatch}");
            Ok(())
        }
        Some(mismatch) => Err(mismatch.error(profile)),
    }
}
