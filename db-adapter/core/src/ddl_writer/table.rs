//! CREATE TABLE in its forms: on its own, as a partition, as one that inherits. What a table has from its
//! parents is written only where it differs.

use super::column::{self, AtColumn};
use super::quote;
use crate::name::quote_ident;
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, SqlDialect, TableSchema,
};

const POSTGRES: SqlDialect = SqlDialect::Postgres;

/// A table of PostgreSQL that is to be written, with what was decided about its parts.
pub(super) struct Plan<'a> {
    pub(super) schema: &'a DatabaseSchema,
    pub(super) table: &'a TableSchema,
    /// The columns whose defaults come later.
    pub(super) late_defaults: Vec<&'a str>,
    /// The constraints that are written in the table, in their order.
    pub(super) constraints: Vec<&'a ConstraintSchema>,
}

/// The statements: the table, and what joins it to its parents where that is a statement of its own.
pub(super) fn statements(plan: &Plan<'_>, collation: impl Fn(&str) -> String) -> Vec<String> {
    let parents = Parents::of(plan);
    match plan.table.partition_of.is_some() {
        true => partition(plan, &parents, collation),
        false => table(plan, &parents, collation),
    }
}

/// The tables that it has columns from.
struct Parents<'a> {
    tables: Vec<&'a TableSchema>,
}

