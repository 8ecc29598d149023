//! `= in > >= < <=` and `order_by` give the same rows in the same order on every backend.

use db_adapter::prelude::*;

use crate::case::Case;
use crate::values::{ints, num};

cases! {
    anywhere: [
        booleans_compare, integers_compare, floats_compare, narrow_floats_compare, numerics_compare,
        instants_compare, timestamps_compare, dates_compare, times_compare, uuids_compare,
        byte_strings_compare, texts_compare,
        nulls_come_last_ascending_and_first_descending, nulls_go_where_the_order_says,
        like_is_case_sensitive_and_ilike_is_not, patterns_have_two_wildcards_and_an_escape,
        patterns_fold_case_beyond_ascii, order_has_many_columns,
    ]
    outside: [numbers_of_other_types_find_their_equals, times_by_the_databases_default_are_found]
}

/// The groups are in ascending order, the values of a group are equal. Every row is found by every
/// operator with every value exactly as the places of the groups say.
async fn compare(t: &Case, sql_type: &str, groups: &[Vec<Value>]) {
    t.ddl(&format!(
        "CREATE TABLE t (id {{int4}} PRIMARY KEY, v {{{sql_type}}})"
    ))
    .await;
    let mut ranked: Vec<(usize, Value)> = Vec::new();
    for (rank, group) in groups.iter().enumerate() {
        ranked.extend(group.iter().map(|value| (rank, value.clone())));
    }
    let stored = |value: &Value| match value {
        // SQLite has no negative zero to store, but it is zero in a filter
        Value::Float(v) if *v == 0.0 && !t.is_postgres() => Value::from(0.0),
        other => other.clone(),
    };
    // the identity says nothing about the order: a fixed shuffle
    let count = ranked.len();
    let step = (7..).find(|step| gcd(*step, count) == 1).unwrap();
    let data = (0..count).map(|i| row! { "id": i, "v": stored(&ranked[i].1) });
    let mut data: Vec<Row> = data.collect();
    data = (0..count).map(|i| data[i * step % count].clone()).collect();
    data.insert(count / 2, row! { "id": count, "v": () });
    t.db.insert_many("t", &data).await.unwrap();

    let ids = |test: &dyn Fn(usize) -> bool| -> Vec<i64> {
        let found = ranked
            .iter()
            .enumerate()
            .filter(|(_, (rank, _))| test(*rank));
        found.map(|(id, _)| id as i64).collect()
    };
    let found = async |filter: Filter| {
        ints(
            &t.db
                .select("t", "id")
                .filter(filter)
                .order_by("id")
                .await
                .unwrap(),
            "id",
        )
    };
    for (rank, value) in &ranked {
        let rank = *rank;
        let what = |operator: &str| format!("{sql_type} {operator} {value:?}");
        assert_eq!(
            found(row! { "v": value }.into()).await,
            ids(&|r| r == rank),
            "{}",
            what("dict")
        );
        assert_eq!(
            found(row! { "v": op::eq(value) }).await,
            ids(&|r| r == rank),
            "{}",
            what("=")
        );
        assert_eq!(
            found(row! { "v": op::ne(value) }).await,
            ids(&|r| r != rank),
            "{}",
            what("<>")
        );
        assert_eq!(
            found(row! { "v": op::gt(value) }).await,
            ids(&|r| r > rank),
            "{}",
            what(">")
        );
        assert_eq!(
            found(row! { "v": op::gte(value) }).await,
            ids(&|r| r >= rank),
            "{}",
            what(">=")
        );
        assert_eq!(
            found(row! { "v": op::lt(value) }).await,
            ids(&|r| r < rank),
            "{}",
            what("<")
        );
        assert_eq!(
            found(row! { "v": op::lte(value) }).await,
            ids(&|r| r <= rank),
            "{}",
            what("<=")
        );
        let last = &ranked[count - 1];
        let pair = [value, &last.1];
        let either = ids(&|r| r == rank || r == last.0);
        assert_eq!(
            found(row! { "v": op::is_in(pair) }).await,
            either,
            "{}",
            what("in")
        );
        let neither = ids(&|r| r != rank && r != last.0);
        assert_eq!(
            found(row! { "v": op::not_in(pair) }).await,
            neither,
            "{}",
            what("not in")
        );
    }
    let all: Vec<Value> = ranked.iter().map(|(_, value)| value.clone()).collect();
    assert_eq!(
        found(row! { "v": op::is_in(&all) }).await,
        ids(&|_| true),
        "{sql_type} in all"
    );

    let mut ascending: Vec<i64> = ids(&|_| true);
    ascending.push(count as i64);
    let rows = t.db.select("t", "id").order_by("v, id").await.unwrap();
    assert_eq!(ints(&rows, "id"), ascending, "{sql_type} ascending");
    ascending.reverse();
    let rows =
        t.db.select("t", "id")
            .order_by("v DESC, id DESC")
            .await
            .unwrap();
    assert_eq!(ints(&rows, "id"), ascending, "{sql_type} descending");
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Each value is a group of its own.
fn each<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Vec<Vec<Value>> {
    values.into_iter().map(|value| vec![value.into()]).collect()
}

async fn booleans_compare(t: &Case) {
    compare(t, "bool", &each([false, true])).await;
}

async fn integers_compare(t: &Case) {
    let values = [
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        2,
        10,
        (1 << 53) - 1,
        1 << 53,
        (1 << 53) + 1,
        i64::MAX - 1,
        i64::MAX,
    ];
    compare(t, "int8", &each(values)).await;
}

fn floats() -> Vec<Vec<Value>> {
    let mut groups = each([f64::NEG_INFINITY, f64::MIN, -10.0, -2.0, -5e-324]);
    groups.push(vec![Value::from(-0.0), Value::from(0.0)]);
    groups.extend(each([
        5e-324,
        0.1,
        2.0,
        10.0,
        1e300,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ]));
    groups
}

async fn floats_compare(t: &Case) {
    compare(t, "float8", &floats()).await;
}

async fn narrow_floats_compare(t: &Case) {
    let mut groups = each([f32::NEG_INFINITY, -10.0]);
    groups.push(vec![Value::from(-0.0_f32), Value::from(0.0_f32)]);
    groups.extend(each([
        1e-45_f32,
        0.1,
        0.2,
        1.0,
        16_777_216.0,
        f32::MAX,
        f32::INFINITY,
        f32::NAN,
    ]));
    compare(t, "float4", &groups).await;
}

async fn numerics_compare(t: &Case) {
    let groups: Vec<Vec<Value>> = [
        vec!["-Infinity"],
        vec!["-99999999999999999999999999999999999999"],
        vec!["-10"],
        vec!["-9.5"],
        vec!["-0.000000000000000000001"],
        vec!["0", "0.00"],
        vec!["0.1", "0.10", "0.1000000"],
        vec!["0.11"],
        vec!["1.5", "1.50"],
        vec!["9"],
        vec!["10", "10.0", "1e1"],
        vec!["9007199254740992"],
        vec!["9007199254740993"],
        vec!["9223372036854775807"],
        vec!["9223372036854775808"],
        vec!["123456789012345678901234567890.1"],
        vec!["123456789012345678901234567890.2"],
        vec!["Infinity"],
        vec!["NaN"],
    ]
    .into_iter()
    .map(|group| group.into_iter().map(num).collect())
    .collect();
    compare(t, "numeric", &groups).await;
}

async fn instants_compare(t: &Case) {
    let mut groups = each([
        "-infinity",
        "4714-11-24T00:00:00.000000+00:00 BC",
        "0045-03-15T00:00:00.000000+00:00 BC",
        "0044-03-15T00:00:00.000000+00:00 BC",
        "0001-01-01T00:00:00.000000+00:00",
        "1969-12-31T23:59:59.999999+00:00",
        "1970-01-01T00:00:00.000000+00:00",
    ]);
    groups.push(
        [
            "2026-11-23T01:25:35.500000+00:00",
            "2026-11-23T02:25:35.5+01:00",
            "2026-11-23 01:25:35.5",
        ]
        .map(Value::from)
        .to_vec(),
    );
    groups.extend(each([
        "2026-11-23T02:00:00+00:00",
        "9999-12-31T23:59:59.999999+00:00",
        "10000-01-01T00:00:00.000000+00:00",
        "294276-12-31T23:59:59.999999+00:00",
        "infinity",
    ]));
    compare(t, "timestamptz", &groups).await;
}

async fn timestamps_compare(t: &Case) {
    let mut groups = each([
        "-infinity",
        "0044-03-15T00:00:00.000000 BC",
        "0001-01-01T00:00:00.000000",
    ]);
    groups.push(vec![
        "2026-11-23T01:25:35.000000".into(),
        "2026-11-23 01:25:35".into(),
    ]);
    groups.extend(each([
        "2026-11-23T01:25:35.000001",
        "10000-01-01T00:00:00.000000",
        "infinity",
    ]));
    compare(t, "timestamp", &groups).await;
}

async fn dates_compare(t: &Case) {
    let mut groups = each([
        "-infinity",
        "0045-03-15 BC",
        "0044-03-15 BC",
        "0001-01-01",
        "1999-12-31",
    ]);
    groups.push(vec!["2026-01-05".into(), "2026-1-5".into()]);
    groups.extend(each([
        "2026-01-10",
        "9999-12-31",
        "10000-01-01",
        "infinity",
    ]));
    compare(t, "date", &groups).await;
}

async fn times_compare(t: &Case) {
    let mut groups = each(["00:00:00.000000", "01:25:35.896668"]);
    groups.push(vec!["09:00:00.000000".into(), "9:00".into()]);
    groups.extend(each([
        "10:00:00.000000",
        "23:59:59.999999",
        "24:00:00.000000",
    ]));
    compare(t, "time", &groups).await;
}

async fn uuids_compare(t: &Case) {
    let mut groups = each([
        "00000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-0000-00000000000a",
        "12345678-1234-1234-1234-123456789012",
    ]);
    let spellings = [
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11",
    ];
    groups.push(spellings.map(Value::from).to_vec());
    groups.extend(each([
        "b0000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ]));
    compare(t, "uuid", &groups).await;
}

async fn byte_strings_compare(t: &Case) {
    let values: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"\x01", b"1", b"A", b"a\0", b"\xff"];
    compare(t, "bytea", &each(values)).await;
}

/// The order of text is the collation's: ASCII letters of one case are the same in all of them.
async fn texts_compare(t: &Case) {
    let values = ["", "a", "aa", "ab", "b", "ba", "z"];
    compare(t, "text", &each(values)).await;
}

async fn nulls_come_last_ascending_and_first_descending(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, v {int4})")
        .await;
    let data = [Some(2), None, Some(1)].into_iter().enumerate();
    t.db.insert_many("t", data.map(|(id, v)| row! { "id": id, "v": v }))
        .await
        .unwrap();
    for (order, expected) in [
        ("v", [2, 0, 1]),
        ("v ASC", [2, 0, 1]),
        ("v DESC", [1, 0, 2]),
        ("v desc", [1, 0, 2]),
    ] {
        let rows = t.db.select("t", "id").order_by(order).await.unwrap();
        assert_eq!(ints(&rows, "id"), expected, "{order}");
    }
}

async fn nulls_go_where_the_order_says(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, v {numeric})")
        .await;
    let data = [Some(num("2")), None, Some(num("10"))]
        .into_iter()
        .enumerate();
    t.db.insert_many("t", data.map(|(id, v)| row! { "id": id, "v": v }))
        .await
        .unwrap();
    for (order, expected) in [
        ("v NULLS FIRST", [1, 0, 2]),
        ("v ASC NULLS LAST", [0, 2, 1]),
        ("v DESC NULLS LAST", [2, 0, 1]),
        ("v DESC nulls first", [1, 2, 0]),
    ] {
        let rows = t.db.select("t", "id").order_by(order).await.unwrap();
        assert_eq!(ints(&rows, "id"), expected, "{order}");
    }
}

async fn words(t: &Case, words: &[&str]) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, s text)")
        .await;
    let data = words
        .iter()
        .enumerate()
        .map(|(id, word)| row! { "id": id, "s": *word });
    t.db.insert_many("t", data).await.unwrap();
    t.db.insert("t", row! { "id": 999, "s": () }).await.unwrap();
}

