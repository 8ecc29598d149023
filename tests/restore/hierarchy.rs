//! Parents and children, references of a table to itself, in circles and to later tables.

use db_adapter::backup::{MissingRef, RestoreMode, RestoreOptions};
use db_adapter::{BackupSchema, ForeignKey, TableDef};
use serde_json::{Value as Json, json};

use crate::case::{Case, LIBRARY, counts, library};

on_both! {
    every_reference_leads_to_its_row, a_user_is_cloned_inside_one_database,
    children_may_come_before_what_they_follow, a_circle_is_closed_afterwards,
    references_to_later_tables, link_tables_and_composite_keys,
    references_to_other_unique_columns, missing_rows, a_row_may_refer_to_itself,
    tables_stand_in_any_order, shared_tables, external_references,
}

pub(crate) const U: [&str; 4] = [
    "10000000-0000-4000-8000-000000000001",
    "10000000-0000-4000-8000-000000000002",
    "10000000-0000-4000-8000-000000000003",
    "10000000-0000-4000-8000-000000000004",
];

fn author(id: i64, slug: &str) -> Json {
    json!({"id": id, "slug": slug, "user_id": "old", "name": slug.to_uppercase()})
}

fn book(id: i64, slug: &str, author: i64, editor: Option<i64>) -> Json {
    json!({"id": id, "slug": slug, "user_id": "old", "title": slug, "author_id": author,
        "editor_id": editor})
}

fn chapter(id: usize, slug: &str, book: i64, after: Option<usize>) -> Json {
    json!({"id": U[id], "slug": slug, "book_id": book, "after_id": after.map(|i| U[i]), "n": 1})
}

/// What hangs together with what, by names.
const NAMES: &str = "SELECT a.user_id, a.slug, b.slug, e.slug, c.slug, p.slug
    FROM authors a LEFT JOIN books b ON b.author_id = a.id AND b.user_id = a.user_id
    LEFT JOIN authors e ON e.id = b.editor_id AND e.user_id = b.user_id
    LEFT JOIN chapters c ON c.book_id = b.id
    LEFT JOIN chapters p ON p.id = c.after_id AND p.book_id = c.book_id ORDER BY 1, 2, 3, 5";

async fn every_reference_leads_to_its_row(t: &Case) {
    t.sql(LIBRARY).await;
    t.sql("INSERT INTO authors (slug, user_id) VALUES ('x', 'other'), ('y', 'other')")
        .await;
    let path = t.file(&[
        ("authors", &[author(1, "ann"), author(2, "bob")]),
        (
            "books",
            &[
                book(1, "b1", 2, Some(1)),
                book(2, "b2", 2, None),
                book(3, "b1", 1, Some(1)),
            ],
        ),
        (
            "chapters",
            &[
                chapter(0, "c1", 1, None),
                chapter(1, "c2", 1, Some(0)),
                chapter(2, "c1", 3, None),
            ],
        ),
    ]);
    let summary = t.restored(&library(), &path, "me").await;
    assert_eq!(
        counts(&summary),
        [[2, 0, 0, 0, 0], [3, 0, 0, 0, 0], [3, 0, 0, 0, 0]]
    );
    let expected = "me,ann,b1,ann,c1,NULL|me,bob,b1,ann,c1,NULL|me,bob,b1,ann,c2,c1|me,bob,b2,NULL,NULL,NULL|other,x,NULL,NULL,NULL,NULL|other,y,NULL,NULL,NULL,NULL";
    assert_eq!(t.table(NAMES).await, expected);
    // twice is once
    let summary = t.restored(&library(), &path, "me").await;
    assert_eq!(
        counts(&summary),
        [[0, 0, 2, 0, 0], [0, 0, 3, 0, 0], [0, 0, 3, 0, 0]]
    );
    assert_eq!(t.table(NAMES).await, expected);
    let keys = "SELECT id FROM authors WHERE user_id = 'me' AND id <= 2";
    assert_eq!(t.table(keys).await, "", "new keys, not those of others");
}

