//! Random libraries on both sides, against a model that is written from the documents: what the source has, the
//! destination has afterwards; what only the destination has stays; nothing else changes. The plan says the same in
//! numbers, and the second run writes nothing.

use std::collections::BTreeMap;

use support::{Random, seed};

use crate::case::{Backend, LIBRARY, Pair, Side, counts, library, of_ann};
use db_adapter::sync::SyncOptions;

/// A row by its natural key, with its data: references by natural keys, too.
pub(crate) type Rows = BTreeMap<Vec<String>, Vec<String>>;

/// Authors, books, chapters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Library(pub(crate) [Rows; 3]);

const USERS: [&str; 2] = ["ann", "bob"];

impl Library {
    pub(crate) fn random(random: &mut Random) -> Library {
        let mut library = Library::default();
        let keys = |parts: &[&str]| {
            parts
                .iter()
                .map(|part| (*part).to_owned())
                .collect::<Vec<String>>()
        };
        for user in USERS {
            let authors: Vec<&str> = ["a1", "a2", "a3"]
                .into_iter()
                .filter(|_| random.chance(60))
                .collect();
            for author in &authors {
                let name = (*random.pick(&["x", "y", "NULL"])).to_owned();
                library.0[0].insert(keys(&[user, author]), vec![name]);
            }
            for author in &authors {
                for book in ["b1", "b2"] {
                    if !random.chance(60) {
                        continue;
                    }
                    let editor = match random.chance(50) {
                        true => (*random.pick(&authors)).to_owned(),
                        false => "NULL".to_owned(),
                    };
                    let title = (*random.pick(&["t", "u", "NULL"])).to_owned();
                    library.0[1].insert(keys(&[user, author, book]), vec![title, editor]);
                    let chapters: Vec<&str> = ["c1", "c2", "c3"]
                        .into_iter()
                        .filter(|_| random.chance(50))
                        .collect();
                    for chapter in &chapters {
                        // a circle and a row that refers to itself as well
                        let after = match random.chance(60) {
                            true => (*random.pick(&chapters)).to_owned(),
                            false => "NULL".to_owned(),
                        };
                        let n = (*random.pick(&["1", "2"])).to_owned();
                        library.0[2].insert(keys(&[user, author, book, chapter]), vec![n, after]);
                    }
                }
            }
        }
        library
    }

    pub(crate) fn sql(&self, random: &mut Random) -> String {
        let text = |value: &str| match value {
            "NULL" => "NULL".to_owned(),
            value => format!("'{value}'"),
        };
        let shuffled = |rows: &Rows, random: &mut Random| {
            let mut rows: Vec<(Vec<String>, Vec<String>)> = rows.clone().into_iter().collect();
            random.shuffle(&mut rows);
            rows
        };
        let mut sql = String::from("SELECT 1;");
        for (key, data) in shuffled(&self.0[0], random) {
            sql += &format!(
                "INSERT INTO authors (user_id, slug, name) VALUES ('{}', '{}', {});",
                key[0],
                key[1],
                text(&data[0])
            );
        }
        for (key, data) in shuffled(&self.0[1], random) {
            sql += &format!(
                "INSERT INTO books (user_id, slug, title, author_id, editor_id) SELECT '{0}', '{2}', {3}, a.id,
                    (SELECT id FROM authors WHERE user_id = '{0}' AND slug = {4}) FROM authors a WHERE user_id = '{0}' AND slug = '{1}';",
                key[0], key[1], key[2], text(&data[0]), text(&data[1])
            );
        }
        let book = |key: &[String]| {
            format!(
                "(SELECT b.id FROM books b JOIN authors a ON a.id = b.author_id WHERE a.user_id = '{}' AND a.slug = '{}' AND b.slug = '{}')",
                key[0], key[1], key[2]
            )
        };
        for (key, data) in shuffled(&self.0[2], random) {
            sql += &format!(
                "INSERT INTO chapters (slug, n, book_id) VALUES ('{}', {}, {});",
                key[3],
                data[0],
                book(&key)
            );
        }
        for (key, data) in shuffled(&self.0[2], random)
            .into_iter()
            .filter(|(_, data)| data[1] != "NULL")
        {
            let book = book(&key);
            sql += &format!(
                "UPDATE chapters SET after_id = (SELECT o.id FROM chapters o WHERE o.book_id = {book} AND o.slug = '{}') WHERE book_id = {book} AND slug = '{}';",
                data[1], key[3]
            );
        }
        sql
    }

