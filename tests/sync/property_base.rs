//! Random libraries on three sides, the last sync, the source and the destination, against a model that is written from
//! the documents: what is brought, kept and deleted, and what stops all of it.

use std::collections::BTreeMap;

use db_adapter::sync::{OnConflict, SyncOptions};
use support::{Random, seed};

use crate::base::{Files, stops, write};
use crate::case::{Backend, LIBRARY, Pair, Side, library, of_ann};
use crate::property::{Library, Rows};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Unsaid,
    Source,
    Dest,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    has_base: bool,
    delete: bool,
    policy: Policy,
    user: Option<&'static str>,
}

/// What becomes of one row: what the destination has afterwards, and whether the source was written to it. `Err`: it
/// stops all.
type Became = Result<(Option<Vec<String>>, bool), ()>;

fn row(
    asked: Asked,
    base: Option<&Vec<String>>,
    source: Option<&Vec<String>>,
    dest: Option<&Vec<String>>,
) -> Became {
    let brought = || Ok((source.cloned(), true));
    let stays = || Ok((dest.cloned(), false));
    let deleted = || match asked.delete {
        true => Ok((None, false)),
        false => stays(),
    };
    let conflict = || match asked.policy {
        Policy::Unsaid => Err(()),
        Policy::Source => brought(),
        Policy::Dest => stays(),
    };
    if source == dest {
        return stays();
    }
    if !asked.has_base {
        return match (source, dest) {
            (Some(_), None) => brought(),
            (None, _) => deleted(),
            _ if asked.policy == Policy::Unsaid => brought(),
            _ => conflict(),
        };
    }
    match (base == source, base == dest) {
        (true, _) => stays(),
        // it was never in the source, or is no more
        (false, true) if source.is_none() => deleted(),
        (false, true) => brought(),
        (false, false) if source.is_none() && !asked.delete => stays(),
        (false, false) => conflict(),
    }
}

/// To which rows a row leads, each by its table and key.
fn leads(table: usize, key: &[String], data: &[String]) -> Vec<(usize, Vec<String>)> {
    let key = key.to_vec();
    let optional = |table: usize, mut key: Vec<String>, last: &String| {
        key.pop();
        key.push(last.clone());
        (last != "NULL").then_some((table, key))
    };
    match table {
        0 => Vec::new(),
        1 => {
            let author = key[..2].to_vec();
            let editor = optional(0, author.clone(), &data[1]);
            std::iter::once((0, author)).chain(editor).collect()
        }
        _ => {
            let after = optional(2, key.clone(), &data[1]);
            std::iter::once((1, key[..3].to_vec()))
                .chain(after)
                .collect()
        }
    }
}

/// What the destination has afterwards; `None` where nothing is done.
fn model(asked: Asked, base: &Library, source: &Library, dest: &Library) -> Option<Library> {
    let mut after = Library::default();
    let mut written: Vec<(usize, Vec<String>)> = Vec::new();
    for table in 0..3 {
        let of = |library: &Library| library.only(asked.user).0[table].clone();
        let (base, source, there) = (of(base), of(source), of(dest));
        let keys = base.keys().chain(source.keys()).chain(there.keys());
        let mut rows: Rows = BTreeMap::new();
        for key in keys {
            let (base, source, there) = (base.get(key), source.get(key), there.get(key));
            let (now, is_written) = row(asked, base, source, there).ok()?;
            if let Some(data) = now {
                rows.insert(key.clone(), data);
            }
            if is_written && source.is_some() {
                written.push((table, key.clone()));
            }
        }
        // rows of others
        for (key, data) in &dest.0[table] {
            if asked.user.is_some_and(|user| key[0] != user) {
                rows.insert(key.clone(), data.clone());
            }
        }
        after.0[table] = rows;
    }
    // nothing may hang on what is gone, written or not
    for table in 0..3 {
        for (key, data) in &after.0[table] {
            let mut led = leads(table, key, data).into_iter();
            if !led.all(|(table, key)| after.0[table].contains_key(&key)) {
                return None;
            }
        }
    }
    Some(after)
}

async fn fill(side: &Side, library: &Library, random: &mut Random) {
    let sql = library.sql(random);
    let empty = "UPDATE chapters SET after_id = NULL; DELETE FROM chapters; DELETE FROM books; DELETE FROM authors;";
    side.sql(&format!("{empty} {sql}")).await;
}

