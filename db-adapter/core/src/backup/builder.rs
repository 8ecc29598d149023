//! Tables and references made at run time. Nothing is checked here: that is `BackupSchema::new`.

use super::{ForeignKey, MatchBy, Prepared, TableDef};
use crate::expected::{ExpectedColumn, Names, Text};
use std::borrow::Cow;

/// One column name or several: `"id"`, `["tenant_id", "id"]`.
pub trait IntoNames {
    /// The names in their order.
    fn into_names(self) -> Names;
}

impl IntoNames for &'static str {
    fn into_names(self) -> Names {
        Cow::Owned(vec![Cow::Borrowed(self)])
    }
}

impl IntoNames for String {
    fn into_names(self) -> Names {
        Cow::Owned(vec![Cow::Owned(self)])
    }
}

impl<T: Into<Text>> IntoNames for Vec<T> {
    fn into_names(self) -> Names {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<Text>, const N: usize> IntoNames for [T; N] {
    fn into_names(self) -> Names {
        self.into_iter().map(Into::into).collect()
    }
}

/// The user's column where nothing else is said.
const USER: &str = "user_id";

impl TableDef {
    /// A table with the key `id`, the slug `slug` and the user `user_id`.
    ///
    /// ```
    /// use db_adapter_core::backup::TableDef;
    ///
    /// let tags = TableDef::new("book_tags")
    ///     .pk(["book_id", "tag_id"])
    ///     .match_by_pk()
    ///     .no_slug()
    ///     .no_user()
    ///     .parent("books", "book_id")
    ///     .parent("tags", "tag_id");
    /// assert_eq!(tags.natural_key(), ["book_id", "tag_id"]);
    /// ```
    pub fn new(name: impl Into<Text>) -> TableDef {
        TableDef {
            name: name.into(),
            pk: Cow::Borrowed(&[Cow::Borrowed("id")]),
            slug_field: Some(Cow::Borrowed("slug")),
            user_field: Some(Cow::Borrowed(USER)),
            owner: None,
            key: Cow::Borrowed(&[]),
            null_key: false,
            match_by: MatchBy::Natural,
            parents: Cow::Borrowed(&[]),
            optional_refs: Cow::Borrowed(&[]),
            external: Cow::Borrowed(&[]),
            renew: Cow::Borrowed(&[]),
            renamed_from: None,
            columns: Cow::Borrowed(&[]),
            prepared: Prepared(b""),
        }
    }

    /// The primary key.
    #[must_use]
    pub fn pk(mut self, columns: impl IntoNames) -> Self {
        self.pk = columns.into_names();
        self
    }

    /// The column that names a row within its user and its parents.
    #[must_use]
    pub fn slug(mut self, column: impl Into<Text>) -> Self {
        self.slug_field = Some(column.into());
        self
    }

    /// Without a slug: then [`key`](Self::key) or [`match_by_pk`](Self::match_by_pk) is needed.
    #[must_use]
    pub fn no_slug(mut self) -> Self {
        self.slug_field = None;
        self
    }

    /// The column that holds the row's user.
    #[must_use]
    pub fn user(mut self, column: impl Into<Text>) -> Self {
        self.user_field = Some(column.into());
        self
    }

    /// Without a user: reached through the parents, or shared by all users.
    #[must_use]
    pub fn no_user(mut self) -> Self {
        self.user_field = None;
        self
    }

    /// The user's column as a reference to the table of owners, by its primary key: the column holds
    /// the user's id, and the table need not be in the backup.
    ///
    /// ```
    /// use db_adapter_core::backup::{BackupSchema, TableDef};
    ///
    /// let projects = TableDef::new("projects").owner("tenants", "tenant_id");
    /// assert_eq!(projects.natural_key(), ["tenant_id", "slug"]);
    /// assert!(BackupSchema::new([projects.clone()]).is_ok());
    /// // a row has one owner
    /// assert!(BackupSchema::new([projects.user("created_by")]).is_err());
    /// ```
    #[must_use]
    pub fn owner(self, table: impl Into<Text>, field: impl IntoNames) -> Self {
        self.owner_key(ForeignKey::new(table, field))
    }

    /// An owner by another column than the primary key of its table.
    #[must_use]
    pub fn owner_key(mut self, reference: ForeignKey) -> Self {
        // a user's column of another name was chosen, and contradicts it: that is for the rules
        if self.user_field.as_deref() == Some(USER) {
            self.user_field = reference.fields.first().cloned();
        }
        self.owner = Some(reference);
        self
    }

    /// The natural key, complete.
    #[must_use]
    pub fn key(mut self, columns: impl IntoNames) -> Self {
        self.key = columns.into_names();
        self
    }

    /// The natural key may be NULL, and no two rows have NULL in it.
    ///
    /// ```
    /// use db_adapter_core::expected::ExpectedColumn;
    /// use db_adapter_core::backup::{BackupSchema, TableDef};
    ///
    /// let column = ExpectedColumn::from_static("slug", Some("text"), Some(true), None);
    /// let pages = TableDef::new("pages").columns([column]);
    /// assert!(BackupSchema::new([pages.clone()]).is_err());
    /// assert!(BackupSchema::new([pages.null_key()]).is_ok());
    /// ```
    #[must_use]
    pub fn null_key(mut self) -> Self {
        self.null_key = true;
        self
    }

    /// Columns that the database fills anew in every new row that a restore brings.
    ///
    /// ```
    /// use db_adapter_core::backup::{BackupSchema, TableDef};
    ///
    /// let pages = TableDef::new("pages").renew("public_id");
    /// assert!(BackupSchema::new([pages]).is_ok());
    /// // by the slug the row is found again
    /// assert!(BackupSchema::new([TableDef::new("pages").renew("slug")]).is_err());
    /// ```
    #[must_use]
    pub fn renew(mut self, columns: impl IntoNames) -> Self {
        self.renew = columns.into_names();
        self
    }

    /// Rows are found by their primary key.
    #[must_use]
    pub fn match_by_pk(mut self) -> Self {
        self.match_by = MatchBy::Pk;
        self
    }

    /// A reference without which a row is left out; may be repeated.
    #[must_use]
    pub fn parent(mut self, table: impl Into<Text>, fields: impl IntoNames) -> Self {
        let reference = ForeignKey::new(table, fields);
        self.parents.to_mut().push(reference);
        self
    }

    /// A parent by other columns than its primary key.
    #[must_use]
    pub fn parent_key(mut self, reference: ForeignKey) -> Self {
        self.parents.to_mut().push(reference);
        self
    }

    /// A reference that may be NULL.
    #[must_use]
    pub fn optional_ref(mut self, table: impl Into<Text>, fields: impl IntoNames) -> Self {
        let reference = ForeignKey::new(table, fields);
        self.optional_refs.to_mut().push(reference);
        self
    }

    /// A reference to rows outside of the backup.
    #[must_use]
    pub fn external(mut self, table: impl Into<Text>, fields: impl IntoNames) -> Self {
        let reference = ForeignKey::new(table, fields);
        self.external.to_mut().push(reference);
        self
    }

    /// The name that the table had in older backups.
    #[must_use]
    pub fn renamed_from(mut self, name: impl Into<Text>) -> Self {
        self.renamed_from = Some(name.into());
        self
    }

    /// The columns that the program expects.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = ExpectedColumn>) -> Self {
        self.columns = columns.into_iter().collect();
        self
    }
}

impl ForeignKey {
    /// A reference to the primary key of a table.
    pub fn new(table: impl Into<Text>, fields: impl IntoNames) -> ForeignKey {
        ForeignKey {
            table: table.into(),
            fields: fields.into_names(),
            references: Cow::Borrowed(&[]),
        }
    }

    /// To these columns instead of the primary key.
    #[must_use]
    pub fn to(mut self, columns: impl IntoNames) -> Self {
        self.references = columns.into_names();
        self
    }
}
