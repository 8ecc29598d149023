//! Which rows a partition holds, in two spellings. Never knows the time zone of the session that wrote
//! a bound without one.

use super::table::strategy;
use crate::lexer::{Kind, Lexer};
use crate::schema::SqlDialect;
use crate::sql_type::SqlType;
use crate::temporal::parse_timestamptz;
use crate::validate::expression::{self, Kept, Verdict};

/// Bounds are lists of constants, each of the type of its column of the key; `None` where that is not known.
pub(super) fn compare(expected: &str, actual: &str, key: &[Option<SqlType>]) -> Verdict {
    let (one, other) = (strategy(expected), strategy(actual));
    if one == other {
        return Verdict::Same;
    }
    if kind(&one) != kind(&other) {
        return Verdict::Different;
    }
    let (expected, actual) = (constants(expected), constants(actual));
    let lengths = |lists: &[Vec<String>]| lists.iter().map(Vec::len).collect::<Vec<_>>();
    if lengths(&expected) != lengths(&actual) {
        return Verdict::Different;
    }
    match (kind(&one), expected.as_slice(), actual.as_slice()) {
        (Some("with"), [one], [other]) => parameters(one, other),
        (Some("in"), [one], [other]) => values(one, other, key.first().and_then(Option::as_ref)),
        _ => {
            let pairs = expected.iter().zip(&actual);
            let pairs = pairs.flat_map(|(one, other)| one.iter().zip(other).enumerate());
            let of = |at: usize| key.get(at).and_then(Option::as_ref);
            all(pairs.map(|(at, (one, other))| constant(one, other, of(at))))
        }
    }
}

/// `in`, `from` or `with` of `FOR VALUES ..`; `None` of `DEFAULT`.
fn kind(words: &[String]) -> Option<&str> {
    words.get(2).map(String::as_str)
}

fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<Verdict> = verdicts.collect();
    let has = |verdict| verdicts.contains(&verdict);
    match (has(Verdict::Different), has(Verdict::Unknown)) {
        (true, _) => Verdict::Different,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Same,
    }
}

/// `modulus 4`, `remainder 1`, in any order.
fn parameters(one: &[String], other: &[String]) -> Verdict {
    let sorted = |list: &[String]| {
        let mut list: Vec<Vec<String>> = list.iter().map(|text| strategy(text)).collect();
        list.sort();
        list
    };
    match sorted(one) == sorted(other) {
        true => Verdict::Same,
        false => Verdict::Different,
    }
}

/// The values of a list, in any order.
fn values(one: &[String], other: &[String], of: Option<&SqlType>) -> Verdict {
    let is_there = |value: &String, list: &[String]| {
        let known = list.iter().map(|known| constant(value, known, of));
        let known: Vec<Verdict> = known.collect();
        match known.contains(&Verdict::Same) {
            true => Verdict::Same,
            false if known.contains(&Verdict::Unknown) => Verdict::Unknown,
            false => Verdict::Different,
        }
    };
    let there = one.iter().map(|value| is_there(value, other));
    all(there.chain(other.iter().map(|value| is_there(value, one))))
}

fn constant(expected: &str, actual: &str, of: Option<&SqlType>) -> Verdict {
    let verdict = match of {
        Some(of) => expression::compare_defaults(expected, actual, of, Kept::Meaning),
        None => expression::compare(expected, actual, Kept::Meaning),
    };
    let (Some(e), Some(a)) = (content(expected), content(actual)) else {
        return verdict;
    };
    // the furthest that two zones are apart, in microseconds
    const APART: u64 = 26 * 3600 * 1_000_000;
    let is_instant = of.is_none_or(|of| *of == SqlType::Timestamptz);
    let both = (parse_timestamptz(&e), parse_timestamptz(&a));
    match (verdict, both.0, both.1) {
        (Verdict::Same, ..) => Verdict::Same,
        (verdict, ..) if !is_instant => verdict,
        (_, Some(one), Some(other)) if one == other => Verdict::Same,
        (_, Some(one), Some(other)) if !has_zone(&e) && has_zone(&a) => {
            match one.abs_diff(other) <= APART {
                true => Verdict::Unknown,
                false => Verdict::Different,
            }
        }
        (_, Some(_), Some(_)) => Verdict::Different,
        _ => verdict,
    }
}

/// What is in the quotes of a string, with nothing but a cast behind it.
fn content(text: &str) -> Option<String> {
    let mut tokens = Lexer::of_definition(text, SqlDialect::Postgres).significant();
    let token = tokens.next()?;
    let is_alone = tokens.next().is_none_or(|next| next.text == "::");
    match token.kind {
        Kind::String(_) if is_alone => token.string(),
        _ => None,
    }
}

/// Whether an offset or a zone is behind the time of day.
fn has_zone(text: &str) -> bool {
    let time = text.split_once(':').map(|(_, time)| time);
    time.is_some_and(|time| time.contains(['+', '-', 'Z', 'z']))
}

