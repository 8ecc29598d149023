//! Steps for SQLite: by ALTER TABLE where its version can, and else by a rebuild of the table from its stored
//! statement, which is edited. All in one transaction.
//!
//! `table` collects what a table needs, `edit` changes the stored statement, whose parts `element` knows, `rebuild` is the order of the statements around it, `question` what is asked
//! of the rows before.

mod column;
mod constraint;
mod edit;
mod element;
mod question;
mod rebuild;
mod references;
mod table;
mod whole;

use super::plan::{FixPlan, FixStep, NotFixed, Phase, PhaseKind, Statement};
use super::{Allow, AllowKind, FixMode, Work, object};
use crate::schema::SqlDialect;
use crate::validate::{Between, Change, DifferenceKind, ObjectKind, Severity};
use std::collections::BTreeMap;

const SQLITE: SqlDialect = SqlDialect::Sqlite;

/// The planner.
struct Sqlite<'a> {
    work: &'a Work<'a>,
    steps: Vec<FixStep>,
    /// Whether a table is made anew, which needs foreign keys switched off.
    rebuilds: bool,
    not_fixed: Vec<NotFixed>,
}

pub(super) fn plan(work: &Work<'_>, plan: &mut FixPlan) {
    plan.mode = FixMode::Atomic;
    let mut planner = Sqlite {
        work,
        steps: Vec::new(),
        rebuilds: false,
        not_fixed: Vec::new(),
    };
    planner.renames();
    planner.new_tables();
    let mut by_table: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &work.changes {
        match change.actual_table.as_deref() {
            Some(key) if planner.is_wanted(change) => by_table.entry(key).or_default().push(change),
            Some(_) => {}
            None => planner.of_no_table(change),
        }
    }
    for (key, changes) in by_table {
        planner.change_table(key, &changes);
    }
    plan.not_fixed.append(&mut planner.not_fixed);
    if planner.steps.is_empty() {
        return;
    }
    let mut phase = Phase::new(PhaseKind::Transaction);
    if planner.rebuilds {
        phase.before = rebuild::before();
        phase.after = rebuild::after();
        let unsound: Vec<&str> = references::unsound(work.actual, &work.goal.schema).collect();
        (phase.first, phase.last) = rebuild::around(&unsound);
    }
    phase.steps = planner.steps;
    plan.phases = vec![phase];
}

impl<'a> Sqlite<'a> {
    /// Whether the plan is about it: an error, or more than expected and allowed to be dropped.
    fn is_wanted(&self, change: &Change) -> bool {
        let difference = &change.difference;
        difference.severity == Severity::Error
            || difference.kind == DifferenceKind::Extra && self.is_allowed(change)
    }

    fn is_allowed(&self, change: &Change) -> bool {
        let object = &change.difference.object;
        allow_kind(object.kind).is_some_and(|kind| self.work.options.allows(kind, &object.path()))
    }

    fn leave(&mut self, change: &Change, reason: impl Into<String>) {
        self.leave_unless(change, reason, None);
    }

    fn leave_unless(&mut self, change: &Change, reason: impl Into<String>, allow: Option<Allow>) {
        self.not_fixed.push(NotFixed {
            object: change.difference.object.clone(),
            difference: change.difference.message.clone(),
            reason: reason.into(),
            allow,
        });
    }

    /// What is not in a table that is there.
    fn of_no_table(&mut self, change: &Change) {
        if change.difference.severity == Severity::Warning {
            return;
        }
        if let Between::Table {
            expected: Some(_), ..
        } = &change.between
        {
            match (change.difference.kind, &change.difference.actual) {
                (DifferenceKind::Renamed, _) => {
                    self.leave(
                        change,
                        "its old name is not that of a table of the same file",
                    );
                }
                (_, Some(_)) => self.leave(change, "something else of this name is there"),
                (_, None) => {}
            }
            return; // it is made
        }
        let why = match change.difference.object.kind {
            ObjectKind::View => "views are not made or changed: their queries are not compared",
            ObjectKind::Trigger => "triggers are not made or changed",
            _ => "it cannot be repaired by a plan",
        };
        self.leave(change, why);
    }

    /// Whether SQLite is of this version or a later one: the library's own is.
    fn is_since(&self, major: u32, minor: u32) -> bool {
        self.work.options.version.is_none() || self.work.options.is_since(major, minor)
    }

    fn stored(&self, kind: &str, name: &str) -> Option<&'a str> {
        let stored = &self.work.options.stored;
        let mut stored = stored.iter().filter(|stored| stored.kind == kind);
        let found = stored.find(|stored| stored.name.eq_ignore_ascii_case(name))?;
        Some(&found.sql)
    }
}

/// What has to be allowed to drop an object.
fn allow_kind(kind: ObjectKind) -> Option<AllowKind> {
    Some(match kind {
        ObjectKind::Table => AllowKind::Table,
        ObjectKind::Column => AllowKind::Column,
        ObjectKind::PrimaryKey => AllowKind::PrimaryKey,
        ObjectKind::Unique => AllowKind::Unique,
        ObjectKind::ForeignKey => AllowKind::ForeignKey,
        ObjectKind::Check => AllowKind::Check,
        ObjectKind::Index => AllowKind::Index,
        _ => return None,
    })
}

fn check(sql: impl Into<String>, why: impl Into<String>) -> Statement {
    Statement::Check {
        sql: sql.into(),
        why: why.into(),
    }
}

fn table_object(key: &str) -> crate::validate::SchemaObject {
    object(ObjectKind::Table, Some(key), key)
}
