//! One user's data moves to another database, with new keys, and every reference is still right.
//!
//!     cargo run --example quickstart
//!     cargo run --example quickstart -- postgresql://user:password@localhost/database
//!
//! The first works in two SQLite files in the temporary folder. A URL is where the rows come from,
//! a second one where they go to; on a server it works in schemas of its own,
//! `db_adapter_quickstart_source` and `db_adapter_quickstart_destination`, and drops them.
//!
//! The exit status is 1 when a check finds something wrong.

#![allow(clippy::print_stderr, reason = "it is a tour")]

mod check;
mod models;
mod place;
mod print;
mod project;
mod rows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use db_adapter::backup::{BackupOptions, TableSummary};
use db_adapter::backup::{
    RestoreOptions, RestoreSummary, backup_database, restore_database, validate_backup,
};
use db_adapter::prelude::*;
use db_adapter::{Result, SchemaIntrospector, Validation};

use models::SCHEMA;
use place::Place;
use print::{line, table, title};

const USER: &str = "ann";

#[tokio::main]
async fn main() -> ExitCode {
    let urls: Vec<String> = std::env::args().skip(1).collect();
    match run(&urls).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("\nerror: something is not as it should be, see above");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(urls: &[String]) -> Result<bool> {
    let folder = new_folder();
    let url = |place: usize| urls.get(place).map(String::as_str);
    let source = Place::make(url(0), &folder, "source").await?;
    let destination = Place::make(url(1), &folder, "destination").await?;
    let right = story(&source, &destination, &folder).await;
    source.clean_up().await?;
    destination.clean_up().await?;
    let right = right?;
    if right && urls.is_empty() && project::write(&folder).is_ok() {
        line("\n   The files are still there, with a db.toml for the command line:\n");
        line("cargo install --path db-adapter-cli");
        line(&format!("cd {}", folder.display()));
        line("db-adapter connect --profile destination");
        line("db-adapter query 'SELECT id, author_id, title FROM books'");
    }
    Ok(right)
}

/// False as soon as something is wrong.
async fn story(source: &Place, destination: &Place, folder: &Path) -> Result<bool> {
    let (from, to) = (&source.db, &destination.db);

    title(1, "Two databases, compared with what the program declares");
    for (name, place) in [("source", source), ("destination", destination)] {
        if !is_as_declared(name, place).await? {
            return Ok(false);
        }
    }

    title(2, "Ann's rows go into a file, from one snapshot");
    rows::fill_source(from).await?;
    rows::fill_destination(to).await?;
    let file = back_up(from, &folder.join("ann.json")).await?;
    let report = validate_backup(&file, &SCHEMA)?;
    for problem in &report.errors {
        line(&problem.to_string());
    }
    if !report.valid {
        return Ok(false);
    }
    line("The file is whole: its seal holds, and every row has its parents.");

    title(3, "They are restored where others have taken their keys");
    let others = check::all_rows(to, &SCHEMA).await?;
    if !restore(to, &file).await?.committed {
        return Ok(false);
    }

    title(4, "Does every reference point where it should?");
    let right = references_are_right(from, to).await?;
    let untouched = check::all_rows(to, &SCHEMA).await?.is_superset(&others);
    line(&match untouched {
        true => format!("The {} rows of others are as they were.", others.len()),
        false => "Rows of others have changed.".to_owned(),
    });
    if !(right && untouched) {
        return Ok(false);
    }

    title(5, "Restored once more: nothing is doubled");
    let once = check::all_rows(to, &SCHEMA).await?;
    let summary = restore(to, &file).await?;
    let unchanged = check::all_rows(to, &SCHEMA).await? == once;
    let only_skipped = |table: &TableSummary| table.inserted + table.updated + table.failed == 0;
    Ok(unchanged && summary.tables.iter().all(only_skipped))
}

/// Names, types, nullability and keys; and that the natural keys are unique.
async fn is_as_declared(name: &str, place: &Place) -> Result<bool> {
    let actual = SchemaIntrospector::new(&place.db).introspect().await?;
    let expected = SCHEMA.expected();
    let result = Validation::new(&expected).declared(&SCHEMA).run(&actual);
    let verdict = if result.valid { "fits" } else { "differs" };
    line(&format!("{name:<11}  {verdict}  {}", place.shown));
    for text in result.differences.iter().map(|found| &found.message) {
        line(&format!("             {text}"));
    }
    Ok(result.valid)
}

async fn back_up(db: &impl DatabaseClient, path: &Path) -> Result<PathBuf> {
    let options = BackupOptions::new().output(path);
    let file = backup_database(db, &SCHEMA, USER, options).await?;
    let mut counts = Vec::new();
    for (name, rows) in &file.counts {
        let all = db.count(name, row! {}).await?;
        counts.push(vec![name.clone(), rows.to_string(), all.to_string()]);
    }
    table(&["table", "rows in the file", "in the table"], &counts);
    line(&format!("\n   {}", file.path.display()));
    Ok(file.path)
}

async fn restore(db: &impl DatabaseClient, path: &PathBuf) -> Result<RestoreSummary> {
    let summary = restore_database(db, &SCHEMA, path, USER, RestoreOptions::default()).await?;
    let cells = |done: &TableSummary| {
        let numbers = [done.inserted, done.updated, done.skipped, done.failed];
        let mut cells = vec![done.table.clone()];
        cells.extend(numbers.map(|number| number.to_string()));
        cells
    };
    let rows: Vec<_> = summary.tables.iter().map(cells).collect();
    table(
        &["table", "inserted", "updated", "skipped", "failed"],
        &rows,
    );
    for failure in summary.tables.iter().flat_map(|done| &done.failure_details) {
        line(&failure.to_string());
    }
    Ok(summary)
}

async fn references_are_right(
    from: &impl DatabaseClient,
    to: &impl DatabaseClient,
) -> Result<bool> {
    let found = check::references(from, to, &SCHEMA, USER).await?;
    let cells = |found: &check::Checked| {
        let numbers = [found.set, found.same, found.new_keys, found.wrong.len()];
        let mut cells = vec![found.reference.clone()];
        cells.extend(numbers.map(|number| number.to_string()));
        cells
    };
    let rows: Vec<_> = found.iter().map(cells).collect();
    table(
        &["reference", "set", "right", "by a new key", "wrong"],
        &rows,
    );
    line("");
    for wrong in found.iter().flat_map(|found| &found.wrong) {
        line(wrong);
    }
    // nothing compared would be nothing proven
    let compared = found.iter().all(|found| found.set > 0);
    Ok(compared && found.iter().all(|found| found.wrong.is_empty()))
}

/// An empty one for each run.
fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join("db-adapter-quickstart");
    let _ = std::fs::remove_dir_all(&folder);
    let _ = std::fs::create_dir_all(&folder); // what cannot be written to says so soon
    folder
}
