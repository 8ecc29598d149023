//! The operators of a filter, and what null, arrays and empty lists mean in them.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use crate::case::{Case, kind};
use crate::values::{ints, num};

cases! {
    anywhere: [
        membership, bare_array_is_membership, absence_from_a_list, null_in_a_list,
        empty_lists, alternatives, conjunctions, array_columns_are_compared_as_a_whole,
        many_tests_of_one_column, lists_of_every_kind, thousands_of_conditions,
        thousands_of_alternatives_are_rows_of_a_list, more_conditions_than_can_be_planned,
        filters_that_are_put_together_in_a_loop,
    ]
}

async fn table(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {int4}, s text, tags {text[]})")
        .await;
    let data = [
        row! { "id": 1, "n": 1, "s": "a", "tags": ["x", "y"] },
        row! { "id": 2, "n": 2, "s": "b", "tags": ["y", "x"] },
        row! { "id": 3, "n": 3, "s": (), "tags": Vec::<String>::new() },
        row! { "id": 4, "n": (), "s": "a", "tags": () },
    ];
    t.db.insert_many("t", data).await.unwrap();
}

async fn found(t: &Case, filter: impl Into<Filter>) -> Vec<i64> {
    ints(
        &t.db
            .select("t", "id")
            .filter(filter)
            .order_by("id")
            .await
            .unwrap(),
        "id",
    )
}

const NONE: [i64; 0] = [];

async fn thousands_of_conditions(t: &Case) {
    table(t).await;
    let any = Filter::any_of((1_000..6_000).map(|n| row! { "n": n }));
    assert_eq!(found(t, any.clone()).await, NONE);
    let all = (10..6_000).fold(Filter::from(row! { "s": "a" }), |all, n| {
        all.and(row! { "n": op::ne(n) })
    });
    assert_eq!(found(t, all).await, [1]);
    let one = Filter::any_of([any, row! { "id": 2 }.into()]);
    assert_eq!(found(t, one).await, [2]);
}

/// As many as take a minute where each is tried by itself, with values of several types, NULLs, and
/// alternatives of other shapes among them.
async fn thousands_of_alternatives_are_rows_of_a_list(t: &Case) {
    t.ddl(
        "CREATE TABLE v (id {int8} PRIMARY KEY, n {int4}, s text, f {float8}, d {numeric(8,2)}, \
         c {char(3)}, at {timestamptz})",
    )
    .await;
    let data = (1..=40i64).map(|id| {
        let text = match id % 4 {
            0 => Value::Null,
            1 => format!("{id}").into(), // looks like a number
            2 => format!("0{id}").into(),
            _ => format!("it's \"{id}\" ä").into(),
        };
        row! {
            "id": id, "n": (id % 5 != 0).then_some(id), "s": text, "f": id as f64 / 4.0,
            "d": num(&format!("{id}.50")), "c": format!("{id}"),
            "at": format!("2024-01-01T00:00:{:02}Z", id % 60)
        }
    });
    t.db.insert_many("v", data).await.unwrap();
    let rows = t.db.select("v", "*").order_by("id").await.unwrap();
    let columns = ["id", "n", "s", "f", "d", "c", "at"];
    for (first, second) in columns
        .iter()
        .enumerate()
        .flat_map(|(i, first)| columns[i + 1..].iter().map(move |second| (*first, *second)))
    {
        // every third row as it is, every third with the value of another row, and many that are not there
        let pair = |one: &Row, other: &Row| row! { (first): one[first].clone(), (second): other[second].clone() };
        let known = rows.iter().zip(rows.iter().cycle().skip(7)).enumerate();
        let mut alternatives: Vec<Filter> = known
            .map(|(i, (one, other))| pair(one, if i % 3 == 0 { one } else { other }).into())
            .collect();
        alternatives
            .extend((1_000..t.either(1_500, 9_000i64)).map(|n| row! { "n": n, "id": n }.into()));
        alternatives.push(row! { "id": op::is_in([38, 39]), "n": op::gt(38) });
        // NULL in a row of a filter means IS NULL
        let expected: Vec<i64> = rows
            .iter()
            .filter(|row| {
                let pairs = rows.iter().zip(rows.iter().cycle().skip(7)).enumerate();
                let found = pairs.into_iter().any(|(i, (one, other))| {
                    let other = if i % 3 == 0 { one } else { other };
                    row[first] == one[first] && row[second] == other[second]
                });
                found || row["id"] == 39
            })
            .map(|row| row.get("id").unwrap())
            .collect();
        let filter = Filter::any_of(alternatives);
        let found =
            t.db.select("v", "id")
                .filter(filter.clone())
                .order_by("id")
                .await
                .unwrap();
        assert_eq!(ints(&found, "id"), expected, "{first}, {second}");
        let others = Filter::not(filter);
        let others = t.db.count("v", others).await.unwrap();
        assert_eq!(
            others as usize,
            rows.len() - expected.len(),
            "{first}, {second}"
        );
    }
}

