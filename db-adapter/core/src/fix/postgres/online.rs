//! What is done in phases, so that others read and write meanwhile. Each phase looks for what an earlier run left,
//! by names that begin with ours, so that a run that was interrupted goes on.

use super::{POSTGRES, Postgres, Rank, constraint};
use crate::ddl_writer::{constraint as writer, sound};
use crate::fix::fact::Fact;
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, LockMode, PhaseKind, object};
use crate::name::quote_ident;
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, IndexColumn, IndexSchema, TableSchema,
};
use crate::validate::{Change, ObjectKind};

/// The begin of the names of what is there only for a while.
const OURS: &str = "db_adapter_fix_";
/// How many rows one statement of a backfill changes.
const BATCH: u32 = 5_000;
/// PostgreSQL cuts names to so many bytes.
const LONGEST_NAME: usize = 63;

/// The name of a helper: with a number of its own where the column's name would be cut.
fn helper(what: &str, column: &str) -> String {
    let name = format!("{OURS}{what}_{column}");
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let hash = column
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{OURS}{what}_{hash:016x}")
}

impl<'a> Postgres<'a> {
    /// Whether a backfill of the column was begun.
    pub(super) fn is_being_filled(&self, table: &TableSchema, column: &str) -> bool {
        table.constraints.contains_key(&helper("fill", column))
    }

