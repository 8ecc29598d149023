//! What a backup holds of a database: its tables, how they hang together, and what identifies a
//! row. Made by macros at compile time, by builders at run time, or read from JSON; the same rules
//! hold for all three. Never touches a database or a file.

mod builder;
mod check;
#[cfg(feature = "serde")]
pub(crate) mod json;
mod message;
pub mod null_key;
pub mod owner;
pub mod parts;
pub mod reach;
pub mod renew;
pub mod rules;
#[cfg(test)]
mod tests;

pub use check::InvalidSchema;
pub use message::Message;

use crate::expected::{ExpectedColumn, ExpectedSchema, ExpectedTable, Names, Text};
use std::borrow::Cow;

/// The tables of a backup, parents before their children.
///
/// `backup_schema!` makes one at compile time. At run time the same rules hold, as errors:
///
/// ```
/// use db_adapter_core::backup::{BackupSchema, TableDef};
///
/// let schema = BackupSchema::new([
///     TableDef::new("books").parent("authors", "author_id"),
///     TableDef::new("authors"),
/// ])?;
/// assert_eq!(schema.tables[0].name, "authors");
/// # Ok::<(), db_adapter_core::backup::InvalidSchema>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupSchema {
    /// The tables in the order in which they are restored.
    pub tables: Cow<'static, [TableDef]>,
    /// The tables that the program expects and does not back up: `backup = false`.
    pub other_tables: Cow<'static, [TableDef]>,
}

/// One table of a backup.
///
/// The defaults of [`TableDef::new`] and of absent JSON keys are the original's: key `id`, slug
/// `slug`, user `user_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDef {
    /// `name` or `schema.name`, as every table argument.
    pub name: Text,
    /// The columns of the primary key.
    pub pk: Names,
    /// The column that names a row within its user and its parents.
    pub slug_field: Option<Text>,
    /// The column that holds the row's user; `None` for rows that are reached through their
    /// parents, and for tables that all users share.
    pub user_field: Option<Text>,
    /// The user's column as a reference to the table of owners, whose key is the user's id; its one
    /// field is [`user_field`](Self::user_field). A backup selects by it, a restore sets it to the
    /// user that it is given, and wants the row of that user to be there.
    pub owner: Option<ForeignKey>,
    /// The natural key, complete as written; empty means user, parents and slug.
    pub key: Names,
    /// Whether the natural key may be NULL. NULL is then a value like any other: no two rows have it.
    pub null_key: bool,
    /// How a restore finds the row that is there already.
    pub match_by: MatchBy,
    /// References without which a row is left out; a row needs all of them.
    pub parents: Cow<'static, [ForeignKey]>,
    /// References that may be NULL.
    pub optional_refs: Cow<'static, [ForeignKey]>,
    /// References to rows outside of the backup: kept as they are, checked for existence.
    pub external: Cow<'static, [ForeignKey]>,
    /// Columns that a restore leaves to the database in every new row, such as a public number that is not a
    /// key: a copy must not have that of the row it was copied from. Rows that are there keep theirs.
    pub renew: Names,
    /// The name that the table had in older backups.
    pub renamed_from: Option<Text>,
    /// The columns that the program expects; empty when it does not say.
    pub columns: Cow<'static, [ExpectedColumn]>,
    /// What a macro prepared for the program's file.
    #[doc(hidden)]
    pub prepared: Prepared,
}

/// How a restore finds the row that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MatchBy {
    /// By [`TableDef::natural_key`].
    #[default]
    Natural,
    /// By the primary key, whose values mean the same row everywhere.
    Pk,
}

/// A reference from columns of one table to a row of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The table referred to.
    pub table: Text,
    /// The referring columns.
    pub fields: Names,
    /// The columns referred to; empty means the primary key.
    pub references: Names,
}

/// The table as JSON, made at compile time. No part of what the table is, so all are equal.
#[doc(hidden)]
#[derive(Clone, Copy, Default)]
pub struct Prepared(pub &'static [u8]);

impl PartialEq for Prepared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Prepared {}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

impl BackupSchema {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TableDef> {
        self.tables.iter().find(|t| t.name == name)
    }

    /// What the tables' columns say about the database, those that are not backed up too. Tables
    /// without columns are left out.
    pub fn expected(&self) -> ExpectedSchema {
        let all = self.tables.iter().chain(self.other_tables.iter());
        let known = all.filter(|t| !t.columns.is_empty());
        ExpectedSchema {
            tables: known.map(TableDef::expected).collect(),
        }
    }
}

impl TableDef {
    /// The columns that tell whether two rows are the same one: the primary key where rows are
    /// matched by it, the key as written, else user, parents and slug. Empty when there is none.
    pub fn natural_key(&self) -> Vec<&str> {
        if self.match_by == MatchBy::Pk {
            return self.pk.iter().map(|n| &**n).collect();
        }
        if !self.key.is_empty() {
            return self.key.iter().map(|n| &**n).collect();
        }
        let Some(slug) = &self.slug_field else {
            return Vec::new();
        };
        let mut columns: Vec<&str> = self.user_field.iter().map(|n| &**n).collect();
        for field in self.parents.iter().flat_map(|p| p.fields.iter()) {
            if !columns.contains(&&**field) {
                columns.push(field);
            }
        }
        columns.push(slug);
        columns
    }

    /// All the references: parents, optional ones, external ones, the owner.
    pub fn references(&self) -> impl Iterator<Item = &ForeignKey> {
        self.parents
            .iter()
            .chain(self.optional_refs.iter())
            .chain(self.external.iter())
            .chain(self.owner.iter())
    }

    /// What the columns and keys say about the database.
    pub fn expected(&self) -> ExpectedTable {
        let (schema, name) = match crate::TableName::parse(&self.name) {
            Ok(parsed) => (parsed.schema, parsed.name),
            Err(_) => (None, self.name.to_string()),
        };
        let foreign_keys = self.references().map(|reference| {
            let parent = crate::TableName::parse(&reference.table).ok();
            let (schema, table) = match parent {
                Some(parsed) => (parsed.schema, parsed.name),
                None => (None, reference.table.to_string()),
            };
            crate::ExpectedForeignKey {
                columns: reference.fields.clone(),
                references_schema: schema.map(Into::into),
                references_table: table.into(),
                references_columns: reference.references.clone(),
                over_time: false,
                not_enforced: false,
            }
        });
        ExpectedTable {
            schema: schema.map(Into::into),
            name: name.into(),
            columns: self.columns.clone(),
            primary_key: Some(self.pk.clone()),
            unique: Cow::Borrowed(&[]),
            foreign_keys: foreign_keys.collect(),
        }
    }
}
