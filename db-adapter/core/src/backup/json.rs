//! The JSON of a backup schema, in the original's shape: an absent key has the original's default,
//! `null` and `""` mean none, lists of columns may be one string, unknown keys are refused.
//! Reading checks the rules and puts parents first. An export of the command line is such a file
//! too, with its version and what the schema is called.

use super::{BackupSchema, ForeignKey, InvalidSchema, MatchBy, Prepared, TableDef};
use crate::Notice;
use crate::expected::{ExpectedColumn, Names, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A schema in a file or in a program: the original has `tables` alone.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemaJson {
    /// Of an export; a file without it is of the first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u16>,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) tables: Vec<TableDef>,
    /// Expected, but not backed up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) other_tables: Vec<TableDef>,
}

impl SchemaJson {
    /// The newest version that is read.
    pub(crate) const VERSION: u16 = 1;

    /// The tables by the rules; what a later version may mean otherwise is refused.
    pub(crate) fn check(self) -> Result<BackupSchema, InvalidSchema> {
        match self.version {
            Some(version) if version > Self::VERSION => {
                let said = format!("a schema of version {version}, written by a newer db-adapter");
                Err(InvalidSchema {
                    problems: vec![Notice::new(said).hint("update the command line")],
                })
            }
            _ => BackupSchema::with_other_tables(self.tables, self.other_tables),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableJson {
    name: String,
    #[serde(default = "id")]
    pk: NamesJson,
    #[serde(default = "slug")]
    slug_field: Option<String>,
    /// Absent beside an owner, whose column it is.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    user_field: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<ForeignKey>,
    #[serde(default, skip_serializing_if = "NamesJson::is_none")]
    key: NamesJson,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    null_key: bool,
    #[serde(default, skip_serializing_if = "is_natural")]
    match_by: MatchBy,
    #[serde(default)]
    parent: Option<ForeignKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<ForeignKey>,
    #[serde(default, deserialize_with = "list")]
    optional_refs: Vec<ForeignKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    external: Vec<ForeignKey>,
    #[serde(default, skip_serializing_if = "NamesJson::is_none")]
    renew: NamesJson,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renamed_from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<ColumnJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForeignKeyJson {
    table: String,
    field: NamesJson,
    #[serde(default, skip_serializing_if = "NamesJson::is_none")]
    references: NamesJson,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnJson {
    name: String,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    data_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nullable: Option<bool>,
    #[serde(rename = "default", default, skip_serializing_if = "Option::is_none")]
    filled: Option<bool>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    exact: bool,
}

/// One name or several.
#[derive(Default, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column name or a list of column names"
)]
enum NamesJson {
    One(String),
    Many(Vec<String>),
    #[default]
    None,
}

impl NamesJson {
    fn is_none(&self) -> bool {
        matches!(self, NamesJson::None)
    }

    fn write(names: &Names) -> NamesJson {
        match &**names {
            [] => NamesJson::None,
            [one] => NamesJson::One(one.to_string()),
            many => NamesJson::Many(many.iter().map(Text::to_string).collect()),
        }
    }

    fn read(self) -> Names {
        match self {
            NamesJson::One(name) if name.is_empty() => Cow::Borrowed(&[]),
            NamesJson::One(name) => Cow::Owned(vec![name.into()]),
            NamesJson::Many(names) => names.into_iter().map(Cow::Owned).collect(),
            NamesJson::None => Cow::Borrowed(&[]),
        }
    }
}

fn id() -> NamesJson {
    NamesJson::One("id".to_owned())
}

#[allow(clippy::unnecessary_wraps, reason = "serde wants the field's type")]
fn slug() -> Option<String> {
    Some("slug".to_owned())
}

/// A key that is there, with `null` too.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn is_natural(match_by: &MatchBy) -> bool {
    *match_by == MatchBy::Natural
}

/// A list; `null` is an empty one.
fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ForeignKey>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn some(name: Option<String>) -> Option<Text> {
    name.filter(|name| !name.is_empty()).map(Cow::Owned)
}

impl From<&TableDef> for TableJson {
    fn from(table: &TableDef) -> Self {
        let mut parents = table.parents.iter().cloned();
        TableJson {
            name: table.name.to_string(),
            pk: NamesJson::write(&table.pk),
            slug_field: table.slug_field.as_ref().map(Text::to_string),
            user_field: match &table.owner {
                Some(owner) if owner.fields.first() == table.user_field.as_ref() => None,
                _ => Some(table.user_field.as_ref().map(Text::to_string)),
            },
            owner: table.owner.clone(),
            key: NamesJson::write(&table.key),
            null_key: table.null_key,
            match_by: table.match_by,
            parent: parents.next(),
            parents: parents.collect(),
            optional_refs: table.optional_refs.to_vec(),
            external: table.external.to_vec(),
            renew: NamesJson::write(&table.renew),
            renamed_from: table.renamed_from.as_ref().map(Text::to_string),
            columns: table.columns.iter().map(ColumnJson::from).collect(),
        }
    }
}

impl TryFrom<TableJson> for TableDef {
    type Error = Notice;

    fn try_from(json: TableJson) -> Result<Self, Notice> {
        let user_field = match (json.user_field, &json.owner) {
            (Some(_), Some(_)) => {
                let said = format!("table `{}` has `owner` and `user_field`", json.name);
                return Err(Notice::new(said)
                    .hint("remove `user_field`: the owner's column names the user already"));
            }
            (None, Some(owner)) => owner.fields.first().cloned(),
            (None, None) => Some("user_id".into()),
            (Some(given), None) => some(given),
        };
        Ok(TableDef {
            name: json.name.into(),
            pk: json.pk.read(),
            slug_field: some(json.slug_field),
            user_field,
            owner: json.owner,
            key: json.key.read(),
            null_key: json.null_key,
            match_by: json.match_by,
            parents: json.parent.into_iter().chain(json.parents).collect(),
            optional_refs: json.optional_refs.into(),
            external: json.external.into(),
            renew: json.renew.read(),
            renamed_from: some(json.renamed_from),
            columns: json.columns.into_iter().map(Into::into).collect(),
            prepared: Prepared(b""),
        })
    }
}

impl From<&ExpectedColumn> for ColumnJson {
    fn from(column: &ExpectedColumn) -> Self {
        ColumnJson {
            name: column.name.to_string(),
            data_type: column.data_type.as_ref().map(Text::to_string),
            nullable: column.nullable,
            filled: column.filled,
            exact: column.exact,
        }
    }
}

impl From<ColumnJson> for ExpectedColumn {
    fn from(json: ColumnJson) -> Self {
        ExpectedColumn {
            name: json.name.into(),
            data_type: json.data_type.map(Into::into),
            nullable: json.nullable,
            filled: json.filled,
            exact: json.exact,
        }
    }
}

impl Serialize for TableDef {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        TableJson::from(self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for TableDef {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = TableJson::deserialize(from)?;
        TableDef::try_from(json).map_err(serde::de::Error::custom)
    }
}

impl Serialize for ForeignKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ForeignKeyJson {
            table: self.table.to_string(),
            field: NamesJson::write(&self.fields),
            references: NamesJson::write(&self.references),
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for ForeignKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = ForeignKeyJson::deserialize(from)?;
        Ok(ForeignKey {
            table: json.table.into(),
            fields: json.field.read(),
            references: json.references.read(),
        })
    }
}

impl Serialize for BackupSchema {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        SchemaJson {
            tables: self.tables.to_vec(),
            other_tables: self.other_tables.to_vec(),
            ..SchemaJson::default()
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for BackupSchema {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = SchemaJson::deserialize(from)?;
        json.check().map_err(serde::de::Error::custom)
    }
}