async fn matching(t: &Case, test: db_adapter::Test) -> Vec<i64> {
    let rows =
        t.db.select("t", "id")
            .filter(row! { "s": test })
            .order_by("id")
            .await
            .unwrap();
    ints(&rows, "id")
}

async fn like_is_case_sensitive_and_ilike_is_not(t: &Case) {
    words(t, &["Alice", "ALICE", "alice", "Alicia", "Bob", ""]).await;
    assert_eq!(matching(t, op::like("Ali%")).await, [0, 3]);
    assert_eq!(matching(t, op::like("alice")).await, [2]);
    assert_eq!(matching(t, op::like("%")).await, [0, 1, 2, 3, 4, 5]);
    assert_eq!(matching(t, op::like("")).await, [5]);
    assert_eq!(matching(t, op::ilike("ali%")).await, [0, 1, 2, 3]);
    assert_eq!(matching(t, op::ilike("ALICE")).await, [0, 1, 2]);
    assert_eq!(matching(t, op::ilike("_OB")).await, [4]);
}

async fn patterns_have_two_wildcards_and_an_escape(t: &Case) {
    let list = [
        "a%b", "aXb", "a_b", "a\\b", "ab", "a*b", "a?b", "a[x]b", "a]b", "a\nb", "[abc]", "ab*",
        "^ab",
    ];
    words(t, &list).await;
    let at = |word: &str| list.iter().position(|w| *w == word).unwrap() as i64;
    for (pattern, word) in [
        ("a\\%b", "a%b"),
        ("a\\_b", "a_b"),
        ("a\\\\b", "a\\b"),
        ("a*b", "a*b"),
        ("a?b", "a?b"),
        ("a[x]b", "a[x]b"),
        ("[abc]", "[abc]"),
        ("ab*", "ab*"),
        ("^ab", "^ab"),
        ("\\a\\b", "ab"),
    ] {
        assert_eq!(
            matching(t, op::like(pattern)).await,
            [at(word)],
            "like {pattern}"
        );
        assert_eq!(
            matching(t, op::ilike(pattern.to_uppercase())).await,
            [at(word)],
            "ilike {pattern}"
        );
    }
    let one_between = ["a%b", "aXb", "a_b", "a\\b", "a*b", "a?b", "a]b", "a\nb"].map(at);
    assert_eq!(matching(t, op::like("a_b")).await, one_between);
    let any_between = [
        "a%b", "aXb", "a_b", "a\\b", "ab", "a*b", "a?b", "a[x]b", "a]b", "a\nb",
    ]
    .map(at);
    assert_eq!(matching(t, op::like("a%b")).await, any_between);
    let wrong =
        t.db.select("t", "id")
            .filter(row! { "s": op::like("a\\") })
            .await;
    assert_eq!(
        crate::case::kind(wrong),
        db_adapter::ErrorKind::InvalidQuery
    );
}

