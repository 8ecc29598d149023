//! Rows of which one gets the unique value that another one has: in an overwrite they exchange them, and
//! where that cannot be, nothing is changed.

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions};
use db_adapter::{BackupSchema, TableDef};
use serde_json::{Value as Json, json};

use crate::case::{Case, counts};

on_both! {
    two_rows_exchange_their_values, many_rows_move_up_by_one, rows_of_a_tree_exchange_their_places,
    a_value_of_somebody_else_is_refused, what_cannot_make_way_is_refused,
    what_others_refer_to_does_not_make_way, rows_of_a_circle_give_way_to_others,
    thousands_move_on_in_little_time,
}

fn schema() -> BackupSchema {
    BackupSchema::new([TableDef::new("t")]).unwrap()
}

fn overwrite() -> RestoreOptions {
    RestoreOptions::default().mode(RestoreMode::Overwrite)
}

/// A unique column that may be NULL, ones that may not, and all of them at once.
async fn two_rows_exchange_their_values(t: &Case) {
    t.sql(
        "CREATE TABLE t (id {id}, user_id text, slug text, rank {int8} UNIQUE, n {int8} NOT NULL UNIQUE, mail text NOT NULL UNIQUE,
            code {uuid} NOT NULL UNIQUE);
         CREATE TABLE kids (id {id}, t_id {int8} REFERENCES t);
         INSERT INTO t (user_id, slug, rank, n, mail, code) VALUES
            ('ann', 'a', 1, 1, 'x', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a01'), ('ann', 'b', 2, 2, 'y', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a02'),
            ('ann', 'c', 3, 3, 'z', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a03'), ('bob', 'a', 9, 9, 'b', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a09');
         INSERT INTO kids (t_id) VALUES (1), (2), (4)",
    )
    .await;
    let kids = t.table("SELECT * FROM kids ORDER BY 1").await;
    let row = |slug: &str, rank: i64, n: i64, mail: &str, code: i64| {
        let code = format!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a0{code}");
        json!({"id": 1, "user_id": "old", "slug": slug, "rank": rank, "n": n, "mail": mail, "code": code})
    };
    let rows = "SELECT slug, rank, n, mail, substr(CAST(code AS text), 36) FROM t WHERE user_id = 'ann' ORDER BY slug";
    for (file, expected) in [
        (
            [
                row("a", 2, 1, "x", 1),
                row("b", 1, 2, "y", 2),
                row("c", 3, 3, "z", 3),
            ],
            "a,2,1,x,1|b,1,2,y,2|c,3,3,z,3",
        ),
        (
            [
                row("a", 2, 3, "x", 1),
                row("b", 1, 2, "y", 2),
                row("c", 3, 1, "z", 3),
            ],
            "a,2,3,x,1|b,1,2,y,2|c,3,1,z,3",
        ),
        (
            [
                row("a", 2, 3, "y", 1),
                row("b", 1, 2, "z", 2),
                row("c", 3, 1, "x", 3),
            ],
            "a,2,3,y,1|b,1,2,z,2|c,3,1,x,3",
        ),
        (
            [
                row("a", 1, 1, "x", 3),
                row("b", 2, 3, "y", 1),
                row("c", 3, 2, "z", 2),
            ],
            "a,1,1,x,3|b,2,3,y,1|c,3,2,z,2",
        ),
    ] {
        let path = t.file(&[("t", &file)]);
        let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
        assert!(summary.committed, "{summary:#?}");
        assert_eq!(summary.tables[0].failed, 0, "{summary:#?}");
        assert_eq!(t.table(rows).await, expected);
        let again = t.restore(&schema(), &path, "ann", overwrite()).await;
        assert_eq!(counts(&again), [[0, 0, 3, 0, 0]], "{again:#?}");
    }
    assert_eq!(t.table("SELECT * FROM kids ORDER BY 1").await, kids);
    assert_eq!(
        t.table("SELECT slug, rank, n, mail FROM t WHERE user_id = 'bob'")
            .await,
        "a,9,9,b"
    );
}

async fn many_rows_move_up_by_one(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, user_id text NOT NULL, slug text, n {int8} NOT NULL, UNIQUE (user_id, n));
           INSERT INTO t (user_id, slug, n) VALUES ('bob', 's1', 1), ('bob', 's2', 2)")
        .await;
    let row = |slug: i64, n: i64| json!({"id": slug, "user_id": "old", "slug": format!("s{slug}"), "n": n});
    let all = |by: i64| {
        (1..=60)
            .map(|n| row(n, 1 + (n + by) % 60))
            .collect::<Vec<Json>>()
    };
    for by in [0, 1, 59] {
        let path = t.file(&[("t", &all(by))]);
        let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
        let done = if by == 0 {
            [60, 0, 0, 0, 0]
        } else {
            [0, 60, 0, 0, 0]
        };
        assert_eq!(counts(&summary), [done], "{summary:#?}");
        let sql = format!(
            "SELECT count(*) FROM t WHERE user_id = 'ann' AND n = 1 + (CAST(substr(slug, 2) AS integer) + {by}) % 60"
        );
        assert_eq!(t.count(&sql).await, 60);
    }
    assert_eq!(
        t.table("SELECT slug, n FROM t WHERE user_id = 'bob' ORDER BY n")
            .await,
        "s1,1|s2,2"
    );
}

