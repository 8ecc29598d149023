//! Tables whose rows need each other in a circle, by columns that are never NULL: a row goes before the one that it
//! refers to where the foreign key can wait. Compared is the whole database.

use std::path::PathBuf;

use db_adapter::backup::{
    BackupOptions, Keys, OnError, RestoreMode, RestoreOptions, RestoreSummary, backup_database,
    restore_database,
};
use db_adapter::{BackupSchema, DatabaseClientExt, TableDef};

use crate::case::{Case, counts};

on_both! {
    a_circle_of_two_tables, a_circle_in_which_some_rows_are_there, a_circle_within_a_table,
    a_circle_that_cannot_be_completed, a_circle_in_a_transaction_of_the_caller,
}

/// How rows get their keys: made by the database, uuids, those of the file.
const KINDS: [(&str, &str); 3] = [
    ("{id}", "{int8}"),
    ("{newuuid}", "{uuid}"),
    ("{int8} PRIMARY KEY NOT NULL", "{int8}"),
];

/// Departments and their heads, who are in one of them. `waits`: what the foreign key of the head is.
async fn tables(t: &Case, (key, refers): (&str, &str), waits: &str) {
    t.sql("DROP TABLE IF EXISTS dept_notes").await;
    t.sql(match t.is_postgres() {
        true => "DROP TABLE IF EXISTS dept, staff CASCADE",
        false => "PRAGMA foreign_keys = OFF; DROP TABLE IF EXISTS dept; DROP TABLE IF EXISTS staff; PRAGMA foreign_keys = ON",
    })
    .await;
    let head = match t.is_postgres() {
        true => String::new(),
        false => format!("REFERENCES staff {waits}"),
    };
    t.sql(&format!(
        "CREATE TABLE dept (id {key}, user_id text NOT NULL, slug text NOT NULL, v text, head_id {refers} NOT NULL {head}, UNIQUE (user_id, slug));
         CREATE TABLE staff (id {key}, user_id text NOT NULL, slug text NOT NULL, v text, dept_id {refers} NOT NULL REFERENCES dept, UNIQUE (user_id, slug))"
    ))
    .await;
    if t.is_postgres() {
        t.sql(&format!(
            "ALTER TABLE dept ADD FOREIGN KEY (head_id) REFERENCES staff {waits}"
        ))
        .await;
    }
}

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("dept").optional_ref("staff", "head_id"),
        TableDef::new("staff")
            .parent("dept", "dept_id")
            .key(["user_id", "slug"]),
    ])
    .unwrap()
}

/// So many departments of a user, each with a head of the one before; their keys begin behind `from`.
async fn rows(t: &Case, user: &str, from: u64, count: u64, is_uuid: bool) {
    let key = |table: u64, at: u64| match is_uuid {
        true => format!("'{:08x}-0000-4000-8000-{at:012x}'", 0xa000_0000 + table),
        false => at.to_string(),
    };
    let over = if t.is_postgres() {
        "OVERRIDING SYSTEM VALUE"
    } else {
        ""
    };
    let mut sql = match t.is_postgres() {
        true => "BEGIN; SET LOCAL session_replication_role = replica;".to_owned(),
        false => "PRAGMA foreign_keys = OFF;".to_owned(),
    };
    for n in 0..count {
        let (own, before) = (from + n, from + (n + count - 1) % count);
        sql += &format!(
            "INSERT INTO dept (id, user_id, slug, v, head_id) {over} VALUES ({}, '{user}', 'd{n}', '{user}', {});
             INSERT INTO staff (id, user_id, slug, v, dept_id) {over} VALUES ({}, '{user}', 's{n}', '{user}', {});",
            key(1, own), key(2, before), key(2, own), key(1, own)
        );
    }
    sql += if t.is_postgres() {
        "COMMIT"
    } else {
        "PRAGMA foreign_keys = ON"
    };
    t.sql(&sql).await;
}

