//! Steps for PostgreSQL. Each file is a kind of object; `order` makes phases of the steps.

mod base_type;
mod column;
mod constraint;
mod conversion;
mod data_type;
mod enums;
mod filled;
mod foreign_key;
mod identity;
mod index;
mod needs;
mod online;
mod order;
mod question;
mod table;
mod types;

use super::plan::{FixPlan, FixStep, NotFixed, PhaseKind};
use super::{Allow, AllowKind, FixMode, Work, object};
use crate::ddl_writer::quote;
use crate::schema::{ColumnSchema, SqlDialect, TableSchema};
use crate::validate::{Between, Change, DifferenceKind, ObjectKind, SchemaObject, Severity};

const POSTGRES: SqlDialect = SqlDialect::Postgres;

/// The place of a step among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Rename,
    EnumValue,
    Type,
    Table,
    DropConstraint,
    AddColumn,
    Column,
    /// A new part of a table that is there, when that has all its columns.
    Part,
    Key,
    Check,
    Index,
    Validate,
    /// A key whose columns were made NOT NULL before.
    KeyByIndex,
    ForeignKey,
    ValidateForeignKey,
    DropColumn,
    DropTable,
}

/// A step with its place.
struct Placed {
    rank: Rank,
    kind: PhaseKind,
    step: FixStep,
}

/// The planner.
struct Postgres<'a> {
    work: &'a Work<'a>,
    placed: Vec<Placed>,
    not_fixed: Vec<NotFixed>,
}

pub(super) fn plan(work: &Work<'_>, plan: &mut FixPlan) {
    let mut planner = Postgres {
        work,
        placed: Vec::new(),
        not_fixed: Vec::new(),
    };
    planner.renames();
    for change in &work.changes {
        planner.change(change);
    }
    planner.new_tables();
    planner.unfinished();
    planner.needs();
    plan.search_path = match work.options.search_path.is_empty() {
        true => vec!["public".to_owned()],
        false => work.options.search_path.clone(),
    };
    plan.not_fixed.append(&mut planner.not_fixed);
    plan.phases = order::phases(planner.placed, work.options.mode);
}

impl<'a> Postgres<'a> {
    fn is_online(&self) -> bool {
        self.work.options.mode == FixMode::Online
    }

    fn add(&mut self, rank: Rank, step: FixStep) {
        self.add_as(rank, PhaseKind::Transaction, step);
    }

    fn add_as(&mut self, rank: Rank, kind: PhaseKind, step: FixStep) {
        self.placed.push(Placed { rank, kind, step });
    }

    /// Leaves a difference as it is.
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

    /// One difference.
    fn change(&mut self, change: &'a Change) {
        let difference = &change.difference;
        if difference.severity == Severity::Warning {
            return self.allowed_extra(change);
        }
        match &change.between {
            Between::Table { .. } => self.table(change),
            Between::Column {
                expected: Some(_), ..
            } => self.add_column(change),
            Between::Column { .. } => self.extra_column(change),
            Between::Type { .. } => self.change_type(change),
            Between::Nullability { expected, .. } => self.nullability(change, *expected),
            Between::Default { expected, .. } => self.default(change, expected.as_deref()),
            Between::Filled => self.fill(change),
            Between::Identity { .. } => self.identity(change),
            Between::Constraint { .. } => self.constraint(change),
            Between::Index { .. } => self.index(change),
            Between::EnumValues { expected, actual } => self.enum_values(change, expected, actual),
            Between::Generated { .. } => {
                let why = "how a column is computed cannot be changed without writing it anew: drop it, and it is added";
                self.leave(change, why);
            }
            Between::Other => self.other(change),
        }
    }

    /// What is there and only told: it is dropped where that is allowed, and otherwise kept without a word.
    fn allowed_extra(&mut self, change: &'a Change) {
        if change.difference.kind != DifferenceKind::Extra || !self.is_allowed(change) {
            return;
        }
        match &change.between {
            Between::Table { .. } => self.table(change),
            Between::Column { .. } => self.extra_column(change),
            Between::Constraint { .. } => self.constraint(change),
            Between::Index { .. } => self.index(change),
            _ => {}
        }
    }

