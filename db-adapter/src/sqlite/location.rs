//! Where a database is: a file or memory, and how the file may be opened. Pure, but for the working
//! folder, and for saying why a file did not open.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A database as its URL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// `None` is a database in memory.
    pub(super) file: Option<PathBuf>,
    pub(super) mode: Mode,
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    ReadOnly,
    ReadWrite,
    /// Made where it is missing.
    Create,
}

impl Location {
    /// Reads `sqlite://relative.db`, `sqlite:///absolute.db`, `sqlite:x.db`, `sqlite::memory:`,
    /// `:memory:`, or a path.
    pub(super) fn parse(text: &str) -> Result<Location> {
        let is_url = text
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("sqlite:"));
        if !is_url {
            return Location::of(text.to_owned(), Mode::Create);
        }
        let rest = text.get(7..).unwrap_or_default();
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, parameters) = match rest.split_once('?') {
            Some((path, parameters)) => (path, parameters),
            None => (rest, ""),
        };
        let mut path = decoded(path)?;
        let mut mode = Mode::Create;
        if parameters.matches("mode=").count() > 1 {
            return Err(Error::config(
                "the SQLite URL has the parameter `mode` twice",
                "write it once: `ro`, `rw`, `rwc` or `memory`",
            ));
        }
        for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
            match parameter.split_once('=').unwrap_or((parameter, "")) {
                ("mode", "ro") => mode = Mode::ReadOnly,
                ("mode", "rw") => mode = Mode::ReadWrite,
                ("mode", "rwc") => mode = Mode::Create,
                ("mode", "memory") => ":memory:".clone_into(&mut path),
                ("mode", _) => {
                    return Err(Error::config(
                        "unknown value of the URL parameter `mode`",
                        "write `ro`, `rw`, `rwc` or `memory`",
                    ));
                }
                (name, _) => {
                    return Err(Error::config(
                        format!("unknown URL parameter `{name}`"),
                        "an SQLite URL has `mode` only; a `?` in a file name is written `%3F`",
                    ));
                }
            }
        }
        if path == ":memory:" && mode != Mode::Create {
            return Err(Error::config(
                "a database in memory is always made, and can be written",
                "leave out `mode`",
            ));
        }
        Location::of(path, mode)
    }

    fn of(path: String, mode: Mode) -> Result<Location> {
        if path.is_empty() {
            return Err(Error::config(
                "the SQLite URL names no file",
                "write `sqlite://app.db`, or `sqlite::memory:`",
            ));
        }
        if path.contains('\0') {
            return Err(Error::config(
                "the file name holds a NUL character",
                "remove it",
            ));
        }
        let file = (path != ":memory:").then(|| {
            // SQLite reads `file:` as a URI of its own
            if path.starts_with("file:") {
                PathBuf::from(format!("./{path}"))
            } else {
                PathBuf::from(path)
            }
        });
        Ok(Location { file, mode })
    }

    /// The same file, wherever the program's working folder is when a connection is opened.
    pub(super) fn fixed(self) -> Result<Location> {
        let Some(file) = &self.file else {
            return Ok(self);
        };
        let file = std::path::absolute(file).map_err(|_| {
            Error::config(
                "the database's file cannot be found from here: there is no working folder",
                "give its absolute path, as in `sqlite:///var/lib/app.db`",
            )
        })?;
        Ok(Location {
            file: Some(file),
            ..self
        })
    }

    /// For messages.
    pub(super) fn name(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => ":memory:".to_owned(),
        }
    }

    /// What is there in place of a file. A device would be written to, and a pipe or a socket waited for.
    pub(super) fn no_file(&self) -> Option<(&'static str, &'static str)> {
        let kind = self.file.as_ref()?.metadata().ok()?.file_type();
        match (kind.is_file(), kind.is_dir()) {
            (true, _) => None,
            (false, true) => Some(("it is a folder", "name a file inside of it")),
            (false, false) => Some((
                "it is a device, a pipe or a socket, not a file",
                "name a file, or write `sqlite::memory:` for a database that is not kept",
            )),
        }
    }

    /// Why the file cannot be opened, as far as the file system tells.
    pub(super) fn why_not(&self) -> (String, &'static str) {
        let Some(file) = &self.file else {
            return ("the memory is not to be had".to_owned(), "");
        };
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return (
                format!("there is no folder `{}`", folder.display()),
                "make it, or correct the path",
            );
        }
        if !file.exists() && self.mode != Mode::Create {
            return (
                "there is no such file".to_owned(),
                "correct the path, or leave out `mode` to make it",
            );
        }
        (
            "the file cannot be opened".to_owned(),
            "look at its permissions and those of its folder",
        )
    }
}

/// `%41` as `A`.
fn decoded(path: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |b: u8| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        rest = match (first, after) {
            (b'%', [high, low, more @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0));
                more
            }
            (byte, more) => {
                bytes.push(byte);
                more
            }
        };
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::config("the file name is no UTF-8", "rename the file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths_name_files() {
        for (text, file, mode) in [
            ("sqlite://relative.db", Some("relative.db"), Mode::Create),
            (
                "sqlite:///abs/x.db?mode=ro",
                Some("/abs/x.db"),
                Mode::ReadOnly,
            ),
            ("SQLite:x.db?mode=rw", Some("x.db"), Mode::ReadWrite),
            ("sqlite://a%20b%3Fc.db", Some("a b?c.db"), Mode::Create),
            ("sqlite::memory:", None, Mode::Create),
            ("sqlite://:memory:", None, Mode::Create),
            (":memory:", None, Mode::Create),
            ("sqlite://x?mode=memory", None, Mode::Create),
            ("dir/plain%20?.db", Some("dir/plain%20?.db"), Mode::Create),
            ("file:x.db", Some("./file:x.db"), Mode::Create),
        ] {
            let file = file.map(PathBuf::from);
            assert_eq!(Location::parse(text), Ok(Location { file, mode }), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (text, word) in [
            ("sqlite://", "names no file"),
            ("sqlite://x.db?cache=shared", "`cache`"),
            ("sqlite://x.db?mode=xyz", "`mode`"),
            ("sqlite://x.db?mode=ro&mode=rw", "twice"),
            ("sqlite://x%00.db", "NUL"),
            ("sqlite::memory:?mode=ro", "in memory"),
        ] {
            let error = Location::parse(text).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
