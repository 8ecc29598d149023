//! The names that PostgreSQL chooses where the DDL gives none, so that a file and the database
//! made from it agree. Never renames what has a name.

use crate::schema::{ConstraintKind, ConstraintSchema, IndexSchema, TableSchema, ViewSchema};

/// Names are at most so many bytes long.
const LONGEST: usize = 63;

/// Adds a constraint to its table. Without a name it gets the one that PostgreSQL would choose.
pub fn add_constraint(table: &mut TableSchema, mut new: ConstraintSchema) {
    if new.name.is_empty() {
        let (columns, label) = match new.kind {
            ConstraintKind::PrimaryKey => (String::new(), "pkey"),
            ConstraintKind::Unique => (new.columns.join("_"), "key"),
            ConstraintKind::ForeignKey => (new.columns.join("_"), "fkey"),
            ConstraintKind::Exclude => (new.columns.join("_"), "excl"),
            ConstraintKind::Check => match new.columns.as_slice() {
                [column] => (column.clone(), "check"),
                _ => (String::new(), "check"),
            },
        };
        new.name = free_name(table, &columns, label);
        new.name_is_generated = true;
    }
    table.constraints.insert(new.name.clone(), new);
}

/// Gives the index its name, and its table.
pub(super) fn add_index(table: &mut TableSchema, mut new: IndexSchema) {
    if new.name.is_empty() {
        let part = |c: &crate::schema::IndexColumn| match (c.is_expression, c.text.split_once('('))
        {
            (false, _) => c.text.clone(),
            (true, Some((function, _))) if is_bare(function) => function.to_owned(),
            (true, _) => "expr".to_owned(),
        };
        let columns: Vec<String> = new.columns.iter().map(part).collect();
        new.name = free_name(table, &columns.join("_"), "idx");
        new.name_is_generated = true;
    }
    table.indexes.insert(new.name.clone(), new);
}

/// The same for a materialised view, which has nothing else that takes a name.
pub(super) fn add_index_of_view(view: &mut ViewSchema, new: IndexSchema) {
    let mut table = TableSchema {
        name: view.name.clone(),
        indexes: std::mem::take(&mut view.indexes),
        ..TableSchema::default()
    };
    add_index(&mut table, new);
    view.indexes = table.indexes;
}

fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// `table_columns_label`, with a number where that is taken.
fn free_name(table: &TableSchema, columns: &str, label: &str) -> String {
    let free =
        |name: &String| !table.constraints.contains_key(name) && !table.indexes.contains_key(name);
    let first = object_name(&table.name, columns, label);
    let mut name = first;
    let mut number = 0u32;
    while !free(&name) {
        number += 1;
        name = object_name(&table.name, columns, &format!("{label}{number}"));
    }
    name
}

/// The parts joined, the longer of the first two shortened until the whole fits.
pub(super) fn object_name(first: &str, second: &str, label: &str) -> String {
    let joints = usize::from(!second.is_empty()) + 1;
    let room = LONGEST.saturating_sub(label.len() + joints);
    let (mut one, mut two) = (first.len(), second.len());
    while one + two > room {
        match one > two {
            true => one -= 1,
            false => two -= 1,
        }
    }
    let cut = |text: &str, length| {
        text.get(..text.floor_char_boundary(length))
            .unwrap_or("")
            .to_owned()
    };
    match second.is_empty() {
        true => format!("{}_{label}", cut(first, one)),
        false => format!("{}_{}_{label}", cut(first, one), cut(second, two)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_as_the_server_cuts_them() {
        let (table, column) = ("t".repeat(60), "c".repeat(60));
        let name = object_name(&table, &column, "key");
        assert_eq!(name, format!("{}_{}_key", "t".repeat(29), "c".repeat(29)));
        assert_eq!(object_name(&table, "", "pkey").len(), 63);
        assert_eq!(object_name("t", "a_b", "fkey"), "t_a_b_fkey");
        assert!(object_name(&"ö".repeat(40), "x", "key").len() <= 63);
    }
}
