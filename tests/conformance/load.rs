//! What restores are made of: rows as they are, keys in advance, numbers that go on, locks.

use std::collections::HashSet;
use std::time::Duration;

use db_adapter::ErrorKind;
use db_adapter::prelude::*;
use db_adapter::query::{
    AdvanceSequence, AllocateKeys, Differences, Load, Operation, Outcome, TableName, UpdateMany,
};

use crate::case::{Case, error, kind};

cases! {
    anywhere: [
        rows_are_loaded_as_they_are, loads_of_few_and_many_rows_are_alike,
        values_are_checked_and_made_canonical, numbered_columns_take_what_is_given,
        updates_of_numbered_keys, only_changed_rows_are_updated,
        differences_are_told_and_nothing_is_written,
    ]
    outside: [
        computed_unknown_and_mixed_columns_are_refused, a_bad_row_undoes_the_load,
        constraints_hold_for_loads, keys_are_given_once, keys_of_a_default, keys_of_nothing_are_refused,
        numbers_go_on_behind_what_was_loaded, a_sequence_is_never_set_back, the_second_lock_waits,
        a_shared_lock_keeps_others_from_having_it_alone, outside_of_a_transaction_there_is_no_lock,
        debug_shows_no_value, a_row_that_is_not_there_is_not_kept,
    ]
}

fn load(table: &str, rows: Vec<Row>) -> Operation {
    Operation::Load(Load::new(TableName::parse(table).unwrap(), rows))
}

fn keys(table: &str, column: &str, count: u64) -> Operation {
    let table = TableName::parse(table).unwrap();
    Operation::AllocateKeys(AllocateKeys::new(table, column, count))
}

fn advance(table: &str, column: &str) -> Operation {
    Operation::AdvanceSequence(AdvanceSequence::new(
        TableName::parse(table).unwrap(),
        column,
    ))
}

fn values(outcome: &Outcome) -> Vec<Value> {
    let values = outcome.rows.iter().filter_map(|row| row.get_index(0));
    values.cloned().collect()
}

/// More than the backends take for few.
const MANY: i64 = 1234;

async fn rows_are_loaded_as_they_are(t: &Case) {
    t.ddl("CREATE TABLE t (n {int8}, s text DEFAULT 'd', d text DEFAULT 'd')")
        .await;
    let texts = ["a\tb", "\\N", "\\.", "", "line\nbreak\r", "ä'\"{}"];
    let rows: Vec<Row> = (0..MANY)
        .map(|n| match n % 7 {
            6 => row! { "s": (), "n": n },
            k => row! { "s": texts[usize::try_from(k).unwrap()], "n": n },
        })
        .collect();
    let outcome = t.db.run(load("t", rows.clone())).await.unwrap();
    assert_eq!(outcome.affected, u64::try_from(MANY).unwrap());
    let found = t.rows("SELECT n, s, d FROM t ORDER BY n").await;
    assert_eq!(found.len(), rows.len());
    for (row, found) in rows.iter().zip(found) {
        assert_eq!(found[1].as_deref(), row["s"].as_str(), "NULL is no default");
        assert_eq!(found[2].as_deref(), Some("d"));
    }
    assert_eq!(t.db.run(load("t", vec![])).await.unwrap().affected, 0);
}

