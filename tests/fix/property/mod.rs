//! Random schemas with random rows, drifted at random and repaired: every value that was there is there, in its column and
//! its row; nothing else of the database is gone; and a second repair has nothing to do. A failure prints its seed.

mod drift;
#[path = "../../schema_cases/random/names.rs"]
mod names;
#[path = "../../schema_cases/random/postgres.rs"]
mod postgres;
mod rows;
#[path = "../../schema_cases/random/sqlite.rs"]
mod sqlite;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use db_adapter::Error;
use db_adapter::schema::{DatabaseSchema, SchemaIntrospector};
use db_adapter_core::ddl_writer::write;
use db_adapter_core::fix::{FixKind, FixMode, FixOptions, FixPlan, FixStep};
use db_adapter_core::quote_ident;
use support::{Random, TestDatabase, seed};

use crate::run::{client, is_sqlite, plan_of, run, try_run_with, wanted as confirmed};

/// The schemas that random objects are in.
const SCHEMAS: [&str; 2] = ["public", "My \"Schema\""];

fn rounds(usual: usize) -> usize {
    match support::long() {
        true => usual * 10,
        false => usual,
    }
}

/// The schemas that are read; SQLite has one.
fn schemas(database: &TestDatabase) -> &'static [&'static str] {
    match is_sqlite(database) {
        true => &[],
        false => &SCHEMAS,
    }
}

async fn read(database: &TestDatabase) -> DatabaseSchema {
    let client = client(database).await;
    let mut introspector = SchemaIntrospector::new(&client);
    for schema in schemas(database) {
        introspector = introspector.schema(*schema);
    }
    let schema = introspector.introspect().await.unwrap();
    client.close().await.unwrap();
    schema
}

async fn empty(sqlite: bool) -> TestDatabase {
    if sqlite {
        return TestDatabase::sqlite();
    }
    let database = TestDatabase::postgres().await;
    // also where the random schema has nothing in it
    let sql = format!("CREATE SCHEMA {}", quote_ident(SCHEMAS[1]));
    database.sql(&sql).await;
    database
}

/// A database with this schema; `None` where it refuses it, as it may a drifted one.
async fn made(schema: &DatabaseSchema, sqlite: bool) -> Option<TestDatabase> {
    let database = empty(sqlite).await;
    if !sqlite {
        let sql = format!("DROP SCHEMA {}", quote_ident(SCHEMAS[1]));
        database.sql(&sql).await;
    }
    let sql = write(schema, schema.dialect).to_sql();
    database.oracle().await.try_sql(&sql).await.ok()?;
    let again = format!("CREATE SCHEMA IF NOT EXISTS {}", quote_ident(SCHEMAS[1]));
    if !sqlite {
        database.sql(&again).await;
    }
    Some(database)
}

/// A plan in which what could be a rename is something new.
async fn planned(
    database: &TestDatabase,
    wanted: &DatabaseSchema,
    mode: FixMode,
) -> (FixPlan, FixOptions) {
    let mut options = FixOptions::new().mode(mode);
    if !is_sqlite(database) {
        options = options.search_path(["public".to_owned()]);
    }
    let first = plan_of(database, schemas(database), wanted, options.clone()).await;
    for entry in &first.undecided {
        let path = match &entry.column {
            Some(column) => format!("{}.{column}", entry.table),
            None => entry.table.clone(),
        };
        options = options.allow(format!("add:{path}").parse().unwrap());
    }
    let plan = plan_of(database, schemas(database), wanted, options.clone()).await;
    (plan, options)
}

/// What must be as it was: views, triggers, policies, comments, extra columns and tables.
fn kept(before: &DatabaseSchema) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    kept.extend(before.views.keys().map(|view| format!("view {view}")));
    for (key, table) in &before.tables {
        kept.insert(format!("table {key} {:?}", table.comment));
        kept.extend(
            table
                .columns
                .iter()
                .map(|c| format!("column {key}.{} {:?}", c.name, c.comment)),
        );
        kept.extend(
            table
                .triggers
                .keys()
                .map(|name| format!("trigger {key}.{name}")),
        );
        kept.extend(
            table
                .policies
                .keys()
                .map(|name| format!("policy {key}.{name}")),
        );
    }
    kept
}

struct Told {
    steps: usize,
    rows: usize,
}

