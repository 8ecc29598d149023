//! db-adapter with the macros and nothing else, built once by cargo for all the cases.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A library to compile against.
pub(crate) struct Library {
    pub(crate) rlib: PathBuf,
    pub(crate) deps: PathBuf,
}

pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_MANIFEST_DIR");
    cargo
}

/// Runs cargo with JSON messages and gives the artifacts.
pub(crate) fn artifacts(cargo: &mut Command) -> Vec<serde_json::Value> {
    cargo.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{cargo:?}");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .collect()
}

/// With the features `macros` and `sql`.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut cargo = cargo();
        cargo.current_dir(root()).args([
            "build",
            "--locked",
            "--message-format=json-render-diagnostics",
            "--package=db-adapter",
            "--lib",
            "--no-default-features",
            "--features=macros,sql",
        ]);
        let artifacts = artifacts(&mut cargo);
        let ours = artifacts
            .iter()
            .find(|a| a["target"]["name"] == "db_adapter")
            .unwrap();
        let files = ours["filenames"].as_array().unwrap();
        let mut files = files.iter().filter_map(|file| file.as_str());
        let rlib = PathBuf::from(files.find(|file| file.ends_with(".rlib")).unwrap());
        let deps = rlib.parent().unwrap().join("deps");
        Library { rlib, deps }
    })
}
