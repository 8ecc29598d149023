//! A new user's shell: an empty home, an empty folder, the clone, and nothing of the test's own
//! surroundings.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) struct Shell {
    /// Stands for `/tmp` of the page.
    temporary: PathBuf,
    here: PathBuf,
    /// What `$?` is.
    last: i32,
    _folder: TempDir,
}

/// What a command printed, on stdout and stderr as they came, and how it ended.
pub(crate) struct Ran {
    pub(crate) printed: String,
    pub(crate) code: i32,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

impl Shell {
    /// In an empty folder.
    pub(crate) fn new() -> Shell {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let (temporary, here) = (real.join("tmp"), real.join("project"));
        for new in [&temporary, &here, &real.join("home")] {
            std::fs::create_dir(new).unwrap();
        }
        Shell {
            temporary,
            here,
            last: 0,
            _folder: folder,
        }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.here.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn run(&mut self, command: &str) -> Ran {
        let command = command.replace("/tmp/", &format!("{}/", self.temporary.display()));
        let words: Vec<&str> = command.split_whitespace().collect();
        let ran = match words.as_slice() {
            // it is in the PATH, as built for all the tests
            ["cargo", "install", "--path", "db-adapter-cli", ..] => self.done(),
            ["cd", folder, ..] => {
                self.here = self.here.join(folder);
                assert!(self.here.is_dir(), "no folder {}", self.here.display());
                self.done()
            }
            ["cargo", "run", ..] => self.sh(&command, root()),
            _ => self.sh(&command, &self.here),
        };
        self.last = ran.code;
        ran
    }

    fn done(&self) -> Ran {
        Ran {
            printed: String::new(),
            code: 0,
        }
    }

    fn sh(&self, command: &str, folder: &Path) -> Ran {
        let script = format!("exec 2>&1\n(exit {})\n{command}", self.last);
        let output = self.surroundings(folder).args(["-c", &script]).output();
        let output = output.expect("sh starts");
        let printed = String::from_utf8(output.stdout).expect("UTF-8 is printed");
        Ran {
            printed: printed.replace(&format!("{}/", self.temporary.display()), "/tmp/"),
            code: output.status.code().unwrap(),
        }
    }

    fn surroundings(&self, folder: &Path) -> Command {
        let programs = support::program().parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut sh = Command::new("sh");
        // cargo needs its home and the workspace's target folder, nothing else is a new user's
        let kept = [
            "CARGO_HOME",
            "RUSTUP_HOME",
            "CARGO_TARGET_DIR",
            "RUSTUP_TOOLCHAIN",
        ];
        sh.env_clear()
            .envs(
                kept.iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("HOME", self.temporary.with_file_name("home"))
            .env("TMPDIR", &self.temporary)
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_QUIET", "true")
            .current_dir(folder)
            .stdin(Stdio::null());
        if std::env::var_os("CARGO_HOME").is_none() {
            let home = std::env::var("HOME").unwrap_or_default();
            sh.env("CARGO_HOME", format!("{home}/.cargo"));
            sh.env("RUSTUP_HOME", format!("{home}/.rustup"));
        }
        sh
    }
}
