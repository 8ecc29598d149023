//! Rows as a table of plain columns, or one below the other where a line is too short. Pure.

use db_adapter::Row;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::cell::{Cell, escaped};

/// Between two columns.
const GAP: usize = 2;
/// A column is not cut to less than this.
const NARROWEST: usize = 12;

/// How the parts of a table are written; each gets a text that is padded already.
pub(crate) struct Style {
    pub(crate) strong: fn(&str) -> String,
    pub(crate) faint: fn(&str) -> String,
    pub(crate) good: fn(&str) -> String,
    pub(crate) bad: fn(&str) -> String,
    pub(crate) odd: fn(&str) -> String,
}

/// How rows are laid out, from what the first of them need.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One row on one line.
    Columns(Vec<Column>),
    /// One column on one line, with the width of the widest name.
    Lines(usize),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    name: String,
    width: usize,
    is_number: bool,
    /// On a terminal a longer text is cut; elsewhere it is whole, and pushes the rest aside.
    cuts: bool,
}

impl Layout {
    /// The layout for these rows, on a terminal of this width or on none.
    pub(crate) fn of(rows: &[Row], terminal: Option<usize>) -> Layout {
        let mut columns = match rows.first() {
            Some(row) => Column::of_names(row, terminal.is_some()),
            None => Vec::new(),
        };
        for row in rows {
            for (column, (_, value)) in columns.iter_mut().zip(row.iter()) {
                column.widen(&Cell::of(value));
            }
        }
        match terminal {
            None => Layout::Columns(columns),
            Some(width) if fit(&mut columns, width) => Layout::Columns(columns),
            Some(_) => {
                let widest = columns.iter().map(|column| column.name.width()).max();
                Layout::Lines(widest.unwrap_or(0))
            }
        }
    }

    /// The lines above the rows. On a terminal a rule sets the names apart.
    pub(crate) fn head(&self, style: &Style, on_terminal: bool) -> String {
        let Layout::Columns(columns) = self else {
            return String::new();
        };
        let names = columns.iter().map(|column| {
            let (name, padding) = column.place(&column.name);
            (padding, column.is_number, (style.strong)(&name))
        });
        let mut head = line(names);
        if on_terminal {
            let rules = columns
                .iter()
                .map(|column| (0, false, (style.faint)(&"─".repeat(column.width))));
            head.push_str(&line(rules));
        }
        head
    }

    /// The lines of one row; `number` counts from 1.
    pub(crate) fn row(&self, row: &Row, number: usize, style: &Style) -> String {
        let shown = |cell: &Cell, text: &str| {
            if cell.is_null {
                (style.faint)(text)
            } else {
                text.to_owned()
            }
        };
        match self {
            Layout::Columns(columns) => {
                line(columns.iter().zip(row.iter()).map(|(column, (_, value))| {
                    let cell = Cell::of(value);
                    let (text, padding) = column.place(&cell.text);
                    (padding, column.is_number, shown(&cell, &text))
                }))
            }
            Layout::Lines(width) => {
                let mut lines = if number > 1 { "\n" } else { "" }.to_owned();
                lines.push_str(&(style.faint)(&format!("row {number}")));
                lines.push('\n');
                for (name, value) in row.iter() {
                    let (name, cell) = (escaped(name), Cell::of(value));
                    let padding = " ".repeat(width.saturating_sub(name.width()) + GAP);
                    let name = (style.strong)(&name);
                    let text = format!("{name}{padding}{}", shown(&cell, &cell.text));
                    lines.push_str(text.trim_end());
                    lines.push('\n');
                }
                lines
            }
        }
    }
}

impl Column {
    fn of_names(row: &Row, cuts: bool) -> Vec<Column> {
        row.names()
            .map(|name| {
                let name = escaped(name);
                Column {
                    width: name.width(),
                    name,
                    is_number: false,
                    cuts,
                }
            })
            .collect()
    }

    fn widen(&mut self, cell: &Cell) {
        self.width = self.width.max(cell.width());
        self.is_number |= cell.is_number;
    }

    /// The text as it stands in the column, and how much is missing to fill it.
    fn place(&self, text: &str) -> (String, usize) {
        let text = match self.cuts {
            true => cut(text, self.width),
            false => text.to_owned(),
        };
        let padding = self.width.saturating_sub(text.width());
        (text, padding)
    }
}

