//! The changes of one table: what each needs, and one rebuild for all of them where one needs it.

use super::constraint::in_full;
use super::edit::{Edit, edited};
use super::question::{changed, refused};
use super::rebuild::{self, Copy};
use super::{SQLITE, Sqlite, table_object};
use crate::ddl_writer::column;
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::{FixKind, NotFixed, StepPart};
use crate::fix::{Allow, AllowKind, FixStep, Hazard};
use crate::lexer::Lexer;
use crate::name::quote_ident;
use crate::schema::TableSchema;
use crate::validate::{Between, Change, ObjectKind, SchemaObject};

/// What a table needs.
#[derive(Default)]
pub(super) struct Needs {
    pub(super) edits: Vec<Edit>,
    pub(super) parts: Vec<StepPart>,
    pub(super) facts: Vec<Fact>,
    pub(super) dropped: Vec<String>,
    pub(super) may_change: Vec<String>,
    pub(super) loses: bool,
    /// The columns that a rebuild adds.
    pub(super) columns: Vec<String>,
    /// Columns that ALTER TABLE can add, with their definitions.
    pub(super) added: Vec<(String, FixStep)>,
    /// What is done beside a rebuild, behind it.
    pub(super) later: Vec<FixStep>,
}

impl Needs {
    /// A change of the table that is made with the others.
    pub(super) fn part(&mut self, change: &Change, summary: String) {
        let object = change.difference.object.clone();
        self.parts.push(StepPart { object, summary });
    }

    fn in_words(&self) -> String {
        let parts: Vec<&str> = self
            .parts
            .iter()
            .map(|part| part.summary.as_str())
            .collect();
        parts.join(", ")
    }
}

