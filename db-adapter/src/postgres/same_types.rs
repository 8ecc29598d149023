//! Conditions on the types of columns, as the server's own rules about types give them: true, or the
//! statement is refused. Never in need of a right to read, nor of a lock. Pure.

use db_adapter_core::{TableName, push_quoted};

/// The setting that no server has: asking for it fails, and its name tells why.
pub(super) const CHANGED: &str = "db_adapter.changed";
/// A target list has 1664 entries at most.
const MOST: usize = 800;

/// What a statement takes for granted of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Relied {
    /// A NULL of the type that the column has when the server looks at it.
    pub(super) now: String,
    /// A NULL of the type that we know, with its length, precision and scale.
    pub(super) known: String,
    /// The same for a type that has none of these: arrays are equal to arrays of the very same type
    /// only, and the server reads that faster.
    pub(super) list: Option<String>,
    /// The number of that type.
    pub(super) oid: u32,
    /// Whether only the number tells one type from another: the same name may be that of another
    /// domain by now, with other digits.
    pub(super) by_number: bool,
}

impl Relied {
    /// `known`: the type with its length, precision and scale; `collates`: whether values of it
    /// have a collation.
    pub(super) fn new(table: &TableName, column: &str, known: &str, collates: bool) -> Self {
        let collation = if collates { COLLATION } else { "" };
        let mut now = String::from("(NULL::");
        table.push_quoted(&mut now);
        now.push_str(").");
        push_quoted(&mut now, column);
        now.push_str(collation);
        Relied {
            now,
            known: format!("NULL::{known}{collation}"),
            ..Relied::default()
        }
    }

    /// For a type without length, precision and scale that is not a domain.
    pub(super) fn without_digits(mut self, known: &str) -> Self {
        let now = self.now.strip_suffix(COLLATION).unwrap_or(&self.now);
        self.list = Some(format!(
            "ARRAY[{now}] OPERATOR(pg_catalog.=) NULL::{known}[]"
        ));
        self
    }

    /// With the number of the type.
    pub(super) fn numbered(mut self, oid: u32, by_number: bool) -> Self {
        self.oid = oid;
        self.by_number = by_number;
        self
    }
}

/// Of both sides of a comparison, so that collations never differ.
pub(super) const COLLATION: &str = " COLLATE pg_catalog.\"C\"";

const NEVER_RUN: &str = "CASE WHEN true THEN true ELSE ";

/// Looked at when the statement is read, and then removed by the planner.
pub(super) fn never_run(condition: &str) -> String {
    format!("{NEVER_RUN}{condition} END")
}

/// Whether such a condition is at this place of a text.
pub(super) fn is_inside(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let rest = before
        .rfind(NEVER_RUN)
        .and_then(|begin| before.get(begin..));
    rest.is_some_and(|rest| !rest.contains(" END"))
}

/// Only a recursive query has to have the very same types in both of its parts, with length,
/// precision and scale; each way round, since a type of the second part gives way to one of the first
/// that is wider.
pub(super) fn same_types(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.chunks(MOST).map(same_types_of).collect()
}

fn same_types_of(pairs: &[(&str, &str)]) -> String {
    let list = |swapped: bool| {
        let mut list = String::new();
        for (a, b) in pairs {
            let (first, second) = if swapped { (b, a) } else { (a, b) };
            list.push_str(if list.is_empty() { "" } else { ", " });
            list.push_str(first);
            list.push_str(", ");
            list.push_str(second);
        }
        list
    };
    format!(
        "EXISTS (WITH RECURSIVE same AS (SELECT {} UNION ALL SELECT {} FROM same) SELECT)",
        list(false),
        list(true)
    )
}

/// That columns have the types with these numbers, asked when the statement runs, once; `None` without
/// columns.
pub(super) fn same_numbers<'r>(relied: impl IntoIterator<Item = &'r Relied>) -> Option<String> {
    let numbers: Vec<_> = relied.into_iter().map(has_number).collect();
    (!numbers.is_empty()).then(|| {
        let numbers = numbers.join(" AND ");
        format!(
            "CASE WHEN {numbers} THEN true ELSE pg_catalog.current_setting('{CHANGED}') IS NULL END"
        )
    })
}

/// That a table has the primary key of these columns, asked when the statement runs, once.
pub(super) fn same_key(table: &TableName, columns: &[&str]) -> String {
    let mut name = String::new();
    table.push_quoted(&mut name);
    let names: Vec<String> = columns.iter().map(|name| literal(name)).collect();
    format!(
        "CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) {}::pg_catalog.regclass AND i.indisprimary \
         AND ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (number, place) JOIN pg_catalog.pg_attribute AS a \
         ON a.attrelid OPERATOR(pg_catalog.=) i.indrelid AND a.attnum OPERATOR(pg_catalog.=) k.number WHERE k.place OPERATOR(pg_catalog.<=) i.indnkeyatts ORDER BY k.place) \
         OPERATOR(pg_catalog.=) ARRAY[{}]::text[]) THEN true ELSE pg_catalog.current_setting('{CHANGED}') IS NULL END",
        literal(&name),
        names.join(", ")
    )
}

/// A text as a constant, whatever `standard_conforming_strings` is.
fn literal(text: &str) -> String {
    format!(" E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn has_number(relied: &Relied) -> String {
    format!(
        "pg_catalog.pg_typeof({})::pg_catalog.oid OPERATOR(pg_catalog.=) {}::pg_catalog.oid",
        relied.now, relied.oid
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_types_are_on_both_sides() {
        let table = TableName::parse("a.t").unwrap();
        let relied = Relied::new(&table, "n", "numeric(4,1)", false);
        let [text] = &same_types(&[(&relied.now, &relied.known)])[..] else {
            panic!("one condition for one column");
        };
        let (now, known) = ("(NULL::\"a\".\"t\").\"n\"", "NULL::numeric(4,1)");
        let both = format!("SELECT {now}, {known} UNION ALL SELECT {known}, {now} FROM same");
        assert!(text.contains(&both), "{text}");
        let many: Vec<_> = (0..MOST + 1).map(|_| ("NULL::a", "NULL::a")).collect();
        assert_eq!(same_types(&many).len(), 2);
    }

    #[test]
    fn a_place_is_inside_of_a_condition_or_not() {
        let text = format!("SELECT 1 WHERE ({} AND x = 1)", never_run("a = b"));
        let inside = |part: &str| is_inside(&text, text.find(part).unwrap());
        assert!(inside("= b"));
        assert!(!inside("x = 1") && !inside("1 WHERE"));
    }
}
