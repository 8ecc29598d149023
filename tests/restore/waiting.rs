//! Rows that refer to rows of their own table further down, to each other, or to none, and what
//! becomes of references to a row that cannot be changed.

use std::time::Duration;

use db_adapter::backup::{MissingRef, OnError, RestoreMode, RestoreOptions};
use db_adapter::{BackupSchema, TableDef};
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use crate::case::{Case, counts};

on_both! {
    a_row_with_two_missing_references, a_list_that_is_linked_both_ways,
    rows_in_reverse_order, a_circle_of_needed_references,
    references_to_a_row_that_cannot_be_changed, a_reference_that_is_set_afterwards_counts_once,
    a_missing_reference_leaves_what_is_there, a_reference_to_a_row_that_fails_leaves_what_is_there,
    an_update_of_nothing_but_a_failed_reference,
}

/// Much longer than the restore takes, so that one that does not end fails by its name.
const ENDS: Duration = Duration::from_secs(60);

fn people() -> BackupSchema {
    BackupSchema::new([TableDef::new("people")
        .optional_ref("people", "mother_id")
        .optional_ref("people", "father_id")])
    .unwrap()
}

fn person(id: i64, mother: Option<i64>, father: Option<i64>) -> Json {
    json!({"id": id, "user_id": "ann", "slug": format!("p{id}"), "mother_id": mother, "father_id": father})
}

const PEOPLE: &str = "
    CREATE TABLE people (id {id}, user_id text, slug text, mother_id {int8} REFERENCES people,
        father_id {int8} REFERENCES people, UNIQUE (user_id, slug));
    INSERT INTO people (user_id, slug) VALUES ('bob', 'p1'), ('bob', 'p2')";

/// Whose parents are somebody else's, as a backup writes it.
async fn a_row_with_two_missing_references(t: &Case) {
    t.sql(PEOPLE).await;
    let path = t.file(&[(
        "people",
        &[
            person(7, Some(1), Some(2)),
            person(8, Some(7), Some(3)),
            person(9, Some(4), Some(8)),
        ],
    )]);
    let before = t.everything().await;
    let options = RestoreOptions::default().dry_run(true);
    let dry = timeout(ENDS, t.restore(&people(), &path, "ann", options))
        .await
        .unwrap();
    assert_eq!(counts(&dry), [[3, 0, 0, 0, 4]], "{dry:#?}");
    assert_eq!(t.everything().await, before);
    for (mode, expected) in [
        (RestoreMode::Skip, [3, 0, 0, 0, 4]),
        (RestoreMode::Skip, [0, 0, 3, 0, 0]),
        (RestoreMode::Overwrite, [0, 0, 3, 0, 4]),
    ] {
        let options = RestoreOptions::default().mode(mode);
        let summary = timeout(ENDS, t.restore(&people(), &path, "ann", options))
            .await
            .unwrap();
        assert_eq!(counts(&summary), [expected], "{mode:?} {summary:#?}");
        let sql = "SELECT p.user_id, p.slug, m.slug, f.slug FROM people p LEFT JOIN people m ON m.id = p.mother_id
            LEFT JOIN people f ON f.id = p.father_id ORDER BY 1, 2";
        assert_eq!(
            t.table(sql).await,
            "ann,p7,NULL,NULL|ann,p8,p7,NULL|ann,p9,NULL,p8|bob,p1,NULL,NULL|bob,p2,NULL,NULL"
        );
    }
}

/// Every row waits for its neighbours on both sides, in any order: one circle of all of them.
async fn a_list_that_is_linked_both_ways(t: &Case) {
    const LENGTH: i64 = 3000;
    t.sql(PEOPLE).await;
    let within = |id: i64| (1..=LENGTH).contains(&id).then_some(id);
    // 7 and 3000 have no common factor, so that every number comes once
    let ids = (0..LENGTH).map(|at| at * 7 % LENGTH + 1);
    let rows: Vec<Json> = ids
        .map(|id| person(id, within(id - 1), within(id + 1)))
        .collect();
    let path = t.file(&[("people", &rows)]);
    let length = LENGTH as u64;
    for expected in [[length, 0, 0, 0, 0], [0, 0, length, 0, 0]] {
        let summary = timeout(ENDS, t.restored(&people(), &path, "ann"))
            .await
            .unwrap();
        assert_eq!(counts(&summary), [expected], "{summary:?}");
    }
    let right =
        "SELECT count(*) FROM people p JOIN people n ON n.id = p.father_id AND n.mother_id = p.id
        WHERE p.user_id = 'ann' AND n.user_id = 'ann'
        AND CAST(substr(n.slug, 2) AS {int8}) = CAST(substr(p.slug, 2) AS {int8}) + 1";
    assert_eq!(t.count(&t.spelt(right)).await, length - 1);
}

