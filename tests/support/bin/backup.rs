//! `test-backup`: one backup or one restore in a process of its own, to be killed, starved of
//! memory or of disk. `test-backup backup|restore|validate URL SCHEMA USER FILE`; the schema is JSON. Prints
//! what was done and the peak of its memory; on an error says so and exits with 1.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is its interface"
)]

use std::process::ExitCode;

use db_adapter::backup::{
    BackupOptions, RestoreOptions, backup_database, restore_database, validate_backup,
};
use db_adapter::{BackupSchema, DatabaseClient};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [what, url, schema, user, file] = arguments.as_slice() else {
        eprintln!("test-backup backup|restore|validate URL SCHEMA USER FILE");
        return ExitCode::from(2);
    };
    let done = run(what, url, schema, user, file).await;
    println!("peak {} KiB", peak());
    match done {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(
    what: &str,
    url: &str,
    schema: &str,
    user: &str,
    file: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let schema: BackupSchema = serde_json::from_str(schema)?;
    if what == "validate" {
        let report = validate_backup(file, &schema)?;
        return Ok(format!("{} {:?}", report.valid, report.errors));
    }
    let db = db_adapter::connect(url).await?;
    let done = match what {
        "backup" => {
            let options = BackupOptions::new().output(file);
            let written = backup_database(db.as_ref(), &schema, user, options).await?;
            format!("{:?}", written.counts)
        }
        _ => {
            let options = RestoreOptions::default();
            let summary = restore_database(db.as_ref(), &schema, file, user, options).await?;
            serde_json::to_string(&summary)?
        }
    };
    db.close().await?;
    Ok(done)
}

/// The most memory that this process ever held, from the kernel.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