/// Narrows the widest columns until the line fits; numbers are never cut. Whether it worked.
fn fit(columns: &mut [Column], terminal: usize) -> bool {
    let gaps = columns.len().saturating_sub(1) * GAP;
    let total = |columns: &[Column]| columns.iter().map(|c| c.width).sum::<usize>() + gaps;
    while total(columns) > terminal {
        let excess = total(columns) - terminal;
        let widest = columns
            .iter_mut()
            .filter(|column| !column.is_number && column.width > NARROWEST)
            .max_by_key(|column| column.width);
        match widest {
            Some(column) => {
                // half of what is too much, so that equally wide columns share it
                let less = excess.div_ceil(2).min(column.width - NARROWEST);
                column.width -= less;
            }
            None => return false,
        }
    }
    true
}

/// The beginning of the text that fits, with `…` for the rest.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1; // the ellipsis
    let mut out: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect();
    out.push('…');
    out
}

/// The text in lines of this width, broken at blanks; a longer word stays whole.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in text.split(' ') {
        if used > 0 && used + 1 + word.width() > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += word.width();
    }
    out
}

/// One line of cells: padding, whether it stands on the left, and the text.
fn line(cells: impl Iterator<Item = (usize, bool, String)>) -> String {
    let mut line = String::new();
    let mut pending = 0; // blanks, written only when something follows
    for (padding, align_right, text) in cells {
        if text.is_empty() {
            pending += padding + GAP;
            continue;
        }
        let left = if align_right { padding } else { 0 };
        line.push_str(&" ".repeat(pending + left));
        line.push_str(&text);
        pending = padding - left + GAP;
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use db_adapter::{Numeric, row};

    use super::*;

    const PLAIN: Style = Style {
        strong: str::to_owned,
        faint: str::to_owned,
        good: str::to_owned,
        bad: str::to_owned,
        odd: str::to_owned,
    };

    fn print(rows: &[Row], terminal: Option<usize>) -> String {
        let layout = Layout::of(rows, terminal);
        let mut out = layout.head(&PLAIN, terminal.is_some());
        for (i, row) in rows.iter().enumerate() {
            out.push_str(&layout.row(row, i + 1, &PLAIN));
        }
        out
    }

    #[test]
    fn numbers_stand_right_and_lines_end_without_blanks() {
        let rows = [
            row! { "id": 1, "name": "Al", "price": Numeric::parse("1.50").unwrap(), "note": "x" },
            row! { "id": 10, "name": "日本", "price": None::<i64>, "note": None::<&str> },
        ];
        assert_eq!(
            print(&rows, None),
            "id  name  price  note\n 1  Al     1.50  x\n10  日本   NULL  NULL\n"
        );
    }

    #[test]
    fn a_line_fits_the_terminal() {
        let long = "x".repeat(200);
        let rows = [row! { "id": 123456789012_i64, "a": &long, "b": &long, "c": "short" }];
        for width in [60, 80, 200] {
            let text = print(&rows, Some(width));
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
            assert!(
                text.contains("123456789012") && text.contains("short"),
                "{text}"
            );
            assert!(text.contains('…'));
        }
    }

    #[test]
    fn what_fits_no_line_stands_below_each_other_and_whole() {
        let long = "y".repeat(100);
        let rows: Vec<Row> = (0..2)
            .map(|n| {
                (0..20)
                    .map(|i| (format!("column_{i}"), format!("{n}{long}")))
                    .collect()
            })
            .collect();
        let text = print(&rows, Some(80));
        assert!(text.starts_with("row 1\ncolumn_0   0yyy"), "{text}");
        assert!(text.contains("\n\nrow 2\n"), "{text}");
        assert!(text.contains(&long));
    }

    #[test]
    fn a_wider_row_that_comes_later_is_whole_in_a_pipe() {
        let narrow = row! { "a": "x", "b": 1 };
        let wide = row! { "a": "yyyyy", "b": 22 };
        let row =
            |terminal| Layout::of(std::slice::from_ref(&narrow), terminal).row(&wide, 2, &PLAIN);
        assert_eq!(row(None), "yyyyy  22\n");
        assert_eq!(row(Some(80)), "…  …\n");
    }

    #[test]
    fn long_texts_break_at_blanks() {
        assert_eq!(wrapped("a bc def", 4), "a bc\ndef");
        assert_eq!(wrapped("a", 0), "a");
        assert_eq!(wrapped("abcdef gh", 3), "abcdef\ngh");
    }

    #[test]
    fn hostile_names_are_escaped_too() {
        let rows = [row! { "a\u{1b}[2J": 1 }];
        assert!(!print(&rows, None).contains('\u{1b}'));
    }
}