/// One round; what was done, or why it is wrong.
async fn round(random: &mut Random, sqlite: bool) -> Result<Told, String> {
    let model = match sqlite {
        true => sqlite::schema(random),
        false => postgres::schema(random),
    };
    let Some(other) = made(&model, sqlite).await else {
        return Err("the model is refused".to_owned());
    };
    let wanted = read(&other).await;
    drop(other);
    let (drifted, database) = loop {
        let drifted = drift::drifted(&model, random);
        // a drift may take what something else needs
        if let Some(database) = made(&drifted, sqlite).await {
            break (drifted, database);
        }
    };
    let there = read(&database).await;
    rows::fill(&database, &there, random).await;
    let before = rows::dump(&database, &there).await;
    let mode = match !sqlite && random.chance(35) {
        true => FixMode::Online,
        false => FixMode::Atomic,
    };
    let (plan, options) = planned(&database, &wanted, mode).await;
    let said = |what: String| {
        format!(
            "{what}\nmode {mode:?}\ndrifted\n{}\nwanted\n{}\nplan\n{}\nnot fixed {:#?}",
            write(&drifted, drifted.dialect).to_sql(),
            write(&model, model.dialect).to_sql(),
            plan.sql(),
            plan.not_fixed
        )
    };
    let steps = plan.steps().count();
    let mut last = plan.clone();
    if random.chance(30) {
        let stop = random.below(4 + 2 * steps);
        let seen = AtomicUsize::new(0);
        let stops =
            confirmed().on_event(move |_| match seen.fetch_add(1, Ordering::SeqCst) == stop {
                true => Err(Error::Closed),
                false => Ok(()),
            });
        if try_run_with(&database, &plan, stops).await.is_ok() {
            last = plan_of(&database, schemas(&database), &wanted, options.clone()).await;
        } else if mode == FixMode::Online {
            last = planned(&database, &wanted, mode).await.0;
        }
    }
    if let Err(error) = try_run_with(&database, &last, confirmed()).await {
        // which values a default gives, only the run tells; then nothing of it is left
        let is_of_rows = matches!(&error, Error::FixFailed(failure) if failure.cause.as_deref().is_some_and(Error::is_constraint_violation));
        let after = rows::dump(&database, &there).await;
        if is_of_rows
            && after == before
            && (mode == FixMode::Online || read(&database).await == there)
        {
            return Ok(Told { steps: 0, rows: 0 });
        }
        return Err(said(format!("the run: {error}\n{}", last.sql())));
    }
    let after = rows::dump(&database, &there).await;
    if after != before {
        return Err(said(format!("rows were\n{before:#?}\nand are\n{after:#?}")));
    }
    let now = kept(&read(&database).await);
    let gone: Vec<String> = kept(&there).difference(&now).cloned().collect();
    if !gone.is_empty() {
        return Err(said(format!("gone is {gone:?}")));
    }
    // what a run that was stopped has left undone, the plan of the rest tells
    let told = plan.not_fixed.iter().chain(&last.not_fixed);
    let mut told: BTreeSet<String> = told.map(ToString::to_string).collect();
    let mut again = plan_of(&database, schemas(&database), &wanted, options.clone()).await;
    // what waits for a key says so, and comes with the next plan
    if told.iter().any(|entry| entry.contains("plan again")) {
        run(&database, &again).await;
        told.extend(again.not_fixed.iter().map(ToString::to_string));
        again = plan_of(&database, schemas(&database), &wanted, options).await;
        let after = rows::dump(&database, &there).await;
        if after != before {
            return Err(said(format!("rows were\n{before:#?}\nand are\n{after:#?}")));
        }
    }
    // what is left of a table that was made is told in other words, and one below another has its columns
    let made: BTreeSet<String> = plan
        .steps()
        .filter(|step| step.kind == FixKind::CreateTable)
        .map(|step| step.object.name.clone())
        .collect();
    // a table that was made below one that could not be repaired has that one's columns as they are
    let of_made = |step: &FixStep| {
        step.object
            .table
            .as_ref()
            .is_some_and(|table| made.contains(table))
    };
    if !again.undecided.is_empty() || !again.steps().all(of_made) {
        return Err(said(format!("a second plan is\n{}", again.sql())));
    }
    let untold = again.not_fixed.iter().filter(|entry| {
        let of_made = entry
            .object
            .table
            .as_ref()
            .is_some_and(|table| made.contains(table));
        !told.contains(&entry.to_string()) && !of_made && entry.object.name != "more of it"
    });
    let untold: Vec<String> = untold.map(ToString::to_string).collect();
    if !untold.is_empty() {
        return Err(said(format!("nobody told {untold:#?}")));
    }
    let rows = before.iter().map(|(_, rows)| rows.len()).sum();
    run(&database, &again).await;
    Ok(Told { steps, rows })
}

async fn all(sqlite: bool, usual: usize) {
    let (first, given) = seed();
    let rounds = if given { 1 } else { rounds(usual) };
    let (mut steps, mut rows) = (0, 0);
    for number in 0.. {
        // some rounds have nothing to do: as many more as it takes
        let is_enough = given || (steps > rounds / 5 && rows > rounds);
        if number >= rounds && (is_enough || number > 10 * rounds) {
            break;
        }
        let seed = first.wrapping_add(number as u64);
        match round(&mut Random::new(seed), sqlite).await {
            Ok(told) => (steps, rows) = (steps + told.steps, rows + told.rows),
            Err(why) => panic!("DB_ADAPTER_TESTS_SEED={seed}\n{why}"),
        }
    }
    assert!(
        given || (steps > rounds / 5 && rows > rounds),
        "DB_ADAPTER_TESTS_SEED={first} and on: {steps} steps, {rows} rows"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_schemas_of_sqlite_are_repaired_and_keep_every_row() {
    all(true, 40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_schemas_of_postgres_are_repaired_and_keep_every_row() {
    all(false, 6).await;
}
