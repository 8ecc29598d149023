//! What a column keeps of a text that is assigned to it, and what it loses: the one rule for what
//! would be rounded or cut. Never decides whether that is allowed, and never alters a column.

use std::cmp::Ordering;

use crate::canonical::{canonical_text, within};
use crate::{SqlType, float, numeric, temporal};

/// A text as a column keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The canonical text of what is kept, as PostgreSQL would print it.
    pub text: String,
    /// What of the given text is not kept; none when it is the same value.
    pub lost: Option<Lost>,
}

/// What a column cannot keep of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// Digits of a decimal number, beyond the column's scale.
    Scale,
    /// Digits of a number that does not fit into a floating point number of this size.
    Float,
    /// Digits of a second.
    Seconds,
    /// The time of day, in a column of dates.
    TimeOfDay,
    /// The date, in a column of times.
    Date,
    /// A time zone other than UTC, in a column without one.
    Zone,
    /// Blanks at the end of a text that is too long.
    Blanks,
    /// The end of a name.
    Name,
}

impl Lost {
    /// What would happen to the value, for a message.
    pub fn reason(self) -> &'static str {
        match self {
            Lost::Scale => "the column would round it to its scale",
            Lost::Float => "a floating point column would round it",
            Lost::Seconds => "the column would round the digits of its seconds",
            Lost::TimeOfDay => "the column would cut off its time of day",
            Lost::Date => "the column would cut off its date",
            Lost::Zone => "the column would cut off its time zone",
            Lost::Blanks => "the text is too long: the column would cut off the blanks at its end",
            Lost::Name => "the text is too long",
        }
    }

    /// What to do about it, for a message.
    pub fn hint(self) -> &'static str {
        match self {
            Lost::Scale => "round it first, or give the column a larger scale",
            Lost::Float => "pass the `f64` or `f32` that is meant, or make the column `numeric`",
            Lost::Seconds => "round it first; a column keeps six digits, `timestamp(3)` three",
            Lost::TimeOfDay => "pass the date alone, or make the column a timestamp",
            Lost::Date => "pass the time alone, or make the column a timestamp",
            Lost::Zone => "pass it without a zone, or make the column `timestamptz`",
            Lost::Blanks => "remove the blanks, or make the column longer",
            Lost::Name => "a name has 63 bytes at most",
        }
    }
}

impl Assigned {
    pub(crate) fn whole(text: String) -> Assigned {
        Assigned { text, lost: None }
    }
}

/// The text as PostgreSQL assigns it to a column of this type, and what is lost on the way; `None`
/// when PostgreSQL would refuse it. `digits` is how many digits of a second the column keeps, see
/// [`temporal::digits`].
///
/// A number that gains zeros, and a text of `character(n)` with blanks at its end, lose nothing.
///
/// ```
/// use db_adapter_core::{Lost, SqlType, assigned};
///
/// let price = SqlType::parse_postgres("numeric(6,2)");
/// assert_eq!(assigned(&price, 6, "1.5").map(|a| a.lost), Some(None));
/// assert_eq!(assigned(&price, 6, "1.555").map(|a| a.lost), Some(Some(Lost::Scale)));
/// ```
pub fn assigned(sql_type: &SqlType, digits: u32, text: &str) -> Option<Assigned> {
    if sql_type.is_temporal() {
        return temporal::assigned(sql_type, digits, text);
    }
    let kept = canonical_text(sql_type, text)?;
    let lost = match sql_type {
        SqlType::Numeric { .. } => unequal(&kept, text).then_some(Lost::Scale),
        SqlType::Float8 => unequal(&kept, text).then_some(Lost::Float),
        SqlType::Float4 => {
            let single = float::parse_f64(text).filter(|wide| is_single(*wide));
            let same = single.is_some_and(|wide| {
                !unequal(&kept, text) || !unequal(&float::format_f64(wide), text)
            });
            (!same).then_some(Lost::Float)
        }
        SqlType::Varchar(Some(_)) => (kept.len() < text.len()).then_some(Lost::Blanks),
        SqlType::Char(Some(length)) => {
            let longer = within(text, *length).is_none_or(|kept| kept.len() < text.len());
            longer.then_some(Lost::Blanks)
        }
        SqlType::Name => (kept.len() < text.len()).then_some(Lost::Name),
        _ => None,
    };
    Some(Assigned { text: kept, lost })
}

/// Whether a `real` keeps this number: it is one, or the shortest text of one.
pub fn is_single(wide: f64) -> bool {
    let single = wide as f32;
    wide.is_nan() || f64::from(single) == wide || float::widen(single) == wide
}

fn unequal(a: &str, b: &str) -> bool {
    numeric::compare(a, b) != Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(sql_type: &str, text: &str) -> Option<Option<Lost>> {
        assigned(&SqlType::parse_postgres(sql_type), 6, text).map(|a| a.lost)
    }

    #[test]
    fn what_is_the_same_value_loses_nothing() {
        for (sql_type, text) in [
            ("numeric", "1.5550"),
            ("numeric(8,2)", "1.5"),
            ("numeric(8,2)", "1.5500"),
            ("numeric(3,-2)", "1200"),
            ("numeric(8,2)", "NaN"),
            ("real", "0.1"),
            ("real", "16777216"),
            ("real", "0.10000000149011612"),
            ("real", "NaN"),
            ("real", "-Infinity"),
            ("double precision", "0.1"),
            ("double precision", "1e300"),
            ("double precision", "9007199254740992"),
            ("character varying(3)", "ab "),
            ("character(3)", "ab "),
            ("character(3)", "ab"),
            ("name", "n"),
            ("text", "t"),
        ] {
            assert_eq!(lost(sql_type, text), Some(None), "{sql_type} {text}");
        }
    }

    #[test]
    fn what_is_rounded_or_cut_is_named() {
        for (sql_type, text, what) in [
            ("numeric(8,2)", "1.555", Lost::Scale),
            ("numeric(3,-2)", "1250", Lost::Scale),
            ("real", "16777217", Lost::Float),
            ("real", "0.123456789", Lost::Float),
            ("real", "0.1000000000000000000001", Lost::Float),
            ("double precision", "9007199254740993", Lost::Float),
            ("double precision", "3.14159265358979323846", Lost::Float),
            ("character varying(3)", "abc ", Lost::Blanks),
            ("character(3)", "abc ", Lost::Blanks),
        ] {
            assert_eq!(lost(sql_type, text), Some(Some(what)), "{sql_type} {text}");
        }
        assert_eq!(lost("name", &"n".repeat(64)), Some(Some(Lost::Name)));
        assert_eq!(lost("numeric(3,2)", "123"), None);
        assert_eq!(lost("character varying(3)", "abcd"), None);
    }
}
