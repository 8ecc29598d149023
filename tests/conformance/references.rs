//! Filters by the row that columns refer to.

use db_adapter::prelude::*;

use crate::case::{Case, error};

cases! {
    anywhere: [
        rows_are_found_by_the_row_they_refer_to, references_nest_and_combine,
        keys_of_several_columns, null_refers_to_nothing,
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
