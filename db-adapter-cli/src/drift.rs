//! The result of a comparison as text: for people, and for GitHub's workflow. Pure.

use db_adapter::schema::{
    Difference, KnownDifference, SchemaValidationResult, Severity, ValidationLevel,
};

use crate::cell::escaped;
use crate::declared::Place;
use crate::table::{Style, wrapped};

/// Where the messages begin, behind `warning`.
const INDENT: usize = 11;

/// Who is compared with what, for the first line.
pub(crate) struct Compared<'a> {
    /// ``profile `local` ``
    pub(crate) who: &'a str,
    /// `` `schema.sql` ``
    pub(crate) standard: &'a str,
}

/// ``schema invalid: 2 errors; profile `local` is not what `schema.sql` expects (level compatible)``
pub(crate) fn headline(result: &SchemaValidationResult, compared: &Compared<'_>) -> String {
    let Compared { who, standard } = compared;
    let level = result.level;
    if result.valid && !result.known.is_empty() {
        let more = match result.warnings().count() {
            0 => String::new(),
            _ => format!(", {}", summary(result)),
        };
        return format!(
            "schema valid: {who} differs from what {standard} expects only in what is known (level {level}), {} known{more}",
            result.known.len()
        );
    }
    match (result.valid, result.warnings().count()) {
        (true, 0) => format!("schema valid: {who} is what {standard} expects (level {level})"),
        (true, _) => format!(
            "schema valid: {who} is what {standard} expects (level {level}), {}",
            summary(result)
        ),
        (false, _) => format!(
            "schema invalid: {who} is not what {standard} expects (level {level}), {}",
            summary(result)
        ),
    }
}

/// `2 errors, 1 warning`, without `0 errors`
fn summary(result: &SchemaValidationResult) -> String {
    let summary = result.summary();
    match summary.strip_prefix("0 errors, ") {
        Some(warnings) => warnings.to_owned(),
        None => summary,
    }
}

/// The whole report. By names alone it has the words of the Python original.
pub(crate) fn report(
    result: &SchemaValidationResult,
    compared: &Compared<'_>,
    place: impl Fn(&Difference) -> Option<Place>,
    style: &Style,
    width: Option<usize>,
) -> String {
    let page = Page { style, width };
    let mut text = page.headline(result, compared);
    if result.level == ValidationLevel::Columns {
        if !result.differences.is_empty() {
            text.push_str(&by_names(result));
        }
    } else {
        text.push_str(&page.differences(result, place));
    }
    let ignored = result.ignored.iter();
    let ignored = ignored.map(|i| format!("{}: {}", i.difference.message, i.reason));
    text.push_str(&page.list("ignored", ignored));
    let unused = result.unused_rules.iter();
    let unused = unused.map(|rule| format!("`{rule}` ignores nothing"));
    text.push_str(&page.list("rules without effect", unused));
    let known = result.known.iter();
    let known = known.map(|known| match known.reason.trim() {
        "" => format!("{}: no reason is given", known.difference.message),
        reason => format!("{}: {reason}", known.difference.message),
    });
    text.push_str(&page.list("known", known));
    let stale = result.stale.iter().map(KnownDifference::line);
    text.push_str(&page.list("in the baseline, and not found", stale));
    let not_checked = result.not_checked_lines().into_iter();
    text.push_str(&page.list("not checked", not_checked));
    text
}

/// The original's report; where all is valid, the extra tables alone.
fn by_names(result: &SchemaValidationResult) -> String {
    match result.valid {
        true => format!(
            "\n  Extra tables (warning): {}\n",
            escaped(&result.extra_tables.join(", "))
        ),
        false => {
            let lines: Vec<String> = result.format_report().lines().map(escaped).collect();
            format!("\n{}\n", lines.join("\n"))
        }
    }
}

struct Page<'a> {
    style: &'a Style,
    width: Option<usize>,
}

