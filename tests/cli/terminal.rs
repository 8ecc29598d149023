//! What a terminal shows: widths, colours, COLUMNS. The terminal is one of `script`'s.

use std::process::Command;

use support::program;

use crate::program::{Run, run};
use crate::project::{Project, sqlite_version};

/// Runs in a terminal of this many columns; stdout and stderr arrive together.
pub(crate) fn in_terminal(project: &Project, before: &str, columns: usize, args: &str) -> Run {
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
    let mut run = run(script);
    run.stdout = run.stdout.replace('\r', "");
    run
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
