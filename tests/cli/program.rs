//! Runs `db-adapter` as a shell would: arguments, environment and stdin in; stdout, stderr and
//! exit status out.

use std::io::Write;
use std::process::{Command, Stdio};

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// The program with these arguments, and none of the surroundings of the test.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(support::program());
    command
        .args(args)
        .env_remove("DATABASE_URL")
        .env_remove("DB_PROFILE")
        .env_remove("DB_ADAPTER_CONFIG")
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs to the end.
pub(crate) fn run(mut command: Command) -> Run {
    let output = command.output().expect("the program starts");
    Run {
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        code: output.status.code(),
    }
}

/// `db-adapter query ARGUMENTS -D URL`.
pub(crate) fn query(url: &str, args: &[&str]) -> Run {
    run(command(&[&["query", "-D", url], args].concat()))
}

/// The same with a text on stdin.
pub(crate) fn query_with_stdin(url: &str, args: &[&str], stdin: &str) -> Run {
    let mut command = command(&[&["query", "-D", url], args].concat());
    command.stdin(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    // a program that does not read it is no failure of the test
    let _ = pipe.write_all(stdin.as_bytes());
    drop(pipe);
    let output = child.wait_with_output().expect("the program ends");
    Run {
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        code: output.status.code(),
    }
}