impl Page<'_> {
    fn headline(&self, result: &SchemaValidationResult, compared: &Compared<'_>) -> String {
        let line = self.wrapped(&headline(result, compared), 0);
        let (word, paint) = match result.valid {
            true => ("schema valid:", self.style.good),
            false => ("schema invalid:", self.style.bad),
        };
        let rest = line.strip_prefix(word).unwrap_or_default();
        format!("{}{rest}\n", paint(word))
    }

    fn differences(
        &self,
        result: &SchemaValidationResult,
        place: impl Fn(&Difference) -> Option<Place>,
    ) -> String {
        let mut text = String::new();
        let mut heading = None;
        for difference in &result.differences {
            let here = heading_of(difference);
            if heading.as_ref() != Some(&here) {
                text.push_str(&format!("\n{}\n", (self.style.strong)(&escaped(&here))));
                heading = Some(here);
            }
            text.push_str(&self.difference(difference, place(difference)));
        }
        text
    }

    fn difference(&self, difference: &Difference, place: Option<Place>) -> String {
        let (word, paint) = match difference.severity {
            Severity::Error => ("error", self.style.bad),
            _ => ("warning", self.style.odd),
        };
        let mut message = escaped(&difference.message);
        if let Some(place) = place {
            message.push_str(&escaped(&format!(" ({}:{})", place.file, place.line)));
        }
        let padding = " ".repeat(INDENT - 2 - word.len());
        let mut text = format!(
            "  {}{padding}{}\n",
            paint(word),
            self.wrapped(&message, INDENT)
        );
        if let Some(hint) = &difference.hint {
            let hint = self.wrapped(&escaped(hint), INDENT);
            text.push_str(&format!("{}{}\n", " ".repeat(INDENT), self.faint(&hint)));
        }
        text
    }

    fn list(&self, title: &str, lines: impl ExactSizeIterator<Item = String>) -> String {
        if lines.len() == 0 {
            return String::new();
        }
        let mut text = format!("\n{}\n", self.faint(title));
        for line in lines {
            let line = self.wrapped(&escaped(&line), 4);
            text.push_str(&format!("  {}\n", self.faint(&line)));
        }
        text
    }

    /// Lines that begin at `indent`; whole where nobody sees a terminal.
    fn wrapped(&self, text: &str, indent: usize) -> String {
        let Some(width) = self.width else {
            return text.to_owned();
        };
        let lines = wrapped(text, width.saturating_sub(indent).max(20));
        lines.replace('\n', &format!("\n{}", " ".repeat(indent)))
    }

    /// Each line by itself, so that the blanks before it have no colour.
    fn faint(&self, text: &str) -> String {
        let faint = |line: &str| {
            let words = line.trim_start();
            let blanks = line.len() - words.len();
            format!("{}{}", " ".repeat(blanks), (self.style.faint)(words))
        };
        let lines: Vec<String> = text.lines().map(faint).collect();
        lines.join("\n")
    }
}

/// The table, or what belongs to none by its kind.
fn heading_of(difference: &Difference) -> String {
    match &difference.object.table {
        Some(table) => table.clone(),
        None => format!("{}s", difference.object.kind.words()),
    }
}

/// Annotations of a workflow, each at its line of the SQL file, where there is one.
pub(crate) fn annotations(
    result: &SchemaValidationResult,
    place: impl Fn(&Difference) -> Option<Place>,
) -> String {
    let annotation = |difference: &Difference| {
        let command = match difference.severity {
            Severity::Error => "error",
            _ => "warning",
        };
        let at = place(difference).map(|place| {
            let (line, column) = (place.line, place.column);
            format!("file={},line={line},col={column},", property(&place.file))
        });
        let title = property(&difference.object.path());
        format!(
            "::{command} {}title={title}::{}\n",
            at.unwrap_or_default(),
            data(&difference.to_string())
        )
    };
    result.differences.iter().map(annotation).collect()
}

fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    escaped(&text.replace('\r', "%0D").replace('\n', "%0A"))
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
