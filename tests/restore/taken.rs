//! Rows that were there and that a trigger of the restore's own writes changes or takes away: the restore is refused
//! as a whole, whatever its mode, and the whole database stays as it was.

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions, restore_database};
use db_adapter::{BackupSchema, Error, ForeignKey, TableDef};
use serde_json::{Value as Json, json};

use crate::case::{Case, counts};

on_both! {
    an_optional_reference_of_a_row_that_stays, a_row_that_is_taken_away_before_its_update,
    a_row_that_goes_to_somebody_else, what_the_restore_changes_itself, what_a_cascade_changes,
}

const TABLES: &str = "
    CREATE TABLE tags (id {id}, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug));
    CREATE TABLE p (id {id}, user_id text NOT NULL, slug text NOT NULL, v text, tag_id {int8} REFERENCES tags,
        up_id {int8} REFERENCES p, UNIQUE (user_id, slug));
    CREATE TABLE c (id {id}, user_id text NOT NULL, slug text NOT NULL, p_id {int8} REFERENCES p);
    INSERT INTO tags (user_id, slug) VALUES ('bob', 'x'), ('ann', 'x'), ('ann', 'y');
    INSERT INTO p (user_id, slug, v, tag_id) VALUES ('bob', 'a', 'his', 1), ('ann', 'a', 'old', 2), ('ann', 'b', 'old', NULL);";

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("tags"),
        TableDef::new("p")
            .optional_ref("tags", "tag_id")
            .optional_ref("p", "up_id"),
        TableDef::new("c").optional_ref("p", "p_id"),
    ])
    .unwrap()
}

async fn after(t: &Case, event: &str, table: &str, then: &str) {
    t.sql(&if t.is_postgres() {
        format!(
            "CREATE FUNCTION acts() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {then}; RETURN NULL; END$$;
             CREATE TRIGGER acts AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION acts()"
        )
    } else {
        format!("CREATE TRIGGER acts AFTER {event} ON {table} BEGIN {then}; END")
    })
    .await;
}

async fn no_more(t: &Case) {
    t.sql(match t.is_postgres() {
        true => "DROP FUNCTION acts CASCADE",
        false => "DROP TRIGGER acts",
    })
    .await;
}

fn tag(id: i64, slug: &str) -> Json {
    json!({"id": id, "user_id": "old", "slug": slug})
}

fn p(id: i64, slug: &str, tag: Option<i64>, up: Option<i64>) -> Json {
    json!({"id": id, "user_id": "old", "slug": slug, "v": "new", "tag_id": tag, "up_id": up})
}

fn c(id: i64, slug: &str, p: i64) -> Json {
    json!({"id": id, "user_id": "old", "slug": slug, "p_id": p})
}

/// In every mode, dry and in earnest; nothing is changed.
async fn is_refused(t: &Case, rows: [&[Json]; 3], modes: &[RestoreMode]) {
    let path = t.file(&[("tags", rows[0]), ("p", rows[1]), ("c", rows[2])]);
    for mode in modes {
        for dry in [true, false] {
            for on_error in [OnError::Abort, OnError::Skip] {
                let before = t.everything().await;
                let options = RestoreOptions::default()
                    .mode(*mode)
                    .on_error(on_error)
                    .dry_run(dry);
                let result = restore_database(&t.db, &schema(), &path, "ann", options).await;
                match result {
                    Err(error @ Error::RestoreRefused { .. }) => {
                        let error = error.to_string();
                        assert!(
                            error.contains("of `p` got") && error.contains("trigger"),
                            "{error}"
                        );
                    }
                    // nothing is restored either
                    Ok(summary) => assert!(
                        on_error == OnError::Abort && !summary.committed,
                        "{summary:#?}"
                    ),
                    Err(error) => panic!("{error}"),
                }
                assert_eq!(t.everything().await, before, "{mode:?} {on_error:?}");
            }
        }
    }
}

const BOTH: [RestoreMode; 2] = [RestoreMode::Skip, RestoreMode::Overwrite];

/// It is compared with what it was, which is not what the file says.
async fn an_optional_reference_of_a_row_that_stays(t: &Case) {
    t.sql(TABLES).await;
    let rows: [&[Json]; 3] = [
        &[tag(1, "x"), tag(2, "y")],
        &[p(1, "a", Some(2), None), p(2, "b", Some(1), None)],
        &[c(1, "c", 1)],
    ];
    for then in [
        "UPDATE p SET tag_id = 3 WHERE user_id = 'ann' AND slug = 'a'",
        "UPDATE p SET tag_id = NULL WHERE user_id = 'ann' AND slug = 'a'",
        "UPDATE p SET up_id = id WHERE user_id = 'ann' AND slug = 'b'",
        "UPDATE p SET tag_id = 1 WHERE user_id = 'ann'",
    ] {
        after(t, "INSERT", "c", then).await;
        is_refused(t, rows, &[RestoreMode::Skip]).await;
        no_more(t).await;
    }
    // what else it changes is its own
    after(
        t,
        "INSERT",
        "c",
        "UPDATE p SET v = 'seen' WHERE user_id = 'ann'",
    )
    .await;
    let path = t.file(&[("tags", rows[0]), ("p", rows[1]), ("c", rows[2])]);
    let summary = t.restored(&schema(), &path, "ann").await;
    assert_eq!(
        counts(&summary),
        [[0, 0, 2, 0, 0], [0, 0, 2, 0, 0], [1, 0, 0, 0, 0]]
    );
    assert_eq!(
        t.table("SELECT user_id, slug, v, tag_id FROM p ORDER BY id")
            .await,
        "bob,a,his,1|ann,a,seen,2|ann,b,seen,NULL"
    );
}