async fn a_user_is_cloned_inside_one_database(t: &Case) {
    t.sql(LIBRARY).await;
    let path = t.file(&[
        ("authors", &[author(1, "ann")]),
        ("books", &[book(1, "b1", 1, None)]),
        (
            "chapters",
            &[chapter(0, "c1", 1, None), chapter(1, "c2", 1, Some(0))],
        ),
    ]);
    for user in ["me", "you", "she"] {
        let summary = t.restored(&library(), &path, user).await;
        assert_eq!(
            counts(&summary),
            [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [2, 0, 0, 0, 0]]
        );
    }
    let one = |user: &str| format!("{user},ann,b1,NULL,c1,NULL|{user},ann,b1,NULL,c2,c1");
    assert_eq!(
        t.table(NAMES).await,
        [one("me"), one("she"), one("you")].join("|")
    );
}

async fn children_may_come_before_what_they_follow(t: &Case) {
    t.sql(LIBRARY).await;
    let path = t.file(&[
        ("authors", &[author(1, "ann")]),
        ("books", &[book(1, "b1", 1, None)]),
        (
            "chapters",
            &[
                chapter(3, "c4", 1, Some(2)),
                chapter(1, "c2", 1, Some(0)),
                chapter(2, "c3", 1, Some(1)),
                chapter(0, "c1", 1, None),
            ],
        ),
    ]);
    let expected =
        "me,ann,b1,NULL,c1,NULL|me,ann,b1,NULL,c2,c1|me,ann,b1,NULL,c3,c2|me,ann,b1,NULL,c4,c3";
    for skipped in [0, 4] {
        let summary = t.restored(&library(), &path, "me").await;
        assert_eq!(counts(&summary)[2], [4 - skipped, 0, skipped, 0, 0]);
        assert_eq!(t.table(NAMES).await, expected);
    }
}

async fn a_circle_is_closed_afterwards(t: &Case) {
    t.sql(LIBRARY).await;
    let rows = |n: i64| {
        let mut rows = vec![
            chapter(0, "c1", 1, Some(2)),
            chapter(1, "c2", 1, Some(0)),
            chapter(2, "c3", 1, Some(1)),
            chapter(3, "c4", 1, Some(2)),
        ];
        for row in &mut rows {
            row["n"] = n.into();
        }
        t.file(&[
            ("authors", &[author(1, "ann")]),
            ("books", &[book(1, "b1", 1, None)]),
            ("chapters", &rows),
        ])
    };
    let expected =
        "me,ann,b1,NULL,c1,c3|me,ann,b1,NULL,c2,c1|me,ann,b1,NULL,c3,c2|me,ann,b1,NULL,c4,c3";
    let summary = t.restored(&library(), &rows(1), "me").await;
    assert_eq!(counts(&summary)[2], [4, 0, 0, 0, 0]);
    assert_eq!(t.table(NAMES).await, expected);
    // and when they are there, each is updated once, or not at all
    for (n, updated) in [(1, 0), (2, 4), (2, 0)] {
        let overwrite = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = t.restore(&library(), &rows(n), "me", overwrite).await;
        assert_eq!(counts(&summary)[2], [0, updated, 4 - updated, 0, 0]);
        assert_eq!(t.table(NAMES).await, expected);
    }
    assert_eq!(t.table("SELECT DISTINCT n FROM chapters").await, "2");
}

async fn references_to_later_tables(t: &Case) {
    t.sql(
        "CREATE TABLE a (id {id}, slug text, user_id text, b_id {int8}, n {int8});
         CREATE TABLE b (id {id}, slug text, user_id text, a_id {int8} REFERENCES a);",
    )
    .await;
    if t.is_postgres() {
        t.sql("ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b")
            .await;
    }
    let schema = BackupSchema::new([
        TableDef::new("a").optional_ref("b", "b_id"),
        TableDef::new("b").optional_ref("a", "a_id"),
    ])
    .unwrap();
    let file = |n: i64| {
        t.file(&[
            (
                "a",
                &[
                    json!({"id": 1, "slug": "a1", "user_id": "old", "b_id": 12, "n": n}),
                    json!({"id": 2, "slug": "a2", "user_id": "old", "b_id": null, "n": n}),
                    json!({"id": 3, "slug": "a3", "user_id": "old", "b_id": 77, "n": n}),
                ],
            ),
            (
                "b",
                &[
                    json!({"id": 11, "slug": "b1", "user_id": "old", "a_id": 2}),
                    json!({"id": 12, "slug": "b2", "user_id": "old", "a_id": 1}),
                ],
            ),
        ])
    };
    let names = "SELECT a.slug, b.slug, o.slug FROM a LEFT JOIN b ON b.id = a.b_id LEFT JOIN a o ON o.id = b.a_id ORDER BY 1";
    let summary = t.restored(&schema, &file(1), "me").await;
    assert_eq!(counts(&summary), [[3, 0, 0, 0, 1], [2, 0, 0, 0, 0]]);
    assert_eq!(t.table(names).await, "a1,b2,a1|a2,NULL,NULL|a3,NULL,NULL");
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &file(2), "me", overwrite()).await;
    assert_eq!(counts(&summary), [[0, 3, 0, 0, 1], [0, 0, 2, 0, 0]]);
    assert_eq!(t.table(names).await, "a1,b2,a1|a2,NULL,NULL|a3,NULL,NULL");
    // without a way back, a reference that may not be missing spoils it all
    let strict = RestoreOptions::default().missing_ref(MissingRef::Fail);
    let summary = t.restore(&schema, &file(3), "you", strict).await;
    assert!(!summary.committed && summary.failed() == 1, "{summary:#?}");
    assert_eq!(t.count("SELECT count(*) FROM a").await, 3);
}

