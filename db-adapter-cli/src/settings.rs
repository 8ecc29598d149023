//! What a run works with, resolved once: flag, then environment, then default. The only reader of
//! the environment and of what kind of terminal there is.

use std::env;
use std::io::{self, IsTerminal};

use db_adapter::SecretUrl;
use terminal_size::{Width, terminal_size_of};

use crate::args::{Color, Global};

/// What a run works with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) database_url: Option<SecretUrl>,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) output: Output,
    pub(crate) verbosity: Verbosity,
}

/// How results and messages look; by default, before the arguments are understood, plain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    /// Whether to say how long a result took.
    pub(crate) timing: bool,
    pub(crate) color_out: bool,
    pub(crate) color_err: bool,
    /// The width of the terminal that results go to; `None` when they go elsewhere.
    pub(crate) width: Option<usize>,
}

/// How much is told about the operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    Silent,
    Slow,
    Operations,
}

/// What the process finds around it.
#[derive(Debug, Clone, Default)]
struct Surroundings {
    database_url: Option<String>,
    no_color: bool,
    dumb_terminal: bool,
    stdin_is_terminal: bool,
    stderr_is_terminal: bool,
    stdout_width: Option<usize>,
}

impl Surroundings {
    fn look() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        Surroundings {
            database_url: env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()),
            no_color: set("NO_COLOR").is_some(),
            dumb_terminal: set("TERM").is_some_and(|term| term == "dumb"),
            stdin_is_terminal: io::stdin().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            stdout_width: io::stdout().is_terminal().then(terminal_width),
        }
    }
}

/// A terminal that does not tell its width has the usual one.
fn terminal_width() -> usize {
    match terminal_size_of(io::stdout()) {
        Some((Width(columns), _)) if columns > 0 => columns.into(),
        _ => 80,
    }
}

impl Settings {
    /// The settings of this process.
    pub(crate) fn resolve(args: &Global) -> Self {
        Settings::from(args, &Surroundings::look())
    }

    fn from(args: &Global, around: &Surroundings) -> Self {
        let color = |is_terminal: bool| match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !around.no_color && !around.dumb_terminal,
        };
        let flag = args.database_url.as_ref().map(|url| url.0.clone());
        Settings {
            database_url: flag
                .or_else(|| around.database_url.clone())
                .map(SecretUrl::new),
            stdin_is_terminal: around.stdin_is_terminal,
            output: Output {
                json: args.json,
                quiet: args.quiet,
                timing: args.verbose > 0,
                color_out: color(around.stdout_width.is_some()),
                color_err: color(around.stderr_is_terminal),
                width: around.stdout_width,
            },
            verbosity: match (args.quiet, args.verbose) {
                (true, _) => Verbosity::Silent,
                (false, 0) => Verbosity::Slow,
                (false, _) => Verbosity::Operations,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::CommandLine;

    fn settings(flags: &[&str], around: &Surroundings) -> Settings {
        let line = ["db-adapter"].iter().chain(flags).chain(&["query"]);
        Settings::from(&CommandLine::try_parse_from(line).unwrap().global, around)
    }

    fn url(settings: &Settings) -> Option<&str> {
        settings.database_url.as_ref().map(SecretUrl::expose)
    }

    #[test]
    fn a_flag_beats_the_environment() {
        let around = Surroundings {
            database_url: Some("sqlite://environment".into()),
            ..Surroundings::default()
        };
        assert_eq!(url(&settings(&[], &around)), Some("sqlite://environment"));
        assert_eq!(
            url(&settings(&["-D", "sqlite://flag"], &around)),
            Some("sqlite://flag")
        );
        assert_eq!(url(&settings(&[], &Surroundings::default())), None);
    }

    #[test]
    fn colours_are_for_terminals_unless_told() {
        let terminal = Surroundings {
            stdout_width: Some(80),
            stderr_is_terminal: true,
            ..Surroundings::default()
        };
        let no_color = Surroundings {
            no_color: true,
            ..terminal.clone()
        };
        let color = |flags: &[&str], around: &Surroundings| {
            let output = settings(flags, around).output;
            (output.color_out, output.color_err)
        };
        assert_eq!(color(&[], &terminal), (true, true));
        assert_eq!(color(&[], &no_color), (false, false));
        assert_eq!(color(&["--color", "always"], &no_color), (true, true));
        assert_eq!(color(&["--color", "never"], &terminal), (false, false));
        assert_eq!(color(&[], &Surroundings::default()), (false, false));
    }
}
