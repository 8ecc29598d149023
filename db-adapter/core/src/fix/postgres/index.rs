//! Indexes of tables: made, put in the place of others, renamed, and dropped where that is allowed. One whose
//! build failed before is dropped and made again.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{index, quote, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::{FixKind, Statement};
use crate::fix::{Allow, AllowKind, FixStep, Hazard, LockMode, PhaseKind, object};
use crate::name::quote_ident;
use crate::schema::{IndexSchema, TableSchema};
use crate::validate::{Between, Change, DifferenceKind, ObjectKind};

/// Why an index, or the constraint that it is of, is not put in the place of another one.
pub(super) const LOSES: &str = "{} would be lost: put the new one in its place by hand";

impl<'a> Postgres<'a> {
    pub(super) fn index(&mut self, change: &'a Change) {
        let Between::Index { expected, actual } = &change.between else {
            return;
        };
        let Some((key, table)) = self.table_there(change) else {
            return self.leave(change, "indexes of views are not made or changed");
        };
        if let Some(why) = expected.as_deref().and_then(wrong_text) {
            return self.leave(change, why);
        }
        match (expected.as_deref(), actual.as_deref()) {
            (Some(own), None) => self.add_index(change, key, table, own),
            (Some(own), Some(there)) if change.difference.kind == DifferenceKind::Name => {
                let old = quote::qualified(table.schema.as_deref(), &there.name, POSTGRES);
                let step = FixStep::new(
                    FixKind::Rename,
                    change.difference.object.clone(),
                    format!("rename index `{}` of `{key}` to `{}`", there.name, own.name),
                )
                .run(format!(
                    "ALTER INDEX {old} RENAME TO {}",
                    quote_ident(&own.name)
                ))
                .lock(key, LockMode::ShareUpdateExclusive)
                .hazard(Hazard::MetadataOnly);
                self.add(Rank::DropConstraint, step);
            }
            (Some(own), Some(there)) => self.replace_index(change, key, table, (own, there)),
            (None, Some(there)) => self.extra_index(change, key, table, there),
            (None, None) => {}
        }
    }