/// Each row comes before the one that it refers to; no reference is set in a second step.
async fn rows_in_reverse_order(t: &Case) {
    t.sql(PEOPLE).await;
    t.sql("CREATE TABLE seen (n {int8})").await;
    t.sql(if t.is_postgres() {
        "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (1); RETURN NULL; END';
         CREATE TRIGGER seen AFTER UPDATE ON people FOR EACH ROW EXECUTE FUNCTION seen()"
    } else {
        "CREATE TRIGGER seen AFTER UPDATE ON people BEGIN INSERT INTO seen VALUES (1); END"
    })
    .await;
    let rows: Vec<Json> = (1..=2000)
        .map(|id| person(id, (id < 2000).then_some(id + 1), None))
        .collect();
    let path = t.file(&[("people", &rows)]);
    let summary = timeout(ENDS, t.restored(&people(), &path, "ann"))
        .await
        .unwrap();
    assert_eq!(counts(&summary), [[2000, 0, 0, 0, 0]]);
    let right = "SELECT count(*) FROM people p JOIN people m ON m.id = p.mother_id
        WHERE p.user_id = 'ann' AND CAST(substr(m.slug, 2) AS {int8}) = CAST(substr(p.slug, 2) AS {int8}) + 1";
    assert_eq!(t.count(&t.spelt(right)).await, 1999);
    assert_eq!(t.count("SELECT count(*) FROM seen").await, 0);
}

/// The natural key needs the parent: a circle of such rows has no beginning, and what hangs on it
/// fails with it.
async fn a_circle_of_needed_references(t: &Case) {
    t.sql(
        "CREATE TABLE folders (id {id}, user_id text, name text, up_id {int8} REFERENCES folders,
            best_id {int8} REFERENCES folders, UNIQUE (user_id, up_id, name))",
    )
    .await;
    let schema = BackupSchema::new([TableDef::new("folders")
        .no_slug()
        .key(["user_id", "up_id", "name"])
        .optional_ref("folders", "up_id")
        .optional_ref("folders", "best_id")])
    .unwrap();
    let folder = |id: i64, up: Option<i64>, best: Option<i64>| json!({"id": id, "user_id": "ann", "name": format!("f{id}"), "up_id": up, "best_id": best});
    let path = t.file(&[(
        "folders",
        &[
            folder(1, Some(2), None),
            folder(2, Some(3), None),
            folder(3, Some(1), Some(5)),
            folder(4, Some(1), None),
            folder(5, None, Some(6)),
            folder(6, Some(5), Some(2)),
        ],
    )]);
    let options = RestoreOptions::default().on_error(OnError::Skip);
    let summary = timeout(ENDS, t.restore(&schema, &path, "ann", options))
        .await
        .unwrap();
    assert_eq!(counts(&summary), [[2, 0, 0, 4, 1]], "{summary:#?}");
    let sql = "SELECT f.name, u.name, b.name FROM folders f LEFT JOIN folders u ON u.id = f.up_id
        LEFT JOIN folders b ON b.id = f.best_id ORDER BY 1";
    assert_eq!(t.table(sql).await, "f5,NULL,f6|f6,f5,NULL");
    let reasons = summary.tables[0].failure_details.iter();
    let reasons: Vec<&str> = reasons.map(|failure| failure.reason.as_str()).collect();
    assert!(reasons[0].contains("leads in a circle"), "{reasons:?}");
}

/// The row is there, and what the file says of it is refused: it failed, and so do its children.
async fn references_to_a_row_that_cannot_be_changed(t: &Case) {
    t.sql(
        "CREATE TABLE first (id {id}, user_id text, slug text, mid_id {int8});
         CREATE TABLE mid (id {id}, user_id text, slug text, code text UNIQUE, last_id {int8});
         CREATE TABLE last (id {id}, user_id text, slug text, mid_id {int8} REFERENCES mid);
         INSERT INTO mid (user_id, slug, code) VALUES ('ann', 'm', 'old'), ('bob', 'm', 'taken')",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("first").optional_ref("mid", "mid_id"),
        TableDef::new("mid").optional_ref("last", "last_id"),
        TableDef::new("last").parent("mid", "mid_id"),
    ])
    .unwrap();
    let path = t.file(&[
        (
            "first",
            &[json!({"id": 1, "user_id": "ann", "slug": "f", "mid_id": 50})],
        ),
        (
            "mid",
            &[json!({"id": 50, "user_id": "ann", "slug": "m", "code": "taken", "last_id": 60})],
        ),
        (
            "last",
            &[json!({"id": 60, "user_id": "ann", "slug": "l", "mid_id": 50})],
        ),
    ]);
    let before = t.everything().await;
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    assert!(!summary.committed);
    assert_eq!(t.everything().await, before);
    let options = overwrite().on_error(OnError::Skip);
    let summary = t.restore(&schema, &path, "ann", options).await;
    assert_eq!(
        counts(&summary),
        [[1, 0, 0, 0, 1], [0, 0, 0, 1, 0], [0, 0, 0, 1, 0]],
        "{summary:#?}"
    );
    let first = "SELECT user_id, slug, mid_id FROM first";
    assert_eq!(t.table(first).await, "ann,f,NULL");
    let others: Vec<String> = t.everything().await;
    let others = others.into_iter().filter(|line| !line.contains("first"));
    assert_eq!(others.collect::<Vec<_>>(), before);
}