    /// CHECK (.. IS NOT NULL) NOT VALID, VALIDATE, SET NOT NULL, which then needs no scan, and the check is gone.
    pub(super) fn not_null_online(
        &mut self,
        key: &'a str,
        table: &'a TableSchema,
        column: &str,
        facts: Vec<Fact>,
        rank: Rank,
    ) {
        let own = object(ObjectKind::Column, Some(key), column);
        let check = helper("not_null", column);
        let there = table.constraints.get(&check);
        let (name, quoted, check_name) = (
            Postgres::sql_name(table),
            quote_ident(column),
            quote_ident(&check),
        );
        let step = |kind, what: String| FixStep::new(kind, own.clone(), what).need(own.clone());
        let mut facts = Some(facts);
        if there.is_none() {
            let mut first = FixStep::new(
                FixKind::AddConstraint,
                own.clone(),
                format!("check that `{key}.{column}` gets no more NULL"),
            )
            .run(format!(
                "ALTER TABLE {name} ADD CONSTRAINT {check_name} CHECK ({quoted} IS NOT NULL) NOT VALID"
            ))
            .lock(key, LockMode::AccessExclusive)
            .hazard(Hazard::MetadataOnly)
            .need(own.clone());
            first.facts.extend(facts.take().unwrap_or_default());
            self.add(rank, first);
        }
        if there.is_none_or(|there| there.not_valid) {
            let mut second = step(
                FixKind::Validate,
                format!("check that no row of `{key}` has NULL in `{column}`"),
            )
            .run(format!(
                "ALTER TABLE {name} VALIDATE CONSTRAINT {check_name}"
            ))
            .lock(key, LockMode::ShareUpdateExclusive)
            .hazard(Hazard::Scans);
            second.facts.extend(facts.take().unwrap_or_default());
            self.add(Rank::Validate, second);
        }
        let last = step(
            FixKind::ChangeNullability,
            format!("make `{key}.{column}` NOT NULL, which the check proves"),
        )
        .run(format!(
            "ALTER TABLE {name} ALTER COLUMN {quoted} SET NOT NULL"
        ))
        .run(format!("ALTER TABLE {name} DROP CONSTRAINT {check_name}"))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly);
        self.add(Rank::Validate, last);
    }

    /// A column whose default is another one for each row: added empty, given its default for new rows, filled in
    /// batches, and made NOT NULL.
    pub(super) fn add_filled(&mut self, key: &'a str, name: &str, column: &'a ColumnSchema) {
        let own = object(ObjectKind::Column, Some(key), &column.name);
        let (quoted, mark) = (
            quote_ident(&column.name),
            quote_ident(&helper("fill", &column.name)),
        );
        let default = sound::default(column.default.as_deref().unwrap_or_default(), POSTGRES);
        let collation = column.collation.as_deref().map(quote_ident);
        let collation = collation
            .map(|c| format!(" COLLATE {c}"))
            .unwrap_or_default();
        // the mark tells a later run that rows without a value are still to be filled, and refuses no row: a check of
        // NOT NULL would refuse each change of a row from before
        let step = FixStep::new(
            FixKind::AddColumn,
            own,
            format!("add column `{key}.{}`, empty, with its default for new rows", column.name),
        )
        .run(format!("ALTER TABLE {name} ADD COLUMN {quoted} {}{collation}", column.data_type))
        .run(format!("ALTER TABLE {name} ALTER COLUMN {quoted} SET DEFAULT {default}"))
        .run(format!(
            "ALTER TABLE {name} ADD CONSTRAINT {mark} CHECK ({quoted} IS NULL OR {quoted} IS NOT NULL) NOT VALID"
        ))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly)
        .fact(self.runs_for_each_row(key));
        self.add(Rank::AddColumn, step);
        self.fill_in_batches(key, name, &column.name, column.nullable);
    }

    fn fill_in_batches(&mut self, key: &'a str, name: &str, column: &str, nullable: bool) {
        let own = object(ObjectKind::Column, Some(key), column);
        let (quoted, mark) = (quote_ident(column), quote_ident(&helper("fill", column)));
        // rows of other partitions may have the same ctid, and values
        let step = FixStep::new(
            FixKind::Backfill,
            own.clone(),
            format!("fill `{key}.{column}`, {BATCH} rows at a time"),
        )
        .run(format!(
            "UPDATE {name} SET {quoted} = DEFAULT WHERE {quoted} IS NULL AND ctid = ANY (ARRAY(\
             SELECT ctid FROM {name} WHERE {quoted} IS NULL LIMIT {BATCH}))"
        ))
        .lock(key, LockMode::RowExclusive)
        .hazard(Hazard::Rewrites)
        .need(own.clone());
        self.add_as(Rank::Validate, PhaseKind::Batches, step);
        let there = self.work.actual.tables.get(key);
        let is_done = there
            .and_then(|table| table.column(column))
            .is_some_and(|c| !c.nullable);
        if let Some(table) = there.filter(|_| !nullable && !is_done) {
            self.not_null_online(key, table, column, Vec::new(), Rank::Validate);
        }
        let last = FixStep::new(
            FixKind::Backfill,
            own.clone(),
            format!("`{key}.{column}` is filled"),
        )
        .run(format!("ALTER TABLE {name} DROP CONSTRAINT {mark}"))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly)
        .need(own);
        self.add(Rank::Validate, last);
    }

    /// A key by an index that is built beside others, a check that is validated later.
    pub(super) fn add_online(
        &mut self,
        change: &Change,
        key: &'a str,
        table: &'a TableSchema,
        own: &ConstraintSchema,
    ) {
        let made = change.difference.object.clone();
        let name = Postgres::sql_name(table);
        let is_key = matches!(
            own.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique
        );
        if own.kind == ConstraintKind::Exclude
            || own.over_time
            || is_key && table.partition_by.is_some()
        {
            return self.leave(
                change,
                "it can only be built under a lock that blocks writes: that is for the atomic mode",
            );
        }
        if !is_key {
            let mut own = own.clone();
            own.name_is_generated &= own.name.is_empty();
            let own = &own;
            let definition = writer::definition(own, table, &self.work.goal.schema);
            let tail = if own.not_valid || own.not_enforced {
                ""
            } else {
                " NOT VALID"
            };
            let step = FixStep::new(
                FixKind::AddConstraint,
                made.clone(),
                format!("add {} of `{key}`", constraint::shown(own)),
            )
            .run(format!("ALTER TABLE {name} ADD {definition}{tail}"))
            .lock(key, LockMode::AccessExclusive)
            .hazard(Hazard::MetadataOnly);
            let step = self.with_facts(key, own, step);
            let step = self.sized(key, step);
            self.add(Rank::Check, step);
            if !tail.is_empty() {
                self.validate(key, own, made);
            }
            return;
        }
        let constraint_name = match own.name.is_empty() {
            true => helper("key", &own.columns.join("_")),
            false => own.name.clone(),
        };
        let index = IndexSchema {
            name: constraint_name.clone(),
            columns: own.columns.iter().map(IndexColumn::column).collect(),
            is_unique: true,
            method: "btree".to_owned(),
            predicate: None,
            include: own.include.clone(),
            nulls_not_distinct: own.nulls_not_distinct,
            name_is_generated: false,
            comment: None,
        };
        let is_built = table.indexes.get(&constraint_name).is_some_and(|there| {
            there.is_unique && there.predicate.is_none() && there.columns == index.columns
        });
        if !is_built {
            self.drop_failed(key, table, &constraint_name);
            let sql = crate::ddl_writer::index::create(&index, &name, POSTGRES, quote_ident);
            let step = FixStep::new(
                FixKind::CreateIndex,
                made.clone(),
                format!("build the index of {} of `{key}`", constraint::shown(own)),
            )
            .run(sql.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1))
            .lock(key, LockMode::ShareUpdateExclusive)
            .hazard(Hazard::Scans);
            let step = self.with_facts(key, own, step);
            let step = self.sized(key, step);
            self.add_as(Rank::Key, PhaseKind::Alone, step);
        }
        if own.kind == ConstraintKind::PrimaryKey {
            let nullable = own
                .columns
                .iter()
                .filter(|column| table.column(column).is_some_and(|there| there.nullable));
            // else the key itself would scan for NULL, under the lock
            for column in nullable.collect::<Vec<_>>() {
                let placed = &self.placed;
                let known = placed.iter().any(|placed| {
                    placed.step.kind == FixKind::ChangeNullability
                        && placed.step.object == object(ObjectKind::Column, Some(key), column)
                });
                if !known {
                    self.not_null_online(key, table, column, Vec::new(), Rank::Check);
                }
            }
        }
        let timing = match (own.deferrable, own.initially_deferred) {
            (true, true) => " DEFERRABLE INITIALLY DEFERRED",
            (true, false) => " DEFERRABLE",
            (false, _) => "",
        };
        let index_name = quote_ident(&constraint_name);
        let step = FixStep::new(
            FixKind::AddConstraint,
            made.clone(),
            format!("add {} of `{key}` by its index", constraint::shown(own)),
        )
        .run(format!(
            "ALTER TABLE {name} ADD CONSTRAINT {index_name} {} USING INDEX {index_name}{timing}",
            own.kind
        ))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly)
        .need(made);
        let rank = match own.kind {
            ConstraintKind::PrimaryKey => Rank::KeyByIndex,
            _ => Rank::Key,
        };
        self.add(rank, step);
    }

    /// What an earlier run began and a comparison does not see: constraints that are not valid, and helpers.
    pub(super) fn unfinished(&mut self) {
        let work = self.work;
        for (key, table) in &work.actual.tables {
            let mut goals = work.goal.schema.tables.iter();
            let goal = goals.find(|(own, _)| *own == key).map(|(_, goal)| goal);
            for (name, there) in &table.constraints {
                if let Some(column) = filled_by(name, table) {
                    let name = Postgres::sql_name(table);
                    let nullable = goal
                        .and_then(|g| g.column(column))
                        .is_none_or(|c| c.nullable);
                    self.placed.retain(|placed| {
                        let own = object(ObjectKind::Column, Some(key), column);
                        let of_null = matches!(
                            placed.step.kind,
                            FixKind::ChangeNullability | FixKind::Validate | FixKind::AddConstraint
                        );
                        !(of_null && placed.step.object == own)
                    });
                    self.fill_in_batches(key, &name, column, nullable);
                } else if name.starts_with(OURS) {
                    self.left_over(key, table, there);
                } else if there.not_valid && !there.not_enforced {
                    self.not_yet_valid(key, goal, there);
                }
            }
        }
        let of_ours = |entry: &super::NotFixed| {
            let allowed = entry.allow.as_ref();
            !allowed.is_some_and(|_| entry.object.name.starts_with(OURS))
        };
        self.not_fixed.retain(of_ours);
    }

    /// A helper whose column is what it should be.
    fn left_over(&mut self, key: &str, table: &TableSchema, there: &ConstraintSchema) {
        let name = quote_ident(&there.name);
        let used = |placed: &super::Placed| placed.step.sql().contains(&name);
        if self.placed.iter().any(used) {
            return;
        }
        let table = Postgres::sql_name(table);
        let step = FixStep::new(
            FixKind::Drop,
            object(ObjectKind::Check, Some(key), &there.name),
            format!("drop check `{}`, which an earlier run left", there.name),
        )
        .run(format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly);
        self.add(Rank::DropConstraint, step);
    }

    fn not_yet_valid(
        &mut self,
        key: &'a str,
        goal: Option<&TableSchema>,
        there: &ConstraintSchema,
    ) {
        let wanted = goal.is_some_and(|goal| {
            let mut all = goal.constraints.values();
            all.any(|own| {
                let same = own.columns == there.columns && own.expression == there.expression;
                own.kind == there.kind && !own.not_valid && (own.name == there.name || same)
            })
        });
        let made = object(constraint::object_kind(there.kind), Some(key), &there.name);
        let known = self.placed.iter().any(|placed| {
            placed.step.kind == FixKind::Validate
                && placed.step.sql().contains(&quote_ident(&there.name))
        });
        if wanted && !known {
            self.validate(key, there, made);
        }
    }
}

/// The column that a mark is for.
fn filled_by<'t>(mark: &str, table: &'t TableSchema) -> Option<&'t str> {
    let mut columns = table.columns.iter();
    let found = columns.find(|column| helper("fill", &column.name) == mark);
    found.map(|column| column.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_helpers_are_not_cut() {
        assert_eq!(helper("fill", "a"), "db_adapter_fix_fill_a");
        let long = "x".repeat(63);
        assert!(helper("not_null", &long).len() <= LONGEST_NAME);
    }
}
