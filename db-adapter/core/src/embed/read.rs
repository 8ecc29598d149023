//! The reader: looks for the magic in any bytes, and believes nothing that the checksum does not
//! confirm. Linear in the file, bounded in what it gives back, and never panics.

use super::{HEADER, INVERTED, JSON, MAX_PAYLOAD, VERSION, checksum};
#[cfg(feature = "serde")]
use crate::backup::json::SchemaJson;
use std::fmt;

/// More schemas or damaged places than this are not looked at.
const MOST: usize = 1024;

/// What was found in a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan<'a> {
    /// The payloads whose checksum is right, each once, in the file's order.
    pub payloads: Vec<&'a str>,
    /// Places that begin like a schema and are none. Libraries of this crate have such places, so
    /// they matter only when nothing else was found.
    pub damaged: Vec<(usize, Damage)>,
}

/// Why a place that begins like a schema is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// Written by a newer version of this crate.
    Newer(u16),
    /// The file ends before the schema does.
    Truncated,
    /// The header makes no sense.
    Header,
    /// The checksum is another one.
    Checksum,
}

impl Damage {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Damage::Newer(_) => "update the command line",
            Damage::Truncated | Damage::Header | Damage::Checksum => "build again",
        }
    }
}

/// What it is, without the hint.
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Newer(version) => write!(
                f,
                "a schema of version {version}, written by a newer db-adapter"
            ),
            Damage::Truncated => f.write_str("a schema that is cut off"),
            Damage::Header => f.write_str("a schema with a damaged header"),
            Damage::Checksum => f.write_str("a schema with a wrong checksum"),
        }
    }
}

/// Looks for schemas in the bytes of a file: an executable, a library, an archive, anything.
pub fn scan(file: &[u8]) -> Scan<'_> {
    // inverted only now, so that the magic is in no constant of this program
    let magic = std::hint::black_box(INVERTED).map(|byte| !byte);
    let mut found = Scan::default();
    let mut rest = file;
    while let Some(at) = find(rest, &magic) {
        let (_, here) = rest.split_at(at);
        rest = here.get(magic.len()..).unwrap_or_default();
        match payload(here) {
            Ok(payload) => {
                // a library holds its schema twice: in the object and in the compiler's metadata
                if !found.payloads.contains(&payload) {
                    found.payloads.push(payload);
                }
                rest = here.get(HEADER + payload.len()..).unwrap_or_default();
            }
            Err(damage) => found.damaged.push((file.len() - here.len(), damage)),
        }
        if found.payloads.len() + found.damaged.len() >= MOST {
            break;
        }
    }
    found
}

fn find(bytes: &[u8], magic: &[u8; 16]) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == magic[0])?;
        match bytes.get(at..at + magic.len()) {
            Some(here) if here == magic => return Some(at),
            Some(_) => from = at + 1,
            None => return None,
        }
    }
}

/// The payload of the schema at the start of the bytes.
fn payload(bytes: &[u8]) -> Result<&str, Damage> {
    let header: &[u8; HEADER] = bytes.first_chunk().ok_or(Damage::Truncated)?;
    let version = u16::from_le_bytes(part(header, 16));
    if version > VERSION {
        return Err(Damage::Newer(version));
    }
    let [format, flags] = part(header, 18);
    let len = u32::from_le_bytes(part(header, 20)) as usize;
    if version == 0 || format != JSON || flags != 0 || len > MAX_PAYLOAD {
        return Err(Damage::Header);
    }
    let payload = bytes.get(HEADER..HEADER + len).ok_or(Damage::Truncated)?;
    if checksum(payload) != u64::from_le_bytes(part(header, 24)) {
        return Err(Damage::Checksum);
    }
    std::str::from_utf8(payload).map_err(|_| Damage::Checksum)
}

fn part<const N: usize>(header: &[u8; HEADER], at: usize) -> [u8; N] {
    let part = header.get(at..).and_then(<[u8]>::first_chunk);
    part.copied().unwrap_or([0; N])
}

/// A payload, read: a program's schema. As JSON it is also what the command line exports, and such
/// a file is read back as what it was.
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmbeddedSchema {
    /// Where it was declared: `app::models::SCHEMA`; empty when a file does not say.
    pub id: String,
    /// What is backed up and what is only expected, checked like every schema.
    pub backup: crate::backup::BackupSchema,
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for EmbeddedSchema {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let unchecked = UncheckedSchema::deserialize(from)?;
        unchecked.check().map_err(serde::de::Error::custom)
    }
}

/// A schema as it is written, before the rules are asked: what is wrong with it is data then, not
/// a part of the text of serde's error.
#[cfg(feature = "serde")]
pub struct UncheckedSchema(SchemaJson);

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for UncheckedSchema {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        SchemaJson::deserialize(from).map(UncheckedSchema)
    }
}