async fn loads_of_few_and_many_rows_are_alike(t: &Case) {
    t.ddl("CREATE TABLE t (b {bool}, n {numeric}, f {float8}, u {uuid}, at {timestamptz}, x {bytea}, j {jsonb})")
        .await;
    let row = row! {
        "b": true, "n": "1.50", "f": 0.1, "u": "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
        "at": "2026-11-23 02:25:35+01", "x": vec![0_u8, 255], "j": Value::json_from(&["a\\b"]).unwrap(),
    };
    for count in [1, 1000] {
        t.db.run(load("t", vec![row.clone(); count])).await.unwrap();
    }
    let distinct = "SELECT count(*) FROM (SELECT DISTINCT b, n, f, u, at, x FROM t) AS d";
    assert_eq!(t.scalar(distinct).await, "1");
    let rows = t.db.select("t", "*").limit(1).await.unwrap();
    assert_eq!(rows[0]["at"], "2026-11-23T01:25:35.000000+00:00");
    assert_eq!(rows[0]["u"], "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    assert_eq!(t.scalar("SELECT n FROM t LIMIT 1").await, "1.50");
}

async fn values_are_checked_and_made_canonical(t: &Case) {
    t.ddl("CREATE TABLE t (n {int4}, v varchar(3))").await;
    for count in [1, 1000] {
        let mut rows = vec![row! { "n": 1, "v": "abc" }; count];
        rows.push(row! { "n": "no number", "v": "abc" });
        let error = error(t.db.run(load("t", rows.clone())).await);
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert!(error.to_string().contains("`n`"), "{error}");
        assert!(!error.to_string().contains("no number"), "{error}");
        *rows.last_mut().unwrap() = row! { "n": "7", "v": "abcd" };
        assert_eq!(
            kind(t.db.run(load("t", rows)).await),
            ErrorKind::InvalidValue
        );
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn numbered_columns_take_what_is_given(t: &Case) {
    t.ddl(t.either(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n int)",
    ))
    .await;
    let rows = |from: i64, count| (from..from + count).map(|i| row! { "id": i, "n": 1 });
    t.db.run(load("t", rows(10, 3).collect())).await.unwrap();
    t.db.run(load("t", rows(1000, MANY).collect()))
        .await
        .unwrap();
    assert_eq!(
        t.table("SELECT min(id), max(id), count(*) FROM t").await,
        format!("10,{},{}", 999 + MANY, MANY + 3)
    );
}

async fn updates_of_numbered_keys(t: &Case) {
    t.ddl(t.either(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n int)",
    ))
    .await;
    let row = t.db.insert("t", row! { "n": 1 }).await.unwrap();
    let change = row! { "id": &row["id"], "n": 2 };
    let updated = t.db.update_many("t", [change], ["id"]).await.unwrap();
    assert_eq!(
        (updated, t.scalar("SELECT n FROM t").await.as_str()),
        (1, "2")
    );
}

async fn only_changed_rows_are_updated(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, n {numeric}, s text, j {json}, f {float8})")
        .await;
    let doc = |text: &str| Value::json_from(&text).unwrap();
    let rows: Vec<Row> = (1..=4)
        .map(|id| row! { "id": id, "n": "1.50", "s": (), "j": doc("a"), "f": 0.5 })
        .collect();
    t.db.insert_many("t", &rows).await.unwrap();
    let mut changed = rows.clone();
    changed[1].set("s", "x");
    changed[2].set("n", "1.5");
    changed[3].set("j", doc("b"));
    let update = |rows: &[Row]| {
        let mut update = UpdateMany::new(
            TableName::parse("t").unwrap(),
            rows.to_vec(),
            vec!["id".into()],
        );
        update.only_changed = true;
        Operation::UpdateMany(update)
    };
    assert_eq!(t.db.run(update(&rows)).await.unwrap().affected, 0);
    assert_eq!(t.db.run(update(&changed)).await.unwrap().affected, 3);
    assert_eq!(t.db.run(update(&changed)).await.unwrap().affected, 0);
    let verb = t.db.update_many("t", &rows, ["id"]).only_changed().await;
    assert_eq!(verb.unwrap(), 3);
    assert_eq!(t.db.update_many("t", &rows, ["id"]).await.unwrap(), 4);
}

