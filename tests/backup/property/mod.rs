//! Random hierarchies with random rows on both sides, backed up and restored with random options, among triggers,
//! drifted destinations and lossy files; what the database holds and what the summary says are compared with a
//! model. A scenario that fails is made small.

mod content;
mod ddl;
mod graph;
mod model;
mod rows;
mod scenario;
mod shape;
mod shrink;
mod told;
mod world;

use std::time::{Duration, Instant};

use db_adapter::backup::{
    BackupOptions, RestoreMode, RestoreSummary, backup_database, restore_database,
};
use db_adapter::{Error, row};
use futures_util::FutureExt as _;
use futures_util::future::join;
use support::{long, seed};

use crate::side::{Backend, Side};
use content::Content;
use graph::Describe;
use model::{Counts, Rows, backed_up, restored};
use scenario::Scenario;
use shape::Table;
use shrink::shrink;

impl Scenario {
    async fn run(&self, source: &mut Side, destination: Option<&mut Side>) {
        let schema = self.shape.schema();
        let within = self.destination.is_none();
        source.sql(&self.shape.ddl(source.backend, within)).await;
        self.source.write(&self.shape, source).await;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.json");
        let mut options = BackupOptions::new().output(&path).allow_duplicates();
        if let Some(table) = self.world.filter.map(|at| &self.shape.tables[at]) {
            options = options.table_filter(&table.name, row! { "amount": 10 });
        }
        let written = backup_database(source.db.as_ref(), &schema, self.from.as_str(), options);
        let written = written.await.expect("the backup");
        if self.world.vague.is_some() {
            let vague = self.shape.declared(self.world.vague);
            let options = BackupOptions::new().output(folder.path().join("vague.json"));
            let refused = backup_database(source.db.as_ref(), &vague, self.from.as_str(), options);
            let refused = refused.await.expect_err("a key that is not unique");
            assert!(
                refused.to_string().contains("may be that of several rows"),
                "{refused}"
            );
        }
        let mut file = Content::of_file(&self.shape, &path);
        let held = Content::read(&self.shape, source).await;
        let expected = backed_up(&self.shape, &held, &self.from, &self.world);
        for (at, table) in self.shape.tables.iter().enumerate() {
            let name = &table.name;
            assert_eq!(
                sorted(&file, at),
                sorted(&expected, at),
                "{name} in the file"
            );
            let count = (name.clone(), expected.tables[at].len() as u64);
            assert!(
                written.counts.contains(&count),
                "counts of {name}: {written:?}"
            );
        }

        let side = match (&self.destination, destination) {
            (Some(rows), Some(side)) => {
                let there = self.world.destination(&self.shape);
                side.sql(&there.ddl(side.backend, true)).await;
                rows.write(&self.shape, side).await;
                side
            }
            _ => source,
        };
        self.world.surround(&self.shape, side).await;
        self.refused(side, &schema, &path).await;
        self.world.enter(&self.shape, &self.to, side).await;
        self.refused_as_declared(side, &schema, &path).await;
        if let Some(seed) = self.world.lost {
            file = self.world.lose(seed, &self.shape, &file, &path);
        }
        self.restore(side, &schema, &path, &file).await;
        // once more: what is there is there
        self.restore(side, &schema, &path, &file).await;
        self.world.leave(side).await;
    }

    /// By a key that is not unique, and with rows that nobody sees, nothing is restored.
    async fn refused_as_declared(
        &self,
        side: &mut Side,
        schema: &db_adapter::BackupSchema,
        path: &std::path::Path,
    ) {
        let before = Content::read(&self.shape, side).await;
        let (db, user) = (side.db.as_ref(), self.to.as_str());
        if self.world.vague.is_some() {
            let vague = self.shape.declared(self.world.vague);
            let result = restore_database(db, &vague, path, user, self.options()).await;
            let refused = result.expect_err("a key that is not unique").to_string();
            assert!(refused.contains("may be that of several rows"), "{refused}");
        }
        let is_hidden = self.shape.tables.iter().any(|table| table.user.is_some());
        if self.world.hides(side.backend) && is_hidden {
            let mut options = self.options();
            options.allow_row_security = false;
            let result = restore_database(db, schema, path, user, options).await;
            let refused = result.expect_err("hidden rows").to_string();
            assert!(refused.contains("row-level security"), "{refused}");
        }
        assert_eq!(Content::read(&self.shape, side).await, before);
    }

