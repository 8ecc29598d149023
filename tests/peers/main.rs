//! db-adapter beside its peers, interleaved in one run: tokio-postgres with deadpool, sqlx and
//! SeaORM on PostgreSQL; rusqlite, sqlx and SeaORM on SQLite.
//!
//! `cargo bench --manifest-path tests/peers/Cargo.toml` runs all the works, in a few minutes;
//! `-- postgres/select sqlite` those whose names contain one of the words; `-- --rounds 9` so many
//! rounds; `-- --list` only prints the names. Read the ratios: absolute figures are those of the
//! machine. Never a test: a goal that is missed is printed, not an error.

mod bad_input;
mod load;
mod measure;
mod plan;
mod postgres;
mod sqlite;

use plan::Plan;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let works = [postgres::works(), sqlite::works()].concat();
    let Some(plan) = Plan::of_arguments(&works) else {
        return;
    };
    println!(
        "medians of {} rounds, interleaved; ratios to the first line of each table, round by round; \
         below 1.2 read as equal",
        plan.rounds()
    );
    postgres::run(&plan).await;
    sqlite::run(&plan).await;
}
