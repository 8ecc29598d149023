//! Constraints of every kind: added, put in the place of others, validated, renamed, and dropped
//! where that is allowed.

use super::{POSTGRES, Postgres, Rank, allow_kind};
use crate::ddl_writer::{constraint, quote, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{Allow, FixStep, Hazard, LockMode, object};
use crate::name::quote_ident;
use crate::schema::{ConstraintKind, ConstraintSchema, TableSchema, table_key};
use crate::validate::{Between, Change, DifferenceKind, ObjectKind, SchemaObject};

/// The key of the table that a foreign key refers to.
pub(super) fn target_key(own: &ConstraintSchema) -> String {
    let name = own.references_table.as_deref().unwrap_or_default();
    table_key(own.references_schema.as_deref(), name)
}

pub(super) fn object_kind(kind: ConstraintKind) -> ObjectKind {
    match kind {
        ConstraintKind::PrimaryKey => ObjectKind::PrimaryKey,
        ConstraintKind::Unique => ObjectKind::Unique,
        ConstraintKind::ForeignKey => ObjectKind::ForeignKey,
        ConstraintKind::Check => ObjectKind::Check,
        ConstraintKind::Exclude => ObjectKind::Exclusion,
    }
}

impl<'a> Postgres<'a> {
    pub(super) fn constraint(&mut self, change: &'a Change) {
        let Between::Constraint { expected, actual } = &change.between else {
            return;
        };
        let Some((key, table)) = self.table_there(change) else {
            return;
        };
        let whole = expected.as_deref().map(|own| self.in_full(change, own));
        match (whole, actual.as_deref()) {
            (Some(own), None) => self.add_constraint(change, key, table, &own),
            (Some(own), Some(there)) => self.change_constraint(change, key, table, (&own, there)),
            (None, Some(there)) => self.extra_constraint(change, key, table, there),
            (None, None) => {}
        }
    }

    /// What is expected with all that the schema says of it, which a declaration of its columns does not.
    fn in_full(&self, change: &Change, own: &ConstraintSchema) -> ConstraintSchema {
        let Some(table) = self.wanted_table(change).filter(|_| own.name.is_empty()) else {
            return own.clone();
        };
        let mut all = table.constraints.values();
        let found = all.find(|other| {
            let same = other
                .columns
                .iter()
                .all(|column| own.columns.contains(column));
            other.kind == own.kind && same && other.columns.len() == own.columns.len()
        });
        found.unwrap_or(own).clone()
    }

    fn add_constraint(
        &mut self,
        change: &Change,
        key: &'a str,
        table: &'a TableSchema,
        own: &ConstraintSchema,
    ) {
        if let Some(why) = wrong_text(own) {
            return self.leave(change, why);
        }
        if own.kind == ConstraintKind::ForeignKey {
            return self.add_foreign_key(key, table, own, false);
        }
        if self.is_online() {
            return self.add_online(change, key, table, own);
        }
        let name = Postgres::sql_name(table);
        let definition = constraint::definition(own, table, &self.work.goal.schema);
        let what = FixStep::new(
            FixKind::AddConstraint,
            change.difference.object.clone(),
            format!("add {} of `{key}`", shown(own)),
        )
        .run(format!("ALTER TABLE {name} ADD {definition}"))
        .lock(key, LockMode::AccessExclusive)
        .hazard(match own.not_valid {
            true => Hazard::MetadataOnly,
            false => Hazard::Scans,
        });
        let step = self.with_facts(key, own, what);
        let step = self.sized(key, step);
        self.add(rank(own.kind), step);
    }

    /// What is asked of the rows, and what must be there.
    pub(super) fn with_facts(
        &self,
        key: &str,
        own: &ConstraintSchema,
        mut step: FixStep,
    ) -> FixStep {
        step = step.need(object(ObjectKind::Table, Some(key), key));
        let settled = own
            .columns
            .iter()
            .all(|column| self.is_settled(key, column));
        if !settled || own.not_valid || own.not_enforced {
            return step;
        }
        match own.kind {
            ConstraintKind::PrimaryKey | ConstraintKind::Unique if !own.over_time => {
                let columns: Vec<String> = own.columns.iter().map(|c| quote_ident(c)).collect();
                if own.kind == ConstraintKind::PrimaryKey {
                    let any: Vec<String> = columns.iter().map(|c| format!("{c} IS NULL")).collect();
                    let sql = self.count(key, &any.join(" OR "));
                    let why = "{} rows have NULL in the key".to_owned();
                    let rule = Rule::NoneOrLeftOut(why);
                    step = step.fact(Fact::new(FactKind::Nulls, sql, rule));
                }
                let sql = self.doubles(key, &columns, own.nulls_not_distinct, None);
                let rule = Rule::NoneOrLeftOut("{} keys are there twice".to_owned());
                step.fact(Fact::new(FactKind::Violations, sql, rule))
            }
            ConstraintKind::Check => {
                let text = own.expression.as_deref().unwrap_or_default();
                if !self.mentions_settled(key, text) {
                    return step;
                }
                let sql = self.count(key, &format!("NOT ({text})"));
                let rule = Rule::NoneOrLeftOut("{} rows violate it".to_owned());
                step.fact(Fact::new(FactKind::Violations, sql, rule))
            }
            _ => step,
        }
    }

    /// Whether no column that an expression may mean is still to come or to change.
    fn mentions_settled(&self, key: &str, text: &str) -> bool {
        use crate::lexer::Lexer;
        let names = Lexer::of_definition(text, POSTGRES).significant();
        let mut names = names.filter_map(|token| token.name(POSTGRES));
        let goal = self.work.goal.schema.tables.values();
        let wanted: Vec<&str> = goal
            .filter(|table| table.key() == key)
            .flat_map(|table| table.columns.iter().map(|c| c.name.as_str()))
            .collect();
        names.all(|name| !wanted.contains(&name.as_str()) || self.is_settled(key, &name))
    }

    /// Checks the rows from before.
    pub(super) fn validate(&mut self, key: &str, own: &ConstraintSchema, made: SchemaObject) {
        let name = &own.name;
        if name.is_empty() {
            return; // which no schema of a server has
        }
        let table = self.name_then(key);
        let mut step = FixStep::new(
            FixKind::Validate,
            made.clone(),
            format!("validate `{name}` of `{key}`"),
        )
        .run(format!(
            "ALTER TABLE {table} VALIDATE CONSTRAINT {}",
            quote_ident(name)
        ))
        .lock(key, LockMode::ShareUpdateExclusive)
        .hazard(Hazard::Scans)
        .need(made);
        if own.kind == ConstraintKind::ForeignKey {
            let target = self.target_there(own);
            if target != key {
                step = step.lock(&target, LockMode::RowExclusive);
            }
        }
        let rank = match own.kind {
            ConstraintKind::ForeignKey => Rank::ValidateForeignKey,
            _ => Rank::Validate,
        };
        self.add(rank, step);
    }

    fn change_constraint(
        &mut self,
        change: &'a Change,
        key: &'a str,
        table: &'a TableSchema,
        (own, there): (&ConstraintSchema, &ConstraintSchema),
    ) {
        let name = Postgres::sql_name(table);
        let made = change.difference.object.clone();
        let old = quote_ident(&there.name);
        match change.difference.kind {
            DifferenceKind::Name => {
                let step = FixStep::new(
                    FixKind::Rename,
                    made,
                    format!(
                        "rename constraint `{}` of `{key}` to `{}`",
                        there.name, own.name
                    ),
                )
                .run(format!(
                    "ALTER TABLE {name} RENAME CONSTRAINT {old} TO {}",
                    quote_ident(&own.name)
                ))
                .lock(key, LockMode::AccessExclusive)
                .hazard(Hazard::MetadataOnly);
                return self.add(Rank::DropConstraint, step);
            }
            DifferenceKind::NotValid
                if there.not_valid && !own.not_valid && !there.not_enforced =>
            {
                let step =
                    self.with_facts(key, own, FixStep::new(FixKind::Validate, made.clone(), ""));
                let violations = step.facts;
                let mut orphans = Vec::new();
                if own.kind == ConstraintKind::ForeignKey {
                    orphans.extend(self.orphans(key, own, &self.target_there(own)));
                }
                self.validate(key, there, made);
                if let Some(placed) = self.placed.last_mut() {
                    placed.step.needs.clear();
                    placed.step.facts.extend(violations);
                    placed.step.facts.extend(orphans);
                }
                return;
            }
            DifferenceKind::NotValid => {
                return self.leave(change, "what the rows are checked for is not taken back");
            }
            _ => {}
        }
        let known = |placed: &super::Placed| {
            placed.step.object == made && placed.step.kind == FixKind::ReplaceConstraint
        };
        if self.placed.iter().any(known) {
            return; // another difference of the same constraint
        }
        if let Some(why) = wrong_text(own) {
            return self.leave(change, why);
        }
        if self.is_online() {
            return self.leave(
                change,
                "it would be checked under a lock that blocks writes: that is for the atomic mode",
            );
        }
        let mut own = own.clone();
        if own.name.is_empty() || own.name_is_generated {
            own.name.clone_from(&there.name);
            own.name_is_generated = false;
        }
        let target = self.target_there(&own);
        if let Some(parent) = self.work.actual.tables.get(&target) {
            own.references_schema.clone_from(&parent.schema);
        }
        let is_key = matches!(
            own.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique
        );
        let definition = constraint::definition(&own, table, self.schema_of(&target));
        let mut step = FixStep::new(
            FixKind::ReplaceConstraint,
            made,
            format!(
                "put {} in the place of `{}` of `{key}`",
                shown(&own),
                there.name
            ),
        )
        .run(format!(
            "ALTER TABLE {name} DROP CONSTRAINT {old}, ADD {definition}"
        ))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::Scans);
        if own.kind == ConstraintKind::ForeignKey && target != key {
            step = step.lock(&target, LockMode::AccessExclusive);
            step.facts.extend(self.orphans(key, &own, &target));
        }
        if is_key {
            let sql = self.users_of_key(key, &there.name);
            let rule = Rule::NoneOrLeftOut("it is used by {}".to_owned());
            step = step.fact(Fact::new(FactKind::Dependants, sql, rule));
        }
        if is_key || there.kind == ConstraintKind::Exclude {
            let set = self.set_of_index(key, &there.name);
            let rule = Rule::NoneOrLeftOut(super::index::LOSES.to_owned());
            step = step.fact(Fact::new(FactKind::Dependants, set, rule));
        }
        if let Some(comment) = &there.comment {
            let own = quote_ident(&own.name);
            let comment = quote::literal(comment, POSTGRES);
            step = step.run(format!(
                "COMMENT ON CONSTRAINT {own} ON {name} IS {comment}"
            ));
        }
        let step = self.with_facts(key, &own, step);
        let step = self.sized(key, step);
        self.add(rank(own.kind), step);
    }

    fn extra_constraint(
        &mut self,
        change: &'a Change,
        key: &'a str,
        table: &'a TableSchema,
        there: &ConstraintSchema,
    ) {
        let path = format!("{key}.{}", there.name);
        let kind = allow_kind(object_kind(there.kind));
        let Some(kind) = kind else { return };
        let allow = Allow::new(kind, &path);
        let by_difference = Allow::new(kind, change.difference.object.path());
        let allowed = &self.work.options.allow;
        if !allowed.contains(&allow) && !allowed.contains(&by_difference) {
            return self.leave_unless(change, "nothing is dropped unasked", Some(allow));
        }
        let name = Postgres::sql_name(table);
        let mut step = FixStep::new(
            FixKind::Drop,
            change.difference.object.clone(),
            format!(
                "drop {} `{}` of `{key}`",
                object_kind(there.kind).words(),
                there.name
            ),
        )
        .run(format!(
            "ALTER TABLE {name} DROP CONSTRAINT {}",
            quote_ident(&there.name)
        ))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly);
        if there.kind == ConstraintKind::ForeignKey {
            let target = target_key(there);
            if target != key {
                step = step.lock(&target, LockMode::AccessExclusive);
            }
        }
        if matches!(
            there.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique
        ) {
            let sql = self.users_of_key(key, &there.name);
            let rule = Rule::NoneOrLeftOut("it is used by {}".to_owned());
            step = step.fact(Fact::new(FactKind::Dependants, sql, rule));
        }
        self.add(Rank::DropConstraint, step);
    }
}

pub(super) fn rank(kind: ConstraintKind) -> Rank {
    match kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique => Rank::Key,
        ConstraintKind::Check | ConstraintKind::Exclude => Rank::Check,
        ConstraintKind::ForeignKey => Rank::ForeignKey,
    }
}

/// A constraint in words.
pub(super) fn shown(own: &ConstraintSchema) -> String {
    let kind = object_kind(own.kind).words();
    match own.kind {
        ConstraintKind::Check | ConstraintKind::Exclude => format!("{kind} `{}`", own.name),
        _ => format!("{kind} ({})", own.columns.join(", ")),
    }
}

/// What is wrong with the texts of a constraint, if anything is: they become SQL.
pub(super) fn wrong_text(own: &ConstraintSchema) -> Option<&'static str> {
    let has_text = matches!(own.kind, ConstraintKind::Check | ConstraintKind::Exclude);
    let text = own.expression.as_deref().unwrap_or_default();
    if has_text && !sound::is_expression(text, POSTGRES) {
        return Some("its expression is not known");
    }
    if !has_text && own.columns.is_empty() {
        return Some("its columns are not known");
    }
    sound::wrong_name(&own.name, POSTGRES).filter(|_| !own.name.is_empty())
}
