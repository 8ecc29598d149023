//! The schemas inside of programs and libraries, and which of them is meant. Never runs a program;
//! that there is none is never silence.

use std::io::Read;
use std::path::{Path, PathBuf};

use db_adapter_core::closest;
use db_adapter_core::embed::{self, Damage, EmbeddedSchema};

use super::document::{open, unreadable};
use crate::exit::Exit;
use crate::report::{Finding, Report};

/// Larger programs are not read into memory.
const LARGEST: u64 = 2 << 30;

/// The schemas of these files, each once. No schema at all is an error with its likely causes.
pub(super) fn schemas(files: &[PathBuf], origin: &str) -> Result<Vec<EmbeddedSchema>, Report> {
    let (mut found, mut nothing) = (Vec::new(), Vec::new());
    for path in files {
        let bytes = read(path)?;
        let scan = embed::scan(&bytes);
        for payload in &scan.payloads {
            let schema = parse(payload, origin)?;
            if !found.contains(&schema) {
                found.push(schema);
            }
        }
        if scan.payloads.is_empty() {
            nothing.push(Nothing {
                path,
                damage: scan.damaged.first().map(|(_, damage)| *damage),
                kind: Kind::of(&bytes),
            });
        }
    }
    match found.is_empty() {
        true => Err(none(&nothing, origin)),
        false => Ok(found),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Report> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("`{}` is larger than {} GiB", path.display(), LARGEST >> 30);
        return Err(Report::new(Exit::Usage, message).hint("build it without debug information"));
    }
    Ok(bytes)
}

/// The checksum was right, so what is in it was written by some version of the macros.
fn parse(payload: &str, origin: &str) -> Result<EmbeddedSchema, Report> {
    serde_json::from_str(payload).map_err(|error| {
        let message = format!("{origin} has a schema that this version cannot read: {error}");
        Report::new(Exit::Usage, message)
            .hint("use the version of db-adapter that the program is built with")
    })
}

/// The schema of this id, or the only one.
pub(super) fn choose(
    mut schemas: Vec<EmbeddedSchema>,
    id: Option<&str>,
    origin: &str,
) -> Result<EmbeddedSchema, Report> {
    let ids: Vec<String> = schemas.iter().map(|schema| schema.id.clone()).collect();
    if let Some(id) = id {
        schemas.retain(|schema| schema.id == id);
    }
    let count = schemas.len();
    match (schemas.pop(), id) {
        (Some(schema), _) if count == 1 => Ok(schema),
        (Some(_), Some(id)) => Err(Report::new(
            Exit::Usage,
            format!("{origin} has {count} different schemas that are called `{id}`"),
        )
        .hint("one crate is in it in several versions: build it with one of them")),
        (Some(schema), None) => Err(several(&schemas, schema, origin)),
        (None, id) => Err(unknown(id.unwrap_or_default(), origin, &ids)),
    }
}

fn several(others: &[EmbeddedSchema], last: EmbeddedSchema, origin: &str) -> Report {
    let all = || others.iter().chain([&last]);
    let list: Vec<String> = all()
        .map(|schema| {
            let tables = schema.backup.tables.len() + schema.backup.other_tables.len();
            format!("`{}` ({tables} tables)", schema.id)
        })
        .collect();
    let message = format!("{origin} has {} schemas: {}", list.len(), list.join(", "));
    let largest = all().max_by_key(|schema| schema.backup.tables.len());
    let largest = largest.map(|schema| schema.id.as_str()).unwrap_or_default();
    Report::new(Exit::Usage, message).hint(format!(
        "choose one, such as `--schema {largest}`; `embed = false` leaves one out of the program"
    ))
}

/// That there is no schema of this id.
pub(super) fn unknown(id: &str, origin: &str, ids: &[String]) -> Report {
    let report = Report::new(Exit::Usage, format!("{origin} has no schema `{id}`"));
    match (closest(id, ids.iter().map(String::as_str)), ids) {
        (Some(near), _) => report.hint(format!("did you mean `{near}`?")),
        (None, []) => report.hint("`--schema` chooses one of the schemas in a program"),
        (None, ids) => report.hint(format!("it has `{}`", ids.join("`, `"))),
    }
}

