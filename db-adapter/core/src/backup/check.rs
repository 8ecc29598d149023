//! The rules at run time: all the problems of a schema at once, as an error.

use super::{BackupSchema, Message, TableDef, null_key, owner, reach, renew, rules};
use crate::Notice;
use std::fmt;

/// Everything that is wrong with a backup schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSchema {
    /// The problems, each with its hint.
    pub problems: Vec<Notice>,
}

impl fmt::Display for InvalidSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if i > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSchema {}

impl BackupSchema {
    /// The tables, parents first, whatever order they come in.
    ///
    /// # Errors
    /// All that the macros refuse at compile time: two tables of one name, a parent that is not
    /// there, a circle of parents, a table without a natural key, keys of another length, a column that is
    /// twice in a key, two references by the same columns, two tables with one former name, an owner
    /// beside another user column, or whose table is backed up by something else than the user's id, a
    /// natural key with a column that may be NULL, a table of all users with an optional reference to rows
    /// of one, an external reference to a table of the schema, a column of a key or a reference that is to be
    /// renewed.
    pub fn new(tables: impl IntoIterator<Item = TableDef>) -> Result<BackupSchema, InvalidSchema> {
        BackupSchema::with_other_tables(tables, [])
    }

    /// The same with tables that are expected and not backed up, in their order.
    ///
    /// # Errors
    /// As [`BackupSchema::new`].
    pub fn with_other_tables(
        tables: impl IntoIterator<Item = TableDef>,
        other_tables: impl IntoIterator<Item = TableDef>,
    ) -> Result<BackupSchema, InvalidSchema> {
        let tables: Vec<TableDef> = tables.into_iter().collect();
        let others: Vec<TableDef> = other_tables.into_iter().collect();
        let order = check(&tables, &others)?;
        let mut places: Vec<Option<TableDef>> = tables.into_iter().map(Some).collect();
        let sorted = order
            .into_iter()
            .filter_map(|at| places.get_mut(at).and_then(Option::take));
        Ok(BackupSchema {
            tables: sorted.collect(),
            other_tables: others.into(),
        })
    }

    /// The same checks on a schema that was put together by hand; the order is not looked at.
    ///
    /// # Errors
    /// As [`BackupSchema::new`].
    pub fn check(&self) -> Result<(), InvalidSchema> {
        check(&self.tables, &self.other_tables).map(|_| ())
    }
}

/// The positions of the tables in their order, or what is wrong.
fn check(tables: &[TableDef], others: &[TableDef]) -> Result<Vec<usize>, InvalidSchema> {
    let all: Vec<&TableDef> = tables.iter().chain(others).collect();
    let mut hashes = vec![0; all.len()];
    rules::hashes(&all, &mut hashes);
    let mut found: Vec<Message> = Vec::new();
    found.extend(rules::duplicate(&all, &hashes));
    found.extend(rules::renamed_once(&all));
    let others: Vec<&TableDef> = others.iter().collect();
    let tables: Vec<&TableDef> = tables.iter().collect();
    hashes.truncate(tables.len());
    for table in &tables {
        found.extend(rules::shape(table));
        found.extend(rules::columns_once(table));
        found.extend(rules::references_differ(table));
        found.extend(rules::natural_key(table));
        found.extend(null_key::refused(table));
        found.extend(rules::own_parent(table));
        found.extend(rules::missing(table, &tables, &hashes, &others));
        found.extend(owner::declared(table));
        found.extend(owner::table(table, &tables, &hashes));
        found.extend(reach::external(table, &tables, &hashes));
        found.extend(renew::own(table));
        found.extend(renew::referenced(table, &tables, &hashes));
        for key in table.parents.iter().chain(table.optional_refs.iter()) {
            if let Some(parent) = tables.iter().find(|t| t.name == key.table) {
                found.extend(rules::arity(table, key, parent));
            }
        }
    }
    let mut order = vec![0; tables.len()];
    let mut state = vec![0; tables.len()];
    let mut stack = vec![(0, 0); tables.len()];
    let circle = rules::order(&tables, &hashes, &mut order, &mut state, &mut stack);
    if circle.is_none() {
        let mut owned = vec![false; tables.len()];
        reach::owned(&tables, &hashes, &order, &mut owned);
        let shared = (0..tables.len()).map(|at| reach::shared(&tables, &hashes, &owned, at));
        found.extend(shared.flatten());
    }
    found.extend(circle);
    if found.is_empty() {
        return Ok(order);
    }
    Err(InvalidSchema {
        problems: found.iter().map(Notice::from).collect(),
    })
}
