//! Keys by meaning, in 16 bytes each: two keys have one fingerprint when the database calls them equal,
//! with NULL equal to NULL. What only the database can say, `classes` knows when it was asked. Pure.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use db_adapter_core::{SqlType, jsonb, temporal, uuid_text};

use super::classes::Classes;
use super::types::is_read_as_value;
use crate::value::of_stored_text;
use crate::{ExactJson as _, Value};

/// What two keys of one meaning have in common. By two hashes of 64 bits under secret seeds, so
/// that nobody can make two keys that collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u64; 2]);

impl std::hash::Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[0]);
    }
}

/// A map by fingerprint, which is a hash already.
pub(crate) type ByKey<V> = HashMap<Fingerprint, V, BuildHasherDefault<AsIs>>;

/// Hands the number on that it gets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// How a column compares its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meaning {
    sql_type: SqlType,
    folding: Folding,
    /// Where the database decides: which of the `classes` knows what it said.
    class: Option<usize>,
}

/// What a collation ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folding {
    None,
    /// SQLite's `NOCASE`: the case of ASCII letters.
    AsciiCase,
    /// SQLite's `RTRIM`: blanks at the end.
    Blanks,
}

impl Meaning {
    /// The collation is one of SQLite's own: those of others are not known by their names.
    pub(crate) fn new(sql_type: SqlType, collation: Option<&str>) -> Self {
        let folding = match collation.map(str::to_ascii_uppercase).as_deref() {
            Some("NOCASE") => Folding::AsciiCase,
            Some("RTRIM") => Folding::Blanks,
            _ => Folding::None,
        };
        Meaning {
            sql_type,
            folding,
            class: None,
        }
    }

    /// Whether texts that differ may be the same value by the column's collation.
    pub(super) fn folds(&self) -> bool {
        self.folding != Folding::None
    }

    /// The database compares the values, and this class knows its answers.
    pub(super) fn ask(&mut self, class: usize) {
        self.class = Some(class);
    }

    /// Which class knows what the database said; `None` where the values themselves tell.
    pub(super) fn asks(&self) -> Option<usize> {
        self.class
    }
}

/// Makes fingerprints; those of two of these are not comparable.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fingerprints {
    seeds: [RandomState; 2],
    classes: Vec<Classes>,
}

impl Fingerprints {
    /// The fingerprint of the values of some columns.
    pub(crate) fn of<'a>(
        &self,
        cells: impl IntoIterator<Item = (&'a Value, &'a Meaning)>,
    ) -> Fingerprint {
        let mut hashers = self.seeds.each_ref().map(BuildHasher::build_hasher);
        for (value, meaning) in cells {
            match meaning.class.filter(|_| !value.is_null()) {
                Some(class) => {
                    let written = self.written(value, meaning);
                    let classes = self.classes.get(class);
                    let Fingerprint(first) = classes.map_or(written, |c| c.of(written));
                    put(&mut hashers, 9, first.map(u64::to_le_bytes).as_flattened());
                }
                None => hash(&mut hashers, value, &meaning.sql_type, meaning.folding),
            }
        }
        Fingerprint(hashers.map(|hasher| hasher.finish()))
    }

    /// The fingerprint of a value as it is written, whatever it equals.
    pub(super) fn written(&self, value: &Value, meaning: &Meaning) -> Fingerprint {
        let mut hashers = self.seeds.each_ref().map(BuildHasher::build_hasher);
        hash(&mut hashers, value, &meaning.sql_type, meaning.folding);
        Fingerprint(hashers.map(|hasher| hasher.finish()))
    }

    /// What is known of the values of this class.
    pub(super) fn classes(&mut self, class: usize) -> Option<&mut Classes> {
        if self.classes.len() <= class {
            self.classes.resize_with(class + 1, Classes::default);
        }
        self.classes.get_mut(class)
    }

    /// Whether the database was asked about a value of this class.
    pub(super) fn knows(&self, class: usize, written: Fingerprint) -> bool {
        let classes = self.classes.get(class);
        classes.is_some_and(|classes| classes.knows(written))
    }
}

/// A value by its meaning as bytes that are the same in every process: what a column compares as equal has the same
/// ones. What only the database can compare is taken as it is written.
pub(super) fn stable(value: &Value, meaning: &Meaning, out: &mut Vec<u8>) {
    let mut sinks = [Bytes(Some(std::mem::take(out))), Bytes(None)];
    hash(&mut sinks, value, &meaning.sql_type, meaning.folding);
    let [Bytes(written), _] = sinks;
    *out = written.unwrap_or_default();
}

