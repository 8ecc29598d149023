//! A test that hangs fails with its name, under `cargo test` and under nextest.

use std::process::{Command, Output};
use std::{fs, thread};

use support::{LIMIT_VARIABLE, TestDatabase};

#[test]
#[ignore = "hangs on purpose, for the test of the limit"]
fn hangs() {
    let _database = TestDatabase::sqlite();
    loop {
        thread::park();
    }
}

#[test]
#[ignore = "only in the company of the one that hangs"]
fn ends() {
    let _database = TestDatabase::sqlite();
}

fn texts(output: &Output) -> String {
    [&output.stdout[..], &output.stderr[..]]
        .map(String::from_utf8_lossy)
        .concat()
}

#[test]
fn a_test_that_hangs_fails_with_its_name() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "limits::"])
        .env(LIMIT_VARIABLE, "1")
        // there the limit is the runner's
        .env_remove("NEXTEST")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let message = String::from_utf8(output.stderr).unwrap();
    let named: Vec<_> = message
        .lines()
        .filter(|line| line.contains("still running"))
        .collect();
    assert_eq!(
        named,
        ["test limits::hangs ... FAILED: still running after 1s"],
        "{message}"
    );
}

/// The settings of the workspace, with seconds instead of minutes, in a package that only hangs.
#[test]
fn nextest_ends_a_test_that_hangs_and_names_it() {
    let nextest = || {
        let mut command = Command::new(env!("CARGO"));
        command.arg("nextest");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("NEXTEST") || text.starts_with("CARGO_") {
                command.env_remove(name);
            }
        }
        command
    };
    if !nextest()
        .arg("--version")
        .output()
        .unwrap()
        .status
        .success()
    {
        eprintln!("no nextest is installed: its settings are not used here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let settings = concat!(env!("CARGO_MANIFEST_DIR"), "/../.config/nextest.toml");
    let settings = fs::read_to_string(settings).unwrap();
    // what follows names packages of the workspace
    let (general, _) = settings.split_once("[[").unwrap();
    assert_eq!(general.matches("\"60s\"").count(), 1, "{general}");
    write(
        ".config/nextest.toml",
        &general.replace("\"60s\"", "\"1s\""),
    );
    write(
        "Cargo.toml",
        "[package]\nname = \"hanging\"\nedition = \"2024\"\n[workspace]\n",
    );
    write(
        "src/lib.rs",
        "#[test] fn hangs() { loop { std::thread::park(); } }\n#[test] fn ends() {}\n",
    );
    let output = nextest()
        .args(["run", "--offline", "--color=never"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = texts(&output);
    assert_eq!(output.status.code(), Some(100), "{said}");
    let ended = |line: &&str| line.contains("TIMEOUT") && line.ends_with("hanging hangs");
    assert!(said.lines().any(|line| ended(&line)), "{said}");
    assert!(said.contains("1 passed, 1 timed out"), "{said}");
}
