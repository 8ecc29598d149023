//! A schema in the files that real builds make, read by the program `db-adapter`, and what it says
//! when there is none.

use super::build::{artifacts, cargo, project, target, write};
use db_adapter_core::embed::EmbeddedSchema;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The file of every target of a build: `uses`, `models`.
type Files = BTreeMap<String, PathBuf>;

fn build(project: &Path, target: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Files {
    let mut cargo = cargo();
    cargo
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target)
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(arguments)
        .envs(environment.iter().copied());
    let mut files = Files::new();
    for artifact in artifacts(&mut cargo) {
        let name = artifact["target"]["name"].as_str().unwrap().to_owned();
        let executable = artifact["executable"].as_str();
        let library = artifact["filenames"].as_array().unwrap().iter();
        let library = library
            .filter_map(|f| f.as_str())
            .find(|f| f.ends_with(".rlib"));
        if let Some(file) = executable.or(library) {
            files.insert(name, file.into());
        }
    }
    files
}

/// What `db-adapter schema` prints, or says when it fails.
fn schema(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(support::program())
        .arg("schema")
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("DB_ADAPTER_CONFIG")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
        Some(2 | 3) => Err(said),
        code => panic!("exit {code:?}: {said}"),
    }
}

fn export(file: &Path, id: Option<&str>) -> Result<EmbeddedSchema, String> {
    let mut arguments = vec!["export", "--binary", file.to_str().unwrap()];
    arguments.extend(id.iter().flat_map(|id| ["--schema", id]));
    schema(Path::new("."), &arguments).map(|json| serde_json::from_str(&json).unwrap())
}

/// All schemas, after the checks that are the same for every build.
fn exported(files: &Files) -> Vec<EmbeddedSchema> {
    let library = export(&files["models"], None).unwrap();
    assert_eq!(library.id, "models::SCHEMA");
    assert_eq!(export(&files["uses"], None), Ok(library.clone()));
    let both = export(&files["two"], None).unwrap_err();
    assert!(both.contains("has 2 schemas"), "{both}");
    assert!(both.contains("`models::SCHEMA` (3 tables)"), "{both}");
    assert!(both.contains("`two::own::ALL` (4 tables)"), "{both}");
    assert!(both.contains("such as `--schema two::own::ALL`"), "{both}");
    let of_library = export(&files["two"], Some("models::SCHEMA"));
    assert_eq!(of_library, Ok(library.clone()));
    let own = export(&files["two"], Some("two::own::ALL")).unwrap();
    // never mentioned, never linked: only the library's own file has it
    for without in ["none", "db_adapter"] {
        let none = export(&files[without], None).unwrap_err();
        assert!(none.contains("has no schema in it"), "{none}");
        assert!(none.contains("use my_models as _;"), "{none}");
    }
    vec![library, own]
}

#[test]
fn a_schema_survives_debug_release_and_the_smallest_builds() {
    let project = project();
    let folder = project.folder.as_path();
    let own = folder.join("target");
    let debug = exported(&build(folder, target(), &[], &[]));
    content_is_what_was_declared(&debug[0], &debug[1]);
    let release = exported(&build(folder, &own, &["--release"], &[]));
    assert_eq!(release, debug);
    let smallest = [
        ("CARGO_PROFILE_RELEASE_LTO", "fat"),
        ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
        ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ];
    let files = build(folder, &own, &["--release"], &smallest);
    assert_eq!(exported(&files), debug);
    a_damaged_program_is_no_program_without_a_schema(&files["uses"]);
}

fn content_is_what_was_declared(library: &EmbeddedSchema, own: &EmbeddedSchema) {
    let names = |schema: &EmbeddedSchema| -> Vec<String> {
        let tables = schema.backup.tables.iter();
        tables.map(|table| table.name.to_string()).collect()
    };
    assert_eq!(names(library), ["authors", "books"]);
    assert_eq!(names(own), ["authors", "review", "books"]);
    let books = &library.backup.tables[1];
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
    // what is not backed up is expected all the same, and comes along with `..`
    assert_eq!(library.expected().tables.len(), 3);
    assert_eq!(own.expected().tables.len(), 4);
    assert!(own.expected().table("audit_log").is_some());
}

/// One bit of the schema is another one: that is said, and nothing is believed.
fn a_damaged_program_is_no_program_without_a_schema(program: &Path) {
    let mut bytes = std::fs::read(program).unwrap();
    let id = b"models::SCHEMA";
    let at = bytes.windows(id.len()).position(|here| here == id).unwrap();
    bytes[at] ^= 1;
    let damaged = program.with_extension("damaged");
    std::fs::write(&damaged, bytes).unwrap();
    let said = export(&damaged, None).unwrap_err();
    assert!(said.contains("wrong checksum"), "{said}");
    assert!(said.contains("build again"), "{said}");
}

#[test]
fn a_package_is_built_and_read() {
    let project = project();
    let folder = project.folder.as_path();
    let models = schema(folder, &["export", "--package", "models"]).unwrap();
    let models: EmbeddedSchema = serde_json::from_str(&models).unwrap();
    assert_eq!(models.id, "models::SCHEMA");
    let both = schema(folder, &["show", "--package", "app"]).unwrap_err();
    assert!(both.contains("package `app` has 2 schemas"), "{both}");
    let own = ["show", "--package", "app", "--schema", "two::own::ALL"];
    let own = schema(folder, &own).unwrap();
    assert!(own.contains("two::own::ALL"), "{own}");
    let near = schema(folder, &["show", "--package", "nodels"]).unwrap_err();
    assert!(near.contains("did you mean `models`?"), "{near}");
    write(&folder.join("app/src/bin/none.rs"), "fn main() { no }\n");
    let broken = schema(folder, &["show", "--package", "app"]).unwrap_err();
    assert!(broken.contains("cannot find value `no`"), "{broken}");
    assert!(
        broken.contains("`cargo build --package app` failed"),
        "{broken}"
    );
}

/// The compiler knows of the SQL file: what it says is compared again when it is edited.
#[test]
fn editing_the_sql_file_builds_again() {
    let project = project();
    let folder = project.folder.as_path();
    let check = || {
        let mut cargo = cargo();
        cargo.current_dir(folder).env("CARGO_TARGET_DIR", target());
        cargo
            .args(["check", "--package", "models"])
            .output()
            .unwrap()
    };
    let before = check();
    let said = String::from_utf8_lossy(&before.stderr).into_owned();
    assert!(before.status.success(), "{said}");
    let file = folder.join("models/schema.sql");
    let sql = std::fs::read_to_string(&file).unwrap();
    write(
        &file,
        &sql.replace("slug text NOT NULL", "code text NOT NULL"),
    );
    let after = check();
    let said = String::from_utf8_lossy(&after.stderr).into_owned();
    assert!(!after.status.success(), "the old file was taken");
    assert!(
        said.contains("table `words` has no column `slug`"),
        "{said}"
    );
}
