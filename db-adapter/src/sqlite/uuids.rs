//! How a uuid is looked for where SQLite keeps the text that it was written as: in the spellings that programs
//! write, by an index, or in all that there are. Pure.

use db_adapter_core::uuid_text;

use super::catalog::Column;
use super::dialect::{Sql, SqliteDialect, push_param};
use super::encode::{self, Param};
use crate::Value;

/// Compares texts by the uuids that they are.
const COLLATION: &str = " COLLATE db_adapter_uuid";
/// The digits by which an index finds the few rows to be compared: each letter of them has two cases.
const DIGITS: usize = 3;

/// The spellings that programs write, and the one that is given.
pub(super) fn usual(value: &Value) -> Vec<Param> {
    let Some(given) = value.as_str() else {
        return vec![encode::bare(value)];
    };
    let lower = uuid_text::canonical(given).unwrap_or_else(|| given.to_owned());
    let simple = lower.replace('-', "");
    let mut spellings = vec![
        lower.to_ascii_uppercase(),
        simple.to_ascii_uppercase(),
        simple,
        lower,
    ];
    if !spellings.iter().any(|known| known == given) {
        spellings.push(given.to_owned());
    }
    spellings.into_iter().map(Param::Text).collect()
}

/// `t.column` is one of these, in whatever spelling. For one of them an index on the column helps; more are
/// compared with every row.
pub(super) fn push_any(sql: &mut Sql, column: &Column, values: &[Value]) {
    let one_spelling = |value: &Value| match value.as_str() {
        Some(text) => {
            let canonical = uuid_text::canonical(text);
            Param::Text(canonical.unwrap_or_else(|| text.to_owned()))
        }
        None => encode::bare(value),
    };
    if let [value] = values
        && let Some(starts) = value.as_str().and_then(starts)
    {
        push_one(sql, column, &starts, &one_spelling(value));
        return;
    }
    sql.push_column::<SqliteDialect>(column);
    sql.push(COLLATION);
    sql.push(" IN (");
    for (i, value) in values.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" });
        push_param(sql, one_spelling(value));
    }
    sql.push(")");
}

fn push_one(sql: &mut Sql, column: &Column, starts: &[String], param: &Param) {
    for (i, start) in starts.iter().enumerate() {
        sql.push(if i > 0 { " OR (" } else { "((" });
        // the marks are no digits: a column that keeps numbers would make one of digits alone
        for (comparison, mark) in [(" > ", '!'), (" < ", '~')] {
            sql.push_column::<SqliteDialect>(column);
            sql.push(comparison);
            push_param(sql, Param::Text(format!("{start}{mark}")));
            sql.push(" AND ");
        }
        sql.push_column::<SqliteDialect>(column);
        sql.push(COLLATION);
        sql.push(" = ");
        push_param(sql, param.clone());
        sql.push(")");
    }
    sql.push(")");
}

/// What the spellings of a uuid start with; `None` where the text is none.
fn starts(text: &str) -> Option<Vec<String>> {
    let canonical = uuid_text::canonical(text)?;
    let mut starts = vec![String::new(), "{".to_owned()];
    for digit in canonical.chars().take(DIGITS) {
        let upper = digit.to_ascii_uppercase();
        let mut others = starts.clone();
        starts.iter_mut().for_each(|start| start.push(digit));
        if upper != digit {
            others.iter_mut().for_each(|start| start.push(upper));
            starts.append(&mut others);
        }
    }
    Some(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_and_the_brace() {
        let starts = |text| {
            let mut starts = starts(text)?;
            starts.sort();
            Some(starts)
        };
        let of = |texts: &[&str]| Some(texts.iter().map(ToString::to_string).collect());
        assert_eq!(
            starts("{1A2EBC999C0B4EF8BB6D6BB9BD380A11}"),
            of(&["1A2", "1a2", "{1A2", "{1a2"])
        );
        let digits = starts("12345678-9c0b-4ef8-bb6d-6bb9bd380a11");
        assert_eq!(digits, of(&["123", "{123"]));
        assert_eq!(starts("123"), None);
    }

    #[test]
    fn every_spelling_is_behind_one_start() {
        let spellings = [
            "12345678-9c0b-4ef8-bb6d-6bb9bd380a11",
            "12345678-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{12345678-9c0B-4Ef8-bb6d-6bb9bd380a11}",
            "1234-5678-9c0b4ef8-bb6d-6bb9bd380a11",
            "123456789c0b4ef8bb6d6bb9bd380A11",
        ];
        for text in spellings {
            let starts = starts(text).unwrap();
            let within = |start: &String| {
                let (from, to) = (format!("{start}!"), format!("{start}~"));
                text > from.as_str() && text < to.as_str()
            };
            assert_eq!(starts.iter().filter(|start| within(start)).count(), 1);
        }
    }
}
