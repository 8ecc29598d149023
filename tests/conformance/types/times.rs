//! Instants, dates and times of day.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use super::{pairs, round_trip, round_trip_more, same};
use crate::case::{Case, kind};

cases! {
    anywhere: [instants, timestamps, dates, times, times_with_zone]
}

async fn instants(t: &Case) {
    let canonical = [
        "2026-11-23T01:25:35.896668+00:00",
        "1970-01-01T00:00:00.000000+00:00",
        "1969-12-31T23:59:59.999999+00:00",
        "0001-01-01T00:00:00.000000+00:00",
        "0044-03-15T00:00:00.000000+00:00 BC",
        "9999-12-31T23:59:59.999999+00:00",
        "10000-01-01T00:00:00.000000+00:00",
        "294276-12-31T23:59:59.999999+00:00",
        "infinity",
        "-infinity",
    ];
    round_trip(t, "timestamptz", same(canonical)).await;
    let given = [
        (
            "2026-11-23T02:25:35.896668+01:00",
            "2026-11-23T01:25:35.896668+00:00",
        ),
        ("2026-11-23 02:25:25", "2026-11-23T02:25:25.000000+00:00"),
        ("2026-11-23T02:25:25Z", "2026-11-23T02:25:25.000000+00:00"),
        (
            "2026-11-23 02:25:25.5-05:30",
            "2026-11-23T07:55:25.500000+00:00",
        ),
        ("2026-11-23", "2026-11-23T00:00:00.000000+00:00"),
        ("2026-11-23T24:00:00Z", "2026-11-24T00:00:00.000000+00:00"),
        (
            "2026-11-23T01:25:35.123457000Z",
            "2026-11-23T01:25:35.123457+00:00",
        ),
    ];
    round_trip_more(t, "timestamptz", pairs(given)).await;
}

async fn timestamps(t: &Case) {
    let canonical = [
        "2026-11-23T01:25:35.896668",
        "2026-11-23T00:00:00.000000",
        "0044-03-15T12:00:00.000000 BC",
        "10000-01-01T00:00:00.000000",
        "infinity",
        "-infinity",
    ];
    round_trip(t, "timestamp", same(canonical)).await;
    let given = [
        ("2026-11-23 02:25:25", "2026-11-23T02:25:25.000000"),
        ("2026-11-23T24:00:00", "2026-11-24T00:00:00.000000"),
        ("2026-11-23T02:25:25.1", "2026-11-23T02:25:25.100000"),
    ];
    round_trip_more(t, "timestamp", pairs(given)).await;
}

async fn dates(t: &Case) {
    let canonical = [
        "2026-11-23",
        "2024-02-29",
        "0044-03-15 BC",
        "9999-12-31",
        "10000-01-01",
        "infinity",
        "-infinity",
    ];
    round_trip(t, "date", same(canonical)).await;
    assert_eq!(
        kind(t.db.insert("of_date", row! { "v": "2026-02-29" }).await),
        ErrorKind::InvalidValue
    );
}

async fn times(t: &Case) {
    round_trip(
        t,
        "time",
        same([
            "00:00:00.000000",
            "01:25:35.896668",
            "23:59:59.999999",
            "24:00:00.000000",
        ]),
    )
    .await;
    let given = [
        ("24:00:00", "24:00:00.000000"),
        ("1:25", "01:25:00.000000"),
        ("23:59:60", "24:00:00.000000"),
    ];
    round_trip_more(t, "time", pairs(given)).await;
}

async fn times_with_zone(t: &Case) {
    let canonical = [
        "00:00:00.000000+00:00",
        "01:25:35.896668+05:30",
        "23:59:59.999999-11:00",
        "24:00:00.000000+00:00",
    ];
    round_trip(t, "timetz", same(canonical)).await;
}
