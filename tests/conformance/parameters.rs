//! A parameter of own SQL may be null, optional or used several times, in every type.

use db_adapter::prelude::*;
use db_adapter::{ErrorKind, Json};

use crate::case::{Case, error, kind};
use crate::values::{ints, num};

cases! {
    anywhere: [
        an_optional_filter_works_in_every_type, an_optional_value_can_be_written,
        one_parameter_in_two_types, an_expression_that_is_grouped_by_keeps_one_parameter,
        a_decimal_number_beside_an_integer_keeps_its_digits,
    ]
    outside: [
        a_fraction_is_not_stored_as_an_integer, an_error_about_types_names_the_parameter,
        a_parameter_that_may_be_null_has_the_type_of_its_column,
    ]
}

fn samples() -> Vec<(&'static str, Value)> {
    vec![
        ("bool", true.into()),
        ("int2", 7.into()),
        ("int4", 7.into()),
        ("int8", i64::MAX.into()),
        ("float8", 0.1.into()),
        ("numeric", num("1.50")),
        ("text", "x".into()),
        ("varchar(5)", "x".into()),
        ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".into()),
        ("date", "2026-11-23".into()),
        ("timestamptz", "2026-11-23T01:25:35.000000+00:00".into()),
        ("timestamp", "2026-11-23T01:25:35.000000".into()),
        ("time", "01:25:35.000000".into()),
        ("bytea", vec![0_u8, 255].into()),
        ("int4[]", Value::from([1, 2])),
        ("text[]", Value::from(["a", "b"])),
        ("numeric[]", Value::from([num("1.50")])),
        ("date[]", Value::from(["2026-11-23"])),
    ]
}

async fn an_optional_filter_works_in_every_type(t: &Case) {
    for (i, (sql_type, value)) in samples().into_iter().enumerate() {
        let table = format!("t{i}");
        t.ddl(&format!(
            "CREATE TABLE {table} (id {{int4}} PRIMARY KEY, v {{{sql_type}}})"
        ))
        .await;
        t.db.insert(&table, row! { "id": 1, "v": &value })
            .await
            .unwrap();
        t.db.insert(&table, row! { "id": 2, "v": None::<i64> })
            .await
            .unwrap();
        for condition in [":p IS NULL OR v = :p", "v = :p OR :p IS NULL"] {
            let sql = format!("SELECT id FROM {table} WHERE ({condition}) ORDER BY id");
            // one and the same text with and without a value, in both orders
            for (given, expected) in [
                (Value::Null, vec![1, 2]),
                (value.clone(), vec![1]),
                (Value::Null, vec![1, 2]),
                (value.clone(), vec![1]),
            ] {
                let rows = t.db.query(&sql).bind("p", &given).await;
                let rows = rows.unwrap_or_else(|e| panic!("{sql_type} {given:?}: {e}"));
                assert_eq!(ints(&rows, "id"), expected, "{sql_type} {given:?}");
            }
        }
    }
}

async fn an_optional_value_can_be_written(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, d {date}, n {int8})")
        .await;
    t.db.insert("t", row! { "id": 1, "d": "2026-01-01", "n": 1 })
        .await
        .unwrap();
    let sql = "UPDATE t SET d = CASE WHEN :d IS NULL THEN d ELSE :d END, n = :n WHERE id = :id AND (:n IS NULL OR n <> :n)";
    for (d, n) in [(Some("2026-02-02"), Some(2)), (None, Some(3)), (None, None)] {
        let changed =
            t.db.execute(sql)
                .bind("d", d)
                .bind("n", n)
                .bind("id", 1)
                .await;
        assert_eq!(changed.unwrap(), 1, "{d:?} {n:?}");
    }
    assert_eq!(t.table("SELECT d, n FROM t").await, "2026-02-02,NULL");
}

async fn one_parameter_in_two_types(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, s {text}, d {date})")
        .await;
    t.db.insert("t", row! { "id": 7, "s": "2026-01-01", "d": "2026-01-01" })
        .await
        .unwrap();
    let sql = "SELECT id FROM t WHERE s = :p AND d = :p";
    let rows = t.db.query(sql).bind("p", "2026-01-01").await.unwrap();
    assert_eq!(ints(&rows, "id"), [7]);
}

