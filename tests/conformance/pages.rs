//! `.after(row)`: the pages of a select put together are the whole, in the database's own order,
//! whatever is inserted and deleted between them.

use std::collections::BTreeSet;

use db_adapter::ErrorKind;
use db_adapter::prelude::*;
use support::{Random, seed};

use crate::case::{Case, error, kind};
use crate::values::ints;

cases! {
    anywhere: [
        pages_are_the_whole, rows_that_are_equal_in_the_order_are_on_one_page_only, the_row_may_be_gone,
        nulls_are_where_the_order_has_them,
    ]
    outside: [
        a_composite_key_ends_the_order, a_row_may_come_back_as_json, pages_of_a_filter_and_a_stream,
        what_cannot_be_right_is_refused, rows_without_the_columns_are_refused,
        a_value_of_another_type_names_its_column,
        keys_that_are_null_are_refused_where_the_database_has_them,
        text_is_paged_as_the_database_orders_it, any_order_of_any_rows,
    ]
}

async fn tasks(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, due {date}, n {numeric})")
        .await;
    let due = [
        None,
        Some("2026-12-01"),
        Some("2026-12-01"),
        None,
        Some("2026-11-30"),
        Some("2026-12-01"),
    ];
    let rows = due
        .iter()
        .zip(1..)
        .map(|(due, id)| row! { "id": id, "due": *due, "n": "1.50" });
    t.db.insert_many("t", rows).await.unwrap();
}

/// All pages, and how long each was.
async fn pages(t: &Case, order: &str, size: u64) -> Vec<Vec<i64>> {
    let page = || t.db.select("t", "*").order_by(order).limit(size);
    let mut rows = page().await.unwrap();
    let mut pages = Vec::new();
    while let Some(last) = rows.last() {
        pages.push(ints(&rows, "id"));
        rows = page().after(last).await.unwrap();
    }
    pages
}

async fn pages_are_the_whole(t: &Case) {
    tasks(t).await;
    assert_eq!(pages(t, "id", 4).await, [vec![1, 2, 3, 4], vec![5, 6]]);
    assert_eq!(pages(t, "id DESC", 3).await, [[6, 5, 4], [3, 2, 1]]);
    assert_eq!(pages(t, "id", 100).await, [[1, 2, 3, 4, 5, 6]]);
}

async fn rows_that_are_equal_in_the_order_are_on_one_page_only(t: &Case) {
    tasks(t).await;
    for size in 1..7 {
        let found = pages(t, "n", size).await.concat();
        assert_eq!(found, [1, 2, 3, 4, 5, 6], "pages of {size}");
        let found = pages(t, "n DESC", size).await.concat();
        assert_eq!(found, [6, 5, 4, 3, 2, 1], "pages of {size}");
    }
}

async fn the_row_may_be_gone(t: &Case) {
    tasks(t).await;
    let page = || t.db.select("t", "id, due").order_by("due, id").limit(2);
    let first = page().await.unwrap();
    assert_eq!(ints(&first, "id"), [5, 2]);
    t.db.delete("t", row! { "id": [2, 5] }).await.unwrap();
    let second = page().after(&first[1]).await.unwrap();
    assert_eq!(ints(&second, "id"), [3, 6]);
    let third = page().after(&second[1]).await.unwrap();
    assert_eq!(ints(&third, "id"), [1, 4]);
}

async fn nulls_are_where_the_order_has_them(t: &Case) {
    tasks(t).await;
    for (order, expected) in [
        ("due", [5, 2, 3, 6, 1, 4]),
        ("due DESC", [4, 1, 6, 3, 2, 5]),
        ("due NULLS FIRST", [1, 4, 5, 2, 3, 6]),
        ("due DESC NULLS LAST", [6, 3, 2, 5, 4, 1]),
        ("due DESC, id", [1, 4, 2, 3, 6, 5]),
        ("due, id DESC", [5, 6, 3, 2, 4, 1]),
    ] {
        for size in 1..4 {
            let found = pages(t, order, size).await.concat();
            assert_eq!(found, expected, "{order}, pages of {size}");
        }
    }
}

async fn a_composite_key_ends_the_order(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4}, tenant {int4}, s text, PRIMARY KEY (tenant, id))")
        .await;
    let keys = [(1, 1), (2, 1), (1, 2), (2, 2), (3, 2)];
    let rows = keys.map(|(id, tenant)| row! { "id": id, "tenant": tenant, "s": "x" });
    t.db.insert_many("t", rows).await.unwrap();
    for order in ["s", "tenant", "s, tenant"] {
        let found = pages(t, order, 2).await.concat();
        assert_eq!(found, [1, 2, 1, 2, 3], "{order}");
    }
    assert_eq!(pages(t, "id", 2).await.concat(), [1, 1, 2, 2, 3]);
}

