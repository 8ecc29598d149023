//! Which constraints are written in CREATE TABLE, which come by ALTER TABLE, and which cannot be written.

use super::super::{constraint, object, sound};
use super::{Node, POSTGRES, Postgres, object_kind};
use crate::schema::{ConstraintKind, ConstraintSchema, TableSchema};

impl<'a> Postgres<'a> {
    /// The constraints that are written in the table; the others come later, or not at all.
    pub(super) fn constraints(
        &mut self,
        key: &str,
        table: &'a TableSchema,
        name: &str,
    ) -> Vec<&'a ConstraintSchema> {
        const KINDS: [ConstraintKind; 5] = [
            ConstraintKind::PrimaryKey,
            ConstraintKind::Unique,
            ConstraintKind::Check,
            ConstraintKind::Exclude,
            ConstraintKind::ForeignKey,
        ];
        let mut inline = Vec::new();
        for kind in KINDS {
            let of_kind = table.constraints.values().filter(|own| own.kind == kind);
            for own in of_kind {
                if let Some(why) = self.wrong_constraint(own, table) {
                    let path = format!("{key}.{}", own.name);
                    self.cannot(&object_kind(kind).words(), &path, &why);
                    continue;
                }
                if !own.not_valid && self.is_inline(key, own) && !has_twin(own, &inline) {
                    inline.push(own);
                    continue;
                }
                if own.not_valid && self.comes_with_a_parent(own, table) {
                    continue;
                }
                let definition = constraint::definition(own, table, self.schema);
                let sql = format!("ALTER TABLE {name} ADD {definition}");
                let object = object(object_kind(kind), Some(key), &own.name);
                match kind {
                    ConstraintKind::ForeignKey => self.late.foreign_keys.push((object, sql)),
                    _ => self.late.checks.push((object, sql)),
                }
            }
        }
        inline
    }

    /// Whether the table has this check only because it is added to a parent later.
    fn comes_with_a_parent(&self, own: &ConstraintSchema, table: &TableSchema) -> bool {
        let mut parents = table.partition_of.iter().chain(&table.inherits);
        own.kind == ConstraintKind::Check
            && parents.any(|parent| {
                let parent = self.schema.tables.get(parent);
                let there = parent.and_then(|parent| parent.constraints.get(&own.name));
                there.is_some_and(|there| there.not_valid && !there.no_inherit)
            })
    }

    fn wrong_constraint(&self, own: &ConstraintSchema, table: &TableSchema) -> Option<String> {
        if let Some(wrong) = sound::wrong_name(&own.name, POSTGRES).filter(|_| !own.name.is_empty())
        {
            return Some(wrong.to_owned());
        }
        if matches!(own.kind, ConstraintKind::Check | ConstraintKind::Exclude) {
            let text = own.expression.as_deref().unwrap_or_default();
            return self.left_out.wrong_expression(text, POSTGRES);
        }
        let mut columns = own
            .columns
            .iter()
            .chain(&own.include)
            .chain(&own.on_delete_columns);
        if let Some(column) = columns.find(|column| table.column(column).is_none()) {
            return Some(format!("the table has no column `{column}`"));
        }
        if own.columns.is_empty() {
            return Some("its columns are not known".to_owned());
        }
        if own.kind != ConstraintKind::ForeignKey {
            return None;
        }
        let target = constraint::target_key(own);
        let known = self.schema.tables.contains_key(&target);
        match self.referenced(own) {
            _ if self.left_out.tables.contains_key(&target) => {
                Some(format!("it refers to `{target}`, which is not written"))
            }
            _ if !known => Some(format!(
                "it refers to `{target}`, which is not in the schema"
            )),
            None => Some(format!("what it refers to is not a key of `{target}`")),
            Some(_) => None,
        }
    }

    /// The key that a foreign key refers to; `None` where its columns are not a key.
    fn referenced(&self, own: &ConstraintSchema) -> Option<Referenced> {
        let mut target = constraint::target_key(own);
        let parent = self.schema.tables.get(&target)?;
        let to = match &own.references_columns {
            Some(columns) => columns,
            None => &parent.primary_key()?.columns,
        };
        let same = |columns: &[String]| {
            columns.len() == to.len() && to.iter().all(|column| columns.contains(column))
        };
        // a partition has the keys of its parent, which tells them alone
        loop {
            let table = self.schema.tables.get(&target)?;
            let mut keys = table.constraints.values();
            let by_key = keys.any(|c| {
                matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
                    && same(&c.columns)
            });
            if by_key {
                return Some(Referenced::Key);
            }
            let by_index = table.indexes.values().find(|index| {
                let columns = index.column_names().unwrap_or_default();
                let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
                index.is_unique && index.predicate.is_none() && same(&columns)
            });
            if let Some(index) = by_index {
                return Some(Referenced::Index(target, index.name.clone()));
            }
            target = table.partition_of.clone()?;
        }
    }

    /// Whether it can be written in CREATE TABLE: all that it needs is there.
    fn is_inline(&self, key: &str, own: &ConstraintSchema) -> bool {
        if own.kind != ConstraintKind::ForeignKey {
            return own
                .expression
                .as_deref()
                .is_none_or(|text| self.is_early(text));
        }
        let target = constraint::target_key(own);
        let there = target == key || self.written.contains(&Node::Table(target));
        there
            && match self.referenced(own) {
                Some(Referenced::Key) => true,
                Some(Referenced::Index(table, name)) => self.indexes.contains(&(table, name)),
                None => false,
            }
    }
}

/// Whether the table has a key of the same columns already: of two in one CREATE TABLE the server
/// makes one.
fn has_twin(own: &ConstraintSchema, inline: &[&ConstraintSchema]) -> bool {
    let is_key = |kind| matches!(kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
    let mut others = inline.iter();
    is_key(own.kind) && others.any(|other| is_key(other.kind) && other.columns == own.columns)
}

/// What makes the columns that a foreign key refers to a key.
enum Referenced {
    /// A constraint, which is there with its table.
    Key,
    /// An index, by its table and its name.
    Index(String, String),
}
