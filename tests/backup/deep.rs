//! Hierarchies in which every table has two parents: the work grows with the number of tables, not with
//! the number of ways through them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use db_adapter::TableDef;
use db_adapter::backup::RestoreOptions;

use crate::side::{Backend, Side};
use crate::steps::{back_up, counts, restore, schema};

cases! {
    two_parents_at_every_level, two_tables_at_every_level, two_ways_to_one_parent,
}

const LEVELS: usize = 12;
/// The text of such a backup once took half a minute at seven levels, and five times that at the next.
const LIMIT: Duration = Duration::from_secs(20);

/// Tables with these parents each, and rows of two users in each, of which one row is nobody's.
struct Shape {
    sql: String,
    tables: Vec<TableDef>,
}

fn root() -> Shape {
    Shape {
        sql: "CREATE TABLE t0 (id {id}, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug));
              INSERT INTO t0 VALUES (1, 'ann', 'x'), (2, 'ann', 'y'), (3, 'bob', 'x');"
            .to_owned(),
        tables: vec![TableDef::new("t0")],
    }
}

impl Shape {
    /// Ann's rows 1 and 2, with parents 1 and 2, and bob's row 3.
    fn add(&mut self, name: &str, parents: [&str; 2]) {
        let [a, b] = parents;
        write!(
            self.sql,
            "CREATE TABLE {name} (id {{id}}, slug text NOT NULL, a_id bigint NOT NULL REFERENCES {a} (id), b_id bigint NOT NULL REFERENCES {b} (id), UNIQUE (a_id, b_id, slug));
             INSERT INTO {name} VALUES (1, 'p', 1, 2), (2, 'p', 2, 1), (3, 'p', 3, 3);"
        )
        .unwrap();
        let table = TableDef::new(name.to_owned())
            .no_user()
            .parent(a.to_owned(), "a_id");
        self.tables.push(table.parent(b.to_owned(), "b_id"));
    }

    /// Ann's rows go into the file, and come back as eve's, each once.
    async fn goes_there_and_back(self, backend: Backend) {
        let mut side = Side::with(backend, &self.sql).await;
        let names: Vec<String> = self.tables.iter().map(|t| t.name.to_string()).collect();
        let schema = schema(self.tables);
        let begun = Instant::now();
        let kept = back_up(&side, &schema, "ann").await;
        assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
        assert!(
            kept.counts.iter().all(|(_, rows)| *rows == 2),
            "{:?}",
            kept.counts
        );
        let summary = restore(&side, &schema, &kept, "eve", RestoreOptions::default()).await;
        let each: Vec<String> = names.iter().map(|name| format!("{name} 2/0/0/0")).collect();
        assert_eq!(counts(&summary), each.join(", "));
        for name in names.iter().skip(1) {
            let sql =
                format!("SELECT count(*), count(DISTINCT a_id), count(DISTINCT b_id) FROM {name}");
            assert_eq!(side.table(&sql).await, "5,5,5", "{name}");
            let bobs = format!("SELECT id, a_id, b_id FROM {name} WHERE a_id = 3");
            assert_eq!(side.table(&bobs).await, "3,3,3");
        }
    }
}

async fn two_parents_at_every_level(backend: Backend) {
    let mut shape = root();
    shape.add("t1", ["t0", "t0"]);
    for level in 2..=LEVELS {
        let (one, two) = (format!("t{}", level - 1), format!("t{}", level - 2));
        shape.add(&format!("t{level}"), [&one, &two]);
    }
    shape.goes_there_and_back(backend).await;
}

async fn two_tables_at_every_level(backend: Backend) {
    let mut shape = root();
    let (mut a, mut b) = ("t0".to_owned(), "t0".to_owned());
    for level in 1..=LEVELS {
        let (left, right) = (format!("a{level}"), format!("b{level}"));
        shape.add(&left, [&a, &b]);
        shape.add(&right, [&b, &a]);
        (a, b) = (left, right);
    }
    shape.goes_there_and_back(backend).await;
}

async fn two_ways_to_one_parent(backend: Backend) {
    let mut shape = root();
    for level in 1..=LEVELS {
        let parent = format!("t{}", level - 1);
        shape.add(&format!("t{level}"), [&parent, &parent]);
    }
    shape.goes_there_and_back(backend).await;
}