/// A file without a schema.
struct Nothing<'a> {
    path: &'a Path,
    damage: Option<Damage>,
    kind: Kind,
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Program,
    Compressed,
    Script,
    Other,
}

impl Kind {
    fn of(bytes: &[u8]) -> Kind {
        const PROGRAMS: [&[u8]; 7] = [
            b"\x7fELF",
            b"MZ",
            b"!<arch>\n",
            b"\xcf\xfa\xed\xfe",
            b"\xce\xfa\xed\xfe",
            b"\xca\xfe\xba\xbe",
            b"\0asm",
        ];
        if bytes.starts_with(b"#!") {
            return Kind::Script;
        }
        if !PROGRAMS.iter().any(|magic| bytes.starts_with(magic)) {
            return Kind::Other;
        }
        let head = bytes.get(..4096).unwrap_or(bytes);
        match head.windows(4).any(|window| window == b"UPX!") {
            true => Kind::Compressed,
            false => Kind::Program,
        }
    }
}

/// Every file that was looked at, and why it may have nothing.
fn none(nothing: &[Nothing<'_>], origin: &str) -> Report {
    if nothing.is_empty() {
        return Report::new(
            Exit::Usage,
            format!("{origin} has neither a program nor a library"),
        )
        .hint("name the package with the tables, or with the program that uses them");
    }
    let findings = nothing.iter().map(|file| {
        let shown = file.path.display();
        let (message, hint) = match (file.damage, file.kind) {
            (Some(damage), _) => (format!("`{shown}` has {damage}"), damage.hint()),
            (None, Kind::Script) => (
                format!("`{shown}` is a script"),
                "name the program that it starts",
            ),
            (None, Kind::Other) => (
                format!("`{shown}` is neither a program nor a library"),
                "name what `cargo build` has written, such as `target/release/app`; for files use `--schema-file`",
            ),
            (None, Kind::Compressed) => (
                format!("`{shown}` is compressed by UPX, which hides the schema"),
                "name the file as `cargo build` has written it",
            ),
            (None, Kind::Program) => (format!("`{shown}` has no schema in it"), CAUSES),
        };
        Finding {
            message,
            hint: Some(hint.to_owned()),
        }
    });
    Report::of_findings(Exit::Usage, findings.collect())
}

/// Why a program has no schema.
const CAUSES: &str = "either it has no `backup_schema!` and no `#[schema]`, or they say `embed = false`, \
    or the program never mentions the crate that has them, and `use my_models as _;` is missing in its `main.rs`, \
    or it was built before they were written";

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(id: &str, table: &str) -> EmbeddedSchema {
        let json = format!(r#"{{"id":"{id}","tables":[{{"name":"{table}"}}]}}"#);
        serde_json::from_str(&json).unwrap()
    }

    fn hint(schemas: &[(&str, &str)], id: Option<&str>) -> String {
        let schemas = schemas.iter().map(|(id, table)| schema(id, table));
        let report = choose(schemas.collect(), id, "`app`").unwrap_err();
        report.findings[0].hint.clone().unwrap()
    }

    #[test]
    fn one_of_several_is_never_guessed() {
        let two = [("a::S", "t"), ("b::S", "t")];
        assert!(hint(&two, None).contains("`--schema b::S`"));
        assert!(hint(&two, Some("a::T")).contains("did you mean `a::S`"));
        assert!(hint(&two, Some("zzz")).contains("`a::S`, `b::S`"));
        let chosen = choose(
            vec![schema("a::S", "t"), schema("b::S", "u")],
            Some("a::S"),
            "x",
        );
        assert_eq!(chosen.unwrap().id, "a::S");
    }

    #[test]
    fn two_versions_of_one_crate_are_said() {
        assert!(hint(&[("a::S", "t"), ("a::S", "u")], Some("a::S")).contains("several versions"));
    }

    #[test]
    fn what_a_file_is_is_told_by_its_first_bytes() {
        assert!(Kind::of(b"\x7fELF..") == Kind::Program);
        assert!(Kind::of(b"\x7fELF..UPX!..") == Kind::Compressed);
        assert!(Kind::of(b"#!/bin/sh") == Kind::Script);
        assert!(Kind::of(b"") == Kind::Other);
    }
}