/// Keeps what it gets, the lengths alike on every machine.
struct Bytes(Option<Vec<u8>>);

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(out) = &mut self.0 {
            out.extend_from_slice(bytes);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.write(&(number as u64).to_le_bytes());
    }
}

fn put<H: Hasher>(hashers: &mut [H; 2], kind: u8, bytes: &[u8]) {
    for hasher in hashers {
        hasher.write_u8(kind);
        hasher.write_usize(bytes.len());
        hasher.write(bytes);
    }
}

fn hash<H: Hasher>(hashers: &mut [H; 2], value: &Value, sql_type: &SqlType, folding: Folding) {
    match sql_type {
        SqlType::Other(name) if name.is_empty() => untyped(hashers, value, folding),
        _ => typed(hashers, value, sql_type, folding),
    }
}

/// A column without a type keeps numbers and texts apart, and has neither booleans, decimals, documents nor arrays.
fn untyped<H: Hasher>(hashers: &mut [H; 2], value: &Value, folding: Folding) {
    let text = |hashers: &mut [H; 2], text: &str| {
        hash_text(hashers, text, &SqlType::Text, folding);
    };
    match value {
        Value::Bool(flag) => put(hashers, 2, &i64::from(*flag).to_le_bytes()),
        Value::Float(float) if float.is_nan() => text(hashers, "NaN"),
        Value::Numeric(number) => text(hashers, number.as_str()),
        Value::Json(json) => text(hashers, json.as_str()),
        Value::Array(_) => text(hashers, &value.to_json()),
        value => typed(hashers, value, &SqlType::Text, folding),
    }
}

fn typed<H: Hasher>(hashers: &mut [H; 2], value: &Value, sql_type: &SqlType, folding: Folding) {
    match value {
        Value::Null => put(hashers, 0, &[]),
        Value::Bool(flag) => put(hashers, 1, &[u8::from(*flag)]),
        Value::Int(int) => put(hashers, 2, &int.to_le_bytes()),
        // a number is one number, whatever kind of column has it
        Value::Float(float) => match whole(*float) {
            Some(int) => put(hashers, 2, &int.to_le_bytes()),
            None => put(hashers, 3, &plain_float(*float).to_le_bytes()),
        },
        Value::Numeric(number) => {
            let digits = without_trailing_zeros(number.as_str());
            match digits.parse::<i64>() {
                Ok(int) => put(hashers, 2, &int.to_le_bytes()),
                Err(_) => put(hashers, 4, digits.as_bytes()),
            }
        }
        // the text of a row that is there, where that is written otherwise than we do
        Value::Text(text) if is_read_as_value(sql_type) => match of_stored_text(sql_type, text) {
            None | Some(Value::Text(_)) => hash_text(hashers, text, sql_type, folding),
            Some(value) => typed(hashers, &value, sql_type, folding),
        },
        Value::Text(text) => hash_text(hashers, text, sql_type, folding),
        Value::Bytes(bytes) => put(hashers, 6, bytes),
        Value::Json(json) if *sql_type == SqlType::Jsonb => {
            // SQLite's own spelling
            let canonical = jsonb::canonical(json.as_str());
            let text = canonical.as_deref().unwrap_or(json.as_str());
            put(hashers, 7, text.as_bytes());
        }
        Value::Json(json) => put(hashers, 7, json.as_str().as_bytes()),
        Value::Array(items) => {
            put(hashers, 8, &(items.len() as u64).to_le_bytes());
            let element = sql_type.element().unwrap_or(sql_type);
            for item in items {
                hash(hashers, item, element, folding);
            }
        }
    }
}

fn hash_text<H: Hasher>(hashers: &mut [H; 2], text: &str, sql_type: &SqlType, folding: Folding) {
    match (sql_type, folding) {
        (SqlType::Uuid, _) if !uuid_text::is_canonical(text) => {
            // SQLite's own spelling
            let canonical = uuid_text::canonical(text);
            put(hashers, 5, canonical.as_deref().unwrap_or(text).as_bytes());
        }
        (_, Folding::AsciiCase) => {
            put(hashers, 5, text.to_ascii_lowercase().as_bytes());
        }
        (SqlType::Char(_), _) | (_, Folding::Blanks) => {
            put(hashers, 5, text.trim_end_matches(' ').as_bytes());
        }
        (kind, _) if kind.is_temporal() && !temporal::is_canonical(kind, text) => {
            // SQLite's own spelling
            let canonical = temporal::canonical(kind, text);
            put(hashers, 5, canonical.as_deref().unwrap_or(text).as_bytes());
        }
        _ => put(hashers, 5, text.as_bytes()),
    }
}

