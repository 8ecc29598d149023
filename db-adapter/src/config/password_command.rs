//! A password that a program prints, such as a password manager. It is run without a shell, in the
//! folder of `db.toml`, with nothing to read; what it prints goes nowhere but into the URL.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::PasswordCommandFailure as Failure;

/// How long the program may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// More than any password.
const LONGEST: u64 = 4096;

/// The words of a command: split at white space, where `'..'` and `".."` keep together what is
/// between them and nothing else is special. `None` when a quote has no partner.
pub(crate) fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Runs the command and gives the one line that it prints, without its line end.
pub(crate) fn run(words: &[String], folder: &Path, timeout: Duration) -> Result<String, Failure> {
    let deadline = Instant::now() + timeout;
    let (program, arguments) = words.split_first().ok_or(Failure::NotStarted)?;
    let mut child = Command::new(program_path(program, folder))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| Failure::NotStarted)?;
    let result = output(&mut child, deadline).and_then(|output| {
        let status = wait(&mut child, deadline)?;
        Ok((status, output))
    });
    if result.is_err() {
        // a program that has just ended cannot be killed, and need not
        let _ = child.kill();
        let _ = child.wait();
    }
    let (status, output) = result?;
    if !status.success() {
        return Err(Failure::Failed(status.code()));
    }
    line(output)
}

/// A relative path with a slash is looked up beside `db.toml`, as a word without one is in `PATH`.
fn program_path(program: &str, folder: &Path) -> PathBuf {
    if program.contains('/') {
        folder.join(program)
    } else {
        PathBuf::from(program)
    }
}

/// All that the program prints. The thread outlives a time-out as long as some child of the
/// program keeps the pipe open: nothing can be done about that without signals to strangers.
fn output(child: &mut Child, deadline: Instant) -> Result<Vec<u8>, Failure> {
    let stdout = child.stdout.take().ok_or(Failure::NotStarted)?;
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("password_command".to_owned())
        .spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.take(LONGEST + 1).read_to_end(&mut bytes);
            let _ = sender.send(read.map(|_| bytes)); // nobody listens after a time-out
        })
        .map_err(|_| Failure::NotStarted)?;
    match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(bytes)) if bytes.len() as u64 > LONGEST => Err(Failure::NotOneLine),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Failure::Failed(None)),
        Err(_) => Err(Failure::TimedOut),
    }
}

/// It has closed its output, so it ends soon.
fn wait(child: &mut Child, deadline: Instant) -> Result<ExitStatus, Failure> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() >= deadline => return Err(Failure::TimedOut),
            Ok(None) => thread::sleep(Duration::from_millis(2)),
            Err(_) => return Err(Failure::Failed(None)),
        }
    }
}

fn line(output: Vec<u8>) -> Result<String, Failure> {
    let text = String::from_utf8(output).map_err(|_| Failure::NotOneLine)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(Failure::Empty);
    }
    if line.contains(['\n', '\r', '\0']) {
        return Err(Failure::NotOneLine);
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_without_a_shell() {
        let split = |command| words(command).unwrap();
        assert_eq!(split("pass show  db/prod"), ["pass", "show", "db/prod"]);
        assert_eq!(
            split(r#"op read 'op://a b/c' "it's" x'y'z ''"#),
            ["op", "read", "op://a b/c", "it's", "xyz", ""]
        );
        assert_eq!(split(r"a $HOME *;|\ b"), ["a", "$HOME", r"*;|\", "b"]);
        assert_eq!(words("a 'b"), None);
        assert!(split(" ").is_empty());
    }

    #[cfg(unix)]
    fn ran(script: &str, timeout: Duration) -> Result<String, Failure> {
        let words = ["sh", "-c", script].map(str::to_owned);
        run(&words, Path::new("/"), timeout)
    }

    #[cfg(unix)]
    #[test]
    fn one_line_end_is_removed() {
        assert_eq!(ran("printf 'a b \\r\\n'", TIMEOUT).as_deref(), Ok("a b "));
        assert_eq!(ran("printf 'secret'", TIMEOUT).as_deref(), Ok("secret"));
        assert_eq!(ran("pwd", TIMEOUT).as_deref(), Ok("/"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_password_is_refused() {
        for (script, failure) in [
            ("echo secret; exit 3", Failure::Failed(Some(3))),
            ("kill -9 $$", Failure::Failed(None)),
            ("exit 0", Failure::Empty),
            ("echo", Failure::Empty),
            ("cat", Failure::Empty), // nothing to read
            ("echo a; echo b", Failure::NotOneLine),
            ("printf 'a\\n\\n'", Failure::NotOneLine),
            ("printf '\\377'", Failure::NotOneLine),
            ("exec yes", Failure::NotOneLine),
        ] {
            assert_eq!(ran(script, TIMEOUT), Err(failure), "{script}");
        }
        let missing = ["db-adapter-no-such-program".to_owned()];
        assert_eq!(
            run(&missing, Path::new("/"), TIMEOUT),
            Err(Failure::NotStarted)
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_stopped() {
        let short = Duration::from_millis(100);
        for script in [
            "exec sleep 60",
            "exec sleep 60 >/dev/null",
            "echo secret; exec sleep 60",
        ] {
            let started = Instant::now();
            assert_eq!(ran(script, short), Err(Failure::TimedOut), "{script}");
            assert!(started.elapsed() < Duration::from_secs(5));
        }
    }
}
