//! The program `db-adapter`, built by cargo: `CARGO_BIN_EXE_..` knows only programs of the own
//! package.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::watchdog::watch;

/// Names the program that `tests/run` built for all test processes of one run.
const PROGRAM_VARIABLE: &str = "DB_ADAPTER_TESTS_PROGRAM";

/// Where it is: what `tests/run` built, else built once for all tests of a process.
///
/// # Panics
/// When it does not build.
pub fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    watch();
    PROGRAM.get_or_init(|| {
        if let Some(built) = std::env::var_os(PROGRAM_VARIABLE) {
            return built.into();
        }
        let test = std::env::current_exe().expect("the path of this test");
        // target/debug/deps/cli-0123456789abcdef
        let profile = test.parent().and_then(|deps| deps.parent());
        let profile = profile.expect("the test lies in a target folder");
        let target = profile
            .parent()
            .expect("the profile lies in a target folder");
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "db-adapter-cli",
            ])
            .arg("--target-dir")
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo starts");
        assert!(status.success(), "the program does not build");
        target.join("debug/db-adapter")
    })
}
