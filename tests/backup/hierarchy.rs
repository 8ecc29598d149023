//! References of every kind lead to where their rows are now.

use db_adapter::backup::{MissingRef, RestoreOptions};
use db_adapter::{ForeignKey, TableDef};

use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, counts, refused, restore, schema};

cases! {
    siblings_with_equal_slugs_under_different_parents_stay_apart,
    a_tree_whose_siblings_differ_by_slug_alone,
    a_tree_whose_rows_refer_to_their_descendants,
    circles_of_two_tables_are_closed_again,
    a_row_that_refers_to_itself_does_so_again,
    link_tables_link_the_new_rows,
    a_row_without_its_parent_comes_back_without_it,
    a_parent_by_another_unique_column,
    an_optional_reference_to_nothing_is_null_and_counted,
    external_references_stay_and_must_lead_somewhere,
    a_foreign_key_that_is_not_declared_is_refused_before_the_first_write,
    rows_in_the_file_before_those_they_refer_to,
}

fn options() -> RestoreOptions {
    RestoreOptions::default()
}

async fn siblings_with_equal_slugs_under_different_parents_stay_apart(backend: Backend) {
    let tables = "CREATE TABLE books (id {id}, user_id text, slug text);
        CREATE TABLE chapters (id {id}, user_id text, slug text, book_id bigint NOT NULL REFERENCES books (id), words int)";
    let schema = schema([
        TableDef::new("books"),
        TableDef::new("chapters").parent("books", "book_id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO books VALUES (1, 'ann', 'x'), (2, 'ann', 'y');
         INSERT INTO chapters VALUES (1, 'ann', 'intro', 1, 10), (2, 'ann', 'intro', 2, 20)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    // one of the two is there already, under a book of another number
    side.sql(
        "INSERT INTO books VALUES (50, 'ann', 'y'); INSERT INTO chapters VALUES (70, 'ann', 'intro', 50, 99)",
    )
    .await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "books 1/0/1/0, chapters 1/0/1/0");
    let sql = "SELECT b.slug, c.words FROM chapters c JOIN books b ON b.id = c.book_id ORDER BY 1";
    assert_eq!(side.table(sql).await, "x,10|y,99");
}

async fn a_tree_whose_siblings_differ_by_slug_alone(backend: Backend) {
    let tables = "CREATE TABLE folders (id {id}, user_id text, parent_id bigint REFERENCES folders (id), name text)";
    let schema = schema([TableDef::new("folders")
        .no_slug()
        .key(["user_id", "parent_id", "name"])
        .optional_ref("folders", "parent_id")]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO folders VALUES (9, 'ann', NULL, 'a'), (8, 'ann', NULL, 'b'), (7, 'ann', 9, 'x'),
         (6, 'ann', 8, 'x'), (5, 'ann', 7, 'x'), (4, 'ann', 5, 'a')",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO folders VALUES (30, 'ann', NULL, 'b'), (31, 'ann', 30, 'x'), (32, 'ann', 31, 'other')")
        .await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "folders 4/0/2/0");
    let paths = "WITH RECURSIVE p AS (SELECT id, name AS path FROM folders WHERE parent_id IS NULL
        UNION ALL SELECT f.id, p.path || '/' || f.name FROM folders f JOIN p ON p.id = f.parent_id)
        SELECT path FROM p ORDER BY path";
    assert_eq!(
        side.table(paths).await,
        "a|a/x|a/x/x|a/x/x/a|b|b/x|b/x/other"
    );
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "folders 0/0/6/0");
}