async fn a_row_may_come_back_as_json(t: &Case) {
    tasks(t).await;
    let page = || t.db.select("t", "*").order_by("n, due DESC").limit(2);
    let first = page().await.unwrap();
    let json = first[1].to_json();
    let cursor: Row = serde_json::from_str(&json).unwrap();
    let second = page().after(cursor).await.unwrap();
    assert_eq!(ints(&first, "id"), [4, 1]);
    assert_eq!(ints(&second, "id"), [6, 3]);
}

async fn pages_of_a_filter_and_a_stream(t: &Case) {
    use futures_util::TryStreamExt;
    tasks(t).await;
    let either = Filter::any_of([row! { "id": 6 }, row! { "id": 1 }, row! { "id": 3 }]);
    let select = || t.db.select("t", "*").filter(&either).order_by("id");
    let rest = select().after(row! { "id": 1 });
    let rows: Vec<Row> = rest.stream().try_collect().await.unwrap();
    assert_eq!(ints(&rows, "id"), [3, 6]);
    let one = select().after(row! { "id": 3 }).one().await.unwrap();
    assert_eq!(one["id"], 6);
    let skipped = select()
        .after(row! { "id": 1 })
        .offset(1)
        .limit(5)
        .await
        .unwrap();
    assert_eq!(ints(&skipped, "id"), [6]);
}

async fn what_cannot_be_right_is_refused(t: &Case) {
    tasks(t).await;
    t.ddl("CREATE VIEW v AS SELECT * FROM t").await;
    t.ddl("CREATE TABLE bare (id {int4}, doc {jsonb})").await;
    let after = || row! { "id": 1, "due": "2026-12-01" };
    let no_order = t.db.select("t", "*").after(after()).await;
    assert!(error(no_order).to_string().contains("order_by"));
    for table in ["v", "bare"] {
        let no_key = t.db.select(table, "*").order_by("id").after(after()).await;
        let error = error(no_key);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("no primary key"), "{error}");
    }
    let count =
        t.db.select("t", "count(*)")
            .order_by("id")
            .after(after())
            .await;
    assert_eq!(kind(count), ErrorKind::InvalidQuery);
    let distinct =
        t.db.select("t", "id")
            .distinct()
            .order_by("id")
            .after(after())
            .await;
    assert_eq!(kind(distinct), ErrorKind::InvalidQuery);
}

async fn rows_without_the_columns_are_refused(t: &Case) {
    tasks(t).await;
    let page = || t.db.select("t", "due").order_by("due").limit(2);
    let rows = page().await.unwrap();
    let error = error(page().after(&rows[0]).await);
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(error.to_string().contains("no column `id`"), "{error}");
}

async fn a_value_of_another_type_names_its_column(t: &Case) {
    tasks(t).await;
    let page =
        t.db.select("t", "*")
            .order_by("due")
            .after(row! { "due": "someday", "id": 1 });
    let error = error(page.await);
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let message = error.to_string();
    assert!(
        message.contains("`due`") && !message.contains("someday"),
        "{message}"
    );
}

async fn keys_that_are_null_are_refused_where_the_database_has_them(t: &Case) {
    tasks(t).await;
    let page = t.db.select("t", "*").order_by("due");
    let error = error(
        page.after(row! { "due": "2026-12-01", "id": None::<i32> })
            .await,
    );
    assert!(
        error.to_string().contains("NULL in the key column `id`"),
        "{error}"
    );
}

async fn text_is_paged_as_the_database_orders_it(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text, c char(4), u {uuid})")
        .await;
    let texts = [
        "b", "B", "a", "", "ä", "Z", "zz", "10", "9", "a b", "a-b", "ab",
    ];
    for (s, id) in texts.iter().zip(1_i64..) {
        let c: String = s.chars().take(4).collect();
        let u = format!("00000000-0000-4000-8000-0000000000{:02x}", id % 3);
        t.db.insert("t", row! { "id": id, "s": *s, "c": c, "u": u })
            .await
            .unwrap();
    }
    for order in ["s", "s DESC", "c", "c DESC", "u", "u DESC, s"] {
        let expected =
            t.db.select("t", "id")
                .order_by(format!(
                    "{order}, id{}",
                    if order.ends_with("DESC") { " DESC" } else { "" }
                ))
                .await
                .unwrap();
        for size in [1, 2, 5] {
            let found = pages(t, order, size).await.concat();
            assert_eq!(found, ints(&expected, "id"), "{order}, pages of {size}");
        }
    }
}

/// The columns of the random table: each with few values, so that many rows are equal.
const COLUMNS: [&str; 6] = ["a", "n", "f", "at", "s", "b"];

fn any_row(random: &mut Random, id: i64) -> Row {
    let mut row = row! { "id": id };
    let k = |random: &mut Random| i64::try_from(random.below(4)).unwrap();
    let null = |random: &mut Random| random.chance(25);
    let (a, n, f, s) = (k(random), k(random), k(random), k(random));
    row.set("a", (!null(random)).then_some(a));
    row.set(
        "n",
        (!null(random)).then(|| format!("{n}.{}", random.below(2) * 5)),
    );
    row.set("f", (!null(random)).then_some(f as f64 / 3.0));
    row.set(
        "at",
        (!null(random)).then(|| format!("2026-11-2{n}T01:25:25.00000{f}+00:00")),
    );
    row.set(
        "s",
        (!null(random)).then(|| ["", "a", "B", "ä"][usize::try_from(s).unwrap()]),
    );
    row.set("b", (!null(random)).then(|| random.chance(50)));
    row
}

