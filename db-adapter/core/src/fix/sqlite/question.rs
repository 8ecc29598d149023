//! The queries that are asked of a file before a plan is decided, under the names that things have now. Never
//! writes.

use super::{SQLITE, Sqlite};
use crate::ddl_writer::quote;
use crate::fix::fact::{Fact, FactKind};
use crate::name::quote_ident;
use crate::schema::{ConstraintKind, ConstraintSchema};
use crate::sql_type::Affinity;

impl Sqlite<'_> {
    /// The name that a table has now, as SQL.
    pub(super) fn name_now(&self, key: &str) -> String {
        let now = self.work.renames.table_now(key);
        let (schema, name) = quote::parts_of_key(now);
        quote::qualified(schema.as_deref(), &name, SQLITE)
    }

    /// The table as something to select from, with its columns under the names that they get.
    pub(super) fn source(&self, key: &str) -> String {
        let name = self.name_now(key);
        let renamed: Vec<(&str, &str)> = self.work.renames.columns_of(key).collect();
        let Some(table) = self
            .work
            .actual
            .tables
            .get(key)
            .filter(|_| !renamed.is_empty())
        else {
            return name;
        };
        let columns = table.columns.iter().map(|column| {
            let own = quote_ident(&column.name);
            let old = renamed.iter().find(|(new, _)| *new == column.name);
            match old {
                Some((_, old)) => format!("{} AS {own}", quote_ident(old)),
                None => own,
            }
        });
        let columns: Vec<String> = columns.collect();
        format!("(SELECT {} FROM {name})", columns.join(", "))
    }

    pub(super) fn rows(&self, key: &str) -> Fact {
        let name = self.name_now(key);
        Fact::told(FactKind::Rows, format!("SELECT count(*) FROM {name}"))
    }

    pub(super) fn count(&self, key: &str, condition: &str) -> String {
        let source = self.source(key);
        format!("SELECT count(*) FROM {source} WHERE {condition}")
    }

    pub(super) fn any_row(&self, key: &str) -> String {
        let name = self.name_now(key);
        format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT 1)")
    }

    pub(super) fn doubles(&self, key: &str, columns: &[String]) -> String {
        let source = self.source(key);
        let not_null: Vec<String> = columns.iter().map(|c| format!("{c} IS NOT NULL")).collect();
        format!(
            "SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {} GROUP BY {} HAVING count(*) > 1)",
            not_null.join(" AND "),
            columns.join(", ")
        )
    }

    /// How many rows refer to nothing; of a table that is to be made every row does.
    pub(super) fn orphans(&self, key: &str, own: &ConstraintSchema) -> Option<String> {
        if own.kind != ConstraintKind::ForeignKey {
            return None;
        }
        let columns: Vec<String> = own
            .columns
            .iter()
            .map(|c| format!("c.{}", quote_ident(c)))
            .collect();
        let set: Vec<String> = columns.iter().map(|c| format!("{c} IS NOT NULL")).collect();
        let set = set.join(" AND ");
        let child = format!("{} AS c", self.source(key));
        let name = own.references_table.as_deref().unwrap_or_default();
        let mut tables = self.work.actual.tables.iter();
        let Some((target, parent)) = tables.find(|(_, t)| t.name.eq_ignore_ascii_case(name)) else {
            return Some(format!("SELECT count(*) FROM {child} WHERE {set}"));
        };
        let to = own.references_columns.clone();
        let to = to.or_else(|| Some(parent.primary_key()?.columns.clone()))?;
        let pairs: Vec<String> = columns
            .iter()
            .zip(&to)
            .map(|(c, to)| format!("p.{} = {c}", quote_ident(to)))
            .collect();
        let parents = format!("{} AS p", self.source(target));
        Some(format!(
            "SELECT count(*) FROM {child} WHERE {set} AND NOT EXISTS (SELECT 1 FROM {parents} WHERE {})",
            pairs.join(" AND ")
        ))
    }
}

/// A condition that holds for the values that a column of this affinity stores as others. `None` where there are
/// none.
pub(super) fn changed(column: &str, data_type: &str, strict: bool) -> Option<String> {
    let affinity = match strict && data_type.eq_ignore_ascii_case("any") {
        true => Affinity::Blob,
        false => Affinity::of_declared(data_type),
    };
    let own = quote_ident(column);
    // the right side has no affinity, so that SQLite brings it to a number only where the column would
    let is_number = format!("typeof({own}) = 'text' AND CAST({own} AS NUMERIC) = +{own}");
    match affinity {
        Affinity::Blob => None,
        Affinity::Text => Some(format!("typeof({own}) IN ('integer', 'real')")),
        Affinity::Real => Some(format!("typeof({own}) = 'integer' OR {is_number}")),
        Affinity::Integer | Affinity::Numeric => Some(format!(
            "{is_number} OR typeof({own}) = 'real' AND {own} = CAST({own} AS INTEGER)"
        )),
    }
}

/// A condition that holds for the values that a column of this type refuses in a STRICT table.
pub(super) fn refused(column: &str, data_type: &str) -> Option<String> {
    let own = quote_ident(column);
    let number = format!("typeof({own}) = 'text' AND CAST({own} AS NUMERIC) = +{own}");
    let taken = match data_type.to_ascii_lowercase().as_str() {
        "any" => return None,
        "blob" => format!("typeof({own}) = 'blob'"),
        "text" => format!("typeof({own}) <> 'blob'"),
        "real" => format!("typeof({own}) IN ('integer', 'real') OR {number}"),
        _ => format!(
            "typeof({own}) = 'integer' OR typeof({own}) = 'real' AND {own} = CAST({own} AS INTEGER) \
             OR {number} AND typeof(CAST({own} AS NUMERIC)) = 'integer'"
        ),
    };
    Some(format!("{own} IS NOT NULL AND NOT ({taken})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_takes_everything_changes_nothing() {
        assert_eq!(changed("a", "BLOB", false), None);
        assert_eq!(changed("a", "", false), None);
        assert_eq!(changed("a", "any", true), None);
        assert!(changed("a", "any", false).is_some());
    }
}
