//! Rows that fail only when they have been written already, since what they refer to comes later and fails: with
//! `skip` they alone are left out, with what needs them, and all others are there.

use db_adapter::backup::{
    MissingRef, OnError, RestoreMode, RestoreOptions, RestoreSource, restore_database,
};
use db_adapter::{BackupSchema, TableDef};
use serde_json::json;

use crate::case::{Backend, Case, counts, text};

on_both!(
    a_row_fails_with_the_later_one_that_it_refers_to,
    rows_below_rows_that_failed_late_fail_with_them,
    a_row_that_is_there_fails_with_what_is_missing_later,
    what_is_needed_ahead_and_fails_takes_its_row_along,
);

fn skip() -> RestoreOptions {
    RestoreOptions::default()
        .on_error(OnError::Skip)
        .missing_ref(MissingRef::Fail)
}

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("a").optional_ref("b", "b_id"),
        TableDef::new("b").no_user().parent("a", "a_id"),
    ])
    .unwrap()
}

const TABLES: &str = "
    CREATE TABLE a (id {id}, user_id text NOT NULL, slug text NOT NULL, b_id {int8}, v text);
    CREATE TABLE b (id {id}, a_id {int8} NOT NULL REFERENCES a, slug text NOT NULL, n {int8} CHECK (n > 0));";

const JOINED: &str = "SELECT a.slug, b.slug, o.slug FROM a LEFT JOIN b ON b.a_id = a.id
    LEFT JOIN b AS o ON o.id = a.b_id WHERE a.user_id = 'ann' ORDER BY a.slug, b.slug";

fn a(id: u64, slug: &str, b: Option<u64>) -> serde_json::Value {
    json!({"id": id, "user_id": "ann", "slug": slug, "b_id": b, "v": "file"})
}

fn b(id: u64, a: u64, slug: &str, n: i64) -> serde_json::Value {
    json!({"id": id, "a_id": a, "slug": slug, "n": n})
}

async fn a_row_fails_with_the_later_one_that_it_refers_to(t: &Case) {
    t.sql(TABLES).await;
    t.sql("INSERT INTO a (user_id, slug) VALUES ('bob', 'x')")
        .await;
    let of_a = [
        a(1, "fine", Some(1)),
        a(2, "late", Some(2)),
        a(3, "none", None),
    ];
    let of_b = [
        b(1, 1, "of fine", 1),
        b(2, 3, "bad", -1),
        b(3, 2, "of late", 1),
        b(4, 3, "of none", 1),
    ];
    let tables: [(&str, &[_]); 2] = [("a", &of_a), ("b", &of_b)];
    let path = t.file(&tables);
    // nothing is restored without the option, nor from what cannot be read again
    let before = t.everything().await;
    let aborts = RestoreOptions::default().missing_ref(MissingRef::Fail);
    let summary = t.restore(&schema(), &path, "ann", aborts).await;
    assert!(!summary.committed && summary.failed() > 0, "{summary:#?}");
    assert_eq!(t.everything().await, before);
    let pipe = RestoreSource::reader(std::io::Cursor::new(text(&tables)), "a pipe");
    let summary = restore_database(&t.db, &schema(), pipe, "ann", skip()).await;
    assert!(!summary.unwrap().committed);
    assert_eq!(t.everything().await, before);
    let summary = t.restore(&schema(), &path, "ann", skip()).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(counts(&summary), [[2, 0, 0, 1, 0], [2, 0, 0, 2, 0]]);
    let failure = &summary.tables[0].failure_details[0];
    assert_eq!((failure.row, failure.dependents), (2, 1));
    assert!(failure.reason.contains("failed: "), "{}", failure.reason);
    assert_eq!(
        t.table(JOINED).await,
        "fine,of fine,of fine|none,of none,NULL"
    );
    let summary = t.restore(&schema(), &path, "ann", skip()).await;
    assert_eq!(counts(&summary), [[0, 0, 2, 1, 0], [0, 0, 2, 2, 0]]);
}