async fn patterns_fold_case_beyond_ascii(t: &Case) {
    words(t, &["GRÖßE", "größe", "Größe", "grosse", "日本", "ŻÓŁĆ"]).await;
    assert_eq!(matching(t, op::like("gr_ße")).await, [1]);
    assert_eq!(matching(t, op::ilike("größe")).await, [0, 1, 2]);
    assert_eq!(matching(t, op::ilike("żół_")).await, [5]);
    assert_eq!(matching(t, op::like("_本")).await, [4]);
}

async fn order_has_many_columns(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, a text, b {int4})")
        .await;
    let data = [
        ("x", Some(1)),
        ("y", Some(2)),
        ("x", None),
        ("y", Some(1)),
        ("x", Some(2)),
    ];
    let rows = data
        .into_iter()
        .enumerate()
        .map(|(id, (a, b))| row! { "id": id, "a": a, "b": b });
    t.db.insert_many("t", rows).await.unwrap();
    for (order, expected) in [
        ("a, b", [0, 4, 2, 3, 1]),
        ("a DESC, b DESC", [1, 3, 2, 4, 0]),
        ("b DESC NULLS LAST, a", [4, 1, 0, 3, 2]),
    ] {
        let rows = t.db.select("t", "id").order_by(order).await.unwrap();
        assert_eq!(ints(&rows, "id"), expected, "{order}");
    }
}

