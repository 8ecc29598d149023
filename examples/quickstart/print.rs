//! How it looks in a terminal.

#![allow(clippy::print_stdout, reason = "it is a tour")]

pub(crate) fn title(number: usize, text: &str) {
    println!("\n{number}. {text}\n");
}

pub(crate) fn line(text: &str) {
    println!("{}", format!("   {text}").trim_end());
}

/// Columns as wide as they must be; all but the first hold numbers.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let longest = cells.map(|cell| cell.chars().count()).max();
        longest.unwrap_or(0).max(head[column].chars().count())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).enumerate();
        let padded = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        line(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    print(&mut head.iter().copied());
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    print(&mut rules.iter().map(String::as_str));
    for row in rows {
        print(&mut row.iter().map(String::as_str));
    }
}