    /// What a database has, with what it says of who wrote each row.
    pub(crate) async fn of(side: &Side) -> (Library, BTreeMap<Vec<String>, String>) {
        let version = |table: &str| match side.is_postgres() {
            true => format!("{table}.xmin::text || ' ' || {table}.ctid::text"),
            false => "'-'".to_owned(),
        };
        let queries = [
            (2, format!("SELECT user_id, slug, name, {} FROM authors", version("authors"))),
            (3, format!(
                "SELECT a.user_id, a.slug, b.slug, b.title, e.slug, {} FROM books b JOIN authors a ON a.id = b.author_id AND a.user_id = b.user_id
                 LEFT JOIN authors e ON e.id = b.editor_id AND e.user_id = b.user_id", version("b"))),
            (4, format!(
                "SELECT a.user_id, a.slug, b.slug, c.slug, c.n, o.slug, {} FROM chapters c JOIN books b ON b.id = c.book_id
                 JOIN authors a ON a.id = b.author_id LEFT JOIN chapters o ON o.id = c.after_id AND o.book_id = c.book_id", version("c"))),
        ];
        let mut library = Library::default();
        let mut versions = BTreeMap::new();
        for (rows, (keys, sql)) in library.0.iter_mut().zip(queries) {
            for row in side.database.rows_text(&sql).await {
                let mut cells: Vec<String> = row
                    .into_iter()
                    .map(|cell| cell.unwrap_or_else(|| "NULL".into()))
                    .collect();
                let version = cells.pop().unwrap();
                let data = cells.split_off(keys);
                versions.insert(cells.clone(), version);
                assert!(
                    rows.insert(cells, data).is_none(),
                    "two rows of one natural key"
                );
            }
        }
        (library, versions)
    }

    pub(crate) fn only(&self, user: Option<&str>) -> Library {
        let is_one = |key: &Vec<String>| user.is_none_or(|user| key[0] == user);
        Library(
            self.0
                .clone()
                .map(|rows| rows.into_iter().filter(|(key, _)| is_one(key)).collect()),
        )
    }
}

/// What a sync must leave behind, and what its plan must say: new, changed, unchanged, only there, failed.
fn model(source: &Library, dest: &Library, user: Option<&str>) -> (Library, Vec<[u64; 5]>) {
    let (from, mut after) = (source.only(user), dest.clone());
    let mut said = Vec::new();
    for ((from, there), after) in from
        .0
        .iter()
        .zip(dest.only(user).0.iter())
        .zip(&mut after.0)
    {
        let mut count = [0; 5];
        for (key, data) in from {
            let kind = match there.get(key) {
                None => 0,
                Some(old) if old == data => 2,
                Some(_) => 1,
            };
            count[kind] += 1;
            after.insert(key.clone(), data.clone());
        }
        count[3] = there.keys().filter(|key| !from.contains_key(*key)).count() as u64;
        said.push(count);
    }
    (after, said)
}

async fn run(source: Backend, dest: Backend, rounds: usize) {
    let (seed, _) = seed();
    println!("DB_ADAPTER_TESTS_SEED={seed}");
    let mut random = Random::new(seed);
    let t = Pair::new(source, dest).await;
    t.both(LIBRARY).await;
    for round in 0..rounds {
        println!("round {round}");
        let (from, there) = (Library::random(&mut random), Library::random(&mut random));
        for (side, library) in [(&t.source, &from), (&t.dest, &there)] {
            let sql = library.sql(&mut random);
            let empty = "UPDATE chapters SET after_id = NULL; DELETE FROM chapters; DELETE FROM books; DELETE FROM authors;";
            side.sql(&format!("{empty} {sql}")).await;
        }
        let (there, versions) = Library::of(&t.dest).await;
        let user = random.chance(70).then_some("ann");
        let options = match user {
            Some(_) => of_ann(),
            None => SyncOptions::of_schema(library()),
        };
        let (expected, said) = model(&from, &there, user);
        let compared = t.compare(&options).await;
        assert_eq!(counts(&compared), said, "what a comparison says");
        assert_eq!(
            Library::of(&t.dest).await,
            (there.clone(), versions.clone()),
            "a comparison wrote"
        );
        let done = t.synced(&options).await;
        assert_eq!(counts(&done.plan), said, "what a sync says");
        let (after, now) = Library::of(&t.dest).await;
        assert_eq!(after, expected, "what a sync did");
        for (rows, before) in after.0.iter().zip(&there.0) {
            for key in rows.keys().filter(|key| before.get(*key) == rows.get(*key)) {
                assert_eq!(now.get(key), versions.get(key), "{key:?} was written");
            }
        }
        let all = t.dest.everything().await;
        let again = t.synced(&options).await;
        assert!(again.plan.has_nothing_to_do());
        assert_eq!(t.dest.everything().await, all, "the second run wrote");
    }
}

fn rounds() -> usize {
    match support::long() {
        true => 100,
        false => 2,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_libraries_from_postgres_to_postgres() {
    run(Backend::Postgres, Backend::Postgres, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_libraries_from_postgres_to_sqlite() {
    run(Backend::Postgres, Backend::Sqlite, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_libraries_from_sqlite_to_postgres() {
    run(Backend::Sqlite, Backend::Postgres, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_libraries_from_sqlite_to_sqlite() {
    run(Backend::Sqlite, Backend::Sqlite, rounds()).await;
}
