//! What a plan is for, kept in it: what was expected, and how the plan was made. So whoever has run it can ask
//! whether it is reached, also when the plan comes from a file. Never asks a database.

use super::generate_fix_plan;
use super::options::{FixOptions, Reading, StoredSql};
use super::plan::{FixKind, FixPlan, FixStep, Phase, StepPart};
use crate::backup::BackupSchema;
use crate::expected::ExpectedSchema;
use crate::schema::DatabaseSchema;
use crate::validate::{Expected, SchemaObject};

/// What a plan is for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Purpose {
    expected: Wanted,
    options: FixOptions,
}

/// What was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
enum Wanted {
    Declared(ExpectedSchema),
    Backup(BackupSchema),
    Full(Box<DatabaseSchema>),
}

impl Purpose {
    pub(super) fn new(expected: Expected<'_>, options: &FixOptions) -> Purpose {
        Purpose {
            expected: match expected {
                Expected::Declared(schema) => Wanted::Declared(schema.clone()),
                Expected::Backup(schema) => Wanted::Backup(schema.clone()),
                Expected::Full(schema) => Wanted::Full(Box::new(schema.clone())),
            },
            options: options.clone(),
        }
    }

    fn expected(&self) -> Expected<'_> {
        match &self.expected {
            Wanted::Declared(schema) => Expected::Declared(schema),
            Wanted::Backup(schema) => Expected::Backup(schema),
            Wanted::Full(schema) => Expected::Full(schema),
        }
    }
}

impl FixPlan {
    /// What of the database was read for it.
    pub fn reading(&self) -> &Reading {
        &self.purpose.options.reading
    }

    /// What SQLite kept in `sqlite_schema` when it was made.
    pub fn stored_sql(&self) -> &[StoredSql] {
        &self.purpose.options.stored
    }

    /// The steps of the plan that are still to be done in the schema that it has made, in words; none where it has
    /// reached what it is for. Of SQLite with what is in `sqlite_schema` now.
    ///
    /// ```
    /// use db_adapter_core::fix::{FixOptions, generate_fix_plan};
    /// use db_adapter_core::schema::{ColumnSchema, DatabaseSchema, TableSchema};
    /// use db_adapter_core::sql_type::SqlType;
    ///
    /// let schema = |names: &[&str]| {
    ///     let columns = names.iter().map(|name| ColumnSchema::new(*name, "text", SqlType::Text));
    ///     let table = TableSchema { name: "users".into(), columns: columns.collect(), ..TableSchema::default() };
    ///     let mut schema = DatabaseSchema::default();
    ///     schema.tables.insert("users".into(), table);
    ///     schema
    /// };
    /// let plan = generate_fix_plan(&schema(&["id"]), &schema(&["id", "name"]), &FixOptions::new());
    /// assert_eq!(plan.unfinished(&schema(&["id"]), []), ["add column `users.name`"]);
    /// assert!(plan.unfinished(&schema(&["id", "name"]), []).is_empty());
    /// ```
    pub fn unfinished(
        &self,
        actual: &DatabaseSchema,
        stored: impl IntoIterator<Item = StoredSql>,
    ) -> Vec<String> {
        let options = self.purpose.options.clone().stored_sql(stored);
        let rest = generate_fix_plan(actual, self.purpose.expected(), &options);
        let mut again = Vec::new();
        for step in rest.steps() {
            let is_done = |own: &FixStep| own.kind == step.kind && own.object == step.object;
            if step.parts.is_empty() {
                if self.steps().any(is_done) || !self.leaves(&step.object) {
                    again.push(step.summary.clone());
                }
                continue;
            }
            // a table is made anew once more for what was left of it
            let mut own = self.steps().filter(|own| is_done(own));
            let parts = own.next().map_or(&[] as &[_], |own| &own.parts);
            let left = |part: &&StepPart| {
                let whole = self.leaves(&step.object) && parts.is_empty();
                (whole || self.leaves(&part.object)) && !parts.contains(part)
            };
            let unfinished = step.parts.iter().filter(|part| !left(part));
            again.extend(unfinished.map(|part| part.summary.clone()));
        }
        // nor may the steps have left anything else as it is not to be
        let new = rest
            .not_fixed
            .iter()
            .filter(|entry| !self.leaves(&entry.object));
        again.extend(new.map(|entry| entry.difference.clone()));
        again.extend(rest.undecided.iter().map(|entry| entry.to_string()));
        again
    }
}

impl FixPlan {
    /// Whether the plan says that something of the object stays as it is, or made its table: what is left of that is told
    /// in other words.
    fn leaves(&self, object: &SchemaObject) -> bool {
        let mut left = self.not_fixed.iter();
        let mut made = self
            .steps()
            .filter(|step| step.kind == FixKind::CreateTable);
        left.any(|entry| entry.object == *object)
            || made.any(|step| step.object.table == object.table)
    }

    /// Whether this program makes just these steps of this schema, so that a plan from a file does what it says and
    /// nothing else. Of SQLite with what is in `sqlite_schema` now.
    pub fn is_for(&self, actual: &DatabaseSchema, stored: &[StoredSql]) -> bool {
        if self.stored_sql() != stored {
            return false;
        }
        let made = generate_fix_plan(actual, self.purpose.expected(), &self.purpose.options);
        let mut phases = made.phases.iter();
        self.made_for == made.made_for
            && self.dialect == made.dialect
            && self.mode == made.mode
            && self.search_path == made.search_path
            && self.undecided == made.undecided
            // some steps are left out by the answers, and no others are in it
            && self.phases.iter().all(|own| phases.any(|made| is_part(own, made)))
    }

    /// Whether a phase behind others is still what this program makes of the schema as it is by now.
    pub fn is_still_wanted(&self, phase: &Phase, actual: &DatabaseSchema) -> bool {
        let options = &self.purpose.options;
        let rest = generate_fix_plan(actual, self.purpose.expected(), options);
        let is_there = |own: &FixStep| rest.steps().any(|step| is_same(own, step));
        phase.steps.iter().all(is_there)
    }
}

fn is_part(own: &Phase, made: &Phase) -> bool {
    let mut steps = made.steps.iter();
    own.kind == made.kind
        && own.before == made.before
        && own.first == made.first
        && own.last == made.last
        && own.after == made.after
        && own
            .steps
            .iter()
            .all(|own| steps.any(|made| is_same(own, made)))
}

/// But for what the answers have added.
fn is_same(own: &FixStep, made: &FixStep) -> bool {
    own.kind == made.kind
        && own.object == made.object
        && own.statements == made.statements
        && own.locks == made.locks
        && own.needs == made.needs
        && made
            .hazards
            .iter()
            .all(|hazard| own.hazards.contains(hazard))
        && made.back_up.iter().all(|table| own.back_up.contains(table))
}