async fn rows_of_a_tree_exchange_their_places(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, user_id text, slug text, up_id {int8} REFERENCES t, n {int8} NOT NULL UNIQUE);
           INSERT INTO t (user_id, slug, up_id, n) VALUES ('ann', 'a', NULL, 1), ('ann', 'b', 1, 2), ('bob', 'b', NULL, 7)")
        .await;
    let schema = BackupSchema::new([TableDef::new("t").optional_ref("t", "up_id")]).unwrap();
    let row = |id: i64, slug: &str, up: Option<i64>, n: i64| json!({"id": id, "user_id": "old", "slug": slug, "up_id": up, "n": n});
    let path = t.file(&[(
        "t",
        &[
            row(5, "a", Some(6), 2),
            row(6, "b", None, 1),
            row(8, "c", Some(5), 3),
        ],
    )]);
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    assert_eq!(counts(&summary), [[1, 2, 0, 0, 0]], "{summary:#?}");
    let sql = "SELECT t.slug, t.n, u.slug FROM t LEFT JOIN t u ON u.id = t.up_id ORDER BY t.n";
    assert_eq!(t.table(sql).await, "b,1,NULL|a,2,b|c,3,a|b,7,NULL");
}

/// Of three rows two exchange their values, and the third would have bob's.
async fn a_value_of_somebody_else_is_refused(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, user_id text, slug text, n {int8} NOT NULL UNIQUE);
           INSERT INTO t (user_id, slug, n) VALUES ('ann', 'a', 1), ('ann', 'b', 2), ('ann', 'c', 3), ('ann', 'd', 4), ('bob', 'a', 9)")
        .await;
    let row = |slug: &str, n: i64| json!({"id": 1, "user_id": "old", "slug": slug, "n": n});
    // `d` gets what `c` keeps, because `c` is refused
    let path = t.file(&[("t", &[row("a", 2), row("b", 1), row("c", 9), row("d", 3)])]);
    let before = t.everything().await;
    let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
    assert!(
        !summary.committed && summary.tables[0].failed > 0,
        "{summary:#?}"
    );
    assert_eq!(t.everything().await, before);
    let summary = t
        .restore(&schema(), &path, "ann", overwrite().on_error(OnError::Skip))
        .await;
    assert_eq!(counts(&summary), [[0, 2, 0, 2, 0]], "{summary:#?}");
    let sql = "SELECT user_id, slug, n FROM t ORDER BY n";
    assert_eq!(
        t.table(sql).await,
        "ann,b,1|ann,a,2|ann,c,3|ann,d,4|bob,a,9"
    );
}

async fn what_cannot_make_way_is_refused(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, user_id text, slug text, d date NOT NULL UNIQUE, n {int8} NOT NULL UNIQUE CHECK (n > 0));
           INSERT INTO t (user_id, slug, d, n) VALUES ('ann', 'a', '2026-01-01', 1), ('ann', 'b', '2026-01-02', 2), ('bob', 'a', '2026-01-09', 9)")
        .await;
    let row = |slug: &str, d: i64, n: i64| json!({"id": 1, "user_id": "old", "slug": slug, "d": format!("2026-01-0{d}"), "n": n});
    let before = t.everything().await;
    for file in [
        [row("a", 2, 1), row("b", 1, 2)],
        [row("a", 1, 2), row("b", 2, 1)],
    ] {
        let path = t.file(&[("t", &file)]);
        for on_error in [OnError::Abort, OnError::Skip] {
            let options = overwrite().on_error(on_error);
            let summary = t.restore(&schema(), &path, "ann", options).await;
            assert_eq!(summary.tables[0].failed, 2, "{summary:#?}");
            let reason = &summary.tables[0].failure_details[0].reason;
            assert!(reason.contains("unique"), "{reason}");
            assert_eq!(t.everything().await, before);
        }
    }
}

/// The NULL in between would be carried to the rows that refer to it, bob's among them, and stay there.
async fn what_others_refer_to_does_not_make_way(t: &Case) {
    t.sql(
        "CREATE TABLE t (id {id}, user_id text, slug text, code text UNIQUE);
         CREATE TABLE outside (code text REFERENCES t (code) ON UPDATE CASCADE);
         INSERT INTO t (user_id, slug, code) VALUES ('ann', 'a', 'x'), ('ann', 'b', 'y');
         INSERT INTO outside VALUES ('x'), ('y')",
    )
    .await;
    let row =
        |slug: &str, code: &str| json!({"id": 1, "user_id": "ann", "slug": slug, "code": code});
    let path = t.file(&[("t", &[row("a", "y"), row("b", "x")])]);
    let before = t.everything().await;
    let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
    assert!(!summary.committed, "{summary:#?}");
    assert_eq!(t.everything().await, before);
    let skip = overwrite().on_error(OnError::Skip);
    let summary = t.restore(&schema(), &path, "ann", skip).await;
    assert_eq!(counts(&summary), [[0, 0, 0, 2, 0]], "{summary:#?}");
    assert_eq!(t.everything().await, before);
}

