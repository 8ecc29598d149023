//! The references of the tables in a plan: where each leads to, and when the row that it leads to
//! is there. Pure.

use std::borrow::Cow;

use db_adapter_core::backup::{ForeignKey, TableDef};
use db_adapter_core::fit::{is_guarded, owner_of, waiting_keys};
use db_adapter_core::schema::table_key;
use db_adapter_core::{TableName, TableSchema, push_quoted};

use super::super::destination::{Destination, refers_to_user};
use super::table::primary_of;
use super::{OwnerPlan, Planner, RefPlan, TablePlan, Target, When};
use crate::Notice;

impl Planner<'_> {
    /// The references of every table, and by which columns each table is referred to.
    pub(super) fn references(&mut self, tables: &mut [TablePlan]) {
        for (place, def) in self.schema.tables.iter().enumerate() {
            let optional = def.optional_refs.iter().map(|r| (r, false));
            for (reference, required) in def.parents.iter().map(|r| (r, true)).chain(optional) {
                self.reference(tables, place, def, reference, required);
            }
            for reference in def.external.iter() {
                self.external(tables, place, def, reference);
            }
            if let Some(owner) = &def.owner {
                self.owner(tables, place, def, owner);
            }
            if self.options.all_rows {
                self.undeclared_users(def);
            }
        }
        for table in tables {
            let mut fields: Vec<usize> =
                table.refs.iter().flat_map(|r| &r.fields).copied().collect();
            let count = fields.len();
            fields.sort_unstable();
            fields.dedup();
            table.shares_columns = fields.len() < count;
            // each statement about a row says whose it is; the user is the same for all
            for column in table.owned_by() {
                if table.user != Some(column) {
                    table.keep(column);
                }
            }
        }
    }

    fn reference(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        reference: &ForeignKey,
        required: bool,
    ) {
        if !self.options.all_rows && refers_to_user(def, reference) {
            return; // the user that the row gets
        }
        let target = self
            .schema
            .tables
            .iter()
            .position(|t| t.name == reference.table);
        let Some(target) = target else { return };
        let Some(parent) = tables.get_mut(target) else {
            return;
        };
        let columns: Vec<usize> = match reference.references.as_ref() {
            [] => parent.key.clone(),
            names => names.iter().filter_map(|n| parent.position(n)).collect(),
        };
        if columns.len() != reference.fields.len() {
            let text = format!(
                "table `{}` refers to columns of `{}` that the destination or {} does not have",
                def.name,
                reference.table,
                self.words.source()
            );
            return self.problem(text);
        }
        let key_set = match parent.key_sets.iter().position(|set| *set == columns) {
            Some(key_set) => key_set,
            None => {
                parent.key_sets.push(columns.clone());
                parent.key_sets.len() - 1
            }
        };
        for column in columns {
            parent.keep(column);
        }
        let when = match target.cmp(&place) {
            std::cmp::Ordering::Less => When::Before,
            std::cmp::Ordering::Equal => When::Together,
            std::cmp::Ordering::Greater => When::After,
        };
        let target = Target::Table {
            table: target,
            key_set,
            when,
        };
        self.push_ref(tables, place, def, reference, target, required);
    }

    /// All rows get one user, so that there is one row to look for. Those of whole tables keep
    /// theirs, whose rows are there, or were just restored.
    fn owner(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        owner: &ForeignKey,
    ) {
        let Destination {
            database,
            tables: resolved,
        } = self.destination;
        let found = owner_of(owner, self.schema, database, resolved);
        let (Some((found, column)), Some(table)) = (found, resolved.get(&owner.table)) else {
            return; // that it is not there was told already
        };
        if self.options.all_rows {
            let reference = owner.clone().to(column.to_owned());
            return match self.schema.table(&owner.table) {
                // its rows may get other keys
                Some(_) => self.reference(tables, place, def, &reference, true),
                None => self.external(tables, place, def, &reference),
            };
        }
        let (Ok(name), Some(field)) = (TableName::parse(&owner.table), owner.fields.first()) else {
            return self.problem(format!("`{}` is not the name of a table", owner.table));
        };
        let Some(sql_type) = found.column(column).map(|column| column.sql_type.clone()) else {
            return;
        };
        let within = self
            .schema
            .tables
            .iter()
            .position(|t| t.name == owner.table);
        if let Some(plan) = tables.get_mut(place) {
            plan.owner = Some(OwnerPlan {
                field: field.to_string(),
                name,
                table: table.clone(),
                column: column.to_owned(),
                sql_type,
                is_key: primary_of(found) == [column],
                is_guarded: is_guarded(self.schema, def, database, resolved, owner),
                within,
            });
        }
    }

    /// Whose a row is need not be declared as a reference, since all rows of a user get the same value. Where everybody's
    /// rows are restored, and the users as well, who may get other keys, it has to be.
    fn undeclared_users(&mut self, def: &TableDef) {
        let declared = def
            .references()
            .chain(def.external.iter())
            .chain(&def.owner);
        let mut declared = declared.filter(|reference| refers_to_user(def, reference));
        let (None, Some(user), Some((found, _))) = (
            declared.next(),
            &def.user_field,
            self.destination.table(&def.name),
        ) else {
            return;
        };
        let of_users = found
            .foreign_keys()
            .filter(|key| key.columns == [user.as_ref()]);
        let targets: Vec<String> = of_users
            .filter_map(|key| {
                let schema = key.references_schema.as_deref().or(found.schema.as_deref());
                Some(table_key(schema, key.references_table.as_deref()?))
            })
            .collect();
        let mut tables = self.schema.tables.iter();
        let target = tables.find(|other| {
            let found = self.destination.table(&other.name);
            found.is_some_and(|(found, _)| targets.contains(&found.key()))
        });
        if let Some(target) = target {
            let text = format!(
                "`{}` says by `{user}` whose its rows are, and `{}`, to which that refers, is restored as well and may get other keys",
                def.name, target.name
            );
            self.problem(Notice::new(text).hint(format!(
                "declare `{}` as a parent of `{}` by `{user}`, or leave its table out of the backup's schema",
                target.name, def.name
            )));
        }
    }

    fn external(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        reference: &ForeignKey,
    ) {
        let name = TableName::parse(&reference.table).ok();
        let found = name.and_then(|name| {
            let (found, table) = self.destination.table(&reference.table)?;
            Some((found, table, name))
        });
        let Some((found, external, name)) = found else {
            let text = format!(
                "table `{}` refers to `{}`, which the destination does not have",
                def.name, reference.table
            );
            return self.problem(text);
        };
        let columns: Vec<String> = match reference.references.as_ref() {
            [] => found
                .primary_key()
                .map(|key| key.columns.clone())
                .unwrap_or_default(),
            names => names.iter().map(|name| name.to_string()).collect(),
        };
        if columns.len() != reference.fields.len()
            || columns.iter().any(|column| found.column(column).is_none())
        {
            let text = format!(
                "table `{}` refers to `{name}` by other columns than the destination's `{name}` has",
                def.name
            );
            return self.problem(text);
        }
        let target = Target::External {
            name,
            table: external,
            is_key: primary_of(found) == columns,
            columns,
        };
        self.push_ref(tables, place, def, reference, target, true);
    }

    fn push_ref(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        reference: &ForeignKey,
        target: Target,
        required: bool,
    ) {
        let Some(table) = tables.get_mut(place) else {
            return;
        };
        let fields: Vec<usize> = reference
            .fields
            .iter()
            .filter_map(|f| table.position(f))
            .collect();
        // what other references are by cannot become NULL for this one
        let others = def.references().filter(|other| *other != reference);
        let needed: Vec<usize> = others
            .flat_map(|other| other.fields.iter())
            .filter_map(|field| table.position(field))
            .collect();
        let nulled = fields.iter().copied().filter(|field| {
            table.columns.get(*field).is_some_and(|c| c.nullable)
                && !table.key.contains(field)
                && !needed.contains(field)
                && table.user != Some(*field)
        });
        let nulled: Vec<usize> = match required {
            true => Vec::new(),
            false => nulled.collect(),
        };
        let comes_before = matches!(
            target,
            Target::External { .. }
                | Target::Table {
                    when: When::Before,
                    ..
                }
        );
        let waiting = match required || comes_before || !nulled.is_empty() {
            true => Vec::new(),
            false => {
                let Destination { database, tables } = self.destination;
                waiting_keys(self.schema, def, database, tables, reference)
            }
        };
        if !waiting.is_empty() && !self.can.set_constraints {
            let found = self.destination.table(&def.name);
            if let Some((found, name)) = found
                && !is_indexed(found, &reference.fields)
            {
                let (shown, fields) = (&table.name, reference.fields.join("`, `"));
                let text = format!(
                    "`{fields}` of `{shown}` has no index, so that SQLite looks at all its rows for each new one while references wait for rows that come later"
                );
                let create = create_index(&name, &reference.fields);
                self.warnings
                    .push(Notice::new(text).hint(format!("create one first: {create}")));
            }
        }
        table.refs.push(RefPlan {
            fields,
            target,
            required,
            nulled,
            waits: !waiting.is_empty(),
            is_guarded: is_guarded(
                self.schema,
                def,
                self.destination.database,
                self.destination.tables,
                reference,
            ),
        });
        self.waiting_keys.extend(waiting);
    }
}

