//! Keys, foreign keys and indexes: their columns from the pragmas, their names and whatever else
//! pragmas do not tell from the definition. Pure.

use db_adapter_core::ddl;
use db_adapter_core::schema::{
    ConstraintKind, ConstraintSchema, IndexColumn, IndexSchema, ReferentialAction,
};

use super::draft::Draft;
use super::table::TableDraft;
use crate::{Result, Row};

/// The rows of one key or index, one a column, stand together.
fn groups<'a>(rows: &'a [Row], by: &'a [&'a str]) -> impl Iterator<Item = &'a [Row]> {
    rows.chunk_by(|a, b| by.iter().all(|name| a.value(name) == b.value(name)))
}

pub(super) fn add_foreign_keys(draft: &mut Draft, schema: &str, rows: &[Row]) -> Result<()> {
    for group in groups(rows, &["table", "id"]) {
        let Some(first) = group.first() else { continue };
        let target: String = first.get("target")?;
        let own: Vec<String> = all(group, "own")?;
        // without columns it means the key of the other table
        let theirs: Vec<Option<String>> = all(group, "theirs")?;
        let theirs: Option<Vec<String>> = theirs.into_iter().collect();
        let theirs = theirs.or_else(|| draft.key_of(schema, &target));
        if let Some(there) = draft.table_of(schema, first)? {
            there.add_constraint(ConstraintSchema {
                kind: ConstraintKind::ForeignKey,
                columns: own,
                references_table: Some(target),
                references_columns: theirs.filter(|columns| !columns.is_empty()),
                on_delete: Some(action(&first.get::<String>("on_delete")?)),
                on_update: Some(action(&first.get::<String>("on_update")?)),
                ..ConstraintSchema::default()
            });
        }
    }
    Ok(())
}

pub(super) fn add_indexes(draft: &mut Draft, schema: &str, rows: &[Row]) -> Result<()> {
    for group in groups(rows, &["table", "name"]) {
        let Some(first) = group.first() else { continue };
        let Some(there) = draft.table_of(schema, first)? else {
            continue;
        };
        match first.get::<String>("origin")?.as_str() {
            "pk" => there.key_has_index = true,
            "u" => there.add_constraint(ConstraintSchema {
                kind: ConstraintKind::Unique,
                columns: all(group, "column_name")?,
                ..ConstraintSchema::default()
            }),
            _ => there.add_index(first, group)?,
        }
    }
    Ok(())
}

fn all<T: crate::FromValue>(rows: &[Row], column: &str) -> Result<Vec<T>> {
    rows.iter().map(|row| row.get(column)).collect()
}

fn action(words: &str) -> ReferentialAction {
    match words {
        "RESTRICT" => ReferentialAction::Restrict,
        "CASCADE" => ReferentialAction::Cascade,
        "SET NULL" => ReferentialAction::SetNull,
        "SET DEFAULT" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

impl TableDraft {
    /// A key of the pragmas, with what the definition tells of it.
    pub(super) fn add_constraint(&mut self, mut fact: ConstraintSchema) {
        let used = &self.table.constraints;
        let told = self
            .told
            .constraints()
            .find(|told| is_same(told, &fact) && !used.contains_key(&told.name));
        if let Some(told) = told {
            fact.name.clone_from(&told.name);
            fact.name_is_generated = told.name_is_generated;
            fact.deferrable = told.deferrable;
            fact.initially_deferred = told.initially_deferred;
            fact.match_full = told.match_full;
            fact.collations.clone_from(&told.collations);
            fact.on_conflict.clone_from(&told.on_conflict);
        }
        ddl::add_constraint(&mut self.table, fact);
    }

    fn add_index(&mut self, first: &Row, group: &[Row]) -> Result<()> {
        let name: String = first.get("name")?;
        let told = self.told.index(&name);
        let mut columns = Vec::with_capacity(group.len());
        for (n, row) in group.iter().enumerate() {
            let told = told.and_then(|index| index.columns.get(n));
            let column: Option<String> = row.get("column_name")?;
            columns.push(IndexColumn {
                is_expression: column.is_none(),
                text: column
                    .or_else(|| told.map(|t| t.text.clone()))
                    .unwrap_or_default(),
                descending: row.get::<i64>("descending")? != 0,
                collation: told.and_then(|t| t.collation.clone()),
                ..IndexColumn::default()
            });
        }
        let index = IndexSchema {
            columns,
            is_unique: first.get::<i64>("is_unique")? != 0,
            method: "btree".to_owned(),
            predicate: told.and_then(|index| index.predicate.clone()),
            include: Vec::new(),
            nulls_not_distinct: false,
            name_is_generated: false,
            comment: None,
            name,
        };
        self.table.indexes.insert(index.name.clone(), index);
        Ok(())
    }
}

/// Whether the definition's constraint is the one that the pragmas tell of.
fn is_same(told: &ConstraintSchema, fact: &ConstraintSchema) -> bool {
    let alike = |a: &[String], b: &[String]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let target = |c: &ConstraintSchema| c.references_table.as_deref().map(str::to_lowercase);
    let theirs = match (&told.references_columns, &fact.references_columns) {
        (Some(told), Some(fact)) => alike(told, fact),
        _ => true,
    };
    told.kind == fact.kind
        && alike(&told.columns, &fact.columns)
        && target(told) == target(fact)
        && theirs
}