    /// Without one of the file's columns nothing is restored.
    async fn refused(
        &self,
        side: &mut Side,
        schema: &db_adapter::BackupSchema,
        path: &std::path::Path,
    ) {
        let Some(table) = self.world.without.map(|at| &self.shape.tables[at].name) else {
            return;
        };
        let before = Content::read(&self.shape, side).await;
        let rename = |from, to| format!("ALTER TABLE \"{table}\" RENAME COLUMN {from} TO {to}");
        side.sql(&rename("amount", "other")).await;
        let user = self.to.as_str();
        let result = restore_database(side.db.as_ref(), schema, path, user, self.options()).await;
        assert!(
            matches!(&result, Err(Error::RestoreRefused { .. })),
            "without {table}.amount: {result:?}"
        );
        side.sql(&rename("other", "amount")).await;
        assert_eq!(Content::read(&self.shape, side).await, before);
    }

    async fn restore(
        &self,
        side: &mut Side,
        schema: &db_adapter::BackupSchema,
        path: &std::path::Path,
        file: &Content,
    ) {
        let before = Content::read(&self.shape, side).await;
        let elsewhere = self.world.elsewhere(&self.shape, side).await;
        let run = async |options| {
            let user = self.to.as_str();
            restore_database(side.db.as_ref(), schema, path, user, options).await
        };
        let mut dry = None;
        if self.dry_run {
            let summary = run(self.options().dry_run(true))
                .await
                .expect("the dry run");
            assert!(summary.dry_run && !summary.committed, "{summary:?}");
            dry = Some(summary);
        }
        if dry.is_some() {
            assert_eq!(
                Content::read(&self.shape, side).await,
                before,
                "after a dry run"
            );
        }
        let run = async |options| {
            let user = self.to.as_str();
            restore_database(side.db.as_ref(), schema, path, user, options).await
        };
        let summary = match self.world.at_once && self.choices.mode != RestoreMode::Overwrite {
            false => run(self.options()).await.expect("the restore"),
            true => {
                let both = join(run(self.options()), run(self.options())).await;
                first(both.0.expect("the restore"), both.1.expect("the restore"))
            }
        };
        let (mut expected, counts) = restored(
            &self.shape,
            file,
            &before,
            &self.to,
            side.backend,
            self.choices,
            (&self.doubles(&summary), &self.world),
        );
        let failed = counts.iter().any(|count| count.failed > 0);
        let aborted = failed && !self.choices.skip_bad;
        if aborted {
            expected = before.clone();
        }
        let after = Content::read(&self.shape, side).await;
        let made =
            |t: &Table| t.makes_keys(side.backend) && !self.choices.keep_keys && !t.is_by_pk();
        let describe = Describe {
            shape: &self.shape,
            before: &before,
            made: &made,
        };
        let (is, should) = (describe.lines(&after), describe.lines(&expected));
        assert_same(&is, &should, &summary);
        assert_eq!(summary.committed, !aborted, "{summary:?}");
        for (table, count) in self.shape.tables.iter().zip(&counts) {
            self.said(&summary, &table.name, count, aborted);
        }
        if let Some(dry) = dry {
            for table in &self.shape.tables {
                let (a, b) = (of(&dry, &table.name), of(&summary, &table.name));
                assert!(
                    aborted || a == b,
                    "dry run of {}: {a:?}, then {b:?}",
                    table.name
                );
            }
        }
        self.world.is_left_alone(&self.shape, side).await;
        assert_eq!(self.world.elsewhere(&self.shape, side).await, elsewhere);
        self.goes_on(side).await;
    }

    /// The rows that the summary calls refused because another one has the same value.
    fn doubles(&self, summary: &RestoreSummary) -> Rows {
        let tables = self.shape.tables.iter().enumerate();
        let of = |(at, table): (usize, &Table)| {
            let told = summary.table(&table.name).expect("every table is told");
            let details = told.failure_details.iter();
            let doubles =
                details.filter(|row| row.reason.contains("the same value already exists"));
            let places = doubles.map(|row| (at, usize::try_from(row.row).unwrap() - 1));
            places.collect::<Vec<_>>()
        };
        tables.flat_map(of).collect()
    }

    /// The summary says what happened.
    fn said(&self, summary: &RestoreSummary, table: &str, count: &Counts, aborted: bool) {
        let said = of(summary, table);
        if aborted {
            assert_eq!(
                (said.inserted, said.updated),
                (0, 0),
                "{table}: {summary:?}"
            );
            assert!(
                said.failed <= count.failed,
                "{table}: {said:?} but {count:?}"
            );
            assert!(summary.failed() > 0, "{summary:?}");
        } else {
            assert_eq!(said, *count, "{table}: {summary:#?}");
        }
    }

