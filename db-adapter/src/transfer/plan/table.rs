//! One table of a plan: its columns, its keys, and who makes them. Pure.

use crate::Notice;
use db_adapter_core::backup::{MatchBy, TableDef};
use db_adapter_core::fit::is_numbered;
use db_adapter_core::lexer::{Lexer, Token};
use db_adapter_core::schema::{Identity, SqlDialect, TriggerSchema};
use db_adapter_core::{ColumnSchema, TableName, TableSchema, temporal};

use super::super::fingerprint::Meaning;
use super::super::options::Keys;
use super::super::types::{fits, may_be_rewritten};
use super::{ColumnPlan, Planner, Scope, SourceTable, TablePlan};

impl Planner<'_> {
    pub(super) fn table(
        &mut self,
        def: &TableDef,
        given: Option<&SourceTable>,
    ) -> Option<TablePlan> {
        let Ok(name) = TableName::parse(&def.name) else {
            self.problem(format!("`{}` is no name of a table", def.name));
            return None;
        };
        // that it is not there was told already
        let (found, table) = self.destination.table(&def.name)?;
        if given.is_none() {
            let text = format!("{} has no table `{name}`", self.words.source());
            self.warnings.push(Notice::new(text));
        }
        let triggered = self.triggers(&name, found);
        let columns = self.columns(def, given, found);
        let position = |column: &str| columns.iter().position(|c| c.name == column);
        let mut missing = Vec::new();
        let mut positions = |names: &[&str]| -> Vec<usize> {
            let find = |name: &&str| {
                position(name).or_else(|| {
                    missing.push((*name).to_owned());
                    None
                })
            };
            names.iter().filter_map(find).collect()
        };
        let pk: Vec<&str> = def.pk.iter().map(|column| &**column).collect();
        let key = positions(&pk);
        let natural = positions(&def.natural_key());
        let user = match &def.user_field {
            Some(column) => positions(&[column]).first().copied(),
            None => None,
        };
        let references: Vec<usize> = def
            .references()
            .flat_map(|r| positions(&r.fields.iter().map(|f| &**f).collect::<Vec<_>>()))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        for column in missing {
            self.problem(format!(
                "table `{name}` needs the column `{column}`, which the destination or {} does not have",
                self.words.source()
            ));
        }
        let everyone = self.options.all_rows;
        let parents = def.parents.iter().enumerate();
        let owners: Vec<usize> = parents
            .filter(|(_, parent)| self.owned.contains(&*parent.table))
            .map(|(place, _)| place)
            .collect();
        let shared = user.is_none() && owners.is_empty();
        if !shared {
            self.owned.insert(def.name.to_string());
        }
        let numbered = key.iter().copied().filter(|column| {
            self.options.keys == Keys::New
                && def.match_by == MatchBy::Natural
                && !natural.contains(column)
                && !references.contains(column)
                && user != Some(*column)
                && columns
                    .get(*column)
                    .and_then(|c| found.column(&c.name))
                    .is_some_and(is_numbered)
        });
        let numbered: Vec<usize> = numbered.collect();
        let sequences = (0..columns.len()).filter(|column| {
            let schema = columns.get(*column).and_then(|c| found.column(&c.name));
            !numbered.contains(column) && schema.is_some_and(counts)
        });
        Some(TablePlan {
            sequences: sequences.collect(),
            in_source: given.map(|table| table.key.clone()),
            rows: given.and_then(|table| table.rows),
            computed: self.computed(def, found),
            natural,
            kept: self.kept(&key, &columns),
            key,
            primary: primary_of(found),
            user: user.filter(|_| !everyone),
            owner: None,
            refs: Vec::new(),
            shares_columns: false,
            key_sets: Vec::new(),
            numbered,
            scope: match user {
                _ if everyone || shared => Scope::All,
                Some(_) => Scope::User,
                None => Scope::Parents(owners),
            },
            shared: shared && !everyone,
            triggered,
            columns,
            name,
            table,
        })
    }

    /// The columns that can be written, with a problem for each that does not fit.
    fn columns(
        &mut self,
        def: &TableDef,
        given: Option<&SourceTable>,
        found: &TableSchema,
    ) -> Vec<ColumnPlan> {
        let stored = given.and_then(|table| table.columns.as_deref());
        for (name, _) in stored.unwrap_or_default() {
            if found.column(name).is_none() {
                let near = found.columns.iter().map(|column| column.name.as_str());
                let problem = Notice::new(format!(
                    "{} has the column `{name}` of `{}`, which the destination does not have",
                    self.words.source(),
                    def.name
                ));
                self.problem(match db_adapter_core::closest(name, near) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem,
                });
            }
        }
        let mut columns = Vec::new();
        let written = |column: &&ColumnSchema| {
            column.generated.is_none() && !self.is_renewed(def, &column.name)
        };
        let written: Vec<&ColumnSchema> = found.columns.iter().filter(written).collect();
        for column in written {
            let in_source = stored.map(|all| all.iter().find(|(name, _)| *name == column.name));
            let is_user = def.user_field.as_deref() == Some(&column.name);
            if let Some(None) = in_source
                && !is_user
            {
                if given.is_some() && !column.may_be_left_out() {
                    self.problem(format!(
                        "the destination's column `{}.{}` must have a value, and {} has no such column",
                        def.name,
                        column.name,
                        self.words.source()
                    ));
                }
                continue;
            }
            let stored = in_source.flatten().map(|(_, sql_type)| sql_type);
            if let Some(stored) = stored
                && !fits(stored, &column.sql_type)
                && !is_user
            {
                self.problem(format!(
                    "the column `{}.{}` is {stored} in {} and {} in the destination",
                    def.name,
                    column.name,
                    self.words.source(),
                    column.sql_type
                ));
            }
            columns.push(ColumnPlan {
                name: column.name.clone(),
                sql_type: column.sql_type.clone(),
                digits: temporal::digits(&column.data_type),
                nullable: column.nullable,
                fixed: column.identity == Some(Identity::Always),
                is_referenced: self.destination.is_referenced(found, &column.name),
                followed_by: self.destination.followed_by(found, &column.name),
                meaning: Meaning::new(
                    column.sql_type.clone(),
                    // a database with types of its own has collations of its own, and is asked
                    column.collation.as_deref().filter(|_| !self.can.own_types),
                ),
                stored: stored.unwrap_or(&column.sql_type).clone(),
                is_rewritten: self.can.own_types
                    && stored.is_some_and(|stored| may_be_rewritten(stored, &column.sql_type)),
            });
        }
        columns
    }

    /// The columns that are remembered of each row: its key, and what others follow.
    fn kept(&self, key: &[usize], columns: &[ColumnPlan]) -> Vec<usize> {
        let is_followed = |at: &usize| columns.get(*at).is_some_and(|c| !c.followed_by.is_empty());
        let followed = (0..columns.len()).filter(|at| is_followed(at) && !key.contains(at));
        key.iter().copied().chain(followed).collect()
    }

    /// Columns of the source that the database fills by itself.
    fn computed(&self, def: &TableDef, table: &TableSchema) -> Vec<String> {
        let filled = |column: &&ColumnSchema| {
            column.generated.is_some() || self.is_renewed(def, &column.name)
        };
        let columns = table.columns.iter().filter(filled);
        columns.map(|column| column.name.clone()).collect()
    }

    /// Whether new rows have a value of their own in it. With the source's keys they have its other values too.
    fn is_renewed(&self, def: &TableDef, column: &str) -> bool {
        self.options.keys == Keys::New && def.renew.iter().any(|renewed| renewed == column)
    }

    /// Whether some run, of which the caller is told.
    fn triggers(&mut self, name: &TableName, found: &TableSchema) -> bool {
        for (trigger, _) in writing(found) {
            self.warnings.push(Notice::new(format!(
                "the trigger `{trigger}` of `{name}` runs for rows that are written, and may change them"
            )));
        }
        has_triggers(found)
    }
}

