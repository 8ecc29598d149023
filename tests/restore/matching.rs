//! Which row is the same one: by what its key means, NULL included; what happens to it; and that
//! nobody else's rows are touched.

use db_adapter::backup::{Keys, OnError, RestoreMode, RestoreOptions, restore_database};
use db_adapter::prelude::*;
use db_adapter::{BackupSchema, TableDef};
use serde_json::json;

use crate::case::{Case, LIBRARY, counts, library};

on_both! {
    keys_are_compared_by_meaning, null_keys_match_null_keys, duplicates_in_the_file_are_named,
    duplicates_in_the_destination_are_named, only_rows_that_differ_are_overwritten,
    a_row_that_is_there_can_be_a_failure, rows_of_others_stay_as_they_are,
    a_user_column_that_is_the_key, kept_keys_and_the_sequence_behind_them,
    a_sequence_that_is_behind, the_user_is_taken_by_the_type_of_its_column,
    a_transaction_of_the_caller_decides, computed_columns_and_defaults, a_table_and_its_rows_under_an_older_name,
    a_key_that_another_row_has_already,
}

async fn keys_are_compared_by_meaning(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, user_id text, price {numeric}, at {at}, n {int8})")
        .await;
    t.sql("INSERT INTO t (user_id, price, at, n) VALUES ('me', '1.50', '2026-01-01T10:00:00.000000+00:00', 1), ('other', '1.50', '2026-01-01T10:00:00.000000+00:00', 2)")
        .await;
    let schema = BackupSchema::new([TableDef::new("t").key(["user_id", "price", "at"])]).unwrap();
    let row = |price: &str, at: &str| json!({"id": 1, "user_id": "old", "price": price, "at": at, "n": 7});
    let path = t.file(&[(
        "t",
        &[
            row("1.5", "2026-01-01 12:00:00+02"),
            row("1.51", "2026-01-01T10:00:00Z"),
        ],
    )]);
    let summary = t.restored(&schema, &path, "me").await;
    assert_eq!(counts(&summary), [[1, 0, 1, 0, 0]]);
    assert_eq!(t.count("SELECT count(*) FROM t").await, 3);
}

async fn null_keys_match_null_keys(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, slug text, user_id text, part text, UNIQUE (user_id, slug, part))")
        .await;
    let schema = BackupSchema::new([TableDef::new("t").key(["user_id", "slug", "part"])]).unwrap();
    let path = t.file(&[(
        "t",
        &[
            json!({"id": 1, "slug": null, "user_id": "old", "part": null}),
            json!({"id": 2, "slug": "a", "user_id": "old", "part": null}),
            json!({"id": 3, "slug": "a", "user_id": "old", "part": "p"}),
        ],
    )]);
    for (inserted, skipped) in [(3, 0), (0, 3)] {
        let summary = t.restored(&schema, &path, "me").await;
        assert_eq!(counts(&summary), [[inserted, 0, skipped, 0, 0]]);
    }
    assert_eq!(t.count("SELECT count(*) FROM t").await, 3);
}

async fn duplicates_in_the_file_are_named(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, slug text, user_id text)")
        .await;
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let row = |id: i64, slug: Option<&str>| json!({"id": id, "slug": slug, "user_id": "old"});
    let path = t.file(&[(
        "t",
        &[
            row(1, Some("a")),
            row(2, None),
            row(3, Some("a")),
            row(4, None),
        ],
    )]);
    let options = RestoreOptions::default();
    let summary = t.restore(&schema, &path, "me", options).await;
    assert!(!summary.committed);
    assert_eq!(counts(&summary), [[0, 0, 0, 2, 0]]);
    let lines: Vec<u64> = summary.tables[0]
        .failure_details
        .iter()
        .map(|f| f.line)
        .collect();
    assert_eq!(lines, [5, 6]);
    assert!(
        summary.tables[0].failure_details[0]
            .reason
            .contains("line 3"),
        "{summary:#?}"
    );
    assert_eq!(t.count("SELECT count(*) FROM t").await, 0);
}

