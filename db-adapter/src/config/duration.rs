//! Durations as `db.toml` writes them: `"500ms"`, `"5s"`, `"2m"`, `"1h"`. Pure.

use std::time::Duration;

/// A duration longer than none and at most a year, so that no clock overflows.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let duration = match text.get(digits.len()..)? {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        "h" => Duration::from_secs(number.checked_mul(3600)?),
        _ => return None,
    };
    in_range(duration)
}

pub(crate) fn from_seconds(seconds: u64) -> Option<Duration> {
    in_range(Duration::from_secs(seconds))
}

fn in_range(duration: Duration) -> Option<Duration> {
    (!duration.is_zero() && duration <= Duration::from_secs(366 * 24 * 3600)).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood() {
        for (text, ms) in [
            ("500ms", 500),
            ("5s", 5_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "5",
            "s",
            "0s",
            "-5s",
            "+5s",
            "1.5s",
            "5 s",
            "5S",
            "5d",
            "9999h9",
            "99999999999999999999s",
            "18446744073709551615h",
            "٣s",
            "5sé",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(from_seconds(0), None);
        assert_eq!(from_seconds(u64::MAX), None);
    }
}
