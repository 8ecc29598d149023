//! The report for people, as plain text. Names alone are told word for word as the Python original
//! does.

use super::{Difference, SchemaValidationResult, ValidationLevel};
use std::fmt::Write as _;

impl SchemaValidationResult {
    /// The report, without a line break at its end.
    ///
    /// At level `columns` it has the original's words, and extra tables only beside errors. Beyond
    /// it is by table: every difference with its severity and hint, what was ignored and why, and
    /// what was not checked.
    pub fn format_report(&self) -> String {
        match self.level {
            ValidationLevel::Columns => self.by_names(),
            _ => self.by_table(),
        }
    }

    /// `2 errors, 1 warning`
    pub fn summary(&self) -> String {
        let warnings = self.warnings().count();
        let mut summary = counted(self.error_count(), "error");
        if warnings > 0 {
            let _ = write!(summary, ", {}", counted(warnings, "warning"));
        }
        summary
    }

    /// What was not checked, each reason once: ``index `users`, trigger: no right to look``.
    pub fn not_checked_lines(&self) -> Vec<String> {
        let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
        for entry in &self.not_checked {
            let what = match &entry.name {
                Some(name) => format!("{} `{name}`", entry.kind),
                None => entry.kind.clone(),
            };
            match lines.iter_mut().find(|(reason, _)| *reason == entry.reason) {
                Some((_, all)) => all.push(what),
                None => lines.push((&entry.reason, vec![what])),
            }
        }
        let line = |(reason, all): (&str, Vec<String>)| format!("{}: {reason}", all.join(", "));
        lines.into_iter().map(line).collect()
    }

    fn by_names(&self) -> String {
        if self.valid {
            return "Schema valid".to_owned();
        }
        let mut report = String::from("Schema validation failed:");
        section(&mut report, "tables", self.missing_tables.iter().cloned());
        let columns = self
            .missing_columns
            .iter()
            .map(|d| format!("{}.{}", d.table, d.column));
        section(&mut report, "columns", columns);
        if !self.extra_tables.is_empty() {
            let _ = write!(
                report,
                "\n\n  Extra tables (warning): {}",
                self.extra_tables.join(", ")
            );
        }
        report
    }

    fn by_table(&self) -> String {
        let mut report = match self.valid {
            true => format!("Schema valid at level {}", self.level),
            false => format!("Schema validation failed at level {}", self.level),
        };
        if !self.differences.is_empty() {
            let _ = write!(report, ": {}", self.summary());
        }
        let mut place = None;
        for difference in &self.differences {
            let here = difference.place();
            if place != Some(here) {
                let _ = write!(report, "\n\n{here}");
                place = Some(here);
            }
            let _ = write!(
                report,
                "\n  {}: {}",
                difference.severity, difference.message
            );
            if let Some(hint) = &difference.hint {
                let _ = write!(report, "\n    hint: {hint}");
            }
        }
        let ignored = self
            .ignored
            .iter()
            .map(|i| format!("{} ({})", i.difference.message, i.reason));
        list(&mut report, "Ignored", ignored);
        let unused = self
            .unused_rules
            .iter()
            .map(|rule| format!("`{rule}` ignores nothing"));
        list(&mut report, "Unused rules", unused);
        let known = self.known.iter().map(super::ignore::known_line);
        list(&mut report, "Known", known);
        let stale = self.stale.iter().map(|entry| entry.line());
        list(&mut report, "Known, and not there", stale);
        list(
            &mut report,
            "Not checked",
            self.not_checked_lines().into_iter(),
        );
        report
    }
}

impl Difference {
    /// The heading that a report puts it under: its table, or the kind of what belongs to none.
    pub fn place(&self) -> &str {
        match &self.object.table {
            Some(table) => table,
            None => self.object.kind.as_str(),
        }
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn section(report: &mut String, what: &str, missing: impl ExactSizeIterator<Item = String>) {
    if missing.len() == 0 {
        return;
    }
    let _ = write!(report, "\n\n  Missing {what} ({}):", missing.len());
    for name in missing {
        let _ = write!(report, "\n    - {name}");
    }
}

fn list(report: &mut String, title: &str, lines: impl ExactSizeIterator<Item = String>) {
    if lines.len() == 0 {
        return;
    }
    let _ = write!(report, "\n\n{title} ({}):", lines.len());
    for line in lines {
        let _ = write!(report, "\n  - {line}");
    }
}
