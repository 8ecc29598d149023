//! Builds a package and says which files came of it: cargo's own messages, never a guess about
//! where they lie.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use db_adapter_core::closest;
use serde_json::Value;

use crate::exit::Exit;
use crate::report::Report;
use crate::settings::Settings;

/// Builds the package as `cargo build` does, and gives its programs and libraries. What cargo says
/// goes to stderr.
pub(super) fn build(package: &str, settings: &Settings) -> Result<Vec<PathBuf>, Report> {
    let id = package_id(package, settings)?;
    let mut build = cargo(
        settings,
        &["build", "--message-format=json-render-diagnostics"],
    );
    build.args(["--package", package]);
    if settings.quiet {
        build.arg("--quiet");
    }
    let mut child = build.spawn().map_err(|error| not_started(&error))?;
    let mut files = Vec::new();
    for line in child
        .stdout
        .take()
        .map(BufReader::new)
        .into_iter()
        .flat_map(BufRead::lines)
    {
        // what is no message is not for us
        let Some(message) = line
            .ok()
            .and_then(|line| serde_json::from_str::<Value>(&line).ok())
        else {
            continue;
        };
        if message["reason"] == "compiler-artifact" && message["package_id"] == id.as_str() {
            files.extend(of_artifact(&message));
        }
    }
    let status = child.wait().map_err(|error| not_started(&error))?;
    match status.success() {
        true => Ok(files),
        false => Err(Report::new(
            Exit::Failed,
            format!("`cargo build --package {package}` failed; its messages stand above"),
        )),
    }
}

/// The executable, or the libraries; neither build scripts nor macros.
fn of_artifact(message: &Value) -> Vec<PathBuf> {
    let kinds = message["target"]["kind"].as_array();
    let is = |kind: &str| kinds.is_some_and(|kinds| kinds.iter().any(|found| found == kind));
    if is("custom-build") || is("proc-macro") {
        return Vec::new();
    }
    if let Some(executable) = message["executable"].as_str() {
        return vec![executable.into()];
    }
    let files = message["filenames"].as_array().into_iter().flatten();
    files
        .filter_map(Value::as_str)
        .map(PathBuf::from)
        .filter(|path| is_library(path))
        .collect()
}

fn is_library(path: &Path) -> bool {
    let endings = ["rlib", "so", "dylib", "dll", "a", "lib"];
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// How cargo calls the package in its messages.
fn package_id(package: &str, settings: &Settings) -> Result<String, Report> {
    let output = cargo(settings, &["metadata", "--no-deps", "--format-version=1"])
        .output()
        .map_err(|error| not_started(&error))?;
    if !output.status.success() {
        let message = "cargo cannot read the workspace here; its message stands above";
        return Err(Report::new(Exit::Usage, message).hint(
            "run this in the folder of `Cargo.toml`, or name the built file with `--binary`",
        ));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let named: Vec<(&str, &str)> = packages
        .filter_map(|found| Some((found["name"].as_str()?, found["id"].as_str()?)))
        .collect();
    let found = named.iter().find(|(name, _)| *name == package);
    match found {
        Some((_, id)) => Ok((*id).to_owned()),
        None => Err(unknown(package, named.iter().map(|(name, _)| *name))),
    }
}

fn unknown<'a>(package: &str, names: impl Iterator<Item = &'a str> + Clone) -> Report {
    let report = Report::new(
        Exit::Usage,
        format!("the workspace has no package `{package}`"),
    );
    match closest(package, names.clone()) {
        Some(near) => report.hint(format!("did you mean `{near}`?")),
        None => report.hint(format!(
            "it has `{}`",
            names.collect::<Vec<_>>().join("`, `")
        )),
    }
}

fn cargo(settings: &Settings, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(&settings.cargo);
    cargo
        .args(arguments)
        .current_dir(&settings.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    cargo
}

fn not_started(error: &std::io::Error) -> Report {
    Report::new(
        Exit::Failed,
        format!("cargo cannot be started: {}", error.kind()),
    )
    .hint("install Rust, https://rustup.rs, or name the built file with `--binary`")
}
