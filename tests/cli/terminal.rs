//! What a terminal shows: widths, colours, COLUMNS. The terminal is one of `script`'s.

use std::io::Write;
use std::process::{Command, Stdio};

use support::program;

use crate::program::{Run, run};
use crate::project::{Project, sqlite_version};

/// Runs in a terminal of this many columns; stdout and stderr arrive together.
pub(crate) fn in_terminal(project: &Project, before: &str, columns: usize, args: &str) -> Run {
    without_returns(run(terminal(project, before, columns, args)))
}

/// The same while somebody types this.
pub(crate) fn typed(project: &Project, columns: usize, args: &str, keys: &str) -> Run {
    let mut script = terminal(project, "NO_COLOR=1", columns, args);
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.stderr(Stdio::piped()).spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(keys.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(keyboard);
    without_returns(Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    })
}

fn without_returns(mut run: Run) -> Run {
    run.stdout = run.stdout.replace('\r', "");
    run
}

/// The program in a terminal, not started yet.
pub(crate) fn terminal(project: &Project, before: &str, columns: usize, args: &str) -> Command {
    let line = format!(
        "stty cols {columns} rows 24 2>/dev/null; {before} '{}' {args}",
        program().display()
    );
    let mut command: Command = project.command(&[]);
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line, "typescript"]);
    script.current_dir(project.path()).env("TERM", "xterm");
    for (name, value) in command.env("SHELL", "/bin/sh").get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script
}

fn project() -> Project {
    let long = "a description that is longer than eighty columns are wide, so that something has to give way here";
    let mut project = Project::new(&format!(
        "[profiles.local]\nurl = \"sqlite::memory:\"\ndescription = \"Short\"\n\n[profiles.production]\nurl = \"sqlite://p.db\"\ndescription = \"{long}\"\nprotected = true\n"
    ));
    project.replace(&sqlite_version(), "[VERSION]");
    project.write(".db-profile", "local\n");
    project
}

#[test]
fn eighty_and_two_hundred_columns() {
    let mut project = project();
    for columns in [80, 200] {
        for args in [
            "profiles",
            "status",
            "connect",
            "query --help",
            "status -q -p production",
        ] {
            let run = in_terminal(&project, "NO_COLOR=1", columns, args);
            if args != "query --help" {
                project.keep(&format!("$ db-adapter {args}  # {columns} columns"), &run);
            }
            let longest = run.stdout.lines().map(|l| l.chars().count()).max();
            assert!(longest <= Some(columns), "{run:?}");
        }
    }
    let run = in_terminal(&project, "NO_COLOR=1 COLUMNS=60", 200, "profiles");
    project.keep("$ COLUMNS=60 db-adapter profiles  # 200 columns", &run);
    project.matches("terminal");
}

#[test]
fn colours_are_for_terminals() {
    let project = project();
    for (before, args, colored) in [
        ("", "profiles", true),
        ("NO_COLOR=1", "profiles", false),
        ("NO_COLOR=1", "profiles --color always", true),
        ("TERM=dumb", "profiles", false),
        ("", "profiles --color never", false),
        ("", "status", true),
        ("NO_COLOR=1", "status", false),
        ("NO_COLOR=1", "connect -p production", false),
        ("", "connect -p production", true),
    ] {
        let run = in_terminal(&project, before, 80, args);
        assert_eq!(
            run.stdout.contains('\u{1b}'),
            colored,
            "{before} {args}: {run:?}"
        );
    }
}
