//! A caller's text inside of another, which gives what the driver does not know as text. Pure: whether the
//! server takes it, `describe` asks.

use super::given::{Check, Given, same_as_text};
use super::same_types::never_run;
use db_adapter_core::push_quoted;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::Statement;

/// How a text is put inside of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// As a subquery.
    Subquery,
    /// As a part of a `WITH`.
    With,
    /// The parts of its own `WITH` stay where they are, and what they are for becomes one more of them: a
    /// part that writes has to be at the top.
    OneMorePart,
}

/// What the text is called there. It has to be a name that none of its own parts has.
const NAME: &str = "db_adapter_rows";

/// The ways to try, by what a text is.
pub(super) fn wrappers(statement: Statement<'_>) -> &'static [Wrapper] {
    use Wrapper::{OneMorePart, Subquery, With};
    match statement.keyword().to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" | "" => &[Subquery],
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" => &[With],
        "WITH" if statement.changes_rows_in_with() => &[OneMorePart],
        "WITH" => &[Subquery, With, OneMorePart],
        _ => &[],
    }
}

/// A text with these columns inside of another; `None` where it cannot be.
pub(super) fn wrap<'n>(
    wrapper: Wrapper,
    check: Check,
    typed: &str,
    columns: impl ExactSizeIterator<Item = &'n str>,
    outputs: &[Given],
) -> Option<String> {
    let number = columns.len();
    let mut items = String::new();
    let mut names = String::new();
    for (i, (name, given)) in columns.zip(outputs).enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        let output = &given.output;
        items.push_str(&format!("{comma}q.c{i}{output} AS "));
        push_quoted(&mut items, name);
        names.push_str(&format!("{comma}c{i}"));
    }
    // refused as soon as the text gives another number of columns: fewer names than columns are
    // allowed, and new columns would be left out in silence
    let nulls = vec!["NULL"; number].join(", ");
    let number = format!("EXISTS (SELECT q.* UNION ALL SELECT {nulls})");
    let guard = never_run(&match same_as_text(check, outputs) {
        Some(types) => format!("{types} AND {number}"),
        None => number,
    });
    // a line break ends a comment at the text's end
    Some(match wrapper {
        Wrapper::Subquery => {
            format!("SELECT {items} FROM ({typed}\n) AS q({names}) WHERE {guard}")
        }
        Wrapper::With => {
            format!("WITH q({names}) AS ({typed}\n) SELECT {items} FROM q WHERE {guard}")
        }
        Wrapper::OneMorePart => {
            let main = Statement::new(typed, SqlDialect::Postgres).behind_with()?;
            let (parts, main) = typed.split_at_checked(main)?;
            format!(
                "{parts}, {NAME}({names}) AS ({main}\n) SELECT {items} FROM {NAME} AS q WHERE {guard}"
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_more(text: &str) -> Option<String> {
        let outputs = [Given::unknown()];
        let names = ["v"].into_iter();
        wrap(Wrapper::OneMorePart, Check::None, text, names, &outputs)
    }

    #[test]
    fn what_the_parts_are_for_is_one_more_of_them() {
        let main = "db_adapter_rows(c0) AS (SELECT v FROM x\n) SELECT q.c0::text AS \"v\"";
        let text = "WITH x AS (UPDATE t SET v = 1 RETURNING v) SELECT v FROM x";
        let sql = one_more(text).unwrap();
        assert!(sql.contains(&format!("RETURNING v) , {main}")), "{sql}");
        assert_eq!(one_more("SELECT v FROM x"), None);
    }

    #[test]
    fn what_writes_in_a_part_is_never_inside_of_another() {
        let ways = |text| wrappers(Statement::new(text, SqlDialect::Postgres));
        let writes = "WITH x AS (DELETE FROM t RETURNING v) SELECT v FROM x";
        assert_eq!(ways(writes), [Wrapper::OneMorePart]);
        assert_eq!(ways("with x as (select 1) table x").len(), 3);
        assert_eq!(ways("(SELECT 1)"), [Wrapper::Subquery]);
        assert!(ways("SHOW all").is_empty());
    }
}
