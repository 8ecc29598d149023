//! Places in the file: line, column, and a picture of the line in rustc's style.

use std::cell::Cell;

/// The starts of the lines of a text.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The place asked for last, so that the places along one endless line cost no more than it.
    last: Cell<Last>,
}

#[derive(Clone, Copy, Default)]
struct Last {
    line: usize,
    at: usize,
    column: usize,
}

/// At most so many characters of a line are shown.
const SHOWN: usize = 100;

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1));
        Lines {
            text,
            starts: starts.collect(),
            last: Cell::default(),
        }
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let (line, before) = self.line_of(at);
        let last = self.last.get();
        let at = at.min(self.text.len());
        let since = self.text.get(last.at..at).filter(|_| last.line == line);
        let column = match since {
            Some(since) => last.column + since.chars().count(),
            None => before.chars().count(),
        };
        self.last.set(Last { line, at, column });
        (line, column + 1)
    }

    /// The line with a caret under `at .. end`.
    pub(super) fn snippet(&self, at: usize, end: usize) -> String {
        let (number, before) = self.line_of(at);
        let line_start = self.starts.get(number - 1).copied().unwrap_or(0);
        let rest = self.text.get(line_start..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("").trim_end();
        let column = before.chars().count();
        let skipped = column.saturating_sub(SHOWN * 3 / 4);
        let mut shown: String = line.chars().skip(skipped).take(SHOWN).map(plain).collect();
        let mut indent = column - skipped;
        if skipped > 0 {
            shown.insert(0, '…');
            indent += 1;
        }
        if line.chars().nth(skipped + SHOWN).is_some() {
            shown.push('…');
        }
        let marked = self.text.get(at..end.max(at)).unwrap_or("");
        let width = marked.lines().next().unwrap_or("").chars().count();
        let most = shown.chars().count().saturating_sub(indent).max(1);
        let carets = "^".repeat(width.clamp(1, most));
        let margin = " ".repeat(number.to_string().len());
        format!(
            "{margin} |\n{number} | {shown}\n{margin} | {}{carets}",
            " ".repeat(indent)
        )
    }

    /// The number of the line that `at` is on, and what stands before it there.
    fn line_of(&self, at: usize) -> (usize, &'a str) {
        let at = at.min(self.text.len());
        let number = self.starts.partition_point(|&start| start <= at).max(1);
        let start = self.starts.get(number - 1).copied().unwrap_or(0);
        (number, self.text.get(start..at).unwrap_or(""))
    }
}

/// Tabs would put the caret elsewhere, and control characters would disturb a terminal.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let lines = Lines::new("ab\nöx\n");
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place(5), (2, 2));
        assert_eq!(lines.place(99), (3, 1));
    }

    #[test]
    fn snippets_point_at_the_word() {
        let lines = Lines::new("a\n\tb NOL c\r\n");
        assert_eq!(lines.snippet(5, 8), "  |\n2 |  b NOL c\n  |    ^^^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}HERE{}", "x ".repeat(5000), " y".repeat(5000));
        let snippet = Lines::new(&text).snippet(10_000, 10_004);
        assert!(snippet.len() < 400, "{snippet}");
        let rows: Vec<&str> = snippet.lines().collect();
        let column = rows[1].chars().position(|c| c == 'H');
        assert_eq!(rows[2].chars().position(|c| c == '^'), column);
    }
}