async fn circles_of_two_tables_are_closed_again(backend: Backend) {
    for deferred in ["", "DEFERRABLE INITIALLY DEFERRED"] {
        let tables = backend.either(
            format!(
                "CREATE TABLE teams (id {{id}}, user_id text, slug text, lead_id bigint);
                 CREATE TABLE people (id {{id}}, user_id text, slug text, team_id bigint NOT NULL REFERENCES teams (id) {deferred});
                 ALTER TABLE teams ADD FOREIGN KEY (lead_id) REFERENCES people (id) {deferred}"
            ),
            format!(
                "CREATE TABLE teams (id {{id}}, user_id text, slug text, lead_id bigint REFERENCES people (id) {deferred});
                 CREATE TABLE people (id {{id}}, user_id text, slug text, team_id bigint NOT NULL REFERENCES teams (id) {deferred})"
            ),
        );
        let schema = schema([
            TableDef::new("teams").optional_ref("people", "lead_id"),
            TableDef::new("people").parent("teams", "team_id"),
        ]);
        let mut from = Side::with(backend, &tables).await;
        from.sql(
            "INSERT INTO teams VALUES (1, 'ann', 'red', NULL), (2, 'ann', 'blue', NULL);
             INSERT INTO people VALUES (1, 'ann', 'p', 1), (2, 'ann', 'q', 2), (3, 'ann', 'r', 2);
             UPDATE teams SET lead_id = 3 WHERE id = 1; UPDATE teams SET lead_id = 2 WHERE id = 2",
        )
        .await;
        let kept = back_up(&from, &schema, "ann").await;
        let mut side = Side::with(backend, &tables).await;
        let summary = restore(&side, &schema, &kept, "eve", options()).await;
        assert_eq!(counts(&summary), "teams 2/0/0/0, people 3/0/0/0");
        let sql = "SELECT t.slug, p.slug, p.user_id FROM teams t JOIN people p ON p.id = t.lead_id ORDER BY 1";
        assert_eq!(side.table(sql).await, "blue,q,eve|red,r,eve");
    }
}