    fn is_allowed(&self, change: &Change) -> bool {
        let object = &change.difference.object;
        allow_kind(object.kind).is_some_and(|kind| self.work.options.allows(kind, &object.path()))
    }

    fn other(&mut self, change: &'a Change) {
        let difference = &change.difference;
        let is_missing = difference.kind == DifferenceKind::Missing;
        let why = match difference.object.kind {
            ObjectKind::Enum | ObjectKind::Domain if is_missing => return self.new_type(change),
            // a partition, which is made with the tables
            ObjectKind::Table if is_missing => return,
            ObjectKind::View => "views are not made or changed: their queries are not compared",
            ObjectKind::Trigger => "triggers are not made or changed",
            ObjectKind::Function => {
                "functions are not made or changed: their bodies are not compared"
            }
            ObjectKind::Policy => {
                "policies are not made or changed: they decide who sees which row"
            }
            ObjectKind::Sequence if is_missing && self.comes_with_a_column(&difference.object) => {
                return;
            }
            ObjectKind::Sequence if self.lacks_its_owner(&difference.object.name) => {
                return self.owner(&difference.object.name);
            }
            ObjectKind::Sequence => {
                "sequences are not made or changed, but with the column that they number"
            }
            ObjectKind::Extension => "extensions are not made: that needs rights of its own",
            ObjectKind::NaturalKey => {
                "which index should prove it, nobody says: declare a unique key"
            }
            ObjectKind::Enum | ObjectKind::Domain => {
                "types are made, and enums get values; nothing else of them is changed"
            }
            _ => match difference.kind {
                DifferenceKind::RowSecurity => {
                    "row-level security is not switched: it decides who sees which row"
                }
                DifferenceKind::Partitioning | DifferenceKind::Inheritance => {
                    "rows would have to move to other tables"
                }
                DifferenceKind::Storage => "the table would have to be written anew",
                DifferenceKind::Collation => {
                    "the order of the values would be another one, and so every index and comparison"
                }
                DifferenceKind::Undeclared => "it is the declaration that does not name it",
                _ => "it cannot be repaired by a plan",
            },
        };
        self.leave(change, why);
    }

    /// The table that is expected.
    fn wanted_table(&self, change: &Change) -> Option<&'a TableSchema> {
        let key = change.difference.object.table.as_deref()?;
        self.work.goal.schema.tables.get(key)
    }

    fn wanted_column(&self, change: &Change) -> Option<&'a ColumnSchema> {
        let column = &change.difference.object.name;
        self.wanted_table(change)?.column(column)
    }

    /// The table that is there.
    fn table_there(&self, change: &Change) -> Option<(&'a str, &'a TableSchema)> {
        let key = change.actual_table.as_deref()?;
        let (key, table) = self.work.actual.tables.get_key_value(key)?;
        Some((key, table))
    }

    /// Whether the table is there now, under whatever name.
    fn is_there(&self, key: &str) -> bool {
        self.work.actual.tables.contains_key(key)
    }

    /// What its name is as SQL, when the renames are done.
    fn sql_name(table: &TableSchema) -> String {
        quote::qualified(table.schema.as_deref(), &table.name, POSTGRES)
    }

    fn column_object(&self, key: &str, name: &str) -> SchemaObject {
        object(ObjectKind::Column, Some(key), name)
    }

    /// Whether the column is there now with the type that it has then: what is asked of it now holds then.
    fn is_settled(&self, key: &str, name: &str) -> bool {
        let there = self.work.actual.tables.get(key);
        let there = there.is_some_and(|table| table.column(name).is_some());
        let mut changes = self.work.changes.iter();
        there
            && !changes.any(|change| {
                matches!(change.between, Between::Type { .. })
                    && change.actual_table.as_deref() == Some(key)
                    && change.difference.object.name == name
            })
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
        ObjectKind::Exclusion => AllowKind::Exclusion,
        ObjectKind::Index => AllowKind::Index,
        _ => return None,
    })
}
