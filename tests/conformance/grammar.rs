//! Column lists and orders are a small grammar of names; anything else is refused with a hint.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, error, kind};
use crate::values::texts;

cases! {
    anywhere: [columns_are_names_aliases_and_counts, lists_are_exact_names]
    outside: [
        other_column_lists_point_to_query, other_orders_point_to_query, duplicate_outputs_want_an_alias,
        operators_that_the_type_lacks_are_refused, keys_are_column_names,
    ]
}

async fn table(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, name text, \"Two Words\" text, tags {text[]}, doc {json}, data {bytea})").await;
    t.db.insert("t", row! { "name": "x", "Two Words": "y" })
        .await
        .unwrap();
}

async fn columns_are_names_aliases_and_counts(t: &Case) {
    table(t).await;
    let one = async |columns: &str| t.db.select("t", columns).one().await.unwrap();
    assert_eq!(one("id").await, row! { "id": 1 });
    assert_eq!(one("  name ,id ").await, row! { "name": "x", "id": 1 });
    assert_eq!(
        one("name AS title, id as number").await,
        row! { "title": "x", "number": 1 }
    );
    assert_eq!(one("\"Two Words\"").await, row! { "Two Words": "y" });
    assert_eq!(
        one("\"Two Words\" AS \"Other, Words\"").await,
        row! { "Other, Words": "y" }
    );
    assert_eq!(one("count(*)").await, row! { "count": 1 });
    assert_eq!(one("COUNT(*) AS n").await, row! { "n": 1 });
    assert_eq!(one("id, id AS again").await, row! { "id": 1, "again": 1 });
    assert_eq!(one("*").await.len(), 6);
}

async fn lists_are_exact_names(t: &Case) {
    table(t).await;
    let row = t.db.select("t", ["Two Words", "id"]).one().await.unwrap();
    assert_eq!(row, row! { "Two Words": "y", "id": 1 });
    let row =
        t.db.select("t", vec!["name".to_owned()])
            .one()
            .await
            .unwrap();
    assert_eq!(row, row! { "name": "x" });
    assert_eq!(t.db.select("t", ["*"]).one().await.unwrap().len(), 6);
}

async fn other_column_lists_point_to_query(t: &Case) {
    table(t).await;
    for columns in [
        "",
        " ",
        ",",
        "id,",
        "id name",
        "lower(name)",
        "count(id)",
        "name || 'x'",
        "1",
        "id; DROP TABLE t",
        "*, id",
        "t.id",
        "name AS",
        "(SELECT 1)",
        "id -- x",
        "count(*), id",
        "name::text",
        "'x'",
        "distinct id",
    ] {
        let error = error(t.db.select("t", columns).await);
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{columns}: {error}");
        assert!(
            error.to_string().contains("query(..)"),
            "{columns}: {error}"
        );
    }
    let none: [&str; 0] = [];
    assert_eq!(kind(t.db.select("t", none).await), ErrorKind::InvalidQuery);
}

async fn other_orders_point_to_query(t: &Case) {
    table(t).await;
    for order in [
        "",
        "1",
        "id,",
        "lower(name)",
        "id DESC ASC",
        "id; DROP TABLE t",
        "id NULLS",
        "random()",
        "t.id",
        "id USING >",
    ] {
        let error = error(t.db.select("t", "*").order_by(order).await);
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{order}: {error}");
        assert!(error.to_string().contains("query(..)"), "{order}: {error}");
    }
    let rows =
        t.db.select("t", "name")
            .order_by("\"Two Words\" DESC, id ASC NULLS FIRST")
            .await
            .unwrap();
    assert_eq!(texts(&rows, "name"), ["x"]);
}

async fn duplicate_outputs_want_an_alias(t: &Case) {
    table(t).await;
    for columns in ["id, id", "name AS id, id", "name AS x, id AS x"] {
        let error = error(t.db.select("t", columns).await);
        assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{columns}: {error}");
        assert!(error.to_string().contains("`AS`"), "{columns}: {error}");
    }
}

async fn operators_that_the_type_lacks_are_refused(t: &Case) {
    table(t).await;
    let with = async |filter: Filter| kind(t.db.select("t", "id").filter(filter).await);
    assert_eq!(
        with(row! { "id": op::like("1%") }).await,
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        with(row! { "data": op::ilike("x") }).await,
        ErrorKind::InvalidQuery
    );
    assert_eq!(
        with(row! { "tags": op::gt(["a"]) }).await,
        ErrorKind::Unsupported
    );
    assert_eq!(
        with(row! { "doc": op::eq(1) }).await,
        ErrorKind::Unsupported
    );
    assert_eq!(
        with(row! { "doc": op::is_in([1]) }).await,
        ErrorKind::Unsupported
    );
    assert_eq!(
        with(row! { "doc": op::like("x") }).await,
        ErrorKind::Unsupported
    );
    assert_eq!(
        kind(t.db.select("t", "id").order_by("doc").await),
        ErrorKind::Unsupported
    );
}

async fn keys_are_column_names(t: &Case) {
    table(t).await;
    let data = row! { "id": 1, "name": "z" };
    for keys in ["*", "count(*)", "id AS x", ""] {
        assert_eq!(
            kind(t.db.upsert("t", &data, keys).await),
            ErrorKind::InvalidQuery,
            "{keys}"
        );
        assert_eq!(
            kind(t.db.update_many("t", [&data], keys).await),
            ErrorKind::InvalidQuery,
            "{keys}"
        );
    }
    assert_eq!(t.table("SELECT name FROM t").await, "x");
}