impl<'a> Parents<'a> {
    fn of(plan: &Plan<'a>) -> Parents<'a> {
        let keys = plan.table.partition_of.iter().chain(&plan.table.inherits);
        let tables = keys.filter_map(|key| plan.schema.tables.get(key));
        Parents {
            tables: tables.collect(),
        }
    }

    /// Whether the columns come in this order when they are merged.
    fn give_the_order_of(&self, table: &TableSchema) -> bool {
        let mut merged: Vec<(&str, &str)> = Vec::new();
        let inherited = self.tables.iter().flat_map(|parent| &parent.columns);
        for column in inherited.chain(&table.columns) {
            if !merged.iter().any(|(name, _)| *name == column.name) {
                merged.push((&column.name, &column.data_type));
            }
        }
        let own = table
            .columns
            .iter()
            .map(|c| (c.name.as_str(), c.data_type.as_str()));
        merged.into_iter().eq(own)
    }

    /// The column as the parents give it; `None` where none has it, or they differ.
    fn column(&self, name: &str) -> Option<ColumnSchema> {
        let mut found: Option<ColumnSchema> = None;
        for column in self.tables.iter().filter_map(|parent| parent.column(name)) {
            match &mut found {
                None => found = Some(column.clone()),
                Some(there) => {
                    there.nullable &= column.nullable;
                    if there.default != column.default || there.generated != column.generated {
                        return None;
                    }
                }
            }
        }
        found
    }

    fn has(&self, name: &str) -> bool {
        self.tables
            .iter()
            .any(|parent| parent.column(name).is_some())
    }

    /// Whether the constraint is one that comes from a parent.
    fn gives(&self, constraint: &ConstraintSchema) -> bool {
        constraint.kind == ConstraintKind::Check
            && self.tables.iter().any(|parent| {
                let there = parent.constraints.get(&constraint.name);
                there.is_some_and(|there| {
                    there.kind == ConstraintKind::Check
                        && there.expression == constraint.expression
                        && !there.no_inherit
                        && there.not_valid == constraint.not_valid
                })
            })
    }

    /// What of the column is not as the parents give it; `None` where nothing is.
    fn differing(&self, column: &ColumnSchema, is_partition: bool) -> Option<ColumnSchema> {
        let Some(given) = self.column(&column.name) else {
            return Some(column.clone());
        };
        let mut differing = column.clone();
        // an identity is not inherited; a partition has that of its parent, where it has one at all
        if is_partition {
            differing.identity = None;
        }
        let same = given.default == differing.default
            && given.generated == differing.generated
            && differing.identity.is_none()
            && (given.nullable == differing.nullable || given.identity.is_some())
            && given.not_null_not_valid == differing.not_null_not_valid;
        if same {
            return None;
        }
        if given.generated == differing.generated {
            differing.generated = None;
        }
        if differing.default.is_none() && given.default.is_some() && differing.generated.is_none() {
            differing.default = Some("NULL".to_owned());
        }
        Some(differing)
    }
}

fn head(plan: &Plan<'_>) -> String {
    let unlogged = if plan.table.unlogged { "UNLOGGED " } else { "" };
    format!("CREATE {unlogged}TABLE {}", name(plan.table))
}

fn name(table: &TableSchema) -> String {
    quote::qualified(table.schema.as_deref(), &table.name, POSTGRES)
}

fn at(plan: &Plan<'_>, column: &ColumnSchema) -> AtColumn {
    AtColumn {
        without_default: plan.late_defaults.contains(&column.name.as_str()),
        key_descending: false,
    }
}

/// A check that a table and its heirs have together has one name, or it is not the same one.
fn constraint(plan: &Plan<'_>, constraint: &ConstraintSchema) -> String {
    let shared = constraint.kind == ConstraintKind::Check && !constraint.name.is_empty();
    if shared && constraint.name_is_generated && is_of_a_family(plan) {
        let named = ConstraintSchema {
            name_is_generated: false,
            ..constraint.clone()
        };
        return super::constraint::definition(&named, plan.table, plan.schema);
    }
    super::constraint::definition(constraint, plan.table, plan.schema)
}

fn full_column(
    plan: &Plan<'_>,
    column: &ColumnSchema,
    collation: impl Fn(&str) -> String,
) -> String {
    let collation = column.collation.as_deref().map(collation);
    column::definition(column, collation.as_deref(), POSTGRES, at(plan, column))
}

/// Whether the table inherits, or others inherit from it.
fn is_of_a_family(plan: &Plan<'_>) -> bool {
    let key = plan.table.key();
    let has_parent =
        |table: &TableSchema| table.partition_of.is_some() || !table.inherits.is_empty();
    let mut others = plan.schema.tables.values();
    has_parent(plan.table)
        || others
            .any(|other| other.inherits.contains(&key) || other.partition_of.as_ref() == Some(&key))
}

/// A list in parentheses, one part on a line.
pub(super) fn listed(parts: &[String]) -> String {
    match parts.is_empty() {
        true => " ()".to_owned(),
        false => format!(" (\n    {}\n)", parts.join(",\n    ")),
    }
}

fn tail(plan: &Plan<'_>) -> String {
    match &plan.table.partition_by {
        Some(by) => format!(" PARTITION BY {by}"),
        None => String::new(),
    }
}

fn table(
    plan: &Plan<'_>,
    parents: &Parents<'_>,
    collation: impl Fn(&str) -> String,
) -> Vec<String> {
    let keys = &plan.table.inherits;
    let merged = !keys.is_empty() && parents.give_the_order_of(plan.table);
    let mut parts: Vec<String> = Vec::new();
    for column in &plan.table.columns {
        let shown = match merged && parents.has(&column.name) {
            true => parents.differing(column, false),
            false => Some(column.clone()),
        };
        parts.extend(shown.map(|column| full_column(plan, &column, &collation)));
    }
    let own = plan.constraints.iter();
    let own = own.filter(|constraint| !merged || !parents.gives(constraint));
    parts.extend(own.map(|own| constraint(plan, own)));
    let mut sql = format!("{}{}", head(plan), listed(&parts));
    let names = keys.iter().map(|key| quote::table(key, plan.schema));
    let names: Vec<String> = names.collect();
    if merged {
        sql.push_str(&format!(" INHERITS ({})", names.join(", ")));
    }
    sql.push_str(&tail(plan));
    let mut statements = vec![sql];
    if !merged {
        let own = name(plan.table);
        statements.extend(
            names
                .iter()
                .map(|parent| format!("ALTER TABLE {own} INHERIT {parent}")),
        );
    }
    statements
}

fn partition(
    plan: &Plan<'_>,
    parents: &Parents<'_>,
    collation: impl Fn(&str) -> String,
) -> Vec<String> {
    let parent = plan.table.partition_of.as_deref().unwrap_or_default();
    let parent = quote::table(parent, plan.schema);
    let bound = plan.table.partition_bound.as_deref().unwrap_or_default();
    if !parents.give_the_order_of(plan.table) {
        let mut parts: Vec<String> = Vec::new();
        for column in &plan.table.columns {
            parts.push(full_column(plan, column, &collation));
        }
        parts.extend(plan.constraints.iter().map(|own| constraint(plan, own)));
        let own = name(plan.table);
        return vec![
            format!("{}{}{}", head(plan), listed(&parts), tail(plan)),
            format!("ALTER TABLE {parent} ATTACH PARTITION {own} {bound}"),
        ];
    }
    let mut parts: Vec<String> = Vec::new();
    for column in &plan.table.columns {
        let Some(differing) = parents.differing(column, true) else {
            continue;
        };
        let options = column::options(&differing, POSTGRES, at(plan, &differing));
        if !options.is_empty() {
            parts.push(format!(
                "{} WITH OPTIONS{options}",
                quote_ident(&column.name)
            ));
        }
    }
    let own = plan.constraints.iter();
    let own = own.filter(|constraint| !parents.gives(constraint));
    parts.extend(own.map(|own| constraint(plan, own)));
    let refined = if parts.is_empty() {
        String::new()
    } else {
        listed(&parts)
    };
    vec![format!(
        "{} PARTITION OF {parent}{refined} {bound}{}",
        head(plan),
        tail(plan)
    )]
}