#[cfg(feature = "serde")]
impl UncheckedSchema {
    /// The schema by the rules.
    ///
    /// # Errors
    /// All that is wrong with it: see [`BackupSchema::new`](crate::backup::BackupSchema::new).
    pub fn check(self) -> Result<EmbeddedSchema, crate::backup::InvalidSchema> {
        Ok(EmbeddedSchema {
            id: self.0.id.clone().unwrap_or_default(),
            backup: self.0.check()?,
        })
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for EmbeddedSchema {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let json = SchemaJson {
            version: Some(SchemaJson::VERSION),
            id: Some(self.id.clone()).filter(|id| !id.is_empty()),
            tables: self.backup.tables.to_vec(),
            other_tables: self.backup.other_tables.to_vec(),
        };
        json.serialize(to)
    }
}

#[cfg(feature = "serde")]
impl EmbeddedSchema {
    /// Everything that the program expects of its database.
    pub fn expected(&self) -> crate::ExpectedSchema {
        self.backup.expected()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{Prepared, TableDef};
    use crate::embed::{bytes, len};
    use proptest::prelude::*;

    fn written() -> Vec<u8> {
        let mut table = TableDef::new("t");
        table.prepared = Prepared(br#"{"name":"t"}"#);
        let table: &'static TableDef = Box::leak(Box::new(table));
        let mut other = TableDef::new("u");
        other.prepared = Prepared(br#"{"name":"u"}"#);
        let other: &'static TableDef = Box::leak(Box::new(other));
        const N: usize = 32 + JSON.len();
        assert_eq!(len("app::S", &[table], &[other]), N);
        bytes::<N>("app::S", &[table], &[other]).to_vec()
    }

    const JSON: &str = r#"{"id":"app::S","tables":[{"name":"t"}],"other_tables":[{"name":"u"}]}"#;

    #[test]
    fn what_is_written_is_read_wherever_it_stands() {
        let schema = written();
        let file = [b"\x7fELF..", &schema[..], b"\x7fdb-adapter", &schema, b"\0"].concat();
        let scan = scan(&file);
        assert_eq!(scan.payloads, [JSON]);
        assert_eq!(scan.damaged, []);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_payload_is_a_checked_schema() {
        let read: EmbeddedSchema = serde_json::from_str(JSON).unwrap();
        assert_eq!((read.id.as_str(), read.backup.tables.len()), ("app::S", 1));
        let bad = r#"{"id":"x","tables":[{"name":"t","parent":{"table":"u","field":"v"}}]}"#;
        assert!(serde_json::from_str::<EmbeddedSchema>(bad).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn an_export_is_read_back_and_is_a_backup_schema_too() {
        let schema: EmbeddedSchema = serde_json::from_str(JSON).unwrap();
        let export = serde_json::to_string(&schema).unwrap();
        assert_eq!(
            serde_json::from_str::<EmbeddedSchema>(&export).unwrap(),
            schema
        );
        let backup: crate::backup::BackupSchema = serde_json::from_str(&export).unwrap();
        assert_eq!(backup, schema.backup);
        let newer = export.replace("\"version\":1", "\"version\":2");
        let refused = serde_json::from_str::<EmbeddedSchema>(&newer).unwrap_err();
        assert!(
            refused.to_string().contains("newer db-adapter"),
            "{refused}"
        );
        let unknown = export.replace("\"version\":1", "\"verison\":1");
        assert!(serde_json::from_str::<EmbeddedSchema>(&unknown).is_err());
    }

    #[test]
    fn every_damage_is_named() {
        let whole = written();
        let with = |at: usize, byte: u8| {
            let mut file = whole.clone();
            file[at] = byte;
            let found = scan(&file);
            assert!(found.payloads.is_empty());
            found.damaged[0].1
        };
        assert_eq!(with(16, 2), Damage::Newer(2));
        assert_eq!(with(18, 9), Damage::Header);
        assert_eq!(with(23, 0x7f), Damage::Header);
        assert_eq!(with(20, 0xff), Damage::Truncated);
        assert_eq!(with(40, 0), Damage::Checksum);
        assert_eq!(scan(&whole[..20]).damaged, [(0, Damage::Truncated)]);
        assert_eq!(scan(&whole[..15]), Scan::default());
    }

    #[test]
    fn a_flood_of_magics_is_bounded() {
        let magic = &written()[..16];
        let found = scan(&magic.repeat(100_000)).damaged.len();
        assert_eq!(found, MOST);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            scan(&bytes);
        }

        #[test]
        fn a_changed_byte_is_noticed(at in 0_usize..100, byte: u8) {
            let mut file = written();
            prop_assume!(file[at] != byte);
            file[at] = byte;
            prop_assert!(scan(&file).payloads.is_empty());
        }

        #[test]
        fn no_header_panics(header in proptest::collection::vec(any::<u8>(), 0..60), cut in 0_usize..100) {
            let whole = written();
            let mut file = whole[..16].to_vec();
            file.extend(&header);
            file.extend(&whole[..cut]);
            scan(&file);
        }
    }
}
