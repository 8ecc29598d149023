//! Every `.rs` file in the folders here is a mistake, and the file of the same name with `.stderr`
//! what the compiler says. The folders are named by what the user did wrong.
//! `TRYBUILD=overwrite cargo test -p db-adapter-ui-tests` writes the messages anew; review them in
//! the difference.
//!
//! The words around our messages are the compiler's, so the files hold for one version of it. With
//! another one the cases are compiled all the same: each must fail, with our messages in what is
//! said.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests fail by panicking"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler of the `.stderr` files.
const COMPILER: &str = "rustc 1.95.";

/// The macros look for SQL files in the folder of the package: for the cases this is the one that
/// trybuild makes.
const SQL: [&str; 4] = ["schema.sql", "broken.sql", "empty.sql", "latin1.sql"];

#[test]
fn messages_are_as_reviewed() {
    let cases = cases(here());
    assert!(cases.len() >= 60, "only {} cases were found", cases.len());
    for case in &cases {
        let reviewed = case.with_extension("stderr").exists();
        assert!(reviewed || writes(), "{} has no `.stderr`", case.display());
    }
    copy_sql();
    let version = compiler();
    if !version.starts_with(COMPILER) {
        only_our_words(&cases, &format!("{COMPILER}x, and this is {version}"));
    } else {
        let (usual, elsewhere): (Vec<_>, Vec<_>) =
            cases.iter().cloned().partition(|case| is_usual(case));
        compile(&usual);
        if !elsewhere.is_empty() {
            only_our_words(&elsewhere, "a target folder in the workspace");
        }
    }
    for case in &cases {
        no_panic(case);
    }
}

/// In some messages stands the folder that trybuild makes: as `$WORKSPACE/target/..` where it is.
fn is_usual(case: &Path) -> bool {
    let reviewed = fs::read_to_string(case.with_extension("stderr")).unwrap_or_default();
    let default = here().join("../../target").canonicalize().ok();
    !reviewed.contains("$WORKSPACE/target/tests") || default == target().canonicalize().ok()
}

/// Compiled by [`only_our_words`], in a process that only writes what is said.
#[test]
#[ignore = "a part of `messages_are_as_reviewed`"]
fn copies_are_compiled() {
    compile(&cases(&copies()));
}

fn compile(cases: &[PathBuf]) {
    let tests = trybuild::TestCases::new();
    for case in cases {
        // trybuild shows and compares paths from the package's folder
        tests.compile_fail(case.strip_prefix(here()).unwrap_or(case));
    }
}

/// Nothing to compare with word for word, but each must fail, and say what we say.
fn only_our_words(cases: &[PathBuf], why: &str) {
    // not captured: nobody shall think that everything was compared
    let _ = writeln!(
        std::io::stderr(),
        "\n!!! {} of the messages in tests/ui are those of {why}:\n\
         !!! each case must fail with our words; the compiler's own are not compared\n",
        cases.len()
    );
    let copies = copies();
    let _ = fs::remove_dir_all(&copies);
    for case in cases {
        let copy = copies.join(case.strip_prefix(here()).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(case, copy).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "copies_are_compiled"])
        .env("TRYBUILD", "overwrite")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "a case compiles: {said}");
    let mut missing = String::new();
    for case in cases {
        let copy = copies.join(case.strip_prefix(here()).unwrap());
        let said = fs::read_to_string(copy.with_extension("stderr")).unwrap();
        let reviewed = fs::read_to_string(case.with_extension("stderr")).unwrap();
        for message in our_messages(&reviewed) {
            if !said.contains(message) {
                missing += &format!("{}: `{message}` is not in:\n{said}\n", case.display());
            }
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

/// What macros report, and what panics in const evaluation say. The rest is the compiler's.
fn our_messages(reviewed: &str) -> impl Iterator<Item = &str> {
    let messages = reviewed.lines().filter_map(|line| {
        let macros = line.strip_prefix("error: ");
        macros.or_else(|| {
            line.split_once("evaluation panicked: ")
                .map(|(_, said)| said)
        })
    });
    // a path is of the folder that compiles
    messages.filter(|message| !message.contains("$WORKSPACE"))
}

fn no_panic(case: &Path) {
    let said = fs::read_to_string(case.with_extension("stderr")).unwrap();
    for words in [
        "internal compiler error",
        "panicked at",
        "proc macro panicked",
    ] {
        assert!(!said.contains(words), "{}: {said}", case.display());
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

fn copies() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui")
}

fn writes() -> bool {
    std::env::var_os("TRYBUILD").is_some()
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn copy_sql() {
    let project = target().join("tests/trybuild").join(env!("CARGO_PKG_NAME"));
    fs::create_dir_all(&project).unwrap();
    for file in SQL {
        fs::copy(here().join(file), project.join(file)).unwrap();
    }
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() || folder.ends_with("fine") {
            continue;
        }
        for entry in fs::read_dir(folder).unwrap() {
            let case = entry.unwrap().path();
            if case.extension().is_some_and(|ending| ending == "rs") {
                cases.push(case);
            }
        }
    }
    cases.sort();
    cases
}