async fn differences_are_told_and_nothing_is_written(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, n {numeric}, s text, whose text)")
        .await;
    let rows: Vec<Row> = (1..=4)
        .map(|id| row! { "id": id, "n": "1.50", "s": (), "whose": "ann" })
        .collect();
    t.db.insert_many("t", &rows).await.unwrap();
    let before = t.table("SELECT * FROM t ORDER BY id").await;
    let mut wanted: Vec<Row> = (1..=4)
        .map(|id| row! { "id": id, "n": "1.50", "s": () })
        .collect();
    wanted[1].set("s", "x");
    wanted[2] = row! { "id": 3, "n": "1.5", "s": "y" };
    let ask = |rows: &[Row], whose: &str, lock| {
        let table = TableName::parse("t").unwrap();
        let mut update = UpdateMany::new(table, rows.to_vec(), vec!["id".into()]);
        update.expected = rows.iter().map(|_| row! { "whose": whose }).collect();
        let mut asked = Differences::new(update);
        asked.lock = lock;
        Operation::Differences(asked)
    };
    for lock in [false, true] {
        let outcome = t.db.run(ask(&wanted, "ann", lock)).await.unwrap();
        let mut found: Vec<(usize, Vec<String>)> = outcome
            .rows
            .iter()
            .map(|row| (row.get("place").unwrap(), row.get("columns").unwrap()))
            .collect();
        found.sort();
        let columns = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found, [(1, columns(&["s"])), (2, columns(&["n", "s"]))]);
    }
    assert_eq!(t.table("SELECT * FROM t ORDER BY id").await, before);
}

async fn a_row_that_is_not_there_is_not_kept(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, s text)")
        .await;
    t.db.insert("t", row! { "id": 1, "s": "x" }).await.unwrap();
    let table = || TableName::parse("t").unwrap();
    let rows = vec![row! { "id": 1, "s": "x" }, row! { "id": 9, "s": "x" }];
    let missing = UpdateMany::new(table(), rows, vec!["id".into()]);
    let mut foreign = UpdateMany::new(table(), vec![row! { "id": 1 }], vec!["id".into()]);
    foreign.rows[0].set("s", "y");
    foreign.expected = vec![row! { "s": "z" }];
    for update in [missing, foreign] {
        let asked = Operation::Differences(Differences::new(update));
        assert_eq!(kind(t.db.run(asked).await), ErrorKind::NotKept);
    }
}