async fn link_tables_and_composite_keys(t: &Case) {
    t.sql(
        "CREATE TABLE books (id {id}, slug text, user_id text);
         CREATE TABLE tags (id {id}, slug text, user_id text);
         CREATE TABLE book_tags (book_id {int8} NOT NULL REFERENCES books, tag_id {int8} NOT NULL REFERENCES tags,
            note text, PRIMARY KEY (book_id, tag_id));
         CREATE TABLE notes (id {id}, book_id {int8} NOT NULL, tag_id {int8} NOT NULL, slug text,
            FOREIGN KEY (tag_id, book_id) REFERENCES book_tags (tag_id, book_id));"
            .replace("PRIMARY KEY (book_id, tag_id)", "PRIMARY KEY (book_id, tag_id), UNIQUE (tag_id, book_id)")
            .as_str(),
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("books"),
        TableDef::new("tags"),
        TableDef::new("book_tags")
            .pk(["book_id", "tag_id"])
            .match_by_pk()
            .no_slug()
            .no_user()
            .parent("books", "book_id")
            .parent("tags", "tag_id"),
        TableDef::new("notes")
            .no_user()
            .parent("book_tags", ["book_id", "tag_id"]),
    ])
    .unwrap();
    let named = |id: i64, slug: &str| json!({"id": id, "slug": slug, "user_id": "old"});
    let path = t.file(&[
        ("books", &[named(1, "b1"), named(2, "b2")]),
        ("tags", &[named(1, "t1"), named(2, "t2")]),
        (
            "book_tags",
            &[
                json!({"book_id": 1, "tag_id": 2, "note": "x"}),
                json!({"book_id": 2, "tag_id": 1, "note": "y"}),
                json!({"book_id": 2, "tag_id": 9, "note": "z"}),
            ],
        ),
        (
            "notes",
            &[
                json!({"id": 5, "book_id": 1, "tag_id": 2, "slug": "n"}),
                json!({"id": 6, "book_id": 2, "tag_id": 1, "slug": "n"}),
                json!({"id": 7, "book_id": 2, "tag_id": 9, "slug": "n"}),
            ],
        ),
    ]);
    let options = || RestoreOptions::default().on_error(db_adapter::backup::OnError::Skip);
    t.sql("INSERT INTO books (slug, user_id) VALUES ('o', 'other'); INSERT INTO tags (slug, user_id) VALUES ('o', 'other'), ('p', 'other')")
        .await;
    for again in [0, 2] {
        let summary = t.restore(&schema, &path, "me", options()).await;
        assert_eq!(counts(&summary)[2], [2 - again, 0, again, 1, 0]);
        assert_eq!(counts(&summary)[3], [2 - again, 0, again, 1, 0]);
        assert!(summary.tables[3].failure_details.is_empty());
        let root = &summary.tables[2].failure_details[0];
        assert_eq!(root.dependents, 1);
        assert!(
            root.to_string()
                .ends_with("; so 1 row that needs it failed too"),
            "{root}"
        );
        assert_eq!(
            t.table("SELECT b.slug, t.slug, bt.note, n.slug FROM notes n JOIN books b ON b.id = n.book_id JOIN tags t ON t.id = n.tag_id JOIN book_tags bt ON bt.book_id = b.id AND bt.tag_id = t.id ORDER BY 1")
                .await,
            "b1,t2,x,n|b2,t1,y,n"
        );
    }
}