/// The columns of the table's own primary key.
pub(super) fn primary_of(found: &TableSchema) -> Vec<String> {
    found
        .primary_key()
        .map(|key| key.columns.clone())
        .unwrap_or_default()
}

/// The triggers that run when rows are written.
fn writing(found: &TableSchema) -> impl Iterator<Item = (&String, &TriggerSchema)> {
    let acts = |events: &[String]| {
        let counts = |event: &String| {
            let event = event.to_ascii_uppercase();
            event.starts_with("INSERT") || event.starts_with("UPDATE")
        };
        events.iter().any(counts)
    };
    let triggers = found.triggers.iter();
    triggers.filter(move |(_, trigger)| acts(&trigger.events))
}

pub(super) fn has_triggers(found: &TableSchema) -> bool {
    writing(found).next().is_some()
}

/// Whether numbers are given out one after another.
fn counts(column: &ColumnSchema) -> bool {
    column.identity.is_some() || default_has(column, |token| token.names("nextval"))
}

/// Whether a token is in the column's default, outside of strings.
fn default_has(column: &ColumnSchema, wanted: impl Fn(&Token<'_>) -> bool) -> bool {
    let default = column.default.as_deref().unwrap_or_default();
    // both dialects have the same calls and strings in a default
    Lexer::of_definition(default, SqlDialect::Postgres).any(|token| wanted(&token))
}
