//! Types that we choose for parameters, where the server's own choice would not be what a constant at
//! their places is. What it makes of them is asked.

use std::collections::BTreeMap;

use super::describe::undo;
use super::failure::Failure;
use super::prepared::{Answer, is_lookup, prepare};
use super::run::Work;
use super::template::{Template, own_type};
use crate::{Result, Value};

pub(super) const TEXT: u32 = 25;
/// `int8`, `int2`, `int4`.
const INTEGERS: [u32; 3] = [20, 21, 23];
const NUMERIC: &str = "numeric";

/// Types that were chosen by us for parameters, by number.
pub(super) type Chosen = BTreeMap<usize, &'static str>;

pub(super) fn bare_parameter(n: usize, chosen: &Chosen) -> String {
    match chosen.get(&n) {
        Some(name) => format!("(${}::{name})", n + 1),
        None => format!("${}", n + 1),
    }
}

/// Where PostgreSQL says text, for want of anything better or because it must be, a value that
/// is no text has the last word: `SELECT :n` gives the number back, and a comparison of text with
/// a number is an error. Whether something was chosen.
pub(super) fn choose_own_types(
    template: &Template<'_>,
    answer: &Answer,
    chosen: &mut Chosen,
) -> bool {
    let mut changed = false;
    for (n, oid) in answer.params.iter().enumerate() {
        let own = template.values.get(n).and_then(|value| own_type(value));
        if let (TEXT, Some(own), None) = (*oid, own, chosen.get(&n)) {
            chosen.insert(n, own);
            changed = true;
        }
    }
    changed
}

/// Whether a value is a decimal number, and then whether it is a whole one.
pub(super) fn is_whole(value: &Value) -> Option<bool> {
    match value {
        Value::Float(float) => Some(float.fract() == 0.0),
        Value::Numeric(numeric) if numeric.is_finite() => {
            let fraction = numeric.as_str().split_once('.');
            Some(fraction.is_none_or(|(_, digits)| digits.bytes().all(|b| b == b'0')))
        }
        Value::Numeric(_) => Some(false),
        _ => None,
    }
}

/// Beside an integer the server takes a parameter for an integer, and `10 / :x` with 4.0 would be 2; the
/// constant 4.0 is a numeric, and so is then a decimal number. Not where it is compared alone, which a
/// whole number may be as an integer, and by an index. Whether something was chosen.
pub(super) async fn choose_digits(
    work: &mut Work<'_>,
    template: &Template<'_>,
    answer: &Answer,
    chosen: &mut Chosen,
) -> Result<bool, Failure> {
    let mut changed = false;
    for (n, oid) in answer.params.iter().enumerate() {
        let whole = template.values.get(n).and_then(|value| is_whole(value));
        let Some(whole) = whole.filter(|_| INTEGERS.contains(oid) && !chosen.contains_key(&n))
        else {
            continue;
        };
        let in_question = match whole {
            true => !template.is_compared(n),
            // where it is stored the server would round it: as an integer it is refused
            false => !template.stores(),
        };
        if in_question
            && is_operand(work, template, n, chosen).await?
            && is_taken(work, template, n, NUMERIC, chosen)
                .await?
                .is_none()
        {
            chosen.insert(n, NUMERIC);
            changed = true;
        }
    }
    Ok(changed)
}

/// Whether a parameter is an operand, or one of several values of one type. A limit, a subscript or
/// the value of a column would be rounded.
async fn is_operand(
    work: &mut Work<'_>,
    template: &Template<'_>,
    n: usize,
    chosen: &Chosen,
) -> Result<bool, Failure> {
    // for operators and functions there is none of that type; what is assigned or converted has another error
    let refused = is_taken(work, template, n, "text", chosen).await?;
    Ok(refused.is_some_and(|failure| match failure.code() {
        "42883" | "42725" => true,
        "42804" => {
            let routine = failure.server().and_then(|error| error.routine());
            routine.is_none_or(|routine| routine == "select_common_type")
        }
        _ => false,
    }))
}

/// Asks whether a parameter can have a type; else why not.
async fn is_taken(
    work: &mut Work<'_>,
    template: &Template<'_>,
    n: usize,
    name: &'static str,
    chosen: &Chosen,
) -> Result<Option<Failure>, Failure> {
    let mut tried = chosen.clone();
    tried.insert(n, name);
    let text = template.render(|n| bare_parameter(n, &tried)).text;
    match prepare(work.conn, text).await {
        Ok(_) => Ok(None),
        Err(failure) if failure.is_lost() || failure.is_late() => Err(failure),
        Err(failure) => {
            undo(work).await?;
            // the server has taken it
            let looked_up = matches!(&failure, Failure::Driver(error) if is_lookup(error));
            Ok((!looked_up).then_some(failure))
        }
    }
}

/// The parameter that the server could not type: its number is in the message in every
/// language. Else the first that was not chosen yet.
pub(super) fn undetermined(
    failure: &Failure,
    template: &Template<'_>,
    chosen: &Chosen,
) -> Option<usize> {
    let message = failure.server()?.message();
    let digits = message.rsplit('$').next().unwrap_or_default();
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let named = digits.get(..end)?.parse::<usize>().ok()?.checked_sub(1);
    let free = |n: &usize| *n < template.values.len() && !chosen.contains_key(n);
    named
        .filter(free)
        .or_else(|| (0..template.values.len()).find(free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_told_from_others() {
        let numeric = |text: &str| Value::Numeric(text.parse().unwrap());
        for (value, whole) in [
            (4.0.into(), Some(true)),
            (4.5.into(), Some(false)),
            (f64::NAN.into(), Some(false)),
            (f64::INFINITY.into(), Some(false)),
            (numeric("4"), Some(true)),
            (numeric("4.00"), Some(true)),
            (numeric("4.01"), Some(false)),
            (numeric("NaN"), Some(false)),
            (Value::Int(4), None),
            (Value::from("4.5"), None),
        ] {
            assert_eq!(is_whole(&value), whole, "{value:?}");
        }
    }
}
