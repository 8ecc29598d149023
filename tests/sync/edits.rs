//! An edit of the source is the only thing that a sync writes, and of a row only the columns that differ.

use db_adapter::sync::SyncOptions;

use crate::case::{LIBRARY, Pair, ROWS, counts, of_ann, told};

on_all_pairs! {
    an_empty_destination_is_filled_and_then_there_is_nothing_to_do,
    an_edit_syncs_only_the_edit,
    new_children_of_new_parents,
    a_comparison_writes_nothing_and_says_what_a_sync_does,
    a_reference_is_compared_by_what_it_leads_to,
    whole_tables_of_all_users,
}

async fn an_empty_destination_is_filled_and_then_there_is_nothing_to_do(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let done = t.synced(&of_ann()).await;
    assert_eq!(
        counts(&done.plan),
        [[2, 0, 0, 0, 0], [3, 0, 0, 0, 0], [6, 0, 0, 0, 0]]
    );
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
    assert!(told(&t.dest, "bob").await.is_empty());
    let before = t.dest.everything().await;
    let done = t.synced(&of_ann()).await;
    assert_eq!(
        counts(&done.plan),
        [[0, 0, 2, 0, 0], [0, 0, 3, 0, 0], [0, 0, 6, 0, 0]]
    );
    assert!(done.plan.is_same() && done.plan.has_nothing_to_do());
    assert_eq!(
        t.dest.everything().await,
        before,
        "the second run wrote something"
    );
    assert!(t.compare(&of_ann()).await.is_same());
}

/// Writes down what the destination itself sees being written: each column of each update.
async fn watched(t: &Pair) {
    t.dest.sql("CREATE TABLE seen (what text)").await;
    for (table, column) in [
        ("authors", "name"),
        ("authors", "slug"),
        ("books", "title"),
        ("books", "slug"),
        ("books", "author_id"),
        ("books", "editor_id"),
        ("chapters", "n"),
        ("chapters", "slug"),
        ("chapters", "after_id"),
    ] {
        let name = format!("see_{table}_{column}");
        t.dest
            .sql(&if t.dest.is_postgres() {
                format!(
                    "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
                         INSERT INTO seen VALUES ('{table}.{column} of ' || new.slug); RETURN NULL; END$$;
                     CREATE TRIGGER {name} AFTER UPDATE OF {column} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
                )
            } else {
                format!(
                    "CREATE TRIGGER {name} AFTER UPDATE OF {column} ON {table} BEGIN
                         INSERT INTO seen VALUES ('{table}.{column} of ' || new.slug); END"
                )
            })
            .await;
        let gone = match t.dest.is_postgres() {
            true => format!(
                "CREATE RULE {name} AS ON DELETE TO {table} DO ALSO INSERT INTO seen VALUES ('gone')"
            ),
            false => format!(
                "CREATE TRIGGER {name}_gone AFTER DELETE ON {table} BEGIN INSERT INTO seen VALUES ('gone'); END"
            ),
        };
        if column == "slug" && !t.dest.is_postgres() {
            t.dest.sql(&gone).await;
        }
    }
}