async fn duplicates_in_the_destination_are_named(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, slug text, user_id text)")
        .await;
    t.sql("INSERT INTO t (slug, user_id) VALUES ('a', 'me'), ('a', 'me'), ('b', 'me'), ('b', 'other')")
        .await;
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let row = |id: i64, slug: &str| json!({"id": id, "slug": slug, "user_id": "old"});
    let path = t.file(&[("t", &[row(1, "a"), row(2, "b"), row(3, "c")])]);
    let skip = RestoreOptions::default().on_error(OnError::Skip);
    let summary = t.restore(&schema, &path, "me", skip).await;
    assert_eq!(counts(&summary), [[1, 0, 1, 1, 0]]);
    let reason = &summary.tables[0].failure_details[0].reason;
    assert!(reason.contains("several rows"), "{reason}");
}

async fn only_rows_that_differ_are_overwritten(t: &Case) {
    t.sql(LIBRARY).await;
    let author =
        |slug: &str, name: &str| json!({"id": 1, "slug": slug, "user_id": "old", "name": name});
    let path = t.file(&[("authors", &[author("a", "A"), author("b", "B")])]);
    t.restored(&library(), &path, "me").await;
    t.sql("UPDATE authors SET name = 'ours' WHERE slug = 'a'")
        .await;
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    for dry in [true, false] {
        let options = overwrite().dry_run(dry);
        let summary = t.restore(&library(), &path, "me", options).await;
        assert_eq!(counts(&summary)[0], [0, 1, 1, 0, 0]);
        assert_eq!((summary.dry_run, summary.committed), (dry, !dry));
        let names = "SELECT name FROM authors ORDER BY slug";
        assert_eq!(t.table(names).await, if dry { "ours|B" } else { "A|B" });
    }
}

async fn a_row_that_is_there_can_be_a_failure(t: &Case) {
    t.sql(LIBRARY).await;
    let author = |slug: &str| json!({"id": 1, "slug": slug, "user_id": "old", "name": null});
    t.restored(&library(), &t.file(&[("authors", &[author("a")])]), "me")
        .await;
    let path = t.file(&[("authors", &[author("a"), author("b")])]);
    let fail = || RestoreOptions::default().mode(RestoreMode::Fail);
    let summary = t.restore(&library(), &path, "me", fail()).await;
    assert!(!summary.committed);
    assert_eq!(counts(&summary)[0], [0, 0, 0, 1, 0]);
    assert_eq!(t.count("SELECT count(*) FROM authors").await, 1);
    let summary = t
        .restore(&library(), &path, "me", fail().on_error(OnError::Skip))
        .await;
    assert_eq!(counts(&summary)[0], [1, 0, 0, 1, 0]);
}

async fn rows_of_others_stay_as_they_are(t: &Case) {
    t.sql(LIBRARY).await;
    t.sql("INSERT INTO authors (slug, user_id, name) VALUES ('a', 'other', 'theirs')")
        .await;
    t.sql("INSERT INTO books (slug, user_id, title, author_id) SELECT 'b', 'other', 'theirs', id FROM authors")
        .await;
    let before = t.table("SELECT * FROM authors, books").await;
    let key = t.count("SELECT id FROM authors").await;
    let path = t.file(&[
        ("authors", &[json!({"id": key, "slug": "a", "user_id": "other", "name": "x"})]),
        (
            "books",
            &[json!({"id": key, "slug": "b", "user_id": "other", "title": "x", "author_id": key, "editor_id": null})],
        ),
    ]);
    for (mode, keys) in [
        (RestoreMode::Overwrite, Keys::New),
        (RestoreMode::Overwrite, Keys::Keep),
        (RestoreMode::Skip, Keys::Keep),
    ] {
        let options = RestoreOptions::default().mode(mode).keys(keys);
        t.restore(&library(), &path, "me", options).await;
        assert_eq!(
            t.table("SELECT * FROM authors, books WHERE authors.user_id = 'other' AND books.user_id = 'other'")
                .await,
            before
        );
    }
    // their key is taken
    let options = RestoreOptions::default()
        .keys(Keys::Keep)
        .on_error(OnError::Skip);
    let summary = t.restore(&library(), &path, "third", options).await;
    assert_eq!(counts(&summary)[..2], [[0, 0, 0, 1, 0], [0, 0, 0, 1, 0]]);
    assert_eq!(
        t.count("SELECT count(*) FROM authors WHERE user_id = 'third'")
            .await,
        0
    );
}