/// References that are set afterwards change a row that is there once, in the summary too.
async fn a_reference_that_is_set_afterwards_counts_once(t: &Case) {
    t.sql(
        "CREATE TABLE mid (id {id}, user_id text, slug text, v text, last_id {int8});
         CREATE TABLE last (id {id}, user_id text, slug text);
         INSERT INTO last (user_id, slug) VALUES ('ann', 'l'), ('ann', 'k');
         INSERT INTO mid (user_id, slug, v, last_id) VALUES ('ann', 'a', 'old', 1),
            ('ann', 'b', 'old', 2), ('ann', 'c', 'new', 2), ('ann', 'd', 'new', 1)",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("mid").optional_ref("last", "last_id"),
        TableDef::new("last"),
    ])
    .unwrap();
    let mid = |id: i64, slug: &str, last: Option<i64>| json!({"id": id, "user_id": "ann", "slug": slug, "v": "new", "last_id": last});
    let path = t.file(&[
        (
            "mid",
            &[
                mid(11, "a", Some(60)),
                mid(12, "b", Some(60)),
                mid(13, "c", Some(60)),
                mid(14, "d", Some(60)),
                mid(15, "e", Some(60)),
            ],
        ),
        ("last", &[json!({"id": 60, "user_id": "ann", "slug": "l"})]),
    ]);
    for expected in [[1, 3, 1, 0, 0], [0, 0, 5, 0, 0]] {
        let overwrite = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = t.restore(&schema, &path, "ann", overwrite).await;
        assert_eq!(counts(&summary)[0], expected, "{summary:#?}");
        let sql =
            "SELECT m.slug, m.v, l.slug FROM mid m LEFT JOIN last l ON l.id = m.last_id ORDER BY 1";
        assert_eq!(
            t.table(sql).await,
            "a,new,l|b,new,l|c,new,l|d,new,l|e,new,l"
        );
    }
}

/// `a` is refused when it is sent, and `b` was to get nothing but the reference to it.
async fn an_update_of_nothing_but_a_failed_reference(t: &Case) {
    t.sql(
        "CREATE TABLE t (user_id text, name text, up text CHECK (up <> 'never'), v text, PRIMARY KEY (user_id, name),
            FOREIGN KEY (user_id, up) REFERENCES t);
         INSERT INTO t VALUES ('ann', 'there', NULL, 'x'), ('ann', 'b', 'there', 'x'), ('ann', 'c', NULL, 'x'),
            ('bob', 'b', NULL, 'bobs')",
    )
    .await;
    let schema = BackupSchema::new([TableDef::new("t")
        .pk(["user_id", "name"])
        .key(["user_id", "name"])
        .optional_ref("t", ["user_id", "up"])])
    .unwrap();
    let row = |name: &str, up: Option<&str>| json!({"user_id": "ann", "name": name, "up": up});
    let path = t.file(&[(
        "t",
        &[
            json!({"user_id": "ann", "name": "never", "up": null}),
            row("a", Some("never")),
            row("b", Some("a")),
            row("c", Some("there")),
            row("there", None),
        ],
    )]);
    let before = t.everything().await;
    let options = RestoreOptions::default()
        .mode(RestoreMode::Overwrite)
        .missing_ref(MissingRef::Keep)
        .on_error(OnError::Skip);
    let summary = t.restore(&schema, &path, "ann", options).await;
    assert_eq!(counts(&summary), [[1, 1, 2, 1, 0]], "{summary:#?}");
    let after = "SELECT user_id, name, up, v FROM t ORDER BY 1, 2";
    assert_eq!(
        t.table(after).await,
        "ann,b,there,x|ann,c,there,x|ann,never,NULL,NULL|ann,there,NULL,x|bob,b,NULL,bobs"
    );
    assert_eq!(t.everything().await.len(), before.len() + 1);
}

