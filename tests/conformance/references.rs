//! Filters by the row that columns refer to.

use db_adapter::prelude::*;

use crate::case::{Case, error};

cases! {
    anywhere: [
        rows_are_found_by_the_row_they_refer_to, references_nest_and_combine,
        keys_of_several_columns, null_refers_to_nothing,
        rows_are_found_by_the_rows_that_refer_to_them, referring_keys_of_several_columns,
        references_compose_through_a_table_of_links, null_among_references_hides_no_row,
    ]
    outside: [
        mistakes_in_references_are_named, writes_by_references_are_refused,
    ]
}

async fn library(t: &Case) {
    t.ddl("CREATE TABLE authors (id {int8} PRIMARY KEY, name {text})")
        .await;
    t.ddl("CREATE TABLE books (id {int8} PRIMARY KEY, author_id {int8}, price {numeric})")
        .await;
    t.ddl("CREATE TABLE chapters (id {int8} PRIMARY KEY, book_id {int8})")
        .await;
    t.ddl("INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob')")
        .await;
    t.ddl("INSERT INTO books VALUES (1, 1, '1.50'), (2, 2, '3'), (3, NULL, '1.5')")
        .await;
    t.ddl("INSERT INTO chapters VALUES (1, 1), (2, 2), (3, 3), (4, 9)")
        .await;
}

async fn ids(t: &Case, table: &str, filter: Filter) -> Vec<i64> {
    let rows =
        t.db.select(table, "id")
            .filter(filter.clone())
            .order_by("id")
            .await
            .unwrap();
    let count = t.db.count(table, filter.clone()).await.unwrap();
    assert_eq!(count, rows.len() as u64);
    assert_eq!(t.db.exists(table, filter).await.unwrap(), count > 0);
    rows.iter().map(|row| row.get("id").unwrap()).collect()
}

async fn rows_are_found_by_the_row_they_refer_to(t: &Case) {
    library(t).await;
    let of = |name: &str| {
        Filter::refers_to("author_id", "authors", "id", row! { "name": name }).unwrap()
    };
    assert_eq!(ids(t, "books", of("Ann")).await, [1]);
    assert_eq!(ids(t, "books", of("Eve")).await, [] as [i64; 0]);
    let any = Filter::refers_to("author_id", "authors", "id", row! {}).unwrap();
    assert_eq!(ids(t, "books", any).await, [1, 2]);
    let dangling = Filter::refers_to("book_id", "books", "id", row! {}).unwrap();
    assert_eq!(ids(t, "chapters", dangling).await, [1, 2, 3]);
}

async fn references_nest_and_combine(t: &Case) {
    library(t).await;
    let by_bob = Filter::refers_to("author_id", "authors", "id", row! { "name": "Bob" }).unwrap();
    let in_book = |filter: Filter| Filter::refers_to("book_id", "books", "id", filter).unwrap();
    assert_eq!(ids(t, "chapters", in_book(by_bob.clone())).await, [2]);
    // values mean what they mean in the other table: 1.50 is 1.5
    let cheap = in_book(row! { "price": op::eq("1.5") });
    assert_eq!(ids(t, "chapters", cheap.clone()).await, [1, 3]);
    let either = op::any_of([cheap, in_book(by_bob)]).and(row! { "id": op::gt(1) });
    assert_eq!(ids(t, "chapters", either).await, [2, 3]);
}

async fn keys_of_several_columns(t: &Case) {
    t.ddl("CREATE TABLE places (x {int8}, y {int8}, name {text})")
        .await;
    t.ddl("CREATE TABLE things (id {int8}, at_x {int8}, at_y {int8})")
        .await;
    t.ddl("INSERT INTO places VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'b')")
        .await;
    t.ddl("INSERT INTO things VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2), (5, 1, NULL)")
        .await;
    let at_b = Filter::refers_to(["at_x", "at_y"], "places", ["x", "y"], row! { "name": "b" });
    assert_eq!(ids(t, "things", at_b.unwrap()).await, [2, 3]);
}

async fn null_refers_to_nothing(t: &Case) {
    library(t).await;
    t.ddl("CREATE TABLE keyless (id {int8})").await;
    t.ddl("INSERT INTO keyless VALUES (NULL), (1)").await;
    let there = Filter::refers_to("author_id", "keyless", "id", row! {}).unwrap();
    assert_eq!(ids(t, "books", there).await, [1]);
}

async fn mistakes_in_references_are_named(t: &Case) {
    library(t).await;
    let ask = async |columns: &str, table: &str, key: &str, inner: Row| {
        let filter = Filter::refers_to(columns, table, key, inner).unwrap();
        error(t.db.count("books", filter).await).to_string()
    };
    let text = ask("autor_id", "authors", "id", row! {}).await;
    assert!(text.contains("did you mean `author_id`"), "{text}");
    let text = ask("author_id", "author", "id", row! {}).await;
    assert!(text.contains("did you mean `authors`"), "{text}");
    let text = ask("author_id", "authors", "ids", row! {}).await;
    assert!(text.contains("no column `ids` in table `"), "{text}");
    let text = ask("author_id", "authors", "id", row! { "names": 1 }).await;
    assert!(text.contains("did you mean `name`"), "{text}");
    assert!(Filter::refers_to(["a", "b"], "t", ["x"], row! {}).is_err());
    assert!(Filter::refers_to("count(*)", "t", "id", row! {}).is_err());
}