/// SQLite cannot be interrupted while it plans a statement, so there is an end.
async fn more_conditions_than_can_be_planned(t: &Case) {
    table(t).await;
    let many = |n: i64| Filter::any_of((0..n).map(|n| row! { "n": op::gt(n + 2) }));
    assert_eq!(found(t, many(5_000)).await, [3]);
    let result = t.db.count("t", many(10_001)).await;
    match !t.is_postgres() {
        true => assert_eq!(kind(result), ErrorKind::InvalidQuery),
        false => assert_eq!(result.unwrap(), 1),
    }
}

/// Each takes the one before into itself.
async fn filters_that_are_put_together_in_a_loop(t: &Case) {
    table(t).await;
    let start = || Filter::from(row! { "id": 3 });
    let any = (1_000..6_000).fold(start(), |any, n| {
        Filter::any_of([any, row! { "n": n }.into()])
    });
    assert_eq!(found(t, any).await, [3]);
    // what can only be nested is refused, and does not end the thread that works on it
    let loops: [fn(Filter) -> db_adapter::Result<Filter>; 3] = [
        |inner| Ok(Filter::not(inner)),
        |inner| Ok(Filter::any_of([inner, row! { "n": 7 }.into()]).and(row! { "n": op::gte(0) })),
        |inner| Filter::refers_to("id", "t", "id", inner),
    ];
    for nest in loops {
        let levels = |n: usize| (0..n).try_fold(start(), |inner, _| nest(inner)).unwrap();
        assert!(found(t, levels(25)).await.len() < 5);
        let many = levels(20_000);
        for refused in [
            t.db.count("t", many.clone()).await.map(drop),
            t.db.select("t", "id").filter(many.clone()).await.map(drop),
            t.db.delete("t", many.clone()).await.map(drop),
            t.db.query("SELECT id FROM t WHERE {f}")
                .filter("f", "t", many.clone())
                .await
                .map(drop),
        ] {
            assert_eq!(kind(refused), ErrorKind::InvalidQuery);
        }
    }
}

async fn membership(t: &Case) {
    table(t).await;
    assert_eq!(found(t, row! { "n": op::is_in([1, 3, 99]) }).await, [1, 3]);
    assert_eq!(found(t, row! { "s": op::is_in(["a"]) }).await, [1, 4]);
    assert_eq!(found(t, row! { "n": op::is_in([1, 1, 1]) }).await, [1]);
    assert_eq!(found(t, row! { "n": op::is_in(["1", "2"]) }).await, [1, 2]);
}

async fn bare_array_is_membership(t: &Case) {
    table(t).await;
    assert_eq!(found(t, row! { "n": [1, 3] }).await, [1, 3]);
    assert_eq!(found(t, row! { "s": ["b", "zz"] }).await, [2]);
    assert_eq!(
        t.db.count("t", row! { "n": vec![1, 2, 3] }).await.unwrap(),
        3
    );
    assert_eq!(t.db.delete("t", row! { "n": [1, 2] }).await.unwrap(), 2);
    assert_eq!(t.table("SELECT id FROM t ORDER BY id").await, "3|4");
}

async fn absence_from_a_list(t: &Case) {
    table(t).await;
    assert_eq!(
        found(t, row! { "n": op::not_in([1, 99]) }).await,
        [2, 3],
        "NULL is not known to be absent"
    );
    assert_eq!(found(t, row! { "s": op::not_in(["b"]) }).await, [1, 4]);
}

async fn null_in_a_list(t: &Case) {
    table(t).await;
    assert_eq!(
        found(t, row! { "n": op::is_in([Some(1), None]) }).await,
        [1, 4]
    );
    assert_eq!(found(t, row! { "n": [Some(1), None] }).await, [1, 4]);
    assert_eq!(found(t, row! { "n": op::is_in([None::<i64>]) }).await, [4]);
    assert_eq!(
        found(t, row! { "n": op::not_in([Some(1), None]) }).await,
        [2, 3]
    );
    assert_eq!(
        found(t, row! { "n": op::not_in([None::<i64>]) }).await,
        [1, 2, 3]
    );
    assert_eq!(
        found(t, row! { "n": op::is_in([Some(1), None]), "s": "a" }).await,
        [1, 4],
        "the OR is bracketed"
    );
}

