//! Rows that are awkward to change: unique values that change places, references to rows that are not among those of
//! the source, columns that only one side has, names that need quotes.

use db_adapter::backup::{BackupOptions, RestoreOptions, backup_database, restore_database};
use db_adapter::sync::SyncOptions;
use db_adapter::{BackupSchema, TableDef};

use crate::case::{LIBRARY, Pair, ROWS, counts, library, of_ann, told};

on_mixed_pairs! {
    unique_values_change_places,
    a_reference_to_another_users_row,
    columns_of_the_destination_alone,
    names_that_need_quotes,
    beside_a_restore,
    keys_that_are_part_of_the_natural_key,
}

async fn unique_values_change_places(t: &Pair) {
    t.both(
        "CREATE TABLE lists (id {id}, slug text NOT NULL UNIQUE);
         CREATE TABLE items (id {id}, list_id {int8} NOT NULL REFERENCES lists, slug text NOT NULL, place {int8} NOT NULL,
            UNIQUE (list_id, slug), UNIQUE (list_id, place));
         INSERT INTO lists (slug) VALUES ('a'), ('b');",
    )
    .await;
    let items = |shift: usize| {
        let of = |list: &str| {
            let rows = (0..30).map(|n| format!("('i{n}', {})", (n + shift) % 30));
            let rows = rows.collect::<Vec<_>>().join(", ");
            format!(
                "INSERT INTO items (list_id, slug, place) SELECT l.id, v.column1, v.column2 FROM lists l, (VALUES {rows}) AS v WHERE l.slug = '{list}';"
            )
        };
        of("a") + &of("b")
    };
    t.source.sql(&items(1)).await;
    t.dest.sql(&items(0)).await;
    let schema = BackupSchema::new([
        TableDef::new("lists").no_user(),
        TableDef::new("items").no_user().parent("lists", "list_id"),
    ])
    .unwrap();
    let done = t.synced(&SyncOptions::of_schema(schema)).await;
    assert_eq!(counts(&done.plan), [[0, 0, 2, 0, 0], [0, 60, 0, 0, 0]]);
    assert_eq!(done.plan.tables[1].columns.get("place"), Some(&60));
    let told = "SELECT l.slug, i.slug, i.place FROM items i JOIN lists l ON l.id = i.list_id ORDER BY 1, 2";
    assert_eq!(t.dest.table(told).await, t.source.table(told).await);
}

async fn a_reference_to_another_users_row(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    // of a row that is there and of one that is new
    t.source
        .sql(
            "UPDATE books SET editor_id = (SELECT id FROM authors WHERE user_id = 'bob') WHERE user_id = 'ann' AND slug = 'one';
             INSERT INTO books (slug, user_id, author_id, editor_id) SELECT 'new', 'ann', a.id, b.id
                FROM authors a, authors b WHERE a.user_id = 'ann' AND a.slug = 'lem' AND b.user_id = 'bob'",
        )
        .await;
    let editors = "SELECT b.slug, e.user_id, e.slug FROM books b LEFT JOIN authors e ON e.id = b.editor_id WHERE b.user_id = 'ann' ORDER BY 1";
    assert_eq!(
        t.dest.table(editors).await,
        "one,ann,eco|three,ann,eco|two,ann,eco"
    );
    let done = t.synced(&of_ann()).await;
    assert_eq!(counts(&done.plan)[1], [1, 0, 3, 0, 0]);
    assert_eq!(done.plan.tables[1].nulled_refs, 1);
    assert_eq!(
        t.dest.table(editors).await,
        "new,NULL,NULL|one,ann,eco|three,ann,eco|two,ann,eco"
    );
    assert!(t.synced(&of_ann()).await.plan.has_nothing_to_do());
}

async fn columns_of_the_destination_alone(t: &Pair) {
    t.source
        .sql("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, body text)")
        .await;
    t.dest.sql("CREATE TABLE notes (id {id}, color text DEFAULT 'red', slug text NOT NULL UNIQUE, body text)").await;
    t.source
        .sql("INSERT INTO notes (slug, body) VALUES ('a', '1'), ('b', '2')")
        .await;
    t.dest
        .sql("INSERT INTO notes (slug, body, color) VALUES ('b', 'old', 'blue')")
        .await;
    let done = t.synced(&SyncOptions::new(["notes"])).await;
    assert_eq!(counts(&done.plan), [[1, 1, 0, 0, 0]]);
    assert_eq!(
        t.dest
            .table("SELECT slug, body, color FROM notes ORDER BY 1")
            .await,
        "a,1,red|b,2,blue"
    );
}

