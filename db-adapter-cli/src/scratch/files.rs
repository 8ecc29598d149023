//! The steps of a file, with those of the files that it names in their places. Bounded, and no content of
//! a file gets into a message.

use std::path::{Path, PathBuf};

use db_adapter_core::ddl::{self, Action, Step};
use db_adapter_core::schema::SqlDialect;

use crate::declared::text;
use crate::exit::Exit;
use crate::report::{Finding, Report};

/// Files inside of one another.
const DEEPEST: usize = 32;
/// Files in all.
const MOST: usize = 10_000;

/// Steps, each with where it stands.
pub(super) struct Steps<'a> {
    dialect: SqlDialect,
    /// The working folder, in which psql looks for `\i`.
    folder: &'a Path,
    pub(super) steps: Vec<Step>,
    pub(super) places: Vec<String>,
    files: usize,
}

impl<'a> Steps<'a> {
    pub(super) fn new(dialect: SqlDialect, folder: &'a Path) -> Steps<'a> {
        Steps {
            dialect,
            folder,
            steps: Vec::new(),
            places: Vec::new(),
            files: 0,
        }
    }

    /// The steps of a file.
    pub(super) fn file(&mut self, path: &Path) -> Result<(), Report> {
        self.read(path, &mut Vec::new())
    }

    /// The steps of a migration, in a transaction unless its first line says `-- no-transaction`, as sqlx
    /// has it.
    pub(super) fn migration(&mut self, path: &Path) -> Result<(), Report> {
        let alone = text(path)?.starts_with("-- no-transaction");
        if alone {
            return self.file(path);
        }
        self.push(path, 1, Action::Run("BEGIN".to_owned()));
        self.file(path)?;
        self.push(path, 1, Action::Run("COMMIT".to_owned()));
        Ok(())
    }

    fn read(&mut self, path: &Path, within: &mut Vec<PathBuf>) -> Result<(), Report> {
        let shown = path.strip_prefix(self.folder).unwrap_or(path).display();
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if within.contains(&real) || within.len() >= DEEPEST || self.files >= MOST {
            let message =
                format!("`{shown}` is read inside of itself, or there are too many files");
            return Err(Report::new(Exit::Usage, message));
        }
        self.files += 1;
        let steps = ddl::steps(&text(path)?, self.dialect).map_err(|problems| {
            let finding = |problem: ddl::ScriptProblem| {
                Finding::at(&format!("{shown}:{}", problem.line), problem.notice)
            };
            Report::of_findings(Exit::Usage, problems.into_iter().map(finding).collect())
        })?;
        within.push(real);
        for step in steps {
            match step.action {
                Action::Include {
                    path: named,
                    from_file,
                } => {
                    let base = path.parent().filter(|_| from_file).unwrap_or(self.folder);
                    self.read(&base.join(named), within)?;
                }
                action => self.push(path, step.line, action),
            }
        }
        within.pop();
        Ok(())
    }

    fn push(&mut self, path: &Path, line: usize, action: Action) {
        let shown = path.strip_prefix(self.folder).unwrap_or(path).display();
        self.places.push(format!("{shown}:{line}"));
        self.steps.push(Step { line, action });
    }
}