    fn statement(&self, own: &IndexSchema, table: &TableSchema, concurrently: bool) -> String {
        let name = Postgres::sql_name(table);
        let sql = index::create(own, &name, POSTGRES, quote_ident);
        match concurrently {
            true => sql.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1),
            false => sql,
        }
    }

    fn step(&self, change: &Change, key: &str, own: &IndexSchema) -> FixStep {
        let what = format!("create index `{}` of `{key}`", own.name);
        let mut step = FixStep::new(FixKind::CreateIndex, change.difference.object.clone(), what)
            .hazard(Hazard::Scans);
        let columns = own.column_names().unwrap_or_default();
        let plain = own.columns.iter().all(|c| !c.is_expression) && own.predicate.is_none();
        let settled = plain && columns.iter().all(|column| self.is_settled(key, column));
        if own.is_unique && settled {
            let columns: Vec<String> = columns.iter().map(|c| quote_ident(c)).collect();
            let sql = self.doubles(key, &columns, own.nulls_not_distinct, None);
            let rule = Rule::NoneOrLeftOut("{} keys are there twice".to_owned());
            step = step.fact(Fact::new(FactKind::Violations, sql, rule));
        }
        self.sized(key, step)
    }

    fn add_index(
        &mut self,
        change: &Change,
        key: &'a str,
        table: &'a TableSchema,
        own: &IndexSchema,
    ) {
        self.drop_failed(key, table, &own.name);
        // a partitioned table has no index that is made beside others
        let online = self.is_online() && table.partition_by.is_none();
        let sql = self.statement(own, table, online);
        let step = self.step(change, key, own).run(sql);
        match online {
            true => {
                let step = step.lock(key, LockMode::ShareUpdateExclusive);
                self.add_as(Rank::Index, PhaseKind::Alone, step);
            }
            false => {
                let step = step.lock(key, LockMode::Share);
                self.add(Rank::Index, step);
            }
        }
    }

    /// Drops the index of this name that is there and not valid: what is left of a build that failed.
    pub(super) fn drop_failed(&mut self, key: &str, table: &TableSchema, name: &str) {
        let path = format!("{}.{name}", self.work.renames.table_now(key));
        let mut entries = self.work.actual.not_inspected.iter();
        let failed =
            entries.any(|entry| entry.kind == "index" && entry.name.as_deref() == Some(&path));
        if !failed || name.is_empty() {
            return;
        }
        let index = quote::qualified(table.schema.as_deref(), name, POSTGRES);
        let text = quote::literal(&index, POSTGRES);
        let mut step = FixStep::new(
            FixKind::Drop,
            object(ObjectKind::Index, Some(key), name),
            format!("drop index `{name}` of `{key}`, whose build failed"),
        )
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly);
        step.statements.push(Statement::Check {
            sql: format!(
                "SELECT indexrelid::pg_catalog.regclass::text FROM pg_catalog.pg_index \
                 WHERE indexrelid = {text}::pg_catalog.regclass AND indisvalid"
            ),
            why: format!("the index `{name}` is valid, and so is not dropped"),
        });
        let step = step.run(format!("DROP INDEX {index}"));
        self.add(Rank::DropConstraint, step);
    }

    fn replace_index(
        &mut self,
        change: &'a Change,
        key: &'a str,
        table: &'a TableSchema,
        (own, there): (&IndexSchema, &IndexSchema),
    ) {
        let old = quote::qualified(table.schema.as_deref(), &there.name, POSTGRES);
        if self.is_online() {
            return self.leave(
                change,
                "the index that is there would be missing meanwhile: that is for the atomic mode",
            );
        }
        let mut own = own.clone();
        if own.name_is_generated || own.name.is_empty() {
            own.name.clone_from(&there.name);
            own.name_is_generated = false;
        }
        let create = self.statement(&own, table, false);
        let rule = Rule::NoneOrLeftOut(LOSES.to_owned());
        let set = self.set_of_index(key, &there.name);
        let mut step = self
            .step(change, key, &own)
            .run(format!("DROP INDEX {old}"))
            .run(create)
            .lock(key, LockMode::AccessExclusive)
            .fact(Fact::new(FactKind::Dependants, set, rule));
        if let Some(comment) = &there.comment {
            let name = quote::qualified(table.schema.as_deref(), &own.name, POSTGRES);
            let comment = quote::literal(comment, POSTGRES);
            step = step.run(format!("COMMENT ON INDEX {name} IS {comment}"));
        }
        step.kind = FixKind::ReplaceIndex;
        step.summary = format!("make index `{}` of `{key}` anew", there.name);
        self.add(Rank::Index, step);
    }

    fn extra_index(
        &mut self,
        change: &'a Change,
        key: &'a str,
        table: &'a TableSchema,
        there: &IndexSchema,
    ) {
        let path = format!("{key}.{}", there.name);
        if !self.work.options.allows(AllowKind::Index, &path) {
            let allow = Allow::new(AllowKind::Index, path);
            return self.leave_unless(change, "nothing is dropped unasked", Some(allow));
        }
        let name = quote::qualified(table.schema.as_deref(), &there.name, POSTGRES);
        let step = FixStep::new(
            FixKind::Drop,
            change.difference.object.clone(),
            format!("drop index `{}` of `{key}`", there.name),
        )
        .hazard(Hazard::MetadataOnly);
        match self.is_online() && table.partition_by.is_none() {
            true => {
                let step = step
                    .run(format!("DROP INDEX CONCURRENTLY {name}"))
                    .lock(key, LockMode::ShareUpdateExclusive);
                self.add_as(Rank::DropConstraint, PhaseKind::Alone, step);
            }
            false => {
                let step = step
                    .run(format!("DROP INDEX {name}"))
                    .lock(key, LockMode::AccessExclusive);
                self.add(Rank::DropConstraint, step);
            }
        }
    }
}

/// What is wrong with the texts of an index, if anything is: they become SQL.
fn wrong_text(own: &IndexSchema) -> Option<&'static str> {
    let expressions = own.columns.iter().filter(|column| column.is_expression);
    let mut texts = expressions.map(|column| &column.text).chain(&own.predicate);
    if texts.any(|text| !sound::is_expression(text, POSTGRES)) {
        return Some("it is not on one expression");
    }
    let mut classes = own
        .columns
        .iter()
        .filter_map(|column| column.operator_class.as_ref());
    if classes.any(|class| !sound::is_clause(class, POSTGRES)) {
        return Some("it has an operator class that is not one");
    }
    if own.columns.is_empty() {
        return Some("its columns are not known");
    }
    sound::wrong_name(&own.name, POSTGRES).filter(|_| !own.name_is_generated)
}