async fn empty_lists(t: &Case) {
    table(t).await;
    assert_eq!(
        found(t, row! { "n": op::is_in(Vec::<i64>::new()) }).await,
        NONE
    );
    assert_eq!(found(t, row! { "n": Vec::<i64>::new() }).await, NONE);
    assert_eq!(
        found(t, row! { "n": op::not_in(Vec::<i64>::new()) }).await,
        [1, 2, 3, 4]
    );
    assert_eq!(
        t.db.delete("t", row! { "n": Vec::<i64>::new() })
            .await
            .unwrap(),
        0
    );
    assert_eq!(t.scalar("SELECT count(*) FROM t").await, "4");
}

async fn alternatives(t: &Case) {
    table(t).await;
    assert_eq!(
        found(t, Filter::any_of([row! { "n": 1 }, row! { "s": "b" }])).await,
        [1, 2]
    );
    assert_eq!(
        found(
            t,
            op::any_of([row! { "n": op::gt(1) }, row! { "s": op::is_null() }])
        )
        .await,
        [2, 3]
    );
    assert_eq!(found(t, Filter::any_of(Vec::<Filter>::new())).await, NONE);
    assert_eq!(
        found(
            t,
            Filter::any_of([row! { "n": 1, "s": "b" }, row! { "n": 2, "s": "b" }])
        )
        .await,
        [2]
    );
}

async fn conjunctions(t: &Case) {
    table(t).await;
    let either = Filter::any_of([row! { "n": 1 }, row! { "n": 2 }, row! { "n": () }]);
    assert_eq!(
        found(t, either.clone().and(row! { "s": "a" })).await,
        [1, 4]
    );
    assert_eq!(
        found(t, Filter::from(row! { "s": "a" }).and(either.clone())).await,
        [1, 4]
    );
    assert_eq!(
        found(
            t,
            either
                .clone()
                .and(Filter::any_of([row! { "s": "b" }, row! { "n": 1 }]))
        )
        .await,
        [1, 2]
    );
    assert_eq!(found(t, Filter::all().and(row! { "n": 3 })).await, [3]);
    assert_eq!(
        found(t, Filter::from(row! { "n": 3 }).and(Filter::all())).await,
        [3]
    );
}

async fn array_columns_are_compared_as_a_whole(t: &Case) {
    table(t).await;
    assert_eq!(found(t, row! { "tags": ["x", "y"] }).await, [1]);
    assert_eq!(found(t, row! { "tags": op::eq(["y", "x"]) }).await, [2]);
    assert_eq!(
        found(t, row! { "tags": op::eq(Vec::<String>::new()) }).await,
        [3]
    );
    assert_eq!(found(t, row! { "tags": Vec::<String>::new() }).await, [3]);
    assert_eq!(found(t, row! { "tags": () }).await, [4]);
    assert_eq!(found(t, row! { "tags": op::ne(["x", "y"]) }).await, [2, 3]);
    assert_eq!(
        found(t, row! { "tags": op::is_in([["x", "y"], ["y", "x"]]) }).await,
        [1, 2]
    );
    assert_eq!(
        found(t, row! { "tags": op::not_in([vec!["x", "y"], vec![]]) }).await,
        [2]
    );
}

async fn many_tests_of_one_column(t: &Case) {
    table(t).await;
    assert_eq!(
        found(t, row! { "n": op::gte(1), "n": op::lt(3) }).await,
        [1, 2]
    );
    assert_eq!(
        found(t, row! { "n": op::gt(1), "n": op::lt(3), "s": "b" }).await,
        [2]
    );
    assert_eq!(
        found(t, row! { "n": op::gt(3), "n": op::lt(3) }).await,
        NONE
    );
}

async fn lists_of_every_kind(t: &Case) {
    t.ddl("CREATE TABLE u (id {int4} PRIMARY KEY, b {bool}, f {float8}, d {numeric}, x {bytea}, at {timestamptz}, u {uuid})").await;
    let row = row! {
        "id": 1, "b": true, "f": 0.1, "d": num("1.50"), "x": vec![0_u8, 1], "at": "2026-11-23T02:25:25+01:00",
        "u": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
    };
    t.db.insert("u", &row).await.unwrap();
    for (name, value) in row.iter() {
        let list = op::is_in([value.clone(), Value::Null]);
        assert_eq!(
            t.db.count("u", row! { (name): list }).await.unwrap(),
            1,
            "{name}"
        );
        let list = op::not_in([value.clone()]);
        assert_eq!(
            t.db.count("u", row! { (name): list }).await.unwrap(),
            0,
            "{name}"
        );
    }
    let list = op::is_in([num("1.5"), num("7")]);
    assert_eq!(
        t.db.count("u", row! { "d": list }).await.unwrap(),
        1,
        "1.5 is 1.50"
    );
}