async fn a_user_column_that_is_the_key(t: &Case) {
    t.sql(
        "CREATE TABLE profiles (user_id text PRIMARY KEY, name text);
           CREATE TABLE posts (id {id}, slug text, user_id text REFERENCES profiles);
           INSERT INTO profiles VALUES ('me', 'mine'), ('other', 'theirs');",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("profiles")
            .pk("user_id")
            .no_slug()
            .match_by_pk(),
        TableDef::new("posts").parent("profiles", "user_id"),
    ])
    .unwrap();
    let path = t.file(&[
        (
            "profiles",
            &[json!({"user_id": "old", "name": "from the backup"})],
        ),
        ("posts", &[json!({"id": 1, "slug": "p", "user_id": "old"})]),
    ]);
    let overwrite = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "me", overwrite).await;
    assert_eq!(counts(&summary), [[0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]);
    t.restored(&schema, &path, "new").await;
    assert_eq!(
        t.table("SELECT p.user_id, p.name, o.slug FROM profiles p LEFT JOIN posts o ON o.user_id = p.user_id ORDER BY 1")
            .await,
        "me,from the backup,p|new,from the backup,p|other,theirs,NULL"
    );
}

async fn kept_keys_and_the_sequence_behind_them(t: &Case) {
    t.sql(LIBRARY).await;
    let path = t.file(&[
        ("authors", &[json!({"id": 70, "slug": "a", "user_id": "old", "name": null})]),
        (
            "books",
            &[json!({"id": 90, "slug": "b", "user_id": "old", "title": null, "author_id": 70, "editor_id": 70})],
        ),
    ]);
    for skipped in [0, 1] {
        let options = RestoreOptions::default().keys(Keys::Keep);
        let summary = t.restore(&library(), &path, "me", options).await;
        assert_eq!(counts(&summary)[1], [1 - skipped, 0, skipped, 0, 0]);
        assert_eq!(
            t.table("SELECT id, author_id, editor_id FROM books").await,
            "90,70,70"
        );
    }
    t.sql("INSERT INTO authors (slug, user_id) VALUES ('next', 'me')")
        .await;
    assert!(t.count("SELECT id FROM authors WHERE slug = 'next'").await > 70);
}

async fn a_sequence_that_is_behind(t: &Case) {
    t.sql(LIBRARY).await;
    if t.is_postgres() {
        t.sql("INSERT INTO authors (id, slug, user_id) OVERRIDING SYSTEM VALUE SELECT n, 's' || n, 'other' FROM generate_series(1, 50) n")
            .await;
    }
    let path = t.file(&[(
        "authors",
        &[json!({"id": 1, "slug": "a", "user_id": "old", "name": null})],
    )]);
    let summary = t.restored(&library(), &path, "me").await;
    assert_eq!(counts(&summary)[0], [1, 0, 0, 0, 0]);
}

async fn the_user_is_taken_by_the_type_of_its_column(t: &Case) {
    t.sql("CREATE TABLE a (id {id}, slug text, user_id {int8}); CREATE TABLE b (id {id}, slug text, user_id text)")
        .await;
    let schema = BackupSchema::new([TableDef::new("a"), TableDef::new("b")]).unwrap();
    let rows = [json!({"id": 1, "slug": "x", "user_id": "any"})];
    let path = t.file(&[("a", &rows), ("b", &rows)]);
    let mut options = RestoreOptions::default();
    options.mode = RestoreMode::Skip;
    t.restored(&schema, &path, "42").await;
    assert_eq!(
        t.table("SELECT a.user_id, b.user_id FROM a, b").await,
        "42,42"
    );
    let error = restore_database(&t.db, &schema, &path, "no number", options)
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("`a.user_id`") && !text.contains("no number"),
        "{text}"
    );
}

async fn computed_columns_and_defaults(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, slug text, user_id text, n {int8}, twice {int8} GENERATED ALWAYS AS (n * 2) STORED, d text NOT NULL DEFAULT 'd', o text)")
        .await;
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let path = t.file(&[(
        "t",
        &[
            json!({"id": 1, "slug": "a", "user_id": "old", "n": 4, "twice": 9, "o": "x"}),
            json!({"id": 2, "slug": "b", "user_id": "old", "n": 5, "d": "given"}),
        ],
    )]);
    for _ in 0..2 {
        let overwrite = RestoreOptions::default().mode(RestoreMode::Overwrite);
        t.restore(&schema, &path, "me", overwrite).await;
        assert_eq!(
            t.table("SELECT slug, n, twice, d, o FROM t ORDER BY 1")
                .await,
            "a,4,8,d,x|b,5,10,given,NULL"
        );
    }
}

