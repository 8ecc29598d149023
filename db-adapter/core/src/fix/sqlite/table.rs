//! The changes of one table: each by ALTER TABLE where that goes, and all together by one rebuild where one of them
//! needs it.

use super::edit::Edited;
use super::question::changed;
use super::rebuild::{self, Copy};
use super::{SQLITE, Sqlite, allow_kind, table_object};
use crate::ddl_writer::{column, constraint, index, quote, sound, write};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::{FixKind, NotFixed};
use crate::fix::{Allow, AllowKind, FixStep, Hazard, object};
use crate::lexer::{Kind, Lexer};
use crate::name::quote_ident;
use crate::schema::{ColumnSchema, ConstraintKind, ConstraintSchema, TableSchema};
use crate::validate::{Between, Change, DifferenceKind, ObjectKind};

/// What is to be done to a stored statement.
enum Edit {
    Add(String),
    DropColumn(String),
    Type(String, String),
    Nullable(String, bool),
    Default(String, Option<String>),
    Constraint(String),
    DropConstraint(Option<String>, &'static str, Vec<String>),
}

/// What a table needs.
#[derive(Default)]
struct Needs {
    edits: Vec<Edit>,
    summaries: Vec<String>,
    facts: Vec<Fact>,
    dropped: Vec<String>,
    may_change: Vec<String>,
    loses: bool,
    /// What is done beside a rebuild, behind it.
    later: Vec<FixStep>,
}

impl<'a> Sqlite<'a> {
    /// What is declared to have had another name.
    pub(super) fn renames(&mut self) {
        let work = self.work;
        for (new, old) in &work.renames.tables {
            let Some(table) = work.actual.tables.get(new) else {
                continue;
            };
            let from = self.name_now(new);
            let step = FixStep::new(
                FixKind::Rename,
                table_object(new),
                format!("rename table `{old}` to `{new}`"),
            )
            .run(format!(
                "ALTER TABLE {from} RENAME TO {}",
                quote_ident(&table.name)
            ))
            .hazard(Hazard::MetadataOnly);
            self.steps.push(step);
        }
        for ((key, new), old) in &work.renames.columns {
            let Some(table) = work.actual.tables.get(key) else {
                continue;
            };
            let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
            let step = FixStep::new(
                FixKind::Rename,
                object(ObjectKind::Column, Some(key), new),
                format!("rename column `{key}.{old}` to `{new}`"),
            )
            .run(format!(
                "ALTER TABLE {name} RENAME COLUMN {} TO {}",
                quote_ident(old),
                quote_ident(new)
            ))
            .hazard(Hazard::MetadataOnly);
            self.steps.push(step);
        }
    }

    /// The tables that are missing, with all that is theirs.
    pub(super) fn new_tables(&mut self) {
        let changes = self.work.changes.iter();
        let missing: Vec<&str> = changes
            .filter_map(|change| match &change.between {
                Between::Table {
                    expected: Some(key),
                    actual: None,
                } if change.difference.actual.is_none() => Some(key.as_str()),
                _ => None,
            })
            .collect();
        if missing.is_empty() {
            return;
        }
        let mut schema = self.work.goal.schema.clone();
        schema.views.clear();
        for table in schema.tables.values_mut() {
            table.triggers.clear();
        }
        let written = write(&schema, SQLITE);
        for key in missing {
            let mut step = FixStep::new(
                FixKind::CreateTable,
                table_object(key),
                format!("create table `{key}`"),
            )
            .hazard(Hazard::MetadataOnly);
            for statement in &written.statements {
                if statement.object.as_ref().is_some_and(|own| {
                    own.table.as_deref() == Some(key)
                        || own.kind == ObjectKind::Table && own.name == key
                }) {
                    step = step.run(statement.sql.clone());
                }
            }
            let lost = written.not_expressed.iter().filter(|entry| {
                let name = entry.name.as_deref().unwrap_or_default();
                name == key
                    || name
                        .strip_prefix(key)
                        .is_some_and(|rest| rest.starts_with('.'))
            });
            for entry in lost {
                self.not_fixed.push(NotFixed {
                    object: table_object(key),
                    difference: format!("{} of the new table `{key}`", entry.kind),
                    reason: entry.reason.clone(),
                    allow: None,
                });
            }
            if !step.statements.is_empty() {
                self.steps.push(step);
            }
        }
    }