async fn computed_unknown_and_mixed_columns_are_refused(t: &Case) {
    t.ddl("CREATE TABLE t (n {int4}, twice {int4} GENERATED ALWAYS AS (n * 2) STORED)")
        .await;
    for (row, expected) in [
        (row! { "n": 1, "twice": 2 }, ErrorKind::InvalidValue),
        (row! { "nn": 1 }, ErrorKind::UndefinedColumn),
        (row! { "_n": 1 }, ErrorKind::UndefinedColumn),
        (row! { "n": 1, "n": 2 }, ErrorKind::InvalidQuery),
        (row! {}, ErrorKind::InvalidQuery),
    ] {
        for count in [1, 500] {
            let rows = vec![row.clone(); count];
            assert_eq!(kind(t.db.run(load("t", rows)).await), expected, "{row:?}");
        }
    }
    let mixed = vec![row! { "n": 1 }, row! {}];
    assert_eq!(
        kind(t.db.run(load("t", mixed)).await),
        ErrorKind::InvalidQuery
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn a_bad_row_undoes_the_load(t: &Case) {
    t.ddl("CREATE TABLE t (n {int4} UNIQUE)").await;
    for count in [2, MANY] {
        let mut rows: Vec<Row> = (0..count).map(|n| row! { "n": n }).collect();
        rows.push(row! { "n": 0 });
        assert_eq!(
            kind(t.db.run(load("t", rows)).await),
            ErrorKind::UniqueViolation
        );
        assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
    }
    t.db.insert("t", row! { "n": 1 }).await.unwrap();
}

async fn constraints_hold_for_loads(t: &Case) {
    t.ddl("CREATE TABLE p (id {int8} PRIMARY KEY)").await;
    t.ddl("CREATE TABLE t (p {int8} REFERENCES p, n {int4} NOT NULL CHECK (n > 0))")
        .await;
    for count in [0, 500] {
        for (bad, expected) in [
            (row! { "p": 5, "n": 1 }, ErrorKind::ForeignKeyViolation),
            (row! { "p": (), "n": () }, ErrorKind::NotNullViolation),
            (row! { "p": (), "n": 0 }, ErrorKind::CheckViolation),
        ] {
            let mut rows = vec![row! { "p": (), "n": 1 }; count];
            rows.push(bad);
            let error = error(t.db.run(load("t", rows)).await);
            assert_eq!(error.kind(), expected, "{error}");
            assert_eq!(
                error.violation().and_then(|v| v.table.as_deref()),
                Some("t"),
                "{error:?}"
            );
        }
    }
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
}

async fn keys_are_given_once(t: &Case) {
    t.ddl(t.either(
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
         CREATE TABLE s (id serial PRIMARY KEY, n int)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n int);
         CREATE TABLE s (id INTEGER PRIMARY KEY AUTOINCREMENT, n int)",
    ))
    .await;
    for table in ["t", "s"] {
        t.db.insert_many(table, [row! { "n": 1 }, row! { "n": 1 }])
            .await
            .unwrap();
        t.db.delete(table, row! { "id": 2 }).await.unwrap();
        let tx = t.db.begin().await.unwrap();
        let mut all = HashSet::from([Value::from(1)]);
        for count in [0, 1, 2000, 3] {
            let got = values(&tx.run(keys(table, "id", count)).await.unwrap());
            assert_eq!(got.len() as u64, count);
            for key in got {
                assert!(all.insert(key), "a key that was given before");
            }
        }
        if table == "s" {
            assert!(!all.contains(&Value::from(2)), "numbers are not used again");
        }
        let rows: Vec<Row> = all
            .iter()
            .filter(|key| **key != 1)
            .map(|key| row! { "id": key, "n": 2 })
            .collect();
        tx.run(load(table, rows)).await.unwrap();
        let next = tx.insert(table, row! { "n": 3 }).await.unwrap();
        assert!(!all.contains(&next["id"]));
        tx.commit().await.unwrap();
        assert_eq!(
            t.scalar(&format!("SELECT count(*) FROM {table}")).await,
            "2006"
        );
    }
}

async fn keys_of_a_default(t: &Case) {
    t.ddl(t.either(
        "CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int)",
        "CREATE TABLE t (id TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))), n int)",
    ))
    .await;
    let tx = t.db.begin().await.unwrap();
    let keys = values(&tx.run(keys("t", "id", 500)).await.unwrap());
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 500);
    let rows: Vec<Row> = keys.iter().map(|key| row! { "id": key }).collect();
    tx.run(load("t", rows)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "500");
}

async fn keys_of_nothing_are_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8}, c {int8} DEFAULT 5, k text PRIMARY KEY)")
        .await;
    let tx = t.db.begin().await.unwrap();
    for column in ["id", "c", "k"] {
        let error = error(tx.run(keys("t", column, 2)).await);
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{column}: {error}");
        assert!(error.to_string().contains("keep the keys"), "{error}");
    }
    assert_eq!(
        kind(tx.run(keys("t", "nope", 2)).await),
        ErrorKind::UndefinedColumn
    );
}

