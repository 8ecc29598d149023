//! The decoders against the server's own `::text`: thousands of random values in a few queries.

use db_adapter::prelude::*;
use db_adapter::{PostgresAdapter, Value};
use proptest::test_runner::{RngAlgorithm, TestRng};
use support::TestDatabase;

use crate::database;

/// Random numbers from a seed that is printed, so that a failure can be repeated.
struct Random(TestRng);

impl Random {
    fn new() -> Self {
        let seed = std::env::var("DB_ADAPTER_TESTS_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                now.unwrap().subsec_nanos()
            });
        println!("DB_ADAPTER_TESTS_SEED={seed}");
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&seed.to_be_bytes());
        Random(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    fn bits(&mut self) -> u64 {
        use proptest::prelude::Rng as _;
        self.0.next_u64()
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    fn numeric(&mut self) -> String {
        match self.below(50) {
            0 => return "NaN".into(),
            1 => return "Infinity".into(),
            2 => return "-Infinity".into(),
            _ => {}
        }
        let most = if self.below(100) == 0 { 400 } else { 30 };
        let (whole, fraction) = (self.below(most), self.below(most));
        let mut text = String::from(if self.below(2) == 0 { "-" } else { "" });
        let mut digits = |count: u64, text: &mut String| {
            let zeros = self.below(3) == 0;
            for _ in 0..count {
                let digit = if zeros && self.below(4) > 0 {
                    0
                } else {
                    self.below(10)
                };
                text.push(char::from(b'0' + digit as u8));
            }
        };
        digits(whole, &mut text);
        if fraction > 0 || whole == 0 {
            text.push('.');
            digits(fraction.max(1), &mut text);
        }
        text
    }
}

/// Selects each value natively and as the server's text, and compares by `ours`.
async fn compare(
    db: &PostgresAdapter,
    values: Vec<String>,
    sql_type: &str,
    ours: impl Fn(&Value) -> String,
    servers: impl Fn(&str) -> String,
) {
    let sql = format!(
        "SELECT x::{sql_type} AS v, x::{sql_type}::text AS t, ARRAY[x::{sql_type}, NULL] AS a FROM unnest(:values::text[]) AS x"
    );
    let rows = db.query(sql).bind("values", values.clone()).await.unwrap();
    assert_eq!(rows.len(), values.len());
    for (row, given) in rows.iter().zip(&values) {
        let text = row["t"].as_str().unwrap();
        assert_eq!(ours(&row["v"]), servers(text), "{sql_type} {given}");
        assert_eq!(
            row["a"],
            Value::Array([row["v"].clone(), Value::Null].into())
        );
    }
}

#[tokio::test]
async fn numerics_are_the_servers_text() {
    let (_database, db) = database("").await;
    let mut random = Random::new();
    let count = if support::long() { 100_000 } else { 20_000 };
    for _ in 0..count / 5000 {
        let values = (0..5000).map(|_| random.numeric()).collect();
        let ours = |value: &Value| match value {
            Value::Numeric(n) => n.as_str().to_owned(),
            other => panic!("{other:?}"),
        };
        compare(&db, values, "numeric", ours, str::to_owned).await;
    }
}

#[tokio::test]
async fn floats_read_back_as_the_servers_text() {
    let (_database, db) = database("").await;
    let mut random = Random::new();
    let special = [
        "NaN",
        "Infinity",
        "-Infinity",
        "-0",
        "0",
        "1e-45",
        "3.4028235e38",
    ];
    let mut values: Vec<String> = special.map(String::from).to_vec();
    values.extend((0..5000).map(|_| format!("{:e}", f32::from_bits(random.bits() as u32))));
    let spell = |text: &String| text.replace("inf", "Infinity");
    let values: Vec<String> = values.iter().map(spell).collect();
    // two texts may be as short: PostgreSQL never takes one on the edge between two floats
    let float4 = |value: &Value| match value {
        Value::Float(f) => format!("{:?}", *f as f32),
        other => panic!("{other:?}"),
    };
    let as_float4 = |text: &str| format!("{:?}", text.parse::<f32>().unwrap());
    compare(&db, values.clone(), "float4", float4, as_float4).await;
    let ours = |value: &Value| match value {
        Value::Float(f) => format!("{f:?}"),
        other => panic!("{other:?}"),
    };
    let servers = |text: &str| format!("{:?}", text.parse::<f64>().unwrap());
    let mut values = values;
    values.extend((0..5000).map(|_| format!("{:e}", f64::from_bits(random.bits()))));
    let values = values.iter().map(spell).collect();
    compare(&db, values, "float8", ours, servers).await;
}

/// PostgreSQL's `2026-01-02 03:04:05.6+00 BC` in our form.
fn iso(text: &str, zone: bool) -> String {
    if text.ends_with("infinity") {
        return text.to_owned();
    }
    let (text, era) = match text.strip_suffix(" BC") {
        Some(text) => (text, " BC"),
        None => (text, ""),
    };
    let text = text.strip_suffix("+00").unwrap_or(text);
    let text = text.replace(' ', "T");
    let (seconds, micros) = text.split_once('.').unwrap_or((&text, ""));
    format!(
        "{seconds}.{micros:0<6}{}{era}",
        if zone { "+00:00" } else { "" }
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn dates_and_times_are_the_servers_text() {
    let (_database, db) = database("").await;
    let mut random = Random::new();
    let mut dates = vec![
        "infinity".into(),
        "-infinity".into(),
        "4713-01-01 BC".into(),
        "5874897-12-31".into(),
        "0001-01-01".into(),
        "0001-12-31 BC".into(),
    ];
    let mut stamps: Vec<String> = vec![
        "infinity".into(),
        "-infinity".into(),
        "4713-11-24 00:00:00 BC".into(),
        "294276-12-31 23:59:59.999999".into(),
    ];
    let mut times: Vec<String> = vec!["24:00:00".into(), "00:00".into()];
    for _ in 0..5000 {
        let year = if random.below(2) == 0 {
            random.below(4700)
        } else {
            random.below(290_000)
        } + 1;
        let date = format!(
            "{year:04}-{:02}-{:02}",
            random.below(12) + 1,
            random.below(28) + 1
        );
        let era = if year < 4700 && random.below(2) == 0 {
            " BC"
        } else {
            ""
        };
        let time = format!(
            "{:02}:{:02}:{:02}.{:06}",
            random.below(24),
            random.below(60),
            random.below(60),
            random.below(1_000_000)
        );
        dates.push(format!("{date}{era}"));
        stamps.push(format!("{date} {time}{era}"));
        times.push(time);
    }
    compare(&db, dates, "date", text, str::to_owned).await;
    compare(&db, stamps.clone(), "timestamp", text, |t| iso(t, false)).await;
    compare(&db, stamps, "timestamptz", text, |t| iso(t, true)).await;
    compare(&db, times.clone(), "time", text, |t| iso(t, false)).await;
    let zones = ["+00", "+05:30", "-12", "+15:59:59", "-00:00:07"];
    let zoned: Vec<String> = times
        .iter()
        .zip(zones.iter().cycle())
        .map(|(t, z)| format!("{t}{z}"))
        .collect();
    let servers = |text: &str| {
        let at = text.rfind(['+', '-']).unwrap();
        let (time, zone) = text.split_at(at);
        let minutes = if zone.len() == 3 { ":00" } else { "" };
        format!("{}{zone}{minutes}", iso(time, false))
    };
    compare(&db, zoned, "timetz", text, servers).await;
}

#[tokio::test]
async fn texts_bytes_uuids_and_json_are_the_servers() {
    let (_database, db) = database("").await;
    let words: Vec<String> = ["", "a", "a  ", "Ä\u{1F600}", "{}", "null", "\"x\\"]
        .map(String::from)
        .to_vec();
    for sql_type in ["text", "varchar", "name"] {
        compare(&db, words.clone(), sql_type, text, str::to_owned).await;
    }
    compare(&db, words, "bpchar", text, str::to_owned).await;
    let uuids = vec![
        "A0EEBC999C0B4EF8BB6D6BB9BD380A11".into(),
        "00000000-0000-0000-0000-000000000000".into(),
    ];
    compare(&db, uuids, "uuid", text, str::to_owned).await;
    let documents: Vec<String> = [
        "null",
        "{\"b\": 1, \"a\":  [1.50, 12345678901234567890.0123]}",
        "\"x\"",
    ]
    .map(String::from)
    .to_vec();
    let json = |value: &Value| match value {
        Value::Json(json) => json.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    compare(&db, documents.clone(), "json", json, str::to_owned).await;
    compare(&db, documents, "jsonb", json, str::to_owned).await;
    let ints = |value: &Value| value.as_i64().unwrap().to_string();
    compare(
        &db,
        vec!["-9223372036854775808".into(), "9223372036854775807".into()],
        "int8",
        ints,
        str::to_owned,
    )
    .await;
    compare(&db, vec!["4294967295".into()], "oid", ints, str::to_owned).await;
}

#[tokio::test]
async fn arrays_with_bounds_and_dimensions_are_the_servers() {
    let (_database, db) =
        database("CREATE TABLE a (id serial PRIMARY KEY, x int[], t text[])").await;
    for literal in [r"[0:1]={7,NULL}", r"[-2:-1][3:4]={{1,2},{3,4}}"] {
        let row = db.insert("a", row! { "x": literal }).await.unwrap();
        assert_eq!(row["x"], literal);
        assert_eq!(
            db.count("a", row! { "x": op::eq(literal) }).await.unwrap(),
            1
        );
    }
    let odd = r#"[5:9]={a,"",NULL,"null","x \"\\,{}"}"#;
    let row = db.insert("a", row! { "t": odd }).await.unwrap();
    assert_eq!(row["t"], odd);
    let nested = Value::Array([Value::from([1, 2]), Value::from([3, 4])].into());
    let row = db.insert("a", row! { "x": nested.clone() }).await.unwrap();
    assert_eq!(row["x"], nested);
    let row = db
        .insert("a", row! { "x": Vec::<i64>::new() })
        .await
        .unwrap();
    assert_eq!(row["x"], Value::from(Vec::<i64>::new()));
}

/// Every type that the driver must never see is text, in and out, and as NULL.
#[tokio::test]
async fn any_other_type_is_its_own_text() {
    let database = TestDatabase::postgres().await;
    database
        .sql("CREATE EXTENSION hstore; CREATE TYPE pair AS (a int, b text); CREATE TYPE span AS RANGE (subtype = float8);
              CREATE DOMAIN pairs AS pair; CREATE TYPE mood AS ENUM ('sad', 'happy')")
        .await;
    let types = [
        ("pair", "(1,\"a b\")"),
        ("pair[]", "{\"(1,x)\"}"),
        ("pairs", "(2,y)"),
        ("span", "[1,2)"),
        ("int4range", "[1,5)"),
        ("int4multirange", "{[1,5)}"),
        ("int4range[]", "{\"[1,5)\"}"),
        ("hstore", "\"a\"=>\"1\""),
        ("inet", "10.0.0.1/32"),
        ("cidr", "10.0.0.0/8"),
        ("macaddr", "08:00:2b:01:02:03"),
        ("money", "$1.00"),
        ("point", "(1,2)"),
        ("bit(3)", "101"),
        ("varbit", "1010"),
        ("tsvector", "'a' 'b'"),
        ("xml", "<a/>"),
        ("pg_lsn", "0/1"),
        ("regclass", "pg_class"),
        ("interval", "1 mon -02:00:00"),
        ("interval[]", "{\"1 day\"}"),
        ("\"char\"", "x"),
        ("int2vector", "1 2"),
        ("jsonpath", "$.\"a\""),
        ("inet[]", "{10.0.0.1}"),
        ("bit", "1"),
        ("circle", "<(0,0),1>"),
        ("mood[]", "{sad}"),
        ("tsquery", "'a' & 'b'"),
        ("oidvector", "1 2"),
    ];
    let columns: Vec<String> = types
        .iter()
        .enumerate()
        .map(|(i, (t, _))| format!("c{i} {t}"))
        .collect();
    database
        .sql(&format!(
            "CREATE TABLE o (id int PRIMARY KEY, {})",
            columns.join(", ")
        ))
        .await;
    let db = PostgresAdapter::connect(database.url()).await.unwrap();
    let mut row = row! { "id": 1 };
    for (i, (_, text)) in types.iter().enumerate() {
        let value = if *text == "{sad}" {
            Value::from(["sad"])
        } else {
            Value::from(*text)
        };
        row.set(format!("c{i}"), value);
    }
    assert_eq!(db.insert("o", row.clone()).await.unwrap(), row);
    let mut second = row.clone();
    second.set("id", 2);
    let third = row! { "id": 3 };
    assert_eq!(
        db.insert_many("o", [second.clone(), third]).await.unwrap(),
        2
    );
    assert_eq!(
        db.select("o", "*")
            .filter(row! { "id": 2 })
            .one()
            .await
            .unwrap(),
        second
    );
    // the same through SQL text of the caller, with order, and with writes
    let rows = db
        .query("SELECT * FROM o ORDER BY id DESC -- the order stays")
        .await
        .unwrap();
    assert_eq!(
        rows.iter()
            .map(|r| r["id"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [3, 2, 1]
    );
    assert_eq!(rows[2], row);
    let nulls = row! { "c0": None::<i64>, "c5": None::<&str>, "c21": None::<&str> };
    let changed = db.update("o", nulls, row! { "id": 2 }).await.unwrap();
    assert!(changed["c5"].is_null() && changed["c21"].is_null());
}
