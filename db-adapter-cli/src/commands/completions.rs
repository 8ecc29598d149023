//! `completions`: what a shell needs to complete our command line. Reads nothing.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::CommandLine;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::Report;

/// Prints the completions for a shell.
pub(crate) fn completions(shell: Shell, printer: &mut Printer) -> Result<Exit, Report> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut CommandLine::command(),
        "db-adapter",
        &mut script,
    );
    printer.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
