//! A folder with a `db.toml`, commands run in it, and what they said compared with a file of
//! `snapshots/`. `DB_ADAPTER_TESTS_UPDATE=1` writes these files; review them.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Run, command, run};

pub(crate) struct Project {
    folder: TempDir,
    /// What differs between runs, and what stands for it.
    replaced: Vec<(String, &'static str)>,
    said: String,
}

impl Project {
    /// A folder without `db.toml`, which is the home folder too, so that none above it is found.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        let replaced = vec![(real.display().to_string(), "[FOLDER]")];
        Project {
            folder,
            replaced,
            said: String::new(),
        }
    }

    pub(crate) fn new(db_toml: &str) -> Self {
        let project = Project::empty();
        project.write("db.toml", db_toml);
        project
    }

    /// In every snapshot, `name` instead of `text`.
    pub(crate) fn replace(&mut self, text: &str, name: &'static str) {
        self.replaced.push((text.to_owned(), name));
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that only its owner reads.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
        self.set_mode(name, 0o600);
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(self.path().join(name), permissions).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The program in this folder, with none of the variables that name a database.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command.current_dir(self.path()).env("HOME", self.path());
        command
    }

    /// Runs to the end, and keeps what was said for the snapshot.
    pub(crate) fn run(&mut self, args: &[&str]) -> Run {
        self.run_with(&[], args)
    }

    /// The same with variables.
    pub(crate) fn run_with(&mut self, variables: &[(&str, &str)], args: &[&str]) -> Run {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        let run = run(command);
        let variables = variables
            .iter()
            .map(|(name, value)| format!("{name}={value} "));
        let line = format!(
            "$ {}db-adapter {}",
            variables.collect::<String>(),
            args.join(" ")
        );
        self.keep(&line, &run);
        run
    }

    pub(crate) fn keep(&mut self, line: &str, run: &Run) {
        let code = run.code.unwrap();
        write!(self.said, "{line}\n[exit {code}]\n").unwrap();
        for (name, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if !text.is_empty() {
                write!(self.said, "[{name}]\n{text}").unwrap();
            }
        }
        self.said.push('\n');
    }

    /// Everything that was said is what the file says.
    #[track_caller]
    pub(crate) fn matches(&self, name: &str) {
        let mut said = self.said.clone();
        for (text, name) in &self.replaced {
            said = said.replace(text, name);
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("cli/snapshots/{name}.txt"));
        if std::env::var_os("DB_ADAPTER_TESTS_UPDATE").is_some() {
            fs::write(&path, &said).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            said == expected,
            "{} differs; this was said:\n{said}",
            path.display()
        );
    }
}

/// The version of the SQLite that is compiled in.
pub(crate) fn sqlite_version() -> String {
    let run = crate::program::query("sqlite::memory:", &["SELECT sqlite_version() AS v"]);
    run.stdout.lines().nth(1).unwrap().to_owned()
}
