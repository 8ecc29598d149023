//! Projects of users in a folder of their own, built by cargo with the macros and nothing else.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The target folder of the workspace: it has the debug build of all that the fixtures depend on.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Cargo as a user calls it, without the network.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_MANIFEST_DIR")
        .env("CARGO_NET_OFFLINE", "true");
    cargo
}

/// The project, for one test at a time.
pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// A copy of the fixtures in the target folder, with the workspace's versions. One for all tests:
/// in one target folder cargo takes packages at the same place of two workspaces for the same.
pub(crate) fn project() -> Project {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("declare");
    let fixtures = root().join("tests/declare/fixtures");
    for file in [
        "Cargo.toml",
        "models/Cargo.toml",
        "models/schema.sql",
        "models/src/lib.rs",
        "app/Cargo.toml",
        "app/src/bin/uses.rs",
        "app/src/bin/two.rs",
        "app/src/bin/none.rs",
    ] {
        let text = std::fs::read_to_string(fixtures.join(file)).unwrap();
        write(
            &project.join(file),
            &text.replace("$ROOT", root().to_str().unwrap()),
        );
    }
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    std::fs::write(project.join("Cargo.lock"), lock).unwrap();
    Project {
        folder: project,
        _turn: turn,
    }
}

/// Only what changed is written, so that cargo builds it once.
pub(crate) fn write(path: &Path, text: &str) {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
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