async fn references_to_other_unique_columns(t: &Case) {
    t.sql(
        "CREATE TABLE authors (id {id}, slug text NOT NULL UNIQUE, user_id text, code text UNIQUE);
         CREATE TABLE books (id {id}, slug text, user_id text,
            author_slug text NOT NULL REFERENCES authors (slug), code text REFERENCES authors (code));",
    )
    .await;
    let mut books =
        TableDef::new("books").parent_key(ForeignKey::new("authors", "author_slug").to("slug"));
    let code = ForeignKey::new("authors", "code").to("code");
    books.optional_refs.to_mut().push(code);
    let schema = BackupSchema::new([TableDef::new("authors"), books]).unwrap();
    let path = t.file(&[
        (
            "authors",
            &[
                json!({"id": 1, "slug": "ann", "user_id": "old", "code": "A"}),
                json!({"id": 2, "slug": "bob", "user_id": "old", "code": null}),
            ],
        ),
        (
            "books",
            &[
                json!({"id": 1, "slug": "b1", "user_id": "old", "author_slug": "bob", "code": "A"}),
                json!({"id": 2, "slug": "b2", "user_id": "old", "author_slug": "ann", "code": "Z"}),
            ],
        ),
    ]);
    let summary = t.restored(&schema, &path, "me").await;
    assert_eq!(counts(&summary), [[2, 0, 0, 0, 0], [2, 0, 0, 0, 1]]);
    assert_eq!(
        t.table("SELECT slug, author_slug, code FROM books ORDER BY 1")
            .await,
        "b1,bob,A|b2,ann,NULL"
    );
}

async fn missing_rows(t: &Case) {
    t.sql(LIBRARY).await;
    let path = t.file(&[
        ("authors", &[author(1, "ann")]),
        (
            "books",
            &[
                book(1, "b1", 1, Some(99)),
                book(2, "b2", 98, None),
                book(3, "b3", 1, Some(1)),
            ],
        ),
        (
            "chapters",
            &[
                chapter(0, "c1", 2, None),
                chapter(1, "c2", 1, Some(3)),
                chapter(2, "c3", 1, Some(0)),
            ],
        ),
    ]);
    let summary = t
        .restore(&library(), &path, "me", RestoreOptions::default())
        .await;
    assert!(!summary.committed, "a required parent is missing");
    assert_eq!(summary.table("books").unwrap().failed, 1);
    let failure = &summary.table("books").unwrap().failure_details[0];
    assert_eq!((failure.row, failure.line), (2, 7));
    assert_eq!(failure.key, ["user_id", "author_id", "slug"]);
    assert!(failure.reason.contains("`authors`"), "{failure}");
    assert_eq!(t.count("SELECT count(*) FROM authors").await, 0);
    let skip = RestoreOptions::default().on_error(db_adapter::backup::OnError::Skip);
    let summary = t.restore(&library(), &path, "me", skip.clone()).await;
    assert_eq!(
        counts(&summary),
        [[1, 0, 0, 0, 0], [2, 0, 0, 1, 1], [2, 0, 0, 1, 2]]
    );
    assert!(
        summary
            .table("chapters")
            .unwrap()
            .failure_details
            .is_empty()
    );
    let failure = &summary.table("books").unwrap().failure_details[0];
    assert_eq!(failure.dependents, 1, "{failure}");
    assert_eq!(summary.table("chapters").unwrap().nulled_details.len(), 2);
    let strict = skip.missing_ref(MissingRef::Fail);
    let summary = t.restore(&library(), &path, "you", strict).await;
    assert!(summary.committed);
    assert_eq!(
        counts(&summary),
        [[1, 0, 0, 0, 0], [1, 0, 0, 2, 0], [0, 0, 0, 3, 0]]
    );
}

async fn a_row_may_refer_to_itself(t: &Case) {
    t.sql("CREATE TABLE nodes (id {id}, slug text, user_id text, root_id {int8} NOT NULL REFERENCES nodes)")
        .await;
    let schema =
        BackupSchema::new([TableDef::new("nodes").optional_ref("nodes", "root_id")]).unwrap();
    let node = |id: i64, root: i64| json!({"id": id, "slug": format!("n{id}"), "user_id": "old", "root_id": root});
    let path = t.file(&[("nodes", &[node(3, 1), node(1, 1), node(2, 3), node(4, 4)])]);
    for _ in 0..2 {
        t.restored(&schema, &path, "me").await;
        assert_eq!(
            t.table(
                "SELECT n.slug, r.slug FROM nodes n JOIN nodes r ON r.id = n.root_id ORDER BY 1"
            )
            .await,
            "n1,n1|n2,n3|n3,n1|n4,n4"
        );
    }
}