    pub(super) fn change_table(&mut self, key: &'a str, changes: &[&'a Change]) {
        let Some(table) = self.work.actual.tables.get(key) else {
            return;
        };
        let mut needs = Needs::default();
        for change in changes {
            self.change(key, table, change, &mut needs);
        }
        let later = std::mem::take(&mut needs.later);
        if !needs.edits.is_empty() {
            self.rebuild(key, table, needs);
        }
        self.steps.extend(later);
    }

    fn change(&mut self, key: &str, table: &'a TableSchema, change: &'a Change, needs: &mut Needs) {
        let name = &change.difference.object.name;
        let path = format!("{key}.{name}");
        let goal = change.difference.object.table.as_deref();
        let goal = goal.and_then(|key| self.work.goal.schema.tables.get(key));
        let wanted = goal.and_then(|table| table.column(name));
        match &change.between {
            Between::Table {
                actual: Some(_),
                expected: None,
            } => self.extra_table(key, table, change, needs),
            Between::Column {
                expected: Some(_), ..
            } => match wanted {
                Some(column) => self.add_column(key, table, change, column, needs),
                None => self.leave(change, "nothing is known of the column"),
            },
            Between::Column {
                actual: Some(own), ..
            } => self.extra_column(key, table, change, own, needs),
            Between::Type { expected, .. } => {
                let data_type =
                    wanted.map_or(expected.as_str(), |column| column.data_type.as_str());
                needs
                    .edits
                    .push(Edit::Type(name.clone(), column::declared(data_type)));
                needs.summaries.push(format!("type of `{name}`"));
                if let Some(condition) = changed(name, data_type, table.strict) {
                    let allow = Allow::new(AllowKind::Narrow, path);
                    if self.work.options.allow.contains(&allow) {
                        needs.may_change.push(name.clone());
                    }
                    let sql = self.count(key, &condition);
                    needs.facts.push(Fact::new(
                        FactKind::Changed,
                        sql,
                        Rule::NoneOrAllowed(allow),
                    ));
                }
            }
            Between::Nullability { expected, .. } => {
                if !expected {
                    let sql = self.count(key, &format!("{} IS NULL", quote_ident(name)));
                    let rule = Rule::NoneOrLeftOut(
                        "{} rows have NULL: give them a value first".to_owned(),
                    );
                    needs.facts.push(Fact::new(FactKind::Nulls, sql, rule));
                }
                needs.edits.push(Edit::Nullable(name.clone(), *expected));
                needs.summaries.push(format!("nullability of `{name}`"));
            }
            Between::Default { expected, .. } => {
                self.default(change, name, expected.as_deref(), needs)
            }
            Between::Filled => match wanted.and_then(|column| column.default.as_deref()) {
                Some(default) => self.default(change, name, Some(default), needs),
                None => self.leave(change, "the declaration does not say with what"),
            },
            Between::Constraint { expected, actual } => {
                let expected = expected.as_deref().map(|own| in_full(own, goal));
                self.constraint(
                    key,
                    table,
                    change,
                    (expected.as_ref(), actual.as_deref()),
                    needs,
                );
            }
            Between::Index { expected, actual } => {
                self.index(
                    key,
                    table,
                    change,
                    (expected.as_deref(), actual.as_deref()),
                    needs,
                );
            }
            Between::Identity { .. } => self.leave(
                change,
                "how SQLite numbers rows is its key: write a migration",
            ),
            Between::Generated { .. } => {
                self.leave(
                    change,
                    "how a column is computed is not changed: drop it, and it is added",
                );
            }
            _ => match change.difference.object.kind {
                ObjectKind::Trigger => self.leave(change, "triggers are not made or changed"),
                ObjectKind::View => self.leave(change, "views are not made or changed"),
                _ => self.leave(change, "there is no repair of it"),
            },
        }
    }