/// Of a table before, of the own table, and of a table that comes later; to others' rows.
async fn a_missing_reference_leaves_what_is_there(t: &Case) {
    t.sql(
        "CREATE TABLE first (id {id}, user_id text, slug text);
         CREATE TABLE mid (id {id}, user_id text, slug text, v text, first_id {int8} REFERENCES first,
            mid_id {int8} REFERENCES mid, last_id {int8});
         CREATE TABLE last (id {id}, user_id text, slug text);
         INSERT INTO first (user_id, slug) VALUES ('bob', 'f');
         INSERT INTO last (user_id, slug) VALUES ('bob', 'l');
         INSERT INTO mid (user_id, slug, v) VALUES ('bob', 'm', 'old');
         INSERT INTO mid (user_id, slug, v, first_id, mid_id, last_id) VALUES ('ann', 'a', 'old', 1, 1, 1), ('ann', 'b', 'new', 1, 1, 1)",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("first"),
        TableDef::new("mid")
            .optional_ref("first", "first_id")
            .optional_ref("mid", "mid_id")
            .optional_ref("last", "last_id"),
        TableDef::new("last"),
    ])
    .unwrap();
    let mid = |id: i64, slug: &str| json!({"id": id, "user_id": "ann", "slug": slug, "v": "new", "first_id": 71, "mid_id": 72, "last_id": 73});
    let path = t.file(&[
        ("first", &[]),
        ("mid", &[mid(21, "a"), mid(22, "b"), mid(23, "c")]),
        ("last", &[]),
    ]);
    let options = |missing| {
        RestoreOptions::default()
            .mode(RestoreMode::Overwrite)
            .missing_ref(missing)
    };
    let rows =
        "SELECT slug, v, first_id, mid_id, last_id FROM mid WHERE user_id = 'ann' ORDER BY slug";
    for expected in [[1, 1, 1, 0, 3], [0, 0, 3, 0, 0]] {
        let summary = t
            .restore(&schema, &path, "ann", options(MissingRef::Keep))
            .await;
        assert_eq!(counts(&summary)[1], expected, "{summary:#?}");
        assert_eq!(
            t.table(rows).await,
            "a,new,1,1,1|b,new,1,1,1|c,new,NULL,NULL,NULL"
        );
    }
    let summary = t
        .restore(&schema, &path, "ann", options(MissingRef::Null))
        .await;
    assert_eq!(counts(&summary)[1], [0, 2, 1, 0, 9], "{summary:#?}");
    assert_eq!(
        t.table(rows).await,
        "a,new,NULL,NULL,NULL|b,new,NULL,NULL,NULL|c,new,NULL,NULL,NULL"
    );
}

/// The row that is referred to is there, and its new values are refused: after the row that refers to it.
async fn a_reference_to_a_row_that_fails_leaves_what_is_there(t: &Case) {
    t.sql(
        "CREATE TABLE q (id {int8} PRIMARY KEY, user_id text, k text, u text UNIQUE, o {int8} REFERENCES q,
            UNIQUE (user_id, k));
         INSERT INTO q VALUES (11, 'ann', 'k1', 'w1', NULL), (13, 'ann', 'k3', 'w3', NULL),
            (14, 'ann', 'k4', 'w5', NULL), (10, 'ann', 'k0', 'w2', 13)",
    )
    .await;
    let schema = BackupSchema::new([TableDef::new("q").slug("k").optional_ref("q", "o")]).unwrap();
    let row = |id: i64, k: &str, u: &str, o: Option<i64>| json!({"id": id, "user_id": "ann", "k": k, "u": u, "o": o});
    let path = t.file(&[(
        "q",
        &[row(14, "k4", "w1", None), row(10, "k0", "w2", Some(14))],
    )]);
    let sql = "SELECT k, u, o FROM q ORDER BY k";
    for missing in [MissingRef::Keep, MissingRef::Keep, MissingRef::Null] {
        let options = RestoreOptions::default()
            .mode(RestoreMode::Overwrite)
            .on_error(OnError::Skip)
            .missing_ref(missing);
        let summary = t.restore(&schema, &path, "ann", options).await;
        assert_eq!(summary.tables[0].failed, 1, "{summary:#?}");
        let o = if missing == MissingRef::Keep {
            "13"
        } else {
            "NULL"
        };
        let expected = format!("k0,w2,{o}|k1,w1,NULL|k3,w3,NULL|k4,w5,NULL");
        assert_eq!(t.table(sql).await, expected, "{missing:?}");
    }
}
