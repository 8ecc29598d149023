//! The only writer: data to stdout, talk to stderr. Never panics on a closed pipe.

use std::io::{self, BufWriter, Stdout, Write};
use std::time::Instant;

use db_adapter::Row;

use crate::cell::escaped;
use crate::interrupt::Outcome;
use crate::json::{self, Object};
use crate::progress::Progress;
use crate::report::{Finding, Report};
use crate::settings::Output;
use crate::table::{Layout, Style, wrapped};

/// Writes results and messages.
pub(crate) struct Printer {
    output: Output,
    out: BufWriter<Stdout>,
    /// How much of the one JSON object of a run is written.
    written: Written,
    /// Whether a question stands on stderr, and nothing behind it.
    asked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Nothing,
    /// Up to a row.
    Rows,
    All,
}

const PLAIN: Style = Style {
    strong: str::to_owned,
    faint: str::to_owned,
    good: str::to_owned,
    bad: str::to_owned,
    odd: str::to_owned,
};

const COLORED: Style = Style {
    strong: |text| format!("\x1b[1m{text}\x1b[0m"),
    faint: |text| format!("\x1b[2m{text}\x1b[0m"),
    good: |text| format!("\x1b[1;32m{text}\x1b[0m"),
    bad: |text| format!("\x1b[1;31m{text}\x1b[0m"),
    odd: |text| format!("\x1b[33m{text}\x1b[0m"),
};

impl Printer {
    pub(crate) fn new(output: Output) -> Self {
        Printer {
            output,
            out: BufWriter::with_capacity(64 * 1024, io::stdout()),
            written: Written::Nothing,
            asked: false,
        }
    }

    /// Whether results are for programs.
    pub(crate) fn wants_json(&self) -> bool {
        self.output.json
    }

    /// How results and messages look.
    pub(crate) fn output(&self) -> Output {
        self.output
    }

    /// Starts the result of a query.
    pub(crate) fn rows(&mut self) -> RowsPrinter<'_> {
        RowsPrinter {
            printer: self,
            layout: None,
            printed: 0,
            started: Instant::now(),
        }
    }

    /// A result as one JSON object.
    pub(crate) fn json(&mut self, object: Object) -> Result<(), Report> {
        self.written = Written::All;
        self.text(&format!("{}\n", object.end()))
    }

    /// A result of names and values, one on each line.
    pub(crate) fn pairs(&mut self, pairs: &[(&str, String)]) -> Result<(), Report> {
        let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let strong = self.out_style().strong;
        for (name, value) in pairs {
            let padding = " ".repeat(width - name.len() + 2);
            let lines = match self.output.width {
                Some(terminal) => wrapped(&escaped(value), terminal.saturating_sub(width + 2)),
                None => escaped(value),
            };
            let lines = lines.replace('\n', &format!("\n{}", " ".repeat(width + 2)));
            self.write(&format!("{}{padding}{lines}\n", strong(name)))?;
        }
        self.flush()
    }

    /// A result of rows that are all there.
    pub(crate) fn table(&mut self, rows: &[Row]) -> Result<(), Report> {
        if rows.is_empty() {
            return Ok(());
        }
        let (style, width) = (self.out_style(), self.output.width);
        let layout = Layout::of(rows, width);
        self.write(&layout.head(style, width.is_some()))?;
        for (i, row) in rows.iter().enumerate() {
            self.write(&layout.row(row, i + 1, style))?;
        }
        self.flush()
    }

    /// A result that somebody else lays out, for this style and width.
    pub(crate) fn styled(
        &mut self,
        layout: impl FnOnce(&Style, Option<usize>) -> String,
    ) -> Result<(), Report> {
        let text = layout(self.out_style(), self.output.width);
        self.text(&text)
    }

    /// Text that was asked for, such as the help.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Report> {
        self.write(text)?;
        self.flush()
    }

    /// Where a result goes that is no text of ours, such as a file on its way to a pipe.
    pub(crate) fn data(&mut self) -> &mut (impl Write + Send) {
        &mut self.out
    }

    /// How far long work is, for whoever watches.
    pub(crate) fn progress(&self) -> Progress {
        Progress::new(self.output.progress.then_some(say))
    }

    /// Something worth knowing, unless quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.output.quiet {
            say(&format!("{}\n", (self.err_style().faint)(&escaped(text))));
        }
    }

    /// A question, for whoever sits at the terminal; the answer stands behind it.
    pub(crate) fn question(&mut self, text: &str) {
        let _ = self.out.flush();
        say(&format!("{} [y/N] ", escaped(text)));
        self.asked = true;
    }

    /// The question is answered.
    pub(crate) fn answered(&mut self) {
        self.asked = false;
    }

    /// Something that may be wrong, unless quiet.
    pub(crate) fn warning(&mut self, finding: &Finding) {
        if !self.output.quiet {
            // what was printed before it belongs before it
            let _ = self.out.flush();
            say(&self.finding("warning", "33", finding));
        }
    }

    /// A message about usage, as clap wrote it.
    pub(crate) fn usage(&self, text: &str) {
        say(text);
    }

    /// Why the run failed.
    pub(crate) fn report(&mut self, report: &Report) {
        if let Some(outcome) = report.outcome.filter(|_| self.output.json) {
            self.interrupted(outcome);
        }
        // what was printed before the failure belongs before it; it is closed, or too late to matter
        let _ = self.out.flush();
        if self.asked {
            say("\n");
        }
        self.failures(report);
    }

    fn failures(&self, report: &Report) {
        for finding in &report.findings {
            say(&self.finding("error", "31", finding));
        }
    }

    /// Ends the JSON object, so that what was printed of it can still be read, or is the only one.
    fn interrupted(&mut self, outcome: Outcome) {
        let head = match self.written {
            Written::Nothing => json::START,
            Written::Rows => json::AFTER_ROWS,
            Written::All => return,
        };
        // whoever it is for may be gone
        let _ = self
            .write(head)
            .and_then(|()| self.write(&json::interrupted(outcome)));
    }

    fn finding(&self, kind: &str, color: &str, finding: &Finding) -> String {
        let label = |label: &str, color: &str| {
            if self.output.color_err {
                format!("\x1b[1;{color}m{label}:\x1b[0m")
            } else {
                format!("{label}:")
            }
        };
        let mut text = format!("{} {}\n", label(kind, color), escaped(&finding.message));
        if let Some(hint) = &finding.hint {
            text.push_str(&format!("{} {}\n", label("hint", "36"), escaped(hint)));
        }
        text
    }

    fn err_style(&self) -> &'static Style {
        if self.output.color_err {
            &COLORED
        } else {
            &PLAIN
        }
    }

    fn out_style(&self) -> &'static Style {
        if self.output.color_out {
            &COLORED
        } else {
            &PLAIN
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Report> {
        self.out
            .write_all(text.as_bytes())
            .map_err(|error| Report::of_output(&error))
    }

    fn flush(&mut self) -> Result<(), Report> {
        self.out.flush().map_err(|error| Report::of_output(&error))
    }
}

