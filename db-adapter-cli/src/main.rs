//! The command line of db-adapter: `db-adapter query "SELECT 1" --profile local`.

mod args;
mod cell;
mod commands;
mod database;
mod declared;
mod dotenv;
mod exit;
mod guard;
mod input;
mod json;
mod printer;
mod progress;
mod report;
mod run;
mod settings;
mod source;
mod table;

fn main() -> std::process::ExitCode {
    run::run().into()
}