    fn default(&mut self, change: &Change, name: &str, default: Option<&str>, needs: &mut Needs) {
        if default.is_some_and(|text| !sound::is_expression(text, SQLITE)) {
            return self.leave(change, "it is not one expression");
        }
        let text = default.map(|text| sound::default(text, SQLITE));
        needs.edits.push(Edit::Default(name.to_owned(), text));
        needs.summaries.push(format!("default of `{name}`"));
    }

    fn add_column(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        own: &ColumnSchema,
        needs: &mut Needs,
    ) {
        let default = own.default.as_deref();
        let generated = own.generated.as_ref();
        let mut texts = default
            .into_iter()
            .chain(generated.map(|g| g.expression.as_str()));
        if texts.any(|text| !sound::is_expression(text, SQLITE)) {
            return self.leave(change, "its default is not one expression");
        }
        if own.identity.is_some() {
            return self.leave(
                change,
                "the key of the rows is not added to a table that has rows",
            );
        }
        let collation = own.collation.as_deref().map(quote_ident);
        let options = column::AtColumn::default();
        let definition = column::definition(own, collation.as_deref(), SQLITE, options);
        if !own.nullable && default.is_none() && generated.is_none() {
            let rule = Rule::NoneOrLeftOut(
                "the table has rows, which would have no value: give the column a default"
                    .to_owned(),
            );
            needs
                .facts
                .push(Fact::new(FactKind::AnyRow, self.any_row(key), rule));
            needs.edits.push(Edit::Add(definition));
            needs.summaries.push(format!("column `{}`", own.name));
            return;
        }
        let constant = default.is_none_or(is_constant) && generated.is_none_or(|g| !g.stored);
        if !constant {
            needs.edits.push(Edit::Add(definition));
            needs.summaries.push(format!("column `{}`", own.name));
            return;
        }
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let step = FixStep::new(
            FixKind::AddColumn,
            object(ObjectKind::Column, Some(key), &own.name),
            format!("add column `{key}.{}`", own.name),
        )
        .run(format!("ALTER TABLE {name} ADD COLUMN {definition}"))
        .hazard(Hazard::MetadataOnly);
        needs.later.push(step);
    }

    fn extra_column(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        own: &str,
        needs: &mut Needs,
    ) {
        let path = format!("{key}.{own}");
        if !self.work.options.allows(AllowKind::Column, &path) {
            return self.leave_unless(
                change,
                "nothing is dropped unasked",
                Some(Allow::new(AllowKind::Column, path)),
            );
        }
        let users = self.mentioning(table, own);
        if !users.is_empty() {
            return self.leave(change, format!("it is used by {}", users.join(", ")));
        }
        let in_index = table.indexes.values().any(|index| {
            index
                .columns
                .iter()
                .any(|c| c.is_expression || c.text.eq_ignore_ascii_case(own))
                || index.predicate.is_some()
        });
        let in_constraint = table.constraints.values().any(|c| {
            c.kind == ConstraintKind::Check
                || c.columns.iter().any(|name| name.eq_ignore_ascii_case(own))
        });
        if in_index || in_constraint {
            return self.leave(
                change,
                "an index or a constraint of the table may use it: drop that first",
            );
        }
        needs.loses = true;
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let others_rebuild = !needs.edits.is_empty();
        if self.is_since(3, 35) && !others_rebuild {
            let step = FixStep::new(
                FixKind::Drop,
                object(ObjectKind::Column, Some(key), own),
                format!("drop column `{path}` with its values"),
            )
            .run(format!(
                "ALTER TABLE {name} DROP COLUMN {}",
                quote_ident(own)
            ))
            .hazard(Hazard::Rewrites)
            .hazard(Hazard::LosesData)
            .backs_up(self.work.renames.table_now(key));
            needs.later.push(step);
            return;
        }
        needs.edits.push(Edit::DropColumn(own.to_owned()));
        needs.dropped.push(own.to_owned());
        needs.summaries.push(format!("without column `{own}`"));
    }