/// An integer finds the equal numeric and float, a text in another spelling the equal of its type.
async fn numbers_of_other_types_find_their_equals(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, n {numeric(10,2)}, f {float8}, i {int4})")
        .await;
    t.db.insert("t", row! { "n": num("2.00"), "f": 2.0, "i": 2 })
        .await
        .unwrap();
    for filter in [
        row! { "n": 2, "f": 2, "i": 2 },
        row! { "n": 2.0, "f": num("2.0"), "i": 2.0 },
        row! { "n": "2", "f": "2", "i": "2" },
        row! { "n": num("2"), "f": 2.0, "i": num("2.00") },
    ] {
        assert_eq!(t.db.count("t", &filter).await.unwrap(), 1, "{filter:?}");
    }
    assert_eq!(
        t.db.count("t", row! { "n": op::gt(num("1.999999999999999999999")) })
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        t.db.count("t", row! { "n": op::eq(num("2.001")) })
            .await
            .unwrap(),
        0
    );
}

/// A canonical timestamp finds the row that the database itself dated.
async fn times_by_the_databases_default_are_found(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, at {timestamptz} DEFAULT {now}, day {timestamp} DEFAULT CURRENT_TIMESTAMP)").await;
    let row = t.db.insert("t", row! {}).await.unwrap();
    t.ddl("INSERT INTO t (at) VALUES ('2026-11-23 02:25:25'), ('2026-11-23 02:25:26')")
        .await;
    for name in ["at", "day"] {
        let filter = row! { (name): op::eq(&row[name]) };
        assert!(
            t.db.exists("t", filter.and(row! { "id": 1 }))
                .await
                .unwrap(),
            "{name}"
        );
    }
    let found =
        t.db.select("t", "id, at")
            .filter(row! { "at": "2026-11-23T02:25:25.000000+00:00" })
            .one()
            .await
            .unwrap();
    assert_eq!(
        found,
        row! { "id": 2, "at": "2026-11-23T02:25:25.000000+00:00" }
    );
    let later =
        t.db.select("t", "id")
            .filter(row! { "at": op::gt("2026-11-23T02:25:25.000000+00:00"), "id": op::gt(1) })
            .await
            .unwrap();
    assert_eq!(ints(&later, "id"), [3]);
    let listed =
        t.db.count(
            "t",
            row! { "at": ["2026-11-23T03:25:25+01:00", "2026-11-23T02:25:26Z"] },
        )
        .await
        .unwrap();
    assert_eq!(listed, 2);
}
