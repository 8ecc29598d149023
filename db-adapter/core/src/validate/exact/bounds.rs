//! Which rows a partition holds, in two spellings. Never knows the time zone of the session that wrote
//! a bound without one.

use super::table::strategy;
use crate::lexer::{Kind, Lexer};
use crate::schema::SqlDialect;
use crate::temporal::parse_timestamptz;
use crate::validate::expression::{self, Verdict};

/// Bounds are lists of constants.
pub(super) fn compare(expected: &str, actual: &str) -> Verdict {
    if strategy(expected) == strategy(actual) {
        return Verdict::Same;
    }
    let (expected, actual) = (constants(expected), constants(actual));
    let lengths = |lists: &[Vec<String>]| lists.iter().map(Vec::len).collect::<Vec<_>>();
    if lengths(&expected) != lengths(&actual) {
        return Verdict::Different;
    }
    let pairs = expected.iter().flatten().zip(actual.iter().flatten());
    let verdicts: Vec<Verdict> = pairs.map(|(e, a)| constant(e, a)).collect();
    let has = |verdict| verdicts.contains(&verdict);
    match (has(Verdict::Different), has(Verdict::Unknown)) {
        (true, _) => Verdict::Different,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Same,
    }
}

fn constant(expected: &str, actual: &str) -> Verdict {
    let verdict = expression::compare(expected, actual);
    let (Some(e), Some(a)) = (content(expected), content(actual)) else {
        return verdict;
    };
    // the furthest that two zones are apart, in microseconds
    const APART: u64 = 26 * 3600 * 1_000_000;
    match (verdict, parse_timestamptz(&e), parse_timestamptz(&a)) {
        (Verdict::Same, ..) => Verdict::Same,
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
            assert_eq!(compare(one, other), Verdict::Same, "{one}   {other}");
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
            assert_eq!(compare(one, other), Verdict::Different, "{one}   {other}");
        }
        let elsewhere = "FOR VALUES FROM ('2023-12-31 23:00:00+00') TO (MAXVALUE)";
        let written = "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)";
        assert_eq!(compare(written, elsewhere), Verdict::Unknown);
    }
}
