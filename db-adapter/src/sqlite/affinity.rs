//! What SQLite stores for a bound value, by the affinity of the column: predicted, so that a
//! value that would be altered is refused before it is sent. Pure.

use db_adapter_core::Affinity;

use super::encode::Param;

/// What a column of the affinity stores; `None` when that is the value as it is bound.
///
/// A column of a STRICT table follows the same rules where it takes the value at all.
pub(super) fn stored(affinity: Affinity, param: &Param) -> Option<Param> {
    match affinity {
        Affinity::Blob => None,
        Affinity::Text => match param {
            Param::Int(int) => Some(Param::Text(int.to_string())),
            // not the text that SQLite makes of it, but we bind no float to such a column
            Param::Real(real) => Some(Param::Text(format!("{real:?}"))),
            _ => None,
        },
        Affinity::Real => match param {
            Param::Int(int) => Some(Param::Real(*int as f64)),
            Param::Real(real) => zero_without_sign(*real).map(Param::Real),
            Param::Text(text) => number(text).map(|number| match number {
                Param::Int(int) => Param::Real(int as f64),
                Param::Real(real) => Param::Real(zero_without_sign(real).unwrap_or(real)),
                other => other,
            }),
            _ => None,
        },
        Affinity::Integer | Affinity::Numeric => match param {
            Param::Real(real) => whole(*real).map(Param::Int),
            Param::Text(text) => number(text).map(|number| match number {
                Param::Real(real) => whole(real).map_or(Param::Real(real), Param::Int),
                other => other,
            }),
            _ => None,
        },
    }
}

/// Whole floats are kept as integers on disk, so the sign of zero is lost.
fn zero_without_sign(real: f64) -> Option<f64> {
    (real == 0.0 && real.is_sign_negative()).then_some(0.0)
}

/// The integer that SQLite makes of a float: exact ones, without the two ends of the range.
fn whole(real: f64) -> Option<i64> {
    let int = real as i64; // saturates
    (int as f64 == real && int > i64::MIN && int < i64::MAX).then_some(int)
}

/// The number that a text is for SQLite, if it looks like one: blanks around, a sign, digits
/// with a point, an exponent.
pub(super) fn number(text: &str) -> Option<Param> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (int, fraction) = match mantissa.split_once('.') {
        Some((int, fraction)) => (int, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let some_digits = !int.is_empty() || fraction.is_some_and(|f| !f.is_empty());
    let exponent_is_one = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    if !(some_digits && digits(int) && fraction.is_none_or(digits) && exponent_is_one) {
        return None;
    }
    if fraction.is_none()
        && exponent.is_none()
        && let Ok(int) = text.parse()
    {
        return Some(Param::Int(int));
    }
    // a digitless side of the point is fine for Rust as it is for SQLite
    text.parse().ok().map(Param::Real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::decode;
    use proptest::prelude::*;

    const COLUMNS: [(&str, Affinity); 5] = [
        ("INTEGER", Affinity::Integer),
        ("NUMERIC", Affinity::Numeric),
        ("REAL", Affinity::Real),
        ("TEXT", Affinity::Text),
        ("BLOB", Affinity::Blob),
    ];

    /// What SQLite itself stores in each of the columns.
    fn by_sqlite(connection: &rusqlite::Connection, param: &Param) -> Vec<Param> {
        connection.execute("DELETE FROM t", []).unwrap();
        let params = rusqlite::params_from_iter(std::iter::repeat_n(param, COLUMNS.len()));
        let insert = "INSERT INTO t VALUES (?, ?, ?, ?, ?)";
        connection.execute(insert, params).unwrap();
        let read = |row: &rusqlite::Row<'_>| {
            let stored = |i| match decode::stored(row, i).unwrap() {
                decode::Stored::Null => Param::Null,
                decode::Stored::Int(int) => Param::Int(int),
                decode::Stored::Real(real) => Param::Real(real),
                decode::Stored::Text(text) => Param::Text(text.into()),
                decode::Stored::Blob(bytes) => Param::Blob(bytes.into()),
            };
            Ok((0..COLUMNS.len()).map(stored).collect())
        };
        connection.query_row("SELECT * FROM t", [], read).unwrap()
    }

    fn any_param() -> impl Strategy<Value = Param> {
        prop_oneof![
            any::<i64>().prop_map(Param::Int),
            (-9_i64..9).prop_map(Param::Int),
            any::<f64>()
                .prop_filter("no NaN", |f| !f.is_nan())
                .prop_map(Param::Real),
            (-1_000_000_i32..1_000_000).prop_map(|n| Param::Real(f64::from(n) / 4.0)),
            prop::sample::select(vec![
                -0.0,
                f64::INFINITY,
                f64::NEG_INFINITY,
                9_007_199_254_740_992.0,
                9_007_199_254_740_994.0,
                2_f64.powi(63),
                -(2_f64.powi(63)),
            ])
            .prop_map(Param::Real),
            "[ \t]?[-+]?[0-9]{0,4}\\.?[0-9]{0,3}([eE][-+]?[0-9]{0,2})?[ \n]?".prop_map(Param::Text),
            "[-+]?9[0-9]{17,20}".prop_map(Param::Text),
            "0x1f|NaN|Infinity|-inf|nan|1_000|٣|1\u{a0}|--1|1e|\\.|\\+|-\\.5|1\\.|007|1e400"
                .prop_map(Param::Text),
            "\\PC{0,6}".prop_map(Param::Text),
            prop::collection::vec(any::<u8>(), 0..4).prop_map(Param::Blob),
        ]
    }

    /// Bit by bit, but for what SQLite's own reading of a long decimal text may miss by one.
    fn same(stored: &Param, predicted: &Param, bound: &Param) -> bool {
        match (stored, predicted) {
            (Param::Real(a), Param::Real(b)) if matches!(bound, Param::Text(_)) => {
                a == b || ((a - b) / b).abs() < 1e-15
            }
            (Param::Real(a), Param::Real(b)) => a.to_bits() == b.to_bits(),
            // a float as text is never what we want, so its digits do not matter
            (Param::Text(_), Param::Text(_)) if matches!(bound, Param::Real(_)) => true,
            (a, b) => a == b,
        }
    }

    #[test]
    fn the_prediction_is_what_sqlite_does() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let table = "CREATE TABLE t (i INTEGER, n NUMERIC, r REAL, t TEXT, b BLOB)";
        connection.execute(table, []).unwrap();
        proptest!(ProptestConfig::with_cases(3000), |(param in any_param())| {
            let stored = by_sqlite(&connection, &param);
            for ((name, affinity), stored) in COLUMNS.into_iter().zip(stored) {
                let predicted = super::stored(affinity, &param).unwrap_or_else(|| param.clone());
                prop_assert!(
                    same(&stored, &predicted, &param),
                    "{}: {:?} was stored as {:?}, predicted {:?}", name, param, stored, predicted
                );
            }
        });
    }
}