/// What is said when the process ends in the middle of whatever it does. Only on stderr: stdout may be
/// what it waits for.
pub(crate) fn last_words(report: &Report, output: Output) {
    Printer::new(output).failures(report);
}

/// The writer of log lines.
pub(crate) fn log_writer() -> impl Write {
    io::stderr()
}

/// A message that nobody can read is no reason to fail.
fn say(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints the rows of one result as they come.
pub(crate) struct RowsPrinter<'a> {
    printer: &'a mut Printer,
    /// Decided by the first batch.
    layout: Option<Layout>,
    printed: usize,
    started: Instant,
}

impl RowsPrinter<'_> {
    /// Prints some rows; a table's columns are as wide as the first batch needs.
    pub(crate) fn batch(&mut self, rows: &[Row]) -> Result<(), Report> {
        if self.printer.output.json {
            self.json(rows)?;
        } else {
            self.table(rows)?;
        }
        self.printer.flush()
    }

    fn json(&mut self, rows: &[Row]) -> Result<(), Report> {
        for row in rows {
            self.printer.written = Written::Rows;
            self.printer.write(match self.printed {
                0 => json::HEAD,
                _ => ",",
            })?;
            self.printer.write("\n")?;
            self.printer.write(&json::row(row))?;
            self.printed += 1;
        }
        Ok(())
    }

    fn table(&mut self, rows: &[Row]) -> Result<(), Report> {
        let (style, width) = (self.printer.out_style(), self.printer.output.width);
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None if rows.is_empty() => return Ok(()),
            None => {
                let layout = Layout::of(rows, width);
                self.printer.write(&layout.head(style, width.is_some()))?;
                layout
            }
        };
        for row in rows {
            self.printed += 1;
            self.printer.write(&layout.row(row, self.printed, style))?;
        }
        self.layout = Some(layout);
        Ok(())
    }

    /// Ends the result and says how many rows there were.
    pub(crate) fn end(self) -> Result<(), Report> {
        if self.printer.output.json {
            match self.printed {
                0 => self.printer.write(json::HEAD)?,
                _ => self.printer.write("\n")?,
            }
            self.printer.write(json::TAIL)?;
            self.printer.written = Written::All;
        }
        self.printer.flush()?;
        let mut summary = match self.printed {
            1 => "1 row".to_owned(),
            n => format!("{n} rows"),
        };
        if self.printer.output.timing {
            let ms = self.started.elapsed().as_secs_f64() * 1000.0;
            summary.push_str(&format!(", {ms:.1} ms"));
        }
        self.printer.note(&summary);
        Ok(())
    }
}