/// Whether an index begins with these columns, in whatever order.
fn is_indexed(table: &TableSchema, fields: &[Cow<'static, str>]) -> bool {
    let begins = |columns: &[&str]| {
        let first = columns.get(..fields.len()).unwrap_or_default();
        let is_one =
            |field: &Cow<'static, str>| first.iter().any(|c| c.eq_ignore_ascii_case(field));
        !first.is_empty() && fields.iter().all(is_one)
    };
    let indexes = table.indexes.values();
    let indexes = indexes
        .filter(|index| index.predicate.is_none())
        .map(|index| {
            let columns = index.columns.iter();
            columns
                .take_while(|c| !c.is_expression)
                .map(|c| c.text.as_str())
                .collect()
        });
    let keys = table.primary_key().into_iter().chain(table.unique());
    let keys = keys.map(|key| key.columns.iter().map(String::as_str).collect());
    let all: Vec<Vec<&str>> = indexes.chain(keys).collect();
    all.iter().any(|columns| begins(columns))
}

/// The statement that makes one.
fn create_index(table: &TableName, fields: &[Cow<'static, str>]) -> String {
    let index = TableName {
        schema: table.schema.clone(),
        name: format!("{}_{}", table.name, fields.join("_")),
    };
    let quoted = |name: &str| {
        let mut text = String::new();
        push_quoted(&mut text, name);
        text
    };
    let columns: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    format!(
        "CREATE INDEX {} ON {} ({})",
        index.quoted(),
        quoted(&table.name),
        columns.join(", ")
    )
}
