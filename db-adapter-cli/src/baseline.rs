//! The file of `validate --baseline` and `--write-baseline`. One that cannot be read is an error, never
//! an empty one, and is never written over.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use db_adapter::SchemaValidationResult;
use db_adapter::schema::{Baseline, SqlDialect};

use crate::args::ValidateArgs;
use crate::exit::Exit;
use crate::json::{self, Object};
use crate::output_file;
use crate::report::{Finding, Report};

/// Longer files are not baselines.
const LONGEST: u64 = 64 << 20;

/// What is known and where it is written to.
pub(crate) struct BaselineFile {
    path: PathBuf,
    known: Option<Baseline>,
    writes: bool,
}

/// What was written.
pub(crate) struct Written {
    path: PathBuf,
    all: usize,
    new: usize,
    gone: usize,
}

/// The file that the flags name, read; before any database is asked.
pub(crate) fn of(args: &ValidateArgs, folder: &Path) -> Result<Option<BaselineFile>, Report> {
    let path = match (&args.baseline, &args.write_baseline) {
        (None, None) => return Ok(None),
        (Some(read), None | Some(None)) => read,
        (None, Some(Some(written))) => written,
        (Some(read), Some(Some(written))) if read == written => read,
        (Some(_), Some(Some(_))) => {
            let message = "`--baseline` and `--write-baseline` name two files";
            return Err(Report::new(Exit::Usage, message)
                .hint("name one of them; `--baseline FILE --write-baseline` writes FILE again"));
        }
        (None, Some(None)) => {
            return Err(Report::new(Exit::Usage, "`--write-baseline` names no file")
                .hint("write `--write-baseline FILE`"));
        }
    };
    if path.as_os_str().is_empty() {
        return Err(Report::new(Exit::Usage, "the baseline's file has no name"));
    }
    let path = folder.join(path);
    let writes = args.write_baseline.is_some();
    let may_be_new = args.baseline.is_none();
    Ok(Some(BaselineFile {
        known: read(&path, may_be_new)?,
        path,
        writes,
    }))
}

impl BaselineFile {
    /// The result without what is known. Where the file is to be written, that is afterwards
    /// everything.
    pub(crate) fn apply(
        &self,
        result: SchemaValidationResult,
        dialect: SqlDialect,
    ) -> Result<(SchemaValidationResult, Option<Written>), Report> {
        let apply = |baseline: &Baseline, result| {
            let applied = baseline.apply(result, dialect);
            applied.map_err(|mismatch| self.mismatch(mismatch.notice()))
        };
        let whole = self.writes.then(|| result.clone());
        let result = match &self.known {
            Some(known) => apply(known, result)?,
            None => result,
        };
        let Some(whole) = whole else {
            return Ok((result, None));
        };
        let (new, gone) = (result.differences.len(), result.stale.len());
        let baseline = Baseline::of(&result, dialect);
        output_file::write(&self.path, &text(&baseline)?)?;
        let written = Written {
            path: self.path.clone(),
            all: baseline.differences.len(),
            new,
            gone,
        };
        Ok((apply(&baseline, whole)?, Some(written)))
    }

    fn mismatch(&self, notice: db_adapter::Notice) -> Report {
        let place = self.path.display().to_string();
        Report::of_findings(Exit::Usage, vec![Finding::at(&place, notice)])
    }
}

impl Written {
    /// ``3 differences are in `baseline.json`: 1 is new, 2 are gone``
    pub(crate) fn note(&self) -> String {
        let path = self.path.display();
        let all = match self.all {
            1 => "1 difference is".to_owned(),
            all => format!("{all} differences are"),
        };
        let mut text = format!("{all} in `{path}`: {} new, {} gone", self.new, self.gone);
        if self.new > 0 {
            text.push_str("; write the reason of each into its `reason`");
        }
        text
    }

    pub(crate) fn json(&self) -> Object {
        Object::new()
            .value("file", self.path.display().to_string())
            .value("differences", count(self.all))
            .value("new", count(self.new))
            .value("gone", count(self.gone))
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `None` for one that is not there and may be new.
fn read(path: &Path, may_be_new: bool) -> Result<Option<Baseline>, Report> {
    let shown = path.display();
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => {
            Report::new(Exit::Usage, format!("there is no baseline `{shown}`"))
                .hint(format!("write it: `--write-baseline {shown}`"))
        }
        kind => Report::new(Exit::Failed, format!("`{shown}` cannot be read: {kind}")),
    };
    let known = match std::fs::metadata(path) {
        // a link to what is not there is not a new file
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_be_new => {
            return match std::fs::symlink_metadata(path) {
                Ok(_) => Err(failed(error)),
                Err(_) => Ok(None),
            };
        }
        known => known.map_err(failed)?,
    };
    if !known.is_file() {
        return Err(Report::new(Exit::Usage, format!("`{shown}` is not a file")));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        let message = format!("`{shown}` is longer than {} MiB", LONGEST >> 20);
        return Err(Report::new(Exit::Usage, message));
    }
    let baseline = serde_json::from_slice(&bytes).map_err(|error| not_a_baseline(path, &error))?;
    Ok(Some(baseline))
}

/// Where it is wrong; what the parser says may quote anything of a file that was named by mistake.
fn not_a_baseline(path: &Path, error: &serde_json::Error) -> Report {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let why = match said.split(" at line ").next().unwrap_or_default() {
        said if said.starts_with("the baseline has version") => said,
        said if said.starts_with("missing field") => said,
        _ => "this is not a baseline",
    };
    Report::new(
        Exit::Usage,
        format!("{}:{line}:{column}: {why}", path.display()),
    )
    .hint("repair it, or move it away and write a new one with `--write-baseline`")
}

fn text(baseline: &Baseline) -> Result<String, Report> {
    let text = serde_json::to_string_pretty(baseline)
        .map_err(|_| Report::new(Exit::Failed, "the baseline cannot be written as JSON"))?;
    let lines = text.lines();
    let lines = lines.map(|line| json::printable(line.to_owned()) + "\n");
    Ok(lines.collect())
}