async fn run(source: Backend, dest: Backend, rounds: usize) {
    let (seed, _) = seed();
    println!("DB_ADAPTER_TESTS_SEED={seed}");
    let mut random = Random::new(seed);
    let t = Pair::new(source, dest).await;
    t.both(LIBRARY).await;
    for round in 0..rounds {
        let asked = Asked {
            has_base: random.chance(80),
            delete: random.chance(75),
            policy: *random.pick(&[Policy::Unsaid, Policy::Source, Policy::Source, Policy::Dest]),
            user: random.chance(70).then_some("ann"),
        };
        println!("round {round}: {asked:?}");
        let files = Files::new();
        let mut options = match asked.user {
            Some(_) => of_ann(),
            None => SyncOptions::of_schema(library()),
        };
        let base = Library::random(&mut random);
        if asked.has_base {
            options = options.base(files.base());
            fill(&t.source, &base, &mut random).await;
            fill(&t.dest, &Library::default(), &mut random).await;
            let done = write(&t, &options).await.unwrap();
            assert!(done.committed && done.base.is_some());
        }
        let (from, there) = (near(&base, &mut random), near(&base, &mut random));
        fill(&t.source, &from, &mut random).await;
        fill(&t.dest, &there, &mut random).await;
        options = options.delete(asked.delete);
        options = options.no_base(asked.delete && !asked.has_base);
        options = match asked.policy {
            Policy::Unsaid => options,
            Policy::Source => options.on_conflict(OnConflict::Source),
            Policy::Dest => options.on_conflict(OnConflict::Dest),
        };
        let Some(expected) = model(asked, &base, &from, &there) else {
            println!("stops");
            stops(&t, &options).await;
            continue;
        };
        let (_, versions) = Library::of(&t.dest).await;
        let done = write(&t, &options).await.unwrap();
        assert!(done.committed && done.is_proven(), "{done:#?}");
        let (after, now) = Library::of(&t.dest).await;
        assert_eq!(after, expected);
        for (rows, before) in after.0.iter().zip(&there.0) {
            for key in rows.keys().filter(|key| before.get(*key) == rows.get(*key)) {
                assert_eq!(now.get(key), versions.get(key), "{key:?} was written");
            }
        }
        let all = t.dest.everything().await;
        let again = write(&t, &options).await.unwrap();
        assert!(again.plan.has_nothing_to_do(), "{:#?}", again.plan);
        assert_eq!(t.dest.everything().await, all, "the second run wrote");
    }
}

/// The same library, with some rows of another one: of two random ones too much is in conflict.
fn near(library: &Library, random: &mut Random) -> Library {
    let other = Library::random(random);
    if random.chance(15) {
        return other;
    }
    let mut near = library.clone();
    for table in 0..3 {
        for (key, data) in &other.0[table] {
            if random.chance(20) {
                near.0[table].insert(key.clone(), data.clone());
            }
        }
        near.0[table].retain(|_, _| !random.chance(12));
    }
    // what leads nowhere is no row, or leads to none
    for table in 0..3 {
        let rows = near.0[table].clone();
        for (key, mut data) in rows {
            let led = leads(table, &key, &data);
            let is_there = |(table, key): &(usize, Vec<String>)| near.0[*table].contains_key(key);
            if led.first().is_some_and(|parent| !is_there(parent)) {
                near.0[table].remove(&key);
            } else if led.get(1).is_some_and(|other| !is_there(other)) {
                data[1] = "NULL".to_owned();
                near.0[table].insert(key, data);
            }
        }
    }
    // of chapters one may have gone after another was looked at
    let rows = near.0[2].clone();
    for (key, data) in &mut near.0[2] {
        let led = leads(2, key, data);
        if led
            .get(1)
            .is_some_and(|(_, other)| !rows.contains_key(other))
        {
            data[1] = "NULL".to_owned();
        }
    }
    near
}

fn rounds(short: usize) -> usize {
    match support::long() {
        true => 200,
        false => short,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_random_libraries_from_postgres_to_postgres() {
    run(Backend::Postgres, Backend::Postgres, rounds(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_random_libraries_from_postgres_to_sqlite() {
    run(Backend::Postgres, Backend::Sqlite, rounds(4)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_random_libraries_from_sqlite_to_postgres() {
    run(Backend::Sqlite, Backend::Postgres, rounds(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_random_libraries_from_sqlite_to_sqlite() {
    run(Backend::Sqlite, Backend::Sqlite, rounds(30)).await;
}
