//! Where PostgreSQL's client programs are. A package of the server alone has none; those of another version
//! talk to it as well.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binaries::{PG_BIN_VARIABLE, find_binaries};

/// A client program, such as `psql`: beside the server's programs, else of the newest server that is
/// installed, else of PATH.
#[must_use]
pub fn client_program(name: &str) -> PathBuf {
    let overridden = std::env::var_os(PG_BIN_VARIABLE).map(PathBuf::from);
    let folders = [find_binaries(overridden.as_deref()), find_binaries(None)];
    let programs = folders.into_iter().flatten();
    programs
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| PathBuf::from(name))
}

/// A client program that must be as new as the server, such as `pg_dump`; `None` where it is older or
/// there is none.
#[must_use]
pub fn client_as_new_as(name: &str, server: &Path) -> Option<PathBuf> {
    let program = client_program(name);
    let version = major_version(&program)?;
    (version >= major_version(&server.join("postgres"))?).then_some(program)
}

/// The number before the first dot of what `--version` says.
fn major_version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let numbers = text.split_whitespace().filter_map(|word| {
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    numbers.into_iter().next()
}
