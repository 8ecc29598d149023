//! Values for a column: right ones, ones at and beyond its limits, spellings, and wrong ones.

use db_adapter::prelude::*;
use db_adapter::{Json, Numeric};
use support::Random;

use crate::kind::{KINDS, Kind};

/// A value for a column of this kind, which may be of quite another.
pub(crate) fn for_column(random: &mut Random, kind: &Kind) -> Value {
    match random.below(20) {
        0 => Value::Null,
        1 => {
            let other = &KINDS[random.below(KINDS.len())];
            of(random, other.of())
        }
        2 => Value::Text(text(random).into()),
        _ => of(random, kind.of()),
    }
    .without_negative_zero(kind)
}

trait Known {
    fn without_negative_zero(self, kind: &Kind) -> Value;
}

impl Known for Value {
    /// SQLite's floats have no negative zero, which is documented.
    fn without_negative_zero(self, kind: &Kind) -> Value {
        let is_float = matches!(kind.of(), "float4" | "float8");
        match self {
            Value::Float(float) if is_float && float == 0.0 => Value::Float(0.0),
            Value::Text(text) if is_float && text.trim().starts_with("-0") => "0".into(),
            other => other,
        }
    }
}

fn of(random: &mut Random, sql_type: &str) -> Value {
    if let Some(element) = sql_type.strip_suffix("[]") {
        return array(random, element);
    }
    match sql_type {
        "bool" => boolean(random),
        "int2" | "int4" | "int8" | "oid" => integer(random),
        "float4" | "float8" => float(random),
        "uuid" => uuid(random),
        "bytea" => bytes(random),
        "json" | "jsonb" => document(random),
        "date" => Value::Text(date(random).into()),
        "timetz" | "time" | "time(0)" => Value::Text(time(random).into()),
        other if other.starts_with("timestamp") => timestamp(random),
        other if other.starts_with("numeric") => numeric(random),
        _ => Value::Text(text(random).into()),
    }
}

fn boolean(random: &mut Random) -> Value {
    match random.below(6) {
        0 => (*random.pick(&["t", "FALSE", "yes", "off", "1", "2", ""])).into(),
        1 => Value::Int(random.below(3) as i64),
        _ => random.chance(50).into(),
    }
}

const INTEGERS: [i64; 24] = [
    0,
    1,
    -1,
    2,
    127,
    32767,
    32768,
    -32768,
    -32769,
    16_777_216,
    16_777_217,
    2_147_483_647,
    2_147_483_648,
    -2_147_483_648,
    -2_147_483_649,
    4_294_967_295,
    4_294_967_296,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
    42,
];

fn integer(random: &mut Random) -> Value {
    match random.below(8) {
        0 => numeric(random),
        1 => float(random),
        2 => Value::Text(random.pick(&INTEGERS).to_string().into()),
        3 => Value::Int(random.number() as i64),
        _ => Value::Int(*random.pick(&INTEGERS)),
    }
}

const FLOATS: [f64; 20] = [
    0.0,
    -0.0,
    1.0,
    0.1,
    0.5,
    -1.5,
    1e15,
    1e16,
    1e300,
    -1e300,
    5e-324,
    1e-45,
    3.4e38,
    3.5e38,
    16_777_217.0,
    9_007_199_254_740_993.0,
    0.123_456_79,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

fn float(random: &mut Random) -> Value {
    match random.below(10) {
        0 => integer_only(random),
        1 => numeric(random),
        2 => Value::Text(format!("{:e}", random.pick(&FLOATS)).into()),
        3 => Value::Float(f64::from_bits(random.number())),
        4 => Value::from(f32::from_bits(random.number() as u32)),
        5 => (*random.pick(&["1e400", "1e-400", "nan", "-inf", "0x10", " 1.5 ", "1e39"])).into(),
        _ => Value::Float(*random.pick(&FLOATS)),
    }
}

fn integer_only(random: &mut Random) -> Value {
    Value::Int(*random.pick(&INTEGERS))
}

const NUMERICS: [&str; 26] = [
    "0",
    "-0",
    "0.00",
    "1",
    "1.5",
    "1.50",
    "1.555",
    "-1.005",
    "999999.99",
    "999999.994",
    "999999.995",
    "999",
    "999.4",
    "999.5",
    "1000",
    "0.1",
    "1e3",
    "1E-3",
    "NaN",
    "Infinity",
    "-Infinity",
    "123456789012345678901234567890.12345",
    "1e131071",
    "1e131072",
    "0.001",
    "5.00",
];

fn numeric(random: &mut Random) -> Value {
    let text = match random.below(4) {
        0 => format!(
            "{}.{:0width$}",
            random.number() as i32,
            random.below(1000),
            width = random.below(5) + 3
        ),
        _ => (*random.pick(&NUMERICS)).to_owned(),
    };
    match random.below(6) {
        0 => Value::Text(text.into()),
        1 => integer_only(random),
        2 => Value::Float(*random.pick(&FLOATS)),
        _ => Numeric::parse(&text).map_or(Value::Text(text.into()), Value::from),
    }
}

const TEXTS: [&str; 32] = [
    "",
    " ",
    "a",
    "A",
    "b",
    "ab",
    "abc",
    "abcd",
    "abcde",
    "abcdef",
    "abc  ",
    "abcde ",
    "abcde  ",
    "  a",
    "ä",
    "äöüßé",
    "äöüßéx",
    "🦀",
    "e\u{301}",
    "null",
    "NULL",
    "'",
    "\"",
    "\\",
    "%",
    "_",
    "a_c",
    "line\nbreak",
    "{1,2}",
    "[1]",
    "a\0b",
    "1.50",
];

fn text(random: &mut Random) -> String {
    match random.below(6) {
        0 => {
            let length = random.below(8);
            (0..length)
                .map(|_| *random.pick(&['a', 'b', ' ', 'ß', '9', '-', '%']))
                .collect()
        }
        _ => (*random.pick(&TEXTS)).to_owned(),
    }
}

fn uuid(random: &mut Random) -> Value {
    let hex = match random.below(4) {
        0 => format!("{:032x}", random.number()),
        _ => (*random.pick(&[
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "00000000000000000000000000000000",
            "ffffffffffffffffffffffffffffffff",
        ]))
        .to_owned(),
    };
    let canonical = format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    );
    let text = match random.below(6) {
        0 => hex,
        1 => canonical.to_uppercase(),
        2 => format!("{{{canonical}}}"),
        3 => canonical[..30].to_owned(),
        _ => canonical,
    };
    Value::Text(text.into())
}

