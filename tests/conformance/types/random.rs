//! Random values of each type, with a printed seed.

use db_adapter::prelude::*;
use db_adapter_core::temporal;
use proptest::prelude::{Just, Strategy, any, prop};
use proptest::prop_oneof;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::case::Case;
use crate::values::{json, num};

cases! {
    outside: [
        random_integers, random_doubles, random_floats, random_numerics, random_texts, random_bytes,
        random_instants, random_timestamps, random_dates, random_times, random_times_with_zone,
        random_uuids, random_documents, random_text_arrays, random_numeric_arrays,
    ]
}

/// A seed from `DB_ADAPTER_TESTS_SEED`, else a new one; printed, so that a failure can be run again.
fn runner(what: &str) -> TestRunner {
    let seed: u64 = match std::env::var("DB_ADAPTER_TESTS_SEED") {
        Ok(text) => text.parse().expect("a number as the seed"),
        Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64,
    };
    eprintln!("{what}: DB_ADAPTER_TESTS_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
    )
}

/// Random canonical values: written in bulk, given back in order, selected, found by equality.
async fn random<S>(t: &Case, sql_type: &str, strategy: S)
where
    S: Strategy,
    S::Value: Into<Value>,
{
    let total = if support::long() { 100_000 } else { 300 };
    let mut runner = runner(sql_type);
    t.ddl(&format!(
        "CREATE TABLE t (id {{int4}} PRIMARY KEY, v {{{sql_type}}}, w text)"
    ))
    .await;
    let is_json = sql_type.starts_with("json");
    for from in (0..total).step_by(5000) {
        let mut next = || strategy.new_tree(&mut runner).unwrap().current().into();
        let values: Vec<Value> = (from..total.min(from + 5000)).map(|_| next()).collect();
        let data: Vec<Row> = values
            .iter()
            .enumerate()
            .map(|(i, value)| {
                let text = match value {
                    Value::Array(_) => None,
                    Value::Bytes(_) => {
                        Some(value.to_json().trim_matches('"').replace("\\\\", "\\"))
                    }
                    Value::Float(v) => Some(v.to_string()),
                    Value::Text(v) => Some(v.to_string()),
                    Value::Numeric(v) => Some(v.to_string()),
                    other => Some(other.to_json()),
                };
                row! { "id": i + from, "v": value, "w": text }
            })
            .collect();
        let returned = t.db.insert_many("t", &data).returning("v").await.unwrap();
        for (given, row) in values.iter().zip(&returned) {
            assert_eq!(&row["v"], given, "{sql_type}, inserted");
        }
        let selected =
            t.db.select("t", "v")
                .filter(row! { "id": op::gte(from) })
                .order_by("id")
                .await
                .unwrap();
        assert_eq!(selected.len(), values.len());
        for (given, row) in values.iter().zip(&selected) {
            assert_eq!(&row["v"], given, "{sql_type}, selected");
        }
        if is_json {
            continue;
        }
        let found =
            t.db.count("t", row! { "v": op::is_in(&values), "id": op::gte(from) })
                .await
                .unwrap();
        assert_eq!(found, values.len() as u64, "{sql_type}, found among all");
        for (i, value) in values.iter().enumerate().take(100) {
            let filter = row! { "id": i + from, "v": op::eq(value) };
            assert!(
                t.db.exists("t", filter).await.unwrap(),
                "{sql_type}, found by {value:?}"
            );
        }
    }
    if t.is_postgres() {
        let sql = format!(
            "SELECT v::text || ' is not ' || (w::{sql_type})::text FROM t WHERE v::text <> (w::{sql_type})::text"
        );
        assert_eq!(t.scalar(&sql).await, "", "{sql_type}, as the server has it");
    }
}

async fn random_integers(t: &Case) {
    random(
        t,
        "int8",
        prop_oneof![any::<i64>(), -3_i64..3, Just(i64::MAX), Just(i64::MIN)],
    )
    .await;
}

async fn random_doubles(t: &Case) {
    use prop::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, QUIET_NAN, SUBNORMAL, ZERO};
    let all = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE | QUIET_NAN;
    let sqlite = !t.is_postgres();
    // see `negative_zero`
    let values = all.prop_map(move |v| if sqlite && v == 0.0 { 0.0 } else { v });
    random(t, "float8", values).await;
}

