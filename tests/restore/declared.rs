//! Whether a declaration fits the database: what does not is refused by a restore and by a backup,
//! before anything is written, with the declaration that would decide it.

use db_adapter::backup::{
    BackupOptions, RestoreMode, RestoreOptions, backup_database, restore_database,
};
use db_adapter::{BackupSchema, Error, ErrorKind, ForeignKey, TableDef, connect};
use serde_json::json;

use crate::case::{Case, counts};

on_both! {
    a_key_that_is_not_unique, a_key_of_two_columns_is_that_of_one_row,
    a_reference_to_other_columns, a_user_that_is_empty,
}

fn one(def: TableDef) -> BackupSchema {
    BackupSchema::new([def]).unwrap()
}

/// What both refuse, in the same words; and that nothing was written.
async fn refused(t: &Case, schema: &BackupSchema, path: &std::path::PathBuf) -> String {
    let before = t.everything().await;
    let mut said = Vec::new();
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = RestoreOptions::default().mode(mode);
        let error = restore_database(&t.db, schema, path, "ann", options).await;
        match error.unwrap_err() {
            Error::RestoreRefused { problems, .. } => said.push(problems),
            other => panic!("{other:?}"),
        }
    }
    let to = t.folder.path().join("refused.json");
    let options = BackupOptions::new().output(&to);
    match backup_database(&t.db, schema, "ann", options)
        .await
        .unwrap_err()
    {
        Error::BackupRefused { problems, .. } => said.push(problems),
        other => panic!("{other:?}"),
    }
    assert!(!to.exists());
    assert_eq!(t.everything().await, before);
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
    let said: Vec<String> = said[0].iter().map(ToString::to_string).collect();
    said.join("\n")
}

async fn a_key_that_is_not_unique(t: &Case) {
    let deferrable = "UNIQUE (id) DEFERRABLE";
    let cases = [
        ("id {int8} NOT NULL", "", "", "no primary key"),
        ("id {int8}", ", UNIQUE (id)", "", "be NULL"),
        (
            "id {int8} NOT NULL",
            ", PRIMARY KEY (user_id, id)",
            "",
            "(`user_id`, `id`)",
        ),
        (
            "id {int8} NOT NULL",
            "",
            "CREATE UNIQUE INDEX few ON p (id) WHERE v <> 'old'",
            "a condition",
        ),
        (
            "id {int8} NOT NULL",
            "",
            "CREATE UNIQUE INDEX few ON p ((id + 0))",
            "no primary key",
        ),
    ];
    for (id, constraint, index, words) in cases {
        t.sql(&format!(
            "DROP TABLE IF EXISTS p;
             CREATE TABLE p ({id}, user_id text NOT NULL, slug text, v text, up_id {{int8}} {constraint});
             {index};
             INSERT INTO p VALUES (1, 'ann', 'a', 'old', NULL), (2, 'bob', 'bobs', 'precious', NULL);"
        ))
        .await;
        let path = t.file(&[(
            "p",
            &[json!({"id": 1, "user_id": "ann", "slug": "a", "v": "new", "up_id": 1})],
        )]);
        let said = refused(t, &one(TableDef::new("p")), &path).await;
        assert!(
            said.contains("(`id`) of `p`") && said.contains(words),
            "{said}"
        );
    }
    if t.is_postgres() {
        t.sql(&format!(
            "DROP TABLE p; CREATE TABLE p (id bigint NOT NULL, user_id text, slug text, {deferrable})"
        ))
        .await;
        let said = refused(t, &one(TableDef::new("p")), &t.file(&[])).await;
        assert!(said.contains("deferrable"), "{said}");
        t.sql(
            "DROP TABLE p; CREATE TABLE p (id bigint PRIMARY KEY, user_id text, slug text);
             CREATE TABLE more (extra text) INHERITS (p);
             INSERT INTO p VALUES (1, 'ann', 'a'); INSERT INTO more VALUES (1, 'bob', 'b', 'x')",
        )
        .await;
        let said = refused(t, &one(TableDef::new("p")), &t.file(&[])).await;
        assert!(said.contains("inherited by `more`"), "{said}");
    }
}

/// The same number in the rows of two users.
async fn a_key_of_two_columns_is_that_of_one_row(t: &Case) {
    t.sql(
        "CREATE TABLE p (id {int8} NOT NULL, user_id text NOT NULL, slug text, v text, up_id {int8},
             PRIMARY KEY (user_id, id));
         INSERT INTO p VALUES (1, 'ann', 'a', 'old', NULL), (1, 'bob', 'a', 'precious', NULL)",
    )
    .await;
    let schema = one(TableDef::new("p")
        .pk(["user_id", "id"])
        .optional_ref("p", ["user_id", "up_id"]));
    let row = |id: i64, slug: &str, up: i64| json!({"id": id, "user_id": "ann", "slug": slug, "v": "new", "up_id": up});
    let path = t.file(&[("p", &[row(1, "a", 1), row(2, "b", 1)])]);
    let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "ann", options).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(counts(&summary), [[1, 1, 0, 0, 0]]);
    assert_eq!(
        t.table("SELECT user_id, id, v, up_id FROM p ORDER BY 1, 2")
            .await,
        "ann,1,new,1|ann,2,new,1|bob,1,precious,NULL"
    );
}

