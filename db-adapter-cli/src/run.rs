//! From the command line to the exit: understands, resolves, runs.

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Command, CommandLine, SchemaCommand};
use crate::commands::{self, Query};
use crate::database::Databases;
use crate::exit::Exit;
use crate::input;
use crate::interrupt::Interrupt;
use crate::printer::{Printer, log_writer};
use crate::report::{Report, without_credentials};
use crate::settings::{Output, Settings, Surroundings, Verbosity};

/// The whole program.
pub(crate) fn run() -> Exit {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    let around = Surroundings::look();
    let mut printer = Printer::new(Output::resolve(&line.global, &around));
    log(Verbosity::resolve(&line.global));
    let result = Settings::resolve(&line.global, around)
        .and_then(|settings| dispatch(line.command, &settings, &mut printer));
    match result {
        Ok(exit) => exit,
        Err(report) => ended(&report, &mut printer),
    }
}

/// Help and version are results; everything else of clap's is a message about usage, which may
/// quote what was typed, but for the help that stands in for a missing command.
fn usage(error: &clap::Error) -> Exit {
    let mut printer = Printer::new(Output::default());
    let text = error.render().to_string();
    if error.use_stderr() {
        match error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => printer.usage(&text),
            _ => printer.usage(&without_credentials(&text)),
        }
        return Exit::Usage;
    }
    match printer.text(&text) {
        Ok(()) => Exit::Done,
        Err(report) => ended(&report, &mut printer),
    }
}

fn ended(report: &Report, printer: &mut Printer) -> Exit {
    printer.report(report);
    report.exit
}

fn dispatch(command: Command, settings: &Settings, printer: &mut Printer) -> Result<Exit, Report> {
    let databases = &Databases::default();
    let run = Run {
        databases,
        output: printer.output(),
    };
    match command {
        Command::Query(args) => {
            let query = Query {
                sql: input::sql(args.sql.as_deref(), settings.stdin_is_terminal)?,
                write: args.write,
                target: settings.target.clone(),
            };
            let options = &settings.database;
            run.to_end(commands::query(&query, options, databases, printer))
        }
        Command::Profiles => commands::profiles(settings, printer),
        Command::Status => run.to_end(commands::status(settings, databases, printer)),
        Command::Connect(args) => {
            run.to_end(commands::connect(&args, settings, databases, printer))
        }
        Command::Validate(args) => {
            run.to_end(commands::validate(&args, settings, databases, printer))
        }
        Command::Fix(args) => run.to_end(commands::fix::fix(&args, settings, databases, printer)),
        Command::Schema(SchemaCommand::Show(args)) => {
            commands::schema::show(&args, settings, printer)
        }
        Command::Schema(SchemaCommand::Export(args)) => {
            commands::schema::export(&args, settings, printer)
        }
        Command::Backup(args) => match &args.validate {
            Some(file) => commands::backup::validate(file, &args, settings, printer),
            None => run.to_end(commands::backup::backup(
                &args, settings, databases, printer,
            )),
        },
        Command::Restore(args) => {
            run.to_end(commands::restore(&args, settings, databases, printer))
        }
        Command::Sync(args) => run.to_end(commands::sync(&args, settings, databases, printer)),
        Command::Schema(SchemaCommand::Diagram(args)) => {
            run.to_end(commands::diagram(&args, settings, databases, printer))
        }
        Command::Schema(SchemaCommand::Ddl(args)) => {
            run.to_end(commands::ddl(&args, settings, databases, printer))
        }
        Command::Schema(SchemaCommand::Draft(args)) => {
            run.to_end(commands::draft(&args, settings, databases, printer))
        }
        Command::Init => commands::init(settings, printer),
        Command::Completions(args) => commands::completions(args.shell, printer),
    }
}

/// What a command that waits for something runs in.
struct Run<'a> {
    databases: &'a Databases,
    output: Output,
}

impl Run<'_> {
    /// To the end or until a signal, without waiting for threads that are still busy.
    fn to_end(&self, work: impl Future<Output = Result<Exit, Report>>) -> Result<Exit, Report> {
        let cannot_start = |error| Report::new(Exit::Failed, format!("cannot start: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(cannot_start)?;
        let interrupt = Interrupt::listen(self.databases, self.output).map_err(cannot_start)?;
        let result = runtime.block_on(interrupt.or(self.databases, work));
        runtime.shutdown_background();
        result
    }
}

/// The library's spans have no values; the driver's own would, so they are left out. Without `-v`
/// nothing is logged: a slow operation is no news to who waits for it, and would stand in the middle
/// of the progress.
fn log(verbosity: Verbosity) {
    let filter = match verbosity {
        Verbosity::Silent => return,
        Verbosity::Operations => "db_adapter=debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log_writer)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .init();
}