/// Rows that refer to each other in a circle come last, and a row from before would have the value of one of them.
async fn rows_of_a_circle_give_way_to_others(t: &Case) {
    for null in ["", "NOT NULL"] {
        t.sql(&format!(
            "CREATE TABLE t (id {{id}}, user_id text, slug text, ref_id {{int8}} REFERENCES t, u text {null} UNIQUE);
             INSERT INTO t (user_id, slug, u) VALUES ('ann', 'k0', 'w1'), ('ann', 'k1', 'w2'), ('ann', 'k2', 'w3'), ('bob', 'k0', 'w9')"
        ))
        .await;
        let schema = BackupSchema::new([TableDef::new("t").optional_ref("t", "ref_id")]).unwrap();
        let row = |id: i64, slug: &str, of: Option<i64>, u: &str| json!({"id": id, "user_id": "old", "slug": slug, "ref_id": of, "u": u});
        // `k3` is new, and refers to a row that has not given way yet
        let path = t.file(&[(
            "t",
            &[
                row(12, "k2", None, "w1"),
                row(13, "k3", Some(12), "w4"),
                row(10, "k0", Some(11), "w2"),
                row(11, "k1", Some(10), "w3"),
            ],
        )]);
        for expected in [[1, 3, 0, 0, 0], [0, 0, 4, 0, 0]] {
            let summary = t.restore(&schema, &path, "ann", overwrite()).await;
            assert!(summary.committed, "{summary:#?}");
            assert_eq!(counts(&summary), [expected], "{summary:#?}");
            let sql = "SELECT t.user_id, t.slug, t.u, r.slug FROM t LEFT JOIN t r ON r.id = t.ref_id ORDER BY 1, 2";
            assert_eq!(
                t.table(sql).await,
                "ann,k0,w2,k1|ann,k1,w3,k0|ann,k2,w1,NULL|ann,k3,w4,k2|bob,k0,w9,NULL"
            );
        }
        // where the row cannot give way, what refers to it becomes NULL, and the others keep what they had
        let path = t.file(&[(
            "t",
            &[
                row(12, "k2", None, "w9"),
                row(13, "k3", Some(12), "w4"),
                row(14, "k4", Some(12), "w5"),
                row(10, "k0", Some(11), "w3"),
                row(11, "k1", Some(10), "w2"),
            ],
        )]);
        let before = t.everything().await;
        let summary = t.restore(&schema, &path, "ann", overwrite()).await;
        assert!(!summary.committed, "{summary:#?}");
        assert_eq!(t.everything().await, before);
        let skip = overwrite().on_error(OnError::Skip);
        let summary = t.restore(&schema, &path, "ann", skip).await;
        let [inserted, _, _, failed, nulled] = counts(&summary)[0];
        assert_eq!([inserted, failed, nulled], [1, 1, 2], "{summary:#?}");
        let sql = "SELECT t.user_id, t.slug, t.u, r.slug FROM t LEFT JOIN t r ON r.id = t.ref_id ORDER BY 1, 2";
        assert_eq!(
            t.table(sql).await,
            "ann,k0,w3,k1|ann,k1,w2,k0|ann,k2,w1,NULL|ann,k3,w4,NULL|ann,k4,w5,NULL|bob,k0,w9,NULL"
        );
        t.sql("DROP TABLE t").await;
    }
}

/// All values move on by one, and one of them would be bob's: many at once, as few statements.
async fn thousands_move_on_in_little_time(t: &Case) {
    t.sql(
        "CREATE TABLE t (id {id}, user_id text, slug text, n {int8} NOT NULL UNIQUE, m {int8} UNIQUE);
         INSERT INTO t (user_id, slug, n, m) WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < 2999)
         SELECT 'ann', 's' || i, i, i FROM s;
         INSERT INTO t (user_id, slug, n, m) VALUES ('bob', 's0', 3000, 3000)",
    )
    .await;
    let row = |slug: i64, n: i64| json!({"id": slug, "user_id": "old", "slug": format!("s{slug}"), "n": n, "m": n});
    let rows = |last: i64| -> Vec<Json> {
        (0..3000)
            .map(|i| row(i, if i == 2999 { last } else { i + 1 }))
            .collect()
    };
    let path = t.file(&[("t", &rows(0))]);
    let started = std::time::Instant::now();
    let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
    let took = started.elapsed();
    assert_eq!(counts(&summary), [[0, 3000, 0, 0, 0]], "{summary:#?}");
    let sql = "SELECT count(*) FROM t WHERE user_id = 'ann' AND n = (CAST(substr(slug, 2) AS integer) + 1) % 3000 AND m = n";
    assert_eq!(t.count(sql).await, 3000);
    // one by one they took a minute
    assert!(took.as_secs() < 20, "{took:?}");
    let again = t.restore(&schema(), &path, "ann", overwrite()).await;
    assert_eq!(counts(&again), [[0, 0, 3000, 0, 0]]);
}