async fn numbers_go_on_behind_what_was_loaded(t: &Case) {
    t.ddl(t.either(
        "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
         CREATE TABLE b (id serial PRIMARY KEY, n int);
         CREATE SEQUENCE down INCREMENT -1; CREATE TABLE c (id int8 DEFAULT nextval('down') PRIMARY KEY, n int)",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, n int);
         CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, n int);
         CREATE TABLE c (id INTEGER PRIMARY KEY, n int)",
    ))
    .await;
    for (table, id) in [("a", 77), ("b", 5), ("c", t.either(-9, 9))] {
        t.db.run(advance(table, "id")).await.unwrap();
        t.db.run(load(table, vec![row! { "id": id, "n": 1 }]))
            .await
            .unwrap();
        t.db.run(advance(table, "id")).await.unwrap();
        let row = t.db.insert(table, row! { "n": 2 }).await.unwrap();
        assert!(row["id"].as_i64().unwrap().abs() > i64::abs(id));
    }
    // no sequence, nothing to do
    assert_eq!(t.db.run(advance("a", "n")).await.unwrap().affected, 0);
}

async fn a_sequence_is_never_set_back(t: &Case) {
    t.ddl(t.either(
        "CREATE TABLE t (id serial PRIMARY KEY, n int); SELECT setval('t_id_seq', 100)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n int);
         INSERT INTO t VALUES (100, 1); DELETE FROM t",
    ))
    .await;
    t.db.run(load("t", vec![row! { "id": 7, "n": 1 }]))
        .await
        .unwrap();
    assert_eq!(t.db.run(advance("t", "id")).await.unwrap().affected, 0);
    let row = t.db.insert("t", row! { "n": 2 }).await.unwrap();
    assert!(row["id"].as_i64().unwrap() > 100);
}

async fn the_second_lock_waits(t: &Case) {
    let other = t.connect(|options| options).await;
    let tx = t.db.begin().await.unwrap();
    tx.run(Operation::Lock("restore of `x`".into()))
        .await
        .unwrap();
    let second = tokio::spawn(async move {
        let tx = other.begin().await.unwrap();
        tx.run(Operation::Lock("restore of `x`".into()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    });
    if t.is_postgres() {
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        t.database.oracle().await.until(waiting, "1").await;
    } else {
        // who waits for a file is seen by nobody else
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(!second.is_finished(), "the lock is held");
    tx.rollback().await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), second)
        .await
        .unwrap()
        .unwrap();
}

/// Several hold it at once; whoever wants it alone waits for all of them.
async fn a_shared_lock_keeps_others_from_having_it_alone(t: &Case) {
    let name = || "rows of `x`".to_owned();
    let other = t.connect(|options| options).await;
    if !t.is_postgres() {
        // the write lock of the file is that lock
        let tx = t.db.begin().await.unwrap();
        tx.run(Operation::LockShared(name())).await.unwrap();
        return tx.commit().await.unwrap();
    }
    let (one, two) = (t.db.begin().await.unwrap(), other.begin().await.unwrap());
    one.run(Operation::LockShared(name())).await.unwrap();
    two.run(Operation::LockShared(name())).await.unwrap();
    let third = t.connect(|options| options).await;
    let alone = tokio::spawn(async move {
        let tx = third.begin().await.unwrap();
        tx.run(Operation::Lock(name())).await.unwrap();
        tx.commit().await.unwrap();
    });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut oracle = t.database.oracle().await;
    oracle.until(waiting, "1").await;
    one.rollback().await.unwrap();
    assert_eq!(oracle.scalar_text(waiting).await.as_deref(), Some("1"));
    assert!(!alone.is_finished(), "the other one is held");
    two.rollback().await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), alone).await;
    ended.unwrap().unwrap();
}

async fn outside_of_a_transaction_there_is_no_lock(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {int4})").await;
    for operation in [
        Operation::Lock("x".into()),
        Operation::LockShared("x".into()),
        keys("t", "id", 1),
    ] {
        let error = error(t.db.run(operation).await);
        assert_eq!(error.kind(), ErrorKind::InvalidQuery);
        assert!(error.to_string().contains("transaction"), "{error}");
    }
}

async fn debug_shows_no_value(_: &Case) {
    let text = format!("{:?}", load("t", vec![row! { "name": "secret" }]));
    assert!(text.contains("name") && !text.contains("secret"), "{text}");
}
