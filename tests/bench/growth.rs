//! How time and memory grow with the rows: ten times the rows should take ten times as long, a
//! backup no more memory, and a restore little more for each row. Minutes, so only by name.

use std::time::Instant;

use support::TestDatabase;

use crate::hierarchy::{self, Size};
use crate::memory::peak;

const SIZES: [Size; 3] = [
    Size { authors: 100 },
    Size { authors: 1000 },
    Size { authors: 10_000 },
];

pub async fn run() {
    for (name, is_postgres) in [("PostgreSQL", true), ("SQLite", false)] {
        println!("\n{name}: backup, and restore beside as many rows, each a process of its own");
        println!(
            "  {:>10} {:>16} {:>12} {:>16} {:>12}",
            "rows", "backup us a row", "peak MiB", "restore us a row", "peak MiB"
        );
        for size in SIZES {
            let database = match is_postgres {
                true => hierarchy::postgres(size).await,
                false => hierarchy::sqlite(size).await,
            };
            measure(&database, size).await;
        }
    }
}

async fn measure(database: &TestDatabase, size: Size) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.json");
    let mut line = format!("  {:>10}", size.rows());
    for (work, width) in [("backup", 16), ("restore", 16)] {
        let started = Instant::now();
        let peak = peak(work, database.url(), &file).await;
        let each = started.elapsed().as_secs_f64() * 1e6 / size.rows() as f64;
        line.push_str(&format!(" {each:>width$.2} {peak:>12.1}"));
    }
    println!("{line}");
}