async fn random_floats(t: &Case) {
    use prop::num::f32::{INFINITE, NEGATIVE, NORMAL, POSITIVE, QUIET_NAN, SUBNORMAL, ZERO};
    let all = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE | QUIET_NAN;
    let sqlite = !t.is_postgres();
    // see `negative_zero`
    let values = all.prop_map(move |v| if sqlite && v == 0.0 { 0.0 } else { v });
    random(t, "float4", values).await;
}

fn any_numeric() -> impl Strategy<Value = Value> {
    prop_oneof![
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?".prop_map(|text| num(&text)),
        "-?0\\.0{0,30}[0-9]{1,5}".prop_map(|text| num(&text)),
        "-?[1-9]0{0,60}".prop_map(|text| num(&text)),
        any::<i64>().prop_map(|int| num(&int.to_string())),
        Just(num("NaN")),
    ]
}

async fn random_numerics(t: &Case) {
    random(t, "numeric", any_numeric()).await;
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| text.replace('\0', "")),
        "[ '\"\\\\%_,{}\\[\\]:$?\n\r\t-]{0,20}",
        "-?[0-9]{1,20}(\\.[0-9]{1,3}0)?(e[0-9])?",
    ]
}

async fn random_texts(t: &Case) {
    random(t, "text", any_text()).await;
}

async fn random_bytes(t: &Case) {
    random(t, "bytea", prop::collection::vec(any::<u8>(), 0..100)).await;
}

const FIRST: i64 = -211_813_488_000_000_000;

const LAST: i64 = 9_223_371_331_199_999_999;

fn any_micros() -> impl Strategy<Value = i64> {
    let near = -3_000_000_000_000_000_i64..3_000_000_000_000_000;
    let infinite = prop::sample::select(vec![i64::MAX, i64::MIN, FIRST, LAST, 0, -1]);
    prop_oneof![near.clone(), near, FIRST..=LAST, infinite]
}

async fn random_instants(t: &Case) {
    random(
        t,
        "timestamptz",
        any_micros().prop_map(temporal::format_timestamptz),
    )
    .await;
}

async fn random_timestamps(t: &Case) {
    random(
        t,
        "timestamp",
        any_micros().prop_map(temporal::format_timestamp),
    )
    .await;
}

async fn random_dates(t: &Case) {
    let infinite = prop::sample::select(vec![i32::MAX, i32::MIN, -2_451_545, 2_145_031_948]);
    let days = prop_oneof![-800_000..800_000, -2_451_545..=2_145_031_948, infinite];
    random(t, "date", days.prop_map(temporal::format_date)).await;
}

async fn random_times(t: &Case) {
    random(
        t,
        "time",
        (0..=86_400_000_000_i64).prop_map(temporal::format_time),
    )
    .await;
}

async fn random_times_with_zone(t: &Case) {
    let zone = prop_oneof![
        (-63..=63_i32).prop_map(|quarters| quarters * 900),
        -57_599..=57_599_i32
    ];
    let time = (0..=86_400_000_000_i64, zone);
    random(
        t,
        "timetz",
        time.prop_map(|(micros, east)| temporal::format_timetz(micros, east)),
    )
    .await;
}

async fn random_uuids(t: &Case) {
    random(
        t,
        "uuid",
        any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string()),
    )
    .await;
}

async fn random_documents(t: &Case) {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|v| v.to_string()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        any_text().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let documents = leaf.prop_recursive(4, 30, 5, |inner| {
        let key = any_text().prop_map(|text| serde_json::to_string(&text).unwrap());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key, inner), 0..5).prop_map(|entries| {
                let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{k} : {v}")).collect();
                format!("{{ {} }}", entries.join(","))
            }),
        ]
    });
    random(t, "json", documents.prop_map(|text| json(&text))).await;
}

async fn random_text_arrays(t: &Case) {
    let items = prop::collection::vec(prop::option::weighted(0.9, any_text()), 0..8);
    random(t, "text[]", items).await;
}

async fn random_numeric_arrays(t: &Case) {
    random(t, "numeric[]", prop::collection::vec(any_numeric(), 0..8)).await;
}