async fn tables_stand_in_any_order(t: &Case) {
    t.sql(LIBRARY).await;
    let path = t.file(&[
        ("chapters", &[chapter(0, "c1", 1, None)]),
        ("books", &[book(1, "b1", 1, None)]),
        ("authors", &[author(1, "ann")]),
        ("strangers", &[json!({"id": 1})]),
    ]);
    let summary = t.restored(&library(), &path, "me").await;
    assert_eq!(t.table(NAMES).await, "me,ann,b1,NULL,c1,NULL");
    assert!(
        summary
            .warnings
            .iter()
            .any(|w| w.message.contains("`strangers`")),
        "{:?}",
        summary.warnings
    );
}

async fn shared_tables(t: &Case) {
    t.sql(
        "CREATE TABLE tags (id {id}, slug text, name text);
         INSERT INTO tags (slug, name) VALUES ('z', 'z'), ('red', 'ours'), ('y', 'y');
         CREATE TABLE things (id {id}, slug text, user_id text, tag_id {int8} REFERENCES tags);",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("tags").no_user(),
        TableDef::new("things").parent("tags", "tag_id"),
    ])
    .unwrap();
    let path = t.file(&[
        (
            "tags",
            &[
                json!({"id": 1, "slug": "red", "name": "theirs"}),
                json!({"id": 2, "slug": "blue", "name": "theirs"}),
            ],
        ),
        (
            "things",
            &[
                json!({"id": 1, "slug": "a", "user_id": "old", "tag_id": 1}),
                json!({"id": 2, "slug": "b", "user_id": "old", "tag_id": 2}),
            ],
        ),
    ]);
    let names =
        "SELECT t.slug, g.slug, g.name FROM things t JOIN tags g ON g.id = t.tag_id ORDER BY 1";
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = RestoreOptions::default().mode(mode);
        t.restore(&schema, &path, "me", options).await;
        assert_eq!(t.table(names).await, "a,red,ours|b,blue,theirs");
    }
    let options = RestoreOptions::default()
        .mode(RestoreMode::Overwrite)
        .overwrite_shared(true);
    let summary = t.restore(&schema, &path, "me", options).await;
    assert_eq!(counts(&summary)[0], [0, 1, 1, 0, 0]);
    assert_eq!(t.table(names).await, "a,red,theirs|b,blue,theirs");
    // what is everybody's is no failure
    let options = RestoreOptions::default().mode(RestoreMode::Fail);
    let summary = t.restore(&schema, &path, "you", options).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(t.count("SELECT count(*) FROM tags").await, 4);
}

async fn external_references(t: &Case) {
    t.sql(
        "CREATE TABLE countries (id {int8} PRIMARY KEY, code text UNIQUE);
         INSERT INTO countries VALUES (49, 'de'), (33, 'fr');
         CREATE TABLE towns (id {id}, slug text, user_id text, country_id {int8} REFERENCES countries,
            code text);",
    )
    .await;
    let mut towns = TableDef::new("towns").external("countries", "country_id");
    towns
        .external
        .to_mut()
        .push(ForeignKey::new("countries", "code").to("code"));
    let schema = BackupSchema::new([towns]).unwrap();
    let town = |slug: &str, id: Option<i64>, code: Option<&str>| json!({"id": 1, "slug": slug, "user_id": "old", "country_id": id, "code": code});
    let path = t.file(&[(
        "towns",
        &[
            town("a", Some(49), Some("de")),
            town("b", Some(48), None),
            town("c", None, Some("fr")),
            town("d", Some(33), Some("xx")),
        ],
    )]);
    let skip = RestoreOptions::default().on_error(db_adapter::backup::OnError::Skip);
    let summary = t.restore(&schema, &path, "me", skip).await;
    assert_eq!(counts(&summary), [[2, 0, 0, 2, 0]], "{summary:#?}");
    assert!(
        summary.tables[0].failure_details[0]
            .reason
            .contains("`countries`"),
        "{summary:#?}"
    );
    assert_eq!(
        t.table("SELECT slug, country_id, code FROM towns ORDER BY 1")
            .await,
        "a,49,de|c,NULL,fr"
    );
}