impl<'a> Sqlite<'a> {
    pub(super) fn change_table(&mut self, key: &'a str, changes: &[&'a Change]) {
        let Some(table) = self.work.actual.tables.get(key) else {
            return;
        };
        let mut needs = Needs::default();
        // columns first: a constraint or an index of one that is not made is not made either
        let of_column = |change: &&Change| missing(change).is_some();
        for change in changes.iter().filter(|change| of_column(change)) {
            self.change(key, table, change, &mut needs);
        }
        for change in changes.iter().filter(|change| !of_column(change)) {
            self.change(key, table, change, &mut needs);
        }
        let later = std::mem::take(&mut needs.later);
        let added = std::mem::take(&mut needs.added);
        let alone = needs.edits.is_empty() || self.cannot_rebuild(key, table).is_some();
        let by_alter: Vec<SchemaObject> =
            added.iter().map(|(_, step)| step.object.clone()).collect();
        let mut by_rebuild = needs.columns.clone();
        by_rebuild.extend(by_alter.iter().map(|object| object.name.clone()));
        let is_made = match alone {
            true => {
                self.steps.extend(added.into_iter().map(|(_, step)| step));
                if !needs.edits.is_empty() {
                    self.rebuild(key, table, needs); // which tells why not
                }
                false
            }
            // a constraint may be about them
            false => {
                for (definition, step) in added.into_iter().rev() {
                    needs.edits.insert(0, Edit::Add(definition));
                    let summary = format!("column `{}`", step.object.name);
                    let object = step.object;
                    needs.parts.push(StepPart { object, summary });
                }
                self.rebuild(key, table, needs)
            }
        };
        let missing: Vec<SchemaObject> = changes
            .iter()
            .filter_map(|change| missing(change))
            .collect();
        for step in later {
            let columns: Vec<&SchemaObject> = missing
                .iter()
                .filter(|column| mentions(&step, &column.name))
                .collect();
            let step = self.of_new_columns(key, step, &columns, |column| {
                match (is_made, by_alter.contains(column)) {
                    (true, _) => by_rebuild.contains(&column.name).then(|| table_object(key)),
                    (false, true) => Some(column.clone()),
                    (false, false) => None,
                }
            });
            self.steps.extend(step);
        }
    }

    /// An index of columns that are not there yet, and are made by these objects. SQLite takes a quoted name that no
    /// column has for a text: neither may it be made without them, nor may the rows be asked about it.
    fn of_new_columns(
        &mut self,
        key: &str,
        mut step: FixStep,
        columns: &[&SchemaObject],
        made_by: impl Fn(&SchemaObject) -> Option<SchemaObject>,
    ) -> Option<FixStep> {
        let goal = self.work.goal.schema.tables.get(key);
        let is_unique = step.facts.iter().any(|fact| fact.rule != Rule::Told);
        for column in columns {
            let Some(need) = made_by(column) else {
                return self.left(step, format!("the column `{}` is not made", column.path()));
            };
            let wanted = goal.and_then(|table| table.column(&column.name));
            let is_null = wanted.is_some_and(|c| c.default.is_none() && c.generated.is_none());
            if is_unique && !is_null {
                let path = column.path();
                return self.left(step, format!("`{path}` gets its values first: plan again"));
            }
            step = step.need(need);
        }
        if !columns.is_empty() {
            step.facts.retain(|fact| fact.rule == Rule::Told);
        }
        Some(step)
    }

    fn left(&mut self, step: FixStep, reason: String) -> Option<FixStep> {
        self.not_fixed.push(NotFixed {
            object: step.object,
            difference: step.summary,
            reason,
            allow: None,
        });
        None
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
                needs.part(change, format!("type of `{name}`"));
                if let Some(condition) = refused(name, data_type).filter(|_| table.strict) {
                    let why = "{} rows have a value that the new type refuses";
                    let rule = Rule::NoneOrLeftOut(why.to_owned());
                    let sql = self.count(key, &condition);
                    needs.facts.push(Fact::new(FactKind::Refused, sql, rule));
                }
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
                let conflict = wanted.and_then(|column| column.not_null_on_conflict.as_ref());
                let conflict = conflict.map(ToString::to_string);
                needs
                    .edits
                    .push(Edit::Nullable(name.clone(), *expected, conflict));
                needs.part(change, format!("nullability of `{name}`"));
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
                _ => self.leave(change, "it cannot be repaired by a plan"),
            },
        }
    }

    /// Whether it is made anew.
    fn rebuild(&mut self, key: &str, table: &'a TableSchema, needs: Needs) -> bool {
        let object = table_object(key);
        let create = match self.cannot_rebuild(key, table) {
            Some(why) => Err(why),
            None => {
                let stored = self.stored("table", &table.name);
                let create =
                    stored.and_then(|sql| edited(sql, &rebuild::new_name(table), &needs.edits));
                create.ok_or("its stored statement could not be edited")
            }
        };
        let create = match create {
            Ok(create) => create,
            Err(why) => {
                self.not_fixed.push(NotFixed {
                    object,
                    difference: format!("`{key}`: {}", needs.in_words()),
                    reason: why.to_owned(),
                    allow: None,
                });
                return false;
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
            format!("make table `{key}` anew: {}", needs.in_words()),
        )
        .hazard(Hazard::Rewrites)
        .hazard(Hazard::BlocksWrites)
        .rows_of(key)
        .fact(self.rows(key));
        if needs.loses {
            step = step.hazard(Hazard::LosesData).backs_up(key);
        }
        step.facts.extend(needs.facts);
        step.parts = needs.parts;
        step.statements = rebuild::statements(&copy, create);
        self.rebuilds = true;
        self.steps.push(step);
        true
    }
}

/// The column that a change is about, where it is missing.
fn missing(change: &Change) -> Option<SchemaObject> {
    let of_column = matches!(
        change.between,
        Between::Column {
            expected: Some(_),
            actual: None
        }
    );
    of_column.then(|| change.difference.object.clone())
}

/// Whether a step makes something in which this name stands.
fn mentions(step: &FixStep, name: &str) -> bool {
    let is_index = matches!(step.kind, FixKind::CreateIndex | FixKind::ReplaceIndex);
    let sql = step.sql();
    let mut tokens = Lexer::of_definition(&sql, SQLITE);
    is_index
        && tokens.any(|token| {
            let own = token.name(SQLITE);
            own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
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