/// Whatever stands first: it has the type of the column that it is written to or compared with.
async fn a_parameter_that_may_be_null_has_the_type_of_its_column(t: &Case) {
    t.ddl("CREATE TABLE t (id {int8} PRIMARY KEY, r {real}, c {char(3)}, j {json}, n {numeric}, s {int2})")
        .await;
    let json = || Json::parse(r#"{"b":1,"a":1E2,  "a":1.10}"#).unwrap();
    let long = Value::from(0.123_456_789_012_345_6_f64);
    let data = row! { "id": 1, "r": 0.1_f32, "c": "ab ", "j": json(), "n": &long };
    t.db.insert("t", data).await.unwrap();
    let find = "SELECT id FROM t WHERE (:v IS NULL OR";
    for condition in ["r = :v)", "r IN (:v))", "r >= :v) AND r <= :v"] {
        let found = t.db.query(format!("{find} {condition}")).bind("v", 0.1_f32);
        assert_eq!(found.await.unwrap().len(), 1, "{condition}");
    }
    let case = "SELECT id FROM t WHERE CASE WHEN :v IS NULL THEN true ELSE r = :v END";
    assert_eq!(t.db.query(case).bind("v", 0.1_f32).await.unwrap().len(), 1);
    for (column, value) in [("j", Value::from(json())), ("n", long.clone())] {
        let sql =
            format!("UPDATE t SET {column} = :v WHERE (:v IS NULL OR id = 1) AND :v IS NOT NULL");
        assert_eq!(t.db.execute(sql).bind("v", value).await.unwrap(), 1);
        let same = format!("INSERT INTO t (id, {column}) SELECT 2, {column} FROM t WHERE id = 1");
        t.db.execute(same).await.unwrap();
        let rows = t.db.select("t", column).order_by("id").await.unwrap();
        assert_eq!(rows[0], rows[1], "{column}");
        t.db.delete("t", row! { "id": 2 }).await.unwrap();
    }
    if t.is_postgres() {
        for (value, count) in [
            (Value::from("ab "), 1),
            (Value::Null, 1),
            (Value::from("x"), 0),
        ] {
            let found = t.db.query(format!("{find} c = :v)")).bind("v", value);
            assert_eq!(found.await.unwrap().len(), count);
        }
        let stored = t.scalar("SELECT j::text || ' ' || n FROM t").await;
        assert_eq!(stored, r#"{"b":1,"a":1E2,  "a":1.10} 0.1234567890123456"#);
        let update = t.db.execute("UPDATE t SET s = :v WHERE :v IS NOT NULL");
        assert_eq!(kind(update.bind("v", 1.5).await), ErrorKind::InvalidValue);
    }
    if t.is_postgres() {
        for condition in ["id::text = :v OR c = :v", "c = :v OR id::text = :v"] {
            let sql = format!("SELECT id FROM t WHERE {condition}");
            let found = t.db.query(&sql).bind("v", "ab ");
            assert_eq!(found.await.unwrap().len(), 1, "{sql}");
        }
    }
    for sql in [
        "SELECT DISTINCT id + :v AS x FROM t ORDER BY id + :v",
        "SELECT id + :v AS x, sum(id) FROM t GROUP BY id + :v HAVING id + :v > :v",
    ] {
        assert_eq!(
            t.db.query(sql).bind("v", 1).await.unwrap().len(),
            1,
            "{sql}"
        );
    }
    // one type for all where grouping needs it
    let grouped =
        "SELECT count(*) AS n FROM t GROUP BY :v IS NULL HAVING :v IS NULL OR count(*) = :v";
    assert_eq!(t.db.query(grouped).bind("v", 1).await.unwrap().len(), 1);
}

async fn an_expression_that_is_grouped_by_keeps_one_parameter(t: &Case) {
    t.ddl("CREATE TABLE t (n {int8})").await;
    t.db.insert_many("t", [row! { "n": 1 }, row! { "n": 2 }])
        .await
        .unwrap();
    let sql = "SELECT n + :p AS m, count(*) AS c FROM t GROUP BY n + :p ORDER BY n + :p";
    let rows = t.db.query(sql).bind("p", 10).await.unwrap();
    assert_eq!(ints(&rows, "m"), [11, 12]);
}

async fn an_error_about_types_names_the_parameter(t: &Case) {
    if !t.is_postgres() {
        return; // SQLite compares everything with everything
    }
    t.ddl("CREATE TABLE t (id int8, d date)").await;
    let sql = "SELECT id FROM t WHERE id = :first AND d = :second + :second";
    let refused = error(t.db.query(sql).bind("first", 1).bind("second", 2.5).await);
    assert!(refused.to_string().contains("`:second`"), "{refused}");
}

async fn a_decimal_number_beside_an_integer_keeps_its_digits(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {int4}, w {int8}, s {int2})")
        .await;
    let rows = (1..=10).map(|i| row! { "id": i, "n": i, "w": i, "s": i });
    t.db.insert_many("t", rows).await.unwrap();
    let mut four = vec![Value::Float(4.0), num("4.0")];
    if t.is_postgres() {
        // without digits behind its point SQLite takes it for an integer
        four.push(num("4"));
    }
    let half = [Value::Float(4.5), num("4.5")];
    for (sql, whole, with_half) in [
        ("SELECT 10 / :x", "2.5", "2.2222222222222222"),
        ("SELECT 10 / (1 + :x)", "2", "1.8181818181818182"),
        (
            "SELECT n / :x FROM t WHERE id = 10",
            "2.5",
            "2.2222222222222222",
        ),
        (
            "SELECT w / :x FROM t WHERE id = 10 AND n >= :x",
            "2.5",
            "2.2222222222222222",
        ),
        ("SELECT max(s) / :x FROM t", "2.5", "2.2222222222222222"),
        (
            "SELECT coalesce(:x, n) / 8 FROM t WHERE id = 1",
            "0.5",
            "0.5625",
        ),
        (
            "SELECT CASE WHEN id = 1 THEN :x ELSE n END / 8 FROM t WHERE id = 1",
            "0.5",
            "0.5625",
        ),
        ("SELECT count(*) FROM t WHERE id >= :x", "7", "6"),
        ("SELECT count(*) FROM t WHERE :x < id", "6", "6"),
        ("SELECT count(*) FROM t WHERE id IN (1, :x)", "2", "1"),
        (
            "SELECT count(*) FROM t WHERE id BETWEEN :x AND :x + 2",
            "3",
            "2",
        ),
        (
            "SELECT count(*) FROM t WHERE n = :x OR w = :x AND s = :x",
            "1",
            "0",
        ),
        (
            "SELECT n / :x + 1 FROM t WHERE id = 10 GROUP BY n / :x HAVING n / :x > :x / 3",
            "3.5",
            "3.2222222222222222",
        ),
    ] {
        let values = four.iter().map(|v| (v, whole));
        for (value, expected) in values.chain(half.iter().map(|v| (v, with_half))) {
            let row = t.db.query(sql).bind("x", value).one().await;
            let row = row.unwrap_or_else(|error| panic!("{sql} {value:?}: {error}"));
            let found = match row.get_index(0).unwrap() {
                Value::Numeric(n) => n.as_str().parse::<f64>().unwrap(),
                Value::Float(f) => *f,
                Value::Int(i) => *i as f64,
                other => panic!("{sql}: {other:?}"),
            };
            let expected: f64 = expected.parse().unwrap();
            assert!((found - expected).abs() < 1e-12, "{sql} {value:?}: {found}");
        }
    }
    // as an integer where it is one
    for value in &four {
        let limited = t.db.query("SELECT id FROM t ORDER BY id LIMIT :x");
        assert_eq!(limited.bind("x", value).await.unwrap().len(), 4);
        let update = t.db.execute("UPDATE t SET n = :x, w = :x WHERE id = :x");
        assert_eq!(update.bind("x", value).await.unwrap(), 1);
    }
    let update = "UPDATE t SET n = coalesce(:x, n) WHERE id = 9";
    assert_eq!(t.db.execute(update).bind("x", 4.0).await.unwrap(), 1);
    let delete = t.db.execute("DELETE FROM t WHERE id > :x");
    assert_eq!(delete.bind("x", 9.5).await.unwrap(), 1);
    assert_eq!(t.scalar("SELECT sum(n) FROM t").await, "40");
}

async fn a_fraction_is_not_stored_as_an_integer(t: &Case) {
    t.ddl("CREATE TABLE t (id {int4} PRIMARY KEY, n {int4})")
        .await;
    t.ddl("INSERT INTO t VALUES (1, 1)").await;
    if !t.is_postgres() {
        return; // SQLite keeps any number in any column
    }
    for value in [Value::Float(4.5), num("4.5"), Value::Float(f64::NAN)] {
        for sql in [
            "UPDATE t SET n = :x",
            "UPDATE t SET n = coalesce(:x, n)",
            "UPDATE t SET n = n + :x",
            "INSERT INTO t (id, n) VALUES (2, :x)",
            "INSERT INTO t (id, n) VALUES (2, 1), (3, :x)",
            "INSERT INTO t (id, n) SELECT 2, n * :x FROM t",
            "WITH x AS (UPDATE t SET n = :x RETURNING n) SELECT n FROM x",
        ] {
            let refused = error(t.db.query(sql).bind("x", &value).await);
            assert_eq!(refused.kind(), ErrorKind::InvalidValue, "{sql}");
            assert!(refused.to_string().contains("`x`"), "{refused}");
        }
        for sql in [
            "SELECT id FROM t LIMIT :x",
            "SELECT (ARRAY[1,2,3])[:x]",
            "SELECT repeat('a', :x)",
        ] {
            let refused = t.db.query(sql).bind("x", &value).await;
            assert_eq!(kind(refused), ErrorKind::InvalidValue, "{sql}");
        }
    }
    assert_eq!(t.table("SELECT * FROM t").await, "1,1");
}
