//! A file that a result is written into, whole or not at all.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::exit::Exit;
use crate::report::Report;

/// Writes the text, in the place of what was there.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Report> {
    replace(path, text).map_err(|error| not_written(path, &error))
}

/// Beside its place and then renamed, so that there is the old file or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = match std::fs::canonicalize(path) {
        Ok(real) => real,
        Err(_) => path.to_owned(),
    };
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let beside = format!(".{}.{}.new", name.to_string_lossy(), std::process::id());
    let beside = path.with_file_name(beside);
    let written = fill(&beside, text).and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn fill(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn not_written(path: &Path, error: &io::Error) -> Report {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            Report::new(Exit::Failed, format!("there is no folder for `{shown}`"))
                .hint("make it first")
        }
        kind => Report::new(Exit::Failed, format!("`{shown}` cannot be written: {kind}"))
            .hint("check the folder and its permissions"),
    }
}
