//! Where PostgreSQL's server programs are installed. A missing server is an error that says what
//! to install, never a reason to skip a test.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The environment variable that overrides the search with one folder.
pub const PG_BIN_VARIABLE: &str = "DB_ADAPTER_TESTS_PG_BIN";

const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Finds the folder with `initdb`, `pg_ctl` and `postgres`: the `overridden` one if given,
/// else the one that `pg_config` names, else the highest version below `/usr/lib/postgresql`.
///
/// # Errors
/// A message with the folders that were tried and with what to install.
pub fn find_binaries(overridden: Option<&Path>) -> Result<PathBuf, String> {
    let candidates = match overridden {
        Some(folder) => vec![folder.to_path_buf()],
        None => pg_config_folder()
            .into_iter()
            .chain(debian_folders())
            .collect(),
    };
    if let Some(folder) = candidates.iter().find(|folder| holds_a_server(folder)) {
        return Ok(folder.clone());
    }
    let tried: Vec<_> = candidates
        .iter()
        .map(|folder| format!("`{}`", folder.display()))
        .collect();
    Err(format!(
        "no PostgreSQL server found: no folder with {}; looked in {}\n\
         hint: `apt-get install postgresql`, or set {PG_BIN_VARIABLE} to the folder with these programs",
        NEEDED.map(|name| format!("`{name}`")).join(", "),
        if tried.is_empty() {
            "none".to_owned()
        } else {
            tried.join(", ")
        },
    ))
}

fn holds_a_server(folder: &Path) -> bool {
    NEEDED.iter().all(|name| folder.join(name).is_file())
}

fn pg_config_folder() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(folder.trim_end()))
}

/// Debian keeps each major version in a folder of its own, outside of PATH.
fn debian_folders() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .collect()
}