fn bytes(random: &mut Random) -> Value {
    match random.below(6) {
        0 => (*random.pick(&["\\x", "\\x00ff", "\\xZZ", "abc", "\\x0"])).into(),
        _ => {
            let length = random.below(5);
            let bytes: Vec<u8> = (0..length).map(|_| random.number() as u8).collect();
            bytes.into()
        }
    }
}

const DATES: [&str; 17] = [
    "2026-11-23",
    "2024-02-29",
    "2026-02-29",
    "1969-12-31",
    "2000-01-01",
    "0001-01-01",
    "0044-03-15 BC",
    "9999-12-31",
    "10000-01-01",
    "294276-12-31",
    "5874897-12-31",
    "5874898-01-01",
    "infinity",
    "-infinity",
    "20261123",
    "2026-1-5",
    "yesterday",
];

fn date(random: &mut Random) -> String {
    let date = *random.pick(&DATES);
    match random.below(6) {
        0 if !date.contains(' ') => format!("{date}T{}", clock(random)),
        1 if !date.contains(' ') => format!("{date} 00:00:00"),
        _ => date.to_owned(),
    }
}

fn clock(random: &mut Random) -> String {
    const CLOCKS: [&str; 15] = [
        "00:00:00",
        "01:25:35",
        "23:59:59",
        "24:00:00",
        "24:00:01",
        "23:59:60",
        "12:30",
        "1:2:3",
        "01:25:35.7",
        "01:25:35.123",
        "01:25:35.896668",
        "01:25:35.1234567",
        "23:59:59.9999999",
        "01:25:35.123456000",
        "25:00:00",
    ];
    (*random.pick(&CLOCKS)).to_owned()
}

fn zone(random: &mut Random) -> &'static str {
    random.pick::<&str>(&["", "", "Z", "+00:00", "+02", "-05:30", "+15:59", "+16"])
}

fn time(random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("2026-11-23 {}", clock(random)),
        _ => format!("{}{}", clock(random), zone(random)),
    }
}

fn timestamp(random: &mut Random) -> Value {
    let date = *random.pick(&DATES);
    let text = match random.below(8) {
        0 => date.to_owned(),
        _ if date.contains("inf") || date.contains("BC") => date.to_owned(),
        _ => {
            let between = *random.pick(&["T", " "]);
            format!("{date}{between}{}{}", clock(random), zone(random))
        }
    };
    Value::Text(text.into())
}

const DOCUMENTS: [&str; 24] = [
    "null",
    "true",
    "0",
    "-0",
    "1.50",
    "1E5",
    "1e-7",
    "123456789012345678901234567890.5",
    "1e200000",
    "\"x\"",
    "\"\\u00e9\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[ 1 ,2]",
    "[null,[]]",
    "{\"a\":1,\"a\":2}",
    "{\"bb\":1,\"a\":{\"c\":[1.0]}}",
    "{\"\":{}}",
    "{\"b\": \"\\n\\u001f\\/\", \"ä\":1, \"aa\":2}",
    "[\"null\"]",
    "\"{}\"",
];

fn document(random: &mut Random) -> Value {
    match random.below(6) {
        0 => integer(random),
        1 => float(random),
        2 => Value::Text(text(random).into()),
        3 => Value::from([Value::Int(1), Value::Null, Value::Text(text(random).into())]),
        _ => Json::parse(*random.pick(&DOCUMENTS)).unwrap().into(),
    }
}

const ARRAYS: [&str; 18] = [
    "{}",
    "{ }",
    "{1}",
    "{1,NULL}",
    "{\"a\",b}",
    "{{1},{2}}",
    "{{}}",
    "{1,}",
    "{",
    "",
    "[0:1]={1,2}",
    "[1:2]={1,2}",
    "[0:1]={1}",
    "{t,f}",
    "{2026-11-23}",
    "{null}",
    "{{1},{2,3}}",
    "{1.555}",
];

fn array(random: &mut Random, element: &str) -> Value {
    let list = |random: &mut Random| {
        let length = random.below(4);
        let items: Vec<Value> = (0..length)
            .map(|_| match random.below(6) {
                0 => Value::Null,
                _ => of(random, element),
            })
            .collect();
        Value::Array(items.into())
    };
    match random.below(10) {
        0 => (*random.pick(&ARRAYS)).into(),
        1 => Value::Array([list(random), list(random)].into()),
        2 => {
            let inner = list(random);
            Value::Array([inner.clone(), inner].into())
        }
        3 => Json::parse(*random.pick(&["[]", "[1,2]", "[\"a\",null]", "[[1],[2]]", "{}", "[[]]"]))
            .unwrap()
            .into(),
        4 => {
            let depth = random.below(8);
            (0..depth).fold(list(random), |inner, _| Value::Array([inner].into()))
        }
        _ => list(random),
    }
}