/// The constants in each pair of parentheses.
fn constants(bound: &str) -> Vec<Vec<String>> {
    let mut lists = Vec::new();
    let (mut depth, mut start, mut list) = (0_usize, 0, Vec::new());
    for token in Lexer::of_definition(bound, SqlDialect::Postgres) {
        let ends = depth == 1 && (token.is_symbol(")") || token.is_symbol(","));
        if ends {
            list.push(bound.get(start..token.start).unwrap_or_default().to_owned());
            start = token.end();
        }
        if token.is_symbol("(") {
            depth += 1;
            if depth == 1 {
                start = token.end();
            }
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                lists.push(std::mem::take(&mut list));
            }
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_same_however_they_are_written() {
        for (one, other) in [
            ("for values in ('a (b', 'c')", "FOR VALUES IN ('a (b', 'c')"),
            (
                "FOR VALUES FROM ( 1 ) TO (MAXVALUE)",
                "FOR VALUES FROM ('1') TO (maxvalue)",
            ),
            (
                "FOR VALUES FROM ('2024-01-01 00:00+02') TO ('2024-02-01')",
                "FOR VALUES FROM ('2023-12-31 22:00:00+00') TO ('2024-02-01 00:00:00+00')",
            ),
            (
                "FOR VALUES FROM ('2024-01-01') TO (DATE '2024-02-01', 1)",
                "FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01', 1)",
            ),
            ("default", "DEFAULT"),
        ] {
            assert_eq!(compare(one, other, &[]), Verdict::Same, "{one}   {other}");
        }
        for (one, other) in [
            ("FOR VALUES IN ('a (B')", "FOR VALUES IN ('a (b')"),
            ("FOR VALUES IN ('a')", "FOR VALUES IN ('a', 'b')"),
            ("FOR VALUES FROM (1) TO (2)", "FOR VALUES FROM (1) TO (3)"),
            (
                "FOR VALUES FROM ('2024-01-01 00:00+02') TO (MAXVALUE)",
                "FOR VALUES FROM ('2024-01-01 00:00:00+00') TO (MAXVALUE)",
            ),
            (
                "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)",
                "FOR VALUES FROM ('2024-02-01 00:00:00+00') TO (MAXVALUE)",
            ),
        ] {
            assert_eq!(
                compare(one, other, &[]),
                Verdict::Different,
                "{one}   {other}"
            );
        }
        for (one, other) in [
            (
                "FOR VALUES WITH (modulus 4, remainder 0)",
                "FOR VALUES WITH (modulus 4, remainder 1)",
            ),
            ("FOR VALUES IN (1, 2)", "FOR VALUES IN (1, 3)"),
            ("FOR VALUES IN (1, 2)", "FOR VALUES FROM (1) TO (2)"),
            ("DEFAULT", "FOR VALUES IN ('default')"),
        ] {
            assert_eq!(compare(one, other, &[]), Verdict::Different, "{one}");
            assert_eq!(compare(other, one, &[]), Verdict::Different, "{other}");
        }
        for (one, other) in [
            (
                "FOR VALUES WITH (REMAINDER 0, MODULUS 4)",
                "FOR VALUES WITH (modulus 4, remainder 0)",
            ),
            (
                "FOR VALUES IN ('a', NULL, 'b')",
                "FOR VALUES IN ('b', 'a', null)",
            ),
        ] {
            assert_eq!(compare(one, other, &[]), Verdict::Same, "{one}");
        }
        let elsewhere = "FOR VALUES FROM ('2023-12-31 23:00:00+00') TO (MAXVALUE)";
        let written = "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)";
        assert_eq!(compare(written, elsewhere, &[]), Verdict::Unknown);
    }

    #[test]
    fn constants_are_values_of_their_column() {
        let of = |name: &str| [Some(SqlType::parse_postgres(name))];
        for (key, one, other, verdict) in [
            ("integer", "IN ('01')", "IN (1)", Verdict::Same),
            (
                "date",
                "IN ('20240102')",
                "IN ('2024-01-02')",
                Verdict::Same,
            ),
            (
                "timestamp",
                "FROM ('2024-01-01') TO (MAXVALUE)",
                "FROM ('2024-01-01 00:00:00') TO (MAXVALUE)",
                Verdict::Same,
            ),
            ("text", "IN ('01')", "IN ('1')", Verdict::Different),
            (
                "text",
                "IN ('2024-01-01')",
                "IN ('2024-01-01 00:00')",
                Verdict::Different,
            ),
            ("money", "IN ('1')", "IN ('$1.00')", Verdict::Unknown),
        ] {
            let bound = |text: &str| format!("FOR VALUES {text}");
            let found = compare(&bound(one), &bound(other), &of(key));
            assert_eq!(found, verdict, "{key} {one} {other}");
        }
    }
}
