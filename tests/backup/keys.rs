//! Keys: new ones that collide with nobody's, kept ones, sequences that go on behind them.

use db_adapter::TableDef;
use db_adapter::backup::{Keys, RestoreOptions};

use crate::library::{ANNS, ROWS, empty, full, goes_on, graph, library, rows};
use crate::side::{Backend, Side};
use crate::steps::{back_up, counts, restore, schema};

cases! {
    a_user_is_cloned_within_one_database,
    new_keys_collide_with_nobodys,
    kept_keys_are_those_of_the_file_and_the_next_row_gets_another,
    kept_keys_that_others_have_are_failed_rows,
    a_sequence_that_was_behind_is_no_obstacle,
    text_and_composite_keys_are_kept,
    uuid_keys_lead_to_their_rows,
    generated_columns_are_computed_again,
}

fn keep() -> RestoreOptions {
    RestoreOptions::default().keys(Keys::Keep)
}

async fn a_user_is_cloned_within_one_database(backend: Backend) {
    let mut side = full(backend).await;
    let (ann, bob) = (rows(&mut side, "ann").await, rows(&mut side, "bob").await);
    let kept = back_up(&side, &library(), "ann").await;
    let summary = restore(&side, &library(), &kept, "eve", RestoreOptions::default()).await;
    assert_eq!(
        counts(&summary),
        "authors 2/0/0/0, books 3/0/0/0, chapters 4/0/0/0"
    );
    assert_eq!(graph(&mut side, "eve").await, ANNS);
    let summary = restore(&side, &library(), &kept, "eve", RestoreOptions::default()).await;
    assert_eq!(
        counts(&summary),
        "authors 0/0/2/0, books 0/0/3/0, chapters 0/0/4/0"
    );
    assert_eq!(graph(&mut side, "eve").await, ANNS);
    goes_on(&mut side).await;
    assert_eq!(rows(&mut side, "ann").await, ann);
    assert_eq!(rows(&mut side, "bob").await, bob);
}