    fn extra_table(&mut self, key: &str, table: &TableSchema, change: &Change, needs: &mut Needs) {
        if !self.work.options.allows(AllowKind::Table, key) {
            return self.leave_unless(
                change,
                "nothing is dropped unasked",
                Some(Allow::new(AllowKind::Table, key)),
            );
        }
        let mut users = self.mentioning(table, &table.name);
        let others = self
            .work
            .actual
            .tables
            .iter()
            .filter(|(other, _)| *other != key);
        users.extend(
            others
                .filter(|(_, other)| {
                    other.foreign_keys().any(|f| {
                        f.references_table
                            .as_deref()
                            .is_some_and(|t| t.eq_ignore_ascii_case(&table.name))
                    })
                })
                .map(|(other, _)| format!("table `{other}`")),
        );
        if !users.is_empty() {
            return self.leave(change, format!("it is used by {}", users.join(", ")));
        }
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let step = FixStep::new(
            FixKind::Drop,
            table_object(key),
            format!("drop table `{key}` with its rows"),
        )
        .run(format!("DROP TABLE {name}"))
        .hazard(Hazard::LosesData)
        .backs_up(key)
        .fact(self.rows(key));
        needs.later.push(step);
    }

    /// The views and triggers whose stored statement has this name.
    fn mentioning(&self, _table: &TableSchema, name: &str) -> Vec<String> {
        let stored = self.work.options.stored.iter();
        let stored = stored.filter(|stored| matches!(stored.kind.as_str(), "view" | "trigger"));
        let found = stored.filter(|stored| {
            let mut tokens = Lexer::of_definition(&stored.sql, SQLITE);
            tokens.any(|token| {
                token
                    .name(SQLITE)
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
            })
        });
        found
            .map(|stored| format!("{} `{}`", stored.kind, stored.name))
            .collect()
    }

    fn constraint(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        (expected, actual): (Option<&ConstraintSchema>, Option<&ConstraintSchema>),
        needs: &mut Needs,
    ) {
        if change.difference.kind == DifferenceKind::Name {
            return self.leave(
                change,
                "SQLite shows the name of a constraint in messages alone",
            );
        }
        let numbered = |own: &ConstraintSchema| own.kind == ConstraintKind::PrimaryKey;
        if expected.is_some_and(numbered) || actual.is_some_and(numbered) {
            return self.leave(
                change,
                "the key of the rows is not changed: write a migration",
            );
        }
        if let (None, Some(there)) = (expected, actual) {
            let kind = allow_kind(change.difference.object.kind);
            let allow = kind.map(|kind| Allow::new(kind, format!("{key}.{}", there.name)));
            if !self.is_allowed(change)
                && !allow
                    .as_ref()
                    .is_some_and(|allow| self.work.options.allow.contains(allow))
            {
                return self.leave_unless(change, "nothing is dropped unasked", allow);
            }
        }
        if let Some(own) = expected {
            let text = own.expression.as_deref().unwrap_or_default();
            if own.kind == ConstraintKind::Check && !sound::is_expression(text, SQLITE) {
                return self.leave(change, "its expression is not known");
            }
            if own.kind == ConstraintKind::Exclude {
                return self.leave(change, "SQLite has no exclusion constraints");
            }
        }
        if let Some(there) = actual {
            let name = (!there.name_is_generated).then(|| there.name.clone());
            let (word, inside) = match there.kind {
                ConstraintKind::Unique => ("unique", there.columns.clone()),
                ConstraintKind::Check => ("check", there.expression.iter().cloned().collect()),
                ConstraintKind::ForeignKey if there.columns.len() > 1 => {
                    ("foreign", there.columns.clone())
                }
                _ => ("references", there.columns.clone()),
            };
            needs.edits.push(Edit::DropConstraint(name, word, inside));
        }
        let shown = match (expected, actual) {
            (Some(own), _) | (None, Some(own)) => {
                format!("{} ({})", own.kind, own.columns.join(", "))
            }
            (None, None) => return,
        };
        needs.summaries.push(shown);
        let Some(own) = expected else { return };
        needs.edits.push(Edit::Constraint(constraint::definition(
            own,
            table,
            self.work.actual,
        )));
        let there = own.columns.iter().all(|column| {
            table
                .columns
                .iter()
                .any(|c| c.name.eq_ignore_ascii_case(column))
        });
        if !there {
            return;
        }
        let (kind, sql, why) = match own.kind {
            ConstraintKind::Unique => {
                let columns: Vec<String> = own.columns.iter().map(|c| quote_ident(c)).collect();
                (
                    FactKind::Violations,
                    Some(self.doubles(key, &columns)),
                    "{} keys are there twice",
                )
            }
            ConstraintKind::Check => {
                let text = own.expression.as_deref().unwrap_or_default();
                (
                    FactKind::Violations,
                    Some(self.count(key, &format!("NOT ({text})"))),
                    "{} rows violate it",
                )
            }
            _ => (
                FactKind::Violations,
                self.orphans(key, own),
                "{} rows refer to what is not there",
            ),
        };
        if let Some(sql) = sql {
            needs
                .facts
                .push(Fact::new(kind, sql, Rule::NoneOrLeftOut(why.to_owned())));
        }
    }

