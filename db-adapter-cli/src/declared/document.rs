//! A schema in a file of text: `.sql` as DDL, `.json` as an export of ours. Bounded, and no content
//! of a file that is something else gets into a message.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use db_adapter::{DatabaseSchema, Notice};
use db_adapter_core::backup::InvalidSchema;
use db_adapter_core::ddl;
use db_adapter_core::embed::UncheckedSchema;
use db_adapter_core::schema::SqlDialect;

use super::{Content, Declared, Places, Whose};
use crate::exit::Exit;
use crate::report::{Finding, Report};

/// Longer files are none of DDL.
const LONGEST: u64 = 256 << 20;

/// Whether the name says that it is SQL.
pub(crate) fn is_sql(path: &Path) -> bool {
    has_ending(path, "sql")
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

pub(super) fn read(path: &Path, whose: Whose, folder: &Path) -> Result<Declared, Report> {
    if path.is_dir() && !is_sql(path) {
        let message = format!("`{}` is a folder", path.display());
        return Err(Report::new(Exit::Usage, message).hint(
            "a folder of migrations is compared by `validate --scratch URL`, which runs it in an empty database",
        ));
    }
    if is_sql(path) {
        return sql(&text(path)?, path, whose, folder);
    }
    if !has_ending(path, "json") {
        let message = format!(
            "`{}` is neither a `.sql` nor a `.json` file",
            path.display()
        );
        return Err(Report::new(Exit::Usage, message)
            .hint("name a file of DDL, or what `db-adapter schema export` has written; for a program use `--binary`"));
    }
    Ok(Declared {
        origin: format!("`{}`", path.display()),
        content: json(&text(path)?, path)?,
        notes: Vec::new(),
        places: None,
    })
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String, Report> {
    let mut bytes = Vec::new();
    let file = open(path)?;
    // one more, to see that it is longer
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    let shown = path.display();
    if bytes.len() as u64 > LONGEST {
        let message = format!("`{shown}` is longer than {} MiB", LONGEST >> 20);
        return Err(
            Report::new(Exit::Usage, message).hint("leave the data out: `pg_dump --schema-only`")
        );
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Report::new(
            Exit::Usage,
            format!("`{shown}` is not UTF-8, first in line {line}"),
        )
        .hint("save it as UTF-8")
    })
}

/// Only what is a file: a pipe or a device could last for ever.
pub(super) fn open(path: &Path) -> Result<File, Report> {
    let known = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !known.is_file() {
        return Err(Report::new(
            Exit::Usage,
            format!("`{}` is not a file", path.display()),
        ));
    }
    File::open(path).map_err(|error| unreadable(path, &error))
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Report {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Report::new(Exit::Usage, format!("there is no `{shown}`"))
            .hint("paths of flags begin in the working directory, paths in db.toml beside it"),
        kind => Report::new(Exit::Failed, format!("`{shown}` cannot be read: {kind}")),
    }
}

fn sql(text: &str, path: &Path, whose: Whose, folder: &Path) -> Result<Declared, Report> {
    let shown = path.display();
    let own = whose.named.or_else(|| ddl::dialect_of(text));
    let dialect = own.unwrap_or(whose.usual);
    let read_as = |dialect: SqlDialect| {
        let (name, flag) = (name_of(dialect), whose.flag);
        format!("`{shown}` is read as SQL of {name}; `{flag}` chooses another")
    };
    let mut ddl = ddl::parse(text, dialect);
    if !ddl.errors.is_empty() {
        let findings = ddl.errors.iter().map(|error| {
            let place = format!("{shown}:{}:{}", error.line, error.column);
            Finding::at(&place, error.notice())
        });
        let other = Finding::at(
            &shown.to_string(),
            Notice::new(format!("this is not SQL of {}", name_of(dialect))).hint(format!(
                "if it was written for another database, say so by `{}`",
                whose.flag
            )),
        );
        let findings = findings.chain(whose.named.is_none().then_some(other));
        return Err(Report::of_findings(Exit::Usage, findings.collect()));
    }
    if ddl.schema.tables.is_empty() {
        let message = format!("`{shown}` makes no table");
        return Err(Report::new(Exit::Usage, message).hint(
            "it should have the CREATE TABLE statements of the schema: `pg_dump --schema-only`",
        ));
    }
    let notes = ddl.notes.iter();
    let notes =
        notes.map(|note| format!("{shown}:{}:{}: {}", note.line, note.column, note.message));
    let unusual = dialect != whose.usual && whose.named.is_none();
    let first = unusual.then(|| read_as(dialect));
    let notes = first.into_iter().chain(notes).collect();
    let schema = std::mem::take(&mut ddl.schema);
    // a workflow knows files from the folder that it runs in
    let file = path.strip_prefix(folder).unwrap_or(path);
    let places = Places {
        file: file.display().to_string(),
        ddl,
    };
    Ok(Declared {
        origin: format!("`{shown}`"),
        content: Content::Database(Box::new(schema)),
        notes,
        places: Some(places),
    })
}

fn name_of(dialect: SqlDialect) -> &'static str {
    match dialect {
        SqlDialect::Sqlite => "SQLite",
        _ => "PostgreSQL",
    }
}