async fn an_edit_syncs_only_the_edit(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    t.synced(&of_ann()).await;
    watched(t).await;
    t.source
        .sql(
            "UPDATE books SET title = 'edited' WHERE slug = 'two' AND user_id = 'ann';
             UPDATE chapters SET n = 7 WHERE slug = 'b' AND book_id = (SELECT id FROM books WHERE slug = 'one' AND user_id = 'ann');
             UPDATE books SET title = 'of bob' WHERE user_id = 'bob'",
        )
        .await;
    let before = t.dest.everything().await;
    let done = t.synced(&of_ann()).await;
    assert_eq!(
        counts(&done.plan),
        [[0, 0, 2, 0, 0], [0, 1, 2, 0, 0], [0, 1, 5, 0, 0]]
    );
    let books = &done.plan.tables[1];
    assert_eq!(books.changed_rows[0].columns, ["title"]);
    assert_eq!(books.changed_rows[0].key["slug"], "two");
    assert_eq!(books.columns.get("title"), Some(&1));
    assert_eq!(
        t.dest.table("SELECT what FROM seen ORDER BY 1").await,
        "books.title of two|chapters.n of b"
    );
    let after = t.dest.everything().await;
    let changed = after.iter().filter(|line| !before.contains(line));
    // the two rows, and what the triggers wrote
    assert_eq!(changed.count(), 4);
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

async fn new_children_of_new_parents(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    // the same rows under other keys
    t.dest
        .sql("DELETE FROM chapters; DELETE FROM books; DELETE FROM authors")
        .await;
    t.dest.sql(ROWS).await;
    t.source
        .sql(
            "INSERT INTO authors (slug, user_id, name) VALUES ('new', 'ann', 'New');
             INSERT INTO books (slug, user_id, title, author_id, editor_id) SELECT 'fresh', 'ann', 'F', a.id, e.id
                FROM authors a, authors e WHERE a.slug = 'new' AND e.slug = 'lem' AND e.user_id = 'ann';
             INSERT INTO chapters (slug, book_id, n) SELECT 'c1', id, 1 FROM books WHERE slug = 'fresh';
             INSERT INTO chapters (slug, book_id, n, after_id) SELECT 'c2', b.id, 2, c.id
                FROM books b, chapters c WHERE b.slug = 'fresh' AND c.slug = 'c1';
             INSERT INTO chapters (slug, book_id, n) SELECT 'c', id, 3 FROM books WHERE slug = 'one' AND user_id = 'ann'",
        )
        .await;
    let before = t.dest.everything().await;
    let done = t.synced(&of_ann()).await;
    assert_eq!(
        counts(&done.plan),
        [[1, 0, 2, 0, 0], [1, 0, 3, 0, 0], [3, 0, 6, 0, 0]]
    );
    assert_eq!(done.plan.tables[0].new_rows[0]["slug"], "new");
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
    let after = t.dest.everything().await;
    let is_row = |line: &&String| !line.starts_with('[');
    assert!(
        before
            .iter()
            .filter(is_row)
            .all(|line| after.contains(line)),
        "a row was written that was there"
    );
}

async fn a_comparison_writes_nothing_and_says_what_a_sync_does(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    t.source
        .sql(
            "UPDATE authors SET name = 'Umberto' WHERE slug = 'eco';
             INSERT INTO authors (slug, user_id) VALUES ('new', 'ann');
             INSERT INTO books (slug, user_id, author_id) SELECT 'fresh', 'ann', id FROM authors WHERE slug = 'new';
             INSERT INTO chapters (slug, book_id, n) SELECT 'c1', id, 1 FROM books WHERE slug = 'fresh';
             UPDATE books SET editor_id = (SELECT id FROM authors WHERE slug = 'new') WHERE slug = 'one' AND user_id = 'ann'",
        )
        .await;
    let before = (t.source.everything().await, t.dest.everything().await);
    let plan = t.compare(&of_ann()).await;
    assert_eq!(
        (t.source.everything().await, t.dest.everything().await),
        before
    );
    assert_eq!(
        counts(&plan),
        [[1, 1, 1, 0, 0], [1, 1, 2, 0, 0], [1, 0, 6, 0, 0]]
    );
    assert_eq!(plan.tables[1].changed_rows[0].columns, ["editor_id"]);
    assert_eq!(
        (plan.tables[1].source_rows, plan.tables[1].dest_rows),
        (4, Some(3))
    );
    let preview = t.previewed(&of_ann()).await;
    assert_eq!(counts(&preview.plan), counts(&plan));
    let done = t.synced(&of_ann()).await;
    assert_eq!(counts(&done.plan), counts(&plan));
    let rows = |plan: &db_adapter::sync::SyncPlan| {
        let tables = plan.tables.iter();
        tables
            .map(|t| (t.new_rows.clone(), t.changed_rows.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&preview.plan), rows(&plan));
    assert_eq!(rows(&done.plan), rows(&plan));
}

async fn a_reference_is_compared_by_what_it_leads_to(t: &Pair) {
    t.both(LIBRARY).await;
    // the same library, whose rows all have other keys there
    t.dest
        .sql("INSERT INTO authors (slug, user_id) VALUES ('x', 'eve'), ('y', 'eve'), ('z', 'eve')")
        .await;
    t.both(ROWS).await;
    assert!(t.compare(&of_ann()).await.is_same());
    t.source
        .sql("UPDATE chapters SET after_id = NULL WHERE slug = 'b' AND book_id = (SELECT id FROM books WHERE slug = 'two' AND user_id = 'ann')")
        .await;
    let plan = t.compare(&of_ann()).await;
    assert_eq!(plan.tables[2].changed_rows[0].columns, ["after_id"]);
    t.synced(&of_ann()).await;
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

async fn whole_tables_of_all_users(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let all = SyncOptions::of_schema(crate::case::library());
    let done = t.synced(&all).await;
    assert_eq!(
        counts(&done.plan),
        [[3, 0, 0, 0, 0], [6, 0, 0, 0, 0], [12, 0, 0, 0, 0]]
    );
    for user in ["ann", "bob"] {
        assert_eq!(told(&t.dest, user).await, told(&t.source, user).await);
    }
    assert!(t.compare(&all).await.is_same());
}
