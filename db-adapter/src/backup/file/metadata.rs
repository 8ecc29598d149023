//! The first entry of a backup file: what the original writes there, and what we add under one
//! name of our own. Reads both; writes ours.

use std::collections::BTreeMap;

use db_adapter_core::SqlType;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::syntax::{Dialect, Member, members, unquote};
use crate::backup::{BackupProblem, BackupProblemKind as Kind};

/// The version of the original's files, and of ours, which it can read.
pub(crate) const VERSION: &str = "1.1";
/// The format of what we add.
const FORMAT: u32 = 1;
/// Under this name stands what the original does not write.
const OURS: &str = "db_adapter";
const COUNT: &str = "_count";

/// What a backup file says about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    /// When, as it is written; the original writes no time zone.
    pub(crate) created_at: Option<String>,
    /// Whose rows, as JSON.
    pub(crate) user_id: Option<String>,
    /// The number of rows by the name that the table has in the file.
    pub(crate) counts: BTreeMap<String, u64>,
    /// What the caller added, as JSON, in order.
    pub(crate) extra: Vec<(String, String)>,
    /// `None` for files of the original.
    pub(crate) details: Option<Details>,
}

/// What we add, of which the original knows nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Details {
    /// The format of these details, of the rows and of the seal.
    pub(crate) format: u32,
    /// Who wrote the file.
    pub(crate) program: String,
    /// The database's kind.
    pub(crate) backend: String,
    /// Whether whole tables were taken, rather than one user's rows.
    #[serde(default)]
    pub(crate) all_rows: bool,
    /// A hash of the tables' columns and types.
    #[serde(default)]
    pub(crate) schema_fingerprint: String,
    /// The tables of which the role may not see every row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) row_security: Vec<String>,
    /// The tables that a filter was asked for, with the number of rows left out because of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) left_out: BTreeMap<String, u64>,
    /// The tables by the name that they have in the file.
    pub(crate) tables: BTreeMap<String, TableDetails>,
}

/// One table of the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TableDetails {
    /// The table's name in the database.
    pub(crate) table: String,
    /// The columns in the order of the rows, with their types.
    #[serde(with = "columns")]
    pub(crate) columns: Vec<(String, SqlType)>,
}

impl Metadata {
    /// What is said of the table with this name in the file; `None` in files of the original.
    pub(crate) fn table(&self, key: &str) -> Option<&TableDetails> {
        self.details.as_ref()?.tables.get(key)
    }

    /// Whether we wrote the file, so that it must have a seal and every cell is as we write it.
    pub(crate) fn is_ours(&self) -> bool {
        self.details.is_some()
    }

    /// The entry as JSON on one line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        let mut entry = |name: &str, json: &str| -> Result<(), serde_json::Error> {
            out.push(if out.is_empty() { b'{' } else { b',' });
            serde_json::to_writer(&mut *out, name)?;
            out.push(b':');
            out.extend_from_slice(json.as_bytes());
            Ok(())
        };
        entry("created_at", &serde_json::to_string(&self.created_at)?)?;
        entry("user_id", self.user_id.as_deref().unwrap_or("null"))?;
        entry("backup_type", "\"full\"")?;
        entry("version", &format!("\"{VERSION}\""))?;
        for (table, count) in &self.counts {
            entry(&format!("{table}{COUNT}"), &count.to_string())?;
        }
        for (name, json) in &self.extra {
            entry(name, json)?;
        }
        if let Some(details) = &self.details {
            entry(OURS, &serde_json::to_string(details)?)?;
        }
        out.push(b'}');
        Ok(())
    }

    /// Whether a caller may not use this name, because the file has an entry of its own there.
    pub(crate) fn is_reserved(name: &str) -> bool {
        matches!(
            name,
            OURS | "created_at" | "user_id" | "backup_type" | "version"
        ) || name.ends_with(COUNT)
    }

    /// Reads the entry.
    pub(crate) fn read(text: &str) -> Result<Metadata, Box<BackupProblem>> {
        let shape = |what: &str| BackupProblem::boxed(Kind::Malformed, what);
        let mut found = Vec::new();
        members(text, Dialect::Python, &mut found)
            .map_err(|_| shape("`metadata` is no JSON object"))?;
        let mut metadata = Metadata::default();
        let mut version = None;
        let mut names = Vec::new();
        for Member { key, value } in found {
            let name = text.get(key).and_then(unquote);
            let (Some(name), Some(json)) = (name, text.get(value)) else {
                return Err(shape("a name in `metadata` is no text"));
            };
            match &*name {
                "version" => version = Some(json.to_owned()),
                "created_at" => metadata.created_at = unquote(json).map(Into::into),
                "user_id" => metadata.user_id = Some(json.to_owned()),
                "backup_type" => {}
                OURS => metadata.details = Some(details(json)?),
                _ => match (name.strip_suffix(COUNT), json.parse()) {
                    (Some(table), Ok(count)) => {
                        metadata.counts.insert(table.to_owned(), count);
                    }
                    _ => metadata.extra.push((name.clone().into(), json.to_owned())),
                },
            }
            names.push(name.into_owned());
        }
        refuse_duplicate(&mut names)?;
        known_version(version.as_deref())?;
        Ok(metadata)
    }
}