async fn names_that_need_quotes(t: &Pair) {
    t.both(
        "CREATE TABLE \"T 3\" (\"Id\" {id}, \"Sl\"\"ug\" text NOT NULL UNIQUE, \"select\" text)",
    )
    .await;
    t.source
        .sql("INSERT INTO \"T 3\" (\"Sl\"\"ug\", \"select\") VALUES ('a', 'x'), ('b', 'y')")
        .await;
    t.dest
        .sql("INSERT INTO \"T 3\" (\"Sl\"\"ug\", \"select\") VALUES ('a', 'old'), ('z', 'w')")
        .await;
    let options = SyncOptions::new(["\"T 3\""]).slug_field("Sl\"ug");
    let done = t.synced(&options).await;
    assert_eq!(counts(&done.plan), [[1, 1, 0, 1, 0]]);
    assert_eq!(done.plan.tables[0].changed_rows[0].columns, ["select"]);
    assert_eq!(
        t.dest
            .table("SELECT \"Sl\"\"ug\", \"select\" FROM \"T 3\" ORDER BY 1")
            .await,
        "a,x|b,y|z,w"
    );
}

async fn beside_a_restore(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let folder = tempfile::tempdir().unwrap();
    let options = BackupOptions::new().output(folder.path().join("ann.json"));
    let file = backup_database(&t.source.db, &library(), "ann", options)
        .await
        .unwrap();
    let schema = library();
    let of_ann = of_ann();
    let (synced, restored) = tokio::join!(
        t.synced(&of_ann),
        restore_database(
            &t.dest.db,
            &schema,
            &file.path,
            "ann",
            RestoreOptions::default()
        )
    );
    let inserted: u64 = restored
        .unwrap()
        .tables
        .iter()
        .map(|table| table.inserted)
        .sum();
    assert_eq!(synced.plan.inserts() + inserted, 11);
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

/// A link table, whose rows are nothing but references: to rows that have other keys there.
async fn keys_that_are_part_of_the_natural_key(t: &Pair) {
    t.both(
        "CREATE TABLE books (id {id}, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug));
         CREATE TABLE tags (id {id}, slug text NOT NULL UNIQUE);
         CREATE TABLE book_tags (book_id {int8} NOT NULL REFERENCES books, tag_id {int8} NOT NULL REFERENCES tags, note text,
            PRIMARY KEY (book_id, tag_id));",
    )
    .await;
    t.source.sql("INSERT INTO books (user_id, slug) VALUES ('ann', 'one'), ('ann', 'two'); INSERT INTO tags (slug) VALUES ('x'), ('y')").await;
    t.dest.sql("INSERT INTO books (user_id, slug) VALUES ('bob', 'one'), ('ann', 'two'), ('ann', 'mine'); INSERT INTO tags (slug) VALUES ('z'), ('y')").await;
    let link = |book: &str, tag: &str, note: &str| {
        format!(
            "INSERT INTO book_tags SELECT b.id, t.id, '{note}' FROM books b, tags t WHERE b.user_id = 'ann' AND b.slug = '{book}' AND t.slug = '{tag}';"
        )
    };
    t.source
        .sql(&(link("one", "x", "1") + &link("one", "y", "2") + &link("two", "y", "3")))
        .await;
    t.dest
        .sql(&(link("two", "y", "old") + &link("two", "z", "only") + &link("mine", "y", "mine")))
        .await;
    let schema = BackupSchema::new([
        TableDef::new("books"),
        TableDef::new("tags").no_user(),
        TableDef::new("book_tags")
            .no_user()
            .no_slug()
            .pk(["book_id", "tag_id"])
            .key(["book_id", "tag_id"])
            .parent("books", "book_id")
            .parent("tags", "tag_id"),
    ])
    .unwrap();
    let options = SyncOptions::of_schema(schema).user_id("ann");
    let plan = t.compare(&options).await;
    assert_eq!(
        counts(&plan),
        [[1, 0, 1, 1, 0], [1, 0, 1, 1, 0], [2, 1, 0, 2, 0]]
    );
    let done = t.synced(&options).await;
    assert_eq!(counts(&done.plan), counts(&plan));
    let told = "SELECT b.slug, t.slug, bt.note FROM book_tags bt JOIN books b ON b.id = bt.book_id JOIN tags t ON t.id = bt.tag_id ORDER BY 1, 2";
    assert_eq!(
        t.dest.table(told).await,
        "mine,y,mine|one,x,1|one,y,2|two,y,3|two,z,only"
    );
}
