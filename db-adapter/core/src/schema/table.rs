//! One table.

use super::{
    ColumnSchema, ConstraintKind, ConstraintSchema, IndexSchema, PolicySchema, TriggerSchema,
    table_key,
};
use std::collections::BTreeMap;

/// A table with all that belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(default)
)]
pub struct TableSchema {
    /// The schema; `None` when the DDL gives none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub schema: Option<String>,
    /// The name, exactly as the database spells it.
    pub name: String,
    /// The columns in their order.
    #[cfg_attr(feature = "serde", serde(with = "columns"))]
    pub columns: Vec<ColumnSchema>,
    /// All the constraints by name; see [`TableSchema::primary_key`] and its like.
    pub constraints: BTreeMap<String, ConstraintSchema>,
    /// The indexes that belong to no constraint, by name.
    pub indexes: BTreeMap<String, IndexSchema>,
    /// The triggers by name.
    pub triggers: BTreeMap<String, TriggerSchema>,
    /// Whether row-level security is on.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub row_security: bool,
    /// Whether it binds the table's owner too.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub force_row_security: bool,
    /// The policies by name.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub policies: BTreeMap<String, PolicySchema>,
    /// How it is partitioned: `RANGE (at)`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub partition_by: Option<String>,
    /// The key of the table that it is a partition of.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub partition_of: Option<String>,
    /// Which rows the partition holds: `FOR VALUES IN ('a')` or `DEFAULT`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub partition_bound: Option<String>,
    /// The keys of the tables it inherits from.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub inherits: Vec<String>,
    /// SQLite's `STRICT`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub strict: bool,
    /// SQLite's `WITHOUT ROWID`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub without_rowid: bool,
    /// SQLite's `AUTOINCREMENT`: numbers of rows that are gone are not given again.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub autoincrement: bool,
    /// PostgreSQL's `UNLOGGED`: its rows are gone after a crash, and on no standby.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub unlogged: bool,
    /// The comment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub comment: Option<String>,
}

impl TableSchema {
    /// The key of the table in [`super::DatabaseSchema::tables`].
    pub fn key(&self) -> String {
        table_key(self.schema.as_deref(), &self.name)
    }

    /// The column of this exact name.
    pub fn column(&self, name: &str) -> Option<&ColumnSchema> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The same, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut ColumnSchema> {
        self.columns.iter_mut().find(|c| c.name == name)
    }

    /// The primary key.
    pub fn primary_key(&self) -> Option<&ConstraintSchema> {
        self.of_kind(ConstraintKind::PrimaryKey).next()
    }

    /// The unique constraints; unique indexes are among `indexes`.
    pub fn unique(&self) -> impl Iterator<Item = &ConstraintSchema> {
        self.of_kind(ConstraintKind::Unique)
    }

    /// The foreign keys.
    pub fn foreign_keys(&self) -> impl Iterator<Item = &ConstraintSchema> {
        self.of_kind(ConstraintKind::ForeignKey)
    }

    /// The checks.
    pub fn checks(&self) -> impl Iterator<Item = &ConstraintSchema> {
        self.of_kind(ConstraintKind::Check)
    }

    fn of_kind(&self, kind: ConstraintKind) -> impl Iterator<Item = &ConstraintSchema> {
        self.constraints.values().filter(move |c| c.kind == kind)
    }
}

/// The columns in JSON: an object by name, as the original writes it, in the table's order.
#[cfg(feature = "serde")]
pub(super) mod columns {
    use super::ColumnSchema;
    use serde::de::{Deserializer, MapAccess, Visitor};
    use serde::ser::Serializer;

    pub(in super::super) fn serialize<S: Serializer>(
        columns: &[ColumnSchema],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(columns.iter().map(|c| (&c.name, c)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<ColumnSchema>, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<ColumnSchema>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of columns by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut columns = Vec::new();
                while let Some((_, column)) = map.next_entry::<String, ColumnSchema>()? {
                    columns.push(column);
                }
                Ok(columns)
            }
        }
        from.deserialize_map(InOrder)
    }
}
