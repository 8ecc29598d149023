//! What a run works with, resolved once: flag, then environment, then `.env`, then default. The
//! only reader of the environment and of what kind of terminal there is.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use db_adapter::{AdapterOptions, Environment};
use terminal_size::{Width, terminal_size_of};

use crate::args::{Color, Global};
use crate::dotenv::{self, Dotenv};
use crate::exit::Exit;
use crate::report::Report;

/// What a run works with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Which database is meant; decided when a command needs one.
    pub(crate) database: AdapterOptions,
    /// The variables of the process, then those of `.env`.
    pub(crate) environment: Environment,
    /// Whether `--profile` was given: a name that is none must then be refused.
    pub(crate) names_profile: bool,
    /// Whether a flag names the database.
    pub(crate) names_database: bool,
    /// Where `init` writes, when told.
    pub(crate) config: Option<PathBuf>,
    /// The database that may be written to although it is protected.
    pub(crate) target: Option<String>,
    /// Whether every question is answered with yes.
    pub(crate) yes: bool,
    /// The `.env` file that was read.
    pub(crate) dotenv: Option<Dotenv>,
    pub(crate) folder: PathBuf,
    /// Where files for a moment may be.
    pub(crate) temporary: PathBuf,
    pub(crate) stdin_is_terminal: bool,
    /// The cargo that builds packages.
    pub(crate) cargo: OsString,
    /// Whether those that we start should be quiet too.
    pub(crate) quiet: bool,
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
    /// Whether somebody watches how long work goes on.
    pub(crate) progress: bool,
}

/// How much is told about the operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    Silent,
    Operations,
}

/// What the process finds around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    environment: Environment,
    folder: PathBuf,
    temporary: PathBuf,
    home: Option<PathBuf>,
    no_color: bool,
    dumb_terminal: bool,
    stdin_is_terminal: bool,
    stderr_is_terminal: bool,
    stdout_width: Option<usize>,
    cargo: Option<OsString>,
}

impl Surroundings {
    pub(crate) fn look() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        Surroundings {
            environment: Environment::process(),
            // one that is gone is an error of the library, where a file is looked for
            folder: env::current_dir().unwrap_or_default(),
            temporary: env::temp_dir(),
            home: env::home_dir(),
            no_color: set("NO_COLOR").is_some(),
            dumb_terminal: set("TERM").is_some_and(|term| term == "dumb"),
            stdin_is_terminal: io::stdin().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            stdout_width: io::stdout().is_terminal().then(terminal_width),
            cargo: set("CARGO"),
        }
    }
}

/// What COLUMNS says, else the terminal; one that does not tell its width has the usual one.
fn terminal_width() -> usize {
    let columns = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    if let Some(columns) = columns.filter(|columns| *columns > 0) {
        return columns;
    }
    match terminal_size_of(io::stdout()) {
        Some((Width(columns), _)) if columns > 0 => columns.into(),
        _ => 80,
    }
}

impl Output {
    pub(crate) fn resolve(args: &Global, around: &Surroundings) -> Self {
        let color = |is_terminal: bool| match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !around.no_color && !around.dumb_terminal,
        };
        Output {
            json: args.json,
            quiet: args.quiet,
            timing: args.verbose > 0,
            color_out: color(around.stdout_width.is_some()),
            color_err: color(around.stderr_is_terminal),
            width: around.stdout_width,
            progress: around.stderr_is_terminal && !around.dumb_terminal && !args.quiet,
        }
    }
}

impl Verbosity {
    pub(crate) fn resolve(args: &Global) -> Self {
        match args.verbose {
            0 => Verbosity::Silent,
            _ => Verbosity::Operations,
        }
    }
}

impl Settings {
    /// # Errors
    /// A `.env` file that cannot be read, and two databases at once.
    pub(crate) fn resolve(args: &Global, around: Surroundings) -> Result<Self, Report> {
        if args.profile.is_some() && args.database_url.is_some() {
            return Err(Report::new(
                Exit::Usage,
                "`--profile` and `--database-url` name two databases",
            )
            .hint("give one of them"));
        }
        let dotenv = match args.no_dotenv {
            true => None,
            false => dotenv::read(&around.folder, around.home.as_deref())?,
        };
        let environment = match &dotenv {
            Some(dotenv) => around.environment.with_fallback(dotenv.variables.clone()),
            None => around.environment,
        };
        let mut database = AdapterOptions::new()
            .env_prefix(&args.env_prefix)
            .environment(environment.clone());
        if let Some(url) = &args.database_url {
            database = database.database_url(url.0.as_str());
        }
        if let Some(profile) = &args.profile {
            database = database.profile(profile);
        }
        if let Some(path) = &args.config {
            database = database.config_path(path);
        }
        Ok(Settings {
            database,
            environment,
            names_profile: args.profile.is_some(),
            names_database: args.profile.is_some() || args.database_url.is_some(),
            config: args.config.clone(),
            target: args.target.clone(),
            yes: args.yes,
            dotenv,
            folder: around.folder,
            temporary: around.temporary,
            stdin_is_terminal: around.stdin_is_terminal,
            cargo: around.cargo.unwrap_or_else(|| "cargo".into()),
            quiet: args.quiet,
        })
    }
}

/// Whether the process itself has this variable.
pub(crate) fn process_has(name: &str) -> bool {
    env::var_os(name).is_some()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::CommandLine;

    fn global(flags: &[&str]) -> Global {
        let line = ["db-adapter"].iter().chain(flags).chain(&["query"]);
        CommandLine::try_parse_from(line).unwrap().global
    }

    fn source(flags: &[&str], variables: &[(&str, &str)]) -> String {
        let variables = variables.iter().copied();
        let around = Surroundings {
            environment: Environment::of(variables).in_folder("/"),
            ..Surroundings::default()
        };
        let settings = Settings::resolve(&global(flags), around).unwrap();
        settings.database.resolve().unwrap().source.to_string()
    }

    #[test]
    fn a_flag_beats_the_environment() {
        let set = [("DATABASE_URL", "sqlite://environment")];
        assert!(source(&[], &set).ends_with("`DATABASE_URL`"));
        assert_eq!(
            source(&["-D", "sqlite://flag"], &set),
            "the database URL given"
        );
        let set = [("A_DATABASE_URL", "sqlite://a"), ("DATABASE_URL", "x")];
        assert!(source(&["--env-prefix", "A_"], &set).ends_with("`A_DATABASE_URL`"));
    }

    #[test]
    fn two_databases_at_once_are_refused() {
        let flags = global(&["-D", "sqlite://flag", "-p", "x"]);
        let refused = Settings::resolve(&flags, Surroundings::default()).unwrap_err();
        assert_eq!(refused.exit, Exit::Usage);
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
            let output = Output::resolve(&global(flags), around);
            (output.color_out, output.color_err)
        };
        assert_eq!(color(&[], &terminal), (true, true));
        assert_eq!(color(&[], &no_color), (false, false));
        assert_eq!(color(&["--color", "always"], &no_color), (true, true));
        assert_eq!(color(&["--color", "never"], &terminal), (false, false));
        assert_eq!(color(&[], &Surroundings::default()), (false, false));
    }
}