async fn a_row_that_is_taken_away_before_its_update(t: &Case) {
    t.sql(TABLES).await;
    let rows: [&[Json]; 3] = [
        &[tag(1, "x"), tag(2, "y")],
        &[
            p(1, "a", Some(1), None),
            p(2, "b", Some(2), None),
            p(3, "new", None, None),
        ],
        &[],
    ];
    for event in ["INSERT", "UPDATE"] {
        for slug in ["a", "b"] {
            let then = format!(
                "DELETE FROM p WHERE user_id = 'ann' AND slug = '{slug}' AND new.slug <> '{slug}'"
            );
            after(t, event, "p", &then).await;
            let modes: &[RestoreMode] = match event {
                "INSERT" => &BOTH,
                _ => &[RestoreMode::Overwrite],
            };
            is_refused(t, rows, modes).await;
            no_more(t).await;
        }
    }
}

async fn a_row_that_goes_to_somebody_else(t: &Case) {
    t.sql(TABLES).await;
    let rows: [&[Json]; 3] = [
        &[tag(1, "x")],
        &[p(1, "b", None, None), p(3, "new", None, None)],
        &[],
    ];
    after(
        t,
        "INSERT",
        "p",
        "UPDATE p SET user_id = 'bob' WHERE slug = 'b'",
    )
    .await;
    is_refused(t, rows, &BOTH).await;
}

/// References that are set when all rows are there, of rows that were found before.
async fn what_the_restore_changes_itself(t: &Case) {
    t.sql(TABLES).await;
    after(t, "INSERT", "c", "UPDATE p SET v = v WHERE id = new.p_id").await;
    let rows = [
        p(1, "a", Some(2), Some(2)),
        p(2, "b", Some(1), Some(1)),
        p(3, "new", Some(2), Some(1)),
    ];
    let path = t.file(&[
        ("tags", &[tag(1, "x"), tag(2, "y")]),
        ("p", &rows),
        ("c", &[c(1, "c", 1), c(2, "d", 3)]),
    ]);
    for expected in [[1, 2, 0, 0, 0], [0, 0, 3, 0, 0]] {
        let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = t.restore(&schema(), &path, "ann", options).await;
        assert!(summary.committed, "{summary:#?}");
        assert_eq!(counts(&summary)[1], expected, "{summary:#?}");
        let all = "SELECT p.slug, g.slug, u.slug FROM p LEFT JOIN tags g ON g.id = p.tag_id
            LEFT JOIN p u ON u.id = p.up_id WHERE p.user_id = 'ann' ORDER BY 1";
        assert_eq!(t.table(all).await, "a,y,b|b,x,a|new,y,a");
    }
    assert_eq!(
        t.table("SELECT slug, v, tag_id FROM p WHERE user_id = 'bob'")
            .await,
        "a,his,1"
    );
}

/// A row follows a column of another one that an overwrite changes after it was read.
async fn what_a_cascade_changes(t: &Case) {
    t.sql(
        "CREATE TABLE a (id {id}, user_id text NOT NULL, slug text NOT NULL, code text);
         CREATE TABLE b (id {id}, user_id text NOT NULL, slug text NOT NULL, code text UNIQUE, a_id {int8} REFERENCES a);
         CREATE TABLE log (x text);
         INSERT INTO b (user_id, slug, code) VALUES ('ann', 'b', 'old')",
    )
    .await;
    t.sql(match t.is_postgres() {
        true => "ALTER TABLE a ADD FOREIGN KEY (code) REFERENCES b (code) ON UPDATE CASCADE;
             INSERT INTO a (user_id, slug, code) VALUES ('ann', 'a', 'old')",
        false => "DROP TABLE a; CREATE TABLE a (id INTEGER PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL,
             code text REFERENCES b (code) ON UPDATE CASCADE);
             INSERT INTO a (user_id, slug, code) VALUES ('ann', 'a', 'old')",
    })
    .await;
    after(t, "UPDATE", "b", "INSERT INTO log VALUES ('b')").await;
    let mut a = TableDef::new("a");
    let to = ForeignKey::new("b", "code").to("code");
    a.optional_refs.to_mut().push(to);
    let schema = BackupSchema::new([a, TableDef::new("b").optional_ref("a", "a_id")]).unwrap();
    let path = t.file(&[
        (
            "a",
            &[json!({"id": 1, "user_id": "old", "slug": "a", "code": "new"})],
        ),
        (
            "b",
            &[json!({"id": 1, "user_id": "old", "slug": "b", "code": "new", "a_id": 1})],
        ),
    ]);
    let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "ann", options).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(
        t.table("SELECT a.code, b.code FROM a JOIN b ON b.code = a.code")
            .await,
        "new,new"
    );
}