const WHO: &str = "SELECT d.slug, h.slug, w.slug, h.user_id = d.user_id AND w.user_id = d.user_id
    FROM dept d JOIN staff h ON h.id = d.head_id JOIN dept w ON w.id = h.dept_id WHERE d.user_id = ";

async fn who(t: &Case, user: &str) -> String {
    t.table(&format!("{WHO}'{user}' ORDER BY 1")).await
}

async fn expected(t: &Case, count: u64) -> String {
    let yes = if t.is_postgres() { "t" } else { "1" };
    let line = |n: u64| {
        let before = (n + count - 1) % count;
        format!("d{n},s{before},d{before},{yes}")
    };
    (0..count).map(line).collect::<Vec<_>>().join("|")
}

async fn back_up(t: &Case) -> PathBuf {
    let path = t.folder.path().join("backup.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, &schema(), "ann", options)
        .await
        .unwrap();
    path
}

async fn restored(t: &Case, path: &PathBuf, user: &str, options: RestoreOptions) -> RestoreSummary {
    let summary = t.restore(&schema(), path, user, options).await;
    assert!(summary.committed || summary.dry_run, "{summary:#?}");
    summary
}

/// To the same place, to another user, and to a database where others have such keys.
async fn a_circle_of_two_tables(t: &Case) {
    const COUNT: u64 = 5;
    for kind in KINDS {
        for waits in ["DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"] {
            let is_uuid = kind.1 == "{uuid}";
            let is_made = kind.0 != KINDS[2].0;
            tables(t, kind, waits).await;
            rows(t, "ann", 1, COUNT, is_uuid).await;
            let path = back_up(t).await;
            let before = t.everything().await;
            let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
            let same = restored(t, &path, "ann", overwrite()).await;
            assert_eq!(counts(&same), [[0, 0, COUNT, 0, 0]; 2]);
            assert_eq!(t.everything().await, before);
            if is_made {
                let dry = restored(t, &path, "bob", RestoreOptions::default().dry_run(true)).await;
                assert_eq!(counts(&dry), [[COUNT, 0, 0, 0, 0]; 2]);
                assert_eq!(t.everything().await, before);
                let clone = restored(t, &path, "bob", RestoreOptions::default()).await;
                assert_eq!(counts(&clone), [[COUNT, 0, 0, 0, 0]; 2]);
                assert_eq!(who(t, "bob").await, expected(t, COUNT).await, "{kind:?}");
                let after = t.everything().await;
                assert!(before.iter().all(|line| after.contains(line)));
                let again = restored(t, &path, "bob", overwrite()).await;
                assert_eq!(counts(&again), [[0, 0, COUNT, 0, 0]; 2], "{again:#?}");
                assert_eq!(t.everything().await, after);
            }
            // elsewhere, where others have rows of such keys if the database makes them
            for keys in [Keys::New, Keys::Keep] {
                let is_kept = keys == Keys::Keep || !is_made;
                tables(t, kind, waits).await;
                rows(t, "eve", if is_kept { 90 } else { 1 }, 3, is_uuid).await;
                let before = t.everything().await;
                let summary = restored(t, &path, "ann", RestoreOptions::default().keys(keys)).await;
                assert_eq!(
                    counts(&summary),
                    [[COUNT, 0, 0, 0, 0]; 2],
                    "{kind:?} {keys:?}"
                );
                assert_eq!(
                    who(t, "ann").await,
                    expected(t, COUNT).await,
                    "{kind:?} {keys:?}"
                );
                let after = t.everything().await;
                assert!(
                    before.iter().all(|line| after.contains(line)),
                    "{kind:?} {keys:?}"
                );
                let again = restored(t, &path, "ann", overwrite().keys(keys)).await;
                assert_eq!(counts(&again), [[0, 0, COUNT, 0, 0]; 2], "{again:#?}");
                assert_eq!(t.everything().await, after);
            }
        }
    }
}

/// A head who is there keeps the own key, whatever key was taken beforehand.
async fn a_circle_in_which_some_rows_are_there(t: &Case) {
    const COUNT: u64 = 4;
    for kind in KINDS {
        let is_uuid = kind.1 == "{uuid}";
        for gone in ["dept", "staff"] {
            tables(t, kind, "DEFERRABLE").await;
            rows(t, "ann", 1, COUNT, is_uuid).await;
            rows(t, "eve", 90, 2, is_uuid).await;
            let path = back_up(t).await;
            let whole = t.everything().await;
            t.sql(match gone {
                "dept" => "UPDATE staff SET dept_id = (SELECT id FROM dept WHERE user_id = 'ann' AND slug = 'd0')
                        WHERE user_id = 'ann' AND slug IN ('s1', 's2');
                     DELETE FROM dept WHERE user_id = 'ann' AND slug IN ('d1', 'd2')",
                _ => "UPDATE dept SET head_id = (SELECT id FROM staff WHERE user_id = 'ann' AND slug = 's0')
                        WHERE user_id = 'ann' AND slug IN ('d2', 'd3');
                     DELETE FROM staff WHERE user_id = 'ann' AND slug IN ('s1', 's2')",
            })
            .await;
            let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
            restored(t, &path, "ann", overwrite()).await;
            assert_eq!(
                who(t, "ann").await,
                expected(t, COUNT).await,
                "{kind:?} {gone}"
            );
            assert_eq!(t.everything().await.len(), whole.len());
            let eves = |lines: &[String]| {
                lines
                    .iter()
                    .filter(|l| l.contains("eve"))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert_eq!(eves(&t.everything().await), eves(&whole));
            let after = t.everything().await;
            let again = restored(t, &path, "ann", overwrite()).await;
            assert_eq!(counts(&again), [[0, 0, COUNT, 0, 0]; 2], "{again:#?}");
            assert_eq!(t.everything().await, after);
        }
    }
}

/// Partners, each of the other one, and one who is his own.
async fn a_circle_within_a_table(t: &Case) {
    for (key, refers) in KINDS {
        t.sql("DROP TABLE IF EXISTS people; DROP TABLE IF EXISTS log")
            .await;
        t.sql(&format!(
            "CREATE TABLE people (id {key}, user_id text NOT NULL, slug text NOT NULL, partner_id {refers} NOT NULL REFERENCES people DEFERRABLE, UNIQUE (user_id, slug));
             CREATE TABLE log (x text)"
        ))
        .await;
        t.sql(match t.is_postgres() {
            true => "CREATE OR REPLACE FUNCTION logs() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO log VALUES (new.slug); RETURN NULL; END$$;
                 CREATE TRIGGER logs AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION logs()",
            false => "CREATE TRIGGER logs AFTER INSERT ON people BEGIN INSERT INTO log VALUES (new.slug); END",
        })
        .await;
        let schema =
            BackupSchema::new([TableDef::new("people").optional_ref("people", "partner_id")])
                .unwrap();
        let is_uuid = refers == "{uuid}";
        let id = |n: i64| match is_uuid {
            true => serde_json::json!(format!("a0000000-0000-4000-8000-{n:012x}")),
            false => serde_json::json!(n),
        };
        let person = |n: i64, partner: i64| serde_json::json!({"id": id(n), "user_id": "old", "slug": format!("p{n}"), "partner_id": id(partner)});
        let path = t.file(&[(
            "people",
            &[
                person(1, 2),
                person(2, 1),
                person(3, 3),
                person(4, 6),
                person(5, 4),
                person(6, 5),
                person(7, 1),
            ],
        )]);
        for (user, expected) in [("ann", [7, 0, 0, 0, 0]), ("ann", [0, 0, 7, 0, 0])] {
            let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
            let summary = t.restore(&schema, &path, user, options).await;
            assert!(summary.committed, "{summary:#?}");
            assert_eq!(counts(&summary), [expected], "{key}");
            let all = "SELECT p.slug, q.slug FROM people p JOIN people q ON q.id = p.partner_id ORDER BY 1";
            assert_eq!(
                t.table(all).await,
                "p1,p2|p2,p1|p3,p3|p4,p6|p5,p4|p6,p5|p7,p1",
                "{key}"
            );
        }
        if t.is_postgres() {
            t.sql("DROP TABLE people; DROP FUNCTION logs").await;
        }
    }
}

/// A row that is refused after all takes all of its circle along, and there is nothing else here.
async fn a_circle_that_cannot_be_completed(t: &Case) {
    for kind in KINDS {
        let is_uuid = kind.1 == "{uuid}";
        tables(t, kind, "DEFERRABLE").await;
        rows(t, "ann", 1, 3, is_uuid).await;
        let path = back_up(t).await;
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("s1"));
        for spoil in ["CHECK (slug <> 's1')", "CHECK (slug <> 'd1')"] {
            tables(t, kind, "DEFERRABLE").await;
            let table = if spoil.contains("s1") {
                "staff"
            } else {
                "dept"
            };
            let trigger = match t.is_postgres() {
                true => format!("ALTER TABLE {table} ADD {spoil}"),
                false => format!(
                    "CREATE TRIGGER refuses BEFORE INSERT ON {table} WHEN new.slug IN ('s1', 'd1') BEGIN SELECT raise(ABORT, 'no'); END"
                ),
            };
            t.sql(&trigger).await;
            rows(t, "eve", 90, 1, is_uuid).await;
            let before = t.everything().await;
            for on_error in [OnError::Abort, OnError::Skip] {
                let options = RestoreOptions::default().on_error(on_error);
                let summary = t.restore(&schema(), &path, "ann", options).await;
                let skips = on_error == OnError::Skip;
                assert_eq!(summary.committed, skips, "{summary:#?}");
                // each of them needs the next one
                assert!(summary.failed() == if skips { 6 } else { summary.failed().max(1) });
                assert_eq!(
                    t.everything().await,
                    before,
                    "{kind:?} {spoil} {on_error:?}"
                );
            }
        }
    }
    // without such a foreign key it is refused, and told what would make it work
    tables(t, KINDS[0], "").await;
    rows(t, "ann", 1, 3, false).await;
    let options = BackupOptions::new().output(t.folder.path().join("refused.json"));
    let refused = backup_database(&t.db, &schema(), "ann", options).await;
    match t.is_postgres() {
        true => {
            let refused = refused.unwrap_err().to_string();
            assert!(
                refused.contains("`dept` refers to `staff` by `head_id`")
                    && refused.contains("DEFERRABLE"),
                "{refused}"
            );
        }
        // SQLite puts any foreign key off
        false => drop(refused.unwrap()),
    }
}

/// What the caller does in the same transaction goes on as it was.
async fn a_circle_in_a_transaction_of_the_caller(t: &Case) {
    tables(t, KINDS[0], "DEFERRABLE").await;
    rows(t, "ann", 1, 3, false).await;
    let path = back_up(t).await;
    let tx = t.db.begin().await.unwrap();
    let summary = restore_database(&tx, &schema(), &path, "bob", RestoreOptions::default())
        .await
        .unwrap();
    assert!(summary.committed);
    if t.is_postgres() {
        // the key is checked at once again
        let head = tx
            .execute("UPDATE dept SET head_id = 999 WHERE user_id = 'bob'")
            .await;
        assert!(head.unwrap_err().is_constraint_violation());
        tx.rollback().await.unwrap();
    } else {
        tx.commit().await.unwrap();
        assert_eq!(who(t, "bob").await, expected(t, 3).await);
    }
    assert_eq!(who(t, "ann").await, expected(t, 3).await);
}