    /// The application's next row gets a key of its own.
    async fn goes_on(&self, side: &mut Side) {
        for table in self.shape.tables.iter().filter(|t| t.is_numbered()) {
            if side.backend == Backend::Postgres {
                let sql = format!(
                    "SELECT nextval(pg_get_serial_sequence('{0}', 'id')) > coalesce(max(id), 0) FROM {0}",
                    table.name
                );
                let free = side.oracle.scalar_text(&sql).await;
                assert_eq!(free.as_deref(), Some("t"), "the next key of {}", table.name);
            }
        }
    }
}

fn of(summary: &RestoreSummary, table: &str) -> Counts {
    let table = summary.table(table).expect("every table is in the summary");
    Counts {
        inserted: table.inserted,
        updated: table.updated,
        skipped: table.skipped,
        failed: table.failed,
        nulled: table.nulled_refs,
    }
}

/// Of two restores at once the one that found the rows missing; the other one found them there.
fn first(one: RestoreSummary, other: RestoreSummary) -> RestoreSummary {
    let inserted =
        |summary: &RestoreSummary| summary.tables.iter().map(|t| t.inserted).sum::<u64>();
    let (first, second) = match inserted(&other) > inserted(&one) {
        true => (other, one),
        false => (one, other),
    };
    assert_eq!(inserted(&second), 0, "twice: {first:#?}, {second:#?}");
    first
}

fn sorted(content: &Content, at: usize) -> Vec<&content::Record> {
    let mut rows: Vec<_> = content.tables[at].iter().collect();
    rows.sort();
    rows
}

fn assert_same(is: &[String], should: &[String], summary: &RestoreSummary) {
    if is == should {
        return;
    }
    let missing: Vec<_> = should.iter().filter(|line| !is.contains(line)).collect();
    let extra: Vec<_> = is.iter().filter(|line| !should.contains(line)).collect();
    panic!(
        "missing: {missing:#?}\nnot expected: {extra:#?}\nof {} rows, {} expected\n{summary:#?}",
        is.len(),
        should.len()
    );
}

/// Scenarios until the time is over; the seed of the one that fails is printed.
async fn scenarios(source: Backend, destination: Option<Backend>) {
    let (first, once) = seed();
    let end = Instant::now() + Duration::from_secs(if long() { 300 } else { 8 });
    let mut from = Side::new(source).await;
    let mut to = match destination {
        Some(backend) => Some(Side::new(backend).await),
        None => None,
    };
    let mut number = 0;
    // a busy machine must not make the test a formality
    let least = if once { 1 } else { 10 };
    while number < least || (Instant::now() < end && !once) {
        let seed = first.wrapping_add(number);
        let scenario = Scenario::random(seed, destination.is_none());
        if let Some(how) = failure(&scenario, &mut from, to.as_mut()).await {
            eprintln!("{scenario}\nDB_ADAPTER_TESTS_SEED={seed}\nwhat follows makes it small");
            let small = shrink(scenario, &how, async |smaller: &Scenario| {
                let mut from = Side::new(source).await;
                let mut to = match destination {
                    Some(backend) => Some(Side::new(backend).await),
                    None => None,
                };
                failure(smaller, &mut from, to.as_mut()).await
            });
            let small = small.await;
            panic!("the smallest that fails so:\n{small}\n{how}\nDB_ADAPTER_TESTS_SEED={seed}");
        }
        from.renew().await;
        if let Some(to) = &mut to {
            to.renew().await;
        }
        number += 1;
    }
    eprintln!("{number} scenarios from DB_ADAPTER_TESTS_SEED={first}");
}

/// How the scenario fails, as far as two failures are the same one.
async fn failure(scenario: &Scenario, from: &mut Side, to: Option<&mut Side>) -> Option<String> {
    let run = std::panic::AssertUnwindSafe(scenario.run(from, to));
    let panic = run.catch_unwind().await.err()?;
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let first = text.unwrap_or("it panics").split([':', '\n', '"']).next();
    Some(first.unwrap_or_default().to_owned())
}

macro_rules! ways {
    ($($name:ident: $source:ident $(to $destination:ident)?,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let destination: &[Backend] = &[$(Backend::$destination)?];
                scenarios(Backend::$source, destination.first().copied()).await;
            }
        )*
    };
}

ways! {
    random_hierarchies_within_postgres: Postgres,
    random_hierarchies_within_sqlite: Sqlite,
    random_hierarchies_from_postgres_to_postgres: Postgres to Postgres,
    random_hierarchies_from_sqlite_to_sqlite: Sqlite to Sqlite,
    random_hierarchies_from_postgres_to_sqlite: Postgres to Sqlite,
    random_hierarchies_from_sqlite_to_postgres: Sqlite to Postgres,
}