fn any_order(random: &mut Random) -> String {
    let mut columns = COLUMNS.to_vec();
    random.shuffle(&mut columns);
    let terms = columns.iter().take(1 + random.below(3));
    let terms: Vec<String> = terms
        .map(|column| {
            let direction = random.pick(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC"]);
            format!("{column}{direction}")
        })
        .collect();
    match random.below(3) {
        0 => terms.join(", "),
        1 => format!("{}, id", terms.join(", ")),
        _ => format!("{}, id DESC", terms.join(", ")),
    }
}

/// The order as SQL of our own, from what the documents say.
fn as_sql(order: &str) -> String {
    let mut terms: Vec<String> = order.split(", ").map(str::to_owned).collect();
    let is_descending = |term: &String| term.contains(" DESC");
    let descending = terms.last().is_some_and(is_descending);
    if !terms.iter().any(|term| term.starts_with("id")) {
        terms.push(if descending { "id DESC" } else { "id" }.to_owned());
    }
    let terms = terms
        .iter()
        .map(|term| match (term.contains("NULLS"), is_descending(term)) {
            (true, _) => term.clone(),
            (false, true) => format!("{term} NULLS FIRST"),
            (false, false) => format!("{term} NULLS LAST"),
        });
    terms.collect::<Vec<_>>().join(", ")
}

async fn any_order_of_any_rows(t: &Case) {
    t.ddl(
        "CREATE TABLE t (id {int8} PRIMARY KEY, a {int4}, n {numeric}, f {float8}, at {timestamptz}, s text, b {bool})",
    )
    .await;
    // numbers that are kept as text are ordered as numbers by us, and here by what they are
    let number = t.either("n", "CAST(n AS REAL)");
    let (seed, _) = seed();
    let mut random = Random::new(seed);
    for round in 0..25 {
        t.db.delete("t", Filter::all()).await.unwrap();
        let mut rows: Vec<Row> = (0..40).map(|id| any_row(&mut random, id * 2)).collect();
        random.shuffle(&mut rows);
        t.db.insert_many("t", &rows).await.unwrap();
        let order = any_order(&mut random);
        let size = 1 + random.below(9) as u64;
        let context = format!("seed {seed}, round {round}, `{order}`, pages of {size}");

        let mut found: Vec<i64> = Vec::new();
        let mut touched: BTreeSet<i64> = BTreeSet::new();
        let mut deleted: Vec<Row> = Vec::new();
        let page = || t.db.select("t", "*").order_by(&order).limit(size);
        let mut rows = page().await.unwrap();
        let mut next = 1;
        while let Some(last) = rows.last().cloned() {
            assert!(rows.len() as u64 <= size, "{context}");
            found.extend(ints(&rows, "id"));
            if random.chance(40) {
                let row = any_row(&mut random, next);
                touched.insert(next);
                next += 2;
                t.db.insert("t", row).await.unwrap();
            }
            if random.chance(40) {
                // also the row that the next page begins behind
                let id = if random.chance(50) {
                    last["id"].as_i64().unwrap()
                } else {
                    random.below(40) as i64 * 2
                };
                touched.insert(id);
                let gone =
                    t.db.delete("t", row! { "id": id })
                        .returning("*")
                        .await
                        .unwrap();
                deleted.extend(gone);
            }
            rows = page().after(&last).await.unwrap();
        }

        // put back what was deleted, so that the database orders all that was ever seen
        for row in &deleted {
            t.db.insert("t", row).await.unwrap();
        }
        let sql = as_sql(&order)
            .split(", ")
            .map(|term| match term.strip_prefix("n") {
                Some(rest) if rest.is_empty() || rest.starts_with(' ') => format!("{number}{rest}"),
                _ => term.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(", ");
        let all = t.rows(&format!("SELECT id FROM t ORDER BY {sql}")).await;
        let all: Vec<i64> = all
            .iter()
            .map(|row| row[0].as_ref().unwrap().parse().unwrap())
            .collect();
        let seen: BTreeSet<i64> = found.iter().copied().collect();
        assert_eq!(seen.len(), found.len(), "a row twice: {context}");
        let in_order: Vec<i64> = all.iter().copied().filter(|id| seen.contains(id)).collect();
        assert_eq!(found, in_order, "another order: {context}");
        let lost: Vec<&i64> = all
            .iter()
            .filter(|id| !seen.contains(id) && !touched.contains(id))
            .collect();
        assert!(lost.is_empty(), "lost {lost:?}: {context}");
    }
}
