//! From the command line to the exit: understands, resolves, connects, runs.

use clap::Parser;
use db_adapter::{DatabaseClient, Error, ErrorKind, SecretUrl};

use crate::args::{Command, CommandLine};
use crate::commands::{Query, query};
use crate::exit::Exit;
use crate::input;
use crate::printer::{Printer, log_writer};
use crate::report::{Report, without_credentials};
use crate::settings::{Output, Settings, Verbosity};

/// The whole program.
pub(crate) fn run() -> Exit {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    let settings = Settings::resolve(&line.global);
    let mut printer = Printer::new(settings.output);
    match dispatch(line.command, &settings, &mut printer) {
        Ok(exit) => exit,
        Err(report) => ended(&report, &mut printer),
    }
}

/// Help and version are results; everything else of clap's is a message about usage, which may
/// quote what was typed.
fn usage(error: &clap::Error) -> Exit {
    let mut printer = Printer::new(Output::default());
    let text = error.render().to_string();
    if error.use_stderr() {
        printer.usage(&without_credentials(&text));
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
    log(settings.verbosity);
    match command {
        Command::Query(args) => {
            let Some(url) = &settings.database_url else {
                return Err(no_database());
            };
            let what = Query {
                sql: input::sql(args.sql.as_deref(), settings.stdin_is_terminal)?,
                write: args.write,
            };
            block_on(async {
                let client = db_adapter::connect(database(url, what.write))
                    .await
                    .map_err(|error| not_opened(error, url))?;
                let result = query(&what, &client, printer).await;
                close(&client).await;
                result
            })
        }
    }
}

/// The URL to open: whoever only looks makes no new SQLite file of a mistyped
/// name, and changes no file, not even the mode of its journal.
fn database(url: &SecretUrl, write: bool) -> String {
    let text = url.expose();
    if write || url.scheme() != "sqlite" || text.contains('?') {
        return text.to_owned();
    }
    format!("{text}?mode=ro")
}

/// A file has no host and no port.
fn not_opened(error: Error, url: &SecretUrl) -> Report {
    let is_missing_file = url.scheme() == "sqlite" && error.kind() == ErrorKind::Connection;
    let report = Report::from(error);
    if is_missing_file {
        return report.hint("check the path; a new file is made only with `--write`");
    }
    report
}

fn no_database() -> Report {
    Report::new(Exit::Usage, "no database was named")
        .hint("pass `--database-url sqlite://app.db` or set DATABASE_URL")
}

/// The answer is known by now: what goes wrong at the end changes nothing.
async fn close(client: &dyn DatabaseClient) {
    let _ = client.close().await;
}

/// Runs to the end or until Ctrl-C, without waiting for threads that are still busy.
fn block_on(work: impl Future<Output = Result<Exit, Report>>) -> Result<Exit, Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Report::new(Exit::Failed, format!("cannot start: {error}")))?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Report::interrupted()),
        }
    });
    runtime.shutdown_background();
    result
}

/// The library's spans have no values; the driver's own would, so they are left out.
fn log(verbosity: Verbosity) {
    let filter = match verbosity {
        Verbosity::Silent => return,
        Verbosity::Slow => "db_adapter=warn",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_makes_no_file() {
        let url = |url, write| database(&SecretUrl::new(url), write);
        assert_eq!(url("sqlite://x.db", false), "sqlite://x.db?mode=ro");
        assert_eq!(url("sqlite://x.db", true), "sqlite://x.db");
        assert_eq!(url("sqlite://x.db?mode=ro", false), "sqlite://x.db?mode=ro");
        assert_eq!(url("postgresql://h/d", false), "postgresql://h/d");
    }
}