/// `tables` is a list in what the macros say, and a map in a database's schema.
fn json(text: &str, path: &Path) -> Result<Content, Report> {
    let any: serde_json::Value =
        serde_json::from_str(text).map_err(|error| malformed(path, &error))?;
    let content = match any.get("tables") {
        Some(serde_json::Value::Object(tables)) if !tables.is_empty() => {
            serde_json::from_str::<DatabaseSchema>(text)
                .map(|schema| Content::Database(Box::new(schema)))
        }
        _ => {
            let unchecked = serde_json::from_str::<UncheckedSchema>(text);
            let unchecked = unchecked.map_err(|error| malformed(path, &error))?;
            let checked = unchecked.check().map(Content::Program);
            Ok(checked.map_err(|invalid| against_the_rules(path, invalid))?)
        }
    };
    let content = content.map_err(|error| malformed(path, &error))?;
    match &content {
        Content::Program(schema)
            if schema.backup.tables.is_empty() && schema.backup.other_tables.is_empty() =>
        {
            Err(Report::new(
                Exit::Usage,
                format!("`{}` has no table", path.display()),
            ))
        }
        _ => Ok(content),
    }
}

/// A rule that the whole schema breaks has no place in the file.
fn against_the_rules(path: &Path, invalid: InvalidSchema) -> Report {
    let place = path.display().to_string();
    let findings = invalid.problems.into_iter();
    let findings = findings.map(|problem| Finding::at(&place, problem));
    Report::of_findings(Exit::Usage, findings.collect())
}

/// What is wrong and where. Of a value of a wrong type the parser would quote the value, which may
/// be anything in a file that was named by mistake.
fn malformed(path: &Path, error: &serde_json::Error) -> Report {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = said.strip_suffix(&place).unwrap_or(&said);
    let at = format!("{}:{}:{}", path.display(), error.line(), error.column());
    let said = match said.split_once(", expected ") {
        Some((what, expected)) if !what.starts_with("unknown field") => {
            format!("expected {expected}")
        }
        _ => said.to_owned(),
    };
    let not_json = if error.is_data() { "" } else { "not JSON: " };
    Report::new(Exit::Usage, format!("{at}: {not_json}{said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let report = json(text, Path::new("x.json")).unwrap_err();
        report.findings.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn what_is_wrong_is_said_without_the_values() {
        assert_eq!(
            said(r#"{"tables":[{"name":"a","pk":7}]}"#),
            ["x.json:1:30: expected a column name or a list of column names"]
        );
        for text in [
            r#"{"tables":"secret"}"#,
            r#"{"tables":[{"name":["secret"]}]}"#,
            r#"{"tables":[{"name":"a","match_by":"secret"}]}"#,
            r#"{"tables":[{"name":"a","parent":"secret"}]}"#,
            r#""secret""#,
            "secret = 1",
        ] {
            let said = said(text).join("\n");
            assert!(!said.contains("secret"), "{said}");
            assert!(said.starts_with("x.json:1:"), "{said}");
        }
        assert!(said(r#"{"tables":[{"nmae":"a"}]}"#)[0].contains("`nmae`"));
    }

    #[test]
    fn every_problem_of_a_schema_is_a_finding_of_its_own() {
        let text = r#"{"tables":[{"name":"a","slug_field":null},{"name":"b","parent":{"table":"c","field":"d"}}]}"#;
        assert_eq!(said(text).len(), 2, "{:?}", said(text));
    }
}
