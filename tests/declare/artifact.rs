//! A schema in the files that real builds make, and what is there when it is not.

use super::build::{artifacts, cargo, root};
use db_adapter_core::embed::{EmbeddedSchema, scan};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The schemas of every file of a build, by the file's target: `uses`, `models`.
type Found = BTreeMap<String, Vec<EmbeddedSchema>>;

/// A copy of the fixtures in the target folder, with the workspace's versions.
fn project() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("declare");
    let fixtures = root().join("tests/declare/fixtures");
    for file in [
        "Cargo.toml",
        "models/Cargo.toml",
        "models/src/lib.rs",
        "app/Cargo.toml",
        "app/src/bin/uses.rs",
        "app/src/bin/two.rs",
        "app/src/bin/none.rs",
    ] {
        let text = std::fs::read_to_string(fixtures.join(file)).unwrap();
        write(
            &target.join(file),
            &text.replace("$ROOT", root().to_str().unwrap()),
        );
    }
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    std::fs::write(target.join("Cargo.lock"), lock).unwrap();
    target
}

/// Only what changed is written, so that cargo builds it once.
fn write(path: &Path, text: &str) {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// `target` is where to build: the workspace's own folder has the debug build of all that the
/// fixtures depend on.
fn build(project: &Path, target: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Found {
    let mut cargo = cargo();
    cargo
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target)
        .args([
            "build",
            "--offline",
            "--message-format=json-render-diagnostics",
        ])
        .args(arguments)
        .envs(environment.iter().copied());
    let mut found = Found::new();
    for artifact in artifacts(&mut cargo) {
        let name = artifact["target"]["name"].as_str().unwrap().to_owned();
        if !["uses", "two", "none", "models", "db_adapter"].contains(&name.as_str()) {
            continue;
        }
        let executable = artifact["executable"].as_str();
        let library = artifact["filenames"].as_array().unwrap().iter();
        let library = library
            .filter_map(|f| f.as_str())
            .find(|f| f.ends_with(".rlib"));
        let file = std::fs::read(executable.or(library).unwrap()).unwrap();
        let payloads = scan(&file).payloads;
        let schemas = payloads
            .iter()
            .map(|json| serde_json::from_str(json).unwrap());
        found.insert(name, schemas.collect());
    }
    found
}

fn ids(found: &Found, target: &str) -> Vec<String> {
    let mut ids: Vec<String> = found[target]
        .iter()
        .map(|schema| schema.id.clone())
        .collect();
    ids.sort();
    ids
}

fn all_are_found(found: &Found) {
    assert_eq!(ids(found, "models"), ["models::SCHEMA"]);
    assert_eq!(ids(found, "uses"), ["models::SCHEMA"]);
    assert_eq!(ids(found, "two"), ["models::SCHEMA", "two::own::ALL"]);
    // never mentioned, never linked: only the library's own file has it
    assert!(ids(found, "none").is_empty());
    assert!(ids(found, "db_adapter").is_empty());
}

#[test]
fn a_schema_survives_debug_release_and_the_smallest_builds() {
    let project = project();
    let own = project.join("target");
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let debug = build(&project, workspace, &[], &[]);
    all_are_found(&debug);
    content_is_what_was_declared(&debug);
    all_are_found(&build(&project, &own, &["--release"], &[]));
    let smallest = [
        ("CARGO_PROFILE_RELEASE_LTO", "fat"),
        ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
        ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ];
    let found = build(&project, &own, &["--release"], &smallest);
    assert_eq!(found, debug);
}

fn content_is_what_was_declared(found: &Found) {
    let schema = &found["models"][0];
    let names: Vec<&str> = schema.backup.tables.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ["authors", "books"]);
    let books = &schema.backup.tables[1];
    assert_eq!(books.optional_refs[0].references[0], "slug");
    assert_eq!(books.renamed_from.as_deref(), Some("book"));
    let columns: Vec<_> = books
        .columns
        .iter()
        .map(|c| (&*c.name, c.data_type.as_deref(), c.nullable, c.filled))
        .collect();
    assert_eq!(columns[0], ("id", Some("bigint"), Some(false), None));
    assert_eq!(
        columns[5],
        ("tags \"quoted\"", Some("text[]"), Some(false), Some(true))
    );
    assert_eq!(columns[6].1, None);
    assert_eq!(schema.other_tables[0].name, "audit_log");
    assert_eq!(schema.expected().tables.len(), 3);
    let own = found["two"]
        .iter()
        .find(|s| s.id == "two::own::ALL")
        .unwrap();
    let names: Vec<&str> = own.backup.tables.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ["authors", "review", "books"]);
}
