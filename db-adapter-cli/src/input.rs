//! SQL from the argument or from stdin, and the answer to a question. Waits for somebody to type
//! only where a question was asked on a terminal.

use std::io::{self, Read};

use crate::exit::Exit;
use crate::report::Report;

/// The SQL text of the argument; without one, or for `-`, all of stdin.
pub(crate) fn sql(argument: Option<&str>, stdin_is_terminal: bool) -> Result<String, Report> {
    let text = match argument {
        Some(sql) if sql != "-" => sql.to_owned(),
        _ if stdin_is_terminal => return Err(missing()),
        _ => from(&mut io::stdin().lock())?,
    };
    if text.trim().is_empty() {
        return Err(missing());
    }
    Ok(text)
}

fn from(reader: &mut dyn Read) -> Result<String, Report> {
    let mut text = String::new();
    match reader.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Report::new(
            Exit::Usage,
            format!("cannot read the SQL from stdin: {error}"),
        )),
    }
}

/// Whether the next line says yes; anything else, and nothing, is no.
pub(crate) fn says_yes() -> bool {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    read.is_ok() && matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn missing() -> Report {
    Report::new(Exit::Usage, "no SQL was given")
        .hint("pass it as an argument, `db-adapter query \"SELECT 1\"`, or pipe it in")
}