    fn index(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        (expected, actual): (
            Option<&crate::schema::IndexSchema>,
            Option<&crate::schema::IndexSchema>,
        ),
        needs: &mut Needs,
    ) {
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let kind = match (expected, actual) {
            (Some(_), None) => FixKind::CreateIndex,
            (Some(_), Some(_)) => FixKind::ReplaceIndex,
            _ => FixKind::Drop,
        };
        if let (None, Some(there)) = (expected, actual) {
            let path = format!("{key}.{}", there.name);
            if !self.work.options.allows(AllowKind::Index, &path) {
                return self.leave_unless(
                    change,
                    "nothing is dropped unasked",
                    Some(Allow::new(AllowKind::Index, path)),
                );
            }
        }
        let what = format!(
            "{} `{}` of `{key}`",
            kind.as_str().replace('_', " "),
            change.difference.object.name
        );
        let mut step =
            FixStep::new(kind, change.difference.object.clone(), what).hazard(Hazard::Scans);
        if let Some(there) = actual {
            step = step.run(format!("DROP INDEX {}", quote_ident(&there.name)));
        }
        if let Some(own) = expected {
            let texts = own
                .columns
                .iter()
                .filter(|c| c.is_expression)
                .map(|c| &c.text);
            if texts
                .chain(&own.predicate)
                .any(|text| !sound::is_expression(text, SQLITE))
                || own.columns.is_empty()
            {
                return self.leave(change, "it is not on one expression");
            }
            let columns = own
                .column_names()
                .filter(|_| own.is_unique && own.predicate.is_none());
            if let Some(columns) = columns {
                let quoted: Vec<String> = columns.into_iter().map(quote_ident).collect();
                let rule = Rule::NoneOrLeftOut("{} keys are there twice".to_owned());
                step = step.fact(Fact::new(
                    FactKind::Violations,
                    self.doubles(key, &quoted),
                    rule,
                ));
            }
            step = step.run(index::create(own, &name, SQLITE, quote_ident));
        }
        needs.later.push(step);
    }

    fn rebuild(&mut self, key: &str, table: &'a TableSchema, needs: Needs) {
        let object = table_object(key);
        let create = match self.cannot_rebuild(key, table) {
            Some(why) => Err(why),
            None => {
                let stored = self.stored("table", &table.name);
                let create = stored.and_then(|sql| edited(sql, table, &needs));
                create.ok_or("its stored statement could not be edited")
            }
        };
        let create = match create {
            Ok(create) => create,
            Err(why) => {
                self.not_fixed.push(NotFixed {
                    object,
                    difference: format!("`{key}`: {}", needs.summaries.join(", ")),
                    reason: why.to_owned(),
                    allow: None,
                });
                return;
            }
        };
        let is_own = |stored: &&crate::fix::StoredSql| {
            matches!(stored.kind.as_str(), "index" | "trigger")
                && stored.table.eq_ignore_ascii_case(&table.name)
        };
        let again = self.work.options.stored.iter().filter(is_own);
        let copy = Copy {
            table,
            columns: table
                .columns
                .iter()
                .filter(|c| c.generated.is_none() && !needs.dropped.contains(&c.name))
                .map(|c| c.name.as_str())
                .collect(),
            may_change: table
                .columns
                .iter()
                .map(|c| c.name.as_str())
                .filter(|name| needs.may_change.iter().any(|own| own == name))
                .collect(),
            autoincrement: table.autoincrement,
            again: again.map(|stored| stored.sql.clone()).collect(),
        };
        let mut step = FixStep::new(
            FixKind::Rebuild,
            object,
            format!("make table `{key}` anew: {}", needs.summaries.join(", ")),
        )
        .hazard(Hazard::Rewrites)
        .hazard(Hazard::BlocksWrites)
        .rows_of(key)
        .fact(self.rows(key));
        if needs.loses {
            step = step.hazard(Hazard::LosesData).backs_up(key);
        }
        step.facts.extend(needs.facts);
        step.statements = rebuild::statements(&copy, create);
        self.rebuilds = true;
        self.steps.push(step);
    }
}