fn refuse_duplicate(names: &mut [String]) -> Result<(), Box<BackupProblem>> {
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(_) => Err(BackupProblem::boxed(
            Kind::Duplicate,
            "`metadata` has two entries of one name",
        )),
        None => Ok(()),
    }
}

fn known_version(json: Option<&str>) -> Result<(), Box<BackupProblem>> {
    let problem = match json.map(unquote) {
        Some(Some(version)) if version == VERSION => return Ok(()),
        Some(_) => BackupProblem::boxed(
            Kind::UnknownVersion,
            format!("the file has another version than `{VERSION}`"),
        ),
        None => BackupProblem::boxed(Kind::UnknownVersion, "`metadata` names no `version`"),
    };
    Err(problem.hint("is it a backup? a newer program may have written it"))
}

fn details(json: &str) -> Result<Details, Box<BackupProblem>> {
    // the format first: a newer one may look different
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let malformed = || {
        BackupProblem::boxed(
            Kind::Malformed,
            format!("`{OURS}` in `metadata` is not as this program writes it"),
        )
    };
    let Format { format } = serde_json::from_str(json).map_err(|_| malformed())?;
    if format != FORMAT {
        return Err(BackupProblem::boxed(
            Kind::UnknownVersion,
            format!("the file has format {format}, and this program reads format {FORMAT}"),
        )
        .hint("use the version of db-adapter that wrote it, or a newer one"));
    }
    serde_json::from_str(json).map_err(|_| malformed())
}

impl Details {
    /// Details of the format that this program writes.
    pub(crate) fn new(backend: impl Into<String>) -> Self {
        Details {
            format: FORMAT,
            program: concat!("db-adapter ", env!("CARGO_PKG_VERSION")).to_owned(),
            backend: backend.into(),
            ..Details::default()
        }
    }
}

/// JSON of the caller's, checked and on one line.
pub(crate) fn one_line(json: &impl Serialize) -> Option<String> {
    let text = serde_json::to_string(json).ok()?;
    serde_json::from_str::<&RawValue>(&text).ok()?;
    Some(text.replace(['\n', '\r'], " "))
}

/// The columns as an object in their order, each type by its standard name.
mod columns {
    use db_adapter_core::SqlType;
    use serde::de::{Deserializer, Error, MapAccess, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(
        columns: &[(String, SqlType)],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(columns.iter().map(|(name, t)| (name, t.to_string())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(String, SqlType)>, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, SqlType)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of types by column")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut columns = Vec::new();
                while let Some((name, sql_type)) = map.next_entry::<String, String>()? {
                    columns.push((name, SqlType::parse_postgres(&sql_type)));
                }
                let mut names: Vec<&String> = columns.iter().map(|(name, _)| name).collect();
                names.sort_unstable();
                if names.windows(2).any(|pair| pair.first() == pair.last()) {
                    return Err(A::Error::custom("two columns of one name"));
                }
                Ok(columns)
            }
        }
        from.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut details = Details::new("PostgreSQL");
        let columns = ["bigint", "numeric(10,2)", "text[]", "mood", "bpchar", ""];
        let columns = columns.map(|t| (format!("c {t}"), SqlType::parse_postgres(t)));
        let table = TableDetails {
            table: "public.books".into(),
            columns: columns.to_vec(),
        };
        details.tables.insert("books".into(), table);
        let written = Metadata {
            created_at: Some("2026-11-27T20:00:00.000000+00:00".into()),
            user_id: Some("7".into()),
            counts: [("books".to_owned(), 3)].into(),
            extra: vec![("note".into(), "{\"a\":[1.50]}".into())],
            details: Some(details),
        };
        let mut out = Vec::new();
        written.write(&mut out).unwrap();
        let read = Metadata::read(std::str::from_utf8(&out).unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
    }

    #[test]
    fn metadata_of_the_original_is_read() {
        let text = r#"{"created_at": "2026-01-15T10:30:00.123456", "user_id": "user-123",
            "backup_type": "full", "version": "1.1", "environment": "staging", "authors_count": 2}"#;
        let metadata = Metadata::read(text).unwrap();
        assert_eq!(metadata.counts["authors"], 2);
        assert_eq!(
            metadata.extra,
            [("environment".into(), "\"staging\"".into())]
        );
        assert!(!metadata.is_ours());
    }

    #[test]
    fn other_versions_and_formats_are_refused_by_name() {
        let kind = |text| Metadata::read(text).unwrap_err().kind;
        assert_eq!(kind("{}"), Kind::UnknownVersion);
        assert_eq!(kind(r#"{"version": "2.0"}"#), Kind::UnknownVersion);
        assert_eq!(kind(r#"{"version": 1.1}"#), Kind::UnknownVersion);
        assert_eq!(
            kind(r#"{"version": "1.1", "db_adapter": {"format": 2, "new": true}}"#),
            Kind::UnknownVersion
        );
        assert_eq!(
            kind(r#"{"version": "1.1", "db_adapter": {}}"#),
            Kind::Malformed
        );
        assert_eq!(
            kind(r#"{"version": "1.1", "version": "1.1"}"#),
            Kind::Duplicate
        );
    }
}
