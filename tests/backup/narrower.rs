//! A destination whose columns hold less than the file: each value arrives as it was, or its row fails
//! with the column, and nothing is there.

use db_adapter::TableDef;
use db_adapter::backup::{RestoreOptions, restore_database};

use crate::side::{Backend, Side};
use crate::steps::{back_up, schema};

/// A type, a value of it as SQL, and a type that does not hold that value.
const NARROWER: &[[&str; 3]] = &[
    ["numeric(10,2)", "1.25", "numeric(10,1)"],
    ["numeric", "0.001", "numeric(10,2)"],
    ["numeric", "123456", "numeric(4,0)"],
    ["numeric(10,2)[]", "ARRAY[1.25, 1.5]", "numeric(10,1)[]"],
    [
        "timestamptz",
        "'2020-01-02 03:04:05.678901+00'",
        "timestamptz(0)",
    ],
    ["timestamptz", "'2020-01-02 03:04:05+00'", "date"],
    ["timestamp", "'2020-01-02 03:04:05.678901'", "timestamp(3)"],
    ["timestamp", "'2020-01-02 03:04:05'", "date"],
    ["timestamp", "'2020-01-02 03:04:05'", "time"],
    ["timestamptz", "'2020-01-02 03:04:05+00'", "time"],
    [
        "timestamptz[]",
        "ARRAY['2020-01-02 03:04:05.5+00'::timestamptz]",
        "timestamptz(0)[]",
    ],
    ["time", "'03:04:05.678901'", "time(2)"],
    ["interval", "'1 day 02:03:04.567'", "interval day"],
    [
        "interval",
        "'1 year 2 mons 3 days'",
        "interval year to month",
    ],
    ["interval", "'00:00:00.123456'", "interval(3)"],
    ["float8", "0.12345678901", "real"],
    ["float8[]", "ARRAY[0.12345678901::float8]", "real[]"],
    ["bigint", "16777217", "real"],
    ["bigint", "9007199254740993", "float8"],
    ["numeric", "9007199254740993", "float8"],
    ["numeric", "0.1000000000000000055", "float8"],
    ["bigint", "40000", "smallint"],
    ["bigint", "3000000000", "integer"],
    ["numeric", "1.5", "integer"],
    ["float8", "1.5", "bigint"],
    ["text", "'1.255'", "money"],
    ["numeric", "1.255", "money"],
    ["text", "'abc'", "varchar(2)"],
    ["text", "'abc'", "char(2)"],
    ["text[]", "ARRAY['abc']", "varchar(2)[]"],
    ["varbit", "B'101'", "varbit(2)"],
    ["bit(3)", "B'101'", "bit(4)"],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_arrives_whole_or_its_row_fails() {
    let mut from = Side::with(Backend::Postgres, "SELECT 1").await;
    let mut to = Side::with(Backend::Postgres, "SELECT 1").await;
    let mut wrong = Vec::new();
    for (at, [wide, value, narrow]) in NARROWER.iter().enumerate() {
        let name = format!("t{at}");
        let schema = schema([TableDef::new(name.clone())]);
        let table = |of: &str| {
            format!("CREATE TABLE {name} (id int PRIMARY KEY, user_id text, slug text, v {of})")
        };
        from.sql(&format!(
            "{}; INSERT INTO {name} VALUES (1, 'ann', 'a', {value})",
            table(wide)
        ))
        .await;
        let values = format!("SELECT v FROM {name}");
        let stored = from.table(&values).await;
        let kept = back_up(&from, &schema, "ann").await;
        to.sql(&table(narrow)).await;
        let options = RestoreOptions::default();
        let restored = restore_database(to.db.as_ref(), &schema, &kept.path, "ann", options).await;
        let now = to.table(&values).await;
        match restored {
            // the types do not go together at all
            Err(error) => {
                let told = error.to_string();
                if !told.contains("v`") || !now.is_empty() {
                    wrong.push(format!("{wide} to {narrow}: {told}, {now}"));
                }
            }
            Ok(summary) if summary.committed => {
                wrong.push(format!("{wide} {value} to {narrow}: {stored} became {now}"));
            }
            Ok(summary) => {
                let told = &summary.tables[0].failure_details[0].reason;
                if !told.contains("v`") || !now.is_empty() {
                    wrong.push(format!("{wide} to {narrow}: {told}, {now}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
