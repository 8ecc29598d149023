//! `init`: a first `db.toml`. Never overwrites one.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::exit::Exit;
use crate::json::Object;
use crate::printer::Printer;
use crate::report::Report;
use crate::settings::Settings;

/// The essentials of the library's reference.
const TEMPLATE: &str = include_str!("init.toml");

/// Writes `db.toml` into the working directory, or where `--config` says.
pub(crate) fn init(settings: &Settings, printer: &mut Printer) -> Result<Exit, Report> {
    let path = match &settings.config {
        Some(path) => settings.folder.join(path),
        None => settings.folder.join("db.toml"),
    };
    write_new(&path).map_err(|error| not_written(&path, &error))?;
    if printer.wants_json() {
        let path = path.display().to_string();
        printer.json(Object::versioned().value("created", path))?;
    }
    printer.note(&format!(
        "created `{}`, which only you may read",
        path.display()
    ));
    printer.note("next: write your databases into it, then `db-adapter connect --profile local`");
    printer.note("the lock `.db-profile` beside it belongs into `.gitignore`, as does db.toml with a password in it");
    Ok(Exit::Done)
}

fn write_new(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(TEMPLATE.as_bytes())
}

fn not_written(path: &Path, error: &io::Error) -> Report {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Report::new(Exit::Refused, format!("`{path}` is there already"))
                .hint("edit it, or name another file with `--config`")
        }
        io::ErrorKind::NotFound => {
            Report::new(Exit::Failed, format!("there is no folder for `{path}`"))
                .hint("make it first")
        }
        kind => Report::new(Exit::Failed, format!("`{path}` cannot be written: {kind}"))
            .hint("check the folder and its permissions"),
    }
}

#[cfg(test)]
mod tests {
    use db_adapter::DatabaseConfig;

    use super::*;

    /// `url = "..."` and `# url = "..."` name the key `url`.
    fn keys(text: &str) -> impl Iterator<Item = &str> {
        text.lines()
            .map(|line| line.trim_start_matches("# "))
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, _)| key)
            .filter(|key| !key.contains(' '))
    }

    #[test]
    fn every_key_is_one_of_the_reference() {
        let known: Vec<_> = keys(DatabaseConfig::REFERENCE).collect();
        assert_eq!(keys(TEMPLATE).count(), 8);
        for key in keys(TEMPLATE) {
            assert!(known.contains(&key), "{key}");
        }
    }
}