impl Sqlite<'_> {
    /// Why the table is not made anew, if it is not.
    fn cannot_rebuild(&self, key: &str, table: &TableSchema) -> Option<&'static str> {
        let renames = self.work.renames;
        let renamed = renames.tables.contains_key(key) || renames.columns_of(key).next().is_some();
        let attached = table
            .schema
            .as_deref()
            .is_some_and(|schema| schema != "main");
        match () {
            () if self.work.options.cannot_switch_foreign_keys => {
                Some("the table would have to be made anew, which needs foreign keys switched off")
            }
            () if attached => Some("tables of attached databases are not made anew"),
            () if renamed => Some("it is renamed first: run the plan, and make another one"),
            () => None,
        }
    }
}

fn edited(sql: &str, table: &TableSchema, needs: &Needs) -> Option<String> {
    let mut edited = Edited::of(sql)?;
    edited.rename(&rebuild::new_name(table));
    for edit in &needs.edits {
        match edit {
            Edit::Add(definition) => edited.add_column(definition)?,
            Edit::DropColumn(name) => edited.drop_column(name)?,
            Edit::Type(name, data_type) => edited.set_type(name, data_type)?,
            Edit::Nullable(name, nullable) => edited.set_nullable(name, *nullable)?,
            Edit::Default(name, default) => edited.set_default(name, default.as_deref())?,
            Edit::Constraint(definition) => edited.add_constraint(definition)?,
            Edit::DropConstraint(name, word, inside) => {
                let one = edited.drop_constraint(name.as_deref(), word, inside);
                // a reference of one column may be written behind the table's columns
                one.or_else(|| match *word {
                    "references" => edited.drop_constraint(name.as_deref(), "foreign", inside),
                    _ => None,
                })?;
            }
        }
    }
    edited.sql()
}

/// Whether ADD COLUMN takes the default: a constant, and not a word that is computed.
fn is_constant(default: &str) -> bool {
    let tokens: Vec<_> = Lexer::of_definition(default, SQLITE)
        .significant()
        .collect();
    let value = match tokens.as_slice() {
        [value] => value,
        [sign, value] if matches!(sign.text, "-" | "+") => value,
        _ => return false,
    };
    match value.kind {
        Kind::Word => value.is_any(&["null", "true", "false"]),
        kind => matches!(kind, Kind::Number | Kind::String(_)),
    }
}

/// What is expected with all that the schema says of it.
fn in_full(own: &ConstraintSchema, goal: Option<&TableSchema>) -> ConstraintSchema {
    let all = goal.iter().flat_map(|table| table.constraints.values());
    let mut all = all.filter(|_| own.name.is_empty());
    let found = all.find(|other| {
        let same = other
            .columns
            .iter()
            .all(|column| own.columns.contains(column));
        other.kind == own.kind && same && other.columns.len() == own.columns.len()
    });
    found.unwrap_or(own).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_that_is_computed_is_no_constant() {
        for (default, constant) in [
            ("1", true),
            ("-1.5", true),
            ("'a'", true),
            ("NULL", true),
            ("CURRENT_TIMESTAMP", false),
            ("(random())", false),
            ("(1)", false),
        ] {
            assert_eq!(is_constant(default), constant, "{default}");
        }
    }
}