async fn a_table_and_its_rows_under_an_older_name(t: &Case) {
    t.sql("CREATE TABLE people (id {id}, slug text, user_id text); CREATE TABLE pets (id {id}, slug text, user_id text, owner_id {int8} REFERENCES people)")
        .await;
    let schema = BackupSchema::new([
        TableDef::new("people").renamed_from("persons"),
        TableDef::new("pets").parent("people", "owner_id"),
    ])
    .unwrap();
    let path = t.file(&[
        (
            "persons",
            &[json!({"id": 5, "slug": "p", "user_id": "old"})],
        ),
        (
            "pets",
            &[json!({"id": 5, "slug": "q", "user_id": "old", "owner_id": 5})],
        ),
    ]);
    let summary = t.restored(&schema, &path, "me").await;
    assert_eq!(counts(&summary), [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]);
    assert!(summary.warnings.is_empty(), "{:?}", summary.warnings);
}

async fn a_transaction_of_the_caller_decides(t: &Case) {
    t.sql(LIBRARY).await;
    let path = t.file(&[(
        "authors",
        &[json!({"id": 1, "slug": "a", "user_id": "old", "name": null})],
    )]);
    for commits in [false, true] {
        let (db, path) = (t.db.clone(), path.clone());
        // in a task of its own: the future can be sent
        let task = tokio::spawn(async move {
            let tx = db.begin().await.unwrap();
            let options = RestoreOptions::default();
            let summary = restore_database(&tx, &library(), &path, "me", options)
                .await
                .unwrap();
            match commits {
                true => tx.commit().await.unwrap(),
                false => tx.rollback().await.unwrap(),
            }
            summary
        });
        assert_eq!(counts(&task.await.unwrap())[0], [1, 0, 0, 0, 0]);
        let rows = t.count("SELECT count(*) FROM authors").await;
        assert_eq!(rows, u64::from(commits));
    }
}

/// The destination has the key of a new row, and a child of that other row. A child of the new row has the
/// same natural key as that one, and is not the same row.
async fn a_key_that_another_row_has_already(t: &Case) {
    t.sql(
        "CREATE TABLE nodes (id text PRIMARY KEY, user_id text, slug text, up text REFERENCES nodes,
            UNIQUE (user_id, slug, up));
         CREATE TABLE notes (id text PRIMARY KEY, user_id text, node text REFERENCES nodes, UNIQUE (user_id, id));
         INSERT INTO nodes VALUES ('b', 'me', 'other', NULL), ('d', 'me', 'leaf', 'b')",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("nodes")
            .key(["user_id", "slug", "up"])
            .optional_ref("nodes", "up"),
        TableDef::new("notes")
            .key(["user_id", "id"])
            .optional_ref("nodes", "node"),
    ])
    .unwrap();
    let node = |id: &str, slug: &str, up: Option<&str>| json!({"id": id, "user_id": "old", "slug": slug, "up": up});
    let path = t.file(&[
        (
            "nodes",
            &[
                node("a", "root", None),
                node("b", "stem", Some("a")),
                node("c", "leaf", Some("b")),
            ],
        ),
        (
            "notes",
            &[
                json!({"id": "1", "user_id": "old", "node": "a"}),
                json!({"id": "2", "user_id": "old", "node": "c"}),
            ],
        ),
    ]);
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = RestoreOptions::default().mode(mode).on_error(OnError::Skip);
        let summary = t.restore(&schema, &path, "me", options).await;
        assert_eq!(summary.tables[0].failed, 2, "{summary:#?}");
        let nodes = t.table("SELECT id, slug, up FROM nodes ORDER BY id").await;
        assert_eq!(nodes, "a,root,NULL|b,other,NULL|d,leaf,b");
        let notes = t.table("SELECT id, node FROM notes ORDER BY id").await;
        assert_eq!(notes, "1,a|2,NULL", "{mode:?}");
    }
}
