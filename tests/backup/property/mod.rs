//! Random hierarchies with random rows on both sides, backed up and restored with random options;
//! what the database holds and what the summary says are compared with a model.

mod content;
mod ddl;
mod graph;
mod model;
mod rows;
mod shape;

use std::time::{Duration, Instant};

use db_adapter::backup::{
    BackupOptions, Keys, OnError, RestoreMode, RestoreOptions, RestoreSummary, backup_database,
    restore_database,
};
use support::{Random, long, seed};

use crate::side::{Backend, Side};
use content::{Content, users};
use graph::Describe;
use model::{Choices, Counts, Rows, backed_up, restored};
use rows::{Making, random_rows};
use shape::{Shape, Table};

/// Everything that is random about one run.
#[derive(Debug)]
struct Scenario {
    shape: Shape,
    source: Content,
    /// `None` when the source is the destination.
    destination: Option<Content>,
    from: String,
    to: String,
    choices: Choices,
    dry_run: bool,
}

impl Scenario {
    fn random(seed: u64, within: bool) -> Scenario {
        let random = &mut Random::new(seed);
        let duplicates = random.chance(15);
        let mut shape = Shape::random(random, !duplicates);
        let users = users(shape.user_type);
        let bad = random.chance(40);
        let most = 1 + random.below(4);
        if within && random.chance(80) {
            shape.tables.iter_mut().for_each(|t| t.unique_code = false);
        }
        let mut making = Making {
            users: &users,
            side: "s",
            most,
            duplicates,
            bad: bad && !within,
            stray: random.chance(40),
        };
        let source = random_rows(&shape, &making, random);
        making.side = "d";
        making.bad = bad;
        making.most = random.below(5);
        let destination = random_rows(&shape, &making, random);
        let modes = [
            RestoreMode::Skip,
            RestoreMode::Skip,
            RestoreMode::Overwrite,
            RestoreMode::Fail,
        ];
        let to = match within {
            true => random.below(2),
            false => random.below(2) * random.below(2),
        };
        Scenario {
            source,
            destination: (!within).then_some(destination),
            from: users[0].clone(),
            to: users[to].clone(),
            choices: Choices {
                mode: *random.pick(&modes),
                skip_bad: random.chance(60),
                keep_keys: random.chance(30),
                overwrite_shared: random.chance(30),
            },
            dry_run: random.chance(30),
            shape,
        }
    }

    fn options(&self) -> RestoreOptions {
        let choices = &self.choices;
        RestoreOptions::default()
            .mode(choices.mode)
            .overwrite_shared(choices.overwrite_shared)
            .keys(match choices.keep_keys {
                true => Keys::Keep,
                false => Keys::New,
            })
            .on_error(match choices.skip_bad {
                true => OnError::Skip,
                false => OnError::Abort,
            })
    }

    async fn run(&self, source: &mut Side, destination: Option<&mut Side>) {
        let schema = self.shape.schema();
        let within = self.destination.is_none();
        source.sql(&self.shape.ddl(source.backend, within)).await;
        self.source.write(&self.shape, source).await;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.json");
        let options = BackupOptions::new().output(&path);
        let written = backup_database(source.db.as_ref(), &schema, self.from.as_str(), options);
        let written = written.await.expect("the backup");
        let file = Content::of_file(&self.shape, &path);
        let held = Content::read(&self.shape, source).await;
        let expected = backed_up(&self.shape, &held, &self.from);
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
                side.sql(&self.shape.ddl(side.backend, true)).await;
                rows.write(&self.shape, side).await;
                side
            }
            _ => source,
        };
        self.restore(side, &schema, &path, &file).await;
        // once more: what is there is there
        self.restore(side, &schema, &path, &file).await;
    }

    async fn restore(
        &self,
        side: &mut Side,
        schema: &db_adapter::BackupSchema,
        path: &std::path::Path,
        file: &Content,
    ) {
        let before = Content::read(&self.shape, side).await;
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
        let summary = run(self.options()).await.expect("the restore");
        let (mut expected, counts) = restored(
            &self.shape,
            file,
            &before,
            &self.to,
            side.backend,
            self.choices,
            &self.doubles(&summary),
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
        let told = Told(seed, &scenario);
        scenario.run(&mut from, to.as_mut()).await;
        std::mem::forget(told);
        from.renew().await;
        if let Some(to) = &mut to {
            to.renew().await;
        }
        number += 1;
    }
    eprintln!("{number} scenarios from DB_ADAPTER_TESTS_SEED={first}");
}

/// Tells the seed when the scenario panics.
struct Told<'a>(u64, &'a Scenario);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        eprintln!("{}\nDB_ADAPTER_TESTS_SEED={}", self.1, self.0);
    }
}

impl std::fmt::Display for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Scenario {
            from,
            to,
            choices,
            dry_run,
            ..
        } = self;
        writeln!(f, "{}", self.shape.ddl(Backend::Postgres, true))?;
        for (side, content) in [
            ("source", Some(&self.source)),
            ("destination", self.destination.as_ref()),
        ] {
            for (table, rows) in self
                .shape
                .tables
                .iter()
                .zip(content.map_or(&[][..], |c| &c.tables))
            {
                writeln!(f, "{side} {}: {rows:?}", table.name)?;
            }
        }
        for table in self.shape.schema().tables.iter() {
            writeln!(
                f,
                "{} by {:?}, parents {:?}, optional {:?}",
                table.name,
                table.natural_key(),
                table.parents,
                table.optional_refs
            )?;
        }
        write!(
            f,
            "{from:?} to {to:?}, dry run first: {dry_run}, {choices:?}"
        )
    }
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