/// Each row refers to one of the next row's, and the last of these fails: all of them go, one after the other.
async fn rows_below_rows_that_failed_late_fail_with_them(t: &Case) {
    t.sql(TABLES).await;
    let chain = 6;
    let mut of_a: Vec<_> = (1..=chain)
        .map(|i| a(i, &format!("a{i}"), Some(i + 1)))
        .collect();
    of_a.push(a(chain + 1, "end", None));
    of_a.push(a(99, "other", None));
    let mut of_b: Vec<_> = (1..=chain).map(|i| b(i, i, &format!("b{i}"), 1)).collect();
    of_b.push(b(chain + 1, chain + 1, "bad", 0));
    of_b.push(b(99, 99, "other", 1));
    let path = t.file(&[("a", &of_a), ("b", &of_b)]);
    let summary = t.restore(&schema(), &path, "ann", skip()).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(
        counts(&summary),
        [[2, 0, 0, chain, 0], [1, 0, 0, chain + 1, 0]]
    );
    assert_eq!(t.table(JOINED).await, "end,NULL,NULL|other,other,NULL");
}

/// It stays as it is, or gets the file's values: with neither it is a failed row.
async fn a_row_that_is_there_fails_with_what_is_missing_later(t: &Case) {
    t.sql(TABLES).await;
    t.sql("INSERT INTO a (user_id, slug, v) VALUES ('ann', 'there', 'old'), ('ann', 'too', 'old')")
        .await;
    let rows = [a(1, "there", Some(77)), a(2, "too", None)];
    let path = t.file(&[("a", &rows), ("b", &[])]);
    let before = t.everything().await;
    for on_error in [OnError::Abort, OnError::Skip] {
        let summary = t
            .restore(&schema(), &path, "ann", skip().on_error(on_error))
            .await;
        assert_eq!(counts(&summary)[0], [0, 0, 1, 1, 0], "{on_error:?}");
        assert_eq!(t.everything().await, before, "{on_error:?}");
    }
    let options = skip().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema(), &path, "ann", options).await;
    assert_eq!(counts(&summary)[0], [0, 1, 0, 1, 0]);
    let all = t.table("SELECT slug, v FROM a ORDER BY slug").await;
    assert_eq!(all, "there,old|too,file");
}

/// A circle that is never NULL: the row went with the key that the other one was to have.
async fn what_is_needed_ahead_and_fails_takes_its_row_along(t: &Case) {
    t.sql(
        "CREATE TABLE a (id {id}, user_id text NOT NULL, slug text NOT NULL, b_id {int8} NOT NULL);
         CREATE TABLE b (id {id}, a_id {int8} NOT NULL REFERENCES a, slug text NOT NULL, n {int8} CHECK (n > 0))",
    )
    .await;
    t.sql(match t.backend {
        Backend::Postgres => "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b DEFERRABLE",
        Backend::Sqlite => {
            "DROP TABLE b; DROP TABLE a;
             CREATE TABLE a (id INTEGER PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, b_id BIGINT NOT NULL REFERENCES b);
             CREATE TABLE b (id INTEGER PRIMARY KEY, a_id BIGINT NOT NULL REFERENCES a, slug text NOT NULL, n BIGINT CHECK (n > 0))"
        }
    })
    .await;
    let of_a =
        [1, 2].map(|i| json!({"id": i, "user_id": "ann", "slug": format!("a{i}"), "b_id": i}));
    let of_b = [b(1, 1, "b1", 0), b(2, 2, "b2", 1)];
    let path = t.file(&[("a", &of_a), ("b", &of_b)]);
    for missing in [MissingRef::Null, MissingRef::Fail] {
        let options = skip().missing_ref(missing).dry_run(true);
        let summary = t.restore(&schema(), &path, "ann", options).await;
        assert_eq!(
            counts(&summary),
            [[1, 0, 0, 1, 0]; 2],
            "{missing:?}: {summary:#?}"
        );
    }
    let summary = t.restore(&schema(), &path, "ann", skip()).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(t.table(JOINED).await, "a2,b2,b2");
}
