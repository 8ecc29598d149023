//! The command line of db-adapter: `db-adapter query "SELECT 1" --profile local`.

mod args;
mod baseline;
mod cell;
mod commands;
mod database;
mod declared;
mod dotenv;
mod drift;
mod exit;
mod guard;
mod input;
mod interrupt;
mod json;
mod mermaid;
mod output_file;
mod printer;
mod progress;
mod report;
mod run;
mod scratch;
mod settings;
mod signals;
mod source;
mod standard;
mod table;
mod validated;

fn main() -> std::process::ExitCode {
    run::run().into()
}
