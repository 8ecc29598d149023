//! Booleans, numbers and uuids.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use super::{round_trip, round_trip_more, same, table_of};
use crate::case::{Case, kind};
use crate::values::num;

cases! {
    anywhere: [booleans, integers, doubles, floats, numerics, uuids]
}

async fn booleans(t: &Case) {
    round_trip(t, "bool", same([true, false])).await;
    let raw = t
        .rows("SELECT DISTINCT CASE WHEN v THEN 1 ELSE 0 END FROM of_bool ORDER BY 1")
        .await;
    assert_eq!(raw, [[Some("0".to_owned())], [Some("1".to_owned())]]);
}

async fn integers(t: &Case) {
    const TWO_53: i64 = 1 << 53;
    round_trip(
        t,
        "int2",
        same([0, 1, -1, i64::from(i16::MIN), i64::from(i16::MAX)]),
    )
    .await;
    round_trip(
        t,
        "int4",
        same([0, 1, -1, i64::from(i32::MIN), i64::from(i32::MAX)]),
    )
    .await;
    let wide = [
        0,
        -1,
        TWO_53 - 1,
        TWO_53,
        TWO_53 + 1,
        -TWO_53 - 1,
        i64::MIN,
        i64::MAX,
    ];
    round_trip(t, "int8", same(wide)).await;
    let truth = t.scalar("SELECT max(v) FROM of_int8").await;
    assert_eq!(truth, i64::MAX.to_string());
}

/// SQLite's floats have no negative zero: what it would alter is refused, never altered in
/// silence. As a filter it is zero everywhere.
async fn negative_zero(t: &Case, sql_type: &str) {
    let table = table_of(sql_type);
    let zeros =
        t.db.count(&table, row! { "v": op::eq(-0.0) })
            .await
            .unwrap();
    assert_eq!(zeros, 2, "the zero as it was given and given back");
    if t.is_postgres() {
        t.ddl(&format!("DROP TABLE {table}")).await;
        round_trip(t, sql_type, same([-0.0, 0.0])).await;
        return;
    }
    for outcome in [
        t.db.insert(&table, row! { "v": -0.0 }).await.map(drop),
        t.db.insert_many(&table, [row! { "v": 1.0 }, row! { "v": -0.0 }])
            .await
            .map(drop),
        t.db.update(&table, row! { "v": -0.0 }, row! { "v": 0.0 })
            .await
            .map(drop),
    ] {
        assert_eq!(kind(outcome), ErrorKind::InvalidValue);
    }
}

async fn doubles(t: &Case) {
    let values = [
        0.0,
        0.1,
        -1.5,
        1.0,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::MIN,
        1e15,
        1e16,
        1e300,
        9_007_199_254_740_993.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    round_trip(t, "float8", same(values)).await;
    negative_zero(t, "float8").await;
    let ids = t.db.insert("of_float8", row! { "v": 3 }).await.unwrap();
    assert_eq!(ids["v"], 3.0);
}

async fn floats(t: &Case) {
    let values = [
        0.0,
        0.1_f32,
        3.3,
        16_777_216.0,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ];
    round_trip(t, "float4", same(values)).await;
    negative_zero(t, "float4").await;
    let wide =
        t.db.insert("of_float4", row! { "v": 0.1_f64 })
            .await
            .unwrap();
    assert_eq!(wide["v"], 0.1, "not 0.10000000149011612");
}

async fn numerics(t: &Case) {
    let exact = [
        "0",
        "0.00",
        "1.5",
        "1.50",
        "-1.50",
        "9007199254740993",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "0.1",
        "0.10",
        "1e3",
        "1000.000",
        "123456789012345678901234567890.123456789012345678901234567890",
        "0.000000000000000000001",
        "NaN",
        "Infinity",
        "-Infinity",
    ];
    round_trip(t, "numeric", same(exact.map(num))).await;
    let long = format!("{}.{}", "9".repeat(400), "1".repeat(300));
    round_trip(t, "numeric(1000,300)", same([num(&long)])).await;
    let given = [
        ("1.5", "1.5000000000"),
        ("-0", "0.0000000000"),
        ("9007199254740993.0000000001", "9007199254740993.0000000001"),
        (
            "1234567890123456789012345678.0123456789",
            "1234567890123456789012345678.0123456789",
        ),
        ("0.00000000010", "0.0000000001"),
        ("NaN", "NaN"),
    ];
    round_trip(t, "numeric(38,10)", given.map(|(a, b)| (num(a), num(b)))).await;
    let others = [
        (Value::from(7), num("7.00")),
        (Value::from(0.1), num("0.10")),
        ("2.5".into(), num("2.50")),
    ];
    round_trip(t, "numeric(6,2)", others).await;
    let refused =
        t.db.insert("of_numeric_6_2_", row! { "v": num("12345") })
            .await;
    assert_eq!(kind(refused), ErrorKind::InvalidValue);
}

async fn uuids(t: &Case) {
    const CANONICAL: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let given = [
        CANONICAL.to_owned(),
        CANONICAL.to_uppercase(),
        CANONICAL.replace('-', ""),
        format!("{{{CANONICAL}}}"),
    ];
    round_trip(t, "uuid", given.map(|text| (text.into(), CANONICAL.into()))).await;
    let nil = "00000000-0000-0000-0000-000000000000";
    let digits = "12345678-1234-1234-1234-123456789012";
    round_trip_more(t, "uuid", same([nil, digits])).await;
    let typed: uuid::Uuid = CANONICAL.parse().unwrap();
    let row = t.db.insert("of_uuid", row! { "v": typed }).await.unwrap();
    assert_eq!(row.get::<uuid::Uuid>("v").unwrap(), typed);
}