async fn new_keys_collide_with_nobodys(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = full(backend).await;
    // what has the keys of the file is another user's
    side.sql(
        "UPDATE chapters SET previous_id = NULL; UPDATE books SET editor_id = NULL; UPDATE authors SET mentor_id = NULL;
         UPDATE books SET user_id = 'bob', slug = slug || id; UPDATE authors SET user_id = 'bob', slug = slug || id",
    )
    .await;
    let bob = rows(&mut side, "bob").await;
    let summary = restore(&side, &library(), &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(
        counts(&summary),
        "authors 2/0/0/0, books 3/0/0/0, chapters 4/0/0/0"
    );
    assert_eq!(graph(&mut side, "ann").await, ANNS);
    assert_eq!(rows(&mut side, "bob").await, bob);
    goes_on(&mut side).await;
}

async fn kept_keys_are_those_of_the_file_and_the_next_row_gets_another(backend: Backend) {
    let mut from = full(backend).await;
    let kept = back_up(&from, &library(), "ann").await;
    let mut side = empty(backend).await;
    let summary = restore(&side, &library(), &kept, "ann", keep()).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(rows(&mut side, "ann").await, rows(&mut from, "ann").await);
    goes_on(&mut side).await;
}

async fn kept_keys_that_others_have_are_failed_rows(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = empty(backend).await;
    side.sql("INSERT INTO authors (id, user_id, slug) VALUES (1, 'bob', 'x')")
        .await;
    let summary = restore(&side, &library(), &kept, "ann", keep()).await;
    assert!(!summary.committed && summary.failed() > 0, "{summary:#?}");
    assert_eq!(side.table("SELECT user_id FROM authors").await, "bob");
    assert_eq!(side.table("SELECT count(*) FROM books").await, "0");
}

/// Rows came in with numbers of their own, and nobody told the sequence.
async fn a_sequence_that_was_behind_is_no_obstacle(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = empty(backend).await;
    side.sql(ROWS).await;
    let summary = restore(&side, &library(), &kept, "eve", RestoreOptions::default()).await;
    assert!(summary.committed, "{summary:#?}");
    assert_eq!(graph(&mut side, "eve").await, ANNS);
    goes_on(&mut side).await;
}

async fn text_and_composite_keys_are_kept(backend: Backend) {
    let tables = "CREATE TABLE shelves (a text NOT NULL, b bigint NOT NULL, user_id text, PRIMARY KEY (a, b));
        CREATE TABLE items (code text PRIMARY KEY, user_id text, shelf_a text, shelf_b bigint,
            FOREIGN KEY (shelf_a, shelf_b) REFERENCES shelves (a, b))";
    let schema = schema([
        TableDef::new("shelves")
            .pk(["a", "b"])
            .match_by_pk()
            .no_slug(),
        TableDef::new("items")
            .pk("code")
            .match_by_pk()
            .no_slug()
            .parent("shelves", ["shelf_a", "shelf_b"]),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO shelves VALUES ('x', 1, 'ann'), ('x', 2, 'ann'), ('y', 1, 'bob');
         INSERT INTO items VALUES ('i', 'ann', 'x', 2), ('j', 'bob', 'y', 1), ('k', 'ann', 'x', 1)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    let summary = restore(&side, &schema, &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "shelves 2/0/0/0, items 2/0/0/0");
    let sql = "SELECT * FROM items ORDER BY code";
    assert_eq!(side.table(sql).await, "i,ann,x,2|k,ann,x,1");
    let summary = restore(&side, &schema, &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "shelves 0/0/2/0, items 0/0/2/0");
}

async fn uuid_keys_lead_to_their_rows(backend: Backend) {
    let id = backend.either(
        "uuid PRIMARY KEY DEFAULT gen_random_uuid()",
        "uuid PRIMARY KEY",
    );
    let tables = format!(
        "CREATE TABLE nodes (id {id}, user_id text, slug text, up uuid REFERENCES nodes (id))"
    );
    let schema = schema([TableDef::new("nodes").optional_ref("nodes", "up")]);
    let mut from = Side::with(backend, &tables).await;
    from.sql(
        "INSERT INTO nodes VALUES ('00000000-0000-4000-8000-000000000001', 'ann', 'a', NULL),
         ('00000000-0000-4000-8000-000000000002', 'ann', 'b', '00000000-0000-4000-8000-000000000001')",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, &tables).await;
    let summary = restore(&side, &schema, &kept, "eve", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "nodes 2/0/0/0");
    let sql = "SELECT b.slug, a.slug FROM nodes b JOIN nodes a ON a.id = b.up";
    assert_eq!(side.table(sql).await, "b,a");
    let old = side
        .table("SELECT count(*) FROM nodes WHERE id = '00000000-0000-4000-8000-000000000001'")
        .await;
    assert_eq!(
        old,
        backend.either("0", "1"),
        "new where the database makes them"
    );
}

async fn generated_columns_are_computed_again(backend: Backend) {
    let tables = "CREATE TABLE sums (id {id}, user_id text, slug text, a int, b int GENERATED ALWAYS AS (a * 2) STORED)";
    let schema = schema([TableDef::new("sums")]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO sums (user_id, slug, a) VALUES ('ann', 'x', 21)")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, &tables.replace("a * 2", "a * 3")).await;
    let summary = restore(&side, &schema, &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "sums 1/0/0/0");
    assert_eq!(side.table("SELECT a, b FROM sums").await, "21,63");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identities_that_are_always_generated_take_both_kinds_of_keys() {
    let tables = "CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id text, slug text)";
    let schema = schema([TableDef::new("things")]);
    let mut from = Side::with(Backend::Postgres, tables).await;
    from.sql("INSERT INTO things (id, user_id, slug) OVERRIDING SYSTEM VALUE VALUES (41, 'ann', 'a'), (42, 'ann', 'b')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    for (options, kept_keys) in [(RestoreOptions::default(), "f"), (keep(), "t")] {
        let mut side = Side::with(Backend::Postgres, tables).await;
        let summary = restore(&side, &schema, &kept, "ann", options).await;
        assert_eq!(counts(&summary), "things 2/0/0/0");
        let sql = "SELECT array_agg(id ORDER BY slug) = '{41,42}' FROM things";
        assert_eq!(side.table(sql).await, kept_keys);
        side.sql("INSERT INTO things (user_id, slug) VALUES ('app', 'next')")
            .await;
        let sql = "SELECT max(id) = (SELECT id FROM things WHERE slug = 'next') FROM things";
        assert_eq!(side.table(sql).await, "t");
    }
}