/// The integer that the number is.
fn whole(float: f64) -> Option<i64> {
    let int = float as i64; // saturates
    (int as f64 == float && int < i64::MAX).then_some(int)
}

/// All NaNs are one, and so are both zeros.
fn plain_float(float: f64) -> u64 {
    if float.is_nan() {
        f64::NAN.to_bits()
    } else {
        (float + 0.0).to_bits()
    }
}

fn without_trailing_zeros(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Json, Numeric};

    fn same(sql_type: &str, collation: Option<&str>, a: &Value, b: &Value) -> bool {
        let meaning = Meaning::new(SqlType::parse_postgres(sql_type), collation);
        let of = Fingerprints::default();
        of.of([(a, &meaning)]) == of.of([(b, &meaning)])
    }

    fn numeric(text: &str) -> Value {
        Value::Numeric(Numeric::parse(text).unwrap())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn meaning_decides_not_spelling() {
        for (sql_type, a, b) in [
            ("numeric", numeric("1.5"), numeric("1.50")),
            ("numeric", numeric("2.00"), numeric("2")),
            ("numeric", numeric("20"), Value::Int(20)),
            ("float8", Value::Float(-0.0), Value::Float(0.0)),
            ("float8", Value::Float(2.0), Value::Int(2)),
            ("", Value::Float(1.0), Value::Int(1)),
            ("", Value::Bool(true), Value::Int(1)),
            ("", numeric("1"), text("1")),
            (
                "jsonb",
                Value::Json(Json::parse(r#"{"b":1,"a":[2]}"#).unwrap()),
                Value::Json(Json::parse(r#"{"a": [2], "b": 1}"#).unwrap()),
            ),
            ("float8", Value::Float(f64::NAN), Value::Float(-f64::NAN)),
            ("char(5)", text("a  "), text("a")),
            ("text", Value::Null, Value::Null),
            (
                "timestamp",
                text("2021-12-08 01:00:00"),
                text("2021-12-08T01:00:00.000000"),
            ),
            (
                "uuid",
                text("{A0EEBC999C0B4EF8BB6D6BB9BD380A11}"),
                text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ),
            (
                "int[]",
                text("[1, 2]"),
                Value::Array([Value::Int(1), Value::Int(2)].into()),
            ),
            ("numeric(6,2)", text("1.5"), numeric("1.50")),
        ] {
            assert!(same(sql_type, None, &a, &b), "{sql_type} {a:?} {b:?}");
        }
        assert!(same("text", Some("NOCASE"), &text("Ab"), &text("aB")));
        assert!(same("text", Some("RTRIM"), &text("a "), &text("a")));
    }

    #[test]
    fn other_values_are_other_keys() {
        let json = |text| Value::Json(Json::parse(text).unwrap());
        for (sql_type, a, b) in [
            ("numeric", numeric("2"), numeric("20")),
            ("text", text("a"), text("A")),
            ("citext", text("a"), text("A")),
            ("text", text("a"), text("a ")),
            ("text", text(""), Value::Null),
            ("bool", Value::Bool(false), Value::Null),
            ("text", text("1"), Value::Int(1)),
            ("jsonb", json("1"), json("2")),
            ("", numeric("1"), Value::Int(1)),
            ("", text("1"), Value::Int(1)),
            ("", Value::Float(1.5), Value::Int(1)),
            (
                "text[]",
                Value::Array([text("a"), text("b")].into()),
                Value::Array([text("ab")].into()),
            ),
        ] {
            assert!(!same(sql_type, None, &a, &b), "{sql_type} {a:?} {b:?}");
        }
        let meaning = Meaning::new(SqlType::Text, None);
        let of = Fingerprints::default();
        let (a, b, ab, empty) = (text("a"), text("b"), text("ab"), text(""));
        assert_ne!(
            of.of([(&a, &meaning), (&b, &meaning)]),
            of.of([(&ab, &meaning), (&empty, &meaning)])
        );
    }
}
