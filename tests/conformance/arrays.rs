//! Arrays mean the same on every backend: their texts, their dimensions, their equality; what has no
//! common order is refused.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, error, kind};
use crate::values::{ints, json, num};

cases! {
    anywhere: [
        an_order_by_an_array_is_refused, texts_of_arrays_are_arrays, what_is_not_an_array_is_refused,
        equal_arrays_are_found_in_every_spelling, the_document_null_is_not_null,
        limits_of_elements_do_not_count_in_filters, lower_bounds_hide_no_equal_array,
        what_has_no_common_order_is_refused_whatever_its_elements_are,
    ]
}

async fn an_order_by_an_array_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, list {int4[]}, docs {jsonb[]})")
        .await;
    for order in ["list", "list DESC", "id, docs"] {
        let refused = error(t.db.select("t", "id").order_by(order).await);
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{order}");
        let column = if order.contains("docs") {
            "`docs`"
        } else {
            "`list`"
        };
        assert!(refused.to_string().contains(column), "{refused}");
    }
    for filter in [op::lt([1]), op::gte([1])] {
        let refused = error(t.db.select("t", "id").filter(row! { "list": filter }).await);
        assert_eq!(refused.kind(), ErrorKind::Unsupported);
        assert!(refused.to_string().contains("`list`"), "{refused}");
    }
    let refused =
        t.db.select("t", "id")
            .filter(row! { "docs": op::eq([json("1")]) })
            .await;
    assert_eq!(kind(refused), ErrorKind::Unsupported);
    let null = t.db.count("t", row! { "docs": op::is_null() }).await;
    assert_eq!(null.unwrap(), 0);
}

async fn texts_of_arrays_are_arrays(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {int4[]})").await;
    let null = Value::Null;
    for (given, expected) in [
        ("{}", Value::Array([].into())),
        (
            " { 1 , \"2\" ,NULL} ",
            Value::from([1.into(), 2.into(), null]),
        ),
        ("{{1},{2}}", Value::from([[1], [2]])),
        ("[1:2]={1,2}", Value::from([1, 2])),
        ("[0:1]={ 7,8}", "[0:1]={7,8}".into()),
        ("[1][-1:0]={{7,8}}", "[1:1][-1:0]={{7,8}}".into()),
    ] {
        let row = t.db.insert("t", row! { "v": given }).await.unwrap();
        assert_eq!(row["v"], expected, "{given}");
        let id = row.get::<i64>("id").unwrap();
        let copy = t.db.insert("t", row! { "v": &expected }).await.unwrap();
        assert_eq!(copy["v"], expected, "{given}");
        for value in [&Value::from(given), &expected] {
            let found =
                t.db.select("t", "id")
                    .filter(row! { "v": op::eq(value) })
                    .await
                    .unwrap();
            assert!(ints(&found, "id").contains(&id), "{given} by {value:?}");
        }
        if t.is_postgres() {
            let sql = format!("SELECT v = '{given}'::int4[] FROM t WHERE id = {id}");
            assert_eq!(t.scalar(&sql).await, "t", "{given}, as the server reads it");
        }
    }
}

async fn what_is_not_an_array_is_refused(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v {int4[]}, docs {jsonb[]})")
        .await;
    let list = |items: Vec<Value>| Value::Array(items.into());
    let empty = || list(vec![]);
    let deep = (0..6).fold(Value::from([1]), |inner, _| list(vec![inner]));
    for wrong in [
        list(vec![empty()]),
        list(vec![empty(), empty()]),
        list(vec![Value::from([1]), empty()]),
        deep,
        "{{}}".into(),
        "{1,}".into(),
        "{1".into(),
        "1".into(),
        "".into(),
        "{x}".into(),
        "{{1},{2,3}}".into(),
        "[0:5]={1}".into(),
        "{{{{{{{1}}}}}}}".into(),
    ] {
        let data = t.db.insert("t", row! { "v": &wrong }).await.map(drop);
        let filter =
            t.db.count("t", row! { "v": op::eq(&wrong) })
                .await
                .map(drop);
        for refused in [data, filter] {
            let refused = error(refused);
            let db_adapter::Error::InvalidValue(details) = &refused else {
                panic!("{wrong:?}: {refused}");
            };
            assert_eq!(details.column.as_deref(), Some("v"), "{wrong:?}");
        }
    }
    // whose dimensions could be meant as those of the documents
    let nested = t.db.insert("t", row! { "docs": [[json("1")]] }).await;
    assert_eq!(kind(nested), ErrorKind::InvalidValue);
    let six = (0..5).fold(Value::from([1]), |inner, _| list(vec![inner]));
    let row = t.db.insert("t", row! { "v": &six }).await.unwrap();
    assert_eq!(row["v"], six);
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "1");
}