async fn a_reference_to_other_columns(t: &Case) {
    t.sql(
        "CREATE TABLE authors (id {int8} PRIMARY KEY, no {int8} NOT NULL UNIQUE, user_id text, slug text);
         CREATE TABLE books (id {id}, user_id text, slug text, author_no {int8} REFERENCES authors (no));
         INSERT INTO authors VALUES (1, 2, 'ann', 'a'), (2, 1, 'bob', 'b')",
    )
    .await;
    let path = t.file(&[
        (
            "authors",
            &[json!({"id": 1, "no": 2, "user_id": "ann", "slug": "a"})],
        ),
        (
            "books",
            &[json!({"id": 1, "user_id": "ann", "slug": "x", "author_no": 2})],
        ),
    ]);
    let schema = |books: TableDef| BackupSchema::new([TableDef::new("authors"), books]).unwrap();
    let by_id = schema(TableDef::new("books").parent("authors", "author_no"));
    let said = refused(t, &by_id, &path).await;
    assert!(
        said.contains("`author_no` of `books`") && said.contains("`references` `no`"),
        "{said}"
    );
    let undeclared = refused(t, &schema(TableDef::new("books")), &path).await;
    assert!(undeclared.contains("does not declare"), "{undeclared}");
    let mut books = TableDef::new("books");
    books.parents = vec![ForeignKey {
        table: "authors".into(),
        fields: vec!["author_no".into()].into(),
        references: vec!["no".into()].into(),
    }]
    .into();
    let summary = t.restored(&schema(books), &path, "ann").await;
    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]);
    let sql = "SELECT b.slug, a.user_id FROM books b JOIN authors a ON a.no = author_no";
    assert_eq!(t.table(sql).await, "x,ann");
}

async fn a_user_that_is_empty(t: &Case) {
    t.sql("CREATE TABLE p (id {id}, user_id text, slug text); INSERT INTO p (user_id, slug) VALUES ('ann', 'a')")
        .await;
    let before = t.everything().await;
    let schema = one(TableDef::new("p"));
    let path = t.file(&[("p", &[json!({"id": 1, "user_id": "ann", "slug": "b"})])]);
    for user in ["", " ", "\t"] {
        let options = RestoreOptions::default();
        let error = restore_database(&t.db, &schema, &path, user, options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
        let to = t.folder.path().join("empty.json");
        let options = BackupOptions::new().output(&to);
        let error = backup_database(&t.db, &schema, user, options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
        assert!(!to.exists());
    }
    assert_eq!(t.everything().await, before);
}

/// Foreign keys that only partitions have, in another schema too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_key_of_partitions() {
    let t = &Case::new(crate::case::Backend::Postgres).await;
    t.sql(
        "CREATE TABLE rentals (id bigint PRIMARY KEY, user_id text, slug text);
         INSERT INTO rentals VALUES (1, 'ann', 'r'), (7, 'bob', 'b');
         CREATE TABLE pays (id bigint, user_id text, slug text, rental_id bigint, PRIMARY KEY (id)) PARTITION BY RANGE (id);
         CREATE SCHEMA parts;
         CREATE TABLE parts.low PARTITION OF pays (FOREIGN KEY (rental_id) REFERENCES rentals) FOR VALUES FROM (0) TO (100);
         CREATE TABLE parts.high PARTITION OF pays (FOREIGN KEY (rental_id) REFERENCES rentals) FOR VALUES FROM (100) TO (200)",
    )
    .await;
    let path = t.file(&[
        (
            "rentals",
            &[json!({"id": 7, "user_id": "ann", "slug": "r"})],
        ),
        (
            "pays",
            &[json!({"id": 1, "user_id": "ann", "slug": "p", "rental_id": 7})],
        ),
    ]);
    let schema = |pays: TableDef| BackupSchema::new([TableDef::new("rentals"), pays]).unwrap();
    let said = refused(t, &schema(TableDef::new("pays")), &path).await;
    assert!(
        said.contains("`pays`") && said.contains("`rental_id`"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    let summary = t
        .restored(
            &schema(TableDef::new("pays").parent("rentals", "rental_id")),
            &path,
            "ann",
        )
        .await;
    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]);
    assert_eq!(t.table("SELECT id, rental_id FROM pays").await, "1,1");
}

/// The same table in two schemas: backup and restore mean the one that the application means.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_the_one_that_the_search_path_finds() {
    let t = &mut Case::new(crate::case::Backend::Postgres).await;
    let rows = |schema: &str| {
        format!(
            "CREATE TABLE {schema}.books (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id text, slug text);
             CREATE TABLE {schema}.notes (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id text, slug text, v text,
                 book_id bigint REFERENCES {schema}.books);
             INSERT INTO {schema}.books VALUES (1, 'ann', 'b');
             INSERT INTO {schema}.notes VALUES (1, 'ann', 'n', '{schema}', 1);"
        )
    };
    t.sql(&format!(
        "CREATE SCHEMA tenant1; {} {}",
        rows("public"),
        rows("tenant1")
    ))
    .await;
    // another column, so that a plan of the other table would not fit
    t.sql("ALTER TABLE public.notes ADD only_public text").await;
    let url = format!(
        "{}?options=-c%20search_path%3Dtenant1,public",
        t.database.url()
    );
    t.db = connect(&url).await.unwrap();
    let schema = BackupSchema::new([
        TableDef::new("books"),
        TableDef::new("notes").parent("books", "book_id"),
    ])
    .unwrap();
    let path = t.folder.path().join("ann.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, &schema, "ann", options)
        .await
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("\"v\":\"tenant1\"") && !text.contains("only_public"),
        "{text}"
    );
    let public = t.table("SELECT * FROM public.notes, public.books").await;
    t.sql("DELETE FROM tenant1.notes; UPDATE public.notes SET v = 'changed'")
        .await;
    let changed = t.table("SELECT * FROM public.notes, public.books").await;
    assert_ne!(public, changed);
    let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "ann", options).await;
    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]);
    assert_eq!(
        t.table("SELECT * FROM public.notes, public.books").await,
        changed
    );
    assert_eq!(
        t.table("SELECT v, book_id FROM tenant1.notes").await,
        "tenant1,1"
    );
}
