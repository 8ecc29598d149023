//! Every file in `tests/ui/` is a mistake, and the file of the same name with `.stderr` what the
//! compiler says. The folders are named by what the user did wrong; `fine/` compiles without a
//! warning. `DB_ADAPTER_TESTS_BLESS=1` writes the messages anew, to be reviewed in the diff.
//!
//! The compiler is called by itself, with one library for all: no project for each case.

use super::build::{library, root};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The wording of some messages is the compiler's; they are compared with one version of it.
const COMPILER: &str = "rustc 1.95";

#[test]
fn messages_are_as_reviewed() {
    let version = Command::new("rustc").arg("--version").output().unwrap();
    if !version.stdout.starts_with(COMPILER.as_bytes()) {
        println!("skipped: the messages are those of {COMPILER}");
        return;
    }
    library();
    let cases = cases(&root().join("tests/ui"));
    assert!(cases.len() >= 60, "only {} cases were found", cases.len());
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = check(case) {
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What makes cargo build again when the file is edited.
#[test]
fn the_compiler_knows_of_the_sql_file() {
    let folder = tempfile::tempdir().unwrap();
    let dependencies = folder.path().join("case.d");
    let output = rustc("dep-info", &dependencies, Path::new("fine/module.rs"));
    assert!(output.status.success());
    let dependencies = std::fs::read_to_string(dependencies).unwrap();
    assert!(dependencies.contains("files/schema.sql"), "{dependencies}");
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "files") {
            found.extend(cases(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn check(case: &Path) -> Result<(), String> {
    let shown = case.strip_prefix(root().join("tests/ui")).unwrap();
    let (success, said) = compile(shown);
    if case.parent().is_some_and(|folder| folder.ends_with("fine")) {
        return match success && said.is_empty() {
            true => Ok(()),
            false => Err(format!("{} should compile:\n{said}", shown.display())),
        };
    }
    if success {
        return Err(format!("{} compiles, and should not", shown.display()));
    }
    if said.contains("internal compiler error") || said.contains("proc macro panicked") {
        return Err(format!("{} panics:\n{said}", shown.display()));
    }
    let file = case.with_extension("stderr");
    if std::env::var_os("DB_ADAPTER_TESTS_BLESS").is_some() {
        std::fs::write(&file, said).unwrap();
        return Ok(());
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    match reviewed == said {
        true => Ok(()),
        false => Err(format!(
            "{}: expected\n{reviewed}\nfound\n{said}",
            shown.display()
        )),
    }
}

/// Whether it compiles, and what is said, without what differs from machine to machine.
///
/// The output goes to a folder of its own and never to `/dev/null`: the compiler renames its file
/// over the target, and for root that replaces the device for the whole machine.
fn compile(shown: &Path) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = rustc("metadata", &folder.path().join("case.rmeta"), shown);
    let text = String::from_utf8_lossy(&output.stderr);
    let root = root().display().to_string();
    let lines = text.lines().filter(|line| !is_list_of_impls(line));
    let said: String = lines
        .map(|line| line.replace(&root, "$ROOT") + "\n")
        .collect();
    (output.status.success(), said)
}

fn rustc(emit: &str, to: &Path, shown: &Path) -> std::process::Output {
    let library = library();
    Command::new("rustc")
        .current_dir(root().join("tests/ui"))
        .env("CARGO_MANIFEST_DIR", root().join("tests/ui/files"))
        .args(["--edition=2024", "--crate-type=lib", "--crate-name=case"])
        .args(["-Dwarnings", "-Adead_code", "--cap-lints=warn"])
        .arg("--diagnostic-width=140")
        .arg(format!("--emit={emit}"))
        .arg("-o")
        .arg(to)
        .arg(format!("--extern=db_adapter={}", library.rlib.display()))
        .arg(format!("-Ldependency={}", library.deps.display()))
        .arg(shown)
        .output()
        .unwrap()
}

/// Which types happen to implement a trait changes with every type that is added.
fn is_list_of_impls(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("`Value` implements")
        || line.starts_with("and ") && line.ends_with(" others")
        || [
            "Box<str>",
            "Option<T>",
            "String",
            "Value",
            "Vec<T>",
            "Vec<u8>",
            "[u8; N]",
            "bool",
        ]
        .contains(&line)
}