async fn equal_arrays_are_found_in_every_spelling(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {numeric[]}, f {float8[]})")
        .await;
    t.db.insert(
        "t",
        row! { "id": 1, "n": [num("1.50"), num("100")], "f": [0.0] },
    )
    .await
    .unwrap();
    t.db.insert(
        "t",
        row! { "id": 2, "n": [num("1.5"), num("1")], "f": [1.0] },
    )
    .await
    .unwrap();
    for (filter, expected) in [
        (row! { "n": op::eq([num("1.5"), num("100.00")]) }, vec![1]),
        (row! { "n": op::ne([num("1.5"), num("100.00")]) }, vec![2]),
        (
            row! { "n": op::is_in([[num("1.500"), num("1.0")]]) },
            vec![2],
        ),
        (
            row! { "n": op::not_in([[num("1.500"), num("1.0")]]) },
            vec![1],
        ),
        (row! { "f": op::eq([-0.0]) }, vec![1]),
    ] {
        let found =
            t.db.select("t", "id")
                .filter(&filter)
                .order_by("id")
                .await
                .unwrap();
        assert_eq!(ints(&found, "id"), expected, "{filter:?}");
    }
}

async fn the_document_null_is_not_null(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, j {json[]}, b {jsonb[]})")
        .await;
    let list = Value::from([json("null"), Value::Null, json("[null]"), json("\"null\"")]);
    let row =
        t.db.insert("t", row! { "j": &list, "b": &list })
            .await
            .unwrap();
    assert_eq!((&row["j"], &row["b"]), (&list, &list));
    let row = t.db.select("t", "j, b").one().await.unwrap();
    assert_eq!((&row["j"], &row["b"]), (&list, &list));
    if t.is_postgres() {
        let nulls = t.scalar("SELECT b[1] IS NULL, b[2] IS NULL FROM t").await;
        assert_eq!(nulls, "f");
        assert_eq!(
            t.table("SELECT b[1]::text, b[2]::text FROM t").await,
            "null,NULL"
        );
    }
}

async fn limits_of_elements_do_not_count_in_filters(t: &Case) {
    t.ddl("CREATE TABLE t (v {varchar(3)[]}, n {numeric(3,1)[]})")
        .await;
    t.db.insert("t", row! { "v": ["abc"], "n": [1] })
        .await
        .unwrap();
    for filter in [
        row! { "v": op::eq(["abcd"]) },
        row! { "n": op::eq([num("1.55")]) },
    ] {
        assert_eq!(t.db.count("t", &filter).await.unwrap(), 0, "{filter:?}");
    }
    let refused = t.db.insert("t", row! { "v": ["abcd"] }).await;
    assert_eq!(kind(refused), ErrorKind::InvalidValue);
}

async fn lower_bounds_hide_no_equal_array(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, v {numeric(6,2)[]}, d {float8[]})")
        .await;
    for (id, v, d) in [
        (1, "[0:1]={1,2}", "[2:2]={-0}"),
        (2, "{1,2}", "{0}"),
        (3, "[1:2]={1,2.00}", "[2:2]={1}"),
        (4, "[0:1][3:3]={{1},{2}}", "[1:1]={0}"),
    ] {
        t.db.insert("t", row! { "id": id, "v": v, "d": d })
            .await
            .unwrap();
    }
    for (filter, expected) in [
        (row! { "v": op::eq("[0:1]={1,2}") }, vec![1]),
        (row! { "v": op::eq("[0:1]={1.0,2.000}") }, vec![1]),
        (row! { "v": op::ne("[0:1]={1,2}") }, vec![2, 3, 4]),
        (row! { "v": op::eq([1, 2]) }, vec![2, 3]),
        (
            row! { "v": op::is_in(["[0:1]={1,2}", "[0:1][3:3]={{1.0},{2}}"]) },
            vec![1, 4],
        ),
        (row! { "v": op::not_in(["[0:1]={1,2}", "{1,2}"]) }, vec![4]),
        (row! { "v": op::eq("[1:2][3:3]={{1},{2}}") }, vec![]),
        (row! { "d": op::eq("[2:2]={0}") }, vec![1]),
        (row! { "d": op::eq([0.0]) }, vec![2, 4]),
    ] {
        let found = t.db.select("t", "id").filter(&filter).order_by("id").await;
        assert_eq!(ints(&found.unwrap(), "id"), expected, "{filter:?}");
    }
}

async fn what_has_no_common_order_is_refused_whatever_its_elements_are(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, j {json[]}, b {jsonb[]}, i {inet[]}, s {interval[]})")
        .await;
    for column in ["j", "b"] {
        let refused = error(t.db.select("t", column).distinct().await);
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{column}");
        assert!(
            refused.to_string().contains(&format!("`{column}`")),
            "{refused}"
        );
    }
    for column in ["i", "s"] {
        let ordered = error(t.db.select("t", "id").order_by(column).await);
        let less = row! { column: op::lt("{}") };
        let compared = error(t.db.select("t", "id").filter(less).await);
        for refused in [ordered, compared] {
            assert_eq!(refused.kind(), ErrorKind::Unsupported, "{column}");
            assert!(
                refused.to_string().contains(&format!("`{column}`")),
                "{refused}"
            );
        }
        t.db.select("t", column).distinct().await.unwrap();
    }
}
