//! The `.env` file: found like `db.toml`, read into pairs, never put into the environment of the
//! process. No message quotes a line of it: that may be a password.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use crate::exit::Exit;
use crate::report::Report;

const FILE_NAME: &str = ".env";

/// A `.env` file that was read.
#[derive(Clone)]
pub(crate) struct Dotenv {
    pub(crate) path: PathBuf,
    pub(crate) variables: Vec<(String, String)>,
}

/// Names alone: values are secrets.
impl fmt::Debug for Dotenv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.variables.iter().map(|(name, _)| name);
        f.debug_struct("Dotenv")
            .field("path", &self.path)
            .field("variables", &names.collect::<Vec<_>>())
            .finish()
    }
}

/// The nearest `.env` from the folder upward; the root of the repository and the home folder are
/// the last that are looked into.
pub(crate) fn read(start: &Path, home: Option<&Path>) -> Result<Option<Dotenv>, Report> {
    for folder in start.ancestors().filter(|f| !f.as_os_str().is_empty()) {
        let path = folder.join(FILE_NAME);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let variables = parse(&text).map_err(|line| malformed(&path, line))?;
                return Ok(Some(Dotenv { path, variables }));
            }
            // a folder of this name is somebody's virtual environment
            Err(_) if !path.is_file() => {}
            Err(error) => return Err(unreadable(&path, &error)),
        }
        if home == Some(folder) || folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

/// The variables of the text, or the line that is none where it can be told.
fn parse(text: &str) -> Result<Vec<(String, String)>, Option<usize>> {
    dotenvy::from_read_iter(text.as_bytes())
        .map(|pair| {
            pair.map_err(|error| match error {
                dotenvy::Error::LineParse(rest, _) => line_of(text, &rest),
                _ => None,
            })
        })
        .collect()
}

/// The number of the line that ends with the text that could not be understood, if only one does.
fn line_of(text: &str, rest: &str) -> Option<usize> {
    let rest = rest.lines().next()?.trim();
    let mut lines = (1..).zip(text.lines());
    let mut matching = lines
        .by_ref()
        .filter(|(_, line)| line.trim_end().ends_with(rest));
    let (number, _) = matching.next()?;
    matching.next().is_none().then_some(number)
}

fn malformed(path: &Path, line: Option<usize>) -> Report {
    let place = match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    };
    Report::new(Exit::Usage, format!("{place}: this is no `NAME=value`")).hint(
        "quote a value with spaces or special characters: `NAME='value'`; or pass `--no-dotenv`",
    )
}

fn unreadable(path: &Path, error: &io::Error) -> Report {
    let message = format!("`{}` cannot be read: {}", path.display(), error.kind());
    Report::new(Exit::Usage, message).hint("check who may read it, or pass `--no-dotenv`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_a_mistake_has_its_line() {
        let text = "# a comment\nA=1\nexport B='x y' # z\n\nC=\"q\\\"r\"\n";
        let pairs = [("A", "1"), ("B", "x y"), ("C", "q\"r")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse(text), Ok(pairs.to_vec()));
        assert_eq!(
            parse("A=1\n\nB='secret\n").map_err(|line| line.is_some()),
            Err(true)
        );
        assert_eq!(parse("A=1\nB = a b\n"), Err(Some(2)));
    }

    #[test]
    fn nothing_shows_a_value() {
        let dotenv = Dotenv {
            path: "x".into(),
            variables: vec![("A".into(), "canary".into())],
        };
        assert!(!format!("{dotenv:?}").contains("canary"));
    }
}
