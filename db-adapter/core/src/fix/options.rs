//! How a plan is to be made: what is allowed, what was renamed, and what is known of the database beside its
//! schema.

use super::allow::{Allow, AllowKind};
use crate::validate::{Ignore, ValidationLevel};
use std::collections::{BTreeMap, BTreeSet};

/// How the steps are run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum FixMode {
    /// All in one transaction.
    #[default]
    Atomic,
    /// In phases, so that others can read and write meanwhile; PostgreSQL alone.
    Online,
}

/// A statement that SQLite keeps in `sqlite_schema`: what a rebuild of a table edits and runs again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StoredSql {
    /// `table`, `index`, `view` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The table that it belongs to, or is.
    pub table: String,
    /// The statement.
    pub sql: String,
}

/// Options of [`generate_fix_plan`](super::generate_fix_plan).
///
/// ```
/// use db_adapter_core::fix::{FixMode, FixOptions};
///
/// let options = FixOptions::new()
///     .mode(FixMode::Online)
///     .renamed("users.full_name", "name")
///     .allow("column:users.shoe_size".parse().unwrap());
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FixOptions {
    pub(super) mode: FixMode,
    pub(super) level: Option<ValidationLevel>,
    pub(super) allow: BTreeSet<Allow>,
    pub(super) renamed: BTreeMap<String, String>,
    pub(super) zones: BTreeMap<String, String>,
    pub(super) definitions: BTreeMap<String, String>,
    pub(super) ignore: Vec<Ignore>,
    pub(super) search_path: Vec<String>,
    pub(super) version: Option<(u32, u32, u32)>,
    pub(super) stored: Vec<StoredSql>,
    pub(super) cannot_switch_foreign_keys: bool,
    pub(super) reading: Reading,
}

/// What of a database was read for a plan: whoever asks later whether it is still the same, reads just that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Reading {
    /// The schemas; none are those in which a name without one is looked up.
    pub schemas: Vec<String>,
    /// Schemas beside them, as far as they are there.
    pub also_schemas: Vec<String>,
    /// Tables that were left out.
    pub excluded_tables: Vec<String>,
}

impl Reading {
    /// What was read.
    pub fn new(
        schemas: impl IntoIterator<Item = String>,
        also_schemas: impl IntoIterator<Item = String>,
        excluded_tables: impl IntoIterator<Item = String>,
    ) -> Reading {
        Reading {
            schemas: schemas.into_iter().collect(),
            also_schemas: also_schemas.into_iter().collect(),
            excluded_tables: excluded_tables.into_iter().collect(),
        }
    }
}

impl FixOptions {
    /// The defaults: one transaction, nothing is dropped.
    pub fn new() -> FixOptions {
        FixOptions::default()
    }

    /// How the steps are run.
    #[must_use]
    pub fn mode(mut self, mode: FixMode) -> Self {
        self.mode = mode;
        self
    }

    /// How much is compared, and so repaired. Without it everything, where a whole schema is expected, and
    /// otherwise what keeps a program from working.
    #[must_use]
    pub fn level(mut self, level: ValidationLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Allows this one thing.
    #[must_use]
    pub fn allow(mut self, allow: Allow) -> Self {
        self.allow.insert(allow);
        self
    }

    /// Declares that a table or column had another name before: `("users", "people")`,
    /// `("users.full_name", "name")`. The old name of a table is its key, that of a column its name.
    #[must_use]
    pub fn renamed(mut self, now: impl Into<String>, old: impl Into<String>) -> Self {
        self.renamed.insert(now.into(), old.into());
        self
    }

    /// Declares in which time zone the times of a column without one are meant, when it gets a type with one,
    /// or the other way round: `("orders.paid_at", "Europe/Vienna")`.
    #[must_use]
    pub fn zone(mut self, column: impl Into<String>, zone: impl Into<String>) -> Self {
        self.zones.insert(column.into(), zone.into());
        self
    }

    /// Says how a column is defined, by its type and what comes behind it: `("users.age", "int NOT NULL
    /// DEFAULT 0")`. It wins over what is expected.
    #[cfg(feature = "sql")]
    #[must_use]
    pub fn column_definition(
        mut self,
        column: impl Into<String>,
        definition: impl Into<String>,
    ) -> Self {
        self.definitions.insert(column.into(), definition.into());
        self
    }

    /// Leaves differences as they are.
    #[must_use]
    pub fn ignore(mut self, rule: Ignore) -> Self {
        self.ignore.push(rule);
        self
    }

    /// The schemas in which a name without one is looked up; none is `public`.
    #[must_use]
    pub fn search_path(mut self, schemas: impl IntoIterator<Item = String>) -> Self {
        self.search_path = schemas.into_iter().collect();
        self
    }

    /// The version of the server or of SQLite, as it writes it: `17.2`, `3.40.1`. Without it, the oldest that
    /// is supported.
    #[must_use]
    pub fn server_version(mut self, version: &str) -> Self {
        let is_part = |c: char| c.is_ascii_digit() || c == '.';
        let end = version.find(|c| !is_part(c)).unwrap_or(version.len());
        let digits = version.get(..end).unwrap_or_default();
        let mut parts = digits.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        self.version = Some((next(), next(), next()));
        self
    }

    /// What SQLite keeps in `sqlite_schema`.
    #[must_use]
    pub fn stored_sql(mut self, stored: impl IntoIterator<Item = StoredSql>) -> Self {
        self.stored = stored.into_iter().collect();
        self
    }

    /// Says that the connection cannot switch foreign keys off, as with Cloudflare D1: no table of SQLite is
    /// rebuilt then.
    #[must_use]
    pub fn foreign_keys_stay_on(mut self) -> Self {
        self.cannot_switch_foreign_keys = true;
        self
    }

    /// What of the database was read.
    #[must_use]
    pub fn reading(mut self, reading: Reading) -> Self {
        self.reading = reading;
        self
    }

    /// What of the database is to be read, or was.
    pub fn read(&self) -> &Reading {
        &self.reading
    }

    /// The schemas that were given for names without one.
    pub fn looks_up_in(&self) -> &[String] {
        &self.search_path
    }

    pub(super) fn allows(&self, kind: AllowKind, name: &str) -> bool {
        let mut allowed = self.allow.iter();
        allowed.any(|allow| allow.kind == kind && allow.name == name)
    }

    /// Whether the server is of this version or a later one; one that is not known is the oldest.
    pub(super) fn is_since(&self, major: u32, minor: u32) -> bool {
        self.version
            .is_some_and(|(a, b, _)| (a, b) >= (major, minor))
    }
}
