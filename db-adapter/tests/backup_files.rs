//! Files of every version of the format, kept for ever: each must be read as on the day it was made.

#![cfg(feature = "backup")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::path::{Path, PathBuf};

use db_adapter::BackupSchema;
use db_adapter::backup::{BackupProblemKind, BackupReport, validate_backup};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/backups")
        .join(name)
}

fn report(name: &str) -> BackupReport {
    let text = std::fs::read_to_string(fixture("tables.json")).unwrap();
    let schema: BackupSchema = serde_json::from_str(&text).unwrap();
    validate_backup(fixture(name), &schema).unwrap()
}

#[test]
fn every_version_is_read_for_ever() {
    let mut found: Vec<String> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "tables.json")
        .collect();
    found.sort();
    let known = [
        "db-adapter-0.1-format-1.json",
        "db-adapter-0.1-format-1.json.zst",
        "original-1.1.json",
    ];
    assert_eq!(found, known, "files are added, never taken away");
    for name in known {
        if name.ends_with(".zst") && !cfg!(feature = "zstd") {
            continue;
        }
        let report = report(name);
        assert!(report.valid, "{name}: {:?}", report.errors);
        let kinds: Vec<_> = report.warnings.iter().map(|w| w.kind).collect();
        match name {
            "original-1.1.json" => assert_eq!(kinds, [BackupProblemKind::NotSealed]),
            _ => assert_eq!(kinds, [], "{name}"),
        }
    }
}

#[test]
fn a_compressed_file_needs_the_feature_or_is_read() {
    let text = std::fs::read_to_string(fixture("tables.json")).unwrap();
    let schema: BackupSchema = serde_json::from_str(&text).unwrap();
    let result = validate_backup(fixture("db-adapter-0.1-format-1.json.zst"), &schema);
    match result {
        Ok(report) => assert!(cfg!(feature = "zstd") && report.valid),
        Err(error) => {
            let says_why = error.to_string().contains("feature `zstd`");
            assert!(!cfg!(feature = "zstd") && says_why, "{error}");
        }
    }
}
