//! Rows that only the destination has: counted exactly, named by their keys, and left as they are.

use db_adapter::sync::{SyncOptions, sync};
use db_adapter::{BackupSchema, TableDef};

use crate::case::{LIBRARY, Pair, ROWS, counts, of_ann};

on_mixed_pairs! {
    rows_and_all_that_hangs_on_them,
    shared_rows_that_differ_stay,
    references_of_theirs_stay,
}

async fn rows_and_all_that_hangs_on_them(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    t.dest
        .sql(
            "INSERT INTO authors (slug, user_id) VALUES ('mine', 'ann');
             INSERT INTO books (slug, user_id, author_id) SELECT 'work', 'ann', id FROM authors WHERE slug = 'mine';
             INSERT INTO chapters (slug, book_id, n) SELECT 'a', id, 1 FROM books WHERE slug = 'work';
             INSERT INTO chapters (slug, book_id, n) SELECT 'b', id, 1 FROM books WHERE slug = 'work';
             INSERT INTO chapters (slug, book_id, n) SELECT 'z', id, 1 FROM books WHERE slug = 'one' AND user_id = 'ann'",
        )
        .await;
    let before = t.dest.everything().await;
    let plan = t.compare(&of_ann()).await;
    assert_eq!(
        counts(&plan),
        [[0, 0, 2, 1, 0], [0, 0, 3, 1, 0], [0, 0, 6, 3, 0]]
    );
    let named = |at: usize| {
        let rows = plan.tables[at].only_in_dest_rows.iter();
        let mut slugs: Vec<String> = rows.map(|row| row.get("slug").unwrap()).collect();
        slugs.sort();
        slugs.join(" ")
    };
    assert_eq!(
        (named(0), named(1), named(2)),
        ("mine".into(), "work".into(), "a b z".into())
    );
    assert_eq!(plan.tables[2].dest_rows, Some(9));
    assert!(plan.has_nothing_to_do() && !plan.is_same());
    let done = t.synced(&of_ann()).await;
    assert_eq!(counts(&done.plan), counts(&plan));
    assert_eq!(t.dest.everything().await, before);
}

async fn shared_rows_that_differ_stay(t: &Pair) {
    t.both("CREATE TABLE tags (id {id}, slug text NOT NULL UNIQUE, color text)")
        .await;
    t.source
        .sql("INSERT INTO tags (slug, color) VALUES ('a', 'red'), ('b', 'blue'), ('c', 'green')")
        .await;
    t.dest
        .sql("INSERT INTO tags (slug, color) VALUES ('b', 'black'), ('a', 'red'), ('d', 'grey')")
        .await;
    let schema = BackupSchema::new([TableDef::new("tags").no_user()]).unwrap();
    let options = SyncOptions::of_schema(schema).user_id("ann");
    let done = t.synced(&options).await;
    let tags = &done.plan.tables[0];
    assert_eq!(
        (
            tags.new,
            tags.changed,
            tags.unchanged,
            tags.kept,
            tags.only_in_dest
        ),
        (1, 0, 1, 1, 1)
    );
    assert_eq!(tags.kept_rows[0].key["slug"], "b");
    assert_eq!(tags.kept_rows[0].columns, ["color"]);
    assert!(!done.plan.is_same());
    let told = "SELECT slug, color FROM tags ORDER BY 1";
    assert_eq!(t.dest.table(told).await, "a,red|b,black|c,green|d,grey");
    let done = t.synced(&options.overwrite_shared(true)).await;
    assert_eq!(
        (done.plan.tables[0].changed, done.plan.tables[0].kept),
        (1, 0)
    );
    assert_eq!(t.dest.table(told).await, "a,red|b,blue|c,green|d,grey");
}

/// `ON UPDATE` takes the reference of a row that only the destination has, or brings it along.
async fn references_of_theirs_stay(t: &Pair) {
    for action in ["SET NULL", "SET DEFAULT", "CASCADE"] {
        t.both(&format!(
            "CREATE TABLE codes (id {{id}}, user_id text, slug text UNIQUE, code text UNIQUE);
             CREATE TABLE uses (id {{id}}, user_id text, slug text UNIQUE, code text REFERENCES codes (code) ON UPDATE {action});"
        ))
        .await;
        t.source
            .sql("INSERT INTO codes (user_id, slug, code) VALUES ('ann', 'a', 'new')")
            .await;
        t.dest
            .sql("INSERT INTO codes (user_id, slug, code) VALUES ('ann', 'a', 'old'); INSERT INTO uses (user_id, slug, code) VALUES ('ann', 'mine', 'old')")
            .await;
        let mut uses = TableDef::new("uses");
        let to = db_adapter::ForeignKey::new("codes", "code").to("code");
        uses.optional_refs.to_mut().push(to);
        let schema = BackupSchema::new([TableDef::new("codes"), uses]).unwrap();
        let options = SyncOptions::of_schema(schema)
            .user_id("ann")
            .dry_run(false)
            .confirm(true);
        let before = t.dest.everything().await;
        let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
        assert_eq!(done.committed, action == "CASCADE", "{action}");
        let now = t.dest.table("SELECT slug, code FROM uses").await;
        if action == "CASCADE" {
            assert_eq!(now, "mine,new");
        } else {
            let reason = &done.plan.tables[0].failures[0].reason;
            assert!(reason.contains("would refer to nothing"), "{reason}");
            assert_eq!(t.dest.everything().await, before, "{action}");
        }
        t.both("DROP TABLE uses; DROP TABLE codes").await;
    }
}
