//! A unique index on an expression, such as `lower(email)`, beside a natural key of plain columns: rows that differ
//! for the key and not for the index are refused by the name of the index, in every mode. Compared is the whole
//! database.

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions};
use db_adapter::{BackupSchema, TableDef};
use serde_json::{Value as Json, json};

use crate::case::{Case, counts};

on_both! { rows_of_the_file_that_collide, rows_that_collide_with_what_is_there, rows_that_exchange_their_values }

const TABLE: &str = "
    CREATE TABLE people (id {id}, user_id text NOT NULL, email text NOT NULL, v text, n {int8});
    CREATE TABLE notes (id {id}, person_id {int8} NOT NULL REFERENCES people, slug text NOT NULL);
    CREATE UNIQUE INDEX one_mail ON people (user_id, lower(email));
    INSERT INTO people (user_id, email, v, n) VALUES ('bob', 'A@x.org', 'his', 1), ('bob', 'b@x.org', 'his', 2);";

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("people").no_slug().key(["user_id", "email"]),
        TableDef::new("notes")
            .no_user()
            .parent("people", "person_id"),
    ])
    .unwrap()
}

fn person(id: i64, email: &str) -> Json {
    json!({"id": id, "user_id": "old", "email": email, "v": "file", "n": id})
}

fn note(id: i64, person: i64) -> Json {
    json!({"id": id, "person_id": person, "slug": format!("n{id}")})
}

const MODES: [RestoreMode; 3] = [RestoreMode::Skip, RestoreMode::Overwrite, RestoreMode::Fail];

async fn rows_of_the_file_that_collide(t: &Case) {
    t.sql(TABLE).await;
    let path = t.file(&[
        (
            "people",
            &[
                person(1, "A@x.org"),
                person(2, "a@x.org"),
                person(3, "c@x.org"),
            ],
        ),
        ("notes", &[note(1, 1), note(2, 2), note(3, 3)]),
    ]);
    let before = t.everything().await;
    for mode in MODES {
        let options = RestoreOptions::default().mode(mode);
        let summary = t.restore(&schema(), &path, "ann", options).await;
        assert!(!summary.committed, "{mode:?}");
        let failure = &summary.tables[0].failure_details[0];
        assert!(
            failure.line > 0 && failure.reason.contains("`one_mail`"),
            "{failure:?}"
        );
        assert_eq!(t.everything().await, before, "{mode:?}");
    }
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = RestoreOptions::default().mode(mode).on_error(OnError::Skip);
        let summary = t.restore(&schema(), &path, "ann", options).await;
        assert!(summary.committed);
        assert_eq!(counts(&summary)[0][3], 1, "{summary:#?}");
        let all = "SELECT p.email, p.v, p.n, n.slug FROM people p LEFT JOIN notes n ON n.person_id = p.id WHERE user_id = 'ann' ORDER BY p.n";
        assert_eq!(
            t.table(all).await,
            "A@x.org,file,1,n1|c@x.org,file,3,n3",
            "{mode:?}"
        );
        assert_eq!(
            t.count("SELECT count(*) FROM people WHERE v = 'his'").await,
            2
        );
    }
}

async fn rows_that_collide_with_what_is_there(t: &Case) {
    t.sql(TABLE).await;
    t.sql(
        "INSERT INTO people (user_id, email, v, n) VALUES ('ann', 'A@x.org', 'there', 7), ('ann', 'c@x.org', 'there', 8);
         INSERT INTO notes (person_id, slug) SELECT id, 'mine' FROM people WHERE n = 7",
    )
    .await;
    let path = t.file(&[
        ("people", &[person(1, "a@x.org"), person(2, "c@x.org")]),
        ("notes", &[note(1, 1), note(2, 2)]),
    ]);
    let before = t.everything().await;
    for mode in MODES {
        let options = RestoreOptions::default().mode(mode);
        let summary = t.restore(&schema(), &path, "ann", options).await;
        assert!(!summary.committed, "{mode:?}");
        let mut failures = summary.tables[0].failure_details.iter();
        assert!(
            failures.any(|f| f.reason.contains("`one_mail`")),
            "{summary:#?}"
        );
        assert_eq!(t.everything().await, before, "{mode:?}");
    }
    let options = RestoreOptions::default()
        .mode(RestoreMode::Overwrite)
        .on_error(OnError::Skip);
    let summary = t.restore(&schema(), &path, "ann", options).await;
    assert_eq!(
        counts(&summary),
        [[0, 1, 0, 1, 0], [1, 0, 0, 1, 0]],
        "{summary:#?}"
    );
    let all = "SELECT p.email, p.v, n.slug FROM people p LEFT JOIN notes n ON n.person_id = p.id WHERE user_id = 'ann' ORDER BY p.id";
    assert_eq!(t.table(all).await, "A@x.org,there,mine|c@x.org,file,n2");
}

/// Rows that exchange what the index is of: no column of theirs can make way.
async fn rows_that_exchange_their_values(t: &Case) {
    t.sql(TABLE).await;
    t.sql(
        "UPDATE people SET v = 'his' || n;
         CREATE UNIQUE INDEX one_v ON people (lower(v));
         INSERT INTO people (user_id, email, v, n) VALUES ('ann', 'a@x.org', 'X', 7), ('ann', 'b@x.org', 'Y', 8), ('ann', 'c@x.org', 'Z', 9)",
    )
    .await;
    let row = |id: i64, email: &str, v: &str| json!({"id": id, "user_id": "old", "email": email, "v": v, "n": id});
    let path = t.file(&[
        (
            "people",
            &[
                row(1, "a@x.org", "y"),
                row(2, "b@x.org", "x"),
                row(3, "c@x.org", "z"),
            ],
        ),
        ("notes", &[]),
    ]);
    let before = t.everything().await;
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema(), &path, "ann", overwrite()).await;
    assert!(!summary.committed, "{summary:#?}");
    let mut failures = summary.tables[0].failure_details.iter();
    assert!(
        failures.all(|f| f.reason.contains("`one_v`")),
        "{summary:#?}"
    );
    assert_eq!(t.everything().await, before);
    let summary = t
        .restore(&schema(), &path, "ann", overwrite().on_error(OnError::Skip))
        .await;
    assert_eq!(counts(&summary)[0], [0, 1, 0, 2, 0], "{summary:#?}");
    let all = "SELECT email, v, n FROM people WHERE user_id = 'ann' ORDER BY email";
    assert_eq!(t.table(all).await, "a@x.org,X,7|b@x.org,Y,8|c@x.org,z,3");
}