async fn writes_by_references_are_refused(t: &Case) {
    library(t).await;
    let of_ann =
        || Filter::refers_to("author_id", "authors", "id", row! { "name": "Ann" }).unwrap();
    for result in [
        t.db.delete("books", of_ann()).await,
        t.db.update("books", row! { "price": 1 }, of_ann())
            .count()
            .await,
    ] {
        let text = error(result).to_string();
        assert!(text.contains("filter by the table `authors`"), "{text}");
    }
    assert_eq!(
        t.scalar("SELECT count(*) FROM books WHERE price IN ('1.50', '3', '1.5')")
            .await,
        "3"
    );
}

async fn labelled(t: &Case) {
    t.ddl("CREATE TABLE tasks (id {int8} PRIMARY KEY, title {text})")
        .await;
    t.ddl("CREATE TABLE labels (id {int8} PRIMARY KEY, name {text})")
        .await;
    t.ddl("CREATE TABLE task_labels (task_id {int8}, label_id {int8}, weight {numeric})")
        .await;
    t.ddl("INSERT INTO tasks VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')")
        .await;
    t.ddl("INSERT INTO labels VALUES (7, 'urgent'), (8, 'home')")
        .await;
    t.ddl(
        "INSERT INTO task_labels VALUES (1, 7, '1.50'), (1, 8, '1'), (1, 7, '2'), (3, 7, '1.5'),
         (4, NULL, '1.5'), (NULL, 7, '1.5')",
    )
    .await;
}

fn with_link(filter: impl Into<Filter>) -> Filter {
    Filter::referred_by("id", "task_labels", "task_id", filter).unwrap()
}

async fn rows_are_found_by_the_rows_that_refer_to_them(t: &Case) {
    labelled(t).await;
    // once each, however many refer to it
    assert_eq!(
        ids(t, "tasks", with_link(row! { "label_id": 7 })).await,
        [1, 3]
    );
    assert_eq!(
        ids(t, "tasks", with_link(row! { "label_id": 9 })).await,
        [] as [i64; 0]
    );
    assert_eq!(ids(t, "tasks", with_link(row! {})).await, [1, 3, 4]);
    assert_eq!(ids(t, "tasks", with_link(Filter::all())).await, [1, 3, 4]);
    // values mean what they mean in the other table
    assert_eq!(
        ids(t, "tasks", with_link(row! { "weight": "1.5" })).await,
        [1, 3, 4]
    );
    let both = with_link(row! { "label_id": 7 }).and(with_link(row! { "label_id": 8 }));
    assert_eq!(ids(t, "tasks", both.and(row! { "title": "a" })).await, [1]);
    let either = Filter::any_of([with_link(row! { "label_id": 8 }), row! { "id": 2 }.into()]);
    assert_eq!(ids(t, "tasks", either).await, [1, 2]);
}

async fn references_compose_through_a_table_of_links(t: &Case) {
    labelled(t).await;
    let named =
        |name: &str| Filter::refers_to("label_id", "labels", "id", row! { "name": name }).unwrap();
    assert_eq!(ids(t, "tasks", with_link(named("urgent"))).await, [1, 3]);
    assert_eq!(ids(t, "tasks", with_link(named("home"))).await, [1]);
    let of_task = Filter::referred_by(
        "id",
        "task_labels",
        "label_id",
        Filter::refers_to("task_id", "tasks", "id", row! { "title": ["a", "d"] }).unwrap(),
    );
    assert_eq!(ids(t, "labels", of_task.unwrap()).await, [7, 8]);
}

async fn null_among_references_hides_no_row(t: &Case) {
    labelled(t).await;
    let none = Filter::not(with_link(row! { "label_id": 7 }));
    assert_eq!(ids(t, "tasks", none.clone()).await, [2, 4]);
    let doubly = Filter::not(Filter::not(with_link(row! {})));
    assert_eq!(ids(t, "tasks", doubly).await, [1, 3, 4]);
    assert_eq!(
        t.table(
            "SELECT id FROM tasks t WHERE NOT EXISTS (SELECT 1 FROM task_labels l
             WHERE l.task_id = t.id AND l.label_id = 7) ORDER BY id"
        )
        .await,
        "2|4"
    );
    // a key that is NULL is referred to by nobody, and so is found by `not`
    t.ddl("CREATE TABLE loose (id {int8}, code {int8})").await;
    t.ddl("INSERT INTO loose VALUES (1, 1), (2, NULL)").await;
    let referred = Filter::referred_by("code", "task_labels", "task_id", row! {}).unwrap();
    assert_eq!(ids(t, "loose", referred.clone()).await, [1]);
    assert_eq!(ids(t, "loose", Filter::not(referred)).await, [2]);
}

async fn referring_keys_of_several_columns(t: &Case) {
    t.ddl("CREATE TABLE places (id {int8}, x {int8}, y {int8})")
        .await;
    t.ddl("CREATE TABLE visits (at_x {int8}, at_y {int8}, who {text})")
        .await;
    t.ddl("INSERT INTO places VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 1, NULL)")
        .await;
    t.ddl(
        "INSERT INTO visits VALUES (1, 2, 'ann'), (2, 1, 'bob'), (1, NULL, 'ann'), (NULL, 1, 'ann'),
         (NULL, NULL, 'eve')",
    )
    .await;
    let by = |who: &str| {
        let visitor = row! { "who": who };
        Filter::referred_by(["x", "y"], "visits", ["at_x", "at_y"], visitor).unwrap()
    };
    assert_eq!(ids(t, "places", by("ann")).await, [2]);
    assert_eq!(ids(t, "places", Filter::not(by("ann"))).await, [1, 3, 4]);
    assert_eq!(ids(t, "places", by("eve")).await, [] as [i64; 0]);
    assert!(Filter::referred_by(["x", "y"], "visits", ["at_x"], row! {}).is_err());
}
