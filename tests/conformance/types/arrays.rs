//! Arrays of every type.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use super::{round_trip, round_trip_more, same};
use crate::case::{Case, kind};
use crate::values::num;

cases! {
    anywhere: [integer_arrays, text_arrays, other_arrays]
}

async fn integer_arrays(t: &Case) {
    let null = || Value::Null;
    let values = [
        Value::from(Vec::<i64>::new()),
        Value::from([1, 2, 3]),
        Value::from([Value::from(1), null(), Value::from(-3)]),
        Value::from([null()]),
        Value::from([[1, 2], [3, 4]]),
        Value::from([[[i64::from(i32::MAX)]], [[i64::from(i32::MIN)]]]),
    ];
    round_trip(t, "int4[]", same(values)).await;
    assert_eq!(
        kind(
            t.db.insert(
                "of_int4__",
                row! { "v": Value::from([Value::from([1]), Value::from([1, 2])]) }
            )
            .await
        ),
        ErrorKind::InvalidValue
    );
    assert_eq!(
        kind(t.db.insert("of_int4__", row! { "v": ["x"] }).await),
        ErrorKind::InvalidValue
    );
}

async fn text_arrays(t: &Case) {
    let values = [
        Value::from(Vec::<String>::new()),
        Value::from(["a", "b"]),
        Value::from(["", " ", "NULL", "null"]),
        Value::from([Some("NULL"), None]),
        Value::from([
            "a,b",
            "{x}",
            "\"q\"",
            "back\\slash",
            "new\nline",
            "'",
            "[1]",
            "żółć",
            "🦀",
        ]),
        Value::from([["a", "b"], ["c", "d"]]),
    ];
    round_trip(t, "text[]", same(values)).await;
    if t.is_postgres() {
        let truth = t.scalar(r"SELECT count(*) FROM of_text__ WHERE v = ARRAY['a,b', '{x}', '\x22q\x22', E'back\\slash', E'new\nline', '''', '[1]', 'żółć', '🦀']".replace(r"\x22", "\"").as_str()).await;
        assert_eq!(truth, "2");
    }
}

async fn other_arrays(t: &Case) {
    round_trip(
        t,
        "bool[]",
        same([Value::from([Some(true), None, Some(false)])]),
    )
    .await;
    round_trip(
        t,
        "int8[]",
        same([Value::from([i64::MIN, i64::MAX, (1 << 53) + 1])]),
    )
    .await;
    round_trip(
        t,
        "float8[]",
        same([Value::from([0.1, -0.0, f64::NAN, f64::INFINITY])]),
    )
    .await;
    round_trip(t, "float4[]", same([Value::from([0.1_f32, f32::MAX])])).await;
    round_trip(
        t,
        "numeric[]",
        same([Value::from([
            num("1.50"),
            num("NaN"),
            num("12345678901234567890.1"),
        ])]),
    )
    .await;
    round_trip(
        t,
        "uuid[]",
        same([Value::from(["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"])]),
    )
    .await;
    let instants = ["2026-11-23T01:25:35.896668+00:00", "infinity"];
    round_trip(t, "timestamptz[]", same([Value::from(instants)])).await;
    round_trip(
        t,
        "date[]",
        same([Value::from(["2026-11-23", "-infinity"])]),
    )
    .await;
    round_trip(
        t,
        "bytea[]",
        same([Value::from(vec![
            Value::from(vec![0_u8, 255]),
            Value::from(Vec::<u8>::new()),
            Value::Null,
        ])]),
    )
    .await;
    let given = Value::from(["2026-11-23 02:25:25+01"]);
    let canonical = Value::from(["2026-11-23T01:25:25.000000+00:00"]);
    round_trip_more(t, "timestamptz[]", vec![(given, canonical)]).await;
}
