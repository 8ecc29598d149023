//! The command line of db-adapter: `db-adapter query "SELECT 1" -D sqlite://app.db`.

mod args;
mod cell;
mod commands;
mod exit;
mod input;
mod json;
mod printer;
mod report;
mod run;
mod settings;
mod table;

fn main() -> std::process::ExitCode {
    run::run().into()
}