async fn a_row_that_refers_to_itself_does_so_again(backend: Backend) {
    let tables = "CREATE TABLE nodes (id {id}, user_id text, slug text, root_id bigint REFERENCES nodes (id))";
    let schema = schema([TableDef::new("nodes").optional_ref("nodes", "root_id")]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO nodes VALUES (7, 'ann', 'a', 7), (3, 'ann', 'b', 7), (2, 'ann', 'c', 1), (1, 'ann', 'd', 2)")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "nodes 4/0/0/0");
    let sql = "SELECT n.slug, r.slug FROM nodes n JOIN nodes r ON r.id = n.root_id ORDER BY 1";
    assert_eq!(side.table(sql).await, "a,a|b,a|c,d|d,c");
}

async fn link_tables_link_the_new_rows(backend: Backend) {
    let tables = "CREATE TABLE books (id {id}, user_id text, slug text);
        CREATE TABLE tags (id {id}, slug text UNIQUE);
        CREATE TABLE book_tags (book_id bigint NOT NULL REFERENCES books (id), tag_id bigint NOT NULL REFERENCES tags (id),
            note text, PRIMARY KEY (book_id, tag_id))";
    let schema = schema([
        TableDef::new("books"),
        TableDef::new("tags").no_user(),
        TableDef::new("book_tags")
            .pk(["book_id", "tag_id"])
            .match_by_pk()
            .no_slug()
            .no_user()
            .parent("books", "book_id")
            .parent("tags", "tag_id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO books VALUES (1, 'ann', 'x'), (2, 'bob', 'x'), (3, 'ann', 'y');
         INSERT INTO tags VALUES (1, 'red'), (2, 'blue'), (3, 'unused');
         INSERT INTO book_tags VALUES (1, 1, 'n1'), (1, 2, NULL), (2, 1, 'bob'), (3, 2, 'n3')",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    assert!(!kept.text().contains("\"bob\""));
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO tags VALUES (1, 'blue'), (9, 'red')")
        .await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(
        counts(&summary),
        "books 2/0/0/0, tags 1/0/2/0, book_tags 3/0/0/0"
    );
    let sql = "SELECT b.slug, t.slug, l.note FROM book_tags l JOIN books b ON b.id = l.book_id
        JOIN tags t ON t.id = l.tag_id ORDER BY 1, 2";
    assert_eq!(side.table(sql).await, "x,blue,NULL|x,red,n1|y,blue,n3");
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(
        counts(&summary),
        "books 0/0/2/0, tags 0/0/3/0, book_tags 0/0/3/0"
    );
}

async fn a_row_without_its_parent_comes_back_without_it(backend: Backend) {
    let tables = "CREATE TABLE books (id {id}, user_id text, slug text);
        CREATE TABLE notes (id {id}, user_id text, slug text, book_id bigint REFERENCES books (id))";
    let schema = schema([
        TableDef::new("books"),
        TableDef::new("notes").parent("books", "book_id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO books VALUES (1, 'ann', 'x'); INSERT INTO notes VALUES (1, 'ann', 'a', 1), (2, 'ann', 'b', NULL)")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    for outcome in [
        "books 1/0/0/0, notes 2/0/0/0",
        "books 0/0/1/0, notes 0/0/2/0",
    ] {
        let summary = restore(&side, &schema, &kept, "ann", options()).await;
        assert_eq!(counts(&summary), outcome);
        let sql =
            "SELECT n.slug, b.slug FROM notes n LEFT JOIN books b ON b.id = n.book_id ORDER BY 1";
        assert_eq!(side.table(sql).await, "a,x|b,NULL");
    }
}

async fn a_parent_by_another_unique_column(backend: Backend) {
    let tables = "CREATE TABLE authors (id {id}, user_id text, slug text UNIQUE);
        CREATE TABLE books (id {id}, user_id text, slug text, author_slug text REFERENCES authors (slug))";
    let schema = schema([
        TableDef::new("authors"),
        TableDef::new("books").parent_key(ForeignKey::new("authors", "author_slug").to("slug")),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO authors VALUES (1, 'ann', 'a'), (2, 'bob', 'b'); INSERT INTO books VALUES (1, 'ann', 'x', 'a')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    let summary = restore(&side, &schema, &kept, "eve", options()).await;
    assert_eq!(counts(&summary), "authors 1/0/0/0, books 1/0/0/0");
    assert_eq!(
        side.table("SELECT user_id, author_slug FROM books").await,
        "eve,a"
    );
}

async fn an_optional_reference_to_nothing_is_null_and_counted(backend: Backend) {
    let tables = "CREATE TABLE people (id {id}, user_id text, slug text, friend_id bigint REFERENCES people (id))";
    let schema = schema([TableDef::new("people").optional_ref("people", "friend_id")]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO people VALUES (1, 'bob', 'b', NULL), (2, 'ann', 'a', 1), (3, 'ann', 'c', 2)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO people VALUES (1, 'eve', 'e', NULL)")
        .await;
    let strict = options().missing_ref(MissingRef::Fail);
    let summary = restore(&side, &schema, &kept, "ann", strict).await;
    assert!(!summary.committed && summary.failed() > 0, "{summary:#?}");
    assert_eq!(side.table("SELECT count(*) FROM people").await, "1");
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "people 2/0/0/0");
    assert_eq!(summary.tables[0].nulled_refs, 1);
    assert_eq!(summary.tables[0].nulled_details.len(), 1);
    let sql =
        "SELECT p.slug, f.slug FROM people p LEFT JOIN people f ON f.id = p.friend_id ORDER BY 1";
    assert_eq!(
        side.table(sql).await,
        "a,NULL|c,a|e,NULL",
        "never to whoever has that key here"
    );
}

async fn external_references_stay_and_must_lead_somewhere(backend: Backend) {
    let tables = "CREATE TABLE countries (code text PRIMARY KEY);
        CREATE TABLE people (id {id}, user_id text, slug text, country text REFERENCES countries (code))";
    let schema = schema([TableDef::new("people").external("countries", "country")]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO countries VALUES ('pl'), ('us');
         INSERT INTO people VALUES (1, 'ann', 'a', 'pl'), (2, 'ann', 'b', 'us'), (3, 'ann', 'c', NULL)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO countries VALUES ('pl')").await;
    let skip = options().on_error(db_adapter::backup::OnError::Skip);
    let summary = restore(&side, &schema, &kept, "ann", skip).await;
    assert_eq!(counts(&summary), "people 2/0/0/1");
    let sql = "SELECT slug, country FROM people ORDER BY 1";
    assert_eq!(side.table(sql).await, "a,pl|c,NULL");
}

async fn a_foreign_key_that_is_not_declared_is_refused_before_the_first_write(backend: Backend) {
    let tables = "CREATE TABLE people (id {id}, user_id text, slug text);
        CREATE TABLE notes (id {id}, user_id text, slug text, person_id bigint REFERENCES people (id))";
    let schema = schema([TableDef::new("notes")]);
    // where it is from there is no such key, else the backup is refused already
    let without = tables.replace("REFERENCES people (id)", "");
    let mut from = Side::with(backend, &without).await;
    from.sql(
        "INSERT INTO people VALUES (1, 'ann', 'a'); INSERT INTO notes VALUES (1, 'ann', 'n', 1)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO people VALUES (1, 'bob', 'b')").await;
    let error = refused(&side, &schema, &kept, "ann").await.to_string();
    assert!(
        error.contains("`person_id`") && error.contains("`notes`"),
        "{error}"
    );
    assert_eq!(side.table("SELECT count(*) FROM notes").await, "0");
}

async fn rows_in_the_file_before_those_they_refer_to(backend: Backend) {
    let tables = "CREATE TABLE a (id {id}, user_id text, slug text);
        CREATE TABLE b (id {id}, user_id text, slug text, a_id bigint NOT NULL REFERENCES a (id), b_id bigint REFERENCES b (id))";
    let schema = schema([
        TableDef::new("a"),
        TableDef::new("b")
            .parent("a", "a_id")
            .optional_ref("b", "b_id"),
    ]);
    let kept = Kept::written(
        r#"{"metadata": {"created_at": "2026-01-15T10:30:00.123456", "user_id": "ann", "backup_type": "full", "version": "1.1", "a_count": 1, "b_count": 3},
        "b": [{"id": 1, "user_id": "ann", "slug": "x", "a_id": 5, "b_id": 3}, {"id": 2, "user_id": "ann", "slug": "y", "a_id": 5, "b_id": 1}, {"id": 3, "user_id": "ann", "slug": "z", "a_id": 5, "b_id": null}],
        "a": [{"id": 5, "user_id": "ann", "slug": "a"}]}"#,
    );
    let mut side = Side::with(backend, tables).await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "a 1/0/0/0, b 3/0/0/0");
    let sql = "SELECT x.slug, y.slug, a.slug FROM b x LEFT JOIN b y ON y.id = x.b_id JOIN a ON a.id = x.a_id ORDER BY 1";
    assert_eq!(side.table(sql).await, "x,z,a|y,x,a|z,NULL,a");
}

/// A circle that one reference closes and another, which names the row, does not.
async fn a_tree_whose_rows_refer_to_their_descendants(backend: Backend) {
    let tables = "CREATE TABLE posts (id {id}, user_id text, slug text, parent_id bigint REFERENCES posts (id), best_id bigint REFERENCES posts (id))";
    let schema = schema([TableDef::new("posts")
        .no_slug()
        .key(["user_id", "parent_id", "slug"])
        .optional_ref("posts", "parent_id")
        .optional_ref("posts", "best_id")]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO posts VALUES (1, 'ann', 'a', NULL, NULL), (2, 'ann', 'x', 1, NULL), (3, 'ann', 'x', 2, 1), (4, 'ann', 'y', 1, 4);
         UPDATE posts SET best_id = 3 WHERE id = 1; UPDATE posts SET best_id = 3 WHERE id = 2",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    for outcome in ["posts 4/0/0/0", "posts 0/0/4/0"] {
        let summary = restore(&side, &schema, &kept, "ann", options()).await;
        assert_eq!(counts(&summary), outcome);
        let sql = "SELECT p.slug, u.slug, b.slug, v.slug FROM posts p LEFT JOIN posts u ON u.id = p.parent_id
            LEFT JOIN posts b ON b.id = p.best_id LEFT JOIN posts v ON v.id = b.parent_id ORDER BY p.id";
        let mut rows: Vec<String> = side
            .table(sql)
            .await
            .split('|')
            .map(str::to_owned)
            .collect();
        rows.sort();
        assert_eq!(rows, ["a,NULL,x,x", "x,a,x,x", "x,x,a,NULL", "y,a,y,a"]);
    }
}
